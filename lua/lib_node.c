/* SPDX-License-Identifier: MIT
 *
 * lua/lib_node.c: the program and the node: exit, arguments, clocks, figures,
 * and akt.blocking.
 */
#include <string.h>

#include <lualib.h>

#include "lua/error.h"
#include "lua/image_names.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/secret.h"
#include "net/network.h"
#include "vm/base/alloc.h"
#include "vm/job.h"
#include "vm/send.h"
#include "vm/tape.h"

/* ---- the end ---- */

static int l_exit(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    lua_Integer code = 0;
    if (lua_isboolean(L, 1))
        code = lua_toboolean(L, 1) ? 0 : 1;
    else
        code = luaL_optinteger(L, 1, 0);
    if (code < 0 || code > 255)
        akt_error_arg(L, 1, "an exit code is 0 to 255");
    akt_check_effect(L, "exit");
    akt_node_exit(h->iso->node, (int)code);
    akt_check_wait(L, "exit");
    h->yield_op = AKT_Y_EXIT;
    return lua_yield(L, 0);
}

/* core.on_shutdown(hook): kept for core.set_run_shutdown's function */
static int l_on_shutdown(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    struct akt_actor *a = akt_lua_self(L);
    struct akt_lua_actor *la = akt_lua_actor(a);
    if (la->on_shutdown == LUA_NOREF) {
        lua_newtable(L);
        la->on_shutdown = luaL_ref(L, LUA_REGISTRYINDEX);
        a->wants_hook = true;
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, la->on_shutdown);
    lua_pushvalue(L, 1);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    return 0;
}

/* core.exit_fails(): the end of the program is no success */
static int l_exit_fails(lua_State *L)
{
    akt_node_exit_fails(akt_lua_of(L)->iso->node);
    return 0;
}

/* core.exit_left(): seconds until the end of the program is cut off */
static int l_exit_left(lua_State *L)
{
    struct akt_node *node = akt_lua_of(L)->iso->node;
    /* relaxed: set before anything is told to end */
    uint64_t cut_ns =
        atomic_load_explicit(&node->exit_deadline_ns, memory_order_relaxed);
    uint64_t now_ns = akt_node_now(node);
    lua_Number left = cut_ns > now_ns ? (lua_Number)(cut_ns - now_ns) : 0;
    lua_pushnumber(L, left / 1e9);
    return 1;
}

/* core.exiting(): the node is on its way to the end, as with main it is */
static int l_exiting(lua_State *L)
{
    const struct akt_isolate *iso = akt_lua_of(L)->iso;
    lua_pushboolean(L, iso->current->is_main || akt_node_is_exiting(iso->node));
    return 1;
}

/* core.definition(): only the kinds that are defined matter */
static int l_definition(lua_State *L)
{
    lua_pushboolean(L, akt_lua_of(L)->node->definition);
    return 1;
}

/* core.set_run_upgrade(fn) */
static int l_set_run_upgrade(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_setfield(L, LUA_REGISTRYINDEX, "akt.run_upgrade");
    return 0;
}

/* core.is_named(table): a kind, or part of a module: not an actor's own */
static int l_is_named(lua_State *L)
{
    struct akt_buf name = AKT_BUF_INIT;
    bool is = akt_kind_at(L, 1) || akt_image_names_find(L, 1, &name, NULL);
    akt_buf_fini(&name);
    lua_pushboolean(L, is);
    return 1;
}

/* core.copy_meta(from, to): raw */
static int l_copy_meta(lua_State *L)
{
    if (lua_getmetatable(L, 1))
        lua_setmetatable(L, 2);
    return 0;
}

/* core.set_run_shutdown(fn) */
static int l_set_run_shutdown(lua_State *L)
{
    lua_settop(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "akt.run_shutdown");
    return 0;
}

/* ---- time ---- */

static int l_now(lua_State *L)
{
    struct akt_node *node = akt_lua_of(L)->iso->node;
    lua_pushnumber(L, (lua_Number)akt_node_wall(node) / 1e9);
    return 1;
}

static int l_clock(lua_State *L)
{
    struct akt_node *node = akt_lua_of(L)->iso->node;
    lua_pushnumber(L, (lua_Number)akt_node_now(node) / 1e9);
    return 1;
}

/* ---- figures ---- */

static void set_integer(lua_State *L, const char *key, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, key);
}

static int l_stats(lua_State *L)
{
    struct akt_node_stats s;
    struct akt_node *node = akt_lua_of(L)->iso->node;
    akt_node_stats(node, &s);
    lua_newtable(L);
#define SET(field) set_integer(L, #field, s.field)
    SET(actors);
    SET(isolates);
    SET(workers);
    SET(team);
    SET(turns);
    SET(visits);
    SET(steals);
    SET(collections);
    SET(sleeps);
    SET(preempts);
    SET(sent);
    SET(replies);
    SET(crashes);
    SET(restarts);
    SET(spawned);
    SET(ended);
    SET(expired);
    SET(tasks_dropped);
    SET(passivated);
    SET(woken);
    SET(away);
#undef SET
    set_integer(L, "memory", (uint64_t)s.memory_bytes);
    lua_pushnumber(L, (double)(akt_node_now(node) - node->started_ns) / 1e9);
    lua_setfield(L, -2, "uptime");
    lua_newtable(L);
    for (int i = 0; i < AKT_CODE_COUNT; i++)
        if (s.dead_letters[i])
            set_integer(L, akt_code_name((enum akt_code)i), s.dead_letters[i]);
    lua_setfield(L, -2, "dead_letters");
    return 1;
}

/* core.has_world_files(): they are simulated; in a replay, too */
static int l_has_world_files(lua_State *L)
{
    lua_pushboolean(L, akt_lua_of(L)->simulated);
    return 1;
}

/* core.node() -> name, workers, simulated, seed, address */
static int l_node(lua_State *L)
{
    struct akt_node *node = akt_lua_of(L)->iso->node;
    lua_pushstring(L, node->config.name);
    lua_pushinteger(L, (lua_Integer)akt_input(node->workers_len));
    lua_pushboolean(L, node->world->simulated && !node->world->replay);
    lua_pushinteger(L, (lua_Integer)node->world->seed);
    struct akt_network *network = akt_lua_of(L)->node->network;
    lua_pushstring(L, network ? akt_network_address(network) : NULL);
    return 5;
}

/* core.args() -> list, script path */
static int l_args(lua_State *L)
{
    struct akt_lua_node *n = akt_lua_of(L)->node;
    lua_createtable(L, n->argc, 0);
    for (int i = 0; i < n->argc; i++) {
        lua_pushstring(L, n->argv[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_pushstring(L, n->script_path);
    return 2;
}

/* ---- akt.blocking ---- */

struct blocking {
    struct akt_image *image;
    struct akt_msg *args;
};

static int blocking_body(lua_State *L)
{
    struct blocking *b = lua_touserdata(L, 1);
    lua_settop(L, 0);
    akt_image_load(L, b->image, &akt_image_names_modules);
    int n = akt_codec_decode(L, b->args->body, b->args->size);
    lua_call(L, n, LUA_MULTRET);
    return lua_gettop(L);
}

/* The message of an error table, or the text of any error. __tostring may
 * raise: to be called in protected mode. */
static int error_text(lua_State *L)
{
    if (lua_istable(L, 1)) {
        lua_pushliteral(L, "message");
        if (lua_rawget(L, 1) == LUA_TSTRING)
            return 1;
    }
    luaL_tolstring(L, 1, NULL);
    return 1;
}

/* The error at index 1, or what cannot be sent, as text. */
static struct akt_msg *encode_failure(lua_State *L, enum akt_code code)
{
    struct akt_buf out = AKT_BUF_INIT;
    struct akt_codec_error err;
    struct akt_msg *m;
    lua_settop(L, 1);
    lua_pushcfunction(L, error_text);
    lua_insert(L, 1);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
        lua_settop(L, 0);
        lua_pushliteral(L, "(an error whose __tostring fails)");
    }
    if (akt_codec_encode(L, 1, 1, &out, &err) == 0)
        m = akt_msg_with_reason(AKT_MSG_REPLY,
                                akt_reason_make(code, out.data, out.len));
    else
        m = akt_msg_with_reason(AKT_MSG_REPLY, akt_reason_of(code));
    m->code = code;
    akt_buf_fini(&out);
    return m;
}

static struct akt_msg *encode_results(lua_State *L)
{
    struct akt_buf out = AKT_BUF_INIT;
    struct akt_codec_error err;
    if (akt_codec_encode(L, 1, lua_gettop(L), &out, &err) != 0) {
        akt_buf_fini(&out);
        lua_settop(L, 0);
        lua_pushfstring(L, "result: %s", err.text + err.where_len);
        return encode_failure(L, AKT_BAD_MESSAGE);
    }
    struct akt_msg *m = akt_msg_new(AKT_MSG_REPLY, out.len);
    if (out.len) /* a buffer that was never used has no data */
        memcpy(m->body, out.data, out.len);
    akt_buf_fini(&out);
    return m;
}

/* [pool] In a state of its own, with Lua's stock libraries. */
static struct akt_msg *blocking_run(void *arg)
{
    lua_State *L = luaL_newstate();
    if (!L)
        return akt_msg_with_reason(AKT_MSG_REPLY, akt_reason_of(AKT_MEMORY));
    luaL_openlibs(L);
    lua_pushcfunction(L, blocking_body);
    lua_pushlightuserdata(L, arg);
    struct akt_msg *m;
    if (lua_pcall(L, 1, LUA_MULTRET, 0) == LUA_OK)
        m = encode_results(L);
    else
        m = encode_failure(L, AKT_CRASH);
    lua_close(L);
    return m;
}

static void blocking_fini(void *arg)
{
    struct blocking *b = arg;
    akt_image_unref(b->image);
    akt_msg_free(b->args);
    akt_free(b, sizeof *b);
}

static int blocking_k(lua_State *L, int status, lua_KContext id)
{
    (void)status;
    return akt_take_answer(L, "blocking", (uint64_t)id);
}

static int l_blocking(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    luaL_checktype(L, 1, LUA_TFUNCTION);
    akt_check_wait(L, "blocking");
    akt_check_effect(L, "blocking");
    struct akt_image_error err;
    akt_image_names_index(L);
    struct akt_msg *args = akt_encode(L, 2, AKT_MSG_USER, false);
    struct akt_image *image =
        akt_image_make(L, 1, &akt_image_names_modules, &err);
    if (!image) {
        akt_msg_free(args);
        return akt_error_raise(L, "bad_function", "blocking: %s", err.text);
    }
    struct blocking *b = akt_calloc(sizeof *b);
    b->image = image;
    b->args = args;
    struct akt_pending *p = akt_pending_open(
        h->iso, h->iso->current, AKT_P_CALL, akt_inherited_deadline(L));
    akt_job_start(h->iso, p->id, blocking_run, blocking_fini, b);
    return akt_wait(L, p, blocking_k);
}

/* ---- code as data: for supervisors in other isolates ---- */

/* core.code_out(kind | function) -> { kind = name } or { image = number } */
static int l_code_out(lua_State *L)
{
    struct akt_lua_node *n = akt_lua_of(L)->node;
    struct akt_lua_kind *k = akt_kind_at(L, 1);
    lua_newtable(L);
    if (k) {
        akt_kind_freeze(L, 1);
        lua_pushstring(L, k->name);
        lua_setfield(L, -2, "kind");
        return 1;
    }
    if (lua_type(L, 1) != LUA_TFUNCTION || lua_iscfunction(L, 1))
        return akt_error_raise(L, "bad_child",
                               "a child is a kind or a function, not %s",
                               luaL_typename(L, 1));
    struct akt_image_error err;
    struct akt_image *image = akt_kind_image(L, 1, &err);
    if (!image)
        return akt_error_raise(L, "bad_function", "%s", err.text);
    lua_pushinteger(L, (lua_Integer)akt_lua_keep_image(n, image));
    lua_setfield(L, -2, "image");
    return 1;
}

/* core.code_in(data) -> the kind or the function */
static int l_code_in(lua_State *L)
{
    struct akt_lua_node *n = akt_lua_of(L)->node;
    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_getfield(L, 1, "kind") == LUA_TSTRING) {
        akt_kind_push(L, lua_tostring(L, -1));
        return 1;
    }
    lua_getfield(L, 1, "image");
    struct akt_image *image =
        akt_lua_kept_image(n, (uint64_t)luaL_checkinteger(L, -1));
    if (!image)
        return akt_error_raise(L, "not_found", "there is no such image");
    akt_image_load(L, image, &akt_kind_names);
    return 1;
}

/* core.error(code, message) -> error table with the script's line */
static int l_error(lua_State *L)
{
    akt_error_push(L, luaL_checkstring(L, 1), "%s", luaL_checkstring(L, 2));
    return 1;
}

static int l_message(lua_State *L)
{
    luaL_checkany(L, 1);
    akt_error_message(L, 1);
    return 1;
}

/* core.io_default(name, file?) -> the actor's default file, or nil */
static int l_io_default(lua_State *L)
{
    struct akt_lua_actor *la = akt_lua_actor(akt_lua_self(L));
    const char *name = luaL_checkstring(L, 1);
    if (la->output == LUA_NOREF) {
        if (lua_gettop(L) < 2)
            return 0;
        lua_newtable(L);
        la->output = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, la->output);
    if (lua_gettop(L) > 2) {
        lua_pushvalue(L, 2);
        lua_setfield(L, -2, name);
        return 0;
    }
    lua_getfield(L, -1, name);
    return 1;
}

static const luaL_Reg public[] = {
    {"exit", l_exit},   {"now", l_now},           {"clock", l_clock},
    {"stats", l_stats}, {"blocking", l_blocking}, {"secret", akt_secret_new},
    {NULL, NULL},
};

static const luaL_Reg core[] = {
    {"on_shutdown", l_on_shutdown},
    {"exit_fails", l_exit_fails},
    {"exit_left", l_exit_left},
    {"exiting", l_exiting},
    {"has_world_files", l_has_world_files},
    {"definition", l_definition},
    {"set_run_shutdown", l_set_run_shutdown},
    {"set_run_upgrade", l_set_run_upgrade},
    {"is_named", l_is_named},
    {"copy_meta", l_copy_meta},
    {"node", l_node},
    {"args", l_args},
    {"code_out", l_code_out},
    {"code_in", l_code_in},
    {"error", l_error},
    {"message", l_message},
    {"io_default", l_io_default},
    {NULL, NULL},
};

void akt_lib_node_open(lua_State *L, int akt, int core_table)
{
    lua_pushvalue(L, akt);
    luaL_setfuncs(L, public, 0);
    lua_pushvalue(L, core_table);
    luaL_setfuncs(L, core, 0);
    lua_getfield(L, LUA_REGISTRYINDEX, "akt.io");
    lua_setfield(L, -2, "io");
    lua_getfield(L, LUA_REGISTRYINDEX, "akt.file");
    lua_setfield(L, -2, "file");
    lua_pop(L, 2);
}
