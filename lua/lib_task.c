/* SPDX-License-Identifier: MIT
 *
 * lua/lib_task.c: tasks, which are strands of an actor (vm/strand.h), and what
 * a kind says about handlers beside others that wait.
 *
 * A task's function and arguments stay in the isolate: la->tasks has them by
 * number until it starts, and then its future, which gets the results.
 */
#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/options.h"
#include "lua/verdict.h"
#include "vm/cause.h"
#include "vm/base/alloc.h"
#include "vm/strand.h"

#define TAGS_MAX 1000

void akt_lua_exchange(struct akt_actor *a, uint64_t host[2])
{
    struct akt_lua_actor *la = a->host_data;
    if (!la && !host[0] && !host[1])
        return;
    la = akt_lua_actor(a);
    uint64_t flags = (uint64_t)la->loading << 1 | la->testing;
    uint64_t deadline_ns = la->deadline_ns;
    la->deadline_ns = host[0];
    la->loading = (int)(host[1] >> 1);
    la->testing = host[1] & 1;
    host[0] = deadline_ns;
    host[1] = flags;
}

/* ---- starting and ending ---- */

static void push_tasks(lua_State *L, struct akt_actor *a)
{
    struct akt_lua_actor *la = akt_lua_actor(a);
    if (la->tasks == LUA_NOREF) {
        lua_newtable(L);
        la->tasks = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, la->tasks);
}

static lua_Integer number_of(const struct akt_msg *m)
{
    lua_Integer number;
    memcpy(&number, m->body, sizeof number);
    return number;
}

/* The entry is { n = arguments + 1, future =, f, argument, ... }. */
int akt_task_push(lua_State *L, struct akt_actor *a, const struct akt_msg *m)
{
    lua_Integer number = number_of(m);
    push_tasks(L, a);
    int tasks = lua_gettop(L);
    lua_rawgeti(L, tasks, number);
    lua_getfield(L, tasks + 1, "future");
    lua_rawseti(L, tasks, number);
    lua_remove(L, tasks);
    lua_getfield(L, tasks, "n");
    int n = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    luaL_checkstack(L, n + 8, "task");
    for (int i = 1; i <= n; i++)
        lua_rawgeti(L, tasks, i);
    lua_remove(L, tasks);
    return n - 1;
}

/* Pops the results, from `first`, into a table of them. */
static void pack(lua_State *L, int first)
{
    int n = lua_gettop(L) - first + 1;
    lua_createtable(L, n, 1);
    lua_insert(L, first);
    for (int i = n; i >= 1; i--)
        lua_rawseti(L, first, i);
    lua_pushinteger(L, n);
    lua_setfield(L, first, "n");
}

void akt_task_done(lua_State *L, struct akt_actor *a, int first)
{
    struct akt_isolate *iso = akt_lua_of(L)->iso;
    lua_Integer number = number_of(a->current);
    luaL_checkstack(L, 8, "task");
    pack(L, first);
    push_tasks(L, a);
    lua_rawgeti(L, first + 1, number);
    lua_pushnil(L);
    lua_rawseti(L, first + 1, number);
    uint64_t *id = luaL_testudata(L, first + 2, "akt.future");
    lua_pushvalue(L, first);
    lua_setiuservalue(L, first + 2, 1);
    struct akt_pending *p = akt_pending_find(iso, *id);
    if (p)
        akt_pending_answer(iso, p, NULL, AKT_OK);
}

bool akt_task_results(lua_State *L, int idx)
{
    if (lua_getiuservalue(L, idx, 1) == LUA_TTABLE) {
        lua_pushnil(L);
        lua_setiuservalue(L, idx, 1);
        return true;
    }
    lua_pop(L, 1);
    return false;
}

int akt_task_take(lua_State *L, uint64_t id)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_pending *p = akt_pending_find(h->iso, id);
    int table = lua_gettop(L);
    if (p)
        akt_pending_close(h->iso, p);
    lua_getfield(L, table, "n");
    int n = (int)lua_tointeger(L, -1);
    luaL_checkstack(L, n, "results");
    for (int i = 1; i <= n; i++)
        lua_rawgeti(L, table, i);
    return n;
}

static void push_entry(lua_State *L, int nargs)
{
    lua_createtable(L, nargs, 2);
    lua_insert(L, 1);
    for (int i = nargs; i >= 1; i--)
        lua_rawseti(L, 1, i);
    lua_pushinteger(L, nargs);
    lua_setfield(L, 1, "n");
}

static void push_future(lua_State *L, struct akt_actor *a)
{
    uint64_t *id = lua_newuserdatauv(L, sizeof *id, 1);
    *id = 0;
    luaL_setmetatable(L, "akt.future");
    *id = akt_pending_open(akt_lua_of(L)->iso, a, AKT_P_CALL, 0)->id;
}

/* A task has no message: this stands for one. It is of the same trace. */
static struct akt_msg *task_message(struct akt_lua *h, struct akt_actor *a,
                                    lua_Integer number, uint64_t future)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_TASK, sizeof number);
    memcpy(m->body, &number, sizeof number);
    m->target = a->self;
    m->timer = future;
    m->trace = akt_cause_trace(h->iso, a);
    /* relaxed: the time, exact to a tick */
    m->sent_tick =
        atomic_load_explicit(&h->iso->node->tick, memory_order_relaxed);
    return m;
}

/* akt.task(f, ...) -> future */
static int l_task(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    if (lua_type(L, 1) != LUA_TFUNCTION)
        akt_error_arg(L, 1, "a function expected, got %s", luaL_typename(L, 1));
    akt_check_effect(L, "task");
    akt_check_room(L, "task");
    if (akt_strand_tasks(a) >= AKT_TASKS_MAX)
        return akt_error_raise(L, "limit",
                               "task: the actor has %d tasks in progress, "
                               "which is the limit",
                               AKT_TASKS_MAX);
    lua_Integer number = (lua_Integer)++akt_lua_actor(a)->tasks_made;
    push_entry(L, lua_gettop(L));
    push_tasks(L, a);
    push_future(L, a);
    lua_pushvalue(L, 3);
    lua_setfield(L, 1, "future");
    lua_pushvalue(L, 1);
    lua_rawseti(L, 2, number);
    uint64_t future = *(uint64_t *)lua_touserdata(L, 3);
    akt_strand_add_task(h->iso, a, task_message(h, a, number, future));
    return 1;
}

/* ---- reentrancy ---- */

static void add_tag(lua_State *L, struct akt_buf *b)
{
    struct akt_codec_error err;
    struct akt_buf tag = AKT_BUF_INIT;
    int top = lua_gettop(L);
    uint16_t len = 0;
    if (akt_codec_encode(L, top, top, &tag, &err) == 0 && tag.len < UINT16_MAX)
        len = (uint16_t)tag.len;
    akt_buf_add(b, &len, sizeof len);
    akt_buf_add(b, tag.data, len);
    akt_buf_fini(&tag);
}

/* The keys: 1, 2, ... and max. */
static void check_list(lua_State *L, int idx)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, idx);
    if (n > TAGS_MAX)
        akt_error_raise(L, "bad_option", "reentrant: at most %d tags",
                        TAGS_MAX);
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        bool word = lua_type(L, -2) == LUA_TSTRING;
        if (word && strcmp(lua_tostring(L, -2), "max") != 0)
            akt_error_raise(L, "bad_option",
                            "reentrant has no option \"%s\"; it has \"max\" "
                            "and a list of tags",
                            lua_tostring(L, -2));
        size_t len = 0;
        if (!word && lua_type(L, -1) == LUA_TSTRING)
            lua_tolstring(L, -1, &len);
        if (!word && (lua_type(L, -1) != LUA_TSTRING || len > 1000))
            akt_error_raise(L, "bad_option",
                            "reentrant: a tag is a string of at most 1000 "
                            "bytes, not a %s",
                            luaL_typename(L, -1));
        lua_pop(L, 1);
    }
}

static void read_list(lua_State *L, int idx, struct akt_reentrant *out)
{
    struct akt_buf b = AKT_BUF_INIT;
    lua_Integer n = (lua_Integer)lua_rawlen(L, idx);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, idx, i);
        add_tag(L, &b);
        lua_pop(L, 1);
    }
    out->mode = AKT_RE_TAGS;
    out->tags = akt_alloc(sizeof *out->tags + b.len);
    out->tags->size = (uint32_t)b.len;
    memcpy(out->tags->bytes, b.data, b.len);
    akt_buf_fini(&b);
}

static void read_max(lua_State *L, int idx, struct akt_reentrant *out)
{
    uint32_t max = akt_options_count(L, idx, "max", AKT_IN_FLIGHT);
    if (max == 0 || max > AKT_MAILBOX_MAX)
        akt_error_raise(L, "bad_option",
                        "reentrant: max is a number of handlers from 1 to %d",
                        AKT_MAILBOX_MAX);
    out->max = max;
}

void akt_check_reentrant(lua_State *L, int idx, struct akt_reentrant *out)
{
    *out = (struct akt_reentrant){.mode = AKT_RE_NONE, .max = AKT_IN_FLIGHT};
    idx = lua_absindex(L, idx);
    if (lua_type(L, idx) != LUA_TTABLE) {
        if (!lua_isnil(L, idx) && !lua_isboolean(L, idx))
            akt_error_raise(L, "bad_option",
                            "reentrant must be true, false or a list of tags, "
                            "not a %s",
                            luaL_typename(L, idx));
        out->mode = lua_toboolean(L, idx) ? AKT_RE_ALL : AKT_RE_NONE;
        return;
    }
    check_list(L, idx);
    read_max(L, idx, out);
    lua_getfield(L, idx, "max");
    bool all = lua_rawlen(L, idx) == 0 && !lua_isnil(L, -1);
    lua_pop(L, 1);
    if (all)
        out->mode = AKT_RE_ALL;
    else if (lua_rawlen(L, idx) == 0)
        akt_error_raise(L, "bad_option",
                        "reentrant: the list names no tag; write true for all "
                        "or false for none");
    else
        read_list(L, idx, out);
}

/* akt.reentrant(mode, opts|nil) */
static int l_reentrant(lua_State *L)
{
    static const char *const keys[] = {"max", NULL};
    struct akt_actor *a = akt_lua_self(L);
    struct akt_reentrant how;
    luaL_checkany(L, 1);
    akt_check_effect(L, "reentrant");
    if (akt_actor_kind(a)->process)
        return akt_error_raise(L, "denied",
                               "reentrant: a process takes its messages "
                               "itself, by receive");
    uint32_t max = 0;
    if (!lua_isnoneornil(L, 2)) {
        struct akt_reentrant limit;
        akt_options_check(L, 2, "reentrant", keys);
        read_max(L, 2, &limit);
        max = limit.max;
    }
    akt_check_reentrant(L, 1, &how);
    if (max)
        how.max = max;
    akt_strand_set_policy(a, &how);
    return 0;
}

/* akt._unhandled(state): the message being handled has no handler there */
static int l_unhandled(lua_State *L)
{
    struct akt_actor *a = akt_lua_self(L);
    const char *state = luaL_optstring(L, 1, "?");
    if (a->current && a->current->type == AKT_MSG_USER)
        akt_unknown_tag(akt_lua_of(L), a, a->current, state);
    return 0;
}

static const luaL_Reg public[] = {{"task", l_task},
                                  {"reentrant", l_reentrant},
                                  {"_unhandled", l_unhandled},
                                  {NULL, NULL}};

void akt_lib_task_open(lua_State *L, int akt)
{
    lua_pushvalue(L, akt);
    luaL_setfuncs(L, public, 0);
    lua_pop(L, 1);
}
