/* SPDX-License-Identifier: MIT
 *
 * net/link_line.c: senders that wait for credit. Long messages have a line of
 * their own, as they have credit of their own; but all that one sender has
 * waiting stands in one, since it must stay in order.
 */
#include "net/link_impl.h"

/* All that wait. */
struct akt_msg *akt_link_take_lines(struct akt_link *l)
{
    struct akt_msg *all = l->lines[AKT_CREDIT_SHORT].first;
    struct akt_msg *others = l->lines[AKT_CREDIT_LONG].first;
    if (all)
        l->lines[AKT_CREDIT_SHORT].last->next = others;
    l->lines[AKT_CREDIT_SHORT].first = l->lines[AKT_CREDIT_LONG].first = NULL;
    akt_map_fini(&l->waits);
    return all ? all : others;
}

/* A sender that waits hears that its message is on its way. */
static void answer_waiter(struct akt_link *l, struct akt_msg *m)
{
    uint64_t id = akt_msg_ack_of(m)->id;
    if (!id)
        return; /* an ask: its answer is all it waits for */
    struct akt_msg *ok = akt_msg_new(AKT_MSG_REPLY, 0);
    ok->target = m->sender;
    ok->sender = m->target;
    ok->ask = id;
    akt_link_append(&l->own_first, &l->own_last, ok);
}

/* One that gave up was told so: its message is not sent any more. */
static bool gave_up(const struct akt_link *l, struct akt_msg *m)
{
    struct akt_msg_ack *ack = akt_msg_ack_of(m);
    if (!ack->deadline_ns ||
        ack->deadline_ns > akt_world_mono_ns(l->node->world))
        return false;
    if (ack->id)
        ack->id = m->ask = 0;
    return true;
}

void akt_link_drop(struct akt_link *l, struct akt_msg *m, enum akt_code why)
{
    m->code = (uint8_t)why;
    akt_link_append(&l->bounced_first, &l->bounced_last, m);
}

/* Where m waits, or would: behind what its sender has waiting. *n: how much
 * that is. */
static enum akt_credit line_of(const struct akt_link *l,
                               const struct akt_msg *m, uint64_t *n)
{
    uint64_t known;
    *n = 0;
    if (!l->waits.len || akt_pid_is_none(m->sender) ||
        !akt_map_get(&l->waits, m->sender.bits, &known))
        return akt_credit_of(m->size);
    *n = known / AKT_CREDITS;
    return (enum akt_credit)(known % AKT_CREDITS);
}

void akt_link_wait_in_line(struct akt_link *l, struct akt_msg *m)
{
    uint64_t n, until_ns = akt_msg_ack_of(m)->deadline_ns;
    enum akt_credit kind = line_of(l, m, &n);
    struct akt_link_line *line = &l->lines[kind];
    akt_link_append(&line->first, &line->last, m);
    if (!akt_pid_is_none(m->sender))
        akt_map_put(&l->waits, m->sender.bits, (n + 1) * AKT_CREDITS + kind);
    if (until_ns && (!l->late_ns || until_ns < l->late_ns))
        l->late_ns = until_ns;
}

/* The first of a line. */
static void leave_line(struct akt_link *l, struct akt_msg *m)
{
    uint64_t n;
    enum akt_credit kind = line_of(l, m, &n);
    l->lines[kind].first = m->next;
    l->stats.waiting--;
    if (n > 1)
        akt_map_put(&l->waits, m->sender.bits, (n - 1) * AKT_CREDITS + kind);
    else if (n)
        akt_map_remove(&l->waits, m->sender.bits);
}

static void let_line_in(struct akt_link *l, enum akt_credit kind)
{
    struct akt_msg *m;
    while ((m = l->lines[kind].first)) {
        bool late = gave_up(l, m);
        if (!late &&
            !akt_session_has_credit(l->session, akt_credit_of(m->size)))
            return;
        leave_line(l, m);
        if (late) {
            akt_link_drop(l, m, AKT_OVERLOADED);
        } else {
            answer_waiter(l, m);
            akt_link_put(l, m);
        }
    }
}

void akt_link_let_in(void *link)
{
    for (int i = 0; i < AKT_CREDITS; i++)
        let_line_in(link, (enum akt_credit)i);
}

/* Senders that gave up must not keep their messages here, wherever they stand;
 * looked through only when one has. */
void akt_link_drop_late(struct akt_link *l, uint64_t now_ns)
{
    if (!l->late_ns || now_ns < l->late_ns)
        return;
    struct akt_msg *next, *m = akt_link_take_lines(l);
    l->late_ns = 0;
    for (; m; m = next) {
        next = m->next;
        if (gave_up(l, m)) {
            l->stats.waiting--;
            akt_link_drop(l, m, AKT_OVERLOADED);
        } else {
            akt_link_wait_in_line(l, m);
        }
    }
}

bool akt_link_must_wait(const struct akt_link *l, const struct akt_msg *m)
{
    uint64_t n;
    enum akt_credit kind = line_of(l, m, &n);
    return n || l->lines[kind].first ||
           !akt_session_has_credit(l->session, kind);
}
