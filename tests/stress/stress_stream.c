/* SPDX-License-Identifier: MIT
 *
 * Events are published by several threads while another one subscribes and
 * unsubscribes: each event that a subscriber was to get was posted or is
 * counted as lost, and what was posted is whole.
 */
#include <string.h>

#include "tests/stress/stress.h"
#include "vm/cactor.h"
#include "vm/pack.h"
#include "vm/stream.h"

#define WRITERS 3
#define ROOM 500

static struct akt_node *node;
static akt_pid subscriber;
static uint64_t events_each;
static _Atomic uint32_t writing;

static void *writer(void *arg)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 6);
    memcpy(m->body, "\xa3tag\x01\x02", 6);
    struct akt_event_details details = {.msg = m, .text = "text"};
    struct akt_event e = {.kind = AKT_EV_DEAD_LETTER, .code = AKT_NOPROC};
    (void)arg;
    for (uint64_t i = 1; i <= events_each; i++) {
        e.who.bits = i;
        if (i % 2)
            akt_event_told(node, &e, &details);
        else
            akt_event(node, AKT_EV_CRASH, e.who, AKT_CRASH, 0);
    }
    akt_msg_free(m);
    akt_msg_pool_release();
    atomic_fetch_sub_explicit(&writing, 1, memory_order_release);
    return NULL;
}

static void *churner(void *arg)
{
    struct akt_stream_stats all;
    struct akt_subscriber_stats each[AKT_SUBSCRIBERS];
    static const char *const tags[] = {"event", "e",
                                       "a_tag_of_more_than_31_bytes_in_all"};
    unsigned i = 0;
    (void)arg;
    while (atomic_load_explicit(&writing, memory_order_acquire) > 0) {
        struct akt_subscribe how = {
            .pid = subscriber, .tag = tags[i % 3], .max = ROOM};
        how.filter.kinds = i % 2 ? 1ull << AKT_EV_CRASH : 0;
        STRESS_CHECK(akt_subscribe(node, &how) == AKT_OK);
        akt_stream_tick(node);
        STRESS_CHECK(akt_stream_stats(node, &all, each) == 1);
        if (++i % 4 == 0)
            STRESS_CHECK(akt_unsubscribe(node, subscriber));
    }
    akt_msg_pool_release();
    return NULL;
}

static uint64_t check_posted(void)
{
    struct akt_isolate *iso =
        atomic_load_explicit(&akt_actor_find(node->actors, subscriber)->isolate,
                             memory_order_relaxed);
    struct akt_msg *m = akt_inbox_take(&iso->inbox), *next;
    uint64_t n = 0;
    for (; m; m = next) {
        next = m->next;
        size_t tag =
            m->type == AKT_MSG_USER ? akt_pack_skip(m->body, m->size) : 0;
        size_t table = akt_pack_skip(m->body + tag, m->size - tag);
        STRESS_CHECK(m->type != AKT_MSG_USER || tag + table == m->size);
        n += table > 10; /* no lagged */
        akt_msg_free(m);
    }
    return n;
}

static void begin(void)
{
    static const struct akt_c_behaviour nothing;
    static const struct akt_kind kind = {
        .name = "subscriber",
        .mailbox = {AKT_MAILBOX_MAX, AKT_MAILBOX_MAX_KB, AKT_FULL_ERROR},
        .host = &akt_c_host,
        .data = (void *)(uintptr_t)&nothing};
    struct akt_config config = {.workers = 2};
    node = akt_node_create(&config);
    subscriber =
        akt_node_main(node, &kind, NULL, akt_msg_new(AKT_MSG_START, 0));
    atomic_store_explicit(&writing, WRITERS, memory_order_relaxed);
}

int main(int argc, char **argv)
{
    pthread_t threads[WRITERS + 1];
    struct akt_stream_stats all;
    struct akt_subscriber_stats each[AKT_SUBSCRIBERS];
    events_each = stress_amount(argc, argv, 100000);
    begin();
    pthread_create(&threads[WRITERS], NULL, churner, NULL);
    for (int i = 0; i < WRITERS; i++)
        pthread_create(&threads[i], NULL, writer, NULL);
    for (int i = 0; i <= WRITERS; i++)
        pthread_join(threads[i], NULL);
    akt_stream_stats(node, &all, each);
    /* the inbox holds ROOM at most, plus what several threads found room for */
    STRESS_CHECK(all.delivered >= ROOM / 2);
    STRESS_CHECK(all.delivered <= ROOM + WRITERS);
    STRESS_CHECK(all.delivered + all.lost <= WRITERS * events_each);
    STRESS_CHECK(check_posted() == all.delivered);
    akt_node_destroy(node);
    akt_msg_pool_release();
    akt_msg_pool_fini();
    return 0;
}
