/* SPDX-License-Identifier: MIT */
#include "vm/order.h"

#include "vm/base/alloc.h"
#include "vm/isolate.h"
#include "vm/order_impl.h"
#include "vm/priorities.h"

uint8_t akt_order_extras(const struct akt_mailbox_rules *rules)
{
    bool ordered = rules->tags || rules->by_function || rules->fair;
    return (uint8_t)((ordered ? AKT_X_ORDER : 0) |
                     (rules->ttl_ms ? AKT_X_TTL : 0));
}

static struct akt_order *order_of(struct akt_actor *a)
{
    struct akt_actor_ext *ext = akt_actor_ext(a);
    if (!ext->order) {
        ext->order = akt_calloc(sizeof *ext->order);
        ext->order->fair = akt_actor_rules(a)->fair;
    }
    return ext->order;
}

void akt_order_free(struct akt_order *o)
{
    if (!o)
        return;
    if (o->fair)
        akt_rounds_fini(&o->rounds);
    akt_free(o, sizeof *o);
}

void akt_order_reset(struct akt_actor *a)
{
    if (!a->ext || !a->ext->order)
        return;
    for (struct akt_msg *m = a->mail_first; m; m = m->next)
        m->flags &= (uint8_t)~AKT_MSG_SORTED;
    akt_order_free(a->ext->order);
    a->ext->order = NULL;
}

/* ---- levels ---- */

static bool is_used(const struct akt_levels *l, unsigned level)
{
    return l->used[level / 64] >> level % 64 & 1;
}

/* The last message of the lowest level that is not empty, of those below
 * `end` (which are the higher ones); NULL: they are all empty. */
static struct akt_msg *last_above(const struct akt_levels *l, unsigned end)
{
    for (unsigned word = (end + 63) / 64; word-- > 0;) {
        uint64_t bits = l->used[word];
        if (word == end / 64)
            bits &= (1ull << end % 64) - 1;
        if (bits)
            return l->tails[word * 64 + 63 - (unsigned)__builtin_clzll(bits)];
    }
    return NULL;
}

static struct akt_msg *level_enter(struct akt_levels *l, struct akt_msg *m,
                                   bool front)
{
    unsigned level = m->code;
    struct akt_msg *prev = last_above(l, front ? level : level + 1);
    if (!front || !is_used(l, level))
        l->tails[level] = m;
    l->used[level / 64] |= 1ull << level % 64;
    return prev;
}

static void level_leave(struct akt_levels *l, const struct akt_msg *m,
                        struct akt_msg *prev)
{
    unsigned level = m->code;
    if (l->tails[level] != m)
        return;
    if (prev && prev->code == level)
        l->tails[level] = prev;
    else
        l->used[level / 64] &= ~(1ull << level % 64);
}

/* ---- the list ---- */

static bool is_in_front(const struct akt_order *o, const struct akt_msg *m,
                        const struct akt_msg *of, bool front)
{
    uint64_t a = o->fair ? akt_rounds_of(&o->rounds, m) : m->code;
    uint64_t b = o->fair ? akt_rounds_of(&o->rounds, of) : of->code;
    return a < b || (a == b && front);
}

/* A receive goes on behind `scan`. What comes in right in front of the message
 * it looks at must not be taken for that one; and what comes in in front of
 * those it has passed by must be looked at. */
static void mind_scan(struct akt_actor_ext *ext, struct akt_msg *m, bool front)
{
    if (ext->scan_at && m->next == ext->scan_at) {
        ext->scan = m;
        ext->scan_again = true;
    } else if (ext->scan && is_in_front(ext->order, m, ext->scan, front)) {
        ext->scan_again = true;
    }
}

static void link_behind(struct akt_actor *a, struct akt_msg *m,
                        struct akt_msg *prev)
{
    struct akt_order *o = a->ext->order;
    m->next = prev ? prev->next : a->mail_first;
    if (prev)
        prev->next = m;
    else
        a->mail_first = m;
    if (!m->next)
        a->mail_last = m;
    if (prev == o->last)
        o->last = m;
    o->len++;
    m->flags |= AKT_MSG_SORTED;
}

/* What a function said of a message that was stashed still holds. */
static uint8_t front_level(const struct akt_actor *a, const struct akt_msg *m)
{
    const struct akt_mailbox_rules *rules = akt_actor_rules(a);
    if (m->type != AKT_MSG_USER)
        return 0; /* its own stop, say */
    if (!rules->tags)
        return m->code;
    return (uint8_t)(AKT_PRIORITY_MAX - akt_priorities_of_msg(rules->tags, m));
}

void akt_order_put_front(struct akt_actor *a, struct akt_msg *m)
{
    struct akt_order *o = order_of(a);
    m->code = front_level(a, m);
    struct akt_msg *prev = o->fair ? akt_rounds_enter_front(&o->rounds, m)
                                   : level_enter(&o->levels, m, true);
    link_behind(a, m, prev);
    mind_scan(a->ext, m, true);
}

void akt_order_left(struct akt_actor *a, struct akt_msg *m,
                    struct akt_msg *prev)
{
    struct akt_order *o = a->ext ? a->ext->order : NULL;
    if (!o || !(m->flags & AKT_MSG_SORTED))
        return;
    m->flags &= (uint8_t)~AKT_MSG_SORTED;
    o->len--;
    if (o->last == m)
        o->last = prev;
    if (o->fair)
        akt_rounds_leave(&o->rounds, m, prev);
    else
        level_leave(&o->levels, m, prev);
}

/* ---- sorting in ---- */

static uint8_t level_of(struct akt_isolate *iso, struct akt_actor *a,
                        const struct akt_msg *m)
{
    const struct akt_mailbox_rules *rules = akt_actor_rules(a);
    int priority = 0;
    if (m->type != AKT_MSG_USER)
        priority = 0;
    else if (rules->by_function)
        priority = iso->host->priority ? iso->host->priority(iso, a, m) : 0;
    else if (rules->tags)
        priority = akt_priorities_of_msg(rules->tags, m);
    return (uint8_t)(AKT_PRIORITY_MAX - priority);
}

/* The first of the intake. While a function says its priority, which is a
 * script's, the message is not in the list. */
static void sort_one(struct akt_isolate *iso, struct akt_actor *a,
                     struct akt_order *o)
{
    struct akt_msg *prev = o->last;
    struct akt_msg *m = prev ? prev->next : a->mail_first;
    if (prev)
        prev->next = m->next;
    else
        a->mail_first = m->next;
    if (a->mail_last == m)
        a->mail_last = prev;
    if (o->fair) {
        prev = akt_rounds_enter(&o->rounds, m);
    } else {
        m->code = level_of(iso, a, m);
        prev = level_enter(&o->levels, m, false);
    }
    link_behind(a, m, prev);
    mind_scan(a->ext, m, false);
}

bool akt_order_sort(struct akt_isolate *iso, struct akt_actor *a, uint32_t max)
{
    struct akt_order *o = order_of(a);
    if (o->last == a->mail_last)
        return true; /* all is sorted */
    if (!o->pass) {
        /* relaxed: the owner is the writer */
        uint64_t load =
            atomic_load_explicit(&a->load_here, memory_order_relaxed);
        load &= ~AKT_LOAD_MARKS;
        o->pass = (uint32_t)(load >> AKT_LOAD_BYTES_BITS) - o->len;
    }
    while (o->pass && max-- && o->last != a->mail_last) {
        sort_one(iso, a, o);
        o->pass--;
    }
    if (o->last == a->mail_last) /* one of the intake was dropped meanwhile */
        o->pass = 0;
    return o->pass == 0;
}

/* ---- dropping ---- */

/* The first user message of `from` and behind, up to `end`. */
static struct akt_msg *first_user(struct akt_actor *a, struct akt_msg **prev,
                                  const struct akt_msg *end)
{
    struct akt_msg *m = *prev ? (*prev)->next : a->mail_first;
    while (m && m->type != AKT_MSG_USER && m != end) {
        *prev = m;
        m = m->next;
    }
    return m && m->type == AKT_MSG_USER ? m : NULL;
}

static struct akt_msg *victim_of_level(struct akt_actor *a, unsigned level,
                                       struct akt_msg **prev)
{
    struct akt_levels *l = &a->ext->order->levels;
    *prev = last_above(l, level);
    return is_used(l, level) ? first_user(a, prev, l->tails[level]) : NULL;
}

static struct akt_msg *lowest(struct akt_actor *a, struct akt_msg **prev)
{
    struct akt_order *o = a->ext->order;
    struct akt_msg *m = NULL;
    for (unsigned level = AKT_LEVELS; !m && level-- > 0;) {
        if (level == AKT_LEVEL_NORMAL - 1 && o->last != a->mail_last) {
            *prev = o->last; /* the intake counts as priority 0 */
            m = first_user(a, prev, NULL);
        }
        if (!m)
            m = victim_of_level(a, level, prev);
    }
    return m;
}

/* Who stands last has the longest queue. */
static struct akt_msg *longest(struct akt_actor *a, struct akt_msg **prev)
{
    uint64_t sender = akt_rounds_sender(a->mail_last);
    struct akt_msg *m = a->mail_first;
    *prev = NULL;
    while (m && (m->type != AKT_MSG_USER || akt_rounds_sender(m) != sender)) {
        *prev = m;
        m = m->next;
    }
    if (!m)
        *prev = NULL;
    return m ? m : first_user(a, prev, NULL);
}

struct akt_msg *akt_order_victim(struct akt_isolate *iso, struct akt_actor *a,
                                 struct akt_msg **prev)
{
    struct akt_order *o = order_of(a);
    if (!a->mail_first)
        return NULL;
    if (!akt_actor_rules(a)->by_function)
        while (!akt_order_sort(iso, a, UINT32_MAX))
            ;
    return o->fair ? longest(a, prev) : lowest(a, prev);
}
