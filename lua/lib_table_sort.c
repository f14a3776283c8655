/* SPDX-License-Identifier: MIT
 *
 * Sorting is written as a state that is carried on the Lua stack, so that it
 * can go on after any comparison that yielded. The elements themselves do not
 * move until the end: what is merged are integers in C memory, either numbers
 * that stand for the elements' order, or the elements' indices.
 */
#include "lua/lib_table_impl.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/lib_table.h"
#include "lua/pause.h"

enum {
    SORT_COMPARE = 2, /* the comparator or nil */
    SORT_STATE,
    SORT_COPY, /* a plain table with the elements, or the first of them */
};

/* So few elements are copied to the stack and not to a table: cheaper to make
 * and to read. A coroutine's stack of this size is still small. */
#define ON_STACK_MAX 200

/* Numbers start as runs of this length, made by insertion. */
#define FIRST_RUN 12

enum sort_phase {
    SORT_READ,  /* elements to the copy */
    SORT_RUNS,  /* numbers only: the first runs */
    SORT_MERGE, /* runs of `width` from `src` to `dst` */
    SORT_CHECK, /* the comparator that always said true */
    SORT_WRITE, /* elements back to the table, in order */
};

struct sort {
    enum sort_phase phase;
    bool numbers;     /* `src` holds order_of(element), else indices */
    bool floats;      /* all numbers are floats, else all are integers */
    bool plain;       /* no comparator, and all numbers or all strings */
    bool always_true; /* so said the comparator up to now */
    int type;         /* of the first element */
    int work;         /* units until the next pause is due */
    lua_Integer n;
    lua_Integer width;
    lua_Integer left; /* the two runs that are being merged */
    lua_Integer left_end;
    lua_Integer right;
    lua_Integer right_end;
    lua_Integer out; /* the next element of `dst`; the index in other phases */
    int64_t *src;
    int64_t *dst;
    int64_t space[]; /* two halves of n */
};

/* Why sort's continuation is called. */
enum {
    SORT_PAUSED,
    SORT_COMPARED,
};

static int sort_k(lua_State *L, int status, lua_KContext why);

/* The state must be complete here: after a yield sort_k takes over. */
static inline void sort_work(lua_State *L, struct sort *s, int units)
{
    s->work -= units;
    if (s->work <= 0) {
        s->work = AKT_TABLE_PAUSE;
        akt_pause(L, SORT_PAUSED, sort_k);
    }
}

/* ---- numbers ---- */

/* Integers in the order of the floats they are made from. The two zeros, which
 * Lua holds equal, and NaN, which has no order, get places of their own. The
 * function is its own inverse. */
static int64_t flip(int64_t bits)
{
    return bits < 0 ? bits ^ INT64_MAX : bits;
}

/* The number on top as `*order`; false if it is none of the kind sorted. */
static bool order_of(lua_State *L, const struct sort *s, int64_t *order)
{
    if (lua_type(L, -1) != LUA_TNUMBER || lua_isinteger(L, -1) == s->floats)
        return false;
    if (s->floats) {
        lua_Number x = lua_tonumber(L, -1);
        memcpy(order, &x, sizeof x);
        *order = flip(*order);
    } else {
        *order = lua_tointeger(L, -1);
    }
    return true;
}

static void push_number(lua_State *L, const struct sort *s, int64_t order)
{
    if (s->floats) {
        lua_Number x;
        order = flip(order);
        memcpy(&x, &order, sizeof x);
        lua_pushnumber(L, x);
    } else {
        lua_pushinteger(L, order);
    }
}

static void insertion_sort(int64_t *a, lua_Integer n)
{
    for (lua_Integer i = 1; i < n; i++) {
        int64_t x = a[i];
        lua_Integer j = i;
        for (; j > 0 && x < a[j - 1]; j--)
            a[j] = a[j - 1];
        a[j] = x;
    }
}

static void sort_runs(lua_State *L, struct sort *s)
{
    while (s->out < s->n) {
        lua_Integer n = s->n - s->out;
        if (n > s->width)
            n = s->width;
        insertion_sort(s->src + s->out, n);
        s->out += n;
        sort_work(L, s, FIRST_RUN);
    }
}

/* Merges until one run is used up or a pause is due. */
static void merge_numbers(lua_State *L, struct sort *s)
{
    int64_t *out = s->dst + s->out;
    const int64_t *left = s->src + s->left;
    const int64_t *right = s->src + s->right;
    lua_Integer most = AKT_TABLE_PAUSE;
    lua_Integer lefts = s->left_end - s->left;
    lua_Integer rights = s->right_end - s->right;
    if (lefts + rights < most)
        most = lefts + rights;
    const int64_t *left_end = left + lefts;
    const int64_t *right_end = right + rights;
    const int64_t *out_end = out + most;
    while (left < left_end && right < right_end && out < out_end) {
        bool less = *right < *left; /* no branch: it would be a coin toss */
        *out++ = less ? *right : *left;
        right += less;
        left += !less;
    }
    s->left = left - s->src;
    s->right = right - s->src;
    int taken = (int)(out - (s->dst + s->out));
    s->out += taken;
    sort_work(L, s, taken);
}

/* ---- elements of any type ---- */

static inline void push_element(lua_State *L, const struct sort *s,
                                lua_Integer i)
{
    if (s->n <= ON_STACK_MAX)
        lua_pushvalue(L, SORT_COPY + (int)i);
    else
        lua_rawgeti(L, SORT_COPY, i + 1);
}

/* What is above the copy goes. */
static inline void drop(lua_State *L, const struct sort *s)
{
    lua_settop(L, SORT_COPY + (s->n <= ON_STACK_MAX ? (int)s->n - 1 : 0));
}

/* Pushes the script's function that compares the elements, over things that
 * are dropped later; false where Lua itself compares. */
static bool push_comparator(lua_State *L, const struct sort *s, int64_t a,
                            int64_t b)
{
    if (!lua_isnil(L, SORT_COMPARE)) {
        lua_pushvalue(L, SORT_COMPARE);
        return true;
    }
    push_element(L, s, a);
    if (luaL_getmetafield(L, -1, "__lt") != LUA_TNIL)
        return true;
    push_element(L, s, b);
    return luaL_getmetafield(L, -1, "__lt") != LUA_TNIL;
}

static bool answer(lua_State *L, struct sort *s)
{
    bool less = lua_toboolean(L, -1);
    drop(L, s);
    s->always_true &= less;
    return less;
}

/* Whether element `a` must be in front of element `b`. */
static bool is_less(lua_State *L, struct sort *s, int64_t a, int64_t b)
{
    bool script = !s->plain && push_comparator(L, s, a, b);
    push_element(L, s, a);
    push_element(L, s, b);
    if (!script) {
        bool less = lua_compare(L, -2, -1, LUA_OPLT);
        drop(L, s);
        s->always_true = false; /* Lua's own order needs no check */
        return less;
    }
    lua_callk(L, 2, 1, SORT_COMPARED, sort_k);
    return answer(L, s);
}

static inline void take(struct sort *s, bool right)
{
    s->dst[s->out++] = s->src[right ? s->right++ : s->left++];
}

static void merge_elements(lua_State *L, struct sort *s)
{
    while (s->left < s->left_end && s->right < s->right_end) {
        take(s, is_less(L, s, s->src[s->right], s->src[s->left]));
        sort_work(L, s, 1);
    }
}

/* ---- merging ---- */

static void begin_pair(struct sort *s, lua_Integer at)
{
    lua_Integer rest = s->n - at;
    s->out = s->left = at;
    s->left_end = at + (rest < s->width ? rest : s->width);
    s->right = s->left_end;
    rest = s->n - s->right;
    s->right_end = s->right + (rest < s->width ? rest : s->width);
}

static void begin_pass(struct sort *s, lua_Integer width)
{
    s->width = width;
    begin_pair(s, 0);
}

/* What one run has left when the other is used up. */
static void copy_rest(struct sort *s)
{
    bool right = s->left == s->left_end;
    lua_Integer from = right ? s->right : s->left;
    lua_Integer end = right ? s->right_end : s->left_end;
    memcpy(s->dst + s->out, s->src + from,
           (size_t)(end - from) * sizeof *s->dst);
}

static void sort_merge(lua_State *L, struct sort *s)
{
    while (s->width < s->n) {
        while (s->left < s->left_end && s->right < s->right_end) {
            if (s->numbers)
                merge_numbers(L, s);
            else
                merge_elements(L, s);
        }
        copy_rest(s);
        if (s->right_end < s->n) {
            begin_pair(s, s->right_end);
            continue;
        }
        int64_t *swap = s->src;
        s->src = s->dst;
        s->dst = swap;
        begin_pass(s, s->width * 2);
    }
}

/* ---- reading, checking, writing ---- */

/* From numbers to elements of any type; the reading starts again. */
static void begin_elements(lua_State *L, struct sort *s)
{
    s->numbers = false;
    s->plain = lua_isnil(L, SORT_COMPARE);
    s->out = 0;
    s->width = 1;
    lua_settop(L, SORT_STATE);
    if (s->n > ON_STACK_MAX)
        lua_createtable(L, (int)s->n, 0);
    else
        luaL_checkstack(L, ON_STACK_MAX + LUA_MINSTACK, "table.sort");
}

/* Element `out` is on top of the stack. */
static void keep_element(lua_State *L, struct sort *s)
{
    int type = lua_type(L, -1);
    if (s->out == 0)
        s->type = type;
    s->plain &= type == s->type && (type == LUA_TNUMBER || type == LUA_TSTRING);
    s->src[s->out] = s->out;
    s->out++;
    if (s->n > ON_STACK_MAX)
        lua_rawseti(L, SORT_COPY, s->out);
}

static void sort_read(lua_State *L, struct sort *s)
{
    while (s->out < s->n) {
        lua_geti(L, 1, s->out + 1);
        if (!s->numbers) {
            keep_element(L, s);
        } else if (order_of(L, s, &s->src[s->out])) {
            s->out++;
            lua_pop(L, 1);
        } else {
            begin_elements(L, s);
        }
        sort_work(L, s, 1);
    }
}

static void sort_write(lua_State *L, struct sort *s)
{
    while (s->out < s->n) {
        if (s->numbers)
            push_number(L, s, s->src[s->out]);
        else
            push_element(L, s, s->src[s->out]);
        s->out++;
        lua_seti(L, 1, s->out);
        sort_work(L, s, 1);
    }
}

static void refuse_if(lua_State *L, bool refused)
{
    if (refused)
        luaL_error(L, "invalid order function for sorting");
}

/* With fewer elements stock Lua does not notice either. */
#define CHECK_MIN 4

static void sort_check(lua_State *L, struct sort *s)
{
    if (!s->numbers && s->always_true && s->n >= CHECK_MIN)
        refuse_if(L, is_less(L, s, s->src[1], s->src[0]));
}

/* From the current state to the end. */
static int sort_run(lua_State *L, struct sort *s)
{
    switch (s->phase) {
    case SORT_READ:
        sort_read(L, s);
        s->phase = SORT_RUNS;
        s->out = 0;
        /* fall through */
    case SORT_RUNS:
        if (s->numbers)
            sort_runs(L, s);
        s->phase = SORT_MERGE;
        begin_pass(s, s->width);
        /* fall through */
    case SORT_MERGE:
        sort_merge(L, s);
        s->phase = SORT_CHECK;
        sort_check(L, s);
        /* fall through */
    case SORT_CHECK:
        s->phase = SORT_WRITE;
        s->out = 0;
        /* fall through */
    case SORT_WRITE:
        sort_write(L, s);
    }
    return 0;
}

static int sort_k(lua_State *L, int status, lua_KContext why)
{
    struct sort *s = lua_touserdata(L, SORT_STATE);
    (void)status;
    if (why == SORT_COMPARED) {
        bool less = answer(L, s);
        if (s->phase == SORT_MERGE)
            take(s, less);
        else
            refuse_if(L, less);
    }
    return sort_run(L, s);
}

/* The first and the last element are on top. They are the first that stock Lua
 * compares. Where the length is a false claim, the last is most often nil; to
 * compare them now gives that error before any memory is asked for. */
static void check_ends(lua_State *L)
{
    if (lua_isnil(L, SORT_COMPARE) && (lua_isnil(L, -1) || lua_isnil(L, -2)))
        lua_compare(L, -1, -2, LUA_OPLT);
}

static struct sort *push_state(lua_State *L, lua_Integer n)
{
    struct sort *s;
    size_t space = 2 * (size_t)n * sizeof s->space[0];
    s = lua_newuserdatauv(L, sizeof *s + space, 0);
    memset(s, 0, sizeof *s);
    s->phase = SORT_READ;
    s->always_true = true;
    s->work = AKT_TABLE_PAUSE;
    s->n = n;
    s->width = FIRST_RUN;
    s->src = s->space;
    s->dst = s->space + n;
    return s;
}

int akt_table_sort(lua_State *L)
{
    lua_Integer n =
        akt_table_check_length(L, 1, AKT_TABLE_READ | AKT_TABLE_WRITE);
    if (n < 2)
        return 0;
    luaL_argcheck(L, n < INT_MAX, 1, "array too big");
    if (!lua_isnoneornil(L, SORT_COMPARE))
        luaL_checktype(L, SORT_COMPARE, LUA_TFUNCTION);
    lua_settop(L, SORT_COMPARE);
    lua_geti(L, 1, 1);
    lua_geti(L, 1, n);
    check_ends(L);
    bool numbers = lua_isnil(L, SORT_COMPARE) && lua_type(L, -1) == LUA_TNUMBER;
    bool floats = numbers && !lua_isinteger(L, -1);
    lua_settop(L, SORT_COMPARE);
    struct sort *s = push_state(L, n);
    s->numbers = numbers;
    s->floats = floats;
    if (!numbers)
        begin_elements(L, s);
    return sort_run(L, s);
}
