/* SPDX-License-Identifier: MIT */
#include "lua/test_cluster.h"

#include <stdio.h>
#include <string.h>

#include "lua/error.h"
#include "lua/lib_impl.h"
#include "lua/remote.h"
#include "net/network.h"
#include "net/sim_net.h"
#include "vm/base/alloc.h"

#define PLACES (AKT_CLUSTER_NODES + 1)
#define NAME_LEN 8 /* "n16" */
#define DELAY_MAX_NS 10000000000ull
/* What a link takes unless a test says: in the same rack. */
#define LEAST_NS 100000ull
#define MOST_NS 1000000ull

struct guest {
    struct akt_later end; /* first; it crashes */
    struct akt_test_cluster *cluster;
    uint32_t place;
    char name[NAME_LEN];
    struct akt_node *node; /* NULL: it is down */
    struct akt_lua_node *lua;
    bool with_host;
};

struct akt_test_cluster {
    struct akt_test_state *home;
    struct akt_lua_node *lua; /* of the trial */
    struct akt_sim_net *net;
    uint32_t nodes;
    struct guest guests[PLACES]; /* by place; 0: none */
    struct akt_link_faults links[PLACES][PLACES];
};

/* ---- nodes ---- */

static void on_report(struct akt_node *node, const char *text, size_t len,
                      const char *fate)
{
    struct akt_capture *c = akt_captured(node->host_data);
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_printf(&b, "%s: ", node->config.name);
    akt_buf_add(&b, text, strnlen(text, len));
    akt_buf_printf(&b, "  restart  %s\n", fate);
    akt_capture_add(c, b.data, b.len);
    akt_buf_fini(&b);
}

static void on_warning(struct akt_node *node, const char *what,
                       const char *text)
{
    struct akt_capture *c = akt_captured(node->host_data);
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_printf(&b, "%s: warning[%s]: %s\n", node->config.name, what, text);
    akt_capture_add(c, b.data, b.len);
    akt_buf_fini(&b);
}

static struct akt_lua_node *make_lua(const struct akt_test_cluster *c,
                                     struct akt_node *node)
{
    struct akt_lua_node *n = akt_lua_node_create(node);
    struct akt_test_state *t = akt_test_state_of(n);
    n->script_path = c->lua->script_path;
    n->script_text = c->lua->script_text;
    n->script_len = c->lua->script_len;
    n->script_name = c->lua->script_name;
    akt_lua_keep_script(n);
    t->trial = c->home->trial;
    t->guest = t->captures = true;
    t->sink = c->home->sink;
    t->level = c->home->level;
    return n;
}

/* Linked to all others, whenever that can be. */
static void open_network(struct akt_test_cluster *c, uint32_t place,
                         struct akt_lua_node *n)
{
    char texts[PLACES][AKT_ADDRESS_MAX + NAME_LEN + 2];
    char address[AKT_ADDRESS_MAX + 1], why[200];
    const char *connect[PLACES + 1] = {NULL};
    uint32_t len = 0;
    for (uint32_t i = 1; i <= c->nodes; i++) {
        if (i == place)
            continue;
        akt_sim_net_address(i, address);
        snprintf(texts[i], sizeof texts[i], "%s@%s", c->guests[i].name,
                 address);
        connect[len++] = texts[i];
    }
    struct akt_network_config config = {
        .connect = connect,
        .import = akt_remote_import,
        .transport = akt_sim_net_transport(c->net, place),
    };
    n->network = akt_network_start(n->node, &config, why, sizeof why);
}

static void start_guest(struct guest *g)
{
    struct akt_test_cluster *c = g->cluster;
    struct akt_config config = {.simulated = true,
                                .world = c->lua->node->world,
                                .name = g->name,
                                .guest = true};
    struct akt_spec *spec = akt_spec_new();
    g->node = akt_node_create(&config);
    g->node->on_report = on_report;
    g->node->on_warning = on_warning;
    g->lua = make_lua(c, g->node);
    spec->own_isolate = true;
    akt_preempt_init(g->node);
    akt_node_main(g->node, &g->lua->main, spec, akt_msg_new(AKT_MSG_START, 0));
    open_network(c, g->place, g->lua);
}

static void end_guest(struct guest *g)
{
    if (!g->node)
        return;
    if (g->with_host)
        akt_sim_net_cut_off(g->cluster->net, g->place);
    akt_network_drop(g->lua->network);
    akt_network_destroy(g->lua->network);
    akt_node_destroy(g->node);
    akt_lua_node_destroy(g->lua);
    g->node = NULL;
    g->lua = NULL;
}

static void on_end(struct akt_later *self)
{
    end_guest((struct guest *)(void *)self);
}

void akt_test_cluster_end(struct akt_test_state *t)
{
    struct akt_test_cluster *c = t->cluster;
    if (!c)
        return;
    for (uint32_t i = 1; i <= c->nodes; i++) {
        akt_world_cancel(c->lua->node->world, &c->guests[i].end);
        end_guest(&c->guests[i]);
    }
    akt_network_drop(c->lua->network);
    akt_network_destroy(c->lua->network);
    c->lua->network = NULL;
    akt_sim_net_destroy(c->net);
    akt_free(c, sizeof *c);
    t->cluster = NULL;
}

/* ---- links ---- */

static void apply(struct akt_test_cluster *c, uint32_t from, uint32_t to)
{
    akt_link_world_set(akt_sim_net_links(c->net), from, to,
                       &c->links[from][to]);
}

static void apply_all(struct akt_test_cluster *c)
{
    for (uint32_t a = 0; a <= c->nodes; a++)
        for (uint32_t b = 0; b <= c->nodes; b++)
            if (a != b)
                apply(c, a, b);
}

static void init_links(struct akt_test_cluster *c)
{
    for (uint32_t a = 0; a <= c->nodes; a++)
        for (uint32_t b = 0; b <= c->nodes; b++)
            c->links[a][b] = (struct akt_link_faults){.least_ns = LEAST_NS,
                                                      .most_ns = MOST_NS};
    apply_all(c);
}

/* ---- for stdlib/test.lua, which has checked the arguments ---- */

static struct akt_test_state *state_of(lua_State *L)
{
    return akt_test_state_of(akt_lua_of(L)->node);
}

static struct akt_test_cluster *cluster_of(lua_State *L)
{
    return state_of(L)->cluster;
}

static struct guest *check_guest(lua_State *L)
{
    return &cluster_of(L)->guests[luaL_checkinteger(L, 1)];
}

/* cluster(n): false: there is one, or no trial in a simulated world */
static int l_cluster(lua_State *L)
{
    struct akt_lua_node *n = akt_lua_of(L)->node;
    struct akt_test_state *t = state_of(L);
    lua_Integer nodes = luaL_checkinteger(L, 1);
    bool can = !t->cluster && t->result && n->node->world->simulated;
    lua_pushboolean(L, can);
    if (!can)
        return 1;
    struct akt_test_cluster *c = t->cluster = akt_calloc(sizeof *c);
    c->home = t;
    c->lua = n;
    c->nodes = (uint32_t)nodes;
    c->net = akt_sim_net_create(n->node->world, c->nodes + 1);
    init_links(c);
    for (uint32_t i = 1; i <= c->nodes; i++) {
        struct guest *g = &c->guests[i];
        g->end.fire = on_end;
        g->cluster = c;
        g->place = i;
        snprintf(g->name, sizeof g->name, "n%u", i % 100);
    }
    open_network(c, 0, n);
    for (uint32_t i = 1; i <= c->nodes; i++)
        start_guest(&c->guests[i]);
    return 1;
}

static bool is_linked(struct akt_lua_node *n)
{
    return akt_network_wait(n->network, 0);
}

/* Whether its file has run; an error if that has failed. */
static bool has_begun(lua_State *L, const struct guest *g)
{
    struct akt_actor *main = akt_actor_find(g->node->actors, g->node->main);
    if (!main)
        akt_error_raise(L, "crash", "cluster: the test file ended %s", g->name);
    return main->finished;
}

/* cluster_ready() -> whether all that are up have begun and were linked */
static int l_ready(lua_State *L)
{
    struct akt_test_cluster *c = cluster_of(L);
    bool ready = is_linked(c->lua);
    for (uint32_t i = 1; i <= c->nodes; i++) {
        struct guest *g = &c->guests[i];
        if (g->node)
            ready = has_begun(L, g) && is_linked(g->lua) && ready;
    }
    lua_pushboolean(L, ready);
    return 1;
}

/* cluster_begun(i) -> whether it is up, whether its file has run */
static int l_begun(lua_State *L)
{
    struct guest *g = check_guest(L);
    lua_pushboolean(L, g->node != NULL);
    lua_pushboolean(L, g->node && has_begun(L, g));
    return 2;
}

/* cluster_end(i, with its host): between two turns */
static int l_end(lua_State *L)
{
    struct guest *g = check_guest(L);
    struct akt_world *world = akt_lua_of(L)->iso->node->world;
    g->with_host = lua_toboolean(L, 2);
    akt_world_at(world, &g->end, world->now_ns);
    return 0;
}

/* cluster_start(i), of one that is down */
static int l_start(lua_State *L)
{
    start_guest(check_guest(L));
    return 0;
}

/* cluster_pause(i, on) */
static int l_pause(lua_State *L)
{
    struct guest *g = check_guest(L);
    akt_sim_net_pause(g->cluster->net, g->place, lua_toboolean(L, 2));
    return 0;
}

/* cluster_cut(from, to, on): one direction */
static int l_cut(lua_State *L)
{
    struct akt_test_cluster *c = cluster_of(L);
    uint32_t from = (uint32_t)luaL_checkinteger(L, 1);
    uint32_t to = (uint32_t)luaL_checkinteger(L, 2);
    c->links[from][to].cut = lua_toboolean(L, 3);
    if (from != to)
        apply(c, from, to);
    return 0;
}

/* cluster_delay(least, most): seconds, of all links; false: too long */
static int l_delay(lua_State *L)
{
    struct akt_test_cluster *c = cluster_of(L);
    uint64_t least = akt_check_seconds(L, 1), most = akt_check_seconds(L, 2);
    bool can = least <= most && most <= DELAY_MAX_NS;
    for (uint32_t a = 0; can && a <= c->nodes; a++)
        for (uint32_t b = 0; b <= c->nodes; b++) {
            c->links[a][b].least_ns = least;
            c->links[a][b].most_ns = most;
        }
    apply_all(c);
    lua_pushboolean(L, can);
    return 1;
}

/* cluster_loss(share), of all links */
static int l_loss(lua_State *L)
{
    struct akt_test_cluster *c = cluster_of(L);
    lua_Number share = luaL_checknumber(L, 1);
    for (uint32_t a = 0; a <= c->nodes; a++)
        for (uint32_t b = 0; b <= c->nodes; b++)
            c->links[a][b].loss = share;
    apply_all(c);
    return 0;
}

void akt_test_cluster_open(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"cluster", l_cluster},     {"cluster_ready", l_ready},
        {"cluster_begun", l_begun}, {"cluster_end", l_end},
        {"cluster_start", l_start}, {"cluster_pause", l_pause},
        {"cluster_cut", l_cut},     {"cluster_delay", l_delay},
        {"cluster_loss", l_loss},   {NULL, NULL},
    };
    luaL_setfuncs(L, functions, 0);
}
