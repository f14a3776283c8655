/* SPDX-License-Identifier: MIT
 *
 * lua/lib_coroutine.c: the coroutine library of scripts. As in Lua, but when a
 * script's coroutine is preempted, or asks or sleeps, the coroutines that
 * resumed it are suspended with it, out to the scheduler; when the actor goes
 * on, each resumes the next one where it was, and none of them notices.
 */
#include "lua/error.h"
#include "lua/host.h"

#define DEPTH_MAX 150 /* nested resumes; Lua's own limit of C calls is 200 */

static lua_State *check_co(lua_State *L, int arg)
{
    lua_State *co = lua_tothread(L, arg);
    if (!co)
        akt_error_arg(L, arg, "coroutine expected, got %s",
                      luaL_typename(L, arg));
    return co;
}

enum status { RUNNING, SUSPENDED, NORMAL, DEAD };
static const char *const status_names[] = {"running", "suspended", "normal",
                                           "dead"};

static bool is_resuming(const struct akt_lua *h, const lua_State *co)
{
    for (const struct akt_chain *c = h->chain; c; c = c->outer)
        if (c->L == co)
            return true;
    return false;
}

static enum status status_of(lua_State *L, lua_State *co)
{
    if (L == co)
        return RUNNING;
    if (is_resuming(akt_lua_of(L), co) || akt_has_mark(co, AKT_HELD))
        return NORMAL;
    switch (lua_status(co)) {
    case LUA_YIELD:
        return SUSPENDED;
    case LUA_OK: {
        lua_Debug ar;
        if (lua_getstack(co, 0, &ar))
            return NORMAL;
        return lua_gettop(co) == 0 ? DEAD : SUSPENDED;
    }
    default:
        return DEAD;
    }
}

static int depth(const struct akt_lua *h)
{
    int n = 0;
    for (const struct akt_chain *c = h->chain; c; c = c->outer)
        n++;
    return n;
}

/* Values or an error message are on top of L; < 0: an error. */
static int finish(lua_State *L, lua_State *co, int status, int nres)
{
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_xmove(co, L, 1);
        return -1;
    }
    if (!lua_checkstack(L, nres + 1)) {
        lua_pop(co, nres);
        lua_pushliteral(L, "too many results to resume");
        return -1;
    }
    lua_xmove(co, L, nres);
    return nres;
}

/* Resumes; when co must wait for the scheduler, so must L: *waits. Nobody
 * else may resume co then. */
static int resume(lua_State *L, lua_State *co, int nargs, bool *waits)
{
    struct akt_lua *h = akt_lua_of(L);
    int nres;
    akt_mark(co, AKT_HELD, false);
    int status = akt_resume(h, co, L, nargs, &nres);
    *waits = status == LUA_YIELD && h->yield_op != AKT_Y_NONE;
    akt_mark(co, AKT_HELD, *waits);
    return *waits ? 0 : finish(L, co, status, nres);
}

static int start(lua_State *L, lua_State *co, int nargs, bool *waits)
{
    *waits = false;
    enum status s = status_of(L, co);
    if (s != SUSPENDED) {
        lua_pushfstring(L, "cannot resume %s coroutine",
                        s == DEAD ? "dead" : "non-suspended");
        return -1;
    }
    if (depth(akt_lua_of(L)) >= DEPTH_MAX) {
        lua_pushliteral(L, "too many nested coroutines (C stack overflow)");
        return -1;
    }
    if (!lua_checkstack(co, nargs)) {
        lua_pushliteral(L, "too many arguments to resume");
        return -1;
    }
    lua_xmove(L, co, nargs);
    return resume(L, co, nargs, waits);
}

/* ---- resume ---- */

static int give_results(lua_State *L, int n)
{
    lua_pushboolean(L, n >= 0);
    lua_insert(L, n >= 0 ? -(n + 1) : -2);
    return n >= 0 ? n + 1 : 2;
}

static int resume_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    bool waits;
    int n = resume(L, lua_tothread(L, 1), 0, &waits);
    if (waits)
        return lua_yieldk(L, 0, ctx, resume_k);
    return give_results(L, n);
}

static int l_resume(lua_State *L)
{
    lua_State *co = check_co(L, 1);
    bool waits;
    int n = start(L, co, lua_gettop(L) - 1, &waits);
    if (waits)
        return lua_yieldk(L, 0, 0, resume_k);
    return give_results(L, n);
}

/* ---- wrap ---- */

/* Resetting runs __close functions on co: they count as part of its life. */
static int reset(lua_State *L, lua_State *co)
{
    struct akt_lua *h = akt_lua_of(L);
    if (akt_has_mark(co, AKT_DEAF))
        return lua_status(co); /* its error is on top */
    struct akt_chain link = {co, h->chain};
    h->chain = &link;
    akt_preempt_publish(h, co);
    int status = lua_resetthread(co);
    h->chain = link.outer;
    akt_preempt_publish(h, L);
    return status;
}

static int wrap_results(lua_State *L, lua_State *co, int n)
{
    if (n >= 0)
        return n;
    int status = lua_status(co);
    if (status != LUA_OK && status != LUA_YIELD) {
        status = reset(L, co);
        if (status != LUA_OK)
            lua_xmove(co, L, 1);
    }
    if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int wrap_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    bool waits;
    int n = resume(L, co, 0, &waits);
    if (waits)
        return lua_yieldk(L, 0, ctx, wrap_k);
    return wrap_results(L, co, n);
}

static int wrapped(lua_State *L)
{
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    bool waits;
    int n = start(L, co, lua_gettop(L), &waits);
    if (waits)
        return lua_yieldk(L, 0, 0, wrap_k);
    return wrap_results(L, co, n);
}

/* ---- the others ---- */

static int l_create(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    akt_preempt_prepare(co);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int l_wrap(lua_State *L)
{
    l_create(L);
    lua_pushcclosure(L, wrapped, 1);
    return 1;
}

static bool is_outermost(lua_State *L)
{
    const struct akt_lua *h = akt_lua_of(L);
    return h->chain && h->chain->L == L && !h->chain->outer;
}

static int l_yield(lua_State *L)
{
    if (is_outermost(L))
        return luaL_error(L, "attempt to yield from outside a coroutine");
    return lua_yield(L, lua_gettop(L));
}

static int l_status(lua_State *L)
{
    lua_pushstring(L, status_names[status_of(L, check_co(L, 1))]);
    return 1;
}

static int l_isyieldable(lua_State *L)
{
    lua_State *co = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    bool outer = co == L && is_outermost(L);
    lua_pushboolean(L, !outer && lua_isyieldable(co));
    return 1;
}

static int l_running(lua_State *L)
{
    lua_pushthread(L);
    lua_pushboolean(L, is_outermost(L));
    return 2;
}

static int l_close(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    lua_State *co = check_co(L, 1);
    enum status s = status_of(L, co);
    if (s != DEAD && s != SUSPENDED)
        return luaL_error(L, "cannot close a %s coroutine", status_names[s]);
    if (depth(h) >= DEPTH_MAX)
        return luaL_error(L, "too many nested coroutines (C stack overflow)");
    int status = reset(L, co);
    if (status == LUA_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushboolean(L, 0);
    lua_xmove(co, L, 1);
    return 2;
}

/* The coroutine that co has resumed and that waits for the scheduler. */
static lua_State *inner_of(lua_State *co)
{
    lua_Debug ar;
    if (!lua_getstack(co, 0, &ar) || !lua_checkstack(co, 3))
        return NULL;
    int top = lua_gettop(co);
    lua_getinfo(co, "f", &ar);
    lua_CFunction f = lua_tocfunction(co, -1);
    if (f == l_resume)
        lua_getlocal(co, &ar, 1);
    else if (f == wrapped)
        lua_getupvalue(co, -1, 1);
    lua_State *inner = lua_tothread(co, -1);
    lua_settop(co, top);
    return inner && akt_has_mark(inner, AKT_HELD) ? inner : NULL;
}

void akt_coroutine_unwind(struct akt_lua *h, lua_State *co)
{
    lua_State *inner = inner_of(co);
    if (!inner)
        return;
    akt_coroutine_unwind(h, inner);
    akt_mark(inner, AKT_HELD, false);
    struct akt_chain link = {inner, NULL};
    h->chain = &link;
    akt_preempt_publish(h, inner);
    lua_resetthread(inner);
    h->chain = NULL;
    akt_preempt_publish(h, NULL);
}

static const luaL_Reg functions[] = {
    {"create", l_create},   {"wrap", l_wrap},
    {"resume", l_resume},   {"yield", l_yield},
    {"status", l_status},   {"isyieldable", l_isyieldable},
    {"running", l_running}, {"close", l_close},
    {NULL, NULL},
};

void akt_coroutine_open(lua_State *L)
{
    luaL_newlib(L, functions);
}
