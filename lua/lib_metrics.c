/* SPDX-License-Identifier: MIT
 *
 * lua/lib_metrics.c: akt.metrics: counters, gauges and histograms of scripts.
 *
 * A handle is a table that holds the number of its series, which is the same
 * in all isolates, so a handler may capture it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "vm/base/log_line.h"
#include "vm/metrics_read.h"

static const char *const type_names[] = {"counter", "gauge", "histogram"};

/* ---- making ---- */

static int refuse(lua_State *L, int error, const char *name)
{
    switch (error) {
    case AKT_METRIC_BAD_NAME:
        return akt_error_raise(
            L, "bad_option",
            "\"%.64s\" is no name for a metric: letters, digits, _ and :, at "
            "most %d, no digit first, not aktvm_ or process_",
            name, AKT_METRIC_NAME);
    case AKT_METRIC_OTHER_TYPE:
        return akt_error_raise(L, "bad_option",
                               "metric \"%.64s\" has another type", name);
    case AKT_METRIC_FULL:
        return akt_error_raise(L, "limit",
                               "metric \"%.64s\": there are %d series, which "
                               "is the limit; use labels with few values",
                               name, AKT_METRIC_SERIES);
    default:
        return akt_error_raise(
            L, "bad_option",
            "metric \"%.64s\": labels are names like those of metrics but "
            "without colons, not le, quantile or __, with values of at most "
            "%d bytes",
            name, AKT_METRIC_VALUE);
    }
}

/* Pushes the text of a label's value, so that it stays. */
static const char *push_value(lua_State *L, const char *name)
{
    size_t len;
    if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER &&
        lua_type(L, -1) != LUA_TBOOLEAN)
        akt_error_raise(L, "bad_option",
                        "metric \"%.64s\": the value of a label is a string, "
                        "a number or a boolean, not a %s",
                        name, luaL_typename(L, -1));
    const char *s = luaL_tolstring(L, -1, &len);
    if (strlen(s) != len || !akt_log_is_utf8(s, len))
        akt_error_raise(L, "bad_option",
                        "metric \"%.64s\": the value of a label is UTF-8 "
                        "without zero bytes",
                        name);
    lua_remove(L, -2);
    return s;
}

/* Reads the table at 2; the values stay on the stack. */
static uint32_t read_labels(lua_State *L, struct akt_label *labels,
                            const char *name)
{
    uint32_t len = 0;
    if (lua_isnoneornil(L, 2))
        return 0;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_pushnil(L);
    while (lua_next(L, 2)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            refuse(L, AKT_METRIC_BAD_LABEL, name);
        if (len == AKT_METRIC_LABELS)
            akt_error_raise(L, "limit", "metric \"%.64s\": at most %d labels",
                            name, AKT_METRIC_LABELS);
        labels[len].key = lua_tostring(L, -2);
        labels[len++].value = push_value(L, name);
        lua_pushvalue(L, -2);
    }
    return len;
}

/* The class of the handles is upvalue 2. */
static int make(lua_State *L)
{
    enum akt_metric_type type =
        (enum akt_metric_type)lua_tointeger(L, lua_upvalueindex(1));
    struct akt_metrics *m = akt_lua_of(L)->node->node->metrics;
    struct akt_label labels[AKT_METRIC_LABELS];
    size_t name_len;
    const char *name = luaL_checklstring(L, 1, &name_len);
    lua_settop(L, 2);
    luaL_checkstack(L, 2 * AKT_METRIC_LABELS + 8, "metrics");
    uint32_t len = read_labels(L, labels, name);
    int id = strlen(name) == name_len
                 ? akt_metrics_series(m, type, name, labels, len)
                 : AKT_METRIC_BAD_NAME;
    if (id < 0)
        return refuse(L, id, name);
    lua_createtable(L, 1, 0);
    lua_pushinteger(L, id);
    lua_rawseti(L, -2, 1);
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_setmetatable(L, -2);
    return 1;
}

/* ---- using ---- */

/* The series of the handle at 1; scripts can make anything look like one. */
static struct akt_series *check_series(lua_State *L, const char *what,
                                       unsigned types)
{
    struct akt_series *s = NULL;
    if (lua_type(L, 1) == LUA_TTABLE) {
        lua_rawgeti(L, 1, 1);
        int is_integer;
        lua_Integer id = lua_tointegerx(L, -1, &is_integer);
        lua_pop(L, 1);
        id = is_integer ? id : -1;
        if (id >= 0 && id < AKT_METRIC_SERIES)
            s = akt_metrics_get(akt_lua_of(L)->iso->node->metrics,
                                (uint32_t)id);
    }
    if (!s)
        akt_error_arg(L, 1, "a metric expected");
    if (!(types >> s->type & 1))
        akt_error_raise(L, "bad_argument", "a %s has no %s",
                        type_names[s->type], what);
    return s;
}

static double check_number(lua_State *L, double otherwise)
{
    double n = luaL_optnumber(L, 2, otherwise);
    if (isnan(n))
        akt_error_arg(L, 2, "a number expected, not nan");
    return n;
}

static int l_add(lua_State *L)
{
    struct akt_series *s = check_series(
        L, "add", 1u << AKT_METRIC_COUNTER | 1u << AKT_METRIC_GAUGE);
    double n = check_number(L, 1);
    if (s->type == AKT_METRIC_GAUGE) {
        akt_metrics_move(s, n);
        return 0;
    }
    if (!(n >= 0 && isfinite(n)))
        akt_error_arg(L, 2, "a counter only goes up");
    akt_metrics_count(akt_lua_of(L)->iso->worker, s->id, n);
    return 0;
}

static int l_set(lua_State *L)
{
    struct akt_series *s = check_series(L, "set", 1u << AKT_METRIC_GAUGE);
    luaL_checknumber(L, 2);
    akt_metrics_set(s, check_number(L, 0));
    return 0;
}

static int l_observe(lua_State *L)
{
    const struct akt_series *s =
        check_series(L, "observe", 1u << AKT_METRIC_HISTOGRAM);
    luaL_checknumber(L, 2);
    double n = check_number(L, 0);
    if (!isfinite(n))
        akt_error_arg(L, 2, "a finite number expected");
    akt_metrics_observe(akt_lua_of(L)->iso->worker, s->id, n);
    return 0;
}

/* Called protected: (light userdata of a buffer) */
static int push_buf(lua_State *L)
{
    const struct akt_buf *b = lua_touserdata(L, 1);
    lua_pushlstring(L, b->data, b->len);
    return 1;
}

/* akt.metrics.text() -> all figures, as Prometheus reads them */
static int l_text(lua_State *L)
{
    struct akt_buf b = AKT_BUF_INIT;
    akt_metrics_text(akt_lua_of(L)->iso->node, &b);
    /* pushed in a protected call, or a memory error would leave b behind */
    lua_pushcfunction(L, push_buf);
    lua_pushlightuserdata(L, &b);
    int status = lua_pcall(L, 1, 1, 0);
    akt_buf_fini(&b);
    return status == LUA_OK ? 1 : lua_error(L);
}

/* A class is a field of akt.metrics, so that images find it by its name. */
static void push_class(lua_State *L, const char *name)
{
    static const luaL_Reg methods[] = {
        {"add", l_add}, {"set", l_set}, {"observe", l_observe}, {NULL, NULL}};
    lua_createtable(L, 0, 6);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
}

void akt_lib_metrics_open(lua_State *L, int akt)
{
    lua_createtable(L, 0, 5);
    push_class(L, "metric");
    for (int i = 0; i < 3; i++) {
        lua_pushinteger(L, i);
        lua_pushvalue(L, -2);
        lua_pushcclosure(L, make, 2);
        lua_setfield(L, -3, type_names[i]);
    }
    lua_setfield(L, -2, "handle");
    lua_pushcfunction(L, l_text);
    lua_setfield(L, -2, "text");
    lua_setfield(L, akt, "metrics");
}
