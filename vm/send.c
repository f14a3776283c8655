/* SPDX-License-Identifier: MIT */
#include "vm/send.h"

#include <string.h>

#include "vm/cause.h"
#include "vm/deadlock.h"
#include "vm/events.h"
#include "vm/fault.h"
#include "vm/inject.h"
#include "vm/life.h"
#include "vm/metrics.h"
#include "vm/order.h"
#include "vm/outside.h"
#include "vm/overload.h"
#include "vm/passivate.h"
#include "vm/remote.h"
#include "vm/replay.h"
#include "vm/strand.h"
#include "vm/topic.h"
#include "vm/trace.h"
#include "vm/upgrade.h"

#define BIG 4096 /* bytes of a message that can fill the memory in a tick */

/* `first`: the inbox said that the isolate must be queued. */
static void pushed(struct akt_isolate *to, bool first, enum akt_rank rank)
{
    if (first)
        akt_sched_queue_as(to, rank);
    /* relaxed: a hint; the isolate runs in any case */
    else if (atomic_load_explicit(&to->rank, memory_order_relaxed) > rank)
        akt_sched_promote(to, rank);
}

static void push(struct akt_isolate *to, struct akt_msg *m, enum akt_rank rank)
{
    if (to->tape)
        akt_tape_mark(m);
    pushed(to, akt_inbox_push(&to->inbox, m), rank);
}

static void add_away(struct akt_actor *a, uint32_t size)
{
    /* relaxed: a figure compared with a bound */
    atomic_fetch_add_explicit(&a->load_away, AKT_LOAD(size),
                              memory_order_relaxed);
}

static enum akt_full full_policy(const struct akt_actor *a)
{
    return (enum akt_full)(
        atomic_load_explicit(&a->limit, memory_order_relaxed) & 3);
}

static void answer(struct akt_isolate *iso, struct akt_msg *m)
{
    struct akt_pending *p = akt_pending_find(iso, m->ask);
    if (!p || p->done || !akt_pid_eq(p->actor->self, m->target)) {
        akt_bounce(iso->node, iso, m, AKT_LATE_REPLY);
        return;
    }
    if (akt_is_traced(p->actor))
        akt_trace_note(iso->node, p->actor, AKT_TRACE_REPLY_IN, m);
    akt_pending_answer(iso, p, m, (enum akt_code)m->code);
}

static struct akt_isolate *isolate_of(const struct akt_actor *a)
{
    /* relaxed: set before the pid was published */
    return atomic_load_explicit(&a->isolate, memory_order_relaxed);
}

void akt_send_here(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_msg *m)
{
    akt_mailbox_append(iso, a, m);
    if (full_policy(a) == AKT_FULL_DROP_OLD)
        akt_overload_drop_over(iso, a);
}

/* To an actor that is alive, in whatever isolate. */
static void deliver(struct akt_isolate *from, struct akt_actor *a,
                    struct akt_msg *m)
{
    struct akt_isolate *to = isolate_of(a);
    /* some may be on their way, in the inbox */
    bool waiters = akt_mailbox_load(a) & AKT_LOAD_WAITERS;
    if (to == from && m->type == AKT_MSG_USER && !waiters) {
        akt_send_here(to, a, m);
    } else if (to == from && m->type == AKT_MSG_REPLY) {
        answer(to, m);
    } else if (to == from && akt_tied(a, m)) {
        return;
    } else {
        if (m->type == AKT_MSG_USER)
            add_away(a, m->size);
        push(to, m, akt_actor_rank(a));
    }
}

void akt_post_chain(struct akt_isolate *to, struct akt_msg *newest,
                    struct akt_msg *oldest)
{
    for (struct akt_msg *m = newest; to->tape; m = m->next) {
        akt_tape_mark(m);
        if (m == oldest)
            break;
    }
    pushed(to, akt_inbox_push_chain(&to->inbox, newest, oldest),
           AKT_RANK_NORMAL);
}

bool akt_send_looks(const struct akt_actor *a)
{
    return akt_mailbox_load(a) & AKT_LOAD_LOOK;
}

bool akt_send_has_room(const struct akt_actor *a)
{
    return !akt_mailbox_is_full(a, 1);
}

bool akt_send_is_let_in(const struct akt_actor *a)
{
    return akt_send_has_room(a) || full_policy(a) == AKT_FULL_DROP_OLD;
}

struct akt_isolate *akt_send_prepare(struct akt_isolate *iso,
                                     struct akt_actor *a, uint32_t size)
{
    struct akt_isolate *to = isolate_of(a);
    if (to != iso)
        add_away(a, size);
    return to;
}

void akt_post_to_isolate(struct akt_isolate *to, struct akt_msg *m)
{
    push(to, m, AKT_RANK_NORMAL);
}

/* To nobody here: to another node, or to nobody at all. */
static void post_away(struct akt_node *node, struct akt_isolate *from,
                      struct akt_msg *m)
{
    if (akt_pid_is_remote(m->target))
        akt_remote_post(node, from, m);
    else
        akt_bounce(node, from, m, AKT_NOPROC);
}

void akt_post(struct akt_node *node, struct akt_isolate *from,
              struct akt_msg *m)
{
    struct akt_actor *a = akt_actor_find(node->actors, m->target);
    if (!a)
        post_away(node, from, m);
    else if (!node->faults || !akt_inject_takes(node, a, m))
        deliver(from, a, m);
}

void akt_post_delayed(struct akt_node *node, struct akt_msg *m)
{
    struct akt_actor *a = akt_actor_find(node->actors, m->target);
    if (a)
        deliver(NULL, a, m);
    else
        akt_bounce(node, NULL, m, AKT_NOPROC);
}

/* What the running actor sends, before it is the receiver's. */
static void trace_out(struct akt_isolate *iso, enum akt_trace_way way,
                      const struct akt_msg *m)
{
    const struct akt_actor *self = iso->current;
    if (self && akt_is_traced(self) && akt_pid_eq(self->self, m->sender))
        akt_trace_note(iso->node, self, way, m);
}

static void tell_lost(struct akt_node *node, enum akt_event_kind kind,
                      const struct akt_msg *m, enum akt_code why)
{
    struct akt_event e = {
        .kind = kind, .who = m->target, .code = why, .other = m->sender.bits};
    struct akt_event_details d = {.msg = m};
    akt_event_told(node, &e, &d);
}

/* ---- bounds ---- */

/* Out of line: to one that is not of this node, or gone. */
__attribute__((noinline)) static enum akt_code
send_away(struct akt_isolate *iso, struct akt_msg *m, enum akt_full *full)
{
    trace_out(iso, AKT_TRACE_OUT, m);
    if (akt_pid_is_remote(m->target)) {
        *full = AKT_FULL_WAIT;
        return akt_remote_send(iso, m);
    }
    akt_bounce(iso->node, iso, m, AKT_NOPROC);
    return AKT_NOPROC;
}

/* What akt_send does if anything is special. */
__attribute__((noinline)) static enum akt_code
send_otherwise(struct akt_isolate *iso, struct akt_msg *m, enum akt_full *full)
{
    struct akt_node *node = iso->node;
    struct akt_actor *a = akt_actor_find(node->actors, m->target);
    if (!a)
        return send_away(iso, m, full);
    if (akt_mailbox_load(a) & AKT_LOAD_LOOK && !(m->flags & AKT_MSG_LOOKED)) {
        *full = AKT_FULL_LOOK;
        return AKT_OVERLOADED;
    }
    if (m->size >= BIG) /* the ticker looks too rarely for these */
        akt_sched_measure_memory(node);
    /* relaxed: a reading of the memory in use */
    if (akt_input_rare(
            atomic_load_explicit(&node->pressure, memory_order_relaxed))) {
        *full = AKT_FULL_ERROR;
        return AKT_OVERLOADED;
    }
    if (akt_mailbox_is_full(a, 1)) {
        *full = full_policy(a);
        akt_overload_found(node, iso, a);
        tell_lost(node, AKT_EV_FULL, m, AKT_OVERLOADED);
        if (*full == AKT_FULL_DROP_NEW) {
            akt_count(&akt_kind_counts(iso->worker, a)->dropped);
            akt_bounce(node, iso, m, AKT_OVERLOADED);
        }
        if (*full != AKT_FULL_DROP_OLD)
            return AKT_OVERLOADED;
    }
    trace_out(iso, AKT_TRACE_OUT, m);
    if (!node->faults || !akt_inject_takes(node, a, m))
        deliver(iso, a, m);
    return AKT_OK;
}

/* Whether nothing is special about the node and about who sends: a block of
 * this size goes its way at once if the receiver has room. A tape writes down
 * what the longer way finds. */
static inline bool is_plain(const struct akt_isolate *iso, uint32_t size)
{
    const struct akt_node *node = iso->node;
    const struct akt_actor *self = iso->current;
    /* relaxed: a reading of the memory in use */
    return !akt_tape && !node->faults && size < BIG &&
           !atomic_load_explicit(&node->pressure, memory_order_relaxed) &&
           (!self || !akt_is_traced(self));
}

static inline void send_there(struct akt_isolate *to, struct akt_actor *a,
                              struct akt_msg *m)
{
    add_away(a, m->size);
    push(to, m, akt_actor_rank(a));
}

enum akt_code akt_send(struct akt_isolate *iso, struct akt_msg *m,
                       enum akt_full *full)
{
    struct akt_actor *a = is_plain(iso, m->size)
                              ? akt_actor_find_now(iso->node->actors, m->target)
                              : NULL;
    if (!a || !akt_mailbox_has_room(a))
        return send_otherwise(iso, m, full);
    struct akt_isolate *to = isolate_of(a);
    if (to != iso)
        send_there(to, a, m);
    else if (!akt_mailbox_put(iso, a, m))
        akt_mailbox_append(iso, a, m);
    return AKT_OK;
}

bool akt_send_may_overfill(struct akt_isolate *iso, akt_pid to)
{
    struct akt_actor *self = iso->current;
    struct akt_actor *a = akt_actor_find(iso->node->actors, to);
    return a && (akt_mailbox_is_full(self, 1) ||
                 akt_input_rare(akt_edge_is(a, self->self)));
}

bool akt_send_is_overfull(struct akt_isolate *iso, akt_pid to)
{
    struct akt_actor *a = akt_actor_find(iso->node->actors, to);
    return a && akt_mailbox_is_full(a, 2);
}

void akt_send_wait(struct akt_isolate *iso, struct akt_msg *m)
{
    struct akt_actor *a = akt_actor_find(iso->node->actors, m->target);
    trace_out(iso, AKT_TRACE_OUT, m);
    if (akt_pid_is_remote(m->target)) {
        akt_remote_wait(iso, m);
        return;
    }
    if (!a) {
        akt_bounce(iso->node, iso, m, AKT_NOPROC);
        return;
    }
    if (iso->node->faults && akt_inject_takes(iso->node, a, m))
        return;
    akt_count(&akt_kind_counts(iso->worker, a)->waits);
    /* by the inbox even within the isolate: its owner decides between turns */
    if (isolate_of(a) == iso)
        akt_mailbox_close(a);
    add_away(a, m->size);
    push(isolate_of(a), m, akt_actor_rank(a));
}

/* ---- replies ---- */

void akt_reply(struct akt_isolate *iso, akt_pid from, struct akt_msg *m,
               struct akt_msg *reply)
{
    if (!m->ask) {
        akt_msg_free(reply);
        return;
    }
    akt_edge_settle(iso->node, m->sender, from, m->ask);
    reply->target = m->sender;
    reply->sender = from;
    reply->ask = m->ask;
    reply->trace = m->trace;
    m->ask = 0;
    akt_count(&iso->worker->stats.replies);
    trace_out(iso, AKT_TRACE_REPLY_OUT, reply);
    akt_post(iso->node, iso, reply);
}

void akt_reply_error(struct akt_node *node, struct akt_isolate *iso,
                     akt_pid from, struct akt_msg *m, enum akt_code code,
                     struct akt_reason *reason)
{
    if (!m->ask) {
        akt_reason_unref(reason);
        return;
    }
    akt_edge_settle(node, m->sender, from, m->ask);
    struct akt_msg *reply = akt_msg_with_reason(AKT_MSG_REPLY, reason);
    reply->target = m->sender;
    reply->sender = from;
    reply->ask = m->ask;
    reply->trace = m->trace;
    reply->code = (uint8_t)code;
    m->ask = 0;
    if (iso)
        trace_out(iso, AKT_TRACE_REPLY_OUT, reply);
    akt_post(node, iso, reply);
}

void akt_dead_letter(struct akt_node *node, const struct akt_msg *m,
                     enum akt_code why)
{
    if (akt_cause_is_event(m)) /* else a loop could begin here */
        return;
    /* relaxed: a counter */
    atomic_fetch_add_explicit(&node->dead_letters[why], 1,
                              memory_order_relaxed);
    tell_lost(node, AKT_EV_DEAD_LETTER, m, why);
    if (node->on_dead_letter)
        node->on_dead_letter(node, m, why);
}

static void tell_sender(struct akt_node *node, struct akt_isolate *iso,
                        const struct akt_msg *m, enum akt_code why)
{
    enum akt_msg_type type =
        m->type == AKT_MSG_LINK ? AKT_MSG_EXIT : AKT_MSG_DOWN;
    bool told = why == AKT_NOCONNECTION || why == AKT_LIMIT;
    struct akt_msg *note =
        akt_msg_with_reason(type, akt_reason_of(told ? why : AKT_NOPROC));
    note->target = m->sender;
    note->sender = m->target;
    note->ask = m->ask;
    akt_post(node, iso, note);
}

static enum akt_code ask_code(enum akt_code why)
{
    bool told = why == AKT_OVERLOADED || why == AKT_CRASHED ||
                why == AKT_EXPIRED || why == AKT_NOROUTEE ||
                why == AKT_BAD_MESSAGE || why == AKT_BAD_CONTRACT ||
                why == AKT_NOCONNECTION;
    return !told ? AKT_NOPROC : why == AKT_CRASHED ? AKT_CRASH : why;
}

static void bounce_user(struct akt_node *node, struct akt_isolate *iso,
                        struct akt_msg *m, enum akt_code why)
{
    akt_dead_letter(node, m, why);
    enum akt_code code = ask_code(why);
    if (m->flags & AKT_MSG_ACK && akt_remote_is_token(akt_msg_ack_of(m)->id)) {
        akt_remote_release(node, m);
    } else if (m->flags & AKT_MSG_ACK && akt_msg_ack_of(m)->id) {
        struct akt_msg waits = {.sender = m->sender,
                                .ask = akt_msg_ack_of(m)->id};
        akt_reply_error(node, iso, m->target, &waits, code,
                        akt_reason_of(code));
    }
    akt_reply_error(node, iso, m->target, m, code, akt_reason_of(code));
}

void akt_bounce(struct akt_node *node, struct akt_isolate *iso,
                struct akt_msg *m, enum akt_code why)
{
    if (m->type == AKT_MSG_REPLY && akt_outside_is_reply(m) &&
        akt_outside_reply(node, m))
        return;
    switch (m->type) {
    case AKT_MSG_USER:
        if (!(m->flags & AKT_MSG_LAGGED))
            bounce_user(node, iso, m, why);
        break;
    case AKT_MSG_START:
    case AKT_MSG_INFO:
    case AKT_MSG_REPLY:
        if (m->type == AKT_MSG_REPLY)
            akt_dead_letter(node, m, AKT_LATE_REPLY);
        else
            akt_reply_error(node, iso, m->target, m, why, akt_reason_of(why));
        break;
    case AKT_MSG_LINK:
    case AKT_MSG_MONITOR:
        tell_sender(node, iso, m, why);
        break;
    default: /* news for somebody who is gone */
        break;
    }
    akt_life_free_note(m);
}

/* ---- arrival ---- */

/* One that stops itself ends by its own will, once its handler is done: if
 * that restarts it, the stop waits in front of its mailbox, which it keeps. */
static bool own_stop(struct akt_isolate *iso, struct akt_actor *a,
                     struct akt_msg *m)
{
    if (!akt_pid_eq(m->sender, a->self) || a->goal != AKT_GOAL_NONE ||
        !akt_life_restarts(a, akt_msg_reason(m)))
        return false;
    if (akt_actor_kind(a)->process && a->parked) {
        akt_life_exit(iso, a, akt_reason_ref(akt_msg_reason(m)));
        akt_msg_free(m);
        return true;
    }
    a->exit_queued = akt_actor_kind(a)->process;
    akt_mailbox_prepend(iso, a, m);
    return true;
}

static void on_stop(struct akt_isolate *iso, struct akt_actor *a,
                    struct akt_msg *m)
{
    if (m->flags & AKT_MSG_LAST) {
        akt_mailbox_append(iso, a, m);
        return;
    }
    if (own_stop(iso, a, m))
        return;
    /* a stop from the parent says how long; others give what spawn said */
    uint32_t grace = m->ask
                         ? (uint32_t)m->ask - 1
                         : (a->spec ? a->spec->shutdown_ms : AKT_SHUTDOWN_MS);
    if (grace) {
        akt_life_stop(iso, a, akt_reason_ref(akt_msg_reason(m)), grace);
    } else { /* its end is final, and it is now */
        akt_life_stop(iso, a, akt_reason_of(AKT_KILLED), 0);
        akt_life_kill(iso, a);
    }
    akt_msg_free(m);
}

__attribute__((noinline)) static void
arrived(struct akt_isolate *iso, struct akt_actor *a, struct akt_msg *m)
{
    switch ((enum akt_msg_type)m->type) {
    case AKT_MSG_USER:
        akt_mailbox_arrive(iso, a, m);
        break;
    case AKT_MSG_REPLY:
        answer(iso, m);
        break;
    case AKT_MSG_EXIT:
    case AKT_MSG_DOWN:
        akt_mailbox_append(iso, a, m);
        break;
    case AKT_MSG_START:
        akt_life_on_start(iso, a, m);
        break;
    case AKT_MSG_STOP:
        on_stop(iso, a, m);
        break;
    case AKT_MSG_KILL:
        if (m->flags & AKT_MSG_REASON) {
            akt_fault_on_crash(iso, a, m);
            break;
        }
        akt_msg_free(m);
        akt_life_kill(iso, a);
        break;
    case AKT_MSG_LINK:
    case AKT_MSG_UNLINK:
    case AKT_MSG_MONITOR:
    case AKT_MSG_DEMONITOR:
        (void)akt_tied(a, m);
        break;
    case AKT_MSG_CHILD_FAILED:
        akt_supervise_on_failed(iso, a, m);
        break;
    case AKT_MSG_CHILD_HALTED:
        akt_supervise_on_halted(iso, a, m);
        break;
    case AKT_MSG_CHILD_READY:
        akt_supervise_on_ready(iso, a, m);
        break;
    case AKT_MSG_CHILD_ENDED:
        akt_supervise_on_ended(iso, a, m);
        break;
    case AKT_MSG_CHILD_NEW:
        akt_supervise_on_new(iso, a, m);
        break;
    case AKT_MSG_CHILD_REINSTATED:
        akt_supervise_on_reinstated(iso, a, m);
        break;
    case AKT_MSG_REINSTATE:
        akt_msg_free(m);
        akt_life_on_reinstate(iso, a);
        break;
    case AKT_MSG_HALT:
        akt_life_on_halt(iso, a, m);
        break;
    case AKT_MSG_RESTART:
        akt_life_on_restart(iso, a, m);
        break;
    case AKT_MSG_RESTART_ASKED:
        akt_msg_free(m);
        akt_life_on_restart_asked(iso, a);
        break;
    case AKT_MSG_INFO:
        if (iso->host->info)
            iso->host->info(iso, a, m);
        akt_reply_error(iso->node, iso, a->self, m, AKT_UNKNOWN_MESSAGE,
                        akt_reason_of(AKT_UNKNOWN_MESSAGE));
        akt_msg_free(m);
        break;
    case AKT_MSG_PASSIVATE:
        akt_msg_free(m);
        akt_passivate_asked(iso, a);
        break;
    case AKT_MSG_FULL:
        akt_overload_on_full(iso, a, m);
        break;
    case AKT_MSG_UPGRADE: /* these never get here */
    case AKT_MSG_NODE_GONE:
    case AKT_MSG_HOST:
    case AKT_MSG_SIGNAL:
    case AKT_MSG_TASK:
        break;
    }
}

static struct akt_msg *take_inbox(struct akt_isolate *iso)
{
    if (iso->tape && iso->tape->replays)
        return akt_replay_take(iso);
    struct akt_msg *m = akt_inbox_take(&iso->inbox);
    if (m && iso->tape)
        akt_tape_arrive(iso->tape, m);
    return m;
}

/* A note for the isolate itself, not for one of its actors. */
__attribute__((noinline)) static bool took_note(struct akt_isolate *iso,
                                                struct akt_msg *m)
{
    if (m->type == AKT_MSG_UPGRADE) {
        akt_upgrade_on_note(iso, m);
    } else if (m->type == AKT_MSG_NODE_GONE) {
        akt_remote_on_gone(iso, m);
    } else if (m->type == AKT_MSG_HOST) {
        if (iso->host->asked)
            iso->host->asked(iso, m);
        akt_reply_error(iso->node, iso, m->target, m, AKT_NOPROC,
                        akt_reason_of(AKT_NOPROC));
        akt_msg_free(m);
    } else {
        return false;
    }
    return true;
}

/* Whether it is put in as it is: nobody looks whether there is room. */
static inline bool is_plain_arrival(const struct akt_actor *a,
                                    const struct akt_msg *m)
{
    return m->type == AKT_MSG_USER && !(m->flags & AKT_MSG_ACK) &&
           full_policy(a) != AKT_FULL_DROP_OLD;
}

#define ROW 64 /* messages for one actor that are counted at once */

/* m, for `a`, is on the way no more, and so are those behind it that are for
 * `a` too: one locked instruction for all. Returns how many. */
static inline uint32_t arrive_row(struct akt_actor *a, const struct akt_msg *m)
{
    const akt_pid target = m->target;
    uint64_t load = AKT_LOAD(m->size);
    uint32_t n = 1;
    bool plain = is_plain_arrival(a, m);
    while ((m = m->next) && plain && n < ROW && is_plain_arrival(a, m) &&
           akt_pid_eq(m->target, target)) {
        load += AKT_LOAD(m->size);
        n++;
    }
    /* relaxed: a figure */
    atomic_fetch_sub_explicit(&a->load_away, load, memory_order_relaxed);
    return n;
}

static inline void distribute(struct akt_isolate *iso, struct akt_actor *a,
                              struct akt_msg *m)
{
    /* the actor may have ended since, and the slot be another's */
    if (!akt_pid_eq(akt_actor_pid(a), m->target))
        akt_bounce(iso->node, iso, m, AKT_NOPROC);
    else if (!is_plain_arrival(a, m) || !akt_mailbox_put(iso, a, m))
        arrived(iso, a, m);
}

void akt_isolate_drain(struct akt_isolate *iso)
{
    struct akt_msg *m = take_inbox(iso);
    uint32_t row = 0; /* so many from m on have been counted */
    uint32_t n = 0;
    for (; m; n++) {
        struct akt_msg *next = m->next;
        bool user = m->type == AKT_MSG_USER;
        if (user || !took_note(iso, m)) {
            struct akt_actor *a = akt_actor_slot(iso->node->actors, m->target);
            if (user && row == 0)
                row = arrive_row(a, m);
            row -= user ? 1 : 0;
            distribute(iso, a, m);
        }
        m = next;
    }
    if (iso->worker) /* a replay has none here */
        akt_count_by(&iso->worker->stats.arrived, n);
}
