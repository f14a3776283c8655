/* SPDX-License-Identifier: MIT
 *
 * lua/lib_topic.c: akt.topic and akt.group, the script's side of vm/topic.h.
 *
 * A topic is a table { name = ... } with methods; a group is only its name.
 */
#include <string.h>

#include "lua/error.h"
#include "lua/lib_impl.h"
#include "lua/look.h"
#include "lua/pause.h"
#include "vm/remote.h"
#include "vm/topic.h"

#define META "akt.topic" /* registry: the metatable of topics */

/* ---- arguments ---- */

static void check_name(lua_State *L, int idx, enum akt_topic_space space,
                       struct akt_topic_name *out)
{
    const char *what = space == AKT_SPACE_TOPIC ? "topic" : "group";
    out->space = space;
    out->name = lua_type(L, idx) == LUA_TSTRING
                    ? lua_tolstring(L, idx, &out->len)
                    : NULL;
    if (!out->name || !out->len || out->len > AKT_TOPIC_NAME_MAX)
        akt_error_raise(L, "bad_argument",
                        "the name of a %s is a string of 1 to %d bytes, not %s",
                        what, AKT_TOPIC_NAME_MAX,
                        out->name ? "one of another length"
                                  : luaL_typename(L, idx));
}

/* Replaces the first argument, a topic or the name of a group, by the name. */
static void check_self(lua_State *L, enum akt_topic_space space,
                       struct akt_topic_name *out)
{
    if (space == AKT_SPACE_TOPIC) {
        if (!lua_istable(L, 1))
            akt_error_raise(L, "bad_argument",
                            "a topic expected, got %s: call it with a colon",
                            luaL_typename(L, 1));
        lua_pushliteral(L, "name");
        lua_rawget(L, 1);
        lua_replace(L, 1);
    }
    check_name(L, 1, space, out);
}

static akt_pid pid_or_self(lua_State *L, int arg)
{
    return lua_isnoneornil(L, arg) ? akt_lua_self(L)->self
                                   : akt_check_dest(L, arg);
}

/* ---- in and out ---- */

static int join(lua_State *L, enum akt_topic_space space, const char *what)
{
    struct akt_topic_name name;
    bool is_new = false;
    check_self(L, space, &name);
    akt_check_effect(L, what);
    akt_check_room(L, what);
    akt_pid who = pid_or_self(L, 2);
    if (akt_pid_is_remote(who))
        return akt_error_raise(
            L, "bad_argument",
            "%s: %s is of another node, and subscribes there", what,
            akt_pid_text(L, who));
    if (akt_topic_join(akt_lua_of(L)->iso->node, &name, who, &is_new) != AKT_OK)
        return akt_error_raise(L, "noproc", "%s: there is no such actor", what);
    lua_pushboolean(L, is_new);
    return 1;
}

static int leave(lua_State *L, enum akt_topic_space space)
{
    struct akt_topic_name name;
    check_self(L, space, &name);
    lua_pushboolean(
        L, akt_topic_leave(akt_lua_of(L)->iso->node, &name, pid_or_self(L, 2)));
    return 1;
}

/* ---- publish ---- */

/* On the stack behind the message, which starts at 2. Lives in a userdata, so
 * that nothing is lost when the actor ends meanwhile. */
struct publishing {
    lua_State *L;
    struct akt_publish p;
    char body[];
};

/* ("lagged", n, name), with the number as the 8 bytes that are filled in when
 * the note is let in. */
static struct akt_msg *make_note(void *ctx)
{
    const struct publishing *s = ctx;
    size_t len = s->p.name.len;
    static const char head[] = "\xa6lagged\xcf\0\0\0\0\0\0\0\0\xd9";
    struct akt_msg *m = akt_msg_new_ack(AKT_MSG_USER, sizeof head + len);
    _Static_assert(sizeof head == AKT_TOPIC_LAG_AT + 8 + 2, "the number");
    memcpy(m->body, head, sizeof head - 1);
    m->body[sizeof head - 1] = (char)len;
    memcpy(m->body + sizeof head, s->p.name.name, len);
    return m;
}

static bool fits(void *ctx, const struct akt_actor *a)
{
    struct publishing *s = ctx;
    char text[AKT_CONTRACT_TEXT];
    return akt_look_accepts(s->L, a, 2, lua_gettop(s->L) - 1, text);
}

static int publish_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    struct publishing *s = lua_touserdata(L, -1);
    s->L = L;
    while (akt_publish_some(akt_lua_of(L)->iso, &s->p))
        akt_pause(L, 0, publish_k);
    lua_pushinteger(L, (lua_Integer)s->p.delivered);
    return 1;
}

static int publish(lua_State *L, enum akt_topic_space space)
{
    struct akt_topic_name name;
    check_self(L, space, &name);
    akt_check_effect(L, "publish");
    if (lua_type(L, 2) != LUA_TSTRING)
        akt_error_arg(L, 2, "the tag of a message is a string, got %s",
                      luaL_typename(L, 2));
    struct akt_lua *h = akt_lua_of(L);
    luaL_checkstack(L, AKT_CONTRACT_SLOTS + 4, "publish");
    akt_encode_scratch(L, 2);
    size_t len = h->scratch.len;
    struct publishing *s = lua_newuserdatauv(L, sizeof *s + len, 0);
    memcpy(s->body, h->scratch.data, len);
    s->p = (struct akt_publish){.name = name,
                                .body = s->body,
                                .size = (uint32_t)len,
                                .fits = fits,
                                .note = make_note,
                                .ctx = s};
    return publish_k(L, LUA_OK, 0);
}

/* ---- topics ---- */

static int topic_publish(lua_State *L)
{
    return publish(L, AKT_SPACE_TOPIC);
}

static int topic_subscribe(lua_State *L)
{
    return join(L, AKT_SPACE_TOPIC, "subscribe");
}

static int topic_unsubscribe(lua_State *L)
{
    return leave(L, AKT_SPACE_TOPIC);
}

static void set_count(lua_State *L, const char *key, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, key);
}

static int topic_stats(lua_State *L)
{
    struct akt_topic_name name;
    struct akt_topic_stats stats;
    check_self(L, AKT_SPACE_TOPIC, &name);
    akt_topic_stats(akt_lua_of(L)->iso->node, &name, &stats);
    lua_createtable(L, 0, 5);
    set_count(L, "subscribers", stats.members);
    set_count(L, "published", stats.published);
    set_count(L, "delivered", stats.delivered);
    set_count(L, "lagged", stats.lagged);
    set_count(L, "refused", stats.refused);
    return 1;
}

static int topic_tostring(lua_State *L)
{
    struct akt_topic_name name;
    check_self(L, AKT_SPACE_TOPIC, &name);
    lua_pushfstring(L, "topic %s", name.name);
    return 1;
}

/* Functions that may publish; the empty function is their upvalue 1. */
static void set_functions(lua_State *L, const luaL_Reg *functions)
{
    akt_pause_push(L);
    luaL_setfuncs(L, functions, 1);
}

static void push_meta(lua_State *L)
{
    static const luaL_Reg methods[] = {{"publish", topic_publish},
                                       {"subscribe", topic_subscribe},
                                       {"unsubscribe", topic_unsubscribe},
                                       {"stats", topic_stats},
                                       {NULL, NULL}};
    lua_createtable(L, 0, 4);
    lua_createtable(L, 0, 4);
    set_functions(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, topic_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "topic");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
}

/* akt.topic(name) */
static int l_topic(lua_State *L)
{
    struct akt_topic_name name;
    check_name(L, 1, AKT_SPACE_TOPIC, &name);
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "name");
    lua_getfield(L, LUA_REGISTRYINDEX, META);
    lua_setmetatable(L, -2);
    return 1;
}

/* ---- groups ---- */

static int group_publish(lua_State *L)
{
    return publish(L, AKT_SPACE_GROUP);
}

static int group_join(lua_State *L)
{
    return join(L, AKT_SPACE_GROUP, "join");
}

static int group_leave(lua_State *L)
{
    return leave(L, AKT_SPACE_GROUP);
}

static int group_members(lua_State *L)
{
    struct akt_topic_name name;
    struct akt_topic_cursor at = {0};
    akt_pid pids[AKT_TOPIC_CHUNK];
    uint32_t n;
    lua_Integer len = 0;
    check_self(L, AKT_SPACE_GROUP, &name);
    lua_newtable(L);
    while (
        (n = akt_topic_members(akt_lua_of(L)->iso->node, &name, &at, pids))) {
        for (uint32_t i = 0; i < n; i++) {
            akt_push_pid(L, pids[i]);
            lua_rawseti(L, -2, ++len);
        }
    }
    return 1;
}

void akt_lib_topic_open(lua_State *L, int akt)
{
    static const luaL_Reg group[] = {{"publish", group_publish},
                                     {"join", group_join},
                                     {"leave", group_leave},
                                     {"members", group_members},
                                     {NULL, NULL}};
    lua_createtable(L, 0, 4);
    set_functions(L, group);
    lua_setfield(L, akt, "group");
    lua_pushcfunction(L, l_topic);
    lua_setfield(L, akt, "topic");
    push_meta(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, META);
    lua_setfield(L, akt, "_topic"); /* so that images have a name for it */
}
