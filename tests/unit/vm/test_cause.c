/* SPDX-License-Identifier: MIT */
#include "tests/unit/check_main.h"
#include "vm/cause.h"
#include "vm/node.h"

static struct akt_msg *body(const char *bytes)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, strlen(bytes));
    memcpy(m->body, bytes, strlen(bytes));
    return m;
}

static void is_shown(const char *bytes, const char *expected)
{
    char tag[AKT_CAUSE_TAG];
    struct akt_parent parent = {{0}};
    size_t len = strlen(bytes);
    memcpy(parent.bytes, bytes, len < 16 ? len : 16);
    memset(tag, 'x', sizeof tag);
    akt_cause_tag(&parent, tag);
    ck_assert_str_eq(tag, expected);
}

START_TEST(tags_are_shown_as_far_as_they_are_there)
{
    is_shown("\xa3"
             "inc\x05",
             "inc");
    is_shown("\xaf"
             "fifteen_letters",
             "fifteen_letters");
    is_shown("\xb0sixteen_letters_", "sixteen_letters...");
    is_shown("\xd9\x28over_thirty_letters", "over_thirty_le...");
    is_shown("", "");
    is_shown("\xa0", "");
    is_shown("\xc1", "");
    is_shown("\xff\xff\xff\xff\xff\xff\xff\xff\xff", "");
}
END_TEST

static void fill(struct akt_node *node, struct akt_isolate *iso, uint32_t i)
{
    iso->node = node;
    iso->worker = &node->workers[i];
}

START_TEST(traces_of_all_workers_differ)
{
    struct akt_config config = {.workers = 200};
    struct akt_node *node = akt_node_create(&config);
    struct akt_node *other = akt_node_create(&config);
    struct akt_isolate iso = {.node = NULL};
    struct akt_actor a = {.start = NULL};
    struct akt_map seen = {0};
    for (uint32_t i = 0; i < 2 * 200 * 50; i++) {
        fill(i % 2 ? node : other, &iso, i / 2 % 200);
        struct akt_msg *m = body("\xa1x");
        akt_cause_note(&iso, &a, m);
        ck_assert_uint_ne(m->trace, 0);
        ck_assert(akt_map_put(&seen, m->trace, 1));
        akt_msg_free(m);
    }
    akt_map_fini(&seen);
    akt_node_destroy(node);
    akt_node_destroy(other);
}
END_TEST

START_TEST(what_follows_has_the_trace_and_the_cause)
{
    struct akt_config config = {.simulated = true, .seed = 1};
    struct akt_node *node = akt_node_create(&config);
    struct akt_isolate iso = {.node = NULL};
    struct akt_actor a = {.start = NULL};
    fill(node, &iso, 0);
    a.current = body("\xa5start");
    a.current->sender.bits = 9;
    ck_assert_uint_eq(a.current->trace, 0); /* a tick, or from outside */
    struct akt_msg *m = body("\xa3job"), *n = body("\xa3job");
    akt_cause_note(&iso, &a, m);
    akt_cause_note(&iso, &a, n);
    ck_assert_uint_ne(m->trace, 0);
    ck_assert_uint_eq(n->trace, m->trace);
    ck_assert_uint_eq(akt_cause_trace(&iso, &a), m->trace);
    ck_assert_uint_eq(n->origin.bits, 9);
    char tag[AKT_CAUSE_TAG];
    akt_cause_tag(&n->parent, tag);
    ck_assert_str_eq(tag, "start");
    akt_msg_free(m);
    akt_msg_free(n);
    akt_msg_free(a.current);
    akt_node_destroy(node);
}
END_TEST

CHECK_MAIN("cause", tags_are_shown_as_far_as_they_are_there,
           traces_of_all_workers_differ,
           what_follows_has_the_trace_and_the_cause)
