/* SPDX-License-Identifier: MIT
 *
 * lua/lib_events.c: akt.events: what happens in the node, as messages and as
 * a list of what has happened.
 */
#include <math.h>
#include <string.h>

#include "lua/error.h"
#include "lua/lib_impl.h"
#include "lua/options.h"
#include "vm/base/alloc.h"
#include "vm/stream.h"

#define HISTORY_DEFAULT 100
#define HISTORY_MAX 10000

/* ---- filters ---- */

/* The words of enum akt_event_kind, as lua/options.h wants them. */
static const char *const type_words[] = {
#define AKT_EVENT_WORD(id, word) word,
    AKT_EVENT_KINDS(AKT_EVENT_WORD)
#undef AKT_EVENT_WORD
        NULL};

static const char *const severity_words[] = {
    "trace", "debug", "info", "warning", "error", "critical", NULL};

static uint64_t type_bit(lua_State *L, int idx)
{
    return (uint64_t)1 << akt_options_check_word(L, idx, "types", type_words);
}

/* types = "crash", or a list of them */
static uint64_t read_types(lua_State *L, int opts)
{
    uint64_t kinds = 0;
    if (lua_getfield(L, opts, "types") == LUA_TTABLE) {
        lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
        if (n == 0)
            akt_error_raise(L, "bad_option", "types must not be empty");
        for (lua_Integer i = 1; i <= n; i++) {
            lua_rawgeti(L, -1, i);
            kinds |= type_bit(L, -1);
            lua_pop(L, 1);
        }
    } else if (!lua_isnil(L, -1)) {
        kinds = type_bit(L, -1);
    }
    lua_pop(L, 1);
    return kinds;
}

static akt_pid read_pid(lua_State *L, int opts, const char *key,
                        akt_pid otherwise)
{
    akt_pid pid = otherwise;
    if (lua_getfield(L, opts, key) != LUA_TNIL && !akt_to_pid(L, -1, &pid))
        akt_error_raise(L, "bad_option", "%s must be a pid, not a %s", key,
                        luaL_typename(L, -1));
    lua_pop(L, 1);
    return pid;
}

/* Borrowed from the table. */
static const char *read_text(lua_State *L, int opts, const char *key,
                             size_t max)
{
    size_t len = 0;
    const char *s = NULL;
    if (lua_getfield(L, opts, key) != LUA_TNIL) {
        s = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &len) : NULL;
        if (!s || len == 0 || len >= max || strlen(s) != len)
            akt_error_raise(L, "bad_option",
                            "%s must be a string of 1 to %d bytes, none of "
                            "them 0",
                            key, (int)max - 1);
    }
    lua_pop(L, 1);
    return s;
}

static void read_filter(lua_State *L, int opts, struct akt_event_filter *f)
{
    f->kinds = read_types(L, opts);
    f->severity = (enum akt_severity)akt_options_word(
        L, opts, "severity", severity_words,
        f->kinds ? AKT_SEV_TRACE : AKT_SEV_DEBUG);
    f->about = read_pid(L, opts, "about", AKT_PID_NONE);
}

/* ---- subscribing ---- */

static void read_subscribe(lua_State *L, struct akt_subscribe *how)
{
    static const char *const keys[] = {"types", "severity", "about", "kind",
                                       "pid",   "tag",      "max",   NULL};
    akt_options_check(L, 1, "events.subscribe", keys);
    read_filter(L, 1, &how->filter);
    how->filter.kind = read_text(L, 1, "kind", 65);
    how->pid = read_pid(L, 1, "pid", how->pid);
    how->tag = read_text(L, 1, "tag", AKT_STREAM_TAG);
    how->max = akt_options_count(L, 1, "max", AKT_STREAM_MAX);
    if (how->max == 0)
        akt_error_raise(L, "bad_option", "max must be at least 1");
}

/* akt.events.subscribe(options?) */
static int l_subscribe(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_subscribe how = {.pid = h->iso->current->self};
    lua_settop(L, 1);
    akt_check_effect(L, "events.subscribe");
    if (lua_isnil(L, 1)) {
        lua_newtable(L);
        lua_replace(L, 1);
    }
    read_subscribe(L, &how);
    enum akt_code code = akt_subscribe(h->iso->node, &how);
    if (code == AKT_LIMIT)
        return akt_error_raise(L, "limit",
                               "events.subscribe: there are %d subscribers, "
                               "which is the limit",
                               AKT_SUBSCRIBERS);
    if (code != AKT_OK)
        return akt_error_raise(L, akt_code_name(code),
                               "events.subscribe: %s cannot subscribe",
                               akt_pid_text(L, how.pid));
    return 0;
}

/* akt.events.unsubscribe(pid?) -> whether it had subscribed */
static int l_unsubscribe(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_pid pid =
        lua_isnoneornil(L, 1) ? h->iso->current->self : akt_check_pid(L, 1);
    lua_pushboolean(L, akt_unsubscribe(h->iso->node, pid));
    return 1;
}

/* ---- history ---- */

/* Called protected: (light userdata of a struct list) -> the list */
struct list {
    struct akt_event *events;
    size_t len;
    struct akt_buf bytes;
};

static int push_list(lua_State *L)
{
    struct list *list = lua_touserdata(L, 1);
    struct akt_node *node = akt_lua_of(L)->iso->node;
    lua_createtable(L, (int)list->len, 0);
    for (size_t i = 0; i < list->len; i++) {
        list->bytes.len = 0;
        akt_event_pack(&list->bytes, node, &list->events[i], NULL);
        akt_codec_decode(L, list->bytes.data, list->bytes.len);
        lua_rawseti(L, 2, (lua_Integer)i + 1);
    }
    return 1;
}

/* akt.events.history(options?) -> list, oldest first */
static int l_history(lua_State *L)
{
    static const char *const keys[] = {"types", "severity", "about", "limit",
                                       NULL};
    struct akt_node *node = akt_lua_of(L)->iso->node;
    struct akt_event_filter f = {.severity = AKT_SEV_DEBUG};
    struct list list = {.bytes = AKT_BUF_INIT};
    uint32_t limit = HISTORY_DEFAULT;
    lua_settop(L, 1);
    if (!lua_isnil(L, 1)) {
        akt_options_check(L, 1, "events.history", keys);
        read_filter(L, 1, &f);
        limit = akt_options_count(L, 1, "limit", HISTORY_DEFAULT);
    }
    if (limit == 0 || limit > HISTORY_MAX)
        akt_error_raise(L, "bad_option", "limit must be 1 to %d", HISTORY_MAX);
    lua_settop(L, 0);
    lua_pushcfunction(L, push_list);
    lua_pushlightuserdata(L, &list);
    list.events = akt_alloc(limit * sizeof *list.events);
    list.len = akt_event_history(node, &f, list.events, limit);
    int status = lua_pcall(L, 1, 1, 0);
    akt_buf_fini(&list.bytes);
    akt_free(list.events, limit * sizeof *list.events);
    return status == LUA_OK ? 1 : lua_error(L);
}

/* ---- figures ---- */

static void set_number(lua_State *L, const char *key, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, key);
}

static void push_subscriber(lua_State *L, const struct akt_subscriber_stats *s)
{
    lua_createtable(L, 0, 3);
    akt_push_pid(L, s->pid);
    lua_setfield(L, -2, "pid");
    set_number(L, "delivered", s->delivered);
    set_number(L, "lost", s->lost);
}

/* akt.events.stats() */
static int l_stats(lua_State *L)
{
    struct akt_stream_stats all;
    struct akt_subscriber_stats each[AKT_SUBSCRIBERS];
    uint32_t n = akt_stream_stats(akt_lua_of(L)->iso->node, &all, each);
    lua_createtable(L, 0, 4);
    set_number(L, "published", all.published);
    set_number(L, "delivered", all.delivered);
    set_number(L, "lost", all.lost);
    lua_createtable(L, (int)n, 0);
    for (uint32_t i = 0; i < n; i++) {
        push_subscriber(L, &each[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "subscribers");
    return 1;
}

/* akt.events.types() -> { crash = "error", ... } */
static int l_types(lua_State *L)
{
    lua_createtable(L, 0, AKT_EVENT_KIND_COUNT);
    for (int i = 0; i < AKT_EVENT_KIND_COUNT; i++) {
        enum akt_event_kind kind = (enum akt_event_kind)i;
        lua_pushstring(L, akt_severity_name(akt_event_severity(kind, AKT_OK)));
        lua_setfield(L, -2, akt_event_name(kind));
    }
    return 1;
}

void akt_lib_events_open(lua_State *L, int akt)
{
    static const luaL_Reg functions[] = {
        {"subscribe", l_subscribe}, {"unsubscribe", l_unsubscribe},
        {"history", l_history},     {"stats", l_stats},
        {"types", l_types},         {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_setfield(L, akt, "events");
}
