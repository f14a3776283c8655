/* SPDX-License-Identifier: MIT
 *
 * Mailboxes with an order, beside a model that does the same slowly.
 */
#include "vm/order.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"
#include "vm/base/random.h"
#include "vm/cactor.h"
#include "vm/node.h"
#include "vm/priorities.h"
#include "vm/send.h"

#define SENDERS 5
#define STEPS 2000
#define MODEL 8192

/* One message as the model has it; `id` is in msg->ask. */
struct entry {
    uint64_t id;
    int level;
};

static struct akt_actor a;
static struct akt_isolate *iso;
static struct akt_node *node;
static struct akt_kind kind;
static struct akt_host host;
static struct akt_random rng;
static struct entry model[MODEL];
static uint32_t model_len;
static uint64_t next_id;

static uint32_t below(uint32_t n)
{
    return (uint32_t)akt_random_below(&rng, n);
}

/* The body is a byte: the priority. */
static int by_body(struct akt_isolate *i, struct akt_actor *actor,
                   const struct akt_msg *m)
{
    (void)i, (void)actor;
    return (int8_t)m->body[0];
}

static void setup(struct akt_mailbox_rules rules, uint64_t seed)
{
    struct akt_config config = {.simulated = true, .seed = seed};
    memset(&a, 0, sizeof a);
    node = akt_node_create(&config);
    akt_random_seed(&rng, seed);
    host = akt_c_host;
    host.priority = by_body;
    kind = (struct akt_kind){.name = "k", .host = &host, .rules = rules};
    iso = akt_isolate_own(node, &host, 1, 0);
    atomic_store(&a.kind, &kind);
    atomic_store(&a.limit, (uint64_t)UINT32_MAX << 32);
    a.extras = akt_order_extras(&kind.rules);
    model_len = 0;
    next_id = 0;
}

static void teardown(void)
{
    struct akt_msg *m;
    while ((m = akt_mailbox_take(iso, &a, NULL)))
        akt_msg_free(m);
    akt_order_free(a.ext ? a.ext->order : NULL);
    akt_free(a.ext, a.ext ? sizeof *a.ext : 0);
    akt_node_destroy(node);
}

static struct akt_msg *message(uint32_t sender, int priority)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 1);
    m->sender = akt_pid_make(1, sender + 1, 0);
    m->ask = ++next_id;
    m->body[0] = (char)priority;
    return m;
}

static void model_insert(uint32_t at, struct entry e)
{
    memmove(&model[at + 1], &model[at], (model_len - at) * sizeof e);
    model[at] = e;
    model_len++;
}

static void model_remove(uint32_t at)
{
    model_len--;
    memmove(&model[at], &model[at + 1], (model_len - at) * sizeof *model);
}

/* Behind all of its level, or (front) before them. */
static void model_put(struct entry e, bool front)
{
    uint32_t at = 0;
    while (at < model_len &&
           (front ? model[at].level < e.level : model[at].level <= e.level))
        at++;
    model_insert(at, e);
}

static void sort_all(void)
{
    while (!akt_order_sort(iso, &a, 7))
        ;
}

static void compare(void)
{
    uint32_t i = 0;
    bool same = true; /* an assert for each would take a minute */
    sort_all();
    for (struct akt_msg *m = a.mail_first; m; m = m->next, i++)
        same &= i < model_len && m->ask == model[i].id &&
                (m->next || a.mail_last == m);
    ck_assert(same);
    ck_assert_uint_eq(i, model_len);
    ck_assert_uint_eq(akt_actor_queued(&a), model_len);
}

static struct akt_msg *before(uint32_t at)
{
    struct akt_msg *m = NULL;
    for (uint32_t i = 0; i < at; i++)
        m = m ? m->next : a.mail_first;
    return m;
}

static void put(bool front)
{
    /* few levels, so that many are equal, and both ends */
    static const int priorities[] = {0, 0, 1, -1, 127, -128, 64, 63, -64};
    int p = priorities[below(9)];
    struct akt_msg *m = message(below(SENDERS), p);
    m->code = (uint8_t)(AKT_PRIORITY_MAX - p); /* as if it had been stashed */
    model_put((struct entry){m->ask, AKT_PRIORITY_MAX - p}, front);
    if (front)
        akt_mailbox_prepend(iso, &a, m);
    else
        akt_mailbox_append(iso, &a, m);
}

static void take(uint32_t at)
{
    struct akt_msg *m = akt_mailbox_take(iso, &a, before(at));
    ck_assert_uint_eq(m->ask, model[at].id);
    ck_assert(!(m->flags & AKT_MSG_SORTED));
    akt_msg_free(m);
    model_remove(at);
}

/* The oldest of the lowest level. */
static void drop(void)
{
    struct akt_msg *prev = NULL;
    struct akt_msg *m = akt_order_victim(iso, &a, &prev);
    uint32_t at = model_len - 1;
    while (at > 0 && model[at - 1].level == model[model_len - 1].level)
        at--;
    ck_assert_uint_eq(m->ask, model[at].id);
    ck_assert_ptr_eq(akt_mailbox_take(iso, &a, prev), m);
    akt_msg_free(m);
    model_remove(at);
}

static void step(void)
{
    uint32_t dice = below(100);
    if (dice < 46)
        put(false);
    else if (dice < 50)
        put(true);
    if (dice < 50)
        return;
    sort_all();
    if (!model_len)
        return;
    if (dice < 80)
        take(0);
    else if (dice < 90)
        take(below(model_len));
    else
        drop();
    compare();
}

START_TEST(levels_are_stable)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        setup((struct akt_mailbox_rules){.by_function = true}, seed);
        for (int i = 0; i < STEPS; i++)
            step();
        compare();
        teardown();
    }
}
END_TEST

/* ---- fair ---- */

static void append(uint32_t sender)
{
    akt_mailbox_append(iso, &a, message(sender, 0));
}

static uint32_t sender_of(const struct akt_msg *m)
{
    return akt_pid_slot(m->sender) - 1;
}

/* Whoever waits is passed by no one more than twice, and each sender's
 * messages keep their order. */
START_TEST(senders_take_turns)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        uint64_t last[SENDERS] = {0};
        uint32_t waiting[SENDERS] = {0}, passed[SENDERS][SENDERS] = {{0}};
        setup((struct akt_mailbox_rules){.fair = true}, seed);
        for (int i = 0; i < STEPS; i++) {
            /* the first sends as much as all the others */
            uint32_t from = below(2) ? 0 : below(SENDERS);
            if (below(100) < 52) {
                append(from);
                waiting[from]++;
                continue;
            }
            sort_all();
            struct akt_msg *m = akt_mailbox_take(iso, &a, NULL);
            if (!m)
                continue;
            uint32_t s = sender_of(m);
            ck_assert_uint_gt(m->ask, last[s]);
            last[s] = m->ask;
            waiting[s]--;
            akt_msg_free(m);
            for (uint32_t t = 0; t < SENDERS; t++) {
                passed[t][s] += t != s && waiting[t];
                passed[s][t] = 0; /* its turn has come */
                ck_assert_uint_le(passed[t][s], waiting[t] ? 2 : UINT32_MAX);
                if (!waiting[t])
                    memset(passed[t], 0, sizeof passed[t]);
            }
        }
        teardown();
    }
}
END_TEST

/* Also when messages are taken from the middle or put in front. */
START_TEST(a_sender_keeps_its_order)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        setup((struct akt_mailbox_rules){.fair = true}, seed);
        for (int i = 0; i < STEPS; i++) {
            uint64_t last[SENDERS] = {0};
            uint32_t dice = below(10), n = akt_actor_queued(&a);
            if (dice < 5)
                append(below(SENDERS));
            sort_all();
            if (dice >= 5 && n)
                akt_msg_free(akt_mailbox_take(
                    iso, &a, dice < 8 ? NULL : before(below(n))));
            uint32_t seen = 0;
            bool rising = true;
            for (struct akt_msg *m = a.mail_first; m; m = m->next, seen++) {
                rising &= m->ask > last[sender_of(m)];
                last[sender_of(m)] = m->ask;
            }
            ck_assert(rising);
            ck_assert_uint_eq(seen, akt_actor_queued(&a));
        }
        teardown();
    }
}
END_TEST

static const char *order(void)
{
    static char text[256];
    size_t n = 0;
    sort_all();
    text[0] = 0;
    for (struct akt_msg *m = a.mail_first; m; m = m->next)
        n += (size_t)snprintf(text + n, sizeof text - n, "%c%d ",
                              'A' + (int)sender_of(m), (int)m->ask);
    return text;
}

START_TEST(rounds_by_hand)
{
    setup((struct akt_mailbox_rules){.fair = true}, 1);
    for (int i = 0; i < 4; i++)
        append(0);
    append(1);
    append(2);
    ck_assert_str_eq(order(), "A1 B5 C6 A2 A3 A4 ");
    akt_msg_free(akt_mailbox_take(iso, &a, NULL));
    append(1); /* it still has one in this round */
    append(3); /* the round that has begun gets no new members */
    ck_assert_str_eq(order(), "B5 C6 A2 B7 D8 A3 A4 ");
    struct akt_msg *front = message(4, 0);
    akt_mailbox_prepend(iso, &a, front);
    ck_assert_str_eq(order(), "E9 B5 C6 A2 B7 D8 A3 A4 ");
    struct akt_msg *prev, *m = akt_order_victim(iso, &a, &prev);
    ck_assert_uint_eq(m->ask, 2); /* A has the longest queue */
    akt_msg_free(akt_mailbox_take(iso, &a, prev));
    ck_assert_str_eq(order(), "E9 B5 C6 B7 D8 A3 A4 ");
    teardown();
}
END_TEST

/* ---- the rest ---- */

START_TEST(news_stand_at_priority_0)
{
    setup((struct akt_mailbox_rules){.by_function = true}, 1);
    static const int priorities[] = {-1, 0, 1};
    for (int i = 0; i < 3; i++)
        akt_mailbox_append(iso, &a, message(0, priorities[i]));
    struct akt_msg *down =
        akt_msg_with_reason(AKT_MSG_DOWN, akt_reason_of(AKT_NORMAL));
    down->ask = 100;
    akt_mailbox_append(iso, &a, down);
    static const uint64_t ids[] = {3, 2, 100, 1};
    sort_all();
    struct akt_msg *m = a.mail_first;
    for (int i = 0; i < 4; i++, m = m->next)
        ck_assert_uint_eq(m->ask, ids[i]);
    teardown();
}
END_TEST

/* What nobody has asked the function about counts as priority 0. */
START_TEST(the_intake_is_dropped_as_priority_0)
{
    struct akt_msg *prev;
    setup((struct akt_mailbox_rules){.by_function = true}, 1);
    akt_mailbox_append(iso, &a, message(0, 5));
    sort_all();
    akt_mailbox_append(iso, &a, message(0, 9));
    ck_assert_uint_eq(akt_order_victim(iso, &a, &prev)->ask, 2);
    sort_all();
    akt_mailbox_append(iso, &a, message(0, 9));
    ck_assert_uint_eq(akt_order_victim(iso, &a, &prev)->ask, 3);
    sort_all();
    ck_assert_uint_eq(akt_order_victim(iso, &a, &prev)->ask, 1);
    teardown();
}
END_TEST

START_TEST(a_reset_keeps_the_list)
{
    setup((struct akt_mailbox_rules){.by_function = true}, 1);
    akt_mailbox_append(iso, &a, message(0, 0));
    akt_mailbox_append(iso, &a, message(1, 1));
    sort_all();
    akt_order_reset(&a);
    for (struct akt_msg *m = a.mail_first; m; m = m->next)
        ck_assert(!(m->flags & AKT_MSG_SORTED));
    kind.rules = (struct akt_mailbox_rules){.fair = true};
    ck_assert_str_eq(order(), "B2 A1 ");
    teardown();
}
END_TEST

/* A receive goes on where it was, whatever comes in in front. */
START_TEST(a_scan_keeps_its_place)
{
    setup((struct akt_mailbox_rules){.by_function = true}, 1);
    struct akt_actor_ext *ext = akt_actor_ext(&a);
    for (int i = 0; i < 3; i++)
        akt_mailbox_append(iso, &a, message(0, 0));
    sort_all();
    ext->scan = a.mail_first;          /* it has passed the first ... */
    ext->scan_at = a.mail_first->next; /* ... and looks at the second */
    akt_mailbox_append(iso, &a, message(0, 0));
    sort_all();
    ck_assert(!ext->scan_again); /* behind is behind */
    akt_mailbox_append(iso, &a, message(0, 1));
    sort_all();
    ck_assert(ext->scan_again);
    ck_assert_ptr_eq(ext->scan->next, ext->scan_at);
    ext->scan_again = false;
    ext->scan = NULL; /* it looks at the very first */
    ext->scan_at = a.mail_first;
    akt_mailbox_append(iso, &a, message(0, 2));
    sort_all();
    ck_assert(ext->scan_again);
    ck_assert_ptr_eq(ext->scan->next, ext->scan_at);
    akt_msg_free(akt_mailbox_take(iso, &a, ext->scan)); /* it is dropped */
    ck_assert_ptr_null(ext->scan_at);
    teardown();
}
END_TEST

START_TEST(tags)
{
    static const char *const names[] = {"b", "a", "long tag", "", "bb"};
    struct akt_priorities *p = akt_priorities_new(5);
    struct akt_priorities *q = akt_priorities_new(5);
    for (int i = 0; i < 5; i++) {
        akt_priorities_add(p, names[i], strlen(names[i]), i + 1);
        akt_priorities_add(q, names[4 - i], strlen(names[4 - i]), 5 - i);
    }
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(akt_priorities_of(p, names[i], strlen(names[i])),
                         i + 1);
    ck_assert_int_eq(akt_priorities_of(p, "c", 1), 0);
    ck_assert(akt_priorities_same(p, q));
    ck_assert(!akt_priorities_same(p, NULL));
    /* bodies as they come, and what is none */
    static const struct {
        const char *body;
        uint32_t size;
        int priority;
    } bodies[] = {
        {"\xa1"
         "b",
         2, 1},
        {"\xd9\x02"
         "bb",
         4, 5},
        {"\xda\x00\x01"
         "a",
         4, 2},
        {"\xa0", 1, 4},
        {"\xa2"
         "b",
         2, 0}, /* cut off */
        {"\xd9", 1, 0},
        {"\xda\x01", 2, 0},
        {"\x01", 1, 0},
        {"", 0, 0},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct akt_msg *m = akt_msg_new(AKT_MSG_USER, bodies[i].size);
        memcpy(m->body, bodies[i].body, bodies[i].size);
        ck_assert_int_eq(akt_priorities_of_msg(p, m), bodies[i].priority);
        akt_msg_free(m);
    }
    akt_priorities_unref(akt_priorities_ref(p));
    akt_priorities_unref(p);
    akt_priorities_unref(q);
}
END_TEST

CHECK_MAIN("order", levels_are_stable, senders_take_turns,
           a_sender_keeps_its_order, rounds_by_hand, news_stand_at_priority_0,
           the_intake_is_dropped_as_priority_0, a_reset_keeps_the_list,
           a_scan_keeps_its_place, tags)
