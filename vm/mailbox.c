/* SPDX-License-Identifier: MIT */
#include "vm/mailbox.h"

#include "vm/inject.h"
#include "vm/life.h"
#include "vm/order.h"
#include "vm/overload.h"
#include "vm/remote.h"
#include "vm/passivate.h"
#include "vm/send.h"
#include "vm/strand.h"
#include "vm/topic.h"
#include "vm/tape.h"

static void set_load(struct akt_actor *a, uint64_t load)
{
    /* relaxed: written by the owner only, others read a figure */
    atomic_store_explicit(&a->load_here, load, memory_order_relaxed);
}

void akt_mailbox_wake_otherwise(struct akt_isolate *iso, struct akt_actor *a)
{
    if (!a->busy) {
        if (a->state == AKT_A_AWAY)
            akt_passivate_wake(iso, a);
    } else if (a->parked && a->receiving) {
        a->todo |= AKT_DO_RESUME;
        akt_isolate_ready(iso, a);
    } else if (akt_has_strands(a)) {
        akt_strand_mail(iso, a);
    }
}

/* A link kills a process at once where it waits, unless something that may
 * have to be received first stands in front. */
static bool exit_at_once(struct akt_isolate *iso, struct akt_actor *a,
                         struct akt_msg *m)
{
    if (m->type != AKT_MSG_EXIT || !akt_actor_kind(a)->process ||
        a->traps_exit || a->finished)
        return false;
    struct akt_reason *reason = akt_msg_reason(m);
    bool linked = a->ext && akt_map_get(&a->ext->links, m->sender.bits, NULL);
    if (reason->code == AKT_NORMAL || !linked) {
        if (linked)
            akt_map_remove(&a->ext->links, m->sender.bits);
        akt_msg_free(m);
        return true;
    }
    bool scanned = a->receiving && !(a->todo & AKT_DO_RESUME);
    if (a->parked && (!a->receiving || scanned)) {
        akt_map_remove(&a->ext->links, m->sender.bits);
        akt_life_exit(iso, a, akt_reason_ref(reason));
        akt_msg_free(m);
        return true;
    }
    a->exit_queued = true;
    return false;
}

/* What still comes to a main whose text has run to the end: it handles
 * nothing, but a link can end it. */
static void finished_gets(struct akt_isolate *iso, struct akt_actor *a,
                          struct akt_msg *m)
{
    if (m->type == AKT_MSG_USER) {
        akt_bounce(iso->node, iso, m, AKT_FINISHED);
        return;
    }
    bool ends = m->type == AKT_MSG_EXIT && !a->traps_exit &&
                akt_msg_reason(m)->code != AKT_NORMAL;
    if (ends)
        akt_life_exit(iso, a, akt_reason_ref(akt_msg_reason(m)));
    akt_msg_free(m);
}

static void push(struct akt_isolate *iso, struct akt_actor *a,
                 struct akt_msg *m)
{
    akt_mailbox_link(a, m);
    if (a->extras & AKT_X_SIGNALS)
        akt_overload_look(iso, a);
    akt_mailbox_wake(iso, a);
}

/* The end of an actor of another node comes behind what waits for room: that
 * was sent before, by one who did not wait. A process that does not trap ends
 * by it, and sees no order. */
static bool comes_behind(const struct akt_actor *a, const struct akt_msg *m)
{
    bool end = m->type == AKT_MSG_DOWN ||
               (m->type == AKT_MSG_EXIT &&
                (a->traps_exit || !akt_actor_kind(a)->process));
    return end && akt_pid_is_remote(m->sender) && a->ext && a->ext->over_first;
}

static void wait_for_room(struct akt_isolate *iso, struct akt_actor *a,
                          struct akt_msg *m);

/* Whether m, which waits, counts as being in: nobody waits for it to be let in,
 * so nothing else would bound how many there are. */
static bool is_counted(const struct akt_msg *m)
{
    return m->type == AKT_MSG_USER && !(m->flags & AKT_MSG_ACK);
}

void akt_mailbox_append(struct akt_isolate *iso, struct akt_actor *a,
                        struct akt_msg *m)
{
    if (a->finished) {
        finished_gets(iso, a, m);
        return;
    }
    if (a->goal == AKT_GOAL_END) {
        akt_bounce(iso->node, iso, m, AKT_STOPPED);
        return;
    }
    if (exit_at_once(iso, a, m))
        return;
    if (comes_behind(a, m))
        wait_for_room(iso, a, m);
    else
        push(iso, a, m);
}

void akt_mailbox_prepend(struct akt_isolate *iso, struct akt_actor *a,
                         struct akt_msg *m)
{
    if (a->extras & AKT_X_ORDER) {
        akt_order_put_front(a, m);
    } else {
        m->next = a->mail_first;
        if (!a->mail_first)
            a->mail_last = m;
        a->mail_first = m;
    }
    set_load(a, akt_mailbox_load(a) + AKT_LOAD(m->size));
    if (akt_has_strands(a))
        akt_strand_look_again(a);
    akt_mailbox_wake(iso, a);
}

static void answer_ack(struct akt_isolate *iso, struct akt_msg *m)
{
    if (!akt_msg_ack_of(m)->id)
        return; /* an ask: its answer is all it waits for */
    if (akt_remote_is_token(akt_msg_ack_of(m)->id)) {
        akt_remote_release(iso->node, m);
        return;
    }
    struct akt_msg *ok = akt_msg_new(AKT_MSG_REPLY, 0);
    ok->target = m->sender;
    ok->sender = m->target;
    ok->ask = akt_msg_ack_of(m)->id;
    akt_msg_ack_of(m)->id = 0;
    akt_post(iso->node, iso, ok);
}

/* One that waited, or would have waited. */
static void admit(struct akt_isolate *iso, struct akt_actor *a,
                  struct akt_msg *m)
{
    if (m->flags & AKT_MSG_LAGGED && !akt_topic_fill_note(iso->node, m))
        return;
    if (m->type == AKT_MSG_USER) {
        if (m->flags & AKT_MSG_ACK)
            answer_ack(iso, m);
        akt_mailbox_append(iso, a, m);
    } else if (a->finished || a->goal == AKT_GOAL_END) {
        akt_bounce(iso->node, iso, m, AKT_STOPPED);
    } else { /* comes_behind */
        push(iso, a, m);
    }
}

/* A sender that gave up was told so: its message must not arrive, and nobody
 * waits for news of it. */
static bool gave_up(struct akt_isolate *iso, struct akt_msg *m)
{
    if (!(m->flags & AKT_MSG_ACK))
        return false;
    struct akt_msg_ack *ack = akt_msg_ack_of(m);
    if (!ack->deadline_ns || ack->deadline_ns > akt_node_now(iso->node))
        return false;
    if (akt_remote_is_token(ack->id)) {
        akt_bounce(iso->node, iso, m, AKT_OVERLOADED);
        return true;
    }
    if (ack->id) /* else it is an ask, which still waits for its answer */
        ack->id = m->ask = 0;
    akt_bounce(iso->node, iso, m, AKT_OVERLOADED);
    return true;
}

/* Senders that wait come in when a quarter of the mailbox is free, many at
 * once: one by one, each message would cost a wait and a wake. A process may
 * leave messages in its mailbox for long, so there any room will do. What is
 * on the way counts as being there, but an empty mailbox lets one in in any
 * case: nothing that leaves it would do so later. */
static bool lets_in(const struct akt_actor *a)
{
    return !a->mail_first ||
           !akt_mailbox_holds(a, akt_actor_kind(a)->process ? 4 : 3);
}

static void let_in(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_actor_ext *ext = a->ext;
    bool may = ext && ext->over_first && lets_in(a);
    if (iso->node->faults && akt_inject_is_full(iso->node, a))
        return;
    while (may && ext->over_first &&
           (!a->mail_first || !akt_mailbox_holds(a, 4))) {
        struct akt_msg *m = ext->over_first;
        ext->over_first = m->next;
        ext->over_count--;
        if (is_counted(m))
            set_load(a, akt_mailbox_load(a) - AKT_LOAD(m->size));
        if (!gave_up(iso, m))
            admit(iso, a, m);
    }
    if (may && !ext->over_first) {
        a->extras &= (uint8_t)~AKT_X_WAITERS;
        set_load(a, akt_mailbox_load(a) & ~AKT_LOAD_WAITERS);
    }
}

/* m has left the mailbox; it stood behind `prev`. Kept out of line: few actors
 * have an ext. Who is overloaded has one. */
__attribute__((noinline)) static void left(struct akt_isolate *iso,
                                           struct akt_actor *a,
                                           struct akt_msg *m,
                                           struct akt_msg *prev)
{
    struct akt_actor_ext *ext = a->ext;
    if (ext->order)
        akt_order_left(a, m, prev);
    if (ext->scan == m)
        ext->scan = prev;
    if (ext->scan_at == m)
        ext->scan_at = NULL;
    if (akt_has_strands(a))
        akt_strand_left(a, m, prev);
    /* in front of one that ends they are dead letters, as they are */
    if (ext->over_first && a->goal != AKT_GOAL_END && !a->finished)
        let_in(iso, a);
    if (a->extras & AKT_X_SIGNALS)
        akt_overload_look(iso, a);
}

void akt_mailbox_close(struct akt_actor *a)
{
    set_load(a, akt_mailbox_load(a) | AKT_LOAD_WAITERS);
}

void akt_mailbox_set_full(struct akt_actor *a, bool full)
{
    /* relaxed: set before the pid was published */
    struct akt_isolate *iso =
        atomic_load_explicit(&a->isolate, memory_order_relaxed);
    if (full) {
        akt_mailbox_close(a);
    } else if (a->ext && a->ext->over_first) {
        let_in(iso, a);
        if (akt_inbox_wake(&iso->inbox)) /* this is no visit of it */
            akt_sched_queue(iso);
    } else {
        set_load(a, akt_mailbox_load(a) & ~AKT_LOAD_WAITERS);
    }
}

struct akt_msg *akt_mailbox_take(struct akt_isolate *iso, struct akt_actor *a,
                                 struct akt_msg *prev)
{
    struct akt_msg *m = prev ? prev->next : a->mail_first;
    if (!m)
        return NULL;
    if (prev)
        prev->next = m->next;
    else
        a->mail_first = m->next;
    if (a->mail_last == m)
        a->mail_last = prev;
    set_load(a, akt_mailbox_load(a) - AKT_LOAD(m->size));
    if (a->ext)
        left(iso, a, m, prev);
    return m;
}

static void wait_for_room(struct akt_isolate *iso, struct akt_actor *a,
                          struct akt_msg *m)
{
    struct akt_actor_ext *ext = akt_actor_ext(a);
    m->next = NULL;
    if (ext->over_first)
        ext->over_last->next = m;
    else
        ext->over_first = m;
    ext->over_last = m;
    ext->over_count++;
    a->extras |= AKT_X_WAITERS;
    akt_mailbox_close(a);
    if (is_counted(m))
        set_load(a, akt_mailbox_load(a) + AKT_LOAD(m->size));
    let_in(iso, a);
}

void akt_mailbox_arrive(struct akt_isolate *iso, struct akt_actor *a,
                        struct akt_msg *m)
{
    bool asks_for_room = m->flags & AKT_MSG_ACK;
    bool full = a->extras & AKT_X_WAITERS ||
                (asks_for_room && akt_mailbox_is_full(a, 1));
    if (full && a->goal != AKT_GOAL_END && !a->finished)
        wait_for_room(iso, a, m);
    else if (asks_for_room)
        admit(iso, a, m);
    else
        akt_send_here(iso, a, m);
}
