/* SPDX-License-Identifier: MIT
 *
 * Rings of events and of turns that are written at full speed while others
 * read: what a reader gets is one event as it was written, none comes twice
 * or in the wrong order, and each that does not come is counted as lost.
 */
#include <string.h>

#include "tests/stress/stress.h"
#include "vm/events.h"
#include "vm/sched_impl.h"

#define WORKERS 2
#define READERS 2

static struct akt_node *node;
static _Atomic uint32_t writing;
static uint64_t events_each;

static void write_turn(struct akt_worker *w, struct akt_actor *a,
                       struct akt_msg *m)
{
    struct akt_turn t = {AKT_TURN_MESSAGE, a, m, NULL};
    uint32_t seq = atomic_load_explicit(&w->turn_seq, memory_order_relaxed);
    memcpy(m->body, "\xa8", 1);
    memcpy(m->body + 1, &a->self.bits, 8);
    atomic_store_explicit(&w->turn_seq, seq + 1, memory_order_relaxed);
    akt_turns_note(w, seq + 1, t);
    atomic_store_explicit(&w->turn_seq, seq + 2, memory_order_relaxed);
}

static void *writer(void *arg)
{
    struct akt_worker *w = arg;
    struct akt_actor a = {0};
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 20);
    memset(m->body, 0, 20);
    if (w)
        akt_worker_set_self(w);
    for (uint64_t i = 1; i <= events_each; i++) {
        akt_event(node, AKT_EV_SPAWN, (akt_pid){i}, (enum akt_code)(i % 20),
                  i * 3);
        a.self.bits = 0x4141414141414141u + i % 26 * 0x0101010101010101u;
        if (w)
            write_turn(w, &a, m);
    }
    akt_msg_free(m);
    akt_worker_set_self(NULL);
    akt_msg_pool_release();
    atomic_fetch_sub_explicit(&writing, 1, memory_order_release);
    return NULL;
}

static void check_turns(struct akt_worker *w)
{
    static _Thread_local struct akt_turn_seen turns[AKT_TURNS];
    size_t n = akt_turns_read(w, turns, AKT_TURNS);
    for (size_t i = 0; i < n; i++)
        STRESS_CHECK(memcmp(turns[i].tag, &turns[i].who.bits, 8) == 0);
}

static void check_event(const struct akt_event *e, uint64_t *last)
{
    STRESS_CHECK(e->kind == AKT_EV_SPAWN && e->count == 1);
    STRESS_CHECK(e->other == e->who.bits * 3 && e->code == e->who.bits % 20);
    STRESS_CHECK(e->who.bits > last[e->ring]);
    last[e->ring] = e->who.bits;
}

static void *reader(void *arg)
{
    static _Thread_local struct akt_event got[256];
    struct akt_event_cursor c = *(struct akt_event_cursor *)arg;
    uint64_t last[WORKERS + 1] = {0}, count = 0;
    bool more = true;
    while (more) {
        more = atomic_load_explicit(&writing, memory_order_acquire) > 0;
        size_t n;
        while ((n = akt_event_read(node, &c, got, 256)) > 0) {
            for (size_t i = 0; i < n; i++)
                check_event(&got[i], last);
            count += n;
        }
        check_turns(&node->workers[0]);
        check_turns(&node->workers[1]);
    }
    STRESS_CHECK(count + c.lost == events_each * (WORKERS + 1));
    akt_event_cursor_fini(&c);
    return NULL;
}

int main(int argc, char **argv)
{
    events_each = stress_amount(argc, argv, 500000);
    struct akt_config config = {.workers = WORKERS};
    node = akt_node_create(&config);
    pthread_t threads[WORKERS + 1 + READERS];
    int n = 0;
    atomic_store_explicit(&writing, WORKERS + 1, memory_order_relaxed);
    struct akt_event_cursor cursors[READERS]; /* from before the first event */
    for (int i = 0; i < READERS; i++)
        akt_event_cursor_init(&cursors[i], node, true);
    for (int i = 0; i < READERS; i++)
        pthread_create(&threads[n++], NULL, reader, &cursors[i]);
    for (int i = 0; i < WORKERS; i++)
        pthread_create(&threads[n++], NULL, writer, &node->workers[i]);
    pthread_create(&threads[n++], NULL, writer, NULL);
    while (n)
        pthread_join(threads[--n], NULL);
    akt_node_destroy(node);
    return 0;
}
