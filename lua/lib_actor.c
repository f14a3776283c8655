/* SPDX-License-Identifier: MIT
 *
 * lua/lib_actor.c: spawn, stop, links, monitors, names, and what akt.info
 * tells.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/look.h"
#include "lua/options.h"
#include "vm/base/alloc.h"
#include "vm/cause.h"
#include "vm/deadlock.h"
#include "vm/events.h"
#include "vm/life.h"
#include "vm/names.h"
#include "vm/route.h"
#include "vm/remote.h"
#include "vm/send.h"
#include "vm/spawn.h"
#include "vm/strand.h"
#include "vm/tape.h"

#define MS 1000000ull

const char *akt_pid_text(lua_State *L, akt_pid pid)
{
    if (akt_pid_is_none(pid)) {
        lua_pushliteral(L, "<nobody>");
        return lua_tostring(L, -1);
    }
    akt_push_pid(L, pid);
    const char *text = luaL_tolstring(L, -1, NULL);
    lua_remove(L, -2);
    return text;
}

/* ---- options of spawn ---- */

static const char *const spawn_keys[] = {
    "name",    "restart", "detached", "shutdown", "on_error",  "mailbox",
    "isolate", "memory",  "link",     "monitor",  "supervise", "passivate",
    "init",    "health",  "use",      "cpu",      "priority",  NULL};

static void read_restart(lua_State *L, int idx, struct akt_spec *spec)
{
    static const char *const words[] = {"temporary", "transient", "permanent",
                                        NULL};
    spec->restart = (enum akt_restart)akt_options_word(L, idx, "restart", words,
                                                       (int)spec->restart);
}

static void read_shutdown(lua_State *L, int idx, struct akt_spec *spec)
{
    int type = lua_getfield(L, idx, "shutdown");
    if (type == LUA_TSTRING && strcmp(lua_tostring(L, -1), "kill") == 0) {
        spec->shutdown_ms = 0;
    } else if (type == LUA_TNUMBER && lua_tonumber(L, -1) >= 0) {
        lua_Number s = lua_tonumber(L, -1);
        spec->shutdown_ms =
            s >= 4e6 ? AKT_SHUTDOWN_FOREVER : (uint32_t)(s * 1000);
    } else if (type != LUA_TNIL) {
        akt_error_raise(L, "bad_option",
                        "shutdown must be seconds, \"kill\" or math.huge");
    }
    lua_pop(L, 1);
}

static enum akt_action check_action(lua_State *L, int idx)
{
    static const char *const words[] = {
        "", "resume", "restart", "stop", "escalate", "suspend", NULL};
    const char *word = lua_tostring(L, idx);
    for (int i = 1; word && words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return (enum akt_action)i;
    akt_error_raise(L, "bad_option",
                    "on_error: an action is \"resume\", \"restart\", "
                    "\"stop\", \"suspend\" or \"escalate\", not %s",
                    word ? word : luaL_typename(L, idx));
}

static void add_on_error(struct akt_spec *spec, const char *code,
                         enum akt_action action)
{
    struct akt_on_error *e = akt_calloc(sizeof *e);
    e->code = akt_strdup(code);
    e->action = action;
    struct akt_on_error **at = &spec->on_error;
    while (*at && strcmp(code, "*") == 0) /* the rest comes last */
        at = &(*at)->next;
    e->next = *at;
    *at = e;
}

static void read_on_error(lua_State *L, int idx, struct akt_spec *spec)
{
    if (lua_getfield(L, idx, "on_error") != LUA_TNIL) {
        if (!lua_istable(L, -1))
            akt_error_raise(L, "bad_option", "on_error must be a table");
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            if (lua_type(L, -2) != LUA_TSTRING)
                akt_error_raise(L, "bad_option",
                                "on_error: a code is a string");
            add_on_error(spec, lua_tostring(L, -2), check_action(L, -1));
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

/* "32MB", "512kB", "1GB" or a number of bytes. */
size_t akt_check_memory(lua_State *L, int idx, const char *what)
{
    lua_Number n = 0;
    if (lua_type(L, idx) == LUA_TNUMBER) {
        n = lua_tonumber(L, idx);
    } else {
        const char *s = luaL_tolstring(L, idx, NULL);
        char unit[8] = "";
        if (sscanf(s, "%lf%7s", &n, unit) < 1)
            n = 0;
        lua_pop(L, 1);
        n *= !strcasecmp(unit, "kb")   ? 1024.0
             : !strcasecmp(unit, "mb") ? 1024.0 * 1024
             : !strcasecmp(unit, "gb") ? 1024.0 * 1024 * 1024
             : unit[0]                 ? 0
                                       : 1;
    }
    if (!(n >= 256 * 1024) || n > 1e15)
        akt_error_raise(L, "bad_option",
                        "%s must be at least 256kB, like \"32MB\"", what);
    return (size_t)n;
}

/* "20%": of one core. */
static uint32_t check_cpu(lua_State *L, int idx)
{
    const char *s = lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : "";
    size_t digits = strspn(s, "0123456789");
    int percent = digits && digits <= 3 ? atoi(s) : 0;
    if (strcmp(s + digits, "%") != 0 || percent < 1 || percent > 100)
        akt_error_raise(L, "bad_option",
                        "cpu must be a share of one core, \"1%%\" to "
                        "\"100%%\", not %s",
                        luaL_tolstring(L, idx, NULL));
    return (uint32_t)percent;
}

static void read_isolate(lua_State *L, int idx, struct akt_spec *spec)
{
    spec->own_isolate = akt_options_flag(L, idx, "isolate");
    if (lua_getfield(L, idx, "memory") != LUA_TNIL) {
        spec->memory_bytes = akt_check_memory(L, -1, "memory");
        spec->own_isolate = true;
    }
    if (lua_getfield(L, idx, "cpu") != LUA_TNIL) {
        spec->cpu_percent = check_cpu(L, -1);
        spec->own_isolate = true;
    }
    lua_pop(L, 2);
}

/* Of the function in the mailbox table on top: the new actor may be in another
 * isolate. */
static struct akt_image *priority_image(lua_State *L)
{
    struct akt_image_error err;
    lua_getfield(L, -1, "priority");
    struct akt_image *image = akt_kind_image(L, lua_gettop(L), &err);
    if (!image)
        akt_error_raise(L, "bad_option", "mailbox priority: %s", err.text);
    lua_pop(L, 1);
    return image;
}

static void read_policies(lua_State *L, int idx, struct akt_spec *spec)
{
    if (lua_getfield(L, idx, "mailbox") != LUA_TNIL) {
        akt_check_mailbox(L, -1, &spec->mailbox, &spec->rules);
        spec->own_mailbox = true;
        if (spec->rules.by_function)
            spec->priority = priority_image(L);
    }
    if (lua_getfield(L, idx, "supervise") != LUA_TNIL) {
        akt_check_supervise(L, -1, &spec->supervise);
        spec->own_supervise = true;
    }
    if (lua_getfield(L, idx, "init") != LUA_TNIL)
        akt_check_init(L, -1, &spec->init);
    if (lua_getfield(L, idx, "health") != LUA_TNIL)
        akt_check_health(L, -1, &spec->health);
    if (lua_getfield(L, idx, "passivate") != LUA_TNIL) {
        akt_check_passivate(L, -1, &spec->passivate);
        spec->own_passivate = true;
    }
    lua_pop(L, 5);
}

/* Of akt.router; no option, so it leaves the table before that is checked. */
static void read_route(lua_State *L, int idx, struct akt_spec *spec)
{
    if (lua_getfield(L, idx, "$route") != LUA_TNIL) {
        struct akt_route_config config;
        akt_look_read_route(L, -1, &config);
        spec->route = akt_route_create(
            &config,
            akt_input(akt_world_random(akt_lua_of(L)->iso->node->world)));
        lua_pushnil(L);
        lua_setfield(L, idx, "$route");
    }
    lua_pop(L, 1);
}

/* A spec that is freed when an error jumps over the C code that fills it. */
static int box_gc(lua_State *L)
{
    struct akt_spec **box = lua_touserdata(L, 1);
    akt_spec_free(*box, &akt_lua_host);
    *box = NULL;
    return 0;
}

static struct akt_spec **push_spec_box(lua_State *L)
{
    struct akt_spec **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    if (luaL_newmetatable(L, "akt.spec")) {
        lua_pushcfunction(L, box_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    *box = akt_spec_new();
    const struct akt_spec *own = akt_lua_self(L)->spec;
    (*box)->uses = own ? akt_use_ref(own->uses) : NULL;
    return box;
}

static void read_options(lua_State *L, int idx, struct akt_spec *spec,
                         struct akt_spawn *req)
{
    read_route(L, idx, spec);
    akt_options_check(L, idx, "spawn", spawn_keys);
    read_restart(L, idx, spec);
    read_shutdown(L, idx, spec);
    read_on_error(L, idx, spec);
    read_isolate(L, idx, spec);
    read_policies(L, idx, spec);
    spec->own_class = akt_check_class(L, idx, &spec->class);
    req->detached = akt_options_flag(L, idx, "detached");
    req->link = akt_options_flag(L, idx, "link");
    req->monitor = akt_options_flag(L, idx, "monitor");
    if (lua_getfield(L, idx, "name") != LUA_TNIL) {
        size_t len = 0;
        req->name = lua_tolstring(L, -1, &len);
        if (lua_type(L, -1) != LUA_TSTRING || len == 0 || len > AKT_NAME_MAX ||
            strlen(req->name) != len)
            akt_error_raise(L, "bad_option",
                            "name must be a string of 1 to %d bytes",
                            AKT_NAME_MAX);
    }
    lua_pop(L, 1); /* the table keeps the string */
    if (req->detached) {
        akt_use_unref(spec->uses); /* it is no child of this one */
        spec->uses = NULL;
    }
    if (lua_getfield(L, idx, "use") != LUA_TNIL)
        akt_use_read(L, lua_gettop(L), spec);
    lua_pop(L, 1);
}

/* core.check_spawn(options): raises for what spawn_opt would */
static int l_check_spawn(lua_State *L)
{
    struct akt_spawn req = {0};
    luaL_checktype(L, 1, LUA_TTABLE);
    read_options(L, 1, *push_spec_box(L), &req);
    return 0;
}

/* ---- spawn ---- */

static int spawned(lua_State *L, akt_pid pid, uint64_t ref)
{
    akt_push_pid(L, pid);
    if (!ref)
        return 1;
    akt_push_ref(L, ref);
    return 2;
}

/* There is no actor to be tied to; one whose init is too late ends. */
static void forget_spawned(lua_State *L, struct akt_lua *h,
                           const struct akt_pending *p)
{
    struct akt_actor *self = h->iso->current;
    akt_unlink(h->iso, self, p->target);
    if (!lua_isnil(L, -1))
        akt_demonitor(h->iso, self, akt_check_ref(L, -1));
    if (p->code == AKT_TIMEOUT)
        akt_kill(h->iso, self->self, p->target);
}

/* The stack below the yield: ..., pid, ref or nil. */
static int spawn_k(lua_State *L, int status, lua_KContext id)
{
    (void)status;
    struct akt_lua *h = akt_lua_of(L);
    akt_strand_clear_edge(h->iso->current);
    struct akt_pending *p = akt_pending_find(h->iso, (uint64_t)id);
    if (p->code == AKT_NOPROC)
        p->code = AKT_INIT_FAILED;
    if (p->code != AKT_OK) {
        forget_spawned(L, h, p);
        akt_push_failure(L, "spawn", p);
        akt_pending_close(h->iso, p);
        return lua_error(L);
    }
    akt_pending_close(h->iso, p);
    int n = lua_isnil(L, -1) ? 1 : 2;
    if (n == 1)
        lua_pop(L, 1);
    return n;
}

static int spawn_refused(lua_State *L, enum akt_code code,
                         const struct akt_spawn *req)
{
    if (code == AKT_NAME_TAKEN)
        return akt_error_raise(L, "name_taken",
                               "spawn: the name \"%s\" is taken", req->name);
    if (code == AKT_DENIED)
        return akt_error_raise(L, "denied",
                               "spawn: the actor (or the program) is ending");
    return akt_error_raise(L, "limit",
                           "spawn: the node has no room for more actors or "
                           "is short of memory");
}

/* A process is one function, which is its state and has no callbacks. */
static void refuse_for_process(lua_State *L, const struct akt_spec *spec)
{
    static const struct akt_init none = AKT_INIT_DEFAULT;
    const char *what = NULL;
    if (spec->own_passivate &&
        (spec->passivate.after_ms || spec->passivate.messages))
        what = "passivate";
    else if (memcmp(&spec->init, &none, sizeof none) != 0)
        what = "init";
    else if (spec->health.every_ms)
        what = "health";
    if (what)
        akt_error_raise(L, "bad_option",
                        "spawn: %s is for kinds, and this is a process: its "
                        "function is its state",
                        what);
}

/* Puts what is spawned into req: a kind, or the image of a function. */
static void read_code(lua_State *L, int idx, struct akt_spawn *req,
                      struct akt_spec ***box)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_lua_kind *k = akt_kind_at(L, idx);
    if (k) {
        if (!akt_kind_is_frozen(k))
            akt_kind_freeze(L, idx);
        req->kind = &akt_kind_current(k)->kind;
        return;
    }
    if (lua_type(L, idx) != LUA_TFUNCTION || lua_iscfunction(L, idx))
        akt_error_arg(L, idx, "a kind or a function expected, got %s",
                      lua_iscfunction(L, idx) ? "a C function"
                                              : luaL_typename(L, idx));
    struct akt_image_error err;
    struct akt_image *image = akt_kind_image(L, idx, &err);
    if (!image)
        akt_error_raise(L, "bad_function", "spawn: %s", err.text);
    if (!*box) {
        *box = push_spec_box(L);
        lua_insert(L, 1);
    }
    (**box)->code = image;
    refuse_for_process(L, **box);
    req->kind = &h->node->process;
}

/* `first`: where kind or function is; opts: a table's index or 0. */
static int spawn(lua_State *L, int first, int opts, bool link, bool monitor)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_spawn req = {.link = link, .monitor = monitor};
    struct akt_spec **box = NULL;
    akt_check_effect(L, "spawn");
    luaL_checkstack(L, 16, "spawn");
    if (opts) {
        box = push_spec_box(L);
        lua_insert(L, 1);
        opts++;
        first++;
        luaL_checktype(L, opts, LUA_TTABLE);
        read_options(L, opts, *box, &req);
    }
    int top = lua_gettop(L);
    if (!box && h->iso->current->spec && h->iso->current->spec->uses) {
        box = push_spec_box(L); /* inherits them */
        lua_insert(L, 1);
        first++;
        top++;
    }
    read_code(L, first, &req, &box);
    first += lua_gettop(L) - top;
    bool waits = !req.kind->process && req.kind->hooks & AKT_HOOK_INIT;
    if (waits)
        akt_check_wait(L, "spawn");
    req.args = akt_encode(L, first + 1, AKT_MSG_START, false);
    struct akt_actor *self = h->iso->current;
    req.args->sender = self->self;
    akt_cause_note(h->iso, self, req.args);
    uint64_t start_ms = akt_spec_start_ms(box ? *box : NULL);
    if (box) {
        req.spec = *box;
        *box = NULL;
    }
    struct akt_pending *p = NULL;
    if (waits) {
        bool inherited;
        uint64_t deadline =
            akt_wait_deadline(L, (start_ms + 1000) * MS, &inherited);
        p = akt_pending_open(h->iso, self, AKT_P_CALL, deadline);
        p->inherited = inherited;
        p->asks = true;
        req.args->ask = p->id;
        req.args->deadline_ns = deadline;
    }
    akt_pid pid;
    enum akt_code code = akt_spawn(h->iso, self, &req, &pid);
    if (code != AKT_OK) {
        if (p)
            akt_pending_close(h->iso, p);
        return spawn_refused(L, code, &req);
    }
    if (!p)
        return spawned(L, pid, req.ref);
    p->target = pid;
    akt_pid chain[AKT_CHAIN_MAX];
    struct akt_edge_wait w;
    if (akt_strand_edge(self, p, &w))
        akt_edge_publish_wait(h->iso->node, self, &w, chain);
    spawned(L, pid, req.ref);
    if (!req.ref)
        lua_pushnil(L);
    return akt_wait(L, p, spawn_k);
}

static int l_spawn(lua_State *L)
{
    luaL_checkany(L, 1);
    return spawn(L, 1, 0, false, false);
}

static int l_spawn_opt(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    return spawn(L, 2, 1, false, false);
}

static int l_spawn_link(lua_State *L)
{
    luaL_checkany(L, 1);
    return spawn(L, 1, 0, true, false);
}

static int l_spawn_monitor(lua_State *L)
{
    luaL_checkany(L, 1);
    return spawn(L, 1, 0, false, true);
}

/* ---- identity ---- */

static int l_self(lua_State *L)
{
    akt_push_pid(L, akt_lua_self(L)->self);
    return 1;
}

static int l_sender(lua_State *L)
{
    const struct akt_msg *m = akt_lua_self(L)->current;
    akt_push_pid(L, m && m->type == AKT_MSG_USER ? m->sender : AKT_PID_NONE);
    return 1;
}

static int l_parent(lua_State *L)
{
    struct akt_actor *a = akt_lua_self(L);
    akt_push_pid(
        L, (akt_pid){atomic_load_explicit(&a->parent, memory_order_relaxed)});
    return 1;
}

static int l_alive(lua_State *L)
{
    akt_pid pid = akt_check_dest(L, 1);
    if (akt_pid_is_remote(pid))
        return 0; /* stdlib/_remote.lua asks its node */
    lua_pushboolean(L, akt_actor_find(akt_lua_of(L)->iso->node->actors, pid) !=
                           NULL);
    return 1;
}

/* ---- stop, kill, restart ---- */

static int denied(lua_State *L, const char *what, akt_pid pid)
{
    return akt_error_raise(L, "denied", "%s: %s belongs to the machine", what,
                           akt_pid_text(L, pid));
}

static int l_stop(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_pid self = h->iso->current->self;
    akt_pid to = lua_isnoneornil(L, 1) ? self : akt_check_dest(L, 1);
    akt_check_effect(L, "stop");
    struct akt_reason *reason = akt_lua_reason(L, 2, AKT_NORMAL);
    if (akt_stop(h->iso, self, to, reason) == AKT_DENIED)
        return denied(L, "stop", to);
    return 0;
}

static int l_kill(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_pid to = akt_check_dest(L, 1);
    akt_check_effect(L, "kill");
    if (akt_kill(h->iso, h->iso->current->self, to) == AKT_DENIED)
        return denied(L, "kill", to);
    return 0;
}

static int l_restart(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_pid to = akt_check_dest(L, 1);
    enum akt_code code = akt_restart(h->iso, h->iso->current->self, to);
    if (code == AKT_DENIED)
        return denied(L, "restart", to);
    lua_pushboolean(L, code == AKT_OK);
    return 1;
}

/* ---- links and monitors ---- */

static int l_link(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_pid to = akt_check_dest(L, 1);
    akt_check_effect(L, "link");
    akt_check_room(L, "link");
    if (akt_link(h->iso, h->iso->current, to) != AKT_OK)
        return akt_error_raise(L, "noproc", "link: there is no such actor");
    lua_pushboolean(L, 1);
    return 1;
}

static int l_unlink(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_unlink(h->iso, h->iso->current, akt_check_dest(L, 1));
    return 0;
}

static int l_monitor(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_pid to = akt_check_dest(L, 1);
    akt_check_effect(L, "monitor");
    akt_check_room(L, "monitor");
    bool restarts = false;
    if (!lua_isnoneornil(L, 2)) {
        luaL_checktype(L, 2, LUA_TTABLE);
        restarts = akt_options_flag(L, 2, "restarts");
    }
    akt_push_ref(L, akt_monitor(h->iso, h->iso->current, to, restarts));
    return 1;
}

static int l_demonitor(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    uint64_t ref = akt_check_ref(L, 1);
    lua_pushboolean(L, akt_demonitor(h->iso, h->iso->current, ref));
    return 1;
}

static int l_trap_exit(lua_State *L)
{
    struct akt_actor *a = akt_lua_self(L);
    lua_pushboolean(L, a->traps_exit);
    a->traps_exit = lua_toboolean(L, 1);
    return 1;
}

/* ---- names ---- */

static void tell_registered(struct akt_node *node, const struct akt_actor *a)
{
    struct akt_event e = {.kind = AKT_EV_REGISTER, .who = a->self};
    struct akt_event_details d = {.name = a->ext->name};
    if (akt_event_wanted(node, AKT_EV_REGISTER))
        akt_event_told(node, &e, &d);
}

static int l_register(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    size_t len;
    const char *name = luaL_checklstring(L, 1, &len);
    if (len == 0 || len > AKT_NAME_MAX || strlen(name) != len)
        akt_error_arg(L, 1, "a name has 1 to %d bytes, none of them 0",
                      AKT_NAME_MAX);
    akt_check_effect(L, "register");
    akt_check_room(L, "register");
    if (!lua_isnoneornil(L, 2) && !akt_pid_eq(akt_check_pid(L, 2), a->self))
        return akt_error_raise(L, "denied",
                               "register: an actor registers itself, or gets "
                               "its name at spawn");
    struct akt_actor_ext *ext = akt_actor_ext(a);
    if (ext->name)
        return akt_error_raise(L, "name_taken",
                               "register: the actor has the name \"%s\" "
                               "already",
                               ext->name);
    if (!akt_names_put(h->iso->node->names, name, a->self))
        return akt_error_raise(L, "name_taken",
                               "register: the name \"%s\" is taken", name);
    ext->name = akt_strdup(name);
    tell_registered(h->iso->node, a);
    return 0;
}

static int l_unregister(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    bool had = a->ext && a->ext->name;
    if (had) {
        akt_names_remove(h->iso->node->names, a->ext->name, a->self);
        akt_strfree(a->ext->name);
        a->ext->name = NULL;
    }
    lua_pushboolean(L, had);
    return 1;
}

/* A name is taken before its actor can be reached; until then nobody has it. */
static int l_whereis(lua_State *L)
{
    struct akt_node *node = akt_lua_of(L)->iso->node;
    akt_pid pid = akt_names_find(node->names, luaL_checkstring(L, 1));
    if (akt_actor_find(node->actors, pid))
        akt_push_pid(L, pid);
    else
        lua_pushnil(L);
    return 1;
}

/* ---- become ---- */

/* core.become(handlers, stack) */
static int l_become(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    struct akt_lua_actor *la = akt_lua_actor(akt_lua_self(L));
    if (la->handlers == LUA_NOREF) {
        lua_newtable(L);
        la->handlers = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, la->handlers);
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    bool stack = lua_toboolean(L, 2);
    lua_pushvalue(L, 1);
    lua_rawseti(L, -2, n == 0 || stack ? n + 1 : n);
    return 0;
}

/* core.unbecome() */
static int l_unbecome(lua_State *L)
{
    struct akt_lua_actor *la = akt_lua_actor(akt_lua_self(L));
    if (la->handlers == LUA_NOREF)
        return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, la->handlers);
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    lua_pushnil(L);
    lua_rawseti(L, -2, n);
    if (n <= 1) {
        luaL_unref(L, LUA_REGISTRYINDEX, la->handlers);
        la->handlers = LUA_NOREF;
    }
    return 0;
}

/* ---- children ---- */

/* core.children(pid|nil) -> list of pids, oldest first; own ones only */
static int l_children(lua_State *L)
{
    lua_newtable(L);
    lua_Integer n = 0;
    struct akt_actor *a = akt_lua_self(L)->youngest;
    while (a && a->older)
        a = a->older;
    for (; a; a = a->younger) {
        akt_pid pid = akt_actor_pid(a);
        if (akt_pid_is_none(pid))
            continue;
        akt_push_pid(L, pid);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

/* core.stop_child(pid) -> false if it is no child of this actor */
static int l_stop_child(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    akt_pid pid = akt_check_pid(L, 1);
    struct akt_actor *c = a->youngest;
    while (c && !akt_pid_eq(akt_actor_pid(c), pid))
        c = c->older;
    if (c && c->child_state != AKT_C_STOPPING)
        akt_supervise_stop_child(h->iso, a, c, akt_reason_of(AKT_SHUTDOWN));
    lua_pushboolean(L, c != NULL);
    return 1;
}

static const luaL_Reg public[] = {
    {"spawn", l_spawn},
    {"spawn_opt", l_spawn_opt},
    {"spawn_link", l_spawn_link},
    {"spawn_monitor", l_spawn_monitor},
    {"self", l_self},
    {"sender", l_sender},
    {"parent", l_parent},
    {"alive", l_alive},
    {"stop", l_stop},
    {"kill", l_kill},
    {"restart", l_restart},
    {"link", l_link},
    {"unlink", l_unlink},
    {"monitor", l_monitor},
    {"demonitor", l_demonitor},
    {"trap_exit", l_trap_exit},
    {"register", l_register},
    {"unregister", l_unregister},
    {"whereis", l_whereis},
    {"unbecome", l_unbecome},
    {"actor", akt_kind_define},
    {NULL, NULL},
};

static const luaL_Reg core[] = {
    {"become", l_become},
    {"children", l_children},
    {"stop_child", l_stop_child},
    {"check_spawn", l_check_spawn},
    {NULL, NULL},
};

void akt_lib_actor_open(lua_State *L, int akt, int core_table)
{
    lua_pushvalue(L, akt);
    luaL_setfuncs(L, public, 0);
    lua_pushvalue(L, core_table);
    luaL_setfuncs(L, core, 0);
    lua_pop(L, 2);
}
