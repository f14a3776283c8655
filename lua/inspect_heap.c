/* SPDX-License-Identifier: MIT
 *
 * lua/inspect_heap.c: what holds the memory of an actor.
 *
 * All that can be reached from its state and from the locals of its waiting
 * handler is weighed once, with the sizes Lua 5.4 gives its objects; what is
 * shared belongs to the path that is found first. Functions are weighed without
 * what they captured, which all actors of the isolate share.
 */
#include <stdio.h>
#include <string.h>

#include "lua/inspect.h"
#include "vm/base/map.h"
#include "vm/show.h"
#include "vm/strand.h"

#define PATH_DEPTH 3 /* steps of a path that is shown */
#define WALK_DEPTH 100
#define STRING_BYTES 25u /* around the bytes of a string */
#define TABLE_BYTES 56u
#define SLOT_BYTES 16u /* of an array */
#define NODE_BYTES 24u /* of a hash part, half of them in use */
#define CLOSURE_BYTES 48u

struct path {
    char text[120];
    uint64_t bytes;
    const char *type;
};

struct weigh {
    lua_State *L; /* where values are pushed */
    struct akt_map seen;
    uint32_t left;
    bool cut; /* there is more */
    struct path paths[AKT_HEAP_PATHS];
    uint32_t paths_len;
    char at[120];
};

static void note(struct weigh *w, uint64_t bytes, const char *type)
{
    uint32_t i = w->paths_len;
    if (i == AKT_HEAP_PATHS && w->paths[i - 1].bytes >= bytes)
        return;
    if (i < AKT_HEAP_PATHS)
        w->paths_len++;
    else
        i--;
    for (; i > 0 && w->paths[i - 1].bytes < bytes; i--)
        w->paths[i] = w->paths[i - 1];
    memcpy(w->paths[i].text, w->at, sizeof w->at);
    w->paths[i].bytes = bytes;
    w->paths[i].type = type;
}

static uint64_t weigh(struct weigh *w, int idx, int depth);

/* Adds a step to the path; returns where it was cut off before. */
static size_t step(struct weigh *w, int key)
{
    size_t n = strlen(w->at), room = sizeof w->at - n;
    if (lua_type(w->L, key) == LUA_TSTRING)
        snprintf(w->at + n, room, ".%.40s", lua_tostring(w->L, key));
    else if (lua_isinteger(w->L, key))
        snprintf(w->at + n, room, "[%lld]",
                 (long long)lua_tointeger(w->L, key));
    else
        snprintf(w->at + n, room, "[%s]", luaL_typename(w->L, key));
    return n;
}

static uint64_t weigh_table(struct weigh *w, int idx, int depth)
{
    uint64_t bytes = TABLE_BYTES, slots = lua_rawlen(w->L, idx), n = 0;
    if (depth >= WALK_DEPTH || !lua_checkstack(w->L, 8)) {
        w->cut = true;
        return bytes;
    }
    lua_pushnil(w->L);
    while (lua_next(w->L, idx)) {
        if (!w->left) {
            w->cut = true;
            lua_pop(w->L, 2);
            break;
        }
        int value = lua_gettop(w->L);
        size_t before = step(w, value - 1);
        bytes += weigh(w, value - 1, WALK_DEPTH); /* keys are no paths */
        bytes += weigh(w, value, depth + 1);
        w->at[before] = 0;
        lua_pop(w->L, 1);
        n++;
    }
    return bytes + slots * SLOT_BYTES +
           (n > slots ? (n - slots) * 2 * NODE_BYTES : 0);
}

static bool is_new(struct weigh *w, int idx)
{
    const void *p = lua_topointer(w->L, idx);
    return p && akt_map_put(&w->seen, (uintptr_t)p, 1);
}

static uint64_t weigh(struct weigh *w, int idx, int depth)
{
    uint64_t bytes = 0;
    int type = lua_type(w->L, idx);
    w->left -= w->left > 0;
    if (type == LUA_TSTRING && is_new(w, idx))
        bytes = lua_rawlen(w->L, idx) + STRING_BYTES;
    else if (type == LUA_TTABLE && is_new(w, idx))
        bytes = weigh_table(w, idx, depth);
    else if (type == LUA_TFUNCTION && is_new(w, idx))
        bytes = CLOSURE_BYTES;
    else if (type == LUA_TUSERDATA && is_new(w, idx))
        bytes = lua_rawlen(w->L, idx) + TABLE_BYTES;
    if (depth <= PATH_DEPTH && bytes)
        note(w, bytes, lua_typename(w->L, type));
    return bytes;
}

/* The locals of one call. */
static uint64_t weigh_locals(struct weigh *w, lua_State *co, lua_Debug *ar)
{
    uint64_t bytes = 0;
    const char *name;
    lua_getinfo(co, "Sl", ar);
    for (int i = 1; w->left && (name = lua_getlocal(co, ar, i)); i++) {
        lua_xmove(co, w->L, 1);
        snprintf(w->at, sizeof w->at, "local %.30s at %.60s:%d", name,
                 ar->short_src, ar->currentline);
        bytes += weigh(w, lua_gettop(w->L), 1);
        lua_pop(w->L, 1);
    }
    return bytes;
}

static uint64_t weigh_stack(struct weigh *w, lua_State *co)
{
    uint64_t bytes = 0;
    lua_Debug ar;
    for (int level = 0; co && w->left && level < AKT_LOOK_STACK &&
                        lua_checkstack(co, 2) && lua_getstack(co, level, &ar);
         level++) {
        lua_getinfo(co, "S", &ar);
        if (ar.what[0] != 'C') /* the driver's hold every actor's state */
            bytes += weigh_locals(w, co, &ar);
    }
    return bytes;
}

static void add_paths(struct akt_buf *b, const struct weigh *w)
{
    akt_show_key(b, "paths");
    akt_buf_putc(b, '[');
    for (uint32_t i = 0; i < w->paths_len; i++) {
        akt_buf_puts(b, i ? ",{" : "{");
        akt_show_field(b, "path", w->paths[i].text);
        akt_show_number(b, "bytes", w->paths[i].bytes);
        akt_show_field(b, "type", w->paths[i].type);
        akt_buf_putc(b, '}');
    }
    akt_buf_putc(b, ']');
}

/* Of all handlers and tasks in progress. */
static uint64_t weigh_stacks(struct weigh *w, const struct akt_actor *a)
{
    uint64_t bytes = weigh_stack(w, a->fiber);
    for (int ready = 0; ready < 2; ready++)
        for (const struct akt_strand *s = akt_strand_aside(a, ready != 0); s;
             s = s->next)
            bytes += weigh_stack(w, s->fiber);
    return bytes;
}

void akt_look_heap(lua_State *L, struct akt_actor *a, struct akt_buf *b)
{
    struct akt_lua *h = akt_lua_of(L);
    struct weigh w = {.L = L, .left = AKT_HEAP_NODES};
    uint64_t load = atomic_load_explicit(&a->load_here, memory_order_relaxed);
    akt_map_init(&w.seen);
    akt_show_number(b, "number", akt_pid_serial(a->self));
    akt_show_field(b, "kind", akt_actor_kind(a)->name);
    akt_show_number(b, "isolate_memory", h->memory_used);
    akt_show_number(b, "isolate_limit", h->iso->memory_limit);
    akt_show_number(b, "isolate_actors", h->iso->actors);
    akt_show_number(b, "mailbox", load & ((1ull << AKT_LOAD_BYTES_BITS) - 1));
    snprintf(w.at, sizeof w.at, "self");
    akt_look_self(L, a);
    akt_show_number(b, "self", weigh(&w, lua_gettop(L), 0));
    akt_show_number(b, "locals", weigh_stacks(&w, a));
    add_paths(b, &w);
    akt_show_key(b, "complete");
    akt_buf_puts(b, w.cut || !w.left ? "false" : "true");
    akt_map_fini(&w.seen);
}
