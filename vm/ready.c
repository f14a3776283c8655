/* SPDX-License-Identifier: MIT */
#include "vm/ready.h"

#include <stddef.h>

#include "vm/base/alloc.h"
#include "vm/node.h"

struct list {
    struct akt_actor *first, *last;
    uint32_t len;
};

struct akt_ready {
    struct list high, low;
    struct akt_heap deadline; /* of ext->due */
    uint32_t picks;
};

/* Who goes first in each of AKT_PICKS picks. */
#define H AKT_CLASS_HIGH
#define D AKT_CLASS_DEADLINE
#define N AKT_CLASS_NORMAL
static const uint8_t turns[AKT_PICKS] = {
    AKT_CLASS_LOW, H, D, H, N, H, D, H, N, H, D, H, N, H, D, H};
#undef H
#undef D
#undef N

static struct akt_actor *actor_of(struct akt_heap_node *n)
{
    char *ext = (char *)n - offsetof(struct akt_actor_ext, due);
    return ((struct akt_actor_ext *)(void *)ext)->due_of;
}

/* When the request it is at, or gets next, must be answered. */
static uint64_t due_ns(const struct akt_actor *a)
{
    const struct akt_msg *m = a->busy ? a->current : a->mail_first;
    return m && m->deadline_ns ? m->deadline_ns : UINT64_MAX;
}

static void push_deadline(struct akt_ready *r, struct akt_actor *a)
{
    struct akt_actor_ext *ext = akt_actor_ext(a);
    ext->due_of = a;
    akt_heap_push(&r->deadline, &ext->due, due_ns(a));
}

static void push_list(struct list *list, struct akt_actor *a)
{
    akt_ready_append(&list->first, &list->last, a);
    list->len++;
}

static bool is_urgent(const struct akt_actor *a)
{
    return a->class == AKT_CLASS_HIGH || a->class == AKT_CLASS_DEADLINE;
}

void akt_ready_push(struct akt_isolate *iso, struct akt_actor *a)
{
    if (!iso->classes)
        iso->classes = akt_calloc(sizeof *iso->classes);
    struct akt_ready *r = iso->classes;
    iso->classed++;
    if (a->class == AKT_CLASS_DEADLINE)
        push_deadline(r, a);
    else
        push_list(a->class == AKT_CLASS_HIGH ? &r->high : &r->low, a);
    if (is_urgent(a) && iso->batch && !is_urgent(iso->batch))
        iso->batch_left = 0;
}

/* ---- picking ---- */

static struct akt_actor *take_list(struct akt_isolate *iso, struct list *list)
{
    if (list->len == 0)
        return NULL;
    uint32_t i = akt_world_choose(iso->node->world, list->len);
    list->len--;
    iso->classed--;
    return akt_ready_take(&list->first, &list->last, i);
}

static struct akt_actor *take_deadline(struct akt_isolate *iso)
{
    struct akt_ready *r = iso->classes;
    struct akt_heap_node *n = akt_heap_first(&r->deadline);
    if (!n)
        return NULL;
    akt_heap_remove(&r->deadline, n);
    iso->classed--;
    struct akt_actor *a = actor_of(n);
    a->ready = false;
    return a;
}

static struct akt_actor *take_class(struct akt_isolate *iso, uint8_t class)
{
    switch ((enum akt_priority_class) class) {
    case AKT_CLASS_HIGH:
        return take_list(iso, &iso->classes->high);
    case AKT_CLASS_DEADLINE:
        return take_deadline(iso);
    case AKT_CLASS_LOW:
        return take_list(iso, &iso->classes->low);
    default:
        return NULL;
    }
}

struct akt_actor *akt_ready_pick(struct akt_isolate *iso, bool normal)
{
    uint8_t first = turns[iso->classes->picks++ % AKT_PICKS];
    struct akt_actor *a = take_class(iso, first);
    if (a || (first == AKT_CLASS_NORMAL && normal))
        return a;
    a = take_class(iso, AKT_CLASS_HIGH);
    if (!a)
        a = take_class(iso, AKT_CLASS_DEADLINE);
    return a || normal ? a : take_class(iso, AKT_CLASS_LOW);
}

enum akt_rank akt_ready_rank(const struct akt_isolate *iso)
{
    const struct akt_ready *r = iso->classes;
    if (iso->classed && (r->high.len || r->deadline.len))
        return AKT_RANK_HIGH;
    return iso->ready_first ? AKT_RANK_NORMAL : AKT_RANK_LOW;
}

void akt_ready_free(struct akt_isolate *iso)
{
    if (!iso->classes)
        return;
    akt_heap_fini(&iso->classes->deadline);
    akt_free(iso->classes, sizeof *iso->classes);
    iso->classes = NULL;
}

/* ---- simulation ---- */

uint32_t akt_isolate_ready_list(const struct akt_isolate *iso, bool preempted,
                                struct akt_actor **out, uint32_t max)
{
    struct akt_actor *a = preempted ? iso->later_first : iso->ready_first;
    uint32_t n = 0;
    for (; a && n < max; a = a->next_ready)
        out[n++] = a;
    return n;
}

static bool unlink_ready(struct akt_actor **first, struct akt_actor **last,
                         struct akt_actor *a)
{
    struct akt_actor *prev = NULL, *at = *first;
    while (at && at != a) {
        prev = at;
        at = at->next_ready;
    }
    if (!at)
        return false;
    if (prev)
        prev->next_ready = a->next_ready;
    else
        *first = a->next_ready;
    if (*last == a)
        *last = prev;
    a->ready = false;
    return true;
}

void akt_isolate_offer(struct akt_isolate *iso, struct akt_actor *a)
{
    if (unlink_ready(&iso->ready_first, &iso->ready_last, a))
        iso->ready_count--;
    else if (unlink_ready(&iso->later_first, &iso->later_last, a))
        iso->later_count--;
    iso->batch = a;
    iso->batch_left = 1;
}
