/* SPDX-License-Identifier: MIT */
#include "vm/profile.h"

#include <inttypes.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/events.h"

#define PLACES (AKT_PROFILE_STACKS * 2) /* a power of two, never full */

struct stack {
    char *text; /* NULL: free */
    uint64_t count;
};

struct akt_profile {
    pthread_mutex_t lock;
    /* under the lock */
    akt_pid pid; /* none: all */
    uint32_t stacks_len;
    uint64_t total, other, idle, machine;
    struct stack *stacks; /* PLACES, by hash; NULL: off */
};

struct akt_profile *akt_profile_create(void)
{
    struct akt_profile *p = akt_calloc(sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    return p;
}

static void free_stacks(struct akt_profile *p)
{
    for (uint32_t i = 0; p->stacks && i < PLACES; i++)
        akt_strfree(p->stacks[i].text);
    akt_free(p->stacks, p->stacks ? PLACES * sizeof *p->stacks : 0);
    p->stacks = NULL;
}

void akt_profile_destroy(struct akt_profile *p)
{
    free_stacks(p);
    pthread_mutex_destroy(&p->lock);
    akt_free(p, sizeof *p);
}

/* ---- start, stop ---- */

bool akt_profile_start(struct akt_node *node, akt_pid pid)
{
    struct akt_profile *p = node->profile;
    pthread_mutex_lock(&p->lock);
    bool ok = !p->stacks;
    if (ok) {
        p->pid = pid;
        p->stacks_len = 0;
        p->total = p->other = p->idle = p->machine = 0;
        p->stacks = akt_calloc(PLACES * sizeof *p->stacks);
        atomic_store_explicit(&node->profiling, true, memory_order_relaxed);
    }
    pthread_mutex_unlock(&p->lock);
    return ok;
}

static void put_line(struct akt_buf *b, const char *stack, uint64_t count)
{
    if (count)
        akt_buf_printf(b, "%s %" PRIu64 "\n", stack, count);
}

uint64_t akt_profile_stop(struct akt_node *node, struct akt_buf *folded)
{
    struct akt_profile *p = node->profile;
    pthread_mutex_lock(&p->lock);
    atomic_store_explicit(&node->profiling, false, memory_order_relaxed);
    for (uint32_t i = 0; p->stacks && i < PLACES; i++)
        if (p->stacks[i].text)
            put_line(folded, p->stacks[i].text, p->stacks[i].count);
    put_line(folded, "(other)", p->other);
    if (akt_pid_is_none(p->pid)) {
        put_line(folded, "(machine)", p->machine);
        put_line(folded, "(idle)", p->idle);
    }
    uint64_t total = p->total;
    free_stacks(p);
    pthread_mutex_unlock(&p->lock);
    return total;
}

/* ---- samples ---- */

void akt_profile_tick(struct akt_node *node)
{
    struct akt_profile *p = node->profile;
    for (uint32_t i = 0; i < node->workers_len; i++) {
        struct akt_worker *w = &node->workers[i];
        uint32_t seq = atomic_load_explicit(&w->turn_seq, memory_order_relaxed);
        if (seq & 1) {
            /* relaxed: two hints for whoever answers */
            atomic_store_explicit(&w->sampled_seq, seq, memory_order_relaxed);
            atomic_fetch_add_explicit(&w->samples, 1, memory_order_relaxed);
            if (w->preempt)
                w->preempt(w);
            continue;
        }
        bool visits =
            atomic_load_explicit(&w->visit_seq, memory_order_relaxed) & 1;
        pthread_mutex_lock(&p->lock);
        *(visits ? &p->machine : &p->idle) += 1;
        p->total++;
        pthread_mutex_unlock(&p->lock);
    }
}

static uint64_t hash_of(const char *s)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    while (*s)
        h = (h ^ (unsigned char)*s++) * 1099511628211u;
    return h ^ h >> 32;
}

/* Under the lock. */
static void count(struct akt_profile *p, const char *text, uint32_t n)
{
    uint32_t i = (uint32_t)hash_of(text) & (PLACES - 1);
    while (p->stacks[i].text && strcmp(p->stacks[i].text, text) != 0)
        i = (i + 1) & (PLACES - 1);
    p->total += n;
    if (!p->stacks[i].text && p->stacks_len == AKT_PROFILE_STACKS) {
        p->other += n;
        return;
    }
    if (!p->stacks[i].text) {
        p->stacks[i].text = akt_strdup(text);
        p->stacks_len++;
    }
    p->stacks[i].count += n;
}

static void add(struct akt_node *node, akt_pid pid, const char *text,
                uint32_t n)
{
    struct akt_profile *p = node->profile;
    pthread_mutex_lock(&p->lock);
    bool wanted =
        p->stacks && (akt_pid_is_none(p->pid) || akt_pid_eq(p->pid, pid));
    if (wanted)
        count(p, text, n);
    pthread_mutex_unlock(&p->lock);
}

/* The turn has ended without coming to a place where it could answer: what
 * is known of it is its actor. */
static void answer_late(struct akt_worker *w, uint32_t seq, uint32_t n)
{
    struct akt_turn_seen turn;
    if (!akt_turns_find(w, seq, &turn))
        return;
    struct akt_actor *a = akt_actor_find(w->node->actors, turn.who);
    if (a)
        add(w->node, turn.who, akt_actor_kind(a)->name, n);
}

void akt_profile_answer(struct akt_worker *w, const struct akt_actor *a,
                        const char *stack)
{
    /* relaxed: see the ticker */
    uint32_t n = atomic_exchange_explicit(&w->samples, 0, memory_order_relaxed);
    uint32_t seq = atomic_load_explicit(&w->sampled_seq, memory_order_relaxed);
    if (!n)
        return;
    if (seq == atomic_load_explicit(&w->turn_seq, memory_order_relaxed))
        add(w->node, a->self, stack, n);
    else
        answer_late(w, seq, n);
}
