/* SPDX-License-Identifier: MIT
 *
 * lua/lib_future.c: akt.async, and waiting for answers that come later.
 */
#include "lua/error.h"
#include "lua/lib_impl.h"
#include "vm/strand.h"

/* core.async(dest, tag, ...) -> the number of the answer */
static int l_async(lua_State *L)
{
    akt_check_room(L, "async");
    struct akt_pending *p = akt_start_ask(L, "async", false);
    uint64_t *box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = p->id;
    luaL_setmetatable(L, "akt.future");
    return 1;
}

static uint64_t *check_future(lua_State *L, int arg)
{
    return luaL_checkudata(L, arg, "akt.future");
}

static int future_k(lua_State *L, int status, lua_KContext id)
{
    (void)status;
    akt_strand_clear_edge(akt_lua_self(L));
    if (akt_task_results(L, 1))
        return akt_task_take(L, (uint64_t)id);
    return akt_take_answer(L, "async", (uint64_t)id);
}

/* The deadline of the place that waits: one more thing to wait for. NULL:
 * there is none. */
static struct akt_pending *open_limit(lua_State *L)
{
    uint64_t end = akt_inherited_deadline(L);
    if (!end)
        return NULL;
    struct akt_lua *h = akt_lua_of(L);
    struct akt_pending *p =
        akt_pending_open(h->iso, h->iso->current, AKT_P_CALL, end);
    p->inherited = akt_is_inherited(L, end);
    akt_await(p->actor, p);
    return p;
}

/* `passed`: nothing else came, so it is over. Raises then. */
static void close_limit(lua_State *L, uint64_t id, bool passed)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_pending *p = akt_pending_find(h->iso, id);
    if (!p)
        return;
    if (passed)
        akt_push_failure(L, "async", p);
    akt_pending_close(h->iso, p);
    if (passed)
        lua_error(L);
}

/* The future is at 1. */
static int limited_k(lua_State *L, int status, lua_KContext limit)
{
    struct akt_lua *h = akt_lua_of(L);
    uint64_t id = *check_future(L, 1);
    struct akt_pending *p = akt_pending_find(h->iso, id);
    bool passed = p && !p->done;
    if (passed) {
        p->awaited = false; /* the future goes on */
        akt_strand_clear_edge(h->iso->current);
    }
    close_limit(L, (uint64_t)limit, passed);
    return future_k(L, status, (lua_KContext)id);
}

static int future_wait(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    uint64_t id = *check_future(L, 1);
    struct akt_pending *p = akt_pending_find(h->iso, id);
    if (!p || p->actor != h->iso->current)
        return akt_take_answer(L, "future", p ? 0 : id);
    if (p->done)
        return future_k(L, LUA_OK, (lua_KContext)id);
    akt_check_wait(L, "a future");
    akt_main_waits(L);
    akt_check_circle(L, p);
    struct akt_pending *limit = open_limit(L);
    if (!limit)
        return akt_wait(L, p, future_k);
    akt_await(p->actor, p);
    lua_settop(L, 1);
    return akt_wait(L, limit, limited_k);
}

static int future_gc(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    uint64_t *box = check_future(L, 1);
    struct akt_pending *p = akt_pending_find(h->iso, *box);
    if (p && !p->awaited)
        akt_pending_close(h->iso, p);
    *box = 0;
    return 0;
}

static int future_done(lua_State *L)
{
    struct akt_pending *p =
        akt_pending_find(akt_lua_of(L)->iso, *check_future(L, 1));
    lua_pushboolean(L, !p || p->done);
    return 1;
}

static int first_done(lua_State *L, struct akt_lua *h, int n)
{
    for (int i = 1; i <= n; i++) {
        struct akt_pending *p = akt_pending_find(h->iso, *check_future(L, i));
        if (!p || p->done)
            return i;
        if (p->actor != h->iso->current)
            akt_error_raise(L, "denied",
                            "first: the future is another actor's");
    }
    return 0;
}

/* The stack: the futures. */
static int any_k(lua_State *L, int status, lua_KContext limit)
{
    (void)status;
    struct akt_lua *h = akt_lua_of(L);
    int n = lua_gettop(L);
    for (int i = 1; i <= n; i++) {
        struct akt_pending *p = akt_pending_find(h->iso, *check_future(L, i));
        if (p)
            p->awaited = false;
    }
    int done = first_done(L, h, n);
    close_limit(L, (uint64_t)limit, !done);
    lua_pushinteger(L, done);
    return 1;
}

/* core.wait_any(future, ...) -> index of one that is done */
static int l_wait_any(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    int n = lua_gettop(L);
    luaL_argcheck(L, n > 0, 1, "at least one future");
    int done = first_done(L, h, n);
    if (done) {
        lua_pushinteger(L, done);
        return 1;
    }
    akt_check_wait(L, "first");
    akt_main_waits(L);
    for (int i = 1; i <= n; i++)
        akt_await(h->iso->current,
                  akt_pending_find(h->iso, *check_future(L, i)));
    struct akt_pending *limit = open_limit(L);
    h->yield_op = AKT_Y_WAIT;
    return lua_yieldk(L, 0, limit ? (lua_KContext)limit->id : 0, any_k);
}

static const luaL_Reg future_methods[] = {
    {"wait", future_wait}, {"done", future_done}, {NULL, NULL}};

void akt_lib_future_open(lua_State *L, int akt, int core)
{
    lua_pushcfunction(L, l_async);
    lua_setfield(L, akt, "async");
    lua_pushcfunction(L, l_wait_any);
    lua_setfield(L, core, "wait_any");
    luaL_newmetatable(L, "akt.future");
    luaL_newlib(L, future_methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, future_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushliteral(L, "future");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
