/* SPDX-License-Identifier: MIT
 *
 * lua/lib_gates.c: what akt.breaker and akt.limiter are made of; the calls
 * themselves are in stdlib/_gates.lua. A handle is a ref (vm/gates.h).
 */
#include <math.h>
#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/options.h"
#include "vm/base/log_line.h"
#include "vm/gates.h"
#include "vm/metrics.h"

#define S 1000000000ull
#define HALF_OPEN_MAX 1000000

/* ---- options ---- */

/* Pushes the name, or nil. */
static const char *push_name(lua_State *L, int idx)
{
    if (lua_getfield(L, idx, "name") == LUA_TNIL)
        return NULL;
    size_t len = 0;
    const char *s = lua_tolstring(L, -1, &len);
    if (lua_type(L, -1) != LUA_TSTRING || len == 0 || len > AKT_GATE_NAME_MAX ||
        strlen(s) != len || !akt_log_is_utf8(s, len))
        akt_error_raise(L, "bad_option",
                        "name must be a string of 1 to %d bytes of UTF-8",
                        AKT_GATE_NAME_MAX);
    return s;
}

static lua_Number number(lua_State *L, int idx, const char *key,
                         lua_Number otherwise)
{
    if (lua_getfield(L, idx, key) != LUA_TNIL) {
        lua_Number n = lua_tonumber(L, -1);
        if (lua_type(L, -1) != LUA_TNUMBER || !(n > 0) || !isfinite(n))
            akt_error_raise(L, "bad_option",
                            "%s must be a number over 0, not %s", key,
                            luaL_tolstring(L, -1, NULL));
        otherwise = n;
    }
    lua_pop(L, 1);
    return otherwise;
}

static uint32_t whole(lua_State *L, int idx, const char *key,
                      uint32_t otherwise)
{
    lua_Number n = number(L, idx, key, otherwise);
    if (n != floor(n) || n > HALF_OPEN_MAX)
        akt_error_raise(L, "bad_option",
                        "%s must be a whole number, 1 to %d, not %g", key,
                        HALF_OPEN_MAX, n);
    return (uint32_t)n;
}

static void read_breaker(lua_State *L, struct akt_gate_spec *spec)
{
    static const char *const keys[] = {"failures", "calls",   "window",
                                       "open",     "timeout", "half_open",
                                       "fallback", "name",    NULL};
    akt_options_check(L, 1, "a breaker", keys);
    spec->breaker = (struct akt_breaker_options){
        .failures = number(L, 1, "failures", 0.5),
        .calls = whole(L, 1, "calls", 10),
        .half_open = whole(L, 1, "half_open", 1),
        .window_ns = akt_options_duration(L, 1, "window", 60 * S),
        .open_ns = akt_options_duration(L, 1, "open", 30 * S)};
    spec->timeout_ns = akt_options_duration(L, 1, "timeout", 0);
    if (spec->breaker.failures > 1)
        akt_error_raise(L, "bad_option",
                        "failures is a part of the calls, over 0 and at most "
                        "1, not %g",
                        spec->breaker.failures);
}

static void read_limiter(lua_State *L, struct akt_gate_spec *spec)
{
    static const char *const keys[] = {"rate", "per", "burst", "name", NULL};
    akt_options_check(L, 1, "a limiter", keys);
    uint64_t per_ns = akt_options_duration(L, 1, "per", S);
    lua_Number rate = number(L, 1, "rate", 0);
    if (rate == 0 && !spec->only_name)
        akt_error_raise(L, "bad_option",
                        "a limiter needs a rate: so many per second, or per "
                        "what `per` says");
    lua_Number burst = number(L, 1, "burst", fmax(1, floor(rate)));
    if (burst < 1)
        akt_error_raise(L, "bad_option", "burst must be 1 or more, not %g",
                        burst);
    spec->limiter = (struct akt_limiter_options){
        .rate = rate * 1e9 / (lua_Number)per_ns, .burst = burst};
}

/* Whether the table at 1 has nothing but a name (and a fallback). */
static bool has_only_name(lua_State *L)
{
    bool only = true;
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lua_pop(L, 1);
        const char *key =
            lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
        only = only && (!strcmp(key, "name") || !strcmp(key, "fallback"));
    }
    return only;
}

/* ---- making ---- */

static struct akt_gates *gates_of(lua_State *L)
{
    return akt_lua_of(L)->iso->node->gates;
}

/* A name makes it the same one in all isolates, so a module may do it. */
static void check_place(lua_State *L, const struct akt_gate_spec *spec,
                        const char *what)
{
    const struct akt_lua *h = akt_lua_of(L);
    if (!spec->name && h->loading > h->node->definition)
        akt_refuse_effect(L, what);
}

static uint64_t open_gate(lua_State *L, struct akt_gate_spec *spec,
                          const char *what)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_lua_actor *la = akt_lua_actor(h->iso->current);
    uint64_t id = 0;
    akt_check_room(L, what);
    spec->next_owned = spec->name ? 0 : la->gates;
    enum akt_gate_error error =
        akt_gates_open(gates_of(L), spec, akt_node_now(h->iso->node), &id);
    if (error == AKT_GATE_OTHER)
        akt_error_raise(L, "name_taken", "%s: \"%s\" exists with other options",
                        what, spec->name);
    if (error == AKT_GATE_NONE)
        akt_error_raise(L, "bad_option",
                        "%s needs a rate: there is none yet with the name "
                        "\"%s\"",
                        what, spec->name);
    if (error == AKT_GATE_FULL)
        akt_error_raise(L, "limit",
                        "%s: the node has %u breakers and limiters, which is "
                        "the limit",
                        what, AKT_GATES_MAX);
    if (!spec->name)
        la->gates = id;
    return id;
}

static void image_fini(void *p)
{
    akt_image_unref(p);
}

static struct akt_image *read_fallback(lua_State *L)
{
    struct akt_image_error err;
    int type = lua_getfield(L, 1, "fallback");
    if (type == LUA_TNIL)
        return NULL;
    if (type != LUA_TFUNCTION || lua_iscfunction(L, -1))
        akt_error_raise(L, "bad_option", "fallback must be a function, not %s",
                        luaL_typename(L, -1));
    struct akt_image *image = akt_kind_image(L, lua_gettop(L), &err);
    if (!image)
        akt_error_raise(L, "bad_function", "fallback: %s", err.text);
    return image;
}

/* The image is freed if what follows raises. */
struct opening {
    struct akt_gate_spec *spec;
    uint64_t id;
};

static int open_breaker(lua_State *L)
{
    struct opening *o = lua_touserdata(L, 1);
    o->id = open_gate(L, o->spec, "a breaker");
    return 0;
}

static void keep_fallback(lua_State *L, uint64_t id, struct akt_image *image)
{
    struct akt_gate *gate =
        image ? akt_gate_hold(gates_of(L), id, AKT_GATE_BREAKER) : NULL;
    if (!gate)
        return;
    akt_gate_keep(gate, (struct akt_gate_data){image, image_fini});
    akt_gate_release(gate);
}

/* core.breaker(options) -> ref */
static int l_breaker(lua_State *L)
{
    struct akt_gate_spec spec = {.type = AKT_GATE_BREAKER};
    lua_settop(L, 1);
    read_breaker(L, &spec);
    spec.name = push_name(L, 1);
    spec.only_name = spec.name && has_only_name(L);
    check_place(L, &spec, "a breaker without a name");
    struct akt_image *image = read_fallback(L);
    struct opening o = {&spec, 0};
    lua_pushcfunction(L, open_breaker);
    lua_pushlightuserdata(L, &o);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
        akt_image_unref(image);
        return lua_error(L);
    }
    keep_fallback(L, o.id, image);
    akt_push_ref(L, o.id);
    return 1;
}

static void check_table(lua_State *L, const char *what)
{
    if (!lua_istable(L, 1))
        akt_error_raise(L, "bad_option", "%s: a table is expected, got %s",
                        what, luaL_typename(L, 1));
}

/* core.limiter(options) -> ref */
static int l_limiter(lua_State *L)
{
    struct akt_gate_spec spec = {.type = AKT_GATE_LIMITER};
    lua_settop(L, 1);
    check_table(L, "limiter");
    spec.name = push_name(L, 1);
    spec.only_name = spec.name && has_only_name(L);
    read_limiter(L, &spec);
    check_place(L, &spec, "a limiter without a name");
    akt_push_ref(L, open_gate(L, &spec, "a limiter"));
    return 1;
}

/* ---- using ---- */

static struct akt_gate *hold(lua_State *L, enum akt_gate_type type)
{
    const char *what = type == AKT_GATE_BREAKER ? "breaker" : "limiter";
    struct akt_gate *gate =
        akt_gate_hold(gates_of(L), akt_check_ref(L, 1), type);
    if (!gate)
        akt_error_raise(L, "gone",
                        "this is no %s, or the actor that made it has ended "
                        "or restarted; one with a name stays",
                        what);
    return gate;
}

static uint64_t now_of(lua_State *L)
{
    return akt_node_now(akt_lua_of(L)->iso->node);
}

/* What others read of a breaker that has a name. Held. */
static void tell_metrics(lua_State *L, const struct akt_gate *gate,
                         uint64_t opened, uint64_t rejected)
{
    struct akt_isolate *iso = akt_lua_of(L)->iso;
    if (gate->metric_state >= 0)
        akt_metrics_set(
            akt_metrics_get(iso->node->metrics, (uint32_t)gate->metric_state),
            (double)gate->breaker.state);
    if (gate->metric_opened >= 0 && gate->breaker.opened > opened)
        akt_metrics_count(iso->worker, (uint32_t)gate->metric_opened, 1);
    if (gate->metric_rejected >= 0 && gate->breaker.rejected > rejected)
        akt_metrics_count(iso->worker, (uint32_t)gate->metric_rejected, 1);
}

/* core.breaker_enter(ref) -> ticket, timeout|nil, the deadline in force|nil;
 * or nil, has a fallback, seconds until half open, name|nil */
static int l_breaker_enter(lua_State *L)
{
    char name[AKT_GATE_NAME_MAX + 1] = "";
    struct akt_gate *gate = hold(L, AKT_GATE_BREAKER);
    struct akt_breaker *b = &gate->breaker;
    uint64_t now = now_of(L), rejected = b->rejected;
    uint64_t ticket = akt_breaker_enter(b, now);
    uint64_t left = b->until_ns > now ? b->until_ns - now : 0;
    uint64_t timeout = gate->timeout_ns;
    bool has_fallback = gate->data.p;
    tell_metrics(L, gate, b->opened, rejected);
    if (!ticket && gate->name)
        strcpy(name, gate->name);
    akt_gate_release(gate);
    if (ticket) {
        lua_pushinteger(L, (lua_Integer)ticket);
        timeout ? lua_pushnumber(L, (lua_Number)timeout / 1e9) : lua_pushnil(L);
        lua_pushinteger(L, (lua_Integer)akt_inherited_deadline(L));
        return 3;
    }
    lua_pushnil(L);
    lua_pushboolean(L, has_fallback);
    lua_pushnumber(L, (lua_Number)left / 1e9);
    lua_pushstring(L, name[0] ? name : NULL);
    return 4;
}

/* What an error says of what was called: one that came from outside, says
 * nothing. `limit`: the deadline that was in force when the call began. */
static enum akt_call_result result_of(lua_State *L, int err, uint64_t limit)
{
    if (lua_isnil(L, err))
        return AKT_CALL_IGNORED; /* unwound */
    const char *code = akt_error_normalize(L, err, LUA_ERRRUN);
    bool late = strcmp(code, "timeout") == 0 && limit && now_of(L) >= limit;
    return late || strcmp(code, "interrupted") == 0 ? AKT_CALL_IGNORED
                                                    : AKT_CALL_FAILED;
}

/* core.breaker_leave(ref, ticket, done, err, limit) */
static int l_breaker_leave(lua_State *L)
{
    uint64_t id = akt_check_ref(L, 1), ticket = (uint64_t)lua_tointeger(L, 2);
    enum akt_call_result result =
        lua_toboolean(L, 3) ? AKT_CALL_OK
                            : result_of(L, 4, (uint64_t)lua_tointeger(L, 5));
    struct akt_gate *gate = akt_gate_hold(gates_of(L), id, AKT_GATE_BREAKER);
    if (!gate)
        return 0; /* it has ended meanwhile */
    uint64_t opened = gate->breaker.opened;
    akt_breaker_leave(&gate->breaker, ticket, result, now_of(L));
    tell_metrics(L, gate, opened, gate->breaker.rejected);
    akt_gate_release(gate);
    return 0;
}

/* core.breaker_fallback(ref) -> a copy of the function, for this call */
static int l_breaker_fallback(lua_State *L)
{
    struct akt_gate *gate = hold(L, AKT_GATE_BREAKER);
    struct akt_image *image = gate->data.p ? akt_image_ref(gate->data.p) : NULL;
    akt_gate_release(gate);
    if (!image)
        return 0;
    akt_push_image(L, image);
    return 1;
}

static void set(lua_State *L, const char *key, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, key);
}

/* core.breaker_state(ref) -> word */
static int l_breaker_state(lua_State *L)
{
    struct akt_gate *gate = hold(L, AKT_GATE_BREAKER);
    enum akt_breaker_state state = akt_breaker_look(&gate->breaker, now_of(L));
    tell_metrics(L, gate, gate->breaker.opened, gate->breaker.rejected);
    akt_gate_release(gate);
    lua_pushstring(L, akt_breaker_state_name(state));
    return 1;
}

/* core.breaker_metrics(ref) -> table */
static int l_breaker_metrics(lua_State *L)
{
    uint64_t ok, failed;
    struct akt_gate *gate = hold(L, AKT_GATE_BREAKER);
    enum akt_breaker_state state = akt_breaker_look(&gate->breaker, now_of(L));
    akt_breaker_window(&gate->breaker, now_of(L), &ok, &failed);
    struct akt_breaker b = gate->breaker;
    akt_gate_release(gate);
    lua_createtable(L, 0, 9);
    lua_pushstring(L, akt_breaker_state_name(state));
    lua_setfield(L, -2, "state");
    set(L, "window_calls", ok + failed);
    set(L, "window_failures", failed);
    set(L, "succeeded", b.ok);
    set(L, "failed", b.failed);
    set(L, "ignored", b.ignored);
    set(L, "late", b.late);
    set(L, "opened", b.opened);
    set(L, "rejected", b.rejected);
    return 1;
}

/* ---- limiters ---- */

static lua_Number check_tokens(lua_State *L)
{
    lua_Number n = lua_isnoneornil(L, 2) ? 1 : lua_tonumber(L, 2);
    if (!(n > 0))
        akt_error_raise(L, "bad_argument",
                        "a limiter gives tokens by a number over 0, not %s",
                        luaL_tolstring(L, 2, NULL));
    return n;
}

static void check_burst(lua_State *L, struct akt_gate *gate, lua_Number n)
{
    lua_Number burst = gate->limiter.options.burst;
    if (n <= burst)
        return;
    akt_gate_release(gate);
    akt_error_raise(L, "bad_argument",
                    "%g tokens are over the burst of %g: they would never be "
                    "there",
                    n, burst);
}

/* core.limiter_try(ref, n) -> taken */
static int l_limiter_try(lua_State *L)
{
    uint64_t wait;
    lua_Number n = check_tokens(L);
    struct akt_gate *gate = hold(L, AKT_GATE_LIMITER);
    check_burst(L, gate, n);
    lua_pushboolean(L,
                    akt_limiter_take(&gate->limiter, n, now_of(L), 0, &wait));
    akt_gate_release(gate);
    return 1;
}

static int raise_late(lua_State *L, uint64_t limit)
{
    akt_error_push(L, "timeout", "limiter: the deadline is before its turn");
    if (akt_is_inherited(L, limit)) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "inherited");
    }
    return lua_error(L);
}

/* core.limiter_take(ref, n) -> seconds to wait; it is taken */
static int l_limiter_take(lua_State *L)
{
    uint64_t wait = 0, now = now_of(L), limit = akt_inherited_deadline(L);
    lua_Number n = check_tokens(L);
    uint64_t most = !akt_can_wait(L) ? 0
                    : !limit         ? UINT64_MAX
                    : limit > now    ? limit - now
                                     : 0;
    struct akt_gate *gate = hold(L, AKT_GATE_LIMITER);
    check_burst(L, gate, n);
    bool taken = akt_limiter_take(&gate->limiter, n, now, most, &wait);
    akt_gate_release(gate);
    if (!taken) {
        akt_check_wait(L, "a limiter");
        return raise_late(L, limit);
    }
    lua_pushnumber(L, (lua_Number)wait / 1e9);
    return 1;
}

/* core.limiter_metrics(ref) -> table */
static int l_limiter_metrics(lua_State *L)
{
    struct akt_gate *gate = hold(L, AKT_GATE_LIMITER);
    lua_Number tokens = akt_limiter_tokens(&gate->limiter, now_of(L));
    struct akt_limiter l = gate->limiter;
    akt_gate_release(gate);
    lua_createtable(L, 0, 4);
    lua_pushnumber(L, tokens);
    lua_setfield(L, -2, "tokens");
    set(L, "taken", l.taken);
    set(L, "waited", l.waited);
    set(L, "refused", l.refused);
    return 1;
}

/* core.gate_type(ref) -> "breaker", "limiter" or nil */
static int l_gate_type(lua_State *L)
{
    static const char *const words[] = {"breaker", "limiter"};
    uint64_t id = akt_check_ref(L, 1);
    for (int type = AKT_GATE_BREAKER; type <= AKT_GATE_LIMITER; type++) {
        struct akt_gate *gate =
            akt_gate_hold(gates_of(L), id, (enum akt_gate_type)type);
        if (gate) {
            akt_gate_release(gate);
            lua_pushstring(L, words[type]);
            return 1;
        }
    }
    return 0;
}

const luaL_Reg akt_lib_gates[] = {
    {"breaker", l_breaker},
    {"breaker_enter", l_breaker_enter},
    {"breaker_leave", l_breaker_leave},
    {"breaker_fallback", l_breaker_fallback},
    {"breaker_state", l_breaker_state},
    {"breaker_metrics", l_breaker_metrics},
    {"limiter", l_limiter},
    {"limiter_take", l_limiter_take},
    {"limiter_try", l_limiter_try},
    {"limiter_metrics", l_limiter_metrics},
    {"gate_type", l_gate_type},
    {NULL, NULL},
};
