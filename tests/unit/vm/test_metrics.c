/* SPDX-License-Identifier: MIT */
#include "vm/metrics.h"

#include <stdio.h>

#include "tests/unit/check_main.h"
#include "vm/metrics_read.h"
#include "vm/node.h"

static struct akt_node *node;

static void setup_node(void)
{
    struct akt_config config = {.workers = 2};
    node = akt_node_create(&config);
}

static int make(enum akt_metric_type type, const char *name, const char *key,
                const char *value)
{
    struct akt_label label = {key, value};
    return akt_metrics_series(node->metrics, type, name, &label, key ? 1 : 0);
}

#define COUNTER AKT_METRIC_COUNTER

START_TEST(the_same_series_has_the_same_number)
{
    setup_node();
    struct akt_label one[] = {{"a", "1"}, {"b", "2"}};
    struct akt_label two[] = {{"b", "2"}, {"a", "1"}};
    int id = akt_metrics_series(node->metrics, COUNTER, "x", one, 2);
    ck_assert_int_eq(id, 0);
    ck_assert_int_eq(akt_metrics_series(node->metrics, COUNTER, "x", two, 2),
                     id);
    ck_assert_int_eq(make(COUNTER, "x", "a", "1"), 1);
    ck_assert_int_eq(make(COUNTER, "x", NULL, NULL), 2);
    ck_assert_int_eq(make(AKT_METRIC_GAUGE, "x", "a", "9"),
                     AKT_METRIC_OTHER_TYPE);
    ck_assert_ptr_null(akt_metrics_get(node->metrics, 3));
    akt_node_destroy(node);
}
END_TEST

START_TEST(names_are_those_of_prometheus)
{
    setup_node();
    static const char *const bad[] = {"",   "1a",      "a-b",       "a b",
                                      "\n", "aktvm_x", "process_x", NULL};
    for (int i = 0; bad[i]; i++)
        ck_assert_int_eq(make(COUNTER, bad[i], NULL, NULL),
                         AKT_METRIC_BAD_NAME);
    static const char *const labels[] = {"", "1", "a:b", "le", "__x", NULL};
    for (int i = 0; labels[i]; i++)
        ck_assert_int_eq(make(COUNTER, "a:b", labels[i], ""),
                         AKT_METRIC_BAD_LABEL);
    struct akt_label twice[] = {{"a", "1"}, {"a", "2"}};
    ck_assert_int_eq(akt_metrics_series(node->metrics, COUNTER, "x", twice, 2),
                     AKT_METRIC_BAD_LABEL);
    ck_assert_int_eq(make(COUNTER, "a:b_9", "_", ""), 0);
    akt_node_destroy(node);
}
END_TEST

START_TEST(series_come_to_an_end)
{
    setup_node();
    char value[16];
    for (int i = 0; i < AKT_METRIC_SERIES; i++) {
        snprintf(value, sizeof value, "%d", i);
        ck_assert_int_eq(make(COUNTER, "x", "i", value), i);
    }
    ck_assert_int_eq(make(COUNTER, "y", NULL, NULL), AKT_METRIC_FULL);
    ck_assert_int_eq(make(COUNTER, "x", "i", "4000"), 4000);
    akt_node_destroy(node);
}
END_TEST

START_TEST(kinds_come_to_an_end)
{
    setup_node();
    char name[16];
    uint32_t first = akt_metrics_kind(node->metrics, "k0");
    ck_assert_uint_gt(first, 0);
    ck_assert_uint_eq(akt_metrics_kind(node->metrics, "k0"), first);
    for (int i = 1; i < AKT_METRIC_KINDS; i++) {
        snprintf(name, sizeof name, "k%d", i);
        akt_metrics_kind(node->metrics, name);
    }
    ck_assert_uint_eq(akt_metrics_kind(node->metrics, "one more"), 0);
    ck_assert_uint_eq(akt_metrics_kind(node->metrics, "k0"), first);
    akt_node_destroy(node);
}
END_TEST

static bool has_line(const char *line)
{
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_putc(&b, '\n');
    akt_metrics_text(node, &b);
    bool has = strstr(akt_buf_cstr(&b), line) != NULL;
    akt_buf_fini(&b);
    return has;
}

START_TEST(shards_are_added_up)
{
    setup_node();
    int id = make(COUNTER, "hits", "path", "a\"\\\nb");
    int hist = make(AKT_METRIC_HISTOGRAM, "size", NULL, NULL);
    int gauge = make(AKT_METRIC_GAUGE, "depth", NULL, NULL);
    for (uint32_t i = 0; i < 2; i++) {
        akt_metrics_count(&node->workers[i], (uint32_t)id, 2.5);
        akt_metrics_observe(&node->workers[i], (uint32_t)hist, 3);
    }
    akt_metrics_set(akt_metrics_get(node->metrics, (uint32_t)gauge), 1);
    akt_metrics_move(akt_metrics_get(node->metrics, (uint32_t)gauge), -2);
    ck_assert(has_line("\nhits_total{path=\"a\\\"\\\\\\nb\"} 5\n"));
    ck_assert(has_line("\n# TYPE size histogram\n"));
    ck_assert(has_line("\nsize_bucket{le=\"1\"} 0\n"));
    ck_assert(has_line("\nsize_bucket{le=\"4\"} 2\n"));
    ck_assert(has_line("\nsize_bucket{le=\"+Inf\"} 2\n"));
    ck_assert(has_line("\nsize_sum 6\nsize_count 2\n"));
    ck_assert(has_line("\ndepth -1\n"));
    akt_node_destroy(node);
}
END_TEST

START_TEST(about_one_message_in_64_is_a_sample)
{
    setup_node();
    struct akt_worker *w = &node->workers[0];
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 0);
    uint32_t samples = 0;
    for (int i = 0; i < 64000; i++) {
        m->stamp = 0;
        akt_metrics_stamp(w, m);
        samples += m->stamp != 0;
    }
    akt_msg_free(m);
    ck_assert_uint_gt(samples, 900);
    ck_assert_uint_lt(samples, 1100);
    akt_node_destroy(node);
}
END_TEST

CHECK_MAIN("metrics", the_same_series_has_the_same_number,
           names_are_those_of_prometheus, series_come_to_an_end,
           kinds_come_to_an_end, shards_are_added_up,
           about_one_message_in_64_is_a_sample)
