/* SPDX-License-Identifier: MIT */
#include "lua/lib_table.h"

#include <stdbool.h>

#include <lauxlib.h>

#include "lua/lib_table_impl.h"
#include "lua/pause.h"

/* ---- what stands in for a table ---- */

static bool has_metafield(lua_State *L, int arg, const char *name)
{
    if (luaL_getmetafield(L, arg, name) == LUA_TNIL)
        return false;
    lua_pop(L, 1);
    return true;
}

static void check_table(lua_State *L, int arg, int use)
{
    if (lua_istable(L, arg))
        return;
    if ((use & AKT_TABLE_READ && !has_metafield(L, arg, "__index")) ||
        (use & AKT_TABLE_WRITE && !has_metafield(L, arg, "__newindex")) ||
        (use & AKT_TABLE_LENGTH && !has_metafield(L, arg, "__len")))
        luaL_checktype(L, arg, LUA_TTABLE);
}

lua_Integer akt_table_check_length(lua_State *L, int arg, int use)
{
    check_table(L, arg, use | AKT_TABLE_LENGTH);
    return luaL_len(L, arg);
}

/* ---- insert, remove, move ---- */

/* Elements to be copied one by one, in the order that overlapping needs. */
struct run {
    int from_table;
    int to_table;
    lua_Integer from;
    lua_Integer to;
    lua_Integer len;
    bool backward;
};

/* Copies from element `done` on; `k` goes on after a pause, by making the same
 * run once more and calling this with its `ctx` as `done`. */
static void copy_run(lua_State *L, const struct run *r, lua_Integer done,
                     lua_KFunction k)
{
    while (done < r->len) {
        lua_Integer i = r->backward ? r->len - 1 - done : done;
        lua_geti(L, r->from_table, r->from + i);
        lua_seti(L, r->to_table, r->to + i);
        done++;
        if (done % AKT_TABLE_PAUSE == 0)
            akt_pause(L, (lua_KContext)done, k);
    }
}

enum {
    INSERT_POS = 2,
    INSERT_VALUE,
    INSERT_END, /* the first free place */
};

static int insert_k(lua_State *L, int status, lua_KContext done)
{
    lua_Integer pos = lua_tointeger(L, INSERT_POS);
    lua_Integer end = lua_tointeger(L, INSERT_END);
    struct run r = {1, 1, pos, pos + 1, end - pos, true};
    (void)status;
    copy_run(L, &r, done, insert_k);
    lua_pushvalue(L, INSERT_VALUE);
    lua_seti(L, 1, pos);
    return 0;
}

static int table_insert(lua_State *L)
{
    lua_Integer len =
        akt_table_check_length(L, 1, AKT_TABLE_READ | AKT_TABLE_WRITE);
    lua_Integer end = (lua_Integer)((lua_Unsigned)len + 1); /* may wrap */
    switch (lua_gettop(L)) {
    case 2:
        lua_seti(L, 1, end);
        return 0;
    case 3: {
        lua_Integer pos = luaL_checkinteger(L, INSERT_POS);
        luaL_argcheck(L, (lua_Unsigned)pos - 1 < (lua_Unsigned)end, INSERT_POS,
                      "position out of bounds");
        lua_pushinteger(L, pos);
        lua_replace(L, INSERT_POS); /* it may have been a string */
        lua_pushinteger(L, end);
        return insert_k(L, LUA_OK, 0);
    }
    default:
        return luaL_error(L, "wrong number of arguments to 'insert'");
    }
}

enum {
    REMOVE_POS = 2,
    REMOVE_LEN,
    REMOVE_VALUE,
};

static int remove_k(lua_State *L, int status, lua_KContext done)
{
    lua_Integer pos = lua_tointeger(L, REMOVE_POS);
    lua_Integer len = lua_tointeger(L, REMOVE_LEN);
    lua_Integer n = pos < len ? len - pos : 0;
    struct run r = {1, 1, pos + 1, pos, n, false};
    (void)status;
    copy_run(L, &r, done, remove_k);
    lua_pushnil(L);
    lua_seti(L, 1, pos + n);
    return 1; /* the value, which is on top */
}

static int table_remove(lua_State *L)
{
    lua_Integer len =
        akt_table_check_length(L, 1, AKT_TABLE_READ | AKT_TABLE_WRITE);
    lua_Integer pos = luaL_optinteger(L, REMOVE_POS, len);
    if (pos != len)
        luaL_argcheck(L, (lua_Unsigned)pos - 1 <= (lua_Unsigned)len, 1,
                      "position out of bounds");
    lua_settop(L, 1);
    lua_pushinteger(L, pos);
    lua_pushinteger(L, len);
    lua_geti(L, 1, pos);
    return remove_k(L, LUA_OK, 0);
}

enum {
    MOVE_FIRST = 2,
    MOVE_LAST,
    MOVE_TO,
    MOVE_TABLE,
    MOVE_BACKWARD,
};

static int move_k(lua_State *L, int status, lua_KContext done)
{
    lua_Integer first = lua_tointeger(L, MOVE_FIRST);
    struct run r = {
        .from_table = 1,
        .to_table = MOVE_TABLE,
        .from = first,
        .to = lua_tointeger(L, MOVE_TO),
        .len = lua_tointeger(L, MOVE_LAST) - first + 1,
        .backward = lua_toboolean(L, MOVE_BACKWARD),
    };
    (void)status;
    copy_run(L, &r, done, move_k);
    lua_pushvalue(L, MOVE_TABLE);
    return 1;
}

static int table_move(lua_State *L)
{
    lua_Integer first = luaL_checkinteger(L, MOVE_FIRST);
    lua_Integer last = luaL_checkinteger(L, MOVE_LAST);
    lua_Integer to = luaL_checkinteger(L, MOVE_TO);
    int target = lua_isnoneornil(L, MOVE_TABLE) ? 1 : MOVE_TABLE;
    check_table(L, 1, AKT_TABLE_READ);
    check_table(L, target, AKT_TABLE_WRITE);
    lua_settop(L, MOVE_TABLE);
    lua_pushvalue(L, target);
    lua_replace(L, MOVE_TABLE);
    if (last < first) {
        lua_settop(L, MOVE_TABLE);
        return 1;
    }
    luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, MOVE_LAST,
                  "too many elements to move");
    luaL_argcheck(L, to <= LUA_MAXINTEGER - (last - first), MOVE_TO,
                  "destination wrap around");
    lua_pushboolean(L, to > first && to <= last &&
                           lua_compare(L, 1, MOVE_TABLE, LUA_OPEQ));
    return move_k(L, LUA_OK, 0);
}

/* ---- concat ---- */

enum {
    CONCAT_SEP = 2,
    CONCAT_FIRST,
    CONCAT_LAST,
};

/* A pause is due after this many bytes too: 8 MiB take a few ms. */
#define CONCAT_PIECE ((size_t)8 << 20)

/* Pushes the text of the elements from `*i` to `last`, or of as many as make a
 * pause due, each with the separator behind it unless it is the last of all.
 * Moves `*i` to the next element; true if there is none. */
static bool concat_some(lua_State *L, lua_Integer *i, lua_Integer last)
{
    size_t sep_len;
    const char *sep = lua_tolstring(L, CONCAT_SEP, &sep_len);
    bool done = false;
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int n = 0; n < AKT_TABLE_PAUSE && luaL_bufflen(&b) < CONCAT_PIECE;
         n++) {
        if (lua_geti(L, 1, *i) != LUA_TSTRING && !lua_isstring(L, -1))
            luaL_error(L,
                       "invalid value (%s) at index %I in table for 'concat'",
                       luaL_typename(L, -1), (LUAI_UACINT)*i);
        luaL_addvalue(&b);
        if (*i == last) { /* it may be the largest integer */
            done = true;
            break;
        }
        luaL_addlstring(&b, sep, sep_len);
        ++*i;
    }
    luaL_pushresult(&b);
    return done;
}

static int concat_k(lua_State *L, int status, lua_KContext ctx)
{
    lua_Integer i = ctx;
    lua_Integer last = lua_tointeger(L, CONCAT_LAST);
    (void)status;
    for (;;) {
        bool done = concat_some(L, &i, last);
        /* Pieces above are shorter than those below, so there are few of them
         * and a byte is copied a logarithmic number of times. */
        while (lua_gettop(L) > CONCAT_LAST + 1 &&
               (done || lua_rawlen(L, -2) <= lua_rawlen(L, -1)))
            lua_concat(L, 2);
        if (done)
            return 1;
        akt_pause(L, (lua_KContext)i, concat_k);
    }
}

static int table_concat(lua_State *L)
{
    lua_Integer last = akt_table_check_length(L, 1, AKT_TABLE_READ);
    luaL_optstring(L, CONCAT_SEP, "");
    lua_Integer i = luaL_optinteger(L, CONCAT_FIRST, 1);
    last = luaL_optinteger(L, CONCAT_LAST, last);
    if (i > last) {
        lua_pushliteral(L, "");
        return 1;
    }
    lua_settop(L, CONCAT_FIRST);
    if (lua_isnil(L, CONCAT_SEP)) {
        lua_pushliteral(L, "");
        lua_replace(L, CONCAT_SEP);
    }
    lua_pushinteger(L, last);
    return concat_k(L, LUA_OK, (lua_KContext)i);
}

void akt_lib_table_open(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"insert", table_insert}, {"remove", table_remove},
        {"move", table_move},     {"concat", table_concat},
        {"sort", akt_table_sort}, {NULL, NULL},
    };
    akt_pause_push(L);
    luaL_setfuncs(L, functions, 1);
}
