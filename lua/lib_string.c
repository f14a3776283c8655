/* SPDX-License-Identifier: MIT */
#include "lua/lib_string.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/pattern.h"
#include "lua/pause.h"

/* A script's position as an offset from 0: negative ones count from the end,
 * and what lies in front of the string is its start. */
static size_t offset_of(lua_Integer pos, size_t len)
{
    if (pos > 0)
        return (size_t)pos - 1;
    if (pos == 0 || pos < -(lua_Integer)len)
        return 0;
    return len - (size_t)-pos;
}

/* ---- find and match ---- */

enum {
    FIND_INIT = 3,
    FIND_PLAIN = 4,
    FIND_BUDGET = 5, /* what a search that paused has left */
};

static int push_found(lua_State *L, struct akt_pattern *m, bool find,
                      const char *start, const char *end)
{
    if (!find)
        return akt_pattern_push_captures(m, start, end, true);
    lua_pushinteger(L, start - m->src + 1);
    lua_pushinteger(L, end - m->src);
    return 2 + akt_pattern_push_captures(m, start, end, false);
}

static int search(lua_State *L, bool find, size_t at, lua_KFunction k)
{
    struct akt_pattern m;
    const char *end;
    akt_pattern_init(&m, L, find ? "find" : "match", 1, 2, true);
    const char *start = m.src + at;
    if (!lua_isnil(L, FIND_BUDGET))
        m.budget = lua_tointeger(L, FIND_BUDGET);
    for (;;) {
        switch (akt_pattern_search(&m, &start, &end, NULL)) {
        case AKT_PATTERN_FOUND:
            return push_found(L, &m, find, start, end);
        case AKT_PATTERN_NONE:
            luaL_pushfail(L);
            return 1;
        case AKT_PATTERN_PAUSED:
            lua_pushinteger(L, m.budget);
            lua_replace(L, FIND_BUDGET);
            akt_pause(L, start - m.src, k);
        }
    }
}

static int find_k(lua_State *L, int status, lua_KContext at)
{
    (void)status;
    return search(L, true, (size_t)at, find_k);
}

static int match_k(lua_State *L, int status, lua_KContext at)
{
    (void)status;
    return search(L, false, (size_t)at, match_k);
}

/* memchr is twice as fast as memmem while the first byte is rare, and memmem
 * never takes quadratic time. So memchr goes on until there were more false
 * starts than one in 32 bytes, and only where a false start is cheap. */
#define FALSE_STARTS 16
#define SHORT_TEXT 64

static const char *find_bytes(const char *s, size_t len, const char *pat,
                              size_t pat_len)
{
    if (pat_len == 0)
        return s;
    const char *end = s + len;
    ptrdiff_t credit = FALSE_STARTS;
    while (pat_len <= SHORT_TEXT && pat_len <= (size_t)(end - s) &&
           credit-- > 0) {
        const char *at = memchr(s, *pat, (size_t)(end - s) - pat_len + 1);
        if (!at || !memcmp(at, pat, pat_len))
            return at;
        credit += (at - s) / 32;
        s = at + 1;
    }
    return memmem(s, (size_t)(end - s), pat, pat_len);
}

static int find_plain(lua_State *L, size_t at)
{
    size_t len, pat_len;
    const char *s = lua_tolstring(L, 1, &len);
    const char *pat = lua_tolstring(L, 2, &pat_len);
    const char *found = find_bytes(s + at, len - at, pat, pat_len);
    if (!found) {
        luaL_pushfail(L);
        return 1;
    }
    lua_pushinteger(L, found - s + 1);
    lua_pushinteger(L, found - s + (lua_Integer)pat_len);
    return 2;
}

static int find_or_match(lua_State *L, bool find, lua_KFunction k)
{
    size_t len, pat_len;
    luaL_checklstring(L, 1, &len);
    const char *pat = luaL_checklstring(L, 2, &pat_len);
    size_t at = offset_of(luaL_optinteger(L, FIND_INIT, 1), len);
    if (at > len) {
        luaL_pushfail(L);
        return 1;
    }
    if (find &&
        (lua_toboolean(L, FIND_PLAIN) || akt_pattern_is_plain(pat, pat_len)))
        return find_plain(L, at);
    lua_settop(L, FIND_PLAIN);
    lua_pushnil(L);
    return search(L, find, at, k);
}

static int string_find(lua_State *L)
{
    return find_or_match(L, true, find_k);
}

static int string_match(lua_State *L)
{
    return find_or_match(L, false, match_k);
}

/* ---- gmatch ---- */

enum {
    GMATCH_SUBJECT = 2, /* upvalues of the iterator; 1 is for pauses */
    GMATCH_PATTERN,
    GMATCH_STATE,
};

#define NO_MATCH SIZE_MAX

struct gmatch {
    size_t at;      /* where the next search starts */
    size_t last;    /* end of the previous match, or NO_MATCH */
    int64_t budget; /* of a search that paused, else 0 */
};

static int gmatch_next(lua_State *L);

static int gmatch_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return gmatch_next(L);
}

static int gmatch_next(lua_State *L)
{
    struct gmatch *g = lua_touserdata(L, lua_upvalueindex(GMATCH_STATE));
    struct akt_pattern m;
    const char *end;
    akt_pattern_init(&m, L, "gmatch", lua_upvalueindex(GMATCH_SUBJECT),
                     lua_upvalueindex(GMATCH_PATTERN), false);
    for (;;) {
        if (g->at > (size_t)(m.src_end - m.src))
            return 0;
        if (g->budget)
            m.budget = g->budget;
        const char *start = m.src + g->at;
        const char *last = g->last == NO_MATCH ? NULL : m.src + g->last;
        enum akt_pattern_result r = akt_pattern_search(&m, &start, &end, last);
        if (r == AKT_PATTERN_NONE)
            return 0;
        if (r == AKT_PATTERN_FOUND) {
            g->at = g->last = (size_t)(end - m.src);
            g->budget = 0;
            return akt_pattern_push_captures(&m, start, end, true);
        }
        g->at = (size_t)(start - m.src);
        g->budget = m.budget;
        akt_pause(L, 0, gmatch_k);
    }
}

static int string_gmatch(lua_State *L)
{
    size_t len;
    luaL_checklstring(L, 1, &len);
    luaL_checkstring(L, 2);
    size_t at = offset_of(luaL_optinteger(L, 3, 1), len);
    lua_settop(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    struct gmatch *g = lua_newuserdatauv(L, sizeof *g, 0);
    g->at = at > len ? len + 1 : at;
    g->last = NO_MATCH;
    g->budget = 0;
    lua_pushcclosure(L, gmatch_next, GMATCH_STATE);
    return 1;
}

/* ---- gsub ---- */

enum {
    GSUB_REPLACEMENT = 3,
    GSUB_MAX,
    GSUB_STATE, /* struct gsub once it had to move here, else nil */
    GSUB_BYTES, /* the result's bytes once they outgrow `small`, else nil */
};

/* Most results fit; the C stack of a nested callback stays small. */
#define GSUB_SMALL 512

/* It lives on the C stack until a call that may yield, which would lose it. */
struct gsub {
    size_t at;     /* where the next search starts */
    size_t last;   /* end of the previous match, or NO_MATCH */
    size_t copied; /* the result has all replacements up to here */
    size_t start;  /* the match whose replacement is being made */
    size_t end;
    lua_Integer count;
    lua_Integer max;
    int64_t budget; /* of a search that paused, else 0 */
    int64_t spent;  /* since the last pause, in the matcher's quarter steps */
    int type;       /* of the replacement */
    bool changed;
    bool parked; /* this is the copy in GSUB_STATE */
    char *bytes; /* the result so far: `small`, or what is in GSUB_BYTES */
    size_t len;
    size_t cap;
    char small[GSUB_SMALL];
};

static int gsub_run(lua_State *L, struct gsub *g);

static void gsub_init(struct gsub *g, lua_Integer max, int type)
{
    memset(g, 0, offsetof(struct gsub, small));
    g->last = NO_MATCH;
    g->max = max;
    g->type = type;
    g->bytes = g->small;
    g->cap = sizeof g->small;
}

static struct gsub *gsub_park(lua_State *L, struct gsub *g)
{
    if (g->parked)
        return g;
    struct gsub *parked = lua_newuserdatauv(L, sizeof *parked, 0);
    memcpy(parked, g, offsetof(struct gsub, small));
    if (g->bytes == g->small) {
        memcpy(parked->small, g->small, g->len);
        parked->bytes = parked->small;
    }
    parked->parked = true;
    lua_replace(L, GSUB_STATE);
    return parked;
}

static void gsub_grow(lua_State *L, struct gsub *g, size_t more)
{
    size_t cap = g->cap * 2;
    if (cap - g->len < more)
        cap = g->len + more;
    char *bytes = lua_newuserdatauv(L, cap, 0);
    memcpy(bytes, g->bytes, g->len);
    lua_replace(L, GSUB_BYTES);
    g->bytes = bytes;
    g->cap = cap;
}

static inline void gsub_add(lua_State *L, struct gsub *g, const char *s,
                            size_t len)
{
    if (g->cap - g->len < len)
        gsub_grow(L, g, len);
    char *to = g->bytes + g->len;
    g->len += len;
    g->spent += (int64_t)(len / 16);
    if (len > 8)
        memcpy(to, s, len);
    else /* a call costs more than so few bytes */
        while (len--)
            *to++ = *s++;
}

/* Adds what lies between the previous replacement and this match. */
static void gsub_add_kept(lua_State *L, struct gsub *g, const char *src)
{
    gsub_add(L, g, src + g->copied, g->start - g->copied);
    g->copied = g->end;
    g->changed = true;
}

static void gsub_add_capture(lua_State *L, struct gsub *g,
                             struct akt_pattern *m, int i)
{
    size_t len;
    const char *start = m->src + g->start;
    const char *end = m->src + g->end;
    const char *text = akt_pattern_capture(m, i, start, end, &len);
    if (text) {
        gsub_add(L, g, text, len);
        return;
    }
    text = lua_tolstring(L, -1, &len);
    gsub_add(L, g, text, len);
    lua_pop(L, 1);
}

/* Adds the replacement string with its %0 to %9 filled in. */
static void gsub_add_template(lua_State *L, struct gsub *g,
                              struct akt_pattern *m)
{
    size_t len;
    const char *t = lua_tolstring(L, GSUB_REPLACEMENT, &len);
    const char *end = t + len;
    const char *escape;
    gsub_add_kept(L, g, m->src);
    while ((escape = memchr(t, '%', (size_t)(end - t)))) {
        gsub_add(L, g, t, (size_t)(escape - t));
        char c = escape[1]; /* the zero byte where the string ends */
        if (c == '%')
            gsub_add(L, g, &c, 1);
        else if (c == '0')
            gsub_add(L, g, m->src + g->start, g->end - g->start);
        else if (isdigit((unsigned char)c))
            gsub_add_capture(L, g, m, c - '1');
        else
            luaL_error(L, "invalid use of '%%' in replacement string");
        t = escape + 2;
    }
    gsub_add(L, g, t, (size_t)(end - t));
}

/* Takes the value on top, which a function or a table gave for the match. */
static void gsub_take(lua_State *L, struct gsub *g)
{
    if (lua_toboolean(L, -1)) {
        size_t len;
        if (!lua_isstring(L, -1))
            luaL_error(L, "invalid replacement value (a %s)",
                       luaL_typename(L, -1));
        gsub_add_kept(L, g, lua_tostring(L, 1));
        const char *text = lua_tolstring(L, -1, &len);
        gsub_add(L, g, text, len);
    }
    lua_settop(L, GSUB_BYTES); /* a lookup left more than the value */
}

/* Why gsub's continuation is called. */
enum {
    GSUB_PAUSED,
    GSUB_CALLED,
};

static int gsub_k(lua_State *L, int status, lua_KContext why)
{
    struct gsub *g = lua_touserdata(L, GSUB_STATE);
    (void)status;
    if (why == GSUB_CALLED)
        gsub_take(L, g);
    return gsub_run(L, g);
}

/* As many tables as stock Lua follows on the way to a value. */
#define INDEX_CHAIN_MAX 2000

/* With a key on top, pushes what the table at GSUB_REPLACEMENT has for it:
 * either the value itself, or a function and its two arguments to be called
 * for the value, since lua_gettable's own call of __index could not yield. */
static bool push_lookup(lua_State *L)
{
    int key = lua_gettop(L);
    lua_pushvalue(L, GSUB_REPLACEMENT);
    for (int i = 0; i < INDEX_CHAIN_MAX && lua_istable(L, -1); i++) {
        lua_pushvalue(L, key);
        if (lua_rawget(L, -2) != LUA_TNIL)
            return true;
        if (luaL_getmetafield(L, -2, "__index") == LUA_TNIL)
            return true; /* the nil is still there */
        lua_replace(L, -2);
        if (lua_isfunction(L, -1)) {
            lua_insert(L, -2);
            lua_pushvalue(L, key);
            return false;
        }
        lua_replace(L, -2);
    }
    lua_pushvalue(L, key); /* a userdata, or a loop: as Lua does it */
    lua_gettable(L, -2);
    return true;
}

/* Pushes the replacement that the script's function or table has for the
 * match; `*g` moves to the Lua stack if that takes a call. */
static void gsub_ask(lua_State *L, struct gsub **g, struct akt_pattern *m)
{
    const char *start = m->src + (*g)->start;
    const char *end = m->src + (*g)->end;
    int args = 2;
    if ((*g)->type == LUA_TFUNCTION) {
        *g = gsub_park(L, *g);
        lua_pushvalue(L, GSUB_REPLACEMENT);
        args = akt_pattern_push_captures(m, start, end, true);
    } else {
        akt_pattern_push_capture(m, 0, start, end);
        if (push_lookup(L))
            return;
        *g = gsub_park(L, *g);
    }
    lua_callk(L, args, 1, GSUB_CALLED, gsub_k);
}

static int gsub_finish(lua_State *L, struct gsub *g)
{
    if (!g->changed) {
        lua_pushvalue(L, 1);
    } else {
        size_t len;
        const char *src = lua_tolstring(L, 1, &len);
        gsub_add(L, g, src + g->copied, len - g->copied);
        lua_pushlstring(L, g->bytes, g->len);
    }
    lua_pushinteger(L, g->count);
    return 2;
}

/* One search, as far as it gets without a pause. */
static enum akt_pattern_result gsub_search(struct gsub *g,
                                           struct akt_pattern *m)
{
    const char *start = m->src + g->at;
    const char *end = NULL;
    const char *last = g->last == NO_MATCH ? NULL : m->src + g->last;
    m->budget = g->budget ? g->budget : akt_pattern_budget(m);
    enum akt_pattern_result r = akt_pattern_search(m, &start, &end, last);
    g->spent += m->spent;
    g->budget = m->budget;
    g->at = (size_t)(start - m->src);
    if (r == AKT_PATTERN_FOUND) {
        g->count++;
        g->start = g->at;
        g->end = g->at = g->last = (size_t)(end - m->src);
        g->budget = 0;
    }
    return r;
}

/* From the current state to the end. Each call of Lua comes when the state is
 * complete, so that after a yield gsub_k goes on as if nothing happened. */
static int gsub_run(lua_State *L, struct gsub *g)
{
    struct akt_pattern m;
    akt_pattern_init(&m, L, "gsub", 1, 2, true);
    while (g->count < g->max && !(m.anchored && g->count > 0)) {
        enum akt_pattern_result r = gsub_search(g, &m);
        if (r == AKT_PATTERN_NONE)
            break;
        if (r == AKT_PATTERN_FOUND && g->type == LUA_TSTRING) {
            gsub_add_template(L, g, &m);
        } else if (r == AKT_PATTERN_FOUND) {
            gsub_ask(L, &g, &m);
            gsub_take(L, g);
        }
        if (g->spent > AKT_PATTERN_QUARTERS * AKT_PATTERN_PAUSE) {
            g->spent = 0;
            g = gsub_park(L, g);
            akt_pause(L, GSUB_PAUSED, gsub_k);
        }
    }
    return gsub_finish(L, g);
}

static int string_gsub(lua_State *L)
{
    size_t len;
    struct gsub g;
    luaL_checklstring(L, 1, &len);
    luaL_checkstring(L, 2);
    int type = lua_type(L, GSUB_REPLACEMENT);
    lua_Integer max = luaL_optinteger(L, GSUB_MAX, (lua_Integer)len + 1);
    if (type == LUA_TNUMBER)
        type = LUA_TSTRING;
    if (type != LUA_TSTRING && type != LUA_TFUNCTION && type != LUA_TTABLE)
        luaL_typeerror(L, GSUB_REPLACEMENT, "string/function/table");
    lua_settop(L, GSUB_BYTES);
    gsub_init(&g, max, type);
    return gsub_run(L, &g);
}

/* ---- rep ---- */

/* Fills [0, total) by doubling what is there, [0, len). */
static void repeat(char *bytes, size_t len, size_t total)
{
    while (len < total) {
        size_t n = len < total - len ? len : total - len;
        memcpy(bytes + len, bytes, n);
        len += n;
    }
}

static int string_rep(lua_State *L)
{
    size_t len, sep_len;
    const char *s = luaL_checklstring(L, 1, &len);
    lua_Integer n = luaL_checkinteger(L, 2);
    const char *sep = luaL_optlstring(L, 3, "", &sep_len);
    if (n <= 0 || len + sep_len == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (n == 1) {
        lua_settop(L, 1);
        return 1;
    }
    /* Both are far from SIZE_MAX / 2 (in memory), so the sum is exact. */
    if ((lua_Unsigned)n > (AKT_STRING_REP_MAX + sep_len) / (len + sep_len))
        return luaL_error(L, "resulting string too large");
    size_t total = (size_t)n * (len + sep_len) - sep_len;
    luaL_Buffer b;
    char *bytes = luaL_buffinitsize(L, &b, total);
    memcpy(bytes, s, len);
    memcpy(bytes + len, sep, sep_len);
    repeat(bytes, len + sep_len, total);
    luaL_pushresultsize(&b, total);
    return 1;
}

void akt_lib_string_open(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"find", string_find},     {"match", string_match},
        {"gmatch", string_gmatch}, {"gsub", string_gsub},
        {"rep", string_rep},       {NULL, NULL},
    };
    akt_pause_push(L);
    luaL_setfuncs(L, functions, 1);
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
}
