/* SPDX-License-Identifier: MIT */
#include "lua/host.h"

#include <assert.h>
#include <stdlib.h>

#include "lua/aside.h"
#include "lua/crash.h"
#include "lua/definitions.h"
#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/line.h"
#include "lua/loading.h"
#include "lua/look.h"
#include "lua/pool.h"
#include "lua/report.h"
#include "lua/verdict.h"
#include "lua/where.h"
#include "lua/registry.h"
#include "lua/remote.h"
#include "vm/base/alloc.h"
#include "vm/base/arena.h"
#include "vm/base/log.h"
#include "vm/crash.h"
#include "vm/gates.h"
#include "vm/life.h"
#include "vm/send.h"
#include "vm/strand.h"
#include "vm/upgrade.h"
#include "vm/watchdog.h"

#define SELVES 1      /* the driver's stack: the table of states */
#define LOOKS 4       /* actors of a kind whose states say how large one is */
#define FIELDS_MAX 16 /* ... at most */

/* ---- actors ---- */

struct akt_lua_actor *akt_lua_actor(struct akt_actor *a)
{
    if (!a->host_data) {
        struct akt_lua_actor *la = akt_calloc(sizeof *la);
        la->handlers = la->output = la->on_shutdown = LUA_NOREF;
        la->tasks = la->priority = LUA_NOREF;
        a->host_data = la;
    }
    return a->host_data;
}

static void free_lua_actor(struct akt_lua *h, struct akt_actor *a)
{
    struct akt_lua_actor *la = a->host_data;
    if (!la)
        return;
    luaL_unref(h->L, LUA_REGISTRYINDEX, la->handlers);
    luaL_unref(h->L, LUA_REGISTRYINDEX, la->output);
    luaL_unref(h->L, LUA_REGISTRYINDEX, la->on_shutdown);
    luaL_unref(h->L, LUA_REGISTRYINDEX, la->tasks);
    luaL_unref(h->L, LUA_REGISTRYINDEX, la->priority);
    akt_line_free(la->line);
    if (la->gates)
        akt_gates_end(h->node->node->gates, la->gates);
    akt_free(la, sizeof *la);
    a->host_data = NULL;
}

static void forget(struct akt_isolate *iso, struct akt_actor *a, bool final)
{
    (void) final;
    struct akt_lua *h = iso->host_data;
    if (!h)
        return;
    if (a->self_ref) {
        lua_rawgeti(h->L, LUA_REGISTRYINDEX, h->selves);
        lua_pushboolean(h->L, 0); /* no gap, which Lua would make a hash of */
        lua_rawseti(h->L, -2, (lua_Integer)a->self_ref);
        lua_pop(h->L, 1);
        akt_buf_add(&h->selves_free, &a->self_ref, sizeof a->self_ref);
        a->self_ref = 0;
    }
    free_lua_actor(h, a);
}

static void spec_fini(struct akt_spec *spec)
{
    akt_image_unref(spec->code);
    akt_image_unref(spec->priority);
    akt_use_unref(spec->uses);
}

/* ---- coroutines ---- */

static void drop_fiber(struct akt_isolate *iso, struct akt_actor *a)
{
    akt_pool_drop(iso->host_data, a->fiber);
    a->fiber = NULL;
}

int akt_resume(struct akt_lua *h, lua_State *L, lua_State *from, int nargs,
               int *nres)
{
    struct akt_chain link = {L, h->chain};
    h->chain = &link;
    akt_preempt_publish(h, L);
    if (h->simulated)
        akt_preempt_resumed(h, L);
    int status = lua_resume(L, from, nargs, nres);
    h->chain = link.outer;
    akt_preempt_publish(h, link.outer ? link.outer->L : NULL);
    return status;
}

/* ---- the turns ---- */

static void push_self(lua_State *L, const struct akt_actor *a)
{
    lua_rawgeti(L, SELVES, (lua_Integer)a->self_ref);
}

static int decode(lua_State *L, const char *bytes, size_t len)
{
    int n = akt_codec_decode_words(L, &akt_lua_of(L)->words, bytes, len);
    if (n < 0)
        return akt_error_raise(L, "bad_message", "malformed message bytes");
    return n;
}

static bool push_cached(lua_State *L, const struct akt_class *c,
                        const char *tag, size_t len)
{
    if (!akt_word_fits(len))
        return false;
    struct akt_word word = akt_word_of(tag, len);
    for (uint32_t i = 0; i < c->handlers_len; i++) {
        if (akt_word_eq(&c->handlers[i].tag, &word)) {
            lua_rawgeti(L, LUA_REGISTRYINDEX, c->handlers[i].ref);
            return true;
        }
    }
    return false;
}

/* Pushes the handler for a tag, if there is one. Always inline: two callers,
 * one of which is on the path of every message. */
static inline __attribute__((always_inline)) bool
push_handler(lua_State *L, const struct akt_class *c, const struct akt_actor *a,
             const char *tag, size_t len)
{
    const struct akt_lua_actor *la = a->host_data;
    if (la && la->handlers != LUA_NOREF) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, la->handlers);
        lua_rawgeti(L, -1, (lua_Integer)lua_rawlen(L, -1));
        lua_remove(L, -2);
    } else if (push_cached(L, c, tag, len)) {
        return true;
    } else {
        lua_rawgeti(L, LUA_REGISTRYINDEX, c->on);
    }
    lua_pushlstring(L, tag, len);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    return lua_type(L, -1) == LUA_TFUNCTION;
}

static int push_user(lua_State *L, struct akt_lua *h, struct akt_actor *a,
                     struct akt_msg *m)
{
    const struct akt_class *c = akt_class_of(h, L, akt_actor_kind(a));
    const char *tag;
    size_t tag_len;
    size_t skip = akt_codec_tag(m->body, m->size, &tag, &tag_len);
    if (skip && push_handler(L, c, a, tag, tag_len)) {
        push_self(L, a);
        return 1 + decode(L, m->body + skip, m->size - skip);
    }
    lua_settop(L, SELVES);
    if (c->unknown == LUA_NOREF) {
        akt_unknown_tag(h, a, m, NULL);
        return -1;
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, c->unknown);
    push_self(L, a);
    return 1 + decode(L, m->body, m->size);
}

/* Its mailbox is overloaded, or has recovered. */
static int push_signal(lua_State *L, const struct akt_class *c,
                       const struct akt_actor *a, const struct akt_msg *m)
{
    int callback = m->code == AKT_OVERLOADED ? c->overloaded : c->recovered;
    if (callback == LUA_NOREF)
        return -1;
    lua_rawgeti(L, LUA_REGISTRYINDEX, callback);
    push_self(L, a);
    lua_pushinteger(L, akt_actor_queued(a));
    return 2;
}

/* DOWN and EXIT go to callbacks, not to `on`. */
static int push_news(lua_State *L, struct akt_lua *h, struct akt_actor *a,
                     struct akt_msg *m)
{
    const struct akt_class *c = akt_class_of(h, L, akt_actor_kind(a));
    if (m->type == AKT_MSG_SIGNAL)
        return push_signal(L, c, a, m);
    bool down = m->type == AKT_MSG_DOWN;
    bool restarted = m->flags & AKT_MSG_RESTARTED;
    int callback = restarted ? c->restarted : down ? c->down : c->exit;
    if (callback == LUA_NOREF)
        return -1;
    lua_rawgeti(L, LUA_REGISTRYINDEX, callback);
    push_self(L, a);
    if (down)
        akt_push_ref(L, m->ask);
    akt_push_pid(L, m->sender);
    akt_push_reason(L, akt_msg_reason(m));
    return down ? 4 : 3;
}

/* Pops the state of a new actor; its number among all. */
static uint32_t keep_self(lua_State *L, struct akt_lua *h)
{
    struct akt_buf *b = &h->selves_free;
    uint32_t n = h->selves_len + 1;
    if (b->len)
        memcpy(&n, b->data + b->len - sizeof n, sizeof n);
    lua_rawseti(L, SELVES, (lua_Integer)n); /* may raise */
    if (b->len)
        b->len -= sizeof n;
    else
        h->selves_len = n;
    return n;
}

/* The size of a new state is that of the first ones after their init: a table
 * that grows is made anew at one field, two and four. */
static void learn_fields(lua_State *L, struct akt_lua *h, struct akt_actor *a)
{
    struct akt_class *c = akt_class_of(h, L, akt_actor_kind(a));
    uint8_t n = 0;
    if (c->inits == LOOKS || !a->self_ref)
        return;
    lua_settop(L, SELVES);
    push_self(L, a);
    lua_pushnil(L);
    while (lua_next(L, SELVES + 1) && n < FIELDS_MAX) {
        n += lua_type(L, -2) == LUA_TSTRING;
        lua_pop(L, 1);
    }
    c->fields = !c->inits || n < c->fields ? n : c->fields;
    c->inits++;
    lua_settop(L, SELVES);
}

static int push_init(lua_State *L, struct akt_lua *h, struct akt_actor *a,
                     struct akt_msg *m)
{
    const struct akt_class *c = akt_class_of(h, L, akt_actor_kind(a));
    lua_createtable(L, 0, c->fields);
    lua_rawgeti(L, LUA_REGISTRYINDEX, c->meta);
    lua_setmetatable(L, -2);
    a->self_ref = keep_self(L, h);
    if (c->init == LUA_NOREF)
        return -1;
    lua_rawgeti(L, LUA_REGISTRYINDEX, c->init);
    push_self(L, a);
    return 1 + decode(L, m->body, m->size);
}

static int push_main(lua_State *L, struct akt_lua *h)
{
    struct akt_lua_node *n = h->node;
    akt_remote_serve(L);
    if (!akt_loading_text(L, n->script_text, n->script_len, n->script_name,
                          true))
        lua_error(L);
    luaL_checkstack(L, n->argc, "arguments");
    for (int i = 0; i < n->argc; i++)
        lua_pushstring(L, n->argv[i]);
    return n->argc;
}

/* The machine's own: it gets what scripts do not, the table `core`. */
static int push_session(lua_State *L, struct akt_msg *m)
{
    akt_loading_stdlib(L, "session");
    lua_getfield(L, LUA_REGISTRYINDEX, "akt.core");
    return 1 + decode(L, m->body, m->size);
}

static int push_process(lua_State *L, struct akt_lua *h, struct akt_actor *a,
                        struct akt_msg *m)
{
    if (a->is_main)
        return push_main(L, h);
    if (akt_actor_kind(a) == &h->node->session)
        return push_session(L, m);
    akt_image_load(L, a->spec->code, &akt_kind_names);
    return decode(L, m->body, m->size);
}

/* akt.on_shutdown's functions run behind terminate, by a Lua function. */
static int push_shutdown(lua_State *L, struct akt_lua *h, struct akt_actor *a,
                         const struct akt_reason *reason)
{
    const struct akt_kind *kind = akt_actor_kind(a);
    const struct akt_lua_actor *la = a->host_data;
    int terminate =
        kind->process ? LUA_NOREF : akt_class_of(h, L, kind)->terminate;
    lua_getfield(L, LUA_REGISTRYINDEX, "akt.run_shutdown");
    lua_rawgeti(L, LUA_REGISTRYINDEX, la->on_shutdown);
    akt_push_reason(L, reason);
    if (terminate == LUA_NOREF)
        return 2;
    lua_rawgeti(L, LUA_REGISTRYINDEX, terminate);
    push_self(L, a);
    return 4;
}

static int push_hook(lua_State *L, struct akt_lua *h, struct akt_turn *t)
{
    struct akt_actor *a = t->actor;
    const struct akt_lua_actor *la = a->host_data;
    if (t->kind == AKT_TURN_TERMINATE && la && la->on_shutdown != LUA_NOREF)
        return push_shutdown(L, h, a, t->reason);
    if (akt_actor_kind(a)->process)
        return -1;
    const struct akt_class *c = akt_class_of(h, L, akt_actor_kind(a));
    int callback = t->kind == AKT_TURN_TERMINATE     ? c->terminate
                   : t->kind == AKT_TURN_PRE_RESTART ? c->pre_restart
                                                     : c->post_restart;
    if (callback == LUA_NOREF || !a->self_ref)
        return -1;
    lua_rawgeti(L, LUA_REGISTRYINDEX, callback);
    push_self(L, a);
    akt_push_reason(L, t->reason);
    if (t->kind == AKT_TURN_PRE_RESTART && t->msg)
        return 2 + decode(L, t->msg->body, t->msg->size);
    return 2;
}

/* Upgrades to the newest version, whose kind stays on the stack below what is
 * called. The function copies the state, so that a failure leaves the old. */
static int push_upgrade(lua_State *L, struct akt_lua *h, struct akt_actor *a)
{
    const struct akt_kind *from = akt_actor_kind(a);
    const struct akt_kind *to = akt_kind_newest(from);
    lua_pushlightuserdata(L, (void *)(uintptr_t)to);
    akt_class_of(h, L, to); /* both, since the array may move */
    const struct akt_class *old = akt_class_of(h, L, from);
    const struct akt_class *c = akt_class_of(h, L, to);
    if (c->upgrade == LUA_NOREF || !a->self_ref)
        return -1;
    lua_getfield(L, LUA_REGISTRYINDEX, "akt.run_upgrade");
    lua_rawgeti(L, LUA_REGISTRYINDEX, c->upgrade);
    push_self(L, a);
    lua_rawgeti(L, LUA_REGISTRYINDEX, c->meta);
    lua_rawgeti(L, LUA_REGISTRYINDEX, old->table);
    lua_getfield(L, -1, "version");
    lua_remove(L, -2);
    return 4;
}

/* The state is the copy that upgrade has worked on, or the old one with
 * another metatable. */
static void upgraded(lua_State *L, struct akt_lua *h, struct akt_actor *a)
{
    const struct akt_kind *to = lua_touserdata(L, SELVES + 1);
    if (lua_gettop(L) > SELVES + 1) {
        lua_settop(L, SELVES + 2);
        lua_rawseti(L, SELVES, (lua_Integer)a->self_ref);
    } else if (a->self_ref) {
        push_self(L, a);
        lua_rawgeti(L, LUA_REGISTRYINDEX, akt_class_of(h, L, to)->meta);
        lua_setmetatable(L, -2);
    }
    akt_upgrade_done(h->iso, to);
}

static int push_other(lua_State *L, struct akt_lua *h, struct akt_turn *t)
{
    switch (t->kind) {
    case AKT_TURN_UPGRADE:
        return push_upgrade(L, h, t->actor);
    case AKT_TURN_TASK:
        return akt_task_push(L, t->actor, t->msg);
    case AKT_TURN_IDLE:
        return akt_push_idle(L, h, t->actor);
    case AKT_TURN_HEALTH:
        return akt_push_health(L, h, t->actor);
    case AKT_TURN_WAKE:
        return akt_push_wake(L, h, t->actor, push_init(L, h, t->actor, t->msg));
    case AKT_TURN_INIT:
        return akt_actor_kind(t->actor)->process
                   ? push_process(L, h, t->actor, t->msg)
                   : push_init(L, h, t->actor, t->msg);
    default:
        return push_hook(L, h, t);
    }
}

/* The answer breaks the contract: raised at the line of the handler, which has
 * returned already. */
static void check_answer(lua_State *L, struct akt_lua *h, struct akt_actor *a,
                         const struct akt_msg *m)
{
    char text[AKT_CONTRACT_TEXT];
    const char *tag;
    size_t len;
    lua_Debug ar = {0};
    if (akt_look_answers(L, SELVES + 1, m->body, m->size, text))
        return;
    const struct akt_class *c = akt_class_of(h, L, akt_actor_kind(a));
    akt_codec_tag(m->body, m->size, &tag, &len);
    if (!push_handler(L, c, a, tag, len) || lua_iscfunction(L, -1))
        akt_error_raise(L, "bad_contract", "%s", text);
    lua_getinfo(L, ">S", &ar);
    akt_error_raise(L, "bad_contract", "%s:%d: %s", ar.short_src,
                    ar.linedefined, text);
}

/* Pushes what the turn calls; the number of arguments, or -1: nothing. */
static int push_turn(lua_State *L, struct akt_lua *h, struct akt_turn *t)
{
    lua_settop(L, SELVES);
    if (t->kind != AKT_TURN_MESSAGE)
        return push_other(L, h, t);
    return t->msg->type == AKT_MSG_USER ? push_user(L, h, t->actor, t->msg)
                                        : push_news(L, h, t->actor, t->msg);
}

/* What the handler returned is the answer, unless it has been given. */
static void answer(lua_State *L, struct akt_lua *h, struct akt_actor *a)
{
    struct akt_msg *m = a->current;
    while (m && m->flags & AKT_MSG_TAKEN) /* not what a receive has left */
        m = m->next;
    if (!m || !m->ask || m->type != AKT_MSG_USER)
        return;
    if (akt_actor_kind(a)->looked_at)
        check_answer(L, h, a, m);
    akt_reply(h->iso, a->self, m, akt_encode_answer(L, SELVES + 1));
}

static void end_of_handler(struct akt_actor *a)
{
    struct akt_lua_actor *la = a->host_data;
    if (la)
        la->deadline_ns = 0;
}

static void complete_aside(lua_State *L, struct akt_lua *h,
                           enum akt_turn_kind kind)
{
    if (kind == AKT_TURN_UPGRADE)
        upgraded(L, h, h->iso->current);
    else if (kind == AKT_TURN_IDLE)
        akt_idle_returned(L, h, SELVES);
    else if (kind == AKT_TURN_HEALTH)
        akt_health_returned(L, h, SELVES);
    else
        akt_turn_done(h->iso);
}

static void complete(lua_State *L, struct akt_lua *h, enum akt_turn_kind kind)
{
    struct akt_actor *a = h->iso->current;
    h->in_vm = true;
    if (kind == AKT_TURN_MESSAGE)
        answer(L, h, a);
    else if (kind == AKT_TURN_TASK)
        akt_task_done(L, a, SELVES + 1);
    end_of_handler(a);
    if (kind == AKT_TURN_INIT && akt_actor_kind(a)->process) {
        if (a->is_main && h->node->definition)
            akt_definitions_check(L);
        if (akt_turn_outlived(h->iso))
            return;
        akt_main_waits(L);
        if (a->is_main)
            akt_turn_finished(h->iso);
        else
            akt_turn_exit(h->iso, akt_reason_of(AKT_NORMAL));
        return;
    }
    if (kind == AKT_TURN_INIT)
        learn_fields(L, h, a);
    if (kind >= AKT_TURN_UPGRADE)
        complete_aside(L, h, kind);
    else
        akt_turn_done(h->iso);
}

static int drive_k(lua_State *L, int status, lua_KContext kind);

/* Runs t and what comes behind it; a turn of another coroutine is left. Always
 * inline: two callers, each on the path of messages. */
static inline __attribute__((always_inline)) int
drive_from(lua_State *L, struct akt_lua *h, struct akt_turn *t)
{
    for (; t; t = akt_turn_next(h->iso)) {
        if (t->kind == AKT_TURN_RESUME || t->kind == AKT_TURN_UNWIND) {
            h->turn = t;
            return 0;
        }
        enum akt_turn_kind kind = t->kind;
        int nargs = push_turn(L, h, t);
        h->in_vm = false;
        if (h->simulated)
            akt_preempt_replayed(L);
        if (nargs >= 0)
            lua_callk(L, nargs, LUA_MULTRET, (lua_KContext)kind, drive_k);
        complete(L, h, kind);
    }
    return 0;
}

/* The first turn has been taken: there may be none, or only one of another
 * coroutine, and then none is started. */
static int drive(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_turn *t = h->turn;
    h->turn = NULL;
    return drive_from(L, h, t);
}

static int drive_k(lua_State *L, int status, lua_KContext kind)
{
    (void)status;
    struct akt_lua *h = akt_lua_of(L);
    complete(L, h, (enum akt_turn_kind)kind);
    return drive_from(L, h, akt_turn_next(h->iso));
}

/* ---- what became of a coroutine ---- */

/* Closes what the coroutine was doing, and gives it back. */
static void reset(struct akt_lua *h, lua_State *co)
{
    struct akt_chain link = {co, NULL};
    h->loading = h->node->definition;
    if (akt_has_mark(co, AKT_DEAF)) {
        akt_pool_drop(h, co);
        return;
    }
    h->chain = &link;
    akt_preempt_publish(h, co);
    lua_resetthread(co);
    h->chain = NULL;
    akt_preempt_publish(h, NULL);
    h->loading = h->node->definition;
    if (akt_has_mark(co, AKT_DEAF)) {
        akt_pool_drop(h, co);
        return;
    }
    lua_settop(co, 0);
    akt_pool_give(h, co);
}

/* Another actor's turn is not part of the module that this one loads. */
static void put_loading_aside(struct akt_lua *h, struct akt_actor *a)
{
    if (h->loading == h->node->definition)
        return;
    akt_lua_actor(a)->loading = h->loading;
    h->loading = h->node->definition;
}

static void take_loading_up(struct akt_lua *h, struct akt_actor *a)
{
    struct akt_lua_actor *la = a->host_data;
    if (!la || !la->loading)
        return;
    h->loading = la->loading;
    la->loading = 0;
}

/* Whether what has failed is a hook that leaves the actor as it is; a task that
 * the hook waits for is not. */
static bool is_aside(const struct akt_actor *a)
{
    return a->upgrading ||
           (a->aside >= AKT_ASIDE_IDLE && !akt_strand_is_task(a));
}

static void crashed(struct akt_lua *h, lua_State *co, int status)
{
    struct akt_isolate *iso = h->iso;
    struct akt_actor *a = iso->current;
    struct akt_verdict v;
    h->yield_op = AKT_Y_NONE;
    h->loading = h->node->definition;
    end_of_handler(a);
    akt_verdict_start(&v, a, co, status);
    akt_verdict_find(h, &v);
    reset(h, co);
    if (is_aside(a))
        akt_verdict_refuse(h, &v);
    else if (v.expired)
        akt_turn_expired(iso);
    else
        akt_verdict_fail_turn(h, &v);
}

static void yielded(struct akt_lua *h, lua_State *co)
{
    struct akt_isolate *iso = h->iso;
    enum akt_yield op = h->yield_op;
    h->yield_op = AKT_Y_NONE;
    if (op == AKT_Y_EXIT) {
        akt_pool_drop(h, co);
        akt_turn_exit(iso, akt_reason_of(AKT_SHUTDOWN));
        return;
    }
    iso->current->fiber = co;
    put_loading_aside(h, iso->current);
    if (op == AKT_Y_PREEMPT)
        akt_turn_preempted(iso);
    else
        akt_turn_suspended(iso);
}

/* There is no memory for a coroutine: the turn that needs one fails. */
static void fail_turn(struct akt_lua *h, struct akt_turn *t)
{
    struct akt_verdict v;
    akt_verdict_start(&v, t->actor, NULL, LUA_ERRMEM);
    if (is_aside(t->actor))
        akt_verdict_refuse(h, &v);
    else
        akt_verdict_fail_turn(h, &v);
}

/* Runs a coroutine until it leaves; false: there are no more turns. */
static bool run(struct akt_lua *h, lua_State *co, int nargs)
{
    int nres;
    int status = akt_resume(h, co, NULL, nargs, &nres);
    h->in_vm = true;
    if (status == LUA_YIELD) {
        yielded(h, co);
        return true;
    }
    if (status == LUA_OK) {
        lua_settop(co, 0);
        akt_pool_give(h, co);
        return h->turn != NULL;
    }
    h->turn = NULL; /* it is the current one, if the driver did not begin */
    if (h->iso->current)
        crashed(h, co, status);
    else /* no memory between two turns */
        akt_pool_drop(h, co);
    return true;
}

static bool start_driver(struct akt_lua *h, struct akt_turn *t)
{
    lua_State *co = akt_pool_take(h);
    if (!co) {
        fail_turn(h, t);
        return true;
    }
    h->turn = t;
    lua_pushcfunction(co, drive);
    lua_rawgeti(co, LUA_REGISTRYINDEX, h->selves);
    return run(h, co, 1);
}

static bool go_on(struct akt_lua *h, struct akt_turn *t)
{
    struct akt_actor *a = t->actor;
    lua_State *co = a->fiber;
    a->fiber = NULL;
    take_loading_up(h, a);
    if (t->kind == AKT_TURN_RESUME) {
        h->in_vm = false;
        return run(h, co, 0);
    }
    akt_coroutine_unwind(h, co);
    reset(h, co);
    akt_turn_done(h->iso);
    return true;
}

/* False: there are no more turns. */
static bool run_turn(struct akt_lua *h)
{
    struct akt_turn *t = h->turn ? h->turn : akt_turn_next(h->iso);
    h->turn = NULL;
    if (!t)
        return false;
    return t->kind == AKT_TURN_RESUME || t->kind == AKT_TURN_UNWIND
               ? go_on(h, t)
               : start_driver(h, t);
}

/* An isolate that could not be opened crashes whoever it hosts. */
static void visit_broken(struct akt_isolate *iso)
{
    struct akt_turn *t;
    while ((t = akt_turn_next(iso))) {
        akt_crash_note(iso, t->actor, AKT_MEMORY, "no memory for its isolate");
        akt_turn_failed(iso, akt_reason_of(AKT_MEMORY), "memory", NULL, 0);
    }
}

static void visit(struct akt_isolate *iso)
{
    struct akt_lua *h = iso->host_data;
    if (!h) {
        if (akt_isolate_has_work(iso))
            visit_broken(iso);
        return;
    }
    h->in_vm = true;
    while (run_turn(h))
        ;
    akt_sandbox_pace(h);
    if (h->memory_used > iso->memory_limit / 10 * 9 || h->memory_warned)
        akt_watchdog_memory(iso, h->memory_used, &h->memory_warned);
    /* relaxed: a figure for others */
    atomic_store_explicit(&iso->shown_bytes, h->memory_used,
                          memory_order_relaxed);
}

/* ---- open and close ---- */

static bool open_isolate(struct akt_isolate *iso)
{
    struct akt_lua *h = akt_calloc(sizeof *h);
    h->iso = iso;
    h->node = iso->node->host_data;
    h->simulated = iso->node->world->simulated;
    h->repeatable = h->simulated || iso->node->world->taped;
    h->loading = h->node->definition; /* every effect is refused */
    h->in_vm = true;
    h->pool = akt_calloc(AKT_POOL_COROUTINES * sizeof *h->pool);
    iso->host_data = h;
    h->L = akt_sandbox_create(h);
    if (!h->L) {
        akt_arena_destroy(h->arena);
        akt_free(h->pool, AKT_POOL_COROUTINES * sizeof *h->pool);
        akt_spare_fini(&h->spare);
        akt_free(h, sizeof *h);
        iso->host_data = NULL;
        return false;
    }
    akt_preempt_prepare(h->L); /* crashes are judged on it */
    lua_newtable(h->L);
    h->selves = luaL_ref(h->L, LUA_REGISTRYINDEX);
    lua_newtable(h->L);
    lua_rawsetp(h->L, LUA_REGISTRYINDEX, AKT_KEY_THREADS);
    return true;
}

static void close_isolate(struct akt_isolate *iso)
{
    struct akt_lua *h = iso->host_data;
    h->in_vm = true;
    h->closing = true;
    lua_close(h->L);
    akt_arena_destroy(h->arena);
    akt_free(h->classes, h->classes_len * sizeof *h->classes);
    akt_free(h->pool, AKT_POOL_COROUTINES * sizeof *h->pool);
    akt_buf_fini(&h->scratch);
    akt_words_free(&h->words);
    akt_spare_fini(&h->spare);
    akt_buf_fini(&h->selves_free);
    akt_free(h, sizeof *h);
    iso->host_data = NULL;
}

static void idle(struct akt_isolate *iso)
{
    (void)iso;
}

static void where(struct akt_isolate *iso, struct akt_actor *a,
                  struct akt_buf *b)
{
    char handler[64], place[200];
    (void)iso;
    akt_handler_name(a, handler, sizeof handler);
    if (a->fiber)
        akt_where(a->fiber, place, sizeof place);
    else
        snprintf(place, sizeof place, "at its start");
    akt_buf_printf(b, "%s in %s", place, handler);
}

const struct akt_host akt_lua_host = {
    .visit = visit,
    .open = open_isolate,
    .close = close_isolate,
    .idle = idle,
    .drop_fiber = drop_fiber,
    .forget = forget,
    .info = akt_lua_info,
    .where = where,
    .exchange = akt_lua_exchange,
    .holds = akt_lua_holds,
    .spec_fini = spec_fini,
    .priority = akt_lua_priority,
    .asked = akt_lua_asked,
    .give_way = akt_preempt_give_way,
};
