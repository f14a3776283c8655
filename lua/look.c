/* SPDX-License-Identifier: MIT */
#include "lua/look.h"

#include <math.h>
#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/registry.h"
#include "vm/base/hash.h"
#include "vm/route.h"
#include "vm/send.h"

#define SELF_TRIES 3 /* an actor that asks its own router wants another one */

/* ---- keys ---- */

/* Pushes the function of an image that the node keeps; once per isolate. */
static void push_key_function(lua_State *L, uint64_t id)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_HASH) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, AKT_KEY_HASH);
    }
    if (lua_rawgeti(L, -1, (lua_Integer)id) == LUA_TNIL) {
        lua_pop(L, 1);
        akt_image_load(L, akt_lua_kept_image(akt_lua_of(L)->node, id),
                       &akt_kind_names);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, (lua_Integer)id);
    }
    lua_remove(L, -2);
}

static uint64_t hash_of(lua_State *L, int idx)
{
    size_t len = 0;
    lua_Integer i;
    int isint;
    switch (lua_type(L, idx)) {
    case LUA_TSTRING: {
        const char *s = lua_tolstring(L, idx, &len);
        return akt_hash(AKT_HASH_INIT, s, len);
    }
    case LUA_TNUMBER: {
        lua_Number x = lua_tonumber(L, idx);
        i = lua_tointegerx(L, idx, &isint); /* 1.0 is the key 1 */
        return isint ? akt_hash(AKT_HASH_INIT, &i, sizeof i)
                     : akt_hash(AKT_HASH_INIT, &x, sizeof x);
    }
    case LUA_TBOOLEAN:
        return 1 + (uint64_t)lua_toboolean(L, idx);
    case LUA_TLIGHTUSERDATA:
        return (uintptr_t)lua_touserdata(L, idx);
    default:
        akt_error_raise(L, "bad_key",
                        "the key of a message is a string, a number, a "
                        "boolean or a pid, not %s",
                        luaL_typename(L, idx));
    }
}

/* Called protected: (light userdata of uint64_t, tag, ...); holds the number
 * of the image, and then the hash. */
static int call_key(lua_State *L)
{
    uint64_t *number = lua_touserdata(L, 1);
    push_key_function(L, *number);
    lua_replace(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    *number = hash_of(L, -1);
    return 0;
}

/* False: the error is on the top. */
static bool find_hash(lua_State *L, const struct akt_look *look, uint64_t key,
                      uint64_t *hash)
{
    int top = lua_gettop(L);
    if (!lua_checkstack(L, top - look->first + 8)) {
        akt_error_push(L, "too_large", "no room on the stack for the key");
        return false;
    }
    *hash = key;
    lua_pushcfunction(L, call_key);
    lua_pushlightuserdata(L, hash);
    for (int i = look->first; i <= top; i++)
        lua_pushvalue(L, i);
    return lua_pcall(L, top - look->first + 2, 0, 0) == LUA_OK;
}

/* ---- routers ---- */

static bool find_config(struct akt_isolate *iso, akt_pid pid,
                        struct akt_route_config *out)
{
    akt_route_enter(iso->worker);
    const struct akt_actor *a = akt_actor_find(iso->node->actors, pid);
    const struct akt_route_config *c = a ? akt_route_of(a) : NULL;
    if (c)
        *out = *c;
    akt_route_leave(iso->worker);
    return c != NULL;
}

/* ---- contracts ---- */

static const struct akt_contract *contract_of(const struct akt_actor *a)
{
    const struct akt_kind *kind = akt_actor_kind(a);
    if (!kind->looked_at || kind->host != &akt_lua_host)
        return NULL;
    return ((const struct akt_lua_version *)kind->data)->contract;
}

bool akt_look_accepts(lua_State *L, const struct akt_actor *a, int first,
                      int last, char text[AKT_CONTRACT_TEXT])
{
    struct akt_lua *h = akt_lua_of(L);
    const struct akt_contract *c = contract_of(a);
    if (!c)
        return true;
    bool in_vm = h->in_vm;
    h->in_vm = true; /* a push may not fail here */
    bool good = akt_contract_check(c, L, first, last, text);
    h->in_vm = in_vm;
    return good;
}

void akt_look_check(lua_State *L, akt_pid to, int first)
{
    char text[AKT_CONTRACT_TEXT];
    struct akt_actor *a = akt_actor_find(akt_lua_of(L)->iso->node->actors, to);
    if (!a || !akt_send_looks(a))
        return;
    luaL_checkstack(L, AKT_CONTRACT_SLOTS, "accepts");
    if (!akt_look_accepts(L, a, first, lua_gettop(L), text))
        akt_error_raise(L, "bad_contract", "%s", text);
}

bool akt_look_answers(lua_State *L, int first, const char *body, size_t size,
                      char text[AKT_CONTRACT_TEXT])
{
    const struct akt_contract *c = contract_of(akt_lua_self(L));
    const char *tag;
    size_t len;
    if (!c || !akt_codec_tag(body, size, &tag, &len))
        return true;
    luaL_checkstack(L, AKT_CONTRACT_SLOTS, "accepts");
    return akt_contract_check_reply(c, L, first, lua_gettop(L), tag, len, text);
}

/* The one that gets the message takes it like this. */
static bool accepted(lua_State *L, struct akt_look *look)
{
    const struct akt_actor *a =
        akt_actor_find(akt_lua_of(L)->iso->node->actors, look->to);
    return !a || !akt_send_looks(a) ||
           akt_look_accepts(L, a, look->first, lua_gettop(L), look->text);
}

/* ---- sending ---- */

/* Inside: chooses, and says whom the ask waits for now. */
static enum akt_code choose(struct akt_isolate *iso, struct akt_look *look,
                            uint64_t hash)
{
    struct akt_msg *m = look->m;
    struct akt_actor *self = iso->current;
    struct akt_actor *router = akt_actor_find(iso->node->actors, m->target);
    if (!router) /* has ended since; akt_send sees to it */
        return AKT_OK;
    bool is_self = true;
    for (int i = 0; is_self && i < SELF_TRIES; i++) {
        if (!akt_route_pick(iso->node, router, hash, &look->to))
            return AKT_NOROUTEE;
        is_self = look->p && akt_pid_eq(look->to, self->self);
    }
    m->target = look->to;
    if (look->p)
        look->p->target = look->to;
    if (!look->waits)
        return AKT_OK;
    look->chain[0] = look->to;
    look->chain_len = is_self ? 1
                              : akt_edge_publish(iso->node, self, look->to,
                                                 look->p->id, look->chain);
    return look->chain_len && !look->p->done ? AKT_DEADLOCK : AKT_OK;
}

/* The error is on the top; it is raised to whoever sends. One that only passes
 * it on has somebody behind it, who is told, too. */
static enum akt_code refuse(struct akt_isolate *iso, struct akt_look *look,
                            enum akt_code why)
{
    if (look->passes && !look->p)
        akt_bounce(iso->node, iso, look->m, why);
    else
        akt_msg_free(look->m);
    return AKT_BAD_MESSAGE;
}

static enum akt_code refuse_contract(lua_State *L, struct akt_look *look)
{
    akt_error_push(L, "bad_contract", "%s", look->text);
    return refuse(akt_lua_of(L)->iso, look, AKT_BAD_CONTRACT);
}

static enum akt_code send_accepted(lua_State *L, struct akt_look *look,
                                   enum akt_full *full)
{
    return accepted(L, look) ? akt_send(akt_lua_of(L)->iso, look->m, full)
                             : AKT_BAD_CONTRACT;
}

static enum akt_code send_to_routee(lua_State *L, struct akt_look *look,
                                    uint64_t hash, enum akt_full *full)
{
    struct akt_isolate *iso = akt_lua_of(L)->iso;
    akt_route_enter(iso->worker);
    enum akt_code code = choose(iso, look, hash);
    if (code == AKT_OK)
        code = send_accepted(L, look, full);
    akt_route_leave(iso->worker);
    if (code == AKT_NOROUTEE)
        akt_bounce(iso->node, iso, look->m, AKT_NOROUTEE);
    return code;
}

/* The machine's own messages to a router. */
static bool is_private(lua_State *L, const struct akt_look *look)
{
    return lua_tostring(L, look->first)[0] == '$';
}

enum akt_code akt_look_send(lua_State *L, struct akt_look *look,
                            enum akt_full *full)
{
    struct akt_isolate *iso = akt_lua_of(L)->iso;
    struct akt_route_config config;
    uint64_t hash = 0;
    look->m->flags |= AKT_MSG_LOOKED;
    look->to = look->m->target;
    if (!lua_checkstack(L, AKT_CONTRACT_SLOTS)) {
        akt_error_push(L, "too_large", "no room on the stack to look");
        return refuse(iso, look, AKT_BAD_MESSAGE);
    }
    if (is_private(L, look))
        return akt_send(iso, look->m, full);
    if (!find_config(iso, look->to, &config)) {
        enum akt_code code = send_accepted(L, look, full);
        return code == AKT_BAD_CONTRACT ? refuse_contract(L, look) : code;
    }
    if (akt_route_is_many(&config)) {
        look->many = !look->passes;
        return look->many ? AKT_DENIED : akt_send(iso, look->m, full);
    }
    if (config.strategy == AKT_ROUTE_CONSISTENT_HASH &&
        !find_hash(L, look, config.key, &hash))
        return refuse(iso, look, AKT_BAD_MESSAGE);
    enum akt_code code = send_to_routee(L, look, hash, full);
    return code == AKT_BAD_CONTRACT ? refuse_contract(L, look) : code;
}

static int many_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    return lua_gettop(L);
}

int akt_look_many(lua_State *L, const char *op)
{
    luaL_checkstack(L, 4, "router");
    lua_getfield(L, LUA_REGISTRYINDEX, "akt.run_route");
    lua_insert(L, 1);
    lua_pushstring(L, op);
    lua_insert(L, 2);
    lua_callk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, many_k);
    return lua_gettop(L);
}
