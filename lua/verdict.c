/* SPDX-License-Identifier: MIT */
#include "lua/verdict.h"

#include <string.h>

#include "lua/crash.h"
#include "lua/error.h"
#include "lua/kind.h"
#include "vm/base/alloc.h"
#include "vm/base/log.h"
#include "vm/crash.h"
#include "vm/health.h"
#include "vm/passivate.h"
#include "vm/send.h"
#include "vm/upgrade.h"

#define MESSAGE_SHOWN 16384 /* bytes of an error that others are told */

/* { code =, message =, error = } of the error at idx. */
struct akt_reason *akt_crash_reason(lua_State *L, int idx)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_codec_error err;
    luaL_checkstack(L, 8, "error");
    lua_pushvalue(L, idx);
    lua_replace(L, 1);
    lua_settop(L, 1);
    lua_createtable(L, 0, 3);
    lua_pushstring(L, akt_code_name(AKT_CRASH));
    lua_setfield(L, 2, "code");
    akt_error_message(L, 1);
    if (lua_rawlen(L, -1) > MESSAGE_SHOWN) {
        lua_pushlstring(L, lua_tostring(L, -1), MESSAGE_SHOWN);
        lua_pushliteral(L, "...");
        lua_concat(L, 2);
        lua_replace(L, -2);
    }
    lua_setfield(L, 2, "message");
    h->scratch.len = 0;
    if (lua_type(L, 1) == LUA_TTABLE) {
        lua_pushvalue(L, 1);
        lua_setfield(L, 2, "error");
        if (akt_codec_encode(L, 2, 2, &h->scratch, &err) == 0)
            return akt_reason_make(AKT_CRASH, h->scratch.data, h->scratch.len);
        lua_pushnil(L); /* it holds something that cannot travel */
        lua_setfield(L, 2, "error");
        h->scratch.len = 0;
    }
    if (akt_codec_encode(L, 2, 2, &h->scratch, &err) != 0)
        return akt_reason_of(AKT_CRASH);
    return akt_reason_make(AKT_CRASH, h->scratch.data, h->scratch.len);
}

/* A deadline the handler inherited has passed: nobody waits for it. */
static bool is_expired(lua_State *L, const struct akt_actor *a)
{
    bool handles = a->state == AKT_A_RUNNING || a->state == AKT_A_FINISHING;
    if (!handles || !a->current || akt_actor_kind(a)->process ||
        lua_type(L, 1) != LUA_TTABLE)
        return false;
    lua_pushliteral(L, "inherited");
    lua_rawget(L, 1);
    bool yes = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return yes;
}

/* Called protected: (error, light userdata of a verdict). The error's own
 * __tostring may run in here. */
static int judge(lua_State *L)
{
    struct akt_verdict *v = lua_touserdata(L, 2);
    luaL_checkstack(L, 20, "report");
    v->expired = is_expired(L, v->actor);
    if (v->expired)
        return 0;
    snprintf(v->code, sizeof v->code, "%s",
             akt_error_normalize(L, 1, v->status));
    if (v->status != LUA_ERRMEM)
        v->reason = akt_crash_reason(L, 1);
    if (akt_lua_of(L)->node->crash_reports)
        akt_report_crash(L, 1, v->actor, v->co, v->status, &v->report);
    v->whole = true;
    struct akt_crash_scene scene = {1, v->code, v->actor, v->co};
    v->dumps = akt_crash_wanted(akt_lua_of(L)->iso, v->actor);
    if (v->dumps)
        akt_crash_tell(L, &scene, &v->details, &v->details_whole);
    return 0;
}

void akt_verdict_start(struct akt_verdict *v, struct akt_actor *a,
                       lua_State *co, int status)
{
    memset(v, 0, sizeof *v);
    v->actor = a;
    v->co = co;
    v->status = status;
    snprintf(v->code, sizeof v->code, "%s",
             status == LUA_ERRMEM ? "memory" : "error");
    akt_buf_init(&v->report);
    akt_buf_init(&v->details);
}

/* Whatever judge could not do is done without Lua. */
static void complete_verdict(struct akt_lua *h, struct akt_verdict *v)
{
    struct akt_buf *b = &v->report;
    if (!v->reason)
        v->reason =
            akt_reason_of(v->status == LUA_ERRMEM ? AKT_MEMORY : AKT_CRASH);
    if (!h->node->crash_reports)
        return;
    if (!v->whole && akt_log_reports_are_json())
        b->len = 0; /* half an object is none */
    if (b->len == 0) {
        akt_buf_printf(b, "error[%s]: ",
                       strcmp(v->code, "error") == 0 ? "crash" : v->code);
        akt_describe(h->iso->node, v->actor->self, true, b);
        akt_buf_puts(b, " crashed");
    }
    if (b->data[b->len - 1] != '\n')
        akt_buf_putc(b, '\n');
}

/* With the error on top of co. */
void akt_verdict_find(struct akt_lua *h, struct akt_verdict *v)
{
    struct akt_chain link = {h->L, NULL};
    lua_settop(h->L, 0);
    lua_pushcfunction(h->L, judge);
    lua_xmove(v->co, h->L, 1);
    lua_pushlightuserdata(h->L, v);
    h->chain = &link;
    akt_preempt_publish(h, h->L);
    (void)lua_pcall(h->L, 2, 0, 0);
    h->chain = NULL;
    akt_preempt_publish(h, NULL);
    lua_settop(h->L, 0);
    if (h->scratch.cap > 1u << 20) /* one huge message must not stay */
        akt_buf_fini(&h->scratch);
}

/* A last line of the report says where the file is. */
static void dump(struct akt_lua *h, struct akt_verdict *v)
{
    struct akt_buf path = AKT_BUF_INIT;
    struct akt_crash crash = {v->code, NULL, &v->details};
    v->details.len = v->details_whole; /* the rest was cut off */
    akt_crash_dump(h->iso, v->actor, &crash, &path);
    if (h->node->crash_reports && path.len)
        akt_buf_printf(&v->report, "  file     %s\n", akt_buf_cstr(&path));
    akt_buf_fini(&path);
}

void akt_verdict_fail_turn(struct akt_lua *h, struct akt_verdict *v)
{
    struct akt_buf *b = &v->report;
    char *text = NULL;
    uint32_t len = 0;
    complete_verdict(h, v);
    if (v->dumps || (!v->co && akt_crash_wanted(h->iso, v->actor)))
        dump(h, v);
    akt_buf_fini(&v->details);
    if (b->len) { /* the exact size, which is how it will be freed */
        len = (uint32_t)b->len;
        text = akt_alloc(len);
        memcpy(text, b->data, len);
    }
    akt_buf_fini(b);
    akt_turn_failed(h->iso, v->reason, v->code, text, len);
}

void akt_verdict_refuse(struct akt_lua *h, struct akt_verdict *v)
{
    akt_buf_fini(&v->details); /* the actor goes on: no crash file */
    complete_verdict(h, v);
    if (v->actor->aside == AKT_ASIDE_HEALTH) { /* what it raised is told */
        akt_health_done(h->iso, AKT_HEALTH_FAILED, v->reason);
        akt_buf_fini(&v->report);
        return;
    }
    if (v->actor->upgrading)
        akt_upgrade_refused(h->iso, v->report.data, (uint32_t)v->report.len);
    else
        akt_passivate_refused(h->iso, v->report.data, (uint32_t)v->report.len);
    akt_reason_unref(v->reason);
    akt_buf_fini(&v->report);
}

void akt_unknown_tag(struct akt_lua *h, struct akt_actor *a, struct akt_msg *m,
                     const char *state)
{
    if (m->flags & AKT_MSG_LAGGED) /* who does not care need not say so */
        return;
    char text[160];
    const char *tag = "?";
    size_t len = 1;
    akt_codec_tag(m->body, m->size, &tag, &len);
    int shown = len < 64 ? (int)len : 64;
    int n = snprintf(text, sizeof text, "%s has no handler for \"%.*s\"%s%.20s",
                     akt_actor_kind(a)->name, shown, tag,
                     state ? " in the state " : "", state ? state : "");
    size_t text_len = n < (int)sizeof text ? (size_t)n : sizeof text - 1;
    char bytes[170] = {(char)0xd9, (char)text_len};
    memcpy(bytes + 2, text, text_len);
    akt_reply_error(h->node->node, h->iso, a->self, m, AKT_UNKNOWN_MESSAGE,
                    akt_reason_make(AKT_UNKNOWN_MESSAGE, bytes, text_len + 2));
    akt_dead_letter(h->node->node, m, AKT_UNKNOWN_MESSAGE);
}
