/* SPDX-License-Identifier: MIT
 *
 * lua/lib_info.c: akt.info: what there is to know of an actor. The owner of
 * its isolate tells; others ask it by a message.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "lua/error.h"
#include "lua/inspect.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/session.h"
#include "vm/base/alloc.h"
#include "vm/deadlock.h"
#include "vm/health.h"
#include "vm/life.h"
#include "vm/names.h"
#include "vm/passivate.h"
#include "vm/remote.h"
#include "vm/send.h"
#include "vm/spawn.h"
#include "vm/strand.h"

#define MS 1000000ull
#define AKT_INFO_MS 5000

static void set_string(lua_State *L, const char *key, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

static void set_integer(lua_State *L, const char *key, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, key);
}

const char *akt_actor_state_name(const struct akt_actor *a)
{
    switch ((enum akt_state)a->state) {
    case AKT_A_RUNNING:
        return a->finished ? "finished"
               : a->parked ? "waiting"
               : a->busy   ? "running"
                           : "idle";
    case AKT_A_NEW:
    case AKT_A_INIT:
    case AKT_A_POST:
        return "starting";
    case AKT_A_AWAY:
        return "passivated";
    case AKT_A_SUSPENDED:
        return "suspended";
    case AKT_A_DOWN:
        return "down";
    case AKT_A_HALTED:
    case AKT_A_DELAY:
        return "restarting";
    default:
        return "stopping";
    }
}

/* What may be read of an actor from any thread. */
static void fill_public(lua_State *L, struct akt_node *node,
                        struct akt_actor *a, akt_pid pid)
{
    set_string(L, "kind", akt_actor_kind(a)->name);
    set_integer(L, "id", akt_pid_serial(pid));
    set_integer(L, "mailbox", akt_actor_queued(a));
    struct akt_buf path = AKT_BUF_INIT;
    akt_path(node, pid, &path);
    lua_pushlstring(L, path.data, path.len);
    akt_buf_fini(&path);
    lua_setfield(L, -2, "path");
    akt_push_pid(
        L, (akt_pid){atomic_load_explicit(&a->parent, memory_order_relaxed)});
    lua_setfield(L, -2, "parent");
    akt_push_pid(L, pid);
    lua_setfield(L, -2, "pid");
}

/* [owner] The table of akt.info. */
static void push_info(lua_State *L, struct akt_lua *h, struct akt_actor *a)
{
    struct akt_node *node = h->iso->node;
    luaL_checkstack(L, 8, "info");
    lua_newtable(L);
    fill_public(L, node, a, a->self);
    set_string(L, "state", akt_actor_state_name(a));
    set_string(L, "priority", akt_class_name(a));
    set_integer(L, "processed",
                atomic_load_explicit(&a->processed, memory_order_relaxed));
    /* relaxed: the owner is the writer */
    set_integer(L, "restarts",
                atomic_load_explicit(&a->restarts, memory_order_relaxed));
    uint64_t age_ns = akt_node_now(node) - node->started_ns;
    lua_pushnumber(
        L, (double)(age_ns / MS -
                    atomic_load_explicit(&a->born_ms, memory_order_relaxed)) /
               1e3);
    lua_setfield(L, -2, "uptime");
    /* an actor's share of its heap: exact for one that is alone in it */
    set_integer(L, "memory", h->memory_used / h->iso->actors);
    set_integer(L, "isolate", h->iso->index);
    set_integer(L, "in_flight", akt_strand_handlers(a));
    set_integer(L, "tasks", akt_strand_tasks(a));
    if (a->ext && a->ext->health) {
        const struct akt_health *health = a->ext->health;
        set_string(L, "health", akt_health_name(health->status));
        if (health->reason) {
            akt_push_reason(L, health->reason);
            lua_setfield(L, -2, "health_reason");
        }
    }
    if (a->passivation && a->passivation->data)
        set_integer(L, "kept", a->passivation->data->len);
    if (a->ext && a->ext->name)
        set_string(L, "name", a->ext->name);
}

static int info_table(lua_State *L)
{
    push_info(L, akt_lua_of(L), lua_touserdata(L, 1));
    return 1;
}

/* Somebody outside asks for more: the body is a word (lua/inspect.h). */
static void look(struct akt_lua *h, struct akt_actor *a, struct akt_msg *m)
{
    char word[16] = "";
    struct akt_buf text = AKT_BUF_INIT;
    memcpy(word, m->body,
           m->size < sizeof word - 1 ? m->size : sizeof word - 1);
    lua_pushcfunction(h->L, akt_lua_look);
    lua_pushlightuserdata(h->L, a);
    lua_pushlightuserdata(h->L, &text);
    lua_pushlightuserdata(h->L, word);
    bool ok = lua_pcall(h->L, 3, 0, 0) == LUA_OK;
    struct akt_msg *reply = akt_msg_new(AKT_MSG_REPLY, ok ? text.len : 0);
    memcpy(reply->body, text.data, reply->size);
    reply->code = ok ? AKT_OK : AKT_MEMORY;
    akt_reply(h->iso, a->self, m, reply);
    akt_buf_fini(&text);
    lua_settop(h->L, 0);
}

/* Another isolate asks. */
void akt_lua_info(struct akt_isolate *iso, struct akt_actor *a,
                  struct akt_msg *m)
{
    if (akt_session_message(iso, a, m))
        return;
    if (!iso->host_data && !iso->broken) /* nothing has run here yet */
        iso->broken = !iso->host->open(iso);
    struct akt_lua *h = iso->host_data;
    if (h && m->size) {
        look(h, a, m);
        return;
    }
    struct akt_msg *reply = akt_msg_new(AKT_MSG_REPLY, 0);
    if (h) {
        lua_pushcfunction(h->L, info_table);
        lua_pushlightuserdata(h->L, a);
        struct akt_codec_error err;
        h->scratch.len = 0;
        if (lua_pcall(h->L, 1, 1, 0) == LUA_OK &&
            akt_codec_encode(h->L, 1, 1, &h->scratch, &err) == 0) {
            akt_msg_free(reply);
            reply = akt_msg_new(AKT_MSG_REPLY, h->scratch.len);
            memcpy(reply->body, h->scratch.data, h->scratch.len);
        }
        lua_settop(h->L, 0);
    }
    akt_reply(iso, a->self, m, reply);
}

static int info_k(lua_State *L, int status, lua_KContext id)
{
    (void)status;
    struct akt_lua *h = akt_lua_of(L);
    struct akt_pending *p = akt_pending_find(h->iso, (uint64_t)id);
    if (p->code == AKT_NOPROC) {
        akt_pending_close(h->iso, p);
        lua_pushnil(L);
        return 1;
    }
    return akt_take_answer(L, "info", (uint64_t)id);
}

/* akt.info(pid?) -> table, or nil when it is dead */
static int l_info(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_pid pid =
        lua_isnoneornil(L, 1) ? h->iso->current->self : akt_check_dest(L, 1);
    struct akt_actor *a = akt_actor_find(h->iso->node->actors, pid);
    if (!a && !akt_pid_is_remote(pid)) {
        lua_pushnil(L);
        return 1;
    }
    struct akt_isolate *to =
        a ? atomic_load_explicit(&a->isolate, memory_order_relaxed) : NULL;
    if (to == h->iso) {
        push_info(L, h, a);
        return 1;
    }
    if (a && akt_node_is_guardian(h->iso->node, pid)) { /* it runs no scripts */
        lua_newtable(L);
        fill_public(L, h->iso->node, a, pid);
        return 1;
    }
    akt_check_wait(L, "info");
    bool inherited;
    uint64_t deadline = akt_wait_deadline(L, AKT_INFO_MS * MS, &inherited);
    struct akt_pending *p =
        akt_pending_open(h->iso, h->iso->current, AKT_P_CALL, deadline);
    p->inherited = inherited;
    p->target = pid;
    struct akt_msg *m = akt_msg_new(AKT_MSG_INFO, 0);
    m->target = pid;
    m->sender = h->iso->current->self;
    m->ask = p->id;
    akt_post(h->iso->node, h->iso, m);
    return akt_wait(L, p, info_k);
}

void akt_lib_info_open(lua_State *L, int akt)
{
    lua_pushvalue(L, akt);
    lua_pushcfunction(L, l_info);
    lua_setfield(L, -2, "info");
    lua_pop(L, 1);
}
