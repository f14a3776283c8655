/* SPDX-License-Identifier: MIT
 *
 * lua/lib_reload.c: akt.reload, on a thread of the pool, and the admin
 * commands for it, likewise off the admin thread.
 */
#include <msgpack.h>
#include <string.h>

#include "lua/error.h"
#include "lua/lib_impl.h"
#include "lua/reload.h"
#include "net/admin.h"
#include "vm/base/alloc.h"
#include "vm/job.h"

/* ---- a report as the bytes of a message ---- */

static void pack(msgpack_packer *pk, const json_t *j);

static void pack_object(msgpack_packer *pk, const json_t *j)
{
    const char *key;
    json_t *value;
    msgpack_pack_map(pk, json_object_size(j));
    json_object_foreach((json_t *)(uintptr_t)j, key, value)
    {
        msgpack_pack_str_with_body(pk, key, strlen(key));
        pack(pk, value);
    }
}

static void pack(msgpack_packer *pk, const json_t *j)
{
    switch (json_typeof(j)) {
    case JSON_OBJECT:
        pack_object(pk, j);
        break;
    case JSON_ARRAY:
        msgpack_pack_array(pk, json_array_size(j));
        for (size_t i = 0; i < json_array_size(j); i++)
            pack(pk, json_array_get(j, i));
        break;
    case JSON_STRING:
        msgpack_pack_str_with_body(pk, json_string_value(j),
                                   json_string_length(j));
        break;
    case JSON_INTEGER:
        msgpack_pack_int64(pk, json_integer_value(j));
        break;
    case JSON_REAL:
        msgpack_pack_double(pk, json_real_value(j));
        break;
    case JSON_TRUE:
        msgpack_pack_true(pk);
        break;
    case JSON_FALSE:
        msgpack_pack_false(pk);
        break;
    case JSON_NULL:
        msgpack_pack_nil(pk);
        break;
    }
}

static struct akt_msg *answer(const json_t *report)
{
    msgpack_sbuffer bytes;
    msgpack_packer pk;
    msgpack_sbuffer_init(&bytes);
    msgpack_packer_init(&pk, &bytes, msgpack_sbuffer_write);
    pack(&pk, report);
    struct akt_msg *m = akt_msg_new(AKT_MSG_REPLY, bytes.size);
    memcpy(m->body, bytes.data, bytes.size);
    msgpack_sbuffer_destroy(&bytes);
    return m;
}

/* ---- akt.reload ---- */

/* What is asked for, with its own copy of the text. */
struct order {
    struct akt_lua_node *n;
    struct akt_reload_request request;
    char *what;
    uv_work_t work;              /* of an admin call */
    struct akt_admin_call *call; /* likewise */
    json_t *report;
};

static struct order *order_new(struct akt_lua_node *n, const char *what)
{
    struct order *o = akt_calloc(sizeof *o);
    o->n = n;
    o->what = what ? akt_strdup(what) : NULL;
    o->request.what = o->what;
    o->request.wait_ms = AKT_RELOAD_MS;
    return o;
}

static void order_free(void *arg)
{
    struct order *o = arg;
    akt_strfree(o->what);
    akt_free(o, sizeof *o);
}

/* [pool] */
static struct akt_msg *order_run(void *arg)
{
    struct order *o = arg;
    json_t *report = akt_reload_run(o->n, &o->request);
    struct akt_msg *m = answer(report);
    json_decref(report);
    return m;
}

static struct akt_msg *status_run(void *arg)
{
    struct order *o = arg;
    json_t *report = akt_reload_status(o->n);
    struct akt_msg *m = answer(report);
    json_decref(report);
    return m;
}

static int reload_k(lua_State *L, int status, lua_KContext id)
{
    (void)status;
    return akt_take_answer(L, "reload", (uint64_t)id);
}

static int start(lua_State *L, struct order *o,
                 struct akt_msg *(*run)(void *arg))
{
    struct akt_isolate *iso = akt_lua_of(L)->iso;
    struct akt_pending *p = akt_pending_open(iso, iso->current, AKT_P_CALL,
                                             akt_inherited_deadline(L));
    akt_job_start(iso, p->id, run, order_free, o);
    return akt_wait(L, p, reload_k);
}

/* core.reload(kind or file or nil, dry_run, rollback) -> report */
static int l_reload(lua_State *L)
{
    const struct akt_lua_kind *k = akt_kind_at(L, 1);
    if (!k && !lua_isnoneornil(L, 1) && lua_type(L, 1) != LUA_TSTRING)
        akt_error_arg(L, 1, "a kind, a name or a file expected, got %s",
                      luaL_typename(L, 1));
    const char *what = k ? k->name : lua_tostring(L, 1);
    akt_check_wait(L, "reload");
    akt_check_effect(L, "reload");
    struct order *o = order_new(akt_lua_of(L)->node, what);
    o->request.dry_run = lua_toboolean(L, 2);
    o->request.rollback = lua_toboolean(L, 3);
    o->request.caller = akt_lua_self(L)->self;
    return start(L, o, order_run);
}

/* core.kinds() -> what `aktvm status` shows */
static int l_kinds(lua_State *L)
{
    akt_check_wait(L, "kinds");
    akt_check_effect(L, "kinds");
    return start(L, order_new(akt_lua_of(L)->node, NULL), status_run);
}

void akt_lib_reload_open(lua_State *L, int core)
{
    static const luaL_Reg functions[] = {
        {"reload", l_reload}, {"kinds", l_kinds}, {NULL, NULL}};
    lua_pushvalue(L, core);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}

/* ---- admin ---- */

static void admin_run(uv_work_t *work)
{
    struct order *o = work->data;
    o->report = akt_reload_run(o->n, &o->request);
}

static void admin_status_run(uv_work_t *work)
{
    struct order *o = work->data;
    o->report = akt_reload_status(o->n);
}

static void admin_done(uv_work_t *work, int status)
{
    (void)status;
    struct order *o = work->data;
    const json_t *error = json_object_get(o->report, "error");
    if (error)
        akt_admin_error(o->call,
                        json_string_value(json_object_get(error, "code")), "%s",
                        json_string_value(json_object_get(error, "message")));
    else
        akt_admin_result(o->call, json_incref(o->report));
    json_decref(o->report);
    order_free(o);
}

static void admin_start(struct akt_admin_call *call, struct order *o,
                        uv_work_cb run)
{
    o->call = call;
    o->work.data = o;
    if (uv_queue_work(akt_admin_loop(call), &o->work, run, admin_done) != 0) {
        akt_admin_error(call, "limit", "no thread could be started");
        order_free(o);
    }
}

static void admin_reload(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)ctx;
    const json_t *what = json_object_get(args, "what");
    if (what && !json_is_null(what) && !json_is_string(what)) {
        akt_admin_error(call, "bad_argument", "what must be a string");
        return;
    }
    struct order *o =
        order_new(akt_admin_node(call)->host_data, json_string_value(what));
    o->request.dry_run = json_is_true(json_object_get(args, "dry_run"));
    o->request.rollback = json_is_true(json_object_get(args, "rollback"));
    admin_start(call, o, admin_run);
}

static void admin_kinds(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)args, (void)ctx;
    admin_start(call, order_new(akt_admin_node(call)->host_data, NULL),
                admin_status_run);
}

void akt_admin_add_reload(struct akt_admin *admin)
{
    akt_admin_add(admin, "reload", admin_reload, NULL);
    akt_admin_add_look(admin, "kinds", admin_kinds, NULL);
}
