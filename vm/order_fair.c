/* SPDX-License-Identifier: MIT
 *
 * vm/order_fair.c: rounds, see vm/order.h.
 */
#include "vm/base/alloc.h"
#include "vm/order_impl.h"

/* One that has messages in rounds. */
struct sender {
    uint64_t last; /* round of its last message */
    uint32_t count;
};

uint64_t akt_rounds_sender(const struct akt_msg *m)
{
    return m->sender.bits ? m->sender.bits : 1; /* a timer; no pid is 1 */
}

static uint64_t key_of(const struct akt_msg *m)
{
    return (uintptr_t)m;
}

uint64_t akt_rounds_of(const struct akt_rounds *r, const struct akt_msg *m)
{
    uint64_t round = 0;
    akt_map_get(&r->round, key_of(m), &round);
    return round;
}

static struct akt_msg *tail_of(const struct akt_rounds *r, uint64_t round)
{
    uint64_t tail = 0;
    if (round) /* 0: none has been taken yet, and no key of a map */
        akt_map_get(&r->tails, round, &tail);
    return (struct akt_msg *)(uintptr_t)tail;
}

static struct sender *sender_of(struct akt_rounds *r, const struct akt_msg *m)
{
    uint64_t found;
    if (akt_map_get(&r->senders, akt_rounds_sender(m), &found))
        return (struct sender *)(uintptr_t)found;
    struct sender *s = akt_calloc(sizeof *s);
    akt_map_put(&r->senders, akt_rounds_sender(m), (uintptr_t)s);
    return s;
}

/* Rounds can be empty only where a receive took messages from the middle. To
 * stand in the first of some empty ones is the same as in the last, and makes
 * the next look shorter. */
static struct akt_msg *last_up_to(const struct akt_rounds *r, uint64_t *round)
{
    struct akt_msg *tail = tail_of(r, *round);
    if (tail)
        return tail;
    uint64_t at = *round;
    while (!tail && --at > r->now)
        tail = tail_of(r, at);
    if (!tail) /* some of `now` itself may be left */
        tail = tail_of(r, at = r->now);
    *round = at + 1;
    return tail ? tail : r->front;
}

struct akt_msg *akt_rounds_enter(struct akt_rounds *r, struct akt_msg *m)
{
    struct sender *s = sender_of(r, m);
    uint64_t round = (s->last > r->now ? s->last : r->now) + 1;
    struct akt_msg *prev = last_up_to(r, &round);
    s->last = round;
    s->count++;
    akt_map_put(&r->round, key_of(m), round);
    akt_map_put(&r->tails, round, (uintptr_t)m);
    return prev;
}

struct akt_msg *akt_rounds_enter_front(struct akt_rounds *r, struct akt_msg *m)
{
    if (!r->front)
        r->front = m;
    return NULL;
}

static void sender_leaves(struct akt_rounds *r, const struct akt_msg *m,
                          uint64_t round)
{
    struct sender *s = sender_of(r, m);
    if (--s->count == 0) {
        akt_map_remove(&r->senders, akt_rounds_sender(m));
        akt_free(s, sizeof *s);
    } else if (s->last == round) {
        s->last = round - 1; /* it loses no turn by a receive */
    }
}

void akt_rounds_leave(struct akt_rounds *r, const struct akt_msg *m,
                      struct akt_msg *prev)
{
    uint64_t round = akt_rounds_of(r, m);
    if (!round) {
        if (r->front == m)
            r->front = prev;
        return;
    }
    akt_map_remove(&r->round, key_of(m));
    bool alone = !prev || akt_rounds_of(r, prev) != round;
    if (tail_of(r, round) == m && !alone)
        akt_map_put(&r->tails, round, (uintptr_t)prev);
    else if (tail_of(r, round) == m)
        akt_map_remove(&r->tails, round);
    if (!prev)
        r->now = round;
    sender_leaves(r, m, round);
}

void akt_rounds_fini(struct akt_rounds *r)
{
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    while ((e = akt_map_next(&r->senders, &cursor)))
        akt_free((void *)(uintptr_t)e->value, sizeof(struct sender));
    akt_map_fini(&r->senders);
    akt_map_fini(&r->round);
    akt_map_fini(&r->tails);
}
