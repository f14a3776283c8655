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
#include "vm/send.h"

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
    /* its own stop waits until the handler is done */
    while (m && m->type == AKT_MSG_STOP && !akt_actor_kind(a)->process) {
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
    while (a->current && a->current->flags & AKT_MSG_PLAIN)
        pop_current(a);
    akt_actor_ext(a)->scan = NULL;
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

/* core.scan() -> the tag of the next message, or nil; skips what is none. */
static int l_scan(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    struct akt_msg *m = NULL;
    bool ends = false, gone = true;
    akt_lua_actor(a)->testing = false;
    while (gone) {
        if (!(m = scanned(a)))
            return 0;
        ends = ends_here(h->iso, a, m, &gone);
    }
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
    if (m) /* it may have been dropped while its test ran */
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
        if (akt_codec_decode(L, m->body + skip, m->size - skip) < 0)
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

/* core.scan_take(plain) -> the message and its values; false: it was none.
 * It becomes the current message, whose sender and ask count. */
static int l_scan_take(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    bool plain = lua_toboolean(L, 1);
    struct akt_msg *m = scanned(a);
    akt_lua_actor(a)->testing = false;
    if (!m) {
        lua_pushboolean(L, 0);
        return 1;
    }
    bool user = m->type == AKT_MSG_USER && !(m->flags & AKT_MSG_TICK);
    akt_mailbox_take(h->iso, a, a->ext->scan);
    if (!akt_message_taken(h->iso, a, m)) {
        if (!user)
            akt_msg_free(m);
        lua_pushboolean(L, 0);
        return 1;
    }
    akt_actor_count_message(a);
    akt_metrics_begin(h->iso->worker, a, m);
    m->next = a->current;
    a->current = m;
    m->flags |= AKT_MSG_TAKEN | (plain ? AKT_MSG_PLAIN : 0);
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

/* core.scan_end(limit|nil, message|nil, error|nil): the receive is over, in
 * whatever way */
static int l_scan_end(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    struct akt_msg *m = lua_touserdata(L, 2);
    akt_lua_actor(a)->testing = false;
    if (!lua_isnil(L, 1)) {
        struct akt_pending *p = akt_pending_find(h->iso, akt_check_ref(L, 1));
        if (p)
            akt_pending_close(h->iso, p);
    }
    if (!m || !is_current(a, m))
        return 0;
    while (a->current != m) /* left by receives inside of this one */
        pop_current(a);
    if (!lua_isnoneornil(L, 3))
        receive_failed(L, m, 3);
    pop_current(a);
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

/* core.scan_wait(id|nil): until something new has come; raises timeout */
static int l_scan_wait(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    akt_check_wait(L, "receive");
    if (scanned(a)) /* it came since core.scan: the actor was preempted */
        return 0;
    uint64_t id = lua_isnoneornil(L, 1) ? 0 : akt_check_ref(L, 1);
    struct akt_pending *p = id ? akt_pending_find(h->iso, id) : NULL;
    if (p && p->done)
        return mail_k(L, LUA_OK, (lua_KContext)id);
    if (p)
        p->awaited = true;
    a->receiving = true;
    h->yield_op = AKT_Y_WAIT;
    return lua_yieldk(L, 0, (lua_KContext)id, mail_k);
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

static const luaL_Reg core[] = {
    {"scan_begin", l_scan_begin},
    {"scan", l_scan},
    {"scan_skip", l_scan_skip},
    {"scan_values", l_scan_values},
    {"scan_take", l_scan_take},
    {"scan_done", l_scan_done},
    {"scan_end", l_scan_end},
    {"scan_wait", l_scan_wait},
    {"limit", l_limit},
    {"limit_end", l_limit_end},
    {NULL, NULL},
};

void akt_lib_receive_open(lua_State *L, int core_table)
{
    lua_pushvalue(L, core_table);
    luaL_setfuncs(L, core, 0);
    lua_pop(L, 1);
}
