/* SPDX-License-Identifier: MIT
 *
 * vm/place.c: which isolate a new actor goes to, and how isolates come and
 * go. Actors are spread evenly over isolates, but one that has clearly more to
 * do than its neighbour (processor time lately, or ready actors) is passed by,
 * and so is that of the parent, which would wait there for its children.
 * An isolate's struct is never freed while the node lives, because any thread
 * may still push to its inbox; a closed one is used again.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/node.h"
#include "vm/tape.h"

#define CLOSED (INT32_MIN / 2)
#define BUSIER 25       /* percent of a core, between two to choose from */
#define LONGER 16       /* ready actors, over twice as many */
#define BUSY_PERCENT 75 /* a run of children ends where it is as busy */

static void init(struct akt_isolate *iso, struct akt_node *node, uint32_t index)
{
    memset(iso, 0, sizeof *iso);
    akt_inbox_init(&iso->inbox);
    akt_pendings_init(&iso->pendings);
    iso->node = node;
    iso->simulated = node->world->simulated;
    iso->index = index;
}

/* Under the isolates lock. */
static struct akt_isolate *make(struct akt_node *node)
{
    struct akt_isolate *iso = NULL;
    if (posix_memalign((void **)&iso, 64, sizeof *iso) != 0)
        abort();
    init(iso, node, node->isolates_len);
    if (node->recording)
        iso->tape = akt_recording_tape(node->recording, iso->index);
    iso->plain = !iso->simulated && !iso->tape;
    if (node->isolates_len == node->isolates_cap) {
        uint32_t cap = node->isolates_cap ? node->isolates_cap * 2 : 16;
        node->isolates = akt_resize(
            node->isolates, node->isolates_cap * sizeof iso, cap * sizeof iso);
        node->isolates_cap = cap;
    }
    node->isolates[node->isolates_len++] = iso;
    return iso;
}

/* Under the isolates lock: a closed one, or a new one. */
static struct akt_isolate *take(struct akt_node *node,
                                const struct akt_host *host, uint32_t weight,
                                size_t memory_limit, bool exclusive)
{
    struct akt_isolate *iso = node->isolates_free;
    if (iso)
        node->isolates_free = iso->next_free;
    else
        iso = make(node);
    iso->host = host;
    iso->exclusive = exclusive;
    iso->memory_limit = memory_limit ? memory_limit : AKT_ISOLATE_MEMORY;
    iso->broken = false;
    /* relaxed: published with the weight */
    atomic_store_explicit(&iso->limited, false, memory_order_relaxed);
    atomic_store_explicit(&iso->busy_percent, 0, memory_order_relaxed);
    /* release: pairs with the acquire in add_weight; the fields above are
     * seen by whoever may add an actor */
    atomic_store_explicit(&iso->weight, (int32_t)weight, memory_order_release);
    atomic_fetch_add_explicit(&node->isolates_open, 1, memory_order_relaxed);
    return iso;
}

/* In a replay: the one it was. */
static struct akt_isolate *same_again(struct akt_node *node,
                                      const struct akt_host *host,
                                      size_t memory_limit, bool exclusive)
{
    uint64_t index = akt_tape_value(akt_tape, 0);
    uint32_t limit = node->isolates_len + 1024;
    while (index >= node->isolates_len && index < limit)
        make(node);
    struct akt_isolate *iso =
        index < limit ? node->isolates[index] : make(node);
    if (iso->host && iso->host != host) {
        akt_tape_fail(akt_tape, "an actor is put where it cannot run");
        iso = make(node);
    }
    iso->host = host;
    iso->exclusive = exclusive;
    iso->memory_limit = memory_limit ? memory_limit : AKT_ISOLATE_MEMORY;
    return iso;
}

static bool is_replayed(void)
{
    return akt_tape && akt_tape->replays;
}

struct akt_isolate *akt_isolate_own(struct akt_node *node,
                                    const struct akt_host *host,
                                    uint32_t weight, size_t memory_limit)
{
    if (is_replayed())
        return same_again(node, host, memory_limit, true);
    pthread_mutex_lock(&node->isolates_lock);
    struct akt_isolate *iso = take(node, host, weight, memory_limit, true);
    pthread_mutex_unlock(&node->isolates_lock);
    akt_input(iso->index);
    return iso;
}

void akt_isolate_limit(struct akt_isolate *iso, uint32_t percent)
{
    akt_share_init(&iso->share, percent, akt_node_now(iso->node));
    /* release: pairs with the acquire in akt_worker_visit; the start that is
     * posted next would do, but the isolate may have been another's before */
    atomic_store_explicit(&iso->limited, true, memory_order_release);
}

static bool add_weight(struct akt_isolate *iso, uint32_t weight, int32_t cap)
{
    int32_t old = atomic_load_explicit(&iso->weight, memory_order_relaxed);
    do {
        if (old < 0 || old + (int32_t)weight > cap)
            return false;
        /* acquire: pairs with the release in take */
    } while (!atomic_compare_exchange_weak_explicit(
        &iso->weight, &old, old + (int32_t)weight, memory_order_acq_rel,
        memory_order_relaxed));
    return true;
}

void akt_isolate_unplace(struct akt_isolate *iso, uint32_t weight)
{
    /* relaxed: only compared; closing is decided by the owner's CAS */
    atomic_fetch_sub_explicit(&iso->weight, (int32_t)weight,
                              memory_order_relaxed);
}

/* A small home is kept for the next actors: to open one costs as much as to
 * spawn some hundred, and where actors come and go all homes empty again and
 * again. What may be kept so is bounded: AKT_KEPT_BYTES in each of the first
 * homes. */
bool akt_isolate_is_kept(struct akt_isolate *iso)
{
    struct akt_node *node = iso->node;
    if (!iso->plain || iso->exclusive || iso->broken ||
        /* relaxed: this thread writes it */
        atomic_load_explicit(&iso->shown_bytes, memory_order_relaxed) >
            AKT_KEPT_BYTES)
        return false;
    pthread_mutex_lock(&node->isolates_lock);
    bool few = node->homes_len <= AKT_HOMES_PER_WORKER * node->workers_len;
    pthread_mutex_unlock(&node->isolates_lock);
    return few;
}

bool akt_isolate_try_close(struct akt_isolate *iso)
{
    int32_t none = 0;
    if (!atomic_compare_exchange_strong_explicit(&iso->weight, &none, CLOSED,
                                                 memory_order_acq_rel,
                                                 memory_order_relaxed))
        return false; /* somebody is about to put an actor here */
    iso->host->close(iso);
    iso->host_data = NULL;
    struct akt_node *node = iso->node;
    if (iso->tape)
        akt_tape_close(iso->tape); /* from then on it may be another's */
    pthread_mutex_lock(&node->isolates_lock);
    for (uint32_t i = 0; i < node->homes_len; i++)
        if (node->homes[i] == iso)
            node->homes[i] = node->homes[--node->homes_len];
    iso->next_free = node->isolates_free;
    node->isolates_free = iso;
    pthread_mutex_unlock(&node->isolates_lock);
    atomic_fetch_sub_explicit(&node->isolates_open, 1, memory_order_relaxed);
    return true;
}

/* Under the isolates lock. */
static struct akt_isolate *
new_home(struct akt_node *node, const struct akt_host *host, uint32_t weight)
{
    if (node->homes_len == node->homes_cap) {
        uint32_t cap = node->homes_cap ? node->homes_cap * 2 : 32;
        node->homes =
            akt_resize(node->homes, node->homes_cap * sizeof *node->homes,
                       cap * sizeof *node->homes);
        node->homes_cap = cap;
    }
    struct akt_isolate *iso = take(node, host, weight, 0, false);
    node->homes[node->homes_len++] = iso;
    return iso;
}

static uint32_t figure(_Atomic uint32_t *of)
{
    /* relaxed: a figure; placing by an old one is no harm */
    return atomic_load_explicit(of, memory_order_relaxed);
}

/* Whether b has clearly less to do than a; a little more or less is noise, and
 * must not make all new actors go to one isolate. */
static bool is_lighter(struct akt_isolate *b, struct akt_isolate *a)
{
    return figure(&a->busy_percent) > figure(&b->busy_percent) + BUSIER ||
           figure(&a->shown_ready) > 2 * figure(&b->shown_ready) + LONGER;
}

/* In turn; the next one instead where that has less to do. */
static struct akt_isolate *turn_of(struct akt_node *node,
                                   const struct akt_host *host)
{
    struct akt_isolate *a = node->homes[node->homes_cursor++ % node->homes_len];
    struct akt_isolate *b = node->homes[node->homes_cursor % node->homes_len];
    if (b->host != host || !is_lighter(b, a))
        return a;
    node->homes_cursor++;
    return b;
}

static struct akt_isolate *next_home(struct akt_node *node,
                                     const struct akt_host *host,
                                     const struct akt_isolate *parents,
                                     uint32_t weight)
{
    uint32_t want = AKT_HOMES_PER_WORKER * node->workers_len;
    struct akt_isolate *found = NULL;
    pthread_mutex_lock(&node->isolates_lock);
    if (node->homes_len < want) {
        found = new_home(node, host, weight);
    } else {
        for (uint32_t i = 0; i < node->homes_len && !found; i++) {
            struct akt_isolate *iso = turn_of(node, host);
            if (iso->host == host && iso != parents &&
                add_weight(iso, weight, AKT_ISOLATE_WEIGHT))
                found = iso;
        }
        if (!found)
            found = new_home(node, host, weight);
    }
    pthread_mutex_unlock(&node->isolates_lock);
    return found;
}

/* The isolate of a parent's last child may have been closed since, and be
 * somebody else's now. */
static bool try_last_home(struct akt_isolate *iso, const struct akt_host *host,
                          uint32_t weight)
{
    if (!add_weight(iso, weight, AKT_ISOLATE_WEIGHT))
        return false;
    /* the acquire in add_weight, and that it cannot close any more, make
     * these two stand */
    if (iso->host == host && !iso->exclusive)
        return true;
    akt_isolate_unplace(iso, weight);
    /* its owner may have wanted to close it in between */
    if (akt_inbox_wake(&iso->inbox))
        akt_sched_queue(iso);
    return false;
}

struct akt_isolate *akt_isolate_place(struct akt_node *node,
                                      const struct akt_host *host,
                                      struct akt_actor *parent, uint32_t weight)
{
    if (is_replayed())
        return same_again(node, host, 0, false);
    struct akt_actor_ext *ext = akt_actor_ext(parent);
    bool stays =
        ext->home_left && figure(&ext->home->busy_percent) < BUSY_PERCENT;
    if (stays && try_last_home(ext->home, host, weight)) {
        ext->home_left--;
        akt_input(ext->home->index);
        return ext->home;
    }
    /* relaxed: the caller runs in it */
    struct akt_isolate *parents =
        atomic_load_explicit(&parent->isolate, memory_order_relaxed);
    struct akt_isolate *iso = next_home(node, host, parents, weight);
    if (ext->children < AKT_SPREAD)
        ext->children++;
    ext->home = iso;
    ext->home_left = ext->children < AKT_SPREAD ? 0 : AKT_RUN - 1;
    akt_input(iso->index);
    return iso;
}
