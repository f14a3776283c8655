/* SPDX-License-Identifier: MIT */
#include "vm/overload.h"

#include "vm/order.h"
#include "vm/send.h"

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
        (void)akt_pending_tick_taken(iso, m->parent);
    akt_bounce(iso->node, iso, m, AKT_OVERLOADED);
}

/* Whether more is in the mailbox than it holds; what is on the way does not
 * count. */
static bool is_over(const struct akt_actor *a)
{
    struct akt_mailbox_policy policy;
    /* relaxed, both: the owner is the writer */
    akt_mailbox_unpack(atomic_load_explicit(&a->limit, memory_order_relaxed),
                       &policy);
    uint64_t load = atomic_load_explicit(&a->load_here, memory_order_relaxed) &
                    ~AKT_LOAD_MARKS;
    uint64_t bytes = load & ((1ull << AKT_LOAD_BYTES_BITS) - 1);
    return load >> AKT_LOAD_BYTES_BITS > policy.max ||
           (policy.max != UINT32_MAX && bytes > (uint64_t)policy.max_kb << 10);
}

/* m comes in and another goes. Where there is an order this may be m itself,
 * if nothing else is worth less; so who is on the way must not make one go
 * before it has come. */
void akt_overload_drop_for(struct akt_isolate *iso, struct akt_actor *a,
                           struct akt_msg *m)
{
    if (!(a->extras & AKT_X_ORDER)) {
        drop_one(iso, a);
        akt_mailbox_append(iso, a, m);
        return;
    }
    akt_mailbox_append(iso, a, m);
    if (is_over(a))
        drop_one(iso, a);
}
