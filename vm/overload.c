/* SPDX-License-Identifier: MIT */
#include "vm/overload.h"

#include "vm/events.h"
#include "vm/life.h"
#include "vm/metrics.h"
#include "vm/order.h"
#include "vm/send.h"
#include "vm/tape.h"

static struct akt_msg *oldest(struct akt_actor *a, struct akt_msg **prev)
{
    struct akt_msg *m = a->mail_first;
    while (m && m->type != AKT_MSG_USER) {
        *prev = m;
        m = m->next;
    }
    return m;
}

static void drop_one(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_msg *prev = NULL;
    struct akt_msg *m = a->extras & AKT_X_ORDER
                            ? akt_order_victim(iso, a, &prev)
                            : oldest(a, &prev);
    if (!m)
        return;
    akt_mailbox_take(iso, a, prev);
    if (m->flags & AKT_MSG_TICK) /* the next one may come */
        (void)akt_pending_tick_taken(iso, m->timer);
    akt_count(&akt_kind_counts(iso->worker, a)->dropped);
    akt_bounce(iso->node, iso, m, AKT_OVERLOADED);
}

/* Whether more is in the mailbox than it holds; what is on the way does not
 * count. A mark without others that wait: vm/inject.h. */
static bool is_over(const struct akt_actor *a)
{
    struct akt_mailbox_policy policy;
    /* relaxed, both: the owner is the writer */
    akt_mailbox_unpack(atomic_load_explicit(&a->limit, memory_order_relaxed),
                       &policy);
    uint64_t load = atomic_load_explicit(&a->load_here, memory_order_relaxed);
    if (load & AKT_LOAD_WAITERS)
        return true;
    load &= ~AKT_LOAD_MARKS;
    uint64_t bytes = load & ((1ull << AKT_LOAD_BYTES_BITS) - 1);
    return load >> AKT_LOAD_BYTES_BITS > policy.max ||
           (policy.max != UINT32_MAX && bytes > (uint64_t)policy.max_kb << 10);
}

void akt_overload_drop_over(struct akt_isolate *iso, struct akt_actor *a)
{
    if (is_over(a))
        drop_one(iso, a);
}

/* ---- signals ---- */

uint8_t akt_overload_extras(const struct akt_kind *kind,
                            const struct akt_mailbox_rules *rules)
{
    bool hooked = kind->hooks & (AKT_HOOK_OVERLOADED | AKT_HOOK_RECOVERED);
    return rules->signal || hooked ? AKT_X_SIGNALS : 0;
}

void akt_overload_found(struct akt_node *node, struct akt_isolate *from,
                        struct akt_actor *a)
{
    /* relaxed, both: whoever sets it sends a note, and the note tells */
    bool noted =
        atomic_load_explicit(&a->full_noted, memory_order_relaxed) ||
        atomic_exchange_explicit(&a->full_noted, true, memory_order_relaxed);
    if (!akt_input_rare(!noted))
        return;
    struct akt_msg *m = akt_msg_new(AKT_MSG_FULL, 0);
    m->target = a->self;
    akt_post(node, from, m);
}

/* So many messages are too many. */
static uint32_t level_of(const struct akt_actor *a)
{
    struct akt_mailbox_policy policy;
    akt_mailbox_unpack(atomic_load_explicit(&a->limit, memory_order_relaxed),
                       &policy);
    uint32_t signal = akt_actor_rules(a)->signal;
    return signal && signal < policy.max ? signal : policy.max;
}

/* The callbacks' message; one that waits will say how things are then. */
static void tell(struct akt_isolate *iso, struct akt_actor *a)
{
    bool hooked =
        akt_actor_kind(a)->hooks & (AKT_HOOK_OVERLOADED | AKT_HOOK_RECOVERED);
    struct akt_actor_ext *ext = akt_actor_ext(a);
    if (!hooked || ext->signal_queued || a->goal == AKT_GOAL_END)
        return;
    ext->signal_queued = true;
    struct akt_msg *m = akt_msg_new(AKT_MSG_SIGNAL, 0);
    m->target = a->self;
    akt_mailbox_prepend(iso, a, m);
}

static void overloaded(struct akt_isolate *iso, struct akt_actor *a)
{
    akt_actor_ext(a)->overloaded = true;
    a->extras |= AKT_X_SIGNALS; /* until it has recovered */
    akt_count(&akt_kind_counts(iso->worker, a)->overloads);
    akt_event(iso->node, AKT_EV_OVERLOADED, a->self, AKT_OVERLOADED,
              akt_actor_queued(a));
    tell(iso, a);
}

static void recovered(struct akt_isolate *iso, struct akt_actor *a)
{
    a->ext->overloaded = false;
    /* relaxed: from now on a sender that finds it full sends a note again */
    atomic_store_explicit(&a->full_noted, false, memory_order_relaxed);
    if (!akt_overload_extras(akt_actor_kind(a), akt_actor_rules(a)))
        a->extras &= (uint8_t)~AKT_X_SIGNALS;
    akt_event(iso->node, AKT_EV_RECOVERED, a->self, AKT_OK,
              akt_actor_queued(a));
    tell(iso, a);
}

void akt_overload_look(struct akt_isolate *iso, struct akt_actor *a)
{
    bool was = a->ext && a->ext->overloaded;
    uint64_t queued = akt_input(akt_actor_queued(a)), level = level_of(a);
    if (!was && (queued >= level || akt_mailbox_holds(a, 4)))
        overloaded(iso, a);
    else if (was && queued * 4 < level * 3 && !akt_mailbox_holds(a, 3))
        recovered(iso, a);
}

void akt_overload_on_full(struct akt_isolate *iso, struct akt_actor *a,
                          struct akt_msg *m)
{
    akt_msg_free(m);
    if (akt_overload_extras(akt_actor_kind(a), akt_actor_rules(a)))
        return; /* each message is looked at */
    if (!akt_actor_ext(a)->overloaded)
        overloaded(iso, a);
    akt_overload_look(iso, a); /* it may be over already */
}

bool akt_overload_taken(struct akt_actor *a, struct akt_msg *m)
{
    struct akt_actor_ext *ext = akt_actor_ext(a);
    bool now = ext->overloaded;
    ext->signal_queued = false;
    if (ext->signal_told == now)
        return false;
    ext->signal_told = now;
    m->code = now ? AKT_OVERLOADED : AKT_OK;
    uint32_t hook = now ? AKT_HOOK_OVERLOADED : AKT_HOOK_RECOVERED;
    return akt_actor_kind(a)->hooks & hook;
}
