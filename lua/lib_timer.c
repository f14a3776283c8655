/* SPDX-License-Identifier: MIT
 *
 * lua/lib_timer.c: timers with names, for others and by the wall clock;
 * pausing and listing them. Plain ones are core.timer (lib_message.c).
 */
#include <math.h>
#include <string.h>

#include "lua/error.h"
#include "lua/lib_impl.h"
#include "lua/look.h"
#include "vm/base/alloc.h"
#include "vm/cause.h"
#include "vm/timer.h"

/* ---- what all have: core.x(.., .., to|nil, name|nil, tag, ...) ---- */

#define ARG_TO 3
#define ARG_NAME 4
#define ARG_TAG 5

struct request {
    akt_pid to;
    const char *name; /* or NULL */
    struct akt_pending *replaced;
};

static akt_pid read_to(lua_State *L)
{
    if (lua_isnil(L, ARG_TO))
        return akt_lua_self(L)->self;
    akt_pid to = akt_check_dest(L, ARG_TO);
    if (akt_pid_is_none(to))
        akt_error_raise(L, "noproc", "a timer: nobody has the name \"%.64s\"",
                        lua_tostring(L, ARG_TO));
    return to;
}

static const char *read_name(lua_State *L)
{
    size_t len;
    if (lua_isnil(L, ARG_NAME))
        return NULL;
    const char *name = lua_tolstring(L, ARG_NAME, &len);
    if (lua_type(L, ARG_NAME) != LUA_TSTRING || len == 0 ||
        len > AKT_TIMER_NAME_MAX || strlen(name) != len)
        akt_error_raise(L, "bad_option",
                        "the name of a timer is a string of 1 to %d bytes",
                        AKT_TIMER_NAME_MAX);
    return name;
}

/* The one before it with its name, which it will replace. */
static struct akt_pending *find_named(lua_State *L, const char *name)
{
    uint32_t named;
    if (!name)
        return NULL;
    struct akt_pending *p = akt_timer_find(akt_lua_self(L), name, &named);
    if (!p && named >= AKT_TIMERS_NAMED_MAX)
        akt_error_raise(L, "limit",
                        "a timer: this actor has %d with names, which is the "
                        "limit",
                        AKT_TIMERS_NAMED_MAX);
    return p;
}

static struct request read_request(lua_State *L)
{
    struct request r = {.name = read_name(L)};
    if (lua_type(L, ARG_TAG) != LUA_TSTRING)
        akt_error_raise(L, "bad_argument",
                        "a timer: the tag of a message is a string, got %s",
                        luaL_typename(L, ARG_TAG));
    akt_check_effect(L, "a timer");
    akt_check_room(L, "a timer");
    r.to = read_to(L);
    akt_look_check(L, r.to, ARG_TAG);
    r.replaced = find_named(L, r.name);
    return r;
}

/* Raises nothing from the message on. */
static struct akt_pending *open_timer(lua_State *L, const struct request *r,
                                      uint64_t deadline_ns)
{
    struct akt_isolate *iso = akt_lua_of(L)->iso;
    struct akt_msg *m = akt_encode(L, ARG_TAG, AKT_MSG_USER, false);
    m->target = r->to;
    if (r->replaced)
        akt_pending_close(iso, r->replaced);
    struct akt_pending *p =
        akt_pending_open(iso, iso->current, AKT_P_TIMER, deadline_ns);
    p->msg = m;
    if (r->name)
        akt_timer_of(p)->name = akt_strdup(r->name);
    return p;
}

/* core.timer_opt(every, seconds, to, name, tag, ...) -> ref */
static int l_timer_opt(lua_State *L)
{
    bool every = lua_toboolean(L, 1);
    uint64_t ns = akt_check_seconds(L, 2);
    if (every && ns < 1000)
        akt_error_raise(L, "bad_argument",
                        "every: at least a microsecond is needed");
    struct request r = read_request(L);
    struct akt_pending *p =
        open_timer(L, &r, akt_node_now(akt_lua_of(L)->iso->node) + ns);
    p->period_ns = every ? ns : 0;
    if (!every) /* what comes again and again begins anew each time */
        p->msg->trace = akt_cause_trace(akt_lua_of(L)->iso, p->actor);
    akt_push_ref(L, p->id);
    return 1;
}

/* ---- by the wall clock ---- */

static const struct akt_zone *read_zone(lua_State *L, int idx)
{
    const char *name = lua_isnil(L, idx)                 ? "UTC"
                       : lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx)
                                                         : "";
    const struct akt_zone *zone =
        akt_zones_get(akt_lua_of(L)->iso->node->zones, name);
    if (!zone)
        akt_error_raise(L, "bad_option",
                        "tz: there is no time zone \"%.64s\"; it is \"UTC\", "
                        "\"local\" or a name of /usr/share/zoneinfo (package "
                        "tzdata), like \"Europe/Berlin\"",
                        name);
    return zone;
}

static const char *read_expression(lua_State *L, struct akt_schedule *s)
{
    char error[160];
    size_t len = 0;
    const char *text =
        lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &len) : NULL;
    if (!text || strlen(text) != len)
        akt_error_raise(L, "bad_argument",
                        "cron: an expression is a string like \"*/5 * * * *\"");
    if (!akt_cron_parse(&s->cron, text, error, sizeof error))
        akt_error_raise(L, "bad_cron", "cron \"%.64s\": %s", text, error);
    return text;
}

/* core.cron(expression, tz|nil, to, name, tag, ...) -> ref */
static int l_cron(lua_State *L)
{
    struct akt_isolate *iso = akt_lua_of(L)->iso;
    struct akt_schedule s;
    const char *text = read_expression(L, &s);
    s.zone = read_zone(L, 2);
    struct request r = read_request(L);
    uint64_t wall_ns = akt_node_wall(iso->node);
    if (!akt_schedule_start(&s, wall_ns, akt_node_now(iso->node)))
        akt_error_raise(L, "bad_cron",
                        "cron \"%.64s\": there is no such time, it would never "
                        "fire",
                        text);
    struct akt_pending *p = open_timer(L, &r, 0);
    akt_timer_set_cron(iso, p, &s, text);
    akt_push_ref(L, p->id);
    return 1;
}

/* core.cron_next(expression, tz|nil, after) -> the next time, or nil */
static int l_cron_next(lua_State *L)
{
    struct akt_schedule s;
    int64_t next;
    lua_settop(L, 3);
    read_expression(L, &s);
    const struct akt_zone *zone = read_zone(L, 2);
    lua_Number after = lua_tonumber(L, 3);
    if (lua_isnil(L, 3))
        after = (lua_Number)akt_node_wall(akt_lua_of(L)->iso->node) / 1e9;
    else if (lua_type(L, 3) != LUA_TNUMBER || !(fabs(after) < 1e15))
        akt_error_raise(L, "bad_argument",
                        "cron_next: a time is seconds since 1970");
    if (!akt_cron_next(&s.cron, zone, (int64_t)floor(after), &next))
        return 0;
    lua_pushinteger(L, next);
    return 1;
}

/* ---- what runs ---- */

static struct akt_pending *find(lua_State *L)
{
    struct akt_isolate *iso = akt_lua_of(L)->iso;
    struct akt_pending *p = akt_pending_find(iso, akt_check_ref(L, 1));
    bool mine = p && p->type == AKT_P_TIMER && p->actor == iso->current;
    return mine ? p : NULL;
}

/* timer:pause() -> whether it ran */
static int l_pause(lua_State *L)
{
    struct akt_pending *p = find(L);
    lua_pushboolean(L, p && akt_timer_pause(akt_lua_of(L)->iso, p));
    return 1;
}

/* timer:resume() -> whether it was paused */
static int l_resume(lua_State *L)
{
    struct akt_pending *p = find(L);
    lua_pushboolean(L, p && akt_timer_resume(akt_lua_of(L)->iso, p));
    return 1;
}

static void set_string(lua_State *L, const char *key, const char *s)
{
    if (!s)
        return;
    lua_pushstring(L, s);
    lua_setfield(L, -2, key);
}

static void set_number(lua_State *L, const char *key, lua_Number n)
{
    lua_pushnumber(L, n);
    lua_setfield(L, -2, key);
}

static void set_schedule(lua_State *L, const struct akt_pending *p)
{
    const struct akt_schedule *s = p->timer->schedule;
    set_string(L, "cron", p->timer->expression);
    set_string(L, "tz", akt_zone_name(s->zone));
    if (!p->paused)
        set_number(L, "at", (lua_Number)s->next_s);
}

/* Seconds until it fires; one that waits for its tick to be taken: 0. */
static lua_Number left(lua_State *L, const struct akt_pending *p)
{
    struct akt_node *node = akt_lua_of(L)->iso->node;
    uint64_t now_ns = akt_node_now(node);
    if (p->timer && p->timer->schedule) {
        lua_Number wall = (lua_Number)akt_node_wall(node) / 1e9;
        return fmax(0, (lua_Number)p->timer->schedule->next_s - wall);
    }
    if (!akt_heap_has(&p->node) || p->node.key <= now_ns)
        return 0;
    return (lua_Number)(p->node.key - now_ns) / 1e9;
}

static void push_timer(lua_State *L, const struct akt_pending *p)
{
    const struct akt_timer *t = p->timer;
    const char *tag;
    size_t len;
    bool cron = t && t->schedule;
    lua_createtable(L, 0, 8);
    akt_push_ref(L, p->id);
    lua_setfield(L, -2, "ref");
    akt_codec_tag(p->msg->body, p->msg->size, &tag, &len);
    lua_pushlstring(L, tag, len);
    lua_setfield(L, -2, "tag");
    akt_push_pid(L, p->msg->target);
    lua_setfield(L, -2, "to");
    set_string(L, "name", t ? t->name : NULL);
    set_string(L, "kind", cron ? "cron" : p->period_ns ? "every" : "after");
    lua_pushboolean(L, p->paused);
    lua_setfield(L, -2, "paused");
    if (cron)
        set_schedule(L, p);
    else if (p->period_ns)
        set_number(L, "period", (lua_Number)p->period_ns / 1e9);
    if (!p->paused)
        set_number(L, "next", left(L, p));
}

static bool is_wanted(lua_State *L, const struct akt_pending *p)
{
    if (p->type != AKT_P_TIMER)
        return false;
    if (lua_isnil(L, 1))
        return true;
    if (lua_type(L, 1) == LUA_TSTRING)
        return p->timer && p->timer->name &&
               strcmp(p->timer->name, lua_tostring(L, 1)) == 0;
    return p->id == akt_check_ref(L, 1);
}

static void reverse(lua_State *L, lua_Integer n)
{
    for (lua_Integer i = 1; i < n; i++, n--) {
        lua_rawgeti(L, -1, i);
        lua_rawgeti(L, -2, n);
        lua_rawseti(L, -3, i);
        lua_rawseti(L, -2, n);
    }
}

/* core.timers(name or ref or nil) -> list, oldest first */
static int l_timers(lua_State *L)
{
    lua_Integer n = 0;
    lua_settop(L, 1);
    lua_newtable(L);
    for (const struct akt_pending *p = akt_lua_self(L)->pendings; p;
         p = p->next) {
        if (!is_wanted(L, p))
            continue;
        push_timer(L, p);
        lua_rawseti(L, -2, ++n);
    }
    reverse(L, n);
    return 1;
}

const luaL_Reg akt_lib_timers[] = {
    {"timer_opt", l_timer_opt},
    {"cron", l_cron},
    {"cron_next", l_cron_next},
    {"timers", l_timers},
    {"pause", l_pause},
    {"resume", l_resume},
    {NULL, NULL},
};
