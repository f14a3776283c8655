/* SPDX-License-Identifier: MIT
 *
 * Routes read by several workers while they are replaced (vm/route.h): nobody
 * gets a routee of a list that was replaced before akt_route_set had returned
 * (C2), nobody reads freed memory (C1), and every choice is of a live actor.
 */
#include <pthread.h>
#include <string.h>

#include "tests/stress/stress.h"
#include "vm/base/alloc.h"
#include "vm/base/random.h"
#include "vm/node.h"
#include "vm/route.h"

#define READERS 3
#define ROUTEES 40

static struct akt_node node;
static struct akt_worker workers[READERS + 1];
static struct akt_actor *router, *routees[ROUTEES];
static akt_pid pids[ROUTEES];
static _Atomic bool retired[ROUTEES], over;

static struct akt_actor *make(void)
{
    akt_pid pid;
    struct akt_actor *a = akt_actor_alloc(node.actors, &pid);
    a->self = pid;
    akt_actor_set_state(a, AKT_A_RUNNING);
    atomic_store_explicit(&a->pid, pid.bits, memory_order_release);
    return a;
}

static uint32_t index_of(akt_pid pid)
{
    uint32_t i = 0;
    while (!akt_pid_eq(pids[i], pid))
        STRESS_CHECK(++i < ROUTEES);
    return i;
}

static void *read_on(void *arg)
{
    struct akt_worker *w = arg;
    uint64_t hash = 0;
    while (!atomic_load_explicit(&over, memory_order_relaxed)) {
        akt_pid to;
        akt_route_enter(w);
        bool found = akt_route_pick(&node, router, hash++, &to);
        if (found)
            STRESS_CHECK(!retired[index_of(to)]);
        akt_route_leave(w);
    }
    return NULL;
}

static void replace(uint32_t rounds)
{
    struct akt_random rng;
    akt_random_seed(&rng, 7);
    for (uint32_t r = 0; r < rounds; r++) {
        bool in[ROUTEES];
        akt_pid list[ROUTEES];
        uint32_t len = 0;
        for (uint32_t i = 0; i < ROUTEES; i++) {
            in[i] = akt_random_below(&rng, 2);
            if (in[i]) {
                retired[i] = false;
                list[len++] = pids[i];
            }
        }
        akt_route_set(&node, router, list, len);
        for (uint32_t i = 0; i < ROUTEES; i++)
            if (!in[i])
                retired[i] = true;
    }
}

static void run(enum akt_route_strategy strategy, uint32_t rounds)
{
    struct akt_route_config config = {.strategy = strategy};
    pthread_t threads[READERS];
    router = make();
    atomic_store(&router->route, akt_route_create(&config, 1));
    for (uint32_t i = 0; i < ROUTEES; i++)
        retired[i] = true;
    over = false;
    for (int i = 0; i < READERS; i++)
        STRESS_CHECK(!pthread_create(&threads[i], NULL, read_on, &workers[i]));
    replace(rounds);
    over = true;
    for (int i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    akt_route_end(&node, router);
}

int main(int argc, char **argv)
{
    /* few: on a machine with less cores than readers each one waits for a
     * reader that the system has put aside */
    uint32_t rounds = stress_amount(argc, argv, 100);
    node.actors = akt_actor_table_create(1000);
    node.workers = workers;
    node.workers_len = READERS + 1;
    for (uint32_t i = 0; i < ROUTEES; i++) {
        routees[i] = make();
        pids[i] = routees[i]->self;
    }
    for (int s = AKT_ROUTE_ROUND_ROBIN; s <= AKT_ROUTE_CONSISTENT_HASH; s++)
        run((enum akt_route_strategy)s, rounds);
    akt_actor_table_destroy(node.actors);
    return 0;
}
