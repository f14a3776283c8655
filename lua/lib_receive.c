/* SPDX-License-Identifier: MIT
 *
 * lua/lib_receive.c: akt.receive, step by step; the loop over a mailbox is
 * Lua (stdlib/akt.lua), because handlers and guards may wait.
 */
#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "vm/base/alloc.h"
#include "vm/deadlock.h"
#include "vm/life.h"
#include "vm/metrics.h"
#include "vm/names.h"
#include "vm/order.h"
#include "vm/send.h"
#include "vm/strand.h"

/* The tag of a DOWN or EXIT. */
static const char *news_tag(const struct akt_msg *m)
{
    return m->type == AKT_MSG_EXIT        ? "exit"
           : m->flags & AKT_MSG_RESTARTED ? "restarted"
                                          : "down";
}

static struct akt_msg *scanned(struct akt_actor *a)
{
    struct akt_actor_ext *ext = akt_actor_ext(a);
    struct akt_msg *m = ext->scan ? ext->scan->next : a->mail_first;
    /* its own stop, and callbacks, wait until the handler is done */
    while (m && (m->type == AKT_MSG_STOP || m->type == AKT_MSG_SIGNAL) &&
           !akt_actor_kind(a)->process) {
        ext->scan = m;
        m = m->next;
    }
    return m;
}

static void pop_current(struct akt_actor *a)
{
    struct akt_msg *m = a->current;
    a->current = m->next;
    akt_msg_free(m);
}

/* core.scan_begin(): look at the mailbox from its start */
static int l_scan_begin(lua_State *L)
{
    struct akt_actor *a = akt_lua_self(L);
    akt_check_definition(L);
    if (akt_lua_actor(a)->testing)
        return akt_error_raise(L, "denied",
                               "receive: the test of akt.when looks at a "
                               "message and cannot take one");
    if (akt_has_strands(a) && akt_strand_is_task(a))
        return akt_error_raise(L, "denied",
                               "receive: a task takes no messages; the "
                               "handlers of its actor do");
    while (a->current && a->current->flags & AKT_MSG_PLAIN)
        pop_current(a);
    struct akt_actor_ext *ext = akt_actor_ext(a);
    ext->scan = ext->scan_at = NULL;
    ext->scan_again = false;
    a->extras |= AKT_X_RECEIVES;
    return 0;
}

/* Whether the actor ends by this message, where it waits and in front of all
 * behind it. A link's end that is none any more is taken away. */
static bool ends_here(struct akt_isolate *iso, struct akt_actor *a,
                      struct akt_msg *m, bool *gone)
{
    *gone = false;
    if (m->type == AKT_MSG_STOP)
        return true; /* only a process sees it */
    if (m->type != AKT_MSG_EXIT || a->traps_exit)
        return false;
    if (a->goal == AKT_GOAL_NONE && akt_msg_reason(m)->code != AKT_NORMAL &&
        akt_map_get(&a->ext->links, m->sender.bits, NULL))
        return true;
    akt_mailbox_take(iso, a, a->ext->scan);
    akt_map_remove(&a->ext->links, m->sender.bits);
    akt_msg_free(m);
    *gone = true;
    return false;
}

static int wait_exit_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return lua_error(L);
}

/* What came in in front of those it has passed by is looked at too. */
static void scan_again(struct akt_actor_ext *ext)
{
    ext->scan_at = NULL;
    if (ext->scan_again)
        ext->scan = NULL;
    ext->scan_again = false;
}

/* Whether the mailbox is in the order of its rules. */
static bool sorted(struct akt_isolate *iso, struct akt_actor *a)
{
    return !(a->extras & AKT_X_ORDER) || akt_order_sort(iso, a, AKT_ORDER_STEP);
}

/* core.scan() -> the tag of the next message; nil: there is none; false: call
 * it again. Skips what is none. */
static int l_scan(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    struct akt_actor_ext *ext = akt_actor_ext(a);
    struct akt_msg *m = NULL;
    bool ends = false, gone = true;
    akt_lua_actor(a)->testing = false;
    if (!sorted(h->iso, a)) {
        lua_pushboolean(L, 0);
        return 1;
    }
    scan_again(ext);
    while (gone) {
        if (!(m = scanned(a)))
            return 0;
        if (a->extras & AKT_X_ORDER && !(m->flags & AKT_MSG_SORTED)) {
            lua_pushboolean(L, 0); /* it has come while the rest was sorted */
            return 1;
        }
        ends = ends_here(h->iso, a, m, &gone);
    }
    ext->scan_at = m;
    if (ends) {
        akt_check_wait(L, "receive");
        a->exit_queued = true;
        h->yield_op = AKT_Y_WAIT;
        return lua_yieldk(L, 0, 0, wait_exit_k);
    }
    if (m->type == AKT_MSG_DOWN) {
        lua_pushstring(L, news_tag(m));
    } else if (m->type == AKT_MSG_EXIT) {
        lua_pushstring(L, news_tag(m));
    } else {
        const char *tag = "";
        size_t len = 0;
        akt_codec_tag(m->body, m->size, &tag, &len);
        lua_pushlstring(L, tag, len);
    }
    return 1;
}

/* core.scan_skip(): the message stays; look behind it */
static int l_scan_skip(lua_State *L)
{
    struct akt_actor *a = akt_lua_self(L);
    struct akt_msg *m = scanned(a);
    if (m && m == a->ext->scan_at) /* it may have been dropped meanwhile */
        a->ext->scan = m;
    return 0;
}

static int push_values(lua_State *L, const struct akt_msg *m, bool with_tag)
{
    int top = lua_gettop(L);
    luaL_checkstack(L, 8, "message");
    if (m->type == AKT_MSG_USER) {
        const char *tag;
        size_t len;
        size_t skip =
            with_tag ? 0 : akt_codec_tag(m->body, m->size, &tag, &len);
        if (akt_codec_decode_words(L, &akt_lua_of(L)->words, m->body + skip,
                                   m->size - skip) < 0)
            return akt_error_raise(L, "bad_message", "malformed message");
        return lua_gettop(L) - top;
    }
    bool down = m->type == AKT_MSG_DOWN;
    if (with_tag)
        lua_pushstring(L, news_tag(m));
    if (down)
        akt_push_ref(L, m->ask);
    akt_push_pid(L, m->sender);
    akt_push_reason(L, akt_msg_reason(m));
    return lua_gettop(L) - top;
}

/* core.scan_values() -> the values of the message, which stays */
static int l_scan_values(lua_State *L)
{
    struct akt_actor *a = akt_lua_self(L);
    struct akt_msg *m = scanned(a);
    akt_lua_actor(a)->testing = true;
    return m ? push_values(L, m, false) : 0;
}

/* Makes the scanned message the current one, whose sender and ask count. NULL:
 * it was none. */
static struct akt_msg *take_scanned(struct akt_isolate *iso,
                                    struct akt_actor *a, struct akt_msg *m,
                                    bool plain)
{
    bool user = m->type == AKT_MSG_USER && !(m->flags & AKT_MSG_TICK);
    akt_mailbox_take(iso, a, a->ext->scan);
    if (!akt_message_taken(iso, a, m)) {
        if (!user)
            akt_msg_free(m);
        return NULL;
    }
    akt_actor_count_message(a);
    akt_metrics_begin(iso->worker, a, m);
    m->next = a->current;
    a->current = m;
    m->flags |= AKT_MSG_TAKEN | (plain ? AKT_MSG_PLAIN : 0);
    return m;
}

/* core.scan_take(plain) -> the message and its values; false: it was none. */
static int l_scan_take(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    bool plain = lua_toboolean(L, 1);
    struct akt_msg *m = scanned(a);
    akt_lua_actor(a)->testing = false;
    if (m && m != a->ext->scan_at) /* dropped while its test ran */
        m = NULL;
    if (m)
        m = take_scanned(h->iso, a, m, plain);
    if (!m) {
        lua_pushboolean(L, 0);
        return 1;
    }
    lua_pushlightuserdata(L, m);
    return 1 + push_values(L, m, plain);
}

/* Whether a receive's message is still a current one. */
static bool is_current(const struct akt_actor *a, const struct akt_msg *taken)
{
    const struct akt_msg *m = a->current;
    while (m && m != taken)
        m = m->next;
    return m != NULL;
}

/* core.scan_done(message, ...): the values are the answer to the message
 * taken; gives them back */
static int l_scan_done(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    struct akt_msg *m = lua_touserdata(L, 1);
    if (is_current(a, m) && m->ask && m->type == AKT_MSG_USER)
        akt_reply(h->iso, a->self, m, akt_encode_answer(L, 2));
    return lua_gettop(L) - 1;
}

/* The function of a receive failed; who asked is told. */
static void receive_failed(lua_State *L, struct akt_msg *m, int error)
{
    struct akt_lua *h = akt_lua_of(L);
    if (m->type != AKT_MSG_USER)
        return;
    if (m->ask)
        akt_reply_error(h->iso->node, h->iso, h->iso->current->self, m,
                        AKT_CRASH, akt_crash_reason(L, error));
    akt_dead_letter(h->iso->node, m, AKT_CRASHED);
}

/* The function of a receive has ended, by an error if there is one at `error`
 * of the stack. */
static void end_of(lua_State *L, struct akt_msg *m, int error)
{
    struct akt_actor *a = akt_lua_self(L);
    if (!m || !is_current(a, m))
        return;
    while (a->current != m) /* left by receives inside of this one */
        pop_current(a);
    if (!lua_isnoneornil(L, error))
        receive_failed(L, m, error);
    pop_current(a);
}

/* core.scan_end(limit|nil, message|nil, error|nil): the receive is over, in
 * whatever way */
static int l_scan_end(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_lua_actor(h->iso->current)->testing = false;
    if (!lua_isnil(L, 1)) {
        struct akt_pending *p = akt_pending_find(h->iso, akt_check_ref(L, 1));
        if (p)
            akt_pending_close(h->iso, p);
    }
    end_of(L, lua_touserdata(L, 2), 3);
    return 0;
}

static int mail_k(lua_State *L, int status, lua_KContext id)
{
    (void)status;
    struct akt_lua *h = akt_lua_of(L);
    if (!id)
        return 0;
    struct akt_pending *p = akt_pending_find(h->iso, (uint64_t)id);
    bool late = p->done;
    if (!late) {
        p->awaited = false;
        return 0;
    }
    akt_push_failure(L, "receive", p);
    akt_pending_close(h->iso, p);
    return lua_error(L);
}

/* Until something new has come, which k looks for; at once, if it has. */
static int wait_for_mail(lua_State *L, uint64_t id, lua_KFunction k)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    akt_check_wait(L, "receive");
    akt_main_waits(L);
    /* something came since core.scan: the actor was preempted */
    if (akt_actor_ext(a)->scan_again || scanned(a))
        return k(L, LUA_OK, 0);
    struct akt_pending *p = id ? akt_pending_find(h->iso, id) : NULL;
    if (p && p->done)
        return k(L, LUA_OK, (lua_KContext)id);
    if (p)
        akt_await(a, p);
    if (akt_has_strands(a) && akt_strand_other_receives(a))
        return akt_error_raise(L, "denied",
                               "receive: another handler of this actor waits "
                               "in a receive");
    a->receiving = true;
    h->yield_op = AKT_Y_WAIT;
    return lua_yieldk(L, 0, (lua_KContext)id, k);
}

/* core.scan_wait(id|nil): until something new has come; raises timeout */
static int l_scan_wait(lua_State *L)
{
    uint64_t id = lua_isnoneornil(L, 1) ? 0 : akt_check_ref(L, 1);
    return wait_for_mail(L, id, mail_k);
}

/* core.limit(seconds|nil) -> ref of a pending with that deadline, or nil */
static int l_limit(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    uint64_t limit = akt_inherited_deadline(L), end = 0;
    if (!lua_isnoneornil(L, 1))
        end = akt_node_now(h->iso->node) + akt_check_seconds(L, 1);
    bool cut = limit && (!end || limit < end);
    if (cut)
        end = limit;
    if (!end)
        return 0;
    struct akt_pending *p =
        akt_pending_open(h->iso, h->iso->current, AKT_P_CALL, end);
    p->inherited = cut && akt_is_inherited(L, limit);
    akt_push_ref(L, p->id);
    return 1;
}

static int l_limit_end(lua_State *L)
{
    if (lua_isnoneornil(L, 1))
        return 0;
    struct akt_lua *h = akt_lua_of(L);
    struct akt_pending *p = akt_pending_find(h->iso, akt_check_ref(L, 1));
    if (p)
        akt_pending_close(h->iso, p);
    return 0;
}

/* ---- the same in one call ---- */

/* Lua closes it when the function of a receive ends, in whatever way. */
struct guard {
    struct akt_msg *taken; /* NULL: free for the next receive */
};

#define GUARD lua_upvalueindex(1) /* the newest, likely to be free */
#define LOOP lua_upvalueindex(2)  /* akt.receive in Lua, for all else */
#define SKIPS 64                  /* C cannot be preempted */

static int guard_close(lua_State *L)
{
    struct guard *g = lua_touserdata(L, 1);
    struct akt_msg *m = g->taken;
    g->taken = NULL;
    end_of(L, m, 2);
    return 0;
}

static void push_guard(lua_State *L)
{
    lua_pushvalue(L, GUARD);
    if (!((struct guard *)lua_touserdata(L, -1))->taken)
        return;
    struct guard *g = lua_newuserdatauv(L, sizeof *g, 0);
    g->taken = NULL;
    lua_getmetatable(L, -2);
    lua_setmetatable(L, -2);
    lua_copy(L, -1, GUARD);
    lua_remove(L, -2);
}

static int loop_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return lua_gettop(L);
}

/* Begins again, from the start of the mailbox. */
static int loop(lua_State *L, int nargs)
{
    lua_settop(L, nargs);
    lua_pushvalue(L, LOOP);
    lua_insert(L, 1);
    lua_callk(L, nargs, LUA_MULTRET, 0, loop_k);
    return lua_gettop(L);
}

/* Whether the handlers at 1 are a plain table without guards, and nothing
 * limits the wait. */
static bool is_simple(lua_State *L)
{
    if (lua_type(L, 1) != LUA_TTABLE || !lua_isnoneornil(L, 2) ||
        lua_rawlen(L, 1) != 0 || akt_inherited_deadline(L))
        return false;
    if (!lua_getmetatable(L, 1))
        return true;
    lua_pop(L, 1);
    return false;
}

/* The stack: handlers, guard, what the function returned. */
static int received_k(lua_State *L, int status, lua_KContext message)
{
    struct akt_actor *a = akt_lua_self(L);
    struct akt_msg *m = (struct akt_msg *)message; /* may be gone */
    (void)status;
    if (is_current(a, m) && m->ask && m->type == AKT_MSG_USER)
        akt_reply(akt_lua_of(L)->iso, a->self, m, akt_encode_answer(L, 3));
    return lua_gettop(L) - 2;
}

/* The stack: handlers, guard, function; the last is called. */
static int receive_one(lua_State *L, struct akt_msg *m)
{
    ((struct guard *)lua_touserdata(L, 2))->taken = m;
    lua_toclose(L, 2);
    int nargs = push_values(L, m, false);
    lua_callk(L, nargs, LUA_MULTRET, (lua_KContext)m, received_k);
    return received_k(L, LUA_OK, (lua_KContext)m);
}

static int receive_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    for (int skips = 0; skips < SKIPS;) {
        lua_settop(L, 1);
        push_guard(L);
        if (l_scan(L) == 0)
            return wait_for_mail(L, 0, receive_k);
        if (!lua_toboolean(L, 3)) /* it is being sorted: that takes steps */
            return loop(L, 1);
        int type = lua_rawget(L, 1);
        if (type == LUA_TNIL) {
            l_scan_skip(L);
            skips++;
        } else if (type != LUA_TFUNCTION) {
            return loop(L, 1);
        } else {
            struct akt_msg *m = take_scanned(h->iso, a, scanned(a), false);
            if (m)
                return receive_one(L, m);
        }
    }
    return loop(L, 1);
}

/* akt.receive(handlers): the usual case here, all others in the loop. */
static int l_receive(lua_State *L)
{
    if (!is_simple(L))
        return loop(L, lua_gettop(L));
    l_scan_begin(L);
    return receive_k(L, LUA_OK, 0);
}

/* core.receive(f): f is akt.receive in Lua, which does all cases. A run that
 * is repeated counts steps, and stays with it. */
static int l_receive_of(lua_State *L)
{
    lua_settop(L, 1);
    if (akt_lua_of(L)->repeatable)
        return 1;
    struct guard *g = lua_newuserdatauv(L, sizeof *g, 0);
    g->taken = NULL;
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, guard_close);
    lua_setfield(L, -2, "__close");
    lua_setmetatable(L, -2);
    lua_insert(L, 1);
    lua_pushcclosure(L, l_receive, 2);
    return 1;
}

static const luaL_Reg core[] = {
    {"scan_begin", l_scan_begin}, {"scan", l_scan},
    {"scan_skip", l_scan_skip},   {"scan_values", l_scan_values},
    {"scan_take", l_scan_take},   {"scan_done", l_scan_done},
    {"scan_end", l_scan_end},     {"scan_wait", l_scan_wait},
    {"limit", l_limit},           {"limit_end", l_limit_end},
    {"receive", l_receive_of},    {NULL, NULL},
};

void akt_lib_receive_open(lua_State *L, int core_table)
{
    lua_pushvalue(L, core_table);
    luaL_setfuncs(L, core, 0);
    lua_pop(L, 1);
}
