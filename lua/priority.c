/* SPDX-License-Identifier: MIT
 *
 * lua/priority.c: asks the function of a mailbox (`mailbox.priority`) which
 * priority a message has.
 *
 * It runs on the state's own thread, between turns or, for a receive, inside
 * one; protected, where nothing can wait and no effect is allowed. For the
 * ticker each call is a turn of its own: one without end is stopped like any
 * code that cannot be preempted. What fails is reported once, and the
 * message has priority 0; a function that did not end is not called again.
 */
#include <string.h>

#include "lua/error.h"
#include "lua/host.h"
#include "lua/kind.h"
#include "lua/report.h"
#include "vm/base/alloc.h"
#include "vm/priorities.h"

struct question {
    struct akt_actor *actor;
    const struct akt_msg *m;
    int priority;
};

/* Pushes the function. */
static void push_function(lua_State *L, struct akt_actor *a)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_lua_actor *la = akt_lua_actor(a);
    if (!a->spec || !a->spec->own_mailbox) {
        lua_rawgeti(L, LUA_REGISTRYINDEX,
                    akt_class_of(h, L, akt_actor_kind(a))->priority);
        return;
    }
    if (la->priority == LUA_NOREF) {
        akt_image_load(L, a->spec->priority, &akt_kind_names);
        la->priority = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, la->priority);
}

/* Called protected: (light userdata of a question). */
static int ask(lua_State *L)
{
    struct question *q = lua_touserdata(L, 1);
    int isnum;
    luaL_checkstack(L, 20, "priority");
    push_function(L, q->actor);
    int n = akt_codec_decode(L, q->m->body, q->m->size);
    if (n < 0)
        akt_error_raise(L, "bad_message", "malformed message bytes");
    lua_call(L, n, 1);
    lua_Integer value = lua_tointegerx(L, -1, &isnum);
    if (lua_isnil(L, -1))
        return 0;
    if (lua_type(L, -1) != LUA_TNUMBER || !isnum || value < AKT_PRIORITY_MIN ||
        value > AKT_PRIORITY_MAX)
        akt_error_raise(L, "bad_priority",
                        "an integer from %d to %d (or nil) is expected, got %s",
                        AKT_PRIORITY_MIN, AKT_PRIORITY_MAX,
                        luaL_tolstring(L, -1, NULL));
    q->priority = (int)value;
    return 0;
}

/* A turn of its own for whoever looks from outside, also inside another. */
static void next_turn(struct akt_worker *w, uint32_t by)
{
    /* relaxed: the ticker compares two looks, a millisecond apart */
    atomic_store_explicit(
        &w->turn_seq,
        atomic_load_explicit(&w->turn_seq, memory_order_relaxed) + by,
        memory_order_relaxed);
}

/* lua_pcall(h->L, nargs, nres, 0) as a turn of the actor. */
static int call(struct akt_lua *h, struct akt_actor *a, int nargs, int nres)
{
    struct akt_isolate *iso = h->iso;
    struct akt_chain link = {h->L, h->chain};
    bool inside = iso->current != NULL, in_vm = h->in_vm;
    iso->current = a;
    atomic_store_explicit(&iso->worker->actor, a->self.bits,
                          memory_order_relaxed);
    next_turn(iso->worker, inside ? 2 : 1);
    h->chain = &link;
    h->asks_priority = true;
    h->loading++; /* no effects: akt_check_effect */
    h->in_vm = false;
    akt_preempt_publish(h, h->L);
    int status = lua_pcall(h->L, nargs, nres, 0);
    akt_preempt_publish(h, link.outer ? link.outer->L : NULL);
    akt_mark(h->L, AKT_DEAF, false); /* a protected call ends the deafness */
    h->in_vm = in_vm;
    h->loading--;
    h->asks_priority = false;
    h->chain = link.outer;
    next_turn(iso->worker, inside ? 2 : 1);
    if (!inside)
        iso->current = NULL;
    return status;
}

struct failure {
    bool stuck;
    bool wanted; /* the text is */
    struct akt_buf text;
};

/* Called protected: (error, light userdata of a failure). */
static int describe(lua_State *L)
{
    struct failure *f = lua_touserdata(L, 2);
    if (lua_type(L, 1) == LUA_TTABLE) {
        lua_pushliteral(L, "code");
        lua_rawget(L, 1);
        const char *code = lua_tostring(L, -1);
        f->stuck = code && strcmp(code, "stuck") == 0;
        lua_pop(L, 1);
    }
    if (f->stuck || f->wanted) {
        akt_error_message(L, 1);
        akt_buf_puts(&f->text, lua_tostring(L, -1));
    }
    return 0;
}

static void report(struct akt_lua *h, struct akt_actor *a, struct failure *f)
{
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_puts(&b, "error[bad_priority]: the priority function of ");
    akt_describe(h->iso->node, a->self, true, &b);
    akt_buf_printf(&b, " failed: %s\n", akt_buf_cstr(&f->text));
    akt_report_print(h->node->node, b.data, b.len,
                     f->stuck
                         ? "none: it is not called again, all messages have "
                           "priority 0"
                         : "none: the message has priority 0; this is said "
                           "once");
    akt_buf_fini(&b);
}

/* With the error on top of h->L. */
static void failed(struct akt_lua *h, struct akt_actor *a, int status)
{
    struct akt_lua_actor *la = akt_lua_actor(a);
    struct failure f = {.wanted = !la->priority_failed};
    lua_pushcfunction(h->L, describe);
    lua_insert(h->L, -2);
    lua_pushlightuserdata(h->L, &f);
    if (status == LUA_ERRMEM)
        akt_buf_puts(&f.text, "no memory");
    else if (call(h, a, 2, 0) != LUA_OK)
        f.stuck = true; /* its error cannot even be told */
    if (f.stuck || f.wanted)
        report(h, a, &f);
    la->priority_failed = true;
    la->priority_off = f.stuck;
    akt_buf_fini(&f.text);
}

int akt_lua_priority(struct akt_isolate *iso, struct akt_actor *a,
                     const struct akt_msg *m)
{
    struct akt_lua *h = iso->host_data;
    struct akt_lua_actor *la = a->host_data;
    struct question q = {a, m, 0};
    if (la && la->priority_off)
        return 0;
    int top = lua_gettop(h->L);
    lua_pushcfunction(h->L, ask);
    lua_pushlightuserdata(h->L, &q);
    int status = call(h, a, 1, 0);
    if (status != LUA_OK)
        failed(h, a, status);
    lua_settop(h->L, top);
    return q.priority;
}
