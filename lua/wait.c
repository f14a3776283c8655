/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "lua/error.h"
#include "lua/host.h"
#include "lua/kind.h"
#include "lua/line.h"
#include "lua/options.h"
#include "net/network.h"
#include "vm/strand.h"

bool akt_can_wait(lua_State *L)
{
    const struct akt_lua *h = akt_lua_of(L);
    /* an upgrade is quick or it is none: nothing may happen meanwhile */
    if (!h->chain || h->chain->L != L || h->iso->current->upgrading)
        return false;
    for (const struct akt_chain *c = h->chain; c; c = c->outer)
        if (!lua_isyieldable(c->L))
            return false;
    return true;
}

void akt_check_wait(lua_State *L, const char *what)
{
    if (!akt_can_wait(L))
        akt_error_raise(L, "cannot_wait",
                        "%s cannot wait here: it is called from inside a C "
                        "function or a metamethod that cannot be suspended",
                        what);
}

void akt_main_waits(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    if (h->node->network && h->iso->current->is_main)
        akt_network_serve(h->node->network);
}

uint64_t akt_inherited_deadline(lua_State *L)
{
    const struct akt_actor *a = akt_lua_self(L);
    const struct akt_lua_actor *la = a->host_data;
    uint64_t line = akt_line_deadline(la), own = 0;
    if (la && la->deadline_ns)
        own = la->deadline_ns;
    else if (a->current && a->current->ask)
        own = a->current->deadline_ns;
    return line && (!own || line < own) ? line : own;
}

bool akt_is_inherited(lua_State *L, uint64_t deadline_ns)
{
    const struct akt_actor *a = akt_lua_self(L);
    return deadline_ns && a->current && a->current->ask &&
           a->current->deadline_ns == deadline_ns;
}

uint64_t akt_wait_deadline(lua_State *L, uint64_t own_ns, bool *inherited)
{
    uint64_t left = akt_inherited_deadline(L);
    *inherited = akt_is_inherited(L, left);
    if (left || !own_ns)
        return left;
    return akt_node_soon(akt_lua_of(L)->iso->node) + own_ns;
}

int akt_wait(lua_State *L, struct akt_pending *p, lua_KFunction k)
{
    if (p->done)
        return k(L, LUA_OK, (lua_KContext)p->id);
    akt_await(akt_lua_self(L), p);
    akt_lua_of(L)->yield_op = AKT_Y_WAIT;
    return lua_yieldk(L, 0, (lua_KContext)p->id, k);
}

uint64_t akt_check_seconds(lua_State *L, int arg)
{
    uint64_t ns;
    if (!akt_duration_ns(L, arg, &ns))
        akt_error_raise(L, "bad_argument",
                        "seconds must be a number, 0 or more, or like \"2m\", "
                        "got %s",
                        luaL_tolstring(L, arg, NULL));
    return ns;
}

static void set_text(lua_State *L, const char *key, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

static const char *default_text(enum akt_code code)
{
    switch (code) {
    case AKT_TIMEOUT:
        return "no answer in time";
    case AKT_NOPROC:
        return "there is no such actor";
    case AKT_OVERLOADED:
        return "the mailbox of the receiver is full";
    case AKT_CRASH:
        return "the actor crashed while it handled the message";
    case AKT_KILLED:
        return "the actor was killed";
    case AKT_NOROUTEE:
        return "the router has no routees";
    default:
        return akt_code_name(code);
    }
}

/* Of an init that did not fail by itself: what ended it. */
static const char *text_without_reason(enum akt_code code,
                                       const struct akt_reason *reason)
{
    if (code != AKT_INIT_FAILED || !reason)
        return default_text(code);
    return reason->code == AKT_TIMEOUT ? "init took too long"
                                       : default_text(reason->code);
}

/* The message of a reason that is a table or a string, or none. */
static bool push_reason_text(lua_State *L, const struct akt_reason *reason)
{
    akt_push_reason(L, reason);
    if (lua_type(L, -1) == LUA_TTABLE) {
        lua_pushliteral(L, "message");
        lua_rawget(L, -2);
        lua_remove(L, -2);
    }
    const char *word = akt_code_name(reason->code);
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    if (lua_type(L, -1) == LUA_TSTRING && strcmp(text, word) != 0)
        return true;
    lua_pop(L, 1);
    return false;
}

void akt_push_failure(lua_State *L, const char *what, struct akt_pending *p)
{
    enum akt_code code = (enum akt_code)p->code;
    const struct akt_reason *reason = p->msg && p->msg->flags & AKT_MSG_REASON
                                          ? akt_msg_reason(p->msg)
                                          : NULL;
    luaL_checkstack(L, 8, "error");
    bool has_text = reason && push_reason_text(L, reason);
    if (!has_text)
        lua_pushstring(L, text_without_reason(code, reason));
    akt_error_push(L, akt_code_name(code), "%s: %s", what, lua_tostring(L, -1));
    lua_remove(L, -2);
    if (!akt_pid_is_none(p->target)) {
        akt_push_pid(L, p->target);
        lua_setfield(L, -2, "pid");
    }
    if (reason) {
        akt_push_reason(L, reason);
        lua_setfield(L, -2, "reason");
    }
    if (p->inherited && code == AKT_TIMEOUT) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "inherited");
        set_text(L, "message", "the deadline of the request has passed");
    }
}

int akt_take_answer(lua_State *L, const char *what, uint64_t id)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_pending *p = akt_pending_find(h->iso, id);
    if (!p)
        return akt_error_raise(L, "gone", "%s: the answer was taken before",
                               what);
    if (p->code != AKT_OK || !p->msg) {
        akt_push_failure(L, what, p);
        akt_pending_close(h->iso, p);
        return lua_error(L);
    }
    int n = akt_codec_decode_words(L, &h->words, p->msg->body, p->msg->size);
    akt_pending_close(h->iso, p);
    if (n < 0)
        return akt_error_raise(L, "bad_message", "malformed answer");
    return n;
}
