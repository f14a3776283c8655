/* SPDX-License-Identifier: MIT */
#include "tests/unit/check_main.h"
#include "vm/events.h"

static struct akt_node *node;
static struct akt_event_cursor cursor;
static struct akt_event seen[AKT_EVENTS * 2];

static void setup(void)
{
    struct akt_config config = {.simulated = true, .seed = 1};
    node = akt_node_create(&config);
    akt_event_cursor_init(&cursor, node, false);
}

static void teardown(void)
{
    akt_event_cursor_fini(&cursor);
    akt_node_destroy(node);
}

static size_t take(size_t max)
{
    return akt_event_read(node, &cursor, seen, max);
}

static void spawned(uint64_t who)
{
    akt_event(node, AKT_EV_SPAWN, (akt_pid){who}, AKT_OK, 7);
}

START_TEST(come_out_as_they_went_in)
{
    setup();
    ck_assert_uint_eq(take(10), 0);
    akt_event(node, AKT_EV_CRASH, (akt_pid){5}, AKT_MEMORY, 9);
    node->world->now_ns += 3000000;
    akt_event(node, AKT_EV_RESTART, (akt_pid){5}, AKT_OK, 2);
    ck_assert_uint_eq(take(10), 2);
    ck_assert_int_eq(seen[0].kind, AKT_EV_CRASH);
    ck_assert_int_eq(seen[0].code, AKT_MEMORY);
    ck_assert_uint_eq(seen[0].who.bits, 5);
    ck_assert_uint_eq(seen[0].other, 9);
    ck_assert_uint_eq(seen[0].count, 1);
    ck_assert_uint_eq(seen[0].ring, 1); /* from outside */
    ck_assert_int_eq(seen[1].kind, AKT_EV_RESTART);
    ck_assert_uint_eq(seen[1].us - seen[0].us, 3000);
    ck_assert_uint_eq(take(10), 0);
    teardown();
}
END_TEST

START_TEST(what_repeats_is_counted)
{
    setup();
    for (uint64_t i = 0; i < 1000; i++)
        akt_event(node, AKT_EV_DEAD_LETTER, (akt_pid){5}, AKT_NOPROC, i);
    node->world->now_ns += 2000000000;
    akt_event(node, AKT_EV_DEAD_LETTER, (akt_pid){5}, AKT_NOPROC, 0);
    akt_event(node, AKT_EV_DEAD_LETTER, (akt_pid){5}, AKT_EXPIRED, 0);
    ck_assert_uint_eq(take(10), 3);
    ck_assert_uint_eq(seen[0].count, 1000);
    ck_assert_uint_eq(seen[1].count, 1);
    teardown();
}
END_TEST

START_TEST(overwritten_ones_are_lost_and_counted)
{
    setup();
    for (uint64_t i = 1; i <= AKT_EVENTS + 100; i++)
        spawned(i);
    ck_assert_uint_eq(take(AKT_EVENTS * 2), AKT_EVENTS);
    ck_assert_uint_eq(cursor.lost, 100);
    ck_assert_uint_eq(seen[0].who.bits, 101);
    ck_assert_uint_eq(seen[AKT_EVENTS - 1].who.bits, AKT_EVENTS + 100);
    teardown();
}
END_TEST

START_TEST(a_cursor_may_begin_at_the_oldest)
{
    setup();
    spawned(1);
    struct akt_event_cursor old;
    akt_event_cursor_init(&old, node, true);
    ck_assert_uint_eq(akt_event_read(node, &old, seen, 10), 1);
    ck_assert_uint_eq(seen[0].who.bits, 1);
    akt_event_cursor_fini(&old);
    teardown();
}
END_TEST

static void turn(struct akt_worker *w, struct akt_actor *a, const char *tag)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 20);
    memcpy(m->body, tag, strlen(tag));
    struct akt_turn t = {AKT_TURN_MESSAGE, a, m, NULL};
    uint32_t seq = atomic_load_explicit(&w->turn_seq, memory_order_relaxed);
    atomic_store_explicit(&w->turn_seq, seq + 1, memory_order_relaxed);
    akt_turns_note(w, seq + 1, t);
    atomic_store_explicit(&w->turn_seq, seq + 2, memory_order_relaxed);
    akt_msg_free(m);
}

START_TEST(turns_are_remembered_newest_first)
{
    setup();
    struct akt_worker *w = &node->workers[0];
    struct akt_actor a = {.self = {77}};
    struct akt_turn_seen turns[AKT_TURNS + 1];
    ck_assert_uint_eq(akt_turns_read(w, turns, 10), 0);
    turn(w, &a, "\xa3one");
    turn(w, &a,
         "\xb2"
         "eighteen_character");
    ck_assert_uint_eq(akt_turns_read(w, turns, 10), 2);
    ck_assert_str_eq(turns[1].tag, "one");
    ck_assert_str_eq(turns[0].tag, "eighteen_charac");
    ck_assert_uint_eq(turns[0].who.bits, 77);
    ck_assert_int_eq(turns[0].kind, AKT_TURN_MESSAGE);
    for (int i = 0; i < AKT_TURNS; i++)
        turn(w, &a, "\xa1x");
    /* the place of the next one may be being written */
    ck_assert_uint_eq(akt_turns_read(w, turns, AKT_TURNS + 1), AKT_TURNS - 1);
    ck_assert_str_eq(turns[AKT_TURNS - 2].tag, "x");
    teardown();
}
END_TEST

CHECK_MAIN("events", come_out_as_they_went_in, what_repeats_is_counted,
           overwritten_ones_are_lost_and_counted,
           a_cursor_may_begin_at_the_oldest, turns_are_remembered_newest_first)
