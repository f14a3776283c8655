/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/check_main.h"
#include "tests/unit/idle_node.h"
#include "vm/profile.h"
#include "vm/trace.h"
#include "vm/watchdog.h"

static struct akt_node *node;
static struct akt_actor *actor;
static struct akt_trace_entry entries[AKT_TRACE_RING + 1];
static char said[512];
static int lines;

static void on_warning(struct akt_node *n, const char *what, const char *text)
{
    (void)n;
    snprintf(said, sizeof said, "%s: %s", what, text);
    lines++;
}

static void setup(void)
{
    node = idle_node(&(struct akt_config){.simulated = true, .seed = 1});
    actor = akt_actor_find(node->actors, node->main);
    node->on_warning = on_warning;
    lines = 0;
}

static void note(const char *bytes, size_t len)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, len);
    memcpy(m->body, bytes, len);
    m->sender = node->user;
    m->target = actor->self;
    akt_trace_note(node, actor, AKT_TRACE_IN, m);
    akt_msg_free(m);
}

START_TEST(a_trace_has_what_it_was_given)
{
    struct akt_trace *t;
    struct akt_buf b = AKT_BUF_INIT;
    uint64_t dropped;
    setup();
    ck_assert(!akt_is_traced(actor));
    ck_assert_int_eq(akt_trace_start(node, node->main, &t), AKT_OK);
    ck_assert(akt_is_traced(actor));
    note("\xa3inc\x05", 5);
    ck_assert_uint_eq(akt_trace_read(node, t, entries, 9, &dropped), 1);
    ck_assert_uint_eq(dropped, 0);
    akt_trace_show(&b, node, &entries[0]);
    ck_assert_str_eq(akt_buf_cstr(&b),
                     "{\"at_ms\":0.000,\"way\":\"in\",\"type\":\"send\","
                     "\"from\":\"</user#4>\",\"bytes\":5,"
                     "\"values\":[\"inc\",5]}");
    akt_trace_stop(node, t);
    ck_assert(!akt_is_traced(actor));
    akt_buf_fini(&b);
    akt_node_destroy(node);
}
END_TEST

START_TEST(a_slow_reader_is_told_what_it_missed)
{
    struct akt_trace *t;
    uint64_t dropped;
    char big[500];
    setup();
    memset(big, 0, sizeof big);
    akt_trace_start(node, node->main, &t);
    for (int i = 0; i < AKT_TRACE_RING + 7; i++)
        note(big, sizeof big);
    ck_assert_uint_eq(
        akt_trace_read(node, t, entries, AKT_TRACE_RING + 1, &dropped),
        AKT_TRACE_RING);
    ck_assert_uint_eq(dropped, 7);
    ck_assert_uint_eq(entries[0].size, sizeof big);
    ck_assert_uint_eq(entries[0].len, AKT_TRACE_BODY);
    akt_trace_stop(node, t);
    akt_node_destroy(node);
}
END_TEST

START_TEST(there_is_room_for_a_few_traces)
{
    struct akt_trace *t[AKT_TRACES], *more;
    setup();
    for (int i = 0; i < AKT_TRACES; i++)
        ck_assert_int_eq(akt_trace_start(node, node->main, &t[i]), AKT_OK);
    ck_assert_int_eq(akt_trace_start(node, node->main, &more), AKT_LIMIT);
    ck_assert_int_eq(akt_trace_start(node, (akt_pid){99}, &more), AKT_NOPROC);
    akt_trace_stop(node, t[0]);
    ck_assert(akt_is_traced(actor)); /* for the others */
    akt_node_destroy(node);          /* frees the rest */
}
END_TEST

START_TEST(warnings_are_counted_and_few_are_said)
{
    setup();
    struct akt_warning w = {AKT_EV_GROWTH, node->main, 7, "it grows"};
    for (int i = 0; i < 20; i++)
        akt_warn(node, &w);
    ck_assert_int_eq(lines, AKT_WARNINGS_A_SECOND);
    ck_assert_uint_eq(akt_warnings(node, AKT_EV_GROWTH), 20);
    node->world->now_ns += 2000000000u;
    akt_warn(node, &w);
    ck_assert_str_eq(said, "mailbox_growth: it grows (15 more of these)");
    akt_node_destroy(node);
}
END_TEST

START_TEST(samples_become_lines)
{
    setup();
    struct akt_worker *w = &node->workers[0];
    struct akt_buf b = AKT_BUF_INIT;
    ck_assert(akt_profile_start(node, AKT_PID_NONE));
    ck_assert(!akt_profile_start(node, AKT_PID_NONE));
    akt_profile_tick(node); /* no turn, no visit */
    atomic_store_explicit(&w->turn_seq, 1, memory_order_relaxed);
    for (int i = 0; i < 3; i++)
        akt_profile_tick(node);
    ck_assert(akt_has_samples(w));
    akt_profile_answer(w, actor, "main;f");
    ck_assert(!akt_has_samples(w));
    ck_assert_uint_eq(akt_profile_stop(node, &b), 4);
    ck_assert_str_eq(akt_buf_cstr(&b), "main;f 3\n(idle) 1\n");
    akt_buf_fini(&b);
    akt_node_destroy(node);
}
END_TEST

START_TEST(too_many_stacks_are_one)
{
    setup();
    struct akt_worker *w = &node->workers[0];
    struct akt_buf b = AKT_BUF_INIT;
    char text[32];
    akt_profile_start(node, node->main);
    atomic_store_explicit(&w->turn_seq, 1, memory_order_relaxed);
    for (int i = 0; i < AKT_PROFILE_STACKS + 5; i++) {
        snprintf(text, sizeof text, "main;f%d", i);
        akt_profile_tick(node);
        akt_profile_answer(w, actor, text);
    }
    ck_assert_uint_eq(akt_profile_stop(node, &b), AKT_PROFILE_STACKS + 5);
    ck_assert_ptr_nonnull(strstr(akt_buf_cstr(&b), "(other) 5\n"));
    akt_buf_fini(&b);
    akt_node_destroy(node);
}
END_TEST

CHECK_MAIN("trace", a_trace_has_what_it_was_given,
           a_slow_reader_is_told_what_it_missed, there_is_room_for_a_few_traces,
           warnings_are_counted_and_few_are_said, samples_become_lines,
           too_many_stacks_are_one)
