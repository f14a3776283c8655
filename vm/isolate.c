/* SPDX-License-Identifier: MIT */
#include "vm/isolate.h"

#include <assert.h>

#include "vm/deadlock.h"
#include "vm/events.h"
#include "vm/health.h"
#include "vm/inject.h"
#include "vm/life.h"
#include "vm/metrics.h"
#include "vm/node.h"
#include "vm/order.h"
#include "vm/overload.h"
#include "vm/passivate.h"
#include "vm/ready.h"
#include "vm/sched_impl.h"
#include "vm/send.h"
#include "vm/strand.h"
#include "vm/tape.h"
#include "vm/trace.h"
#include "vm/upgrade.h"
#include "vm/watchdog.h"

/* ---- the ready list ---- */

void akt_isolate_ready(struct akt_isolate *iso, struct akt_actor *a)
{
    /* the one whose turn it is goes on, or is put back */
    if (a->ready || iso->batch == a)
        return;
    akt_ready_add(iso, a);
}

static void ready_later(struct akt_isolate *iso, struct akt_actor *a)
{
    a->ready = true;
    if (a->extras & AKT_X_CLASS) {
        akt_ready_push(iso, a);
        return;
    }
    akt_ready_append(&iso->later_first, &iso->later_last, a);
    iso->later_count++;
}

static struct akt_actor *take_ready(struct akt_isolate *iso)
{
    iso->ready_count--;
    struct akt_actor *a =
        akt_ready_take(&iso->ready_first, &iso->ready_last, 0);
    /* the next one's record is on its way while this one runs: both lines
     * that a message needs; of NULL nothing is fetched */
    __builtin_prefetch(iso->ready_first, 1);
    __builtin_prefetch((char *)iso->ready_first + 64, 1);
    return a;
}

static struct akt_actor *take_later(struct akt_isolate *iso)
{
    iso->later_count--;
    iso->passed_later = 0;
    /* relaxed: the time, exact to a tick */
    iso->later_tick =
        atomic_load_explicit(&iso->node->tick, memory_order_relaxed);
    return akt_ready_take(&iso->later_first, &iso->later_last, 0);
}

/* None of those that were preempted has run for long. */
static bool is_turn_of_later(struct akt_isolate *iso)
{
    if (++iso->passed_later < AKT_LATER_PICKS)
        return false;
    /* relaxed: the time, exact to a tick */
    uint32_t now = atomic_load_explicit(&iso->node->tick, memory_order_relaxed);
    return now - iso->later_tick >= AKT_LATER_TICKS;
}

/* Woken actors go before preempted ones, but not for ever. In line: each turn
 * comes here. */
static inline __attribute__((always_inline)) struct akt_actor *
pick(struct akt_isolate *iso, bool drains)
{
    if (iso->classed) {
        bool normal = iso->ready_first || iso->later_first;
        struct akt_actor *a = akt_ready_pick(iso, normal);
        if (a)
            return a;
    }
    if (drains && iso->later_first && is_turn_of_later(iso))
        return take_later(iso);
    if (drains && !iso->ready_first && akt_isolate_has_news(iso))
        akt_isolate_drain(iso);
    if (iso->ready_first)
        return take_ready(iso);
    if (iso->later_first)
        return take_later(iso);
    return iso->classed ? akt_ready_pick(iso, false) : NULL;
}

static struct akt_actor *next_ready(struct akt_isolate *iso)
{
    /* in simulation whoever was offered has had its turn */
    return iso->simulated ? NULL : pick(iso, true);
}

struct akt_actor *akt_isolate_next(struct akt_isolate *iso)
{
    return pick(iso, false);
}

bool akt_isolate_has_work(const struct akt_isolate *iso)
{
    return iso->ready_first || iso->later_first || iso->batch || iso->classed;
}

/* ---- turns ---- */

/* NULL: a fault has ended the turn. */
__attribute__((noinline)) static struct akt_turn *
begin_simulated(struct akt_isolate *iso)
{
    struct akt_world *world = iso->node->world;
    uint64_t who = akt_node_who(iso->node, iso->current->self.bits);
    akt_world_note(world, who + iso->turn.kind);
    akt_world_note(world, world->now_ns);
    return iso->node->faults && akt_inject_crashes(iso) ? NULL : &iso->turn;
}

/* `t` is what stands in iso->turn. */
static inline __attribute__((always_inline)) void
note_begin(struct akt_isolate *iso, struct akt_worker *w, struct akt_turn t)
{
    iso->current = t.actor;
    iso->turns_left--;
    uint32_t seq = atomic_load_explicit(&w->turn_seq, memory_order_relaxed) + 1;
    /* relaxed: the ticker compares two looks, a millisecond apart, and may
     * find the actor of the turn before */
    atomic_store_explicit(&w->actor, t.actor->self.bits, memory_order_relaxed);
    atomic_store_explicit(&w->turn_seq, seq, memory_order_relaxed);
    akt_turns_note(w, seq, t);
}

static struct akt_turn *begin(struct akt_isolate *iso)
{
    note_begin(iso, iso->worker, iso->turn);
    return iso->simulated ? begin_simulated(iso) : &iso->turn;
}

static inline __attribute__((always_inline)) void end(struct akt_isolate *iso)
{
    struct akt_worker *w = iso->worker;
    iso->current = NULL;
    atomic_store_explicit(
        &w->turn_seq,
        atomic_load_explicit(&w->turn_seq, memory_order_relaxed) + 1,
        memory_order_relaxed);
    akt_metrics_end(w);
}

/* A link's news for an actor that may take it. True: it wants a handler. */
static bool exit_taken(struct akt_isolate *iso, struct akt_actor *a,
                       struct akt_msg *m)
{
    if (!a->ext || !akt_map_remove(&a->ext->links, m->sender.bits))
        return false; /* unlinked since, or told already */
    if (a->traps_exit)
        return true;
    struct akt_reason *reason = akt_msg_reason(m);
    if (reason->code != AKT_NORMAL)
        akt_life_exit(iso, a, akt_reason_ref(reason));
    return false;
}

/* False: the actor gave up this monitor. */
static bool down_taken(struct akt_actor *a, const struct akt_msg *m)
{
    if (m->flags & AKT_MSG_RESTARTED) /* it goes on */
        return a->ext && akt_map_get(&a->ext->watching, m->ask, NULL);
    return a->ext && akt_map_remove(&a->ext->watching, m->ask);
}

/* Whether it is a message and has waited for longer than the actor's messages
 * may. */
static bool is_too_old(struct akt_isolate *iso, const struct akt_actor *a,
                       const struct akt_msg *m)
{
    /* relaxed: a time, exact to a tick */
    uint32_t now = atomic_load_explicit(&iso->node->tick, memory_order_relaxed);
    /* signed: two threads set it, so it may step back a little */
    int32_t age = (int32_t)(now - m->sent_tick);
    return m->type == AKT_MSG_USER && !(m->flags & AKT_MSG_TICK) && age > 0 &&
           (uint32_t)age > akt_actor_rules(a)->ttl_ms;
}

static void expire(struct akt_isolate *iso, const struct akt_actor *a,
                   struct akt_msg *m)
{
    akt_count(&akt_kind_counts(iso->worker, a)->expired);
    akt_count(&iso->worker->stats.expired);
    akt_bounce(iso->node, iso, m, AKT_EXPIRED);
}

static bool news_taken(struct akt_isolate *iso, struct akt_actor *a,
                       struct akt_msg *m)
{
    if (m->type == AKT_MSG_EXIT)
        return exit_taken(iso, a, m);
    if (m->type == AKT_MSG_DOWN)
        return down_taken(a, m);
    if (m->type == AKT_MSG_SIGNAL)
        return akt_overload_taken(a, m);
    if (m->flags & AKT_MSG_LAST) { /* a stop, once its mailbox is empty */
        akt_life_on_last(iso, a, m);
        return false;
    }
    /* its own stop */
    akt_life_exit(iso, a, akt_reason_ref(akt_msg_reason(m)));
    return false;
}

static bool is_for_handler(struct akt_isolate *iso, struct akt_actor *a,
                           struct akt_msg *m)
{
    if (m->type != AKT_MSG_USER)
        return news_taken(iso, a, m);
    if (m->flags & AKT_MSG_TICK)
        return akt_pending_tick_taken(iso, m->timer);
    if (m->deadline_ns && m->ask && m->deadline_ns <= akt_node_now(iso->node)) {
        m->ask = 0; /* its asker has given up already */
        expire(iso, a, m);
        return false;
    }
    return true;
}

/* Whether a message that left the mailbox is for a handler. */
bool akt_message_taken(struct akt_isolate *iso, struct akt_actor *a,
                       struct akt_msg *m)
{
    if (a->extras & AKT_X_TTL && akt_input_rare(is_too_old(iso, a, m))) {
        expire(iso, a, m);
        return false;
    }
    if (!is_for_handler(iso, a, m))
        return false;
    if (akt_is_traced(a))
        akt_trace_note(iso->node, a, AKT_TRACE_IN, m);
    return true;
}

/* The handler of `a` gets m, which has left the mailbox. */
static inline struct akt_turn hand_over(struct akt_isolate *iso,
                                        struct akt_actor *a, struct akt_msg *m)
{
    m->next = NULL;
    a->current = m;
    a->busy = true;
    akt_actor_count_message(a);
    return iso->turn = (struct akt_turn){AKT_TURN_MESSAGE, a, m, NULL};
}

static bool take(struct akt_isolate *iso, struct akt_actor *a,
                 struct akt_msg *prev)
{
    struct akt_msg *m = akt_mailbox_take(iso, a, prev);
    bool bounced = m->type == AKT_MSG_USER && !(m->flags & AKT_MSG_TICK);
    if (!akt_message_taken(iso, a, m)) {
        if (!bounced)
            akt_msg_free(m);
        return false;
    }
    akt_metrics_begin(iso->worker, a, m);
    hand_over(iso, a, m);
    return true;
}

bool akt_turn_take(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_msg *prev)
{
    return take(iso, a, prev);
}

static bool take_first(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->extras & AKT_X_ORDER && !akt_order_sort(iso, a, AKT_ORDER_STEP))
        return false; /* there is more to sort; others may run in between */
    return take(iso, a, NULL);
}

static bool may_take(const struct akt_actor *a)
{
    return a->mail_first && !a->busy && a->state == AKT_A_RUNNING;
}

bool akt_turn_resume(struct akt_isolate *iso, struct akt_actor *a)
{
    a->todo &= (uint8_t)~AKT_DO_RESUME;
    if (!a->busy)
        return false;
    a->parked = a->preempted = a->receiving = false;
    akt_actor_set_activity(a, AKT_IDLE);
    iso->turn.kind = a->fiber ? AKT_TURN_RESUME : AKT_TURN_TASK;
    iso->turn.actor = a;
    iso->turn.msg = a->current;
    return true;
}

static bool must_upgrade(const struct akt_actor *a)
{
    return a->todo & AKT_DO_UPGRADE ? !a->busy
                                    : may_take(a) && akt_upgrade_is_due(a);
}

/* What stands in `todo`. */
static bool due(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->todo & (AKT_DO_LIFE | AKT_DO_START | AKT_DO_UNWIND))
        return akt_life_step(iso, a, &iso->turn);
    if (a->todo & AKT_DO_RESUME && !(a->todo & AKT_DO_STRAND && a->parked))
        return akt_turn_resume(iso, a);
    return akt_strand_step(iso, a);
}

/* What waits in `todo` until it is not busy. */
static bool aside(struct akt_isolate *iso, struct akt_actor *a)
{
    return a->todo & AKT_DO_HEALTH ? akt_health_step(iso, a, &iso->turn)
                                   : akt_passivate_step(iso, a, &iso->turn);
}

/* Whatever the actor has to do; true: the host must run iso->turn. */
static bool step(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->todo & ~(unsigned)AKT_DO_ASIDE)
        return due(iso, a);
    if (must_upgrade(a))
        return akt_upgrade_step(iso, a, &iso->turn);
    if (a->todo & (AKT_DO_HEALTH | AKT_DO_IDLE) && !a->busy)
        return aside(iso, a);
    if (may_take(a))
        return take_first(iso, a);
    return false;
}

static bool has_more(const struct akt_actor *a)
{
    unsigned now = a->busy ? ~(unsigned)AKT_DO_ASIDE : ~0u;
    return (a->todo & now) || may_take(a);
}

/* The actor leaves its place at the front. */
static void put_back(struct akt_isolate *iso, struct akt_actor *a)
{
    iso->batch = NULL;
    if (has_more(a))
        akt_isolate_ready(iso, a);
}

static bool must_leave(struct akt_isolate *iso)
{
    /* relaxed: the ticker's wish, seen a little later or sooner */
    return iso->turns_left == 0 ||
           atomic_load_explicit(&iso->worker->yield, memory_order_relaxed);
}

/* All that stands in its mailbox now, so that who sends to it (and gives way
 * after as many) does not get ahead. The end of the visit ends what is more,
 * and the ticker what takes long. */
static uint32_t batch_of(const struct akt_actor *a)
{
    uint64_t n = (akt_mailbox_load(a) & ~AKT_LOAD_MARKS) >> AKT_LOAD_BYTES_BITS;
    return n > AKT_BATCH ? (uint32_t)n : AKT_BATCH;
}

__attribute__((noinline)) static void lengthen_visit(struct akt_isolate *iso)
{
    if (iso->turns_more || iso->simulated) /* once */
        return;
    iso->turns_more =
        iso->batch_left < AKT_TURNS_MORE ? iso->batch_left : AKT_TURNS_MORE;
    iso->turns_left += iso->turns_more;
}

static void begin_batch(struct akt_isolate *iso, struct akt_actor *a)
{
    iso->batch = a;
    iso->batch_left = a ? batch_of(a) : 0;
    if (iso->batch_left >= AKT_CROWD)
        lengthen_visit(iso);
}

/* The actor whose turn it is; NULL: there is none, or the visit is over. */
static struct akt_actor *front(struct akt_isolate *iso)
{
    struct akt_actor *a = iso->batch;
    if (must_leave(iso)) {
        if (a)
            put_back(iso, a);
        return NULL;
    }
    if (a && iso->batch_left == 0) {
        put_back(iso, a);
        a = NULL;
    }
    if (!a) {
        a = next_ready(iso);
        begin_batch(iso, a);
    }
    return a;
}

__attribute__((noinline)) static struct akt_turn *
next_otherwise(struct akt_isolate *iso)
{
    struct akt_actor *a;
    while ((a = front(iso))) {
        iso->batch_left--;
        if (akt_tape)
            akt_tape_step(akt_tape, akt_pid_slot(a->self));
        if (step(iso, a)) {
            struct akt_turn *t = begin(iso);
            if (t)
                return t;
        } else if (iso->batch == a && !has_more(a)) {
            iso->batch = NULL; /* a step may have ended it: then it is off */
        }
    }
    return NULL;
}

/* Nothing is ready, and nothing has arrived. */
static inline bool is_over(struct akt_isolate *iso)
{
    return !iso->ready_first && !iso->batch && !iso->later_first &&
           !iso->classed && !akt_isolate_has_news(iso);
}

/* As `front`, if neither the isolate nor the visit has anything special. */
static inline struct akt_actor *plain_front(struct akt_isolate *iso)
{
    if (must_leave(iso) || !iso->plain)
        return NULL;
    if (iso->batch)
        return iso->batch_left ? iso->batch : NULL;
    if (iso->classed || iso->later_first || !iso->ready_first)
        return NULL;
    begin_batch(iso, take_ready(iso));
    return iso->batch;
}

/* Whether m, which has just been found, is surely not too old. Without a look
 * at the clock: `now_ms` may be a few ticks old, but not a second. */
static inline bool is_in_time(const struct akt_isolate *iso,
                              const struct akt_msg *m)
{
    if (!m->deadline_ns)
        return true;
    uint64_t due_ms = (m->deadline_ns - iso->node->started_ns) / 1000000;
    return (int32_t)((uint32_t)due_ms - iso->worker->now_ms) > 1000;
}

/* Whether all there is to do is to hand m, its first message, to a handler:
 * neither actor nor message has anything that few have. */
static inline bool is_plain(const struct akt_isolate *iso,
                            const struct akt_actor *a, const struct akt_msg *m)
{
    return !a->todo && !a->busy && a->state == AKT_A_RUNNING &&
           !(a->extras & AKT_X_TAKING) &&
           !(akt_mailbox_load(a) & AKT_LOAD_WAITERS) && !m->stamp &&
           m->type == AKT_MSG_USER && !(m->flags & AKT_MSG_TICK) &&
           is_in_time(iso, m) && !akt_upgrade_is_due(a) && !akt_is_traced(a);
}

/* The path of most messages; whatever is special takes the other one, from
 * where this has got to. Nothing is called here, so nothing has to be saved. */
struct akt_turn *akt_turn_next(struct akt_isolate *iso)
{
    struct akt_actor *a = plain_front(iso);
    struct akt_msg *m = a ? a->mail_first : NULL;
    if (!m || !is_plain(iso, a, m))
        return is_over(iso) ? NULL : next_otherwise(iso);
    struct akt_worker *w = iso->worker;
    iso->batch_left--;
    akt_mailbox_take_first(a, m);
    akt_count(&akt_kind_counts(w, a)->messages); /* it has no stamp */
    note_begin(iso, w, hand_over(iso, a, m));
    return &iso->turn;
}

static void drop_current(struct akt_actor *a)
{
    struct akt_msg *m = a->current;
    a->current = NULL;
    a->busy = false;
    while (m) {
        struct akt_msg *next = m->next;
        akt_msg_free(m);
        m = next;
    }
}

/* Kept out of line: akt_turn_done is on the path of every message. */
__attribute__((noinline)) static void done_otherwise(struct akt_isolate *iso,
                                                     struct akt_actor *a)
{
    bool message =
        iso->turn.kind == AKT_TURN_MESSAGE && a->state == AKT_A_RUNNING;
    bool strands = akt_has_strands(a);
    if (strands && akt_strand_done(iso, a)) {
        /* it goes on, with another one in front or with none */
    } else if (message) {
        drop_current(a);
    } else {
        akt_life_turn_done(iso, a, iso->turn.kind);
        if (strands)
            akt_strand_next(iso, a);
        return;
    }
    if (has_more(a))
        return;
    if (iso->batch == a)
        iso->batch = NULL;
    if (a->extras & AKT_X_PASSIVATE && !a->busy)
        akt_passivate_idle(iso, a);
}

void akt_turn_done(struct akt_isolate *iso)
{
    struct akt_actor *a = iso->current;
    end(iso);
    if (iso->turn.kind != AKT_TURN_MESSAGE || a->state != AKT_A_RUNNING ||
        a->extras & (AKT_X_STRANDS | AKT_X_PASSIVATE)) {
        done_otherwise(iso, a);
        return;
    }
    drop_current(a);
    if (!a->mail_first && !a->todo)
        iso->batch = NULL; /* spares akt_turn_next a look */
}

static void grace_for_first_wait(struct akt_isolate *iso, struct akt_actor *a);

void akt_turn_suspended(struct akt_isolate *iso)
{
    struct akt_actor *a = iso->current;
    end(iso);
    a->parked = true;
    a->slices = 0;
    /* relaxed: the time, exact to a tick */
    a->since_tick =
        atomic_load_explicit(&iso->node->tick, memory_order_relaxed);
    akt_actor_set_activity(a, AKT_WAITING);
    iso->batch = NULL;
    grace_for_first_wait(iso, a);
    if (akt_has_strands(a))
        akt_strand_parked(iso, a);
    if (akt_actor_kind(a)->process || a->exit_queued ||
        a->state == AKT_A_FINISHING)
        akt_life_waits(iso, a);
    if (has_more(a))
        akt_isolate_ready(iso, a);
}

/* Its slice is over. */
static void tell_preempted(struct akt_isolate *iso, struct akt_actor *a)
{
    akt_count(&iso->worker->stats.preempts);
    akt_event(iso->node, AKT_EV_PREEMPT, a->self, AKT_OK, 0);
    akt_watchdog_preempted(iso, a);
}

#define GAVE_SLICE 64 /* turns that give way run for a slice, roughly */

/* To those of its isolate, or else to other isolates. */
static void give_way(struct akt_isolate *iso, struct akt_actor *a)
{
    if (++iso->gave % GAVE_SLICE == 0)
        akt_watchdog_preempted(iso, a);
    if (!iso->ready_first)
        atomic_store_explicit(&iso->worker->yield, true, memory_order_relaxed);
}

void akt_turn_preempted(struct akt_isolate *iso)
{
    struct akt_actor *a = iso->current;
    bool gave_way = akt_turn_gives_way(iso);
    end(iso);
    if (akt_tape)
        akt_tape_preempted(akt_tape);
    if (gave_way)
        give_way(iso, a);
    else
        tell_preempted(iso, a);
    a->preempted = true;
    akt_actor_set_activity(a, AKT_PREEMPTED);
    a->todo |= AKT_DO_RESUME;
    iso->batch = NULL;
    grace_for_first_wait(iso, a);
    if (gave_way && !iso->later_first) /* also those of a slice before it */
        akt_isolate_ready(iso, a);
    else if (!a->ready)
        ready_later(iso, a);
}

/* init, upgrade and idle have a limit; the clock is only set once it
 * does not return at once. */
static void grace_for_first_wait(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->state != AKT_A_INIT && !a->upgrading && a->aside != AKT_ASIDE_IDLE)
        return;
    for (struct akt_pending *p = a->pendings; p; p = p->next)
        if (p->type == AKT_P_GRACE)
            return;
    uint64_t ms = a->state == AKT_A_INIT && a->spec ? a->spec->init.timeout_ms
                                                    : AKT_INIT_MS;
    akt_life_grace(iso, a, ms);
}

/* The message that crashed its actor is gone; who asked is told. */
static void message_failed(struct akt_isolate *iso, struct akt_actor *a,
                           struct akt_reason *reason)
{
    struct akt_msg *m;
    a->busy = false;
    a->slices = 0;
    a->fiber = NULL;
    if (akt_has_strands(a))
        akt_strand_release(a);
    while ((m = a->current)) {
        a->current = m->next;
        akt_reply_error(iso->node, iso, a->self, m, AKT_CRASH,
                        akt_reason_ref(reason));
        akt_life_lose(iso, a, m, AKT_CRASHED);
    }
}

static void tell_crash(struct akt_isolate *iso, const struct akt_actor *a,
                       const struct akt_reason *reason)
{
    struct akt_event e = {.kind = AKT_EV_CRASH,
                          .who = a->self,
                          .code = reason->code,
                          .other = a->current ? a->current->sender.bits : 0};
    struct akt_event_details d = {.msg = a->current, .reason = reason};
    akt_event_told(iso->node, &e, &d);
}

void akt_turn_failed(struct akt_isolate *iso, struct akt_reason *reason,
                     const char *code, char *report, uint32_t report_len)
{
    struct akt_actor *a = iso->current;
    enum akt_turn_kind kind = iso->turn.kind;
    end(iso);
    akt_count(&iso->worker->stats.crashes);
    akt_count(&akt_kind_counts(iso->worker, a)->crashes);
    tell_crash(iso, a, reason);
    akt_strand_clear_edge(a);
    message_failed(iso, a, reason);
    akt_life_turn_failed(iso, a, kind, reason, code, report, report_len);
    if (akt_has_strands(a)) /* it goes on, and so do its others */
        akt_strand_next(iso, a);
}

/* What it took and has not answered will not be answered. */
static void refuse_current(struct akt_isolate *iso, struct akt_actor *a,
                           struct akt_reason *reason)
{
    for (struct akt_msg *m = a->current; m; m = m->next)
        akt_reply_error(iso->node, iso, a->self, m, AKT_NOPROC,
                        akt_reason_ref(reason));
    drop_current(a);
}

void akt_turn_exit(struct akt_isolate *iso, struct akt_reason *reason)
{
    struct akt_actor *a = iso->current;
    end(iso);
    refuse_current(iso, a, reason);
    a->fiber = NULL;
    akt_life_exit(iso, a, reason);
}

bool akt_turn_outlived(struct akt_isolate *iso)
{
    struct akt_actor *a = iso->current;
    bool lasts =
        akt_has_strands(a) && akt_strand_tasks(a) && a->state == AKT_A_RUNNING;
    if (!lasts)
        return false;
    end(iso);
    refuse_current(iso, a, akt_reason_of(AKT_FINISHED));
    a->fiber = NULL;
    return akt_strand_outlives(iso, a);
}

void akt_turn_finished(struct akt_isolate *iso)
{
    struct akt_actor *a = iso->current;
    end(iso);
    refuse_current(iso, a, akt_reason_of(AKT_FINISHED));
    akt_life_finished(iso, a);
}

void akt_turn_expired(struct akt_isolate *iso)
{
    struct akt_actor *a = iso->current;
    akt_count(&iso->worker->stats.expired);
    a->current->ask = 0; /* its asker has given up already */
    akt_turn_done(iso);
}

/* ---- visits ---- */

uint64_t akt_isolate_ref(struct akt_isolate *iso)
{
    uint64_t n = (uint64_t)iso->index << 40 | ++iso->refs;
    return 3ull << 62 | (n ^ iso->node->ref_mask);
}

static void fire_due(struct akt_isolate *iso)
{
    uint64_t nearest = akt_pending_nearest(iso);
    if (!nearest)
        return;
    uint64_t now_ns = akt_world_mono_ns(iso->node->world);
    if (nearest > now_ns)
        return;
    if (akt_isolate_has_news(iso)) /* an answer from before that time counts */
        akt_isolate_drain(iso);
    if (akt_tape)
        akt_tape_fire(akt_tape, now_ns);
    akt_pending_fire(iso, now_ns);
}

static void run_host(struct akt_isolate *iso)
{
    if (!iso->host_data && !iso->broken && akt_isolate_has_work(iso))
        iso->broken = !iso->host->open(iso);
    iso->host->visit(iso);
}

void akt_isolate_arrive(struct akt_isolate *iso)
{
    if (akt_isolate_has_news(iso))
        akt_isolate_drain(iso);
    fire_due(iso);
}

static void leave_visit(struct akt_isolate *iso)
{
    if (iso->actors == 0 && iso->host_data && !iso->node->world->replay &&
        !akt_isolate_is_kept(iso))
        akt_isolate_try_close(iso);
    else if (iso->host_data)
        iso->host->idle(iso);
}

bool akt_isolate_visit(struct akt_isolate *iso)
{
    iso->turns_left = akt_visit_turns(iso->node);
    iso->turns_more = 0;
    akt_tape = iso->tape;
    if (!iso->batch) /* in simulation it has been chosen, as has arriving */
        akt_isolate_arrive(iso);
    run_host(iso);
    /* relaxed: a figure for others */
    atomic_store_explicit(&iso->shown_actors, iso->actors,
                          memory_order_relaxed);
    atomic_store_explicit(&iso->shown_ready,
                          iso->ready_count + iso->later_count + iso->classed,
                          memory_order_relaxed);
    bool more = akt_isolate_has_work(iso);
    if (!more)
        leave_visit(iso);
    akt_tape = NULL;
    return more;
}
