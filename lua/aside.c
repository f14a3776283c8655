/* SPDX-License-Identifier: MIT */
#include "lua/aside.h"

#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "vm/health.h"
#include "vm/passivate.h"

static void push_self(lua_State *L, const struct akt_actor *a, int selves)
{
    lua_rawgeti(L, selves, (lua_Integer)a->self_ref);
}

/* ---- idle ---- */

int akt_push_idle(lua_State *L, struct akt_lua *h, struct akt_actor *a)
{
    int selves = lua_gettop(L);
    const struct akt_class *c = akt_class_of(h, L, akt_actor_kind(a));
    lua_rawgeti(L, LUA_REGISTRYINDEX, c->idle);
    push_self(L, a, selves);
    return 1;
}

void akt_idle_returned(lua_State *L, struct akt_lua *h, int selves)
{
    struct akt_codec_error err;
    struct akt_buf *b = &h->scratch;
    int top = lua_gettop(L);
    if (top == selves) {
        akt_passivate_done(h->iso, NULL);
        return;
    }
    if (!(akt_actor_kind(h->iso->current)->hooks & AKT_HOOK_WAKE))
        akt_error_raise(L, "bad_kind",
                        "idle returns data, but the kind has no wake that "
                        "takes it");
    b->len = 0;
    if (akt_codec_encode(L, selves + 1, top, b, &err) != 0)
        akt_error_raise(L, err.code, "what idle returns, value %d: %s",
                        err.index - selves, err.text + err.where_len);
    if (b->len > AKT_IDLE_MAX)
        akt_error_raise(L, "too_large",
                        "what idle returns has %d bytes, more than %d",
                        (int)b->len, (int)AKT_IDLE_MAX);
    akt_passivate_done(h->iso, akt_args_new(b->data, (uint32_t)b->len));
}

/* ---- wake ---- */

static int woken(lua_State *L, int status, lua_KContext ctx)
{
    (void)L, (void)status, (void)ctx;
    return 0;
}

/* The stack is: wake, self, data... */
static int call_wake(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    lua_callk(L, lua_gettop(L) - 1, 0, ctx, woken);
    return 0;
}

/* (wake, self, data..., init, self, args..., how many from wake to data) */
static int run_wake(lua_State *L)
{
    int rest = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    int init = lua_gettop(L) - rest;
    if (init > 0)
        lua_callk(L, init - 1, 0, 0, call_wake);
    return call_wake(L, LUA_OK, 0);
}

int akt_push_wake(lua_State *L, struct akt_lua *h, struct akt_actor *a,
                  int nargs)
{
    const struct akt_class *c = akt_class_of(h, L, akt_actor_kind(a));
    const struct akt_args *data = a->passivation->data;
    int init = nargs + 1; /* values of it and its arguments */
    int selves = lua_gettop(L) - init;
    luaL_checkstack(L, 8, "wake");
    lua_pushcfunction(L, run_wake);
    lua_rawgeti(L, LUA_REGISTRYINDEX, c->wake);
    push_self(L, a, selves);
    int n = data ? akt_codec_decode(L, data->bytes, data->len) : 0;
    if (n < 0)
        akt_error_raise(L, "bad_message", "malformed bytes of idle");
    /* init goes behind what wake gets */
    lua_rotate(L, selves + 1, -init);
    lua_pushinteger(L, n + 2);
    return lua_gettop(L) - selves - 1;
}

/* ---- health ---- */

int akt_push_health(lua_State *L, struct akt_lua *h, struct akt_actor *a)
{
    int selves = lua_gettop(L);
    const struct akt_class *c = akt_class_of(h, L, akt_actor_kind(a));
    if (c->health == LUA_NOREF) /* that it has got here is all there is */
        return -1;
    lua_rawgeti(L, LUA_REGISTRYINDEX, c->health);
    push_self(L, a, selves);
    return 1;
}

static enum akt_health_status check_status(lua_State *L, int idx)
{
    const char *word =
        lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : NULL;
    for (int i = AKT_HEALTH_OK; word && i <= AKT_HEALTH_FAILED; i++)
        if (strcmp(word, akt_health_name((enum akt_health_status)i)) == 0)
            return (enum akt_health_status)i;
    akt_error_raise(L, "bad_health",
                    "health returns \"ok\", \"degraded\" or \"failed\", not "
                    "%s",
                    word ? word : luaL_typename(L, idx));
}

void akt_health_returned(lua_State *L, struct akt_lua *h, int selves)
{
    enum akt_health_status status = AKT_HEALTH_OK;
    struct akt_reason *reason = NULL;
    if (lua_gettop(L) > selves)
        status = check_status(L, selves + 1);
    if (status != AKT_HEALTH_OK && !lua_isnoneornil(L, selves + 2))
        reason = akt_lua_reason(L, selves + 2, AKT_OK);
    akt_health_done(h->iso, status, reason);
}

/* ---- whether it can be passivated ---- */

const char *akt_lua_holds(struct akt_isolate *iso, struct akt_actor *a)
{
    const struct akt_lua_actor *la = a->host_data;
    (void)iso;
    if (!la)
        return NULL;
    return la->handlers != LUA_NOREF      ? "akt.become is in force"
           : la->on_shutdown != LUA_NOREF ? "it has called akt.on_shutdown"
           : la->output != LUA_NOREF      ? "it has set io.input or io.output"
                                          : NULL;
}
