/* SPDX-License-Identifier: MIT
 *
 * Blocks are made on one thread and freed on another, in all sizes: each
 * thread makes blocks, gives most of them to a neighbour and frees what it is
 * given. What a block holds must be what was written; in the end all memory
 * has come back.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "tests/stress/stress.h"
#include "vm/base/alloc.h"
#include "vm/base/random.h"
#include "vm/message.h"

#define THREADS 4
#define KEEP 500 /* blocks a thread holds back, so that pools run empty */

static struct akt_msg *_Atomic mail[THREADS];
static _Atomic uint32_t makers = THREADS;
static _Atomic uint64_t made, freed;
static uint32_t rounds;

static struct akt_msg *make(struct akt_random *r)
{
    static const uint32_t sizes[] = {0, 8, 50, 150, 400, 1000, 4000, 9000};
    size_t size = sizes[akt_random_below(r, 8)] + akt_random_below(r, 20);
    bool ack = akt_random_below(r, 4) == 0;
    struct akt_msg *m = ack ? akt_msg_new_ack(AKT_MSG_USER, size)
                            : akt_msg_new(AKT_MSG_USER, size);
    m->trace = akt_random_next(r);
    memset(m->body, (int)(m->trace & 0xff), size);
    if (ack)
        akt_msg_ack_of(m)->id = m->trace;
    atomic_fetch_add_explicit(&made, 1, memory_order_relaxed);
    return m;
}

static void check_and_free(struct akt_msg *m)
{
    for (uint32_t i = 0; i < m->size; i++)
        STRESS_CHECK((unsigned char)m->body[i] == (m->trace & 0xff));
    if (m->flags & AKT_MSG_ACK)
        STRESS_CHECK(akt_msg_ack_of(m)->id == m->trace);
    akt_msg_free(m);
    atomic_fetch_add_explicit(&freed, 1, memory_order_relaxed);
}

static void give(uint32_t to, struct akt_msg *m)
{
    struct akt_msg *old = atomic_load_explicit(&mail[to], memory_order_relaxed);
    do
        m->next = old;
    while (!atomic_compare_exchange_weak_explicit(
        &mail[to], &old, m, memory_order_release, memory_order_relaxed));
}

static void free_mail(uint32_t me)
{
    struct akt_msg *m =
        atomic_exchange_explicit(&mail[me], NULL, memory_order_acquire);
    while (m) {
        struct akt_msg *next = m->next;
        check_and_free(m);
        m = next;
    }
}

static void *run(void *arg)
{
    uint32_t me = (uint32_t)(uintptr_t)arg;
    struct akt_random r;
    struct akt_msg *held[KEEP] = {0};
    akt_random_seed(&r, me + 1);
    for (uint32_t i = 0; i < rounds; i++) {
        struct akt_msg *m = make(&r);
        /* thread 0 only makes: its blocks are all freed by others */
        if (me == 0 || akt_random_below(&r, 4)) {
            give((me + 1 + (uint32_t)akt_random_below(&r, THREADS - 1)) %
                     THREADS,
                 m);
        } else {
            uint32_t k = (uint32_t)akt_random_below(&r, KEEP);
            if (held[k])
                check_and_free(held[k]);
            held[k] = m;
        }
        if (i % 64 == 0)
            free_mail(me);
    }
    for (int k = 0; k < KEEP; k++)
        if (held[k])
            check_and_free(held[k]);
    atomic_fetch_sub(&makers, 1);
    while (atomic_load(&makers)) {
        free_mail(me);
        sched_yield();
    }
    free_mail(me);
    akt_msg_pool_release();
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    rounds = stress_amount(argc, argv, 200000);
    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, run, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    akt_msg_pool_fini();
    STRESS_CHECK(made == freed);
    STRESS_CHECK(made == (uint64_t)THREADS * rounds);
    /* each thread's share of the count may be missing */
    STRESS_CHECK(akt_alloc_total() <= THREADS * AKT_ALLOC_FLUSH);
    printf("%llu blocks\n", (unsigned long long)made);
    return 0;
}
