/* SPDX-License-Identifier: MIT
 *
 * lua/lib_message.c: send, ask, reply and what belongs to them: the calls of
 * akt that scripts make most, so they are C.
 */
#include <string.h>

#include "lua/definitions.h"
#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/look.h"
#include "lua/remote.h"
#include "vm/base/alloc.h"
#include "vm/cause.h"
#include "vm/deadlock.h"
#include "vm/life.h"
#include "vm/names.h"
#include "vm/metrics.h"
#include "vm/send.h"
#include "vm/strand.h"

#define MS 1000000ull
#define SCRATCH_MAX (1u << 20) /* kept between messages */
#define LATE_NS (100 * MS)     /* before it gives up, a sender is not let in */

/* ---- encoding ---- */

static struct akt_msg *block_of(struct akt_lua *h, enum akt_msg_type type,
                                bool ack)
{
    size_t len = h->scratch.len;
    struct akt_msg *m =
        ack ? akt_msg_new_ack(type, len) : akt_msg_new(type, len);
    if (len) /* a buffer that was never used has no data */
        memcpy(m->body, h->scratch.data, len);
    if (h->scratch.cap > SCRATCH_MAX) /* one huge message must not stay */
        akt_buf_fini(&h->scratch);
    return m;
}

/* Encodes the stack from `first` to the top into `scratch`; false: *err. */
static bool encode(lua_State *L, int first, struct akt_codec_error *err)
{
    struct akt_lua *h = akt_lua_of(L);
    h->scratch.len = 0;
    if (akt_codec_encode(L, first, lua_gettop(L), &h->scratch, err) == 0)
        return true;
    if (h->scratch.cap > SCRATCH_MAX)
        akt_buf_fini(&h->scratch);
    return false;
}

void akt_encode_scratch(lua_State *L, int first)
{
    struct akt_codec_error err;
    if (!encode(L, first, &err))
        akt_error_raise(L, err.code, "%s", err.text);
}

struct akt_msg *akt_encode(lua_State *L, int first, enum akt_msg_type type,
                           bool ack)
{
    struct akt_codec_error err;
    if (!encode(L, first, &err))
        akt_error_raise(L, err.code, "%s", err.text);
    return block_of(akt_lua_of(L), type, ack);
}

struct akt_msg *akt_encode_answer(lua_State *L, int first)
{
    struct akt_codec_error err;
    if (!encode(L, first, &err))
        akt_error_raise(L, err.code, "the answer, value %d: %s",
                        err.index - first + 1, err.text + err.where_len);
    return block_of(akt_lua_of(L), AKT_MSG_REPLY, false);
}

struct akt_reason *akt_lua_reason(lua_State *L, int idx, enum akt_code code)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_codec_error err;
    if (lua_isnoneornil(L, idx))
        return akt_reason_of(code);
    if (lua_type(L, idx) == LUA_TSTRING) {
        size_t len;
        const char *word = lua_tolstring(L, idx, &len);
        enum akt_code known = akt_code_find(word, len);
        if (known != AKT_CODE_COUNT)
            return akt_reason_of(known);
    }
    h->scratch.len = 0;
    if (akt_codec_encode(L, idx, idx, &h->scratch, &err) != 0)
        akt_error_raise(L, err.code, "reason: %s", err.text);
    return akt_reason_make(AKT_STOPPED, h->scratch.data, h->scratch.len);
}

void akt_push_reason(lua_State *L, const struct akt_reason *reason)
{
    if (akt_codec_decode(L, reason->bytes, reason->len) != 1)
        lua_pushstring(L, akt_code_name(reason->code));
}

/* ---- who ---- */

akt_pid akt_check_dest(lua_State *L, int arg)
{
    akt_pid pid;
    if (akt_to_pid(L, arg, &pid))
        return pid;
    if (lua_type(L, arg) == LUA_TSTRING)
        return akt_remote_local(L, lua_tostring(L, arg));
    akt_error_arg(L, arg, "pid or name expected, got %s",
                  luaL_typename(L, arg));
}

/* The name of an actor of another node goes in front of what follows on the
 * stack, and its node stands for it. */
__attribute__((noinline)) static akt_pid check_named(lua_State *L)
{
    akt_pid pid;
    if (lua_type(L, 1) != LUA_TSTRING || !akt_remote_named(L, &pid))
        return akt_check_dest(L, 1);
    akt_push_pid(L, pid);
    lua_replace(L, 1);
    return pid;
}

/* Who gets what follows on the stack. */
static inline akt_pid check_receiver(lua_State *L)
{
    akt_pid pid;
    return akt_to_pid(L, 1, &pid) ? pid : check_named(L);
}

static void check_tag(lua_State *L, int arg)
{
    if (lua_type(L, arg) != LUA_TSTRING)
        akt_error_arg(L, arg, "the tag of a message is a string, got %s",
                      luaL_typename(L, arg));
}

void akt_check_definition(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    if (!h->node->definition)
        return;
    akt_check_wait(L, "check");
    akt_definitions_check(L);
    h->yield_op = AKT_Y_EXIT;
    lua_yield(L, 0);
}

void akt_refuse_effect(lua_State *L, const char *what)
{
    struct akt_lua *h = akt_lua_of(L);
    if (h->asks_priority)
        akt_error_raise(L, "denied",
                        "%s is not allowed in the priority function of a "
                        "mailbox",
                        what);
    if (h->loading == h->node->definition) /* main itself, no module */
        akt_check_definition(L);
    akt_error_raise(L, "effect_at_load",
                    "%s is not allowed while a module loads: a module is "
                    "loaded in every isolate that uses it",
                    what);
}

void akt_check_room(lua_State *L, const char *what)
{
    if (akt_lua_of(L)->iso->pendings.open >= AKT_PENDINGS_MAX)
        akt_error_raise(L, "limit",
                        "%s: the actors here have %d timers and open asks, "
                        "which is the limit",
                        what, AKT_PENDINGS_MAX);
    /* relaxed: the ticker's reading; a little late is fine */
    if (atomic_load_explicit(&akt_lua_of(L)->iso->node->pressure,
                             memory_order_relaxed))
        akt_error_raise(L, "limit", "%s: the node is short of memory", what);
}

/* Always inline: four callers, one of which is on the path of every send. */
static inline __attribute__((always_inline)) void
address(struct akt_lua *h, struct akt_msg *m, akt_pid to)
{
    struct akt_actor *self = h->iso->current;
    m->target = to;
    m->sender = self->self;
    akt_cause_note(h->iso, self, m);
    m->sent_tick =
        atomic_load_explicit(&h->iso->node->tick, memory_order_relaxed);
    akt_metrics_stamp(h->iso->worker, m);
}

/* ---- send ---- */

static int send_failed(lua_State *L, enum akt_code code)
{
    lua_pushnil(L);
    lua_pushstring(L, akt_code_name(code));
    return 2;
}

static int room_k(lua_State *L, int status, lua_KContext id)
{
    (void)status;
    struct akt_lua *h = akt_lua_of(L);
    struct akt_pending *p = akt_pending_find(h->iso, (uint64_t)id);
    if (p->code == AKT_TIMEOUT && !p->inherited)
        p->code = AKT_OVERLOADED;
    if (p->code == AKT_NOPROC) {
        akt_pending_close(h->iso, p);
        return send_failed(L, AKT_NOPROC);
    }
    akt_take_answer(L, "send", (uint64_t)id);
    lua_pushboolean(L, 1);
    return 1;
}

/* It is not let in any more shortly before its sender is told that it was not:
 * the news that it was takes its time. */
static uint64_t let_in_until(struct akt_node *node, uint64_t deadline_ns)
{
    uint64_t now_ns = akt_node_now(node);
    uint64_t margin = deadline_ns > now_ns ? (deadline_ns - now_ns) / 8 : 0;
    return deadline_ns - (margin < LATE_NS ? margin : LATE_NS);
}

/* The receiver is full: wait for room. m is taken. */
static int wait_for_room(lua_State *L, struct akt_msg *m)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_node *node = h->iso->node;
    bool may_wait = akt_can_wait(L);
    bool overfill = akt_send_may_overfill(h->iso, m->target);
    if ((overfill && akt_send_is_overfull(h->iso, m->target)) ||
        (!overfill && !may_wait)) {
        akt_pid to = m->target;
        akt_msg_free(m);
        akt_error_raise(L, "overloaded", "send: the mailbox of %s is full",
                        akt_pid_text(L, to));
    }
    if (overfill) {
        akt_post(node, h->iso, m);
        lua_pushboolean(L, 1);
        return 1;
    }
    bool inherited;
    uint64_t deadline = akt_wait_deadline(L, AKT_ROOM_MS * MS, &inherited);
    struct akt_msg *again = akt_msg_new_ack(AKT_MSG_USER, m->size);
    memcpy(again->body, m->body, m->size);
    address(h, again, m->target);
    akt_msg_free(m);
    struct akt_pending *p =
        akt_pending_open(h->iso, h->iso->current, AKT_P_CALL, deadline);
    p->inherited = inherited;
    p->target = again->target;
    akt_msg_ack_of(again)->id = p->id;
    akt_msg_ack_of(again)->deadline_ns = let_in_until(node, deadline);
    akt_send_wait(h->iso, again);
    return akt_wait(L, p, room_k);
}

/* How akt_send ended; m is the sender's only if it was not taken. */
static int sent(lua_State *L, struct akt_msg *m, enum akt_code code,
                enum akt_full full)
{
    if (code == AKT_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    if (code == AKT_OVERLOADED && full == AKT_FULL_WAIT)
        return wait_for_room(L, m);
    if (code == AKT_OVERLOADED && full == AKT_FULL_ERROR) {
        akt_pid to = m->target;
        akt_msg_free(m);
        return akt_error_raise(L, "overloaded",
                               "send: the mailbox of %s is full",
                               akt_pid_text(L, to));
    }
    return send_failed(L, code);
}

static int send_looked(lua_State *L, struct akt_msg *m)
{
    struct akt_look look = {.first = 2, .m = m};
    enum akt_full full = AKT_FULL_WAIT;
    enum akt_code code = akt_look_send(L, &look, &full);
    if (code == AKT_BAD_MESSAGE)
        return lua_error(L);
    if (!look.many)
        return sent(L, m, code, full);
    akt_msg_free(m);
    return akt_look_many(L, "send");
}

static int l_send(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_check_effect(L, "send");
    check_tag(L, 2);
    akt_pid to = check_receiver(L);
    struct akt_msg *m = akt_encode(L, 2, AKT_MSG_USER, false);
    address(h, m, to);
    enum akt_full full = AKT_FULL_WAIT;
    akt_count(&h->iso->worker->stats.sent);
    enum akt_code code = akt_send(h->iso, m, &full);
    if (code == AKT_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    if (code == AKT_OVERLOADED && full == AKT_FULL_LOOK)
        return send_looked(L, m);
    return sent(L, m, code, full);
}

/* ---- ask ---- */

static int ask_k(lua_State *L, int status, lua_KContext id)
{
    (void)status;
    akt_strand_clear_edge(akt_lua_self(L));
    return akt_take_answer(L, "ask", (uint64_t)id);
}

static int raise_deadlock(lua_State *L, const akt_pid *chain, uint32_t n)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (uint32_t i = 0; i < n; i++) {
        luaL_addstring(&b, akt_pid_text(L, chain[i]));
        lua_pop(L, 1);
        luaL_addstring(&b, " waits for ");
    }
    luaL_addstring(&b, akt_pid_text(L, chain[0]));
    lua_pop(L, 1);
    luaL_pushresult(&b);
    return akt_error_raise(L, "deadlock", "ask: %s", lua_tostring(L, -1));
}

/* Pushes an ask to a full mailbox: it waits there for its turn. */
static void ask_full(lua_State *L, struct akt_lua *h, struct akt_pending *p,
                     struct akt_msg *m, enum akt_full full)
{
    bool overfill = akt_send_may_overfill(h->iso, m->target);
    bool give_up = full == AKT_FULL_ERROR ||
                   (overfill && akt_send_is_overfull(h->iso, m->target));
    if (give_up) {
        akt_pid to = m->target;
        akt_msg_free(m);
        akt_pending_close(h->iso, p);
        akt_error_raise(L, "overloaded", "ask: the mailbox of %s is full",
                        akt_pid_text(L, to));
    }
    if (overfill) {
        akt_post(h->iso->node, h->iso, m);
        return;
    }
    struct akt_msg *again = akt_msg_new_ack(AKT_MSG_USER, m->size);
    memcpy(again->body, m->body, m->size);
    address(h, again, m->target);
    again->ask = m->ask;
    again->deadline_ns = m->deadline_ns;
    akt_msg_ack_of(again)->deadline_ns = m->deadline_ns;
    akt_msg_free(m);
    akt_send_wait(h->iso, again);
}

/* Publishes whom this actor is about to wait for; raises when that closes a
 * circle. */
void akt_check_circle(lua_State *L, struct akt_pending *p)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *self = h->iso->current;
    akt_pid chain[AKT_CHAIN_MAX];
    struct akt_edge_wait w;
    if (!akt_strand_edge(self, p, &w))
        return;
    uint32_t n = akt_edge_publish_wait(h->iso->node, self, &w, chain);
    if (!n || p->done)
        return;
    akt_strand_clear_edge(self);
    akt_pending_close(h->iso, p);
    raise_deadlock(L, chain, n);
}

/* Whether the receiver takes it beside handlers that wait. */
static bool passes(const struct akt_lua *h, akt_pid to, const struct akt_msg *m)
{
    struct akt_actor *a = akt_actor_find(h->iso->node->actors, to);
    return a && akt_actor_kind(a)->reentrant.mode == AKT_RE_TAGS &&
           akt_reentrant_allows(&akt_actor_kind(a)->reentrant, m);
}

/* A handler asks its own actor, which may take that or not while it waits. */
static void check_self(lua_State *L, struct akt_pending *p)
{
    akt_pid to = p->target;
    if (!akt_strand_holds(p->actor, p->msg))
        return;
    akt_pending_close(akt_lua_of(L)->iso, p);
    raise_deadlock(L, &to, 1);
}

/* The request went to one whose senders look at it. NULL: more than one would
 * answer, and nothing was sent. */
static struct akt_pending *ask_looked(lua_State *L, struct akt_msg *m,
                                      struct akt_pending *p, bool waits)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_look look = {
        .first = 2, .m = m, .p = p, .waits = waits, .passes = !waits};
    enum akt_full full = AKT_FULL_WAIT;
    enum akt_code code = akt_look_send(L, &look, &full);
    if (code == AKT_OVERLOADED && full != AKT_FULL_DROP_NEW)
        ask_full(L, h, p, m, full);
    if (code != AKT_BAD_MESSAGE && code != AKT_DEADLOCK && !look.many)
        return p;
    if (waits)
        akt_edge_clear(h->iso->current);
    akt_pending_close(h->iso, p);
    if (code == AKT_BAD_MESSAGE)
        lua_error(L);
    akt_msg_free(m);
    if (code == AKT_DEADLOCK)
        raise_deadlock(L, look.chain, look.chain_len);
    return NULL;
}

/* Sends a request; the pending waits for the answer. `waits`: so will the
 * actor, at once; then nothing is sent when that closes a circle. NULL: see
 * ask_looked. */
struct akt_pending *akt_start_ask(lua_State *L, const char *what, bool waits)
{
    struct akt_lua *h = akt_lua_of(L);
    check_tag(L, 2);
    akt_check_effect(L, what);
    akt_pid to = check_receiver(L);
    struct akt_actor *self = h->iso->current;
    if (waits && akt_pid_eq(to, self->self) && !akt_has_strands(self))
        raise_deadlock(L, &to, 1);
    bool inherited;
    uint64_t deadline = akt_wait_deadline(L, AKT_ASK_MS * MS, &inherited);
    struct akt_msg *m = akt_encode(L, 2, AKT_MSG_USER, false);
    struct akt_pending *p =
        akt_pending_open(h->iso, self, AKT_P_CALL, deadline);
    p->inherited = inherited;
    p->target = to;
    p->msg = m; /* freed with it if this raises */
    p->asks = true;
    p->passes = passes(h, to, m);
    if (waits && akt_pid_eq(to, p->actor->self))
        check_self(L, p);
    else if (waits)
        akt_check_circle(L, p);
    p->msg = NULL;
    address(h, m, to);
    m->ask = p->id;
    m->deadline_ns = deadline;
    akt_count(&h->iso->worker->stats.sent);
    enum akt_full full = AKT_FULL_WAIT;
    enum akt_code code = akt_send(h->iso, m, &full);
    if (code == AKT_OVERLOADED && full == AKT_FULL_LOOK)
        return ask_looked(L, m, p, waits);
    if (code == AKT_OVERLOADED && full != AKT_FULL_DROP_NEW)
        ask_full(L, h, p, m, full);
    return p;
}

static int l_ask(lua_State *L)
{
    akt_check_wait(L, "ask");
    akt_main_waits(L);
    struct akt_pending *p = akt_start_ask(L, "ask", true);
    return p ? akt_wait(L, p, ask_k) : akt_look_many(L, "ask");
}

/* ---- replies ---- */

/* The values from `first` on, as the answer to what m asks. */
static void check_answer(lua_State *L, int first, const struct akt_msg *m)
{
    char text[AKT_CONTRACT_TEXT];
    if (!akt_look_answers(L, first, m->body, m->size, text))
        akt_error_raise(L, "bad_contract", "%s", text);
}

static int l_reply(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    struct akt_msg *m = a->current;
    bool asked = m && m->ask;
    if (asked) {
        check_answer(L, 1, m);
        akt_reply(h->iso, a->self, m, akt_encode_answer(L, 1));
    }
    lua_pushboolean(L, asked);
    return 1;
}

/* core.defer() -> ref: the reply is given later, by token_reply */
static int l_defer(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    akt_check_room(L, "defer");
    uint64_t ref = akt_isolate_ref(h->iso);
    struct akt_msg *m = a->current;
    const char *tag;
    size_t tag_len;
    /* the tag is kept: the answer may have a contract */
    size_t size = m && m->ask && m->type == AKT_MSG_USER
                      ? akt_codec_tag(m->body, m->size, &tag, &tag_len)
                      : 0;
    struct akt_msg *owed = akt_msg_new(AKT_MSG_USER, size);
    if (size)
        memcpy(owed->body, m->body, size);
    if (m && m->ask) {
        owed->sender = m->sender;
        owed->ask = m->ask;
        owed->trace = m->trace;
        m->ask = 0;
    }
    akt_map_put(&akt_actor_ext(a)->deferred, ref, (uintptr_t)owed);
    akt_push_ref(L, ref);
    return 1;
}

static int l_token_reply(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    uint64_t ref = akt_check_ref(L, 1), value = 0;
    bool owed = a->ext && akt_map_get(&a->ext->deferred, ref, &value);
    if (owed) {
        struct akt_msg *m = (struct akt_msg *)(uintptr_t)value;
        check_answer(L, 2, m);
        struct akt_msg *reply = akt_encode_answer(L, 2);
        akt_map_remove(&a->ext->deferred, ref);
        akt_reply(h->iso, a->self, m, reply);
        akt_msg_free(m);
    }
    lua_pushboolean(L, owed);
    return 1;
}

/* Called protected: the values of the message being handled. */
static int current_values(lua_State *L)
{
    const struct akt_msg *m = akt_lua_self(L)->current;
    int n = akt_codec_decode(L, m->body, m->size);
    return n < 0 ? akt_error_raise(L, "bad_message", "malformed bytes") : n;
}

/* To one whose senders look at it. */
static enum akt_code forward_looked(lua_State *L, struct akt_msg *m,
                                    enum akt_full *full)
{
    struct akt_node *node = akt_lua_of(L)->iso->node;
    struct akt_look look = {.first = lua_gettop(L) + 1, .m = m, .passes = true};
    akt_pid asker = m->sender, to = m->target;
    uint64_t ask = m->ask;
    lua_pushcfunction(L, current_values);
    if (lua_pcall(L, 0, LUA_MULTRET, 0) != LUA_OK) {
        akt_bounce(node, akt_lua_of(L)->iso, m, AKT_BAD_MESSAGE);
        lua_error(L);
    }
    enum akt_code code = akt_look_send(L, &look, full);
    if (code == AKT_BAD_MESSAGE)
        lua_error(L);
    if (ask)
        akt_edge_move(node, asker, ask, to, look.to);
    return code;
}

static int l_forward(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    akt_pid to = akt_check_dest(L, 1);
    struct akt_msg *m = a->current;
    if (!m || m->type != AKT_MSG_USER)
        return akt_error_raise(L, "no_message",
                               "forward: no message is being handled");
    struct akt_msg *copy = akt_msg_new(AKT_MSG_USER, m->size);
    memcpy(copy->body, m->body, m->size);
    copy->target = to;
    copy->sender = m->sender;
    copy->ask = m->ask;
    copy->deadline_ns = m->deadline_ns;
    akt_cause_copy(copy, m);
    copy->sent_tick = m->sent_tick;
    if (m->ask)
        akt_edge_move(h->iso->node, m->sender, m->ask, a->self, to);
    m->ask = 0;
    enum akt_full full = AKT_FULL_WAIT;
    enum akt_code code = akt_send(h->iso, copy, &full);
    if (code == AKT_OVERLOADED && full == AKT_FULL_LOOK)
        code = forward_looked(L, copy, &full);
    if (code == AKT_OVERLOADED && full != AKT_FULL_DROP_NEW)
        /* who sent it is told: there is nobody here that could wait */
        akt_bounce(h->iso->node, h->iso, copy, AKT_OVERLOADED);
    if (code != AKT_OK)
        return send_failed(L, code);
    lua_pushboolean(L, 1);
    return 1;
}

/* ---- sleep and timers ---- */

static int sleep_k(lua_State *L, int status, lua_KContext id)
{
    (void)status;
    struct akt_lua *h = akt_lua_of(L);
    struct akt_pending *p = akt_pending_find(h->iso, (uint64_t)id);
    if (p->period_ns) { /* cut short by a deadline */
        akt_push_failure(L, "sleep", p);
        akt_pending_close(h->iso, p);
        return lua_error(L);
    }
    akt_pending_close(h->iso, p);
    return 0;
}

static int l_sleep(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    uint64_t ns = akt_check_seconds(L, 1);
    akt_check_definition(L);
    akt_check_wait(L, "sleep");
    akt_main_waits(L);
    uint64_t end = akt_node_now(h->iso->node) + ns;
    uint64_t limit = akt_inherited_deadline(L);
    bool cut = limit && limit < end;
    struct akt_pending *p = akt_pending_open(h->iso, h->iso->current,
                                             AKT_P_CALL, cut ? limit : end);
    p->inherited = cut && akt_is_inherited(L, limit);
    p->period_ns = cut; /* tells sleep_k why it ended */
    return akt_wait(L, p, sleep_k);
}

/* core.timer(seconds, every, to|nil, tag, ...) -> ref */
static int l_timer(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    uint64_t ns = akt_check_seconds(L, 1);
    bool every = lua_toboolean(L, 2);
    akt_pid to = lua_isnil(L, 3) ? a->self : akt_check_dest(L, 3);
    check_tag(L, 4);
    akt_check_effect(L, "a timer");
    akt_check_room(L, "a timer");
    akt_look_check(L, to, 4);
    if (every && ns < 1000)
        akt_error_raise(L, "bad_argument",
                        "every: at least a microsecond is needed");
    struct akt_msg *m = akt_encode(L, 4, AKT_MSG_USER, false);
    m->target = to;
    if (!every) /* what comes again and again begins anew each time */
        m->trace = akt_cause_trace(h->iso, a);
    struct akt_pending *p = akt_pending_open(h->iso, a, AKT_P_TIMER,
                                             akt_node_now(h->iso->node) + ns);
    p->msg = m;
    p->period_ns = every ? ns : 0;
    akt_push_ref(L, p->id);
    return 1;
}

static int l_cancel(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_pending *p = akt_pending_find(h->iso, akt_check_ref(L, 1));
    bool mine = p && p->type == AKT_P_TIMER && p->actor == h->iso->current;
    if (mine)
        akt_pending_close(h->iso, p);
    lua_pushboolean(L, mine);
    return 1;
}

/* ---- deadlines, stash ---- */

/* core.set_deadline(seconds, own) -> what it was, for restore_deadline. `own`:
 * whatever is inherited; for what must be done after that is over. */
static int l_set_deadline(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_lua_actor *la = akt_lua_actor(h->iso->current);
    uint64_t end = akt_node_now(h->iso->node) + akt_check_seconds(L, 1);
    uint64_t limit = lua_toboolean(L, 2) ? 0 : akt_inherited_deadline(L);
    lua_pushinteger(L, (lua_Integer)la->deadline_ns);
    la->deadline_ns = limit && limit < end ? limit : end;
    return 1;
}

static int l_restore_deadline(lua_State *L)
{
    struct akt_actor *a = akt_lua_self(L);
    akt_lua_actor(a)->deadline_ns = (uint64_t)luaL_checkinteger(L, 1);
    return 0;
}

/* core.can_wait(): whether this place may */
static int l_can_wait(lua_State *L)
{
    lua_pushboolean(L, akt_can_wait(L));
    return 1;
}

/* core.time_left() -> seconds until the deadline in force, or nil */
static int l_time_left(lua_State *L)
{
    uint64_t end = akt_inherited_deadline(L);
    uint64_t now = akt_node_now(akt_lua_of(L)->iso->node);
    if (!end)
        return 0;
    lua_pushnumber(L, end > now ? (lua_Number)(end - now) / 1e9 : 0);
    return 1;
}

static int l_stash(lua_State *L)
{
    struct akt_actor *a = akt_lua_self(L);
    struct akt_msg *m = a->current;
    if (!m || m->type != AKT_MSG_USER)
        return akt_error_raise(L, "no_message",
                               "stash: no message is being handled");
    akt_check_room(L, "stash");
    if (!akt_stash_has_room(a, m))
        return akt_error_raise(L, "overloaded",
                               "stash: it is full; it holds as many messages "
                               "as the mailbox may");
    struct akt_actor_ext *ext = akt_actor_ext(a);
    struct akt_msg *copy = akt_msg_new(AKT_MSG_USER, m->size);
    memcpy(copy->body, m->body, m->size);
    copy->target = m->target;
    copy->sender = m->sender;
    copy->ask = m->ask;
    copy->deadline_ns = m->deadline_ns;
    akt_cause_copy(copy, m);
    copy->sent_tick = m->sent_tick;
    copy->code = m->code; /* its place in an ordered mailbox */
    m->ask = 0;
    copy->next = NULL;
    if (ext->stash_first)
        ext->stash_last->next = copy;
    else
        ext->stash_first = copy;
    ext->stash_last = copy;
    ext->stash_load += AKT_LOAD(copy->size);
    return 0;
}

/* core.unstash(all) -> how many */
static int l_unstash(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    bool all = lua_toboolean(L, 1);
    lua_pushinteger(L, akt_mailbox_unstash(h->iso, h->iso->current, all));
    return 1;
}

static const luaL_Reg core[] = {
    {"defer", l_defer},
    {"token_reply", l_token_reply},
    {"timer", l_timer},
    {"cancel", l_cancel},
    {"set_deadline", l_set_deadline},
    {"restore_deadline", l_restore_deadline},
    {"time_left", l_time_left},
    {"can_wait", l_can_wait},
    {"unstash", l_unstash},
    {NULL, NULL},
};

static const luaL_Reg public[] = {
    {"send", l_send},   {"ask", l_ask},         {"reply", l_reply},
    {"sleep", l_sleep}, {"forward", l_forward}, {"stash", l_stash},
    {NULL, NULL},
};

void akt_lib_message_open(lua_State *L, int akt, int core_table)
{
    lua_pushvalue(L, akt);
    luaL_setfuncs(L, public, 0);
    lua_pushvalue(L, core_table);
    luaL_setfuncs(L, core, 0);
    lua_pop(L, 2);
}
