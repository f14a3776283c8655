/* SPDX-License-Identifier: MIT
 *
 * Many threads push into one inbox, some wake it for no reason, and whoever is
 * told to queue it does so. Two owners take it from the queue in turn.
 *
 *   I1  It is never queued twice, two owners never have it at once, and no
 *       block is left behind.
 *   I2  What one thread pushes comes out in order.
 *
 * The state that only the owner may touch is not atomic, so ThreadSanitizer
 * sees a hand-over that does not order it.
 */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "tests/stress/stress.h"
#include "vm/base/random.h"
#include "vm/inbox.h"

#define PUSHERS 3
#define WAKERS 1
#define OWNERS 2

static struct akt_inbox inbox;
static uint32_t per_pusher;

/* the run queue: room for one, since it must never hold two */
static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static int queued;
/* Like the links of an isolate: written by whoever queues it, and by whoever
 * takes it, outside of any lock the two have in common. */
static uint64_t links;

/* the owner's */
static uint64_t owned;
static uint32_t next_of[PUSHERS];
static uint64_t taken;

static _Atomic uint32_t pushers_left = PUSHERS;
static _Atomic bool all_taken;

struct item {
    uint32_t pusher, number;
};

static void queue(void)
{
    links++;
    pthread_mutex_lock(&queue_lock);
    STRESS_CHECK(queued == 0);
    queued = 1;
    pthread_mutex_unlock(&queue_lock);
}

static bool dequeue(void)
{
    pthread_mutex_lock(&queue_lock);
    bool got = queued;
    queued = 0;
    pthread_mutex_unlock(&queue_lock);
    if (got)
        links++;
    return got;
}

static void *push_all(void *arg)
{
    uint32_t me = (uint32_t)(uintptr_t)arg;
    struct akt_random r;
    akt_random_seed(&r, me + 1);
    for (uint32_t i = 0; i < per_pusher; i++) {
        struct item item = {me, i};
        struct akt_msg *m = akt_msg_new(AKT_MSG_USER, sizeof item);
        memcpy(m->body, &item, sizeof item);
        if (akt_inbox_push(&inbox, m))
            queue();
        /* pauses let it go idle */
        if (akt_random_below(&r, 16) == 0)
            sched_yield();
    }
    atomic_fetch_sub(&pushers_left, 1);
    akt_msg_pool_release();
    return NULL;
}

static void *wake_often(void *arg)
{
    (void)arg;
    while (!atomic_load(&all_taken)) {
        if (akt_inbox_wake(&inbox))
            queue();
        sched_yield();
    }
    return NULL;
}

static void handle(struct akt_msg *m)
{
    struct item item;
    memcpy(&item, m->body, sizeof item);
    STRESS_CHECK(item.pusher < PUSHERS);
    STRESS_CHECK(item.number == next_of[item.pusher]);
    next_of[item.pusher]++;
    taken++;
    akt_msg_free(m);
}

/* A visit; true: it goes idle in the end. */
static bool visit(void)
{
    struct akt_msg *m = akt_inbox_take(&inbox);
    STRESS_CHECK(owned++ % 2 == 0);
    while (m) {
        struct akt_msg *next = m->next;
        handle(m);
        m = next;
    }
    bool done = taken == (uint64_t)PUSHERS * per_pusher;
    STRESS_CHECK(owned++ % 2 == 1);
    if (done)
        atomic_store(&all_taken, true);
    return akt_inbox_try_idle(&inbox);
}

static void *own(void *arg)
{
    (void)arg;
    while (!atomic_load(&all_taken)) {
        if (!dequeue())
            sched_yield();
        else if (!visit())
            queue();
        else /* keep off the queue's lock, it would order what the inbox must */
            for (int i = 0; i < 8; i++)
                sched_yield();
    }
    akt_msg_pool_release();
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[PUSHERS + WAKERS + OWNERS];
    int n = 0;
    per_pusher = stress_amount(argc, argv, 500000);
    akt_inbox_init(&inbox);
    for (uintptr_t i = 0; i < OWNERS; i++)
        pthread_create(&threads[n++], NULL, own, NULL);
    for (uintptr_t i = 0; i < WAKERS; i++)
        pthread_create(&threads[n++], NULL, wake_often, NULL);
    for (uintptr_t i = 0; i < PUSHERS; i++)
        pthread_create(&threads[n++], NULL, push_all, (void *)i);
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    STRESS_CHECK(taken == (uint64_t)PUSHERS * per_pusher);
    akt_msg_pool_fini();
    printf("%llu messages, %llu visits\n", (unsigned long long)taken,
           (unsigned long long)owned / 2);
    return 0;
}
