/* SPDX-License-Identifier: MIT
 *
 * lua/lib_remote.c: names of other nodes' actors, what there is to know of
 * nodes, and kinds that others spawn here. stdlib/_remote.lua is the rest.
 */
#include "lua/remote.h"

#include <string.h>

#include "lua/codec.h"
#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "net/network.h"
#include "vm/base/alloc.h"
#include "vm/names.h"
#include "vm/send.h"

bool akt_remote_import(char *bytes, size_t len,
                       uint16_t (*rename)(void *ctx, uint16_t index), void *ctx)
{
    struct akt_codec_rename r = {rename, ctx};
    return akt_codec_import(bytes, len, &r);
}

/* ---- names ---- */

/* Whether it is "name@node" with the name of this node. */
static bool is_of_here(const struct akt_node *node, const char *at)
{
    return at && node->remote && strcmp(at + 1, node->config.name) == 0;
}

static akt_pid find_here(struct akt_node *node, const char *name, size_t len)
{
    char text[AKT_NAME_MAX + 1];
    if (len > AKT_NAME_MAX)
        return AKT_PID_NONE;
    memcpy(text, name, len);
    text[len] = 0;
    return akt_names_find(node->names, text);
}

akt_pid akt_remote_local(lua_State *L, const char *name)
{
    struct akt_node *node = akt_lua_of(L)->iso->node;
    const char *at = strrchr(name, '@');
    akt_pid pid = akt_names_find(node->names, name);
    if (!akt_pid_is_none(pid) || !node->remote || !at)
        return pid;
    if (is_of_here(node, at))
        return find_here(node, name, (size_t)(at - name));
    akt_error_raise(L, "bad_argument",
                    "%s is of another node: akt.whereis gives its pid", name);
}

bool akt_remote_named(lua_State *L, akt_pid *pid)
{
    struct akt_lua *h = akt_lua_of(L);
    const char *name = lua_tostring(L, 1), *at = strrchr(name, '@');
    if (!at || !h->node->network || is_of_here(h->iso->node, at) ||
        !akt_pid_is_none(akt_names_find(h->iso->node->names, name)))
        return false;
    size_t len = (size_t)(at - name);
    uint16_t index = akt_network_find(h->node->network, at + 1, strlen(at + 1));
    if (!index)
        akt_error_raise(L, "noconnection", "there is no link to a node %s",
                        at + 1);
    if (len == 0 || len > AKT_NAME_MAX)
        akt_error_raise(L, "bad_argument",
                        "%s: a name of 1 to %d bytes and a "
                        "node are expected",
                        name, AKT_NAME_MAX);
    *pid = akt_pid_make(index, AKT_SLOT_NAMED, 0);
    lua_pushlstring(L, name, len);
    lua_insert(L, 2);
    return true;
}

/* core.remote_node(name) -> whether it is linked */
static int l_node_linked(lua_State *L)
{
    struct akt_lua_node *n = akt_lua_of(L)->node;
    size_t len;
    const char *name = luaL_checklstring(L, 1, &len);
    lua_pushboolean(L, n->network && akt_network_find(n->network, name, len));
    return 1;
}

static const char *const states[] = {"down", "connecting", "up"};

static void set_count(lua_State *L, const char *name, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, name);
}

static void push_node(lua_State *L, const struct akt_network_node *n)
{
    const struct akt_link_stats *s = &n->link;
    lua_createtable(L, 0, 16);
    lua_pushstring(L, n->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, n->address);
    lua_setfield(L, -2, "address");
    lua_pushstring(L, states[s->state]);
    lua_setfield(L, -2, "state");
    lua_pushnumber(L, (lua_Number)s->round_trip_ns / 1e9);
    lua_setfield(L, -2, "round_trip");
    set_count(L, "bytes_in", s->session.bytes_in);
    set_count(L, "bytes_out", s->session.bytes_out);
    set_count(L, "messages_in", s->session.messages_in);
    set_count(L, "messages_out", s->session.messages_out);
    set_count(L, "resent", s->session.resent);
    set_count(L, "queued", s->session.queued_messages);
    set_count(L, "credit", s->session.credit_messages);
    set_count(L, "waiting", s->waiting);
    set_count(L, "lost", s->lost_messages);
    set_count(L, "sessions", s->sessions);
}

/* core.remote_nodes() -> list of all that are or were linked */
static int l_nodes(lua_State *L)
{
    struct akt_network *network = akt_lua_of(L)->node->network;
    struct akt_network_node n;
    lua_newtable(L);
    lua_Integer count = 0;
    for (uint16_t i = 2; network && i <= akt_network_len(network); i++)
        if (akt_network_read(network, i, &n) && n.link.sessions) {
            push_node(L, &n);
            lua_rawseti(L, -2, ++count);
        }
    return 1;
}

/* core.remote_is(pid) -> the name of its node, or nil: this one */
static int l_node_of(lua_State *L)
{
    struct akt_node *node = akt_lua_of(L)->iso->node;
    char name[AKT_NODE_NAME_MAX + 1];
    akt_pid pid;
    if (!akt_to_pid(L, 1, &pid) || !akt_pid_is_remote(pid))
        return 0;
    if (!node->remote ||
        !node->remote->name(node->remote, akt_pid_node(pid), name, sizeof name))
        return 0;
    lua_pushstring(L, name);
    return 1;
}

/* ---- kinds ---- */

/* core.kind_state(name) -> "ready", "defined" or nil */
static int l_kind_state(lua_State *L)
{
    struct akt_lua_node *n = akt_lua_of(L)->node;
    const char *name = luaL_checkstring(L, 1);
    pthread_mutex_lock(&n->lock);
    struct akt_lua_kind *k = akt_kind_find(n, name);
    bool ready = k && akt_kind_current(k)->image;
    pthread_mutex_unlock(&n->lock);
    if (!k)
        return 0;
    lua_pushstring(L, ready ? "ready" : "defined");
    return 1;
}

static int frozen_k(lua_State *L, int status, lua_KContext id)
{
    (void)status;
    return akt_take_answer(L, "spawn", (uint64_t)id);
}

/* core.freeze(name): waits until the isolate that defines it has made its
 * image; raises what is wrong with it. */
static int l_freeze(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    size_t len;
    const char *name = luaL_checklstring(L, 1, &len);
    akt_check_wait(L, "spawn");
    pthread_mutex_lock(&h->node->lock);
    struct akt_lua_kind *k = akt_kind_find(h->node, name);
    struct akt_isolate *definer = k ? k->definer : NULL;
    pthread_mutex_unlock(&h->node->lock);
    if (!definer)
        akt_error_raise(L, "unknown_kind", "there is no kind \"%s\"", name);
    bool inherited;
    uint64_t deadline =
        akt_wait_deadline(L, AKT_ASK_MS * 1000000ull, &inherited);
    struct akt_pending *p =
        akt_pending_open(h->iso, h->iso->current, AKT_P_CALL, deadline);
    p->inherited = inherited;
    struct akt_msg *m = akt_msg_new(AKT_MSG_HOST, len + 1);
    memcpy(m->body, name, len + 1);
    m->sender = h->iso->current->self;
    m->ask = p->id;
    akt_post_to_isolate(definer, m);
    return akt_wait(L, p, frozen_k);
}

/* Called protected: (name) */
static int freeze(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, AKT_KINDS_DEFINED);
    if (lua_getfield(L, -1, lua_tostring(L, 1)) != LUA_TTABLE)
        akt_error_raise(L, "unknown_kind", "there is no kind \"%s\"",
                        lua_tostring(L, 1));
    akt_kind_freeze(L, lua_gettop(L));
    return 0;
}

void akt_lua_asked(struct akt_isolate *iso, struct akt_msg *m)
{
    struct akt_lua *h = iso->host_data;
    if (!h)
        return;
    lua_State *L = h->L;
    struct akt_msg *reply;
    int top = lua_gettop(L);
    if (!lua_checkstack(L, 8))
        return;
    lua_pushcfunction(L, freeze);
    lua_pushstring(L, m->body);
    if (lua_pcall(L, 1, 0, 0) == LUA_OK) {
        reply = akt_msg_new(AKT_MSG_REPLY, 0);
        akt_reply(iso, iso->node->main, m, reply);
    } else {
        struct akt_codec_error err;
        h->scratch.len = 0;
        bool whole = akt_codec_encode(L, -1, -1, &h->scratch, &err) == 0;
        akt_reply_error(
            iso->node, iso, iso->node->main, m, AKT_CRASH,
            whole ? akt_reason_make(AKT_CRASH, h->scratch.data, h->scratch.len)
                  : akt_reason_of(AKT_CRASH));
    }
    lua_settop(L, top);
}

/* core.kind(name) -> the table of a kind that is ready */
static int l_kind(lua_State *L)
{
    akt_kind_push(L, luaL_checkstring(L, 1));
    return 1;
}

void akt_remote_serve(lua_State *L)
{
    if (!akt_lua_of(L)->node->network)
        return;
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, "akt");
    lua_getfield(L, -1, "_remote");
    lua_replace(L, -3);
    lua_pop(L, 1);
    lua_pushliteral(L, "start");
    lua_call(L, 1, 0);
}

const luaL_Reg akt_lib_remote[] = {{"linked", l_node_linked},
                                   {"nodes", l_nodes},
                                   {"node_of", l_node_of},
                                   {"kind_state", l_kind_state},
                                   {"freeze", l_freeze},
                                   {"kind", l_kind},
                                   {NULL, NULL}};
