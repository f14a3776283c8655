/* SPDX-License-Identifier: MIT */
#include "tests/unit/check_main.h"

#include <string.h>

#include "net/frame.h"
#include "net/hello.h"

static struct akt_hello sample(void)
{
    return (struct akt_hello){.version_min = 1,
                              .version_max = 3,
                              .features = AKT_FEATURE_ZSTD,
                              .cluster = "prod",
                              .name = "n1",
                              .incarnation = 0x1122334455667788,
                              .address = "10.0.0.1:7001",
                              .session = 42,
                              .received = 0xffffffffff};
}

static struct akt_buf written(const struct akt_hello *h, bool answer)
{
    struct akt_buf b = AKT_BUF_INIT;
    akt_hello_write(h, answer, &b);
    return b;
}

START_TEST(what_is_written_is_read)
{
    struct akt_hello h = sample();
    h.resumes = true;
    struct akt_buf b = written(&h, true);
    akt_buf_puts(&b, "behind");
    struct akt_hello_read r = akt_hello_read(b.data, b.len);
    ck_assert_int_eq(r.kind, AKT_HELLO_ANSWERED);
    ck_assert_uint_eq(r.len, b.len - 6);
    ck_assert_uint_eq(r.hello.version_min, 1);
    ck_assert_uint_eq(r.hello.version_max, 3);
    ck_assert_uint_eq(r.hello.features, AKT_FEATURE_ZSTD);
    ck_assert_str_eq(r.hello.cluster, h.cluster);
    ck_assert_str_eq(r.hello.name, h.name);
    ck_assert_str_eq(r.hello.address, h.address);
    ck_assert_uint_eq(r.hello.incarnation, h.incarnation);
    ck_assert_uint_eq(r.hello.session, h.session);
    ck_assert_uint_eq(r.hello.received, h.received);
    ck_assert(r.hello.resumes);
    akt_buf_fini(&b);
}
END_TEST

START_TEST(a_hello_is_these_bytes)
{
    static const char expected[] =
        "\73\0\0\0\1\0\0\0\0\0\0\0"
        "akvm\1\0\3\0\1\0\0\0\x88\x77\x66\x55\x44\x33\x22\x11"
        "\52\0\0\0\0\0\0\0\377\377\377\377\377\0\0\0\0"
        "\4prod\2n1\15"
        "10.0.0.1:7001";
    struct akt_hello h = sample();
    struct akt_buf b = written(&h, false);
    ck_assert_uint_eq(b.len, sizeof expected - 1);
    ck_assert_mem_eq(b.data, expected, b.len);
    akt_buf_fini(&b);
}
END_TEST

START_TEST(less_than_a_frame_is_not_read)
{
    struct akt_hello h = sample();
    struct akt_buf b = written(&h, false);
    ck_assert_int_eq(akt_hello_read(NULL, 0).kind, AKT_HELLO_MORE);
    for (size_t n = 0; n < b.len; n++)
        ck_assert_int_eq(akt_hello_read(b.data, n).kind, AKT_HELLO_MORE);
    ck_assert_int_eq(akt_hello_read(b.data, b.len).kind, AKT_HELLO_ASKED);
    akt_buf_fini(&b);
}
END_TEST

START_TEST(longest_names_fit)
{
    struct akt_hello h = sample();
    memset(h.cluster, 'c', AKT_CLUSTER_NAME_MAX);
    memset(h.name, 'n', AKT_NODE_NAME_MAX);
    memset(h.address, 'a', AKT_ADDRESS_MAX);
    h.cluster[AKT_CLUSTER_NAME_MAX] = h.name[AKT_NODE_NAME_MAX] = 0;
    h.address[AKT_ADDRESS_MAX] = 0;
    struct akt_buf b = written(&h, false);
    struct akt_hello_read r = akt_hello_read(b.data, b.len);
    ck_assert_int_eq(r.kind, AKT_HELLO_ASKED);
    ck_assert_str_eq(r.hello.address, h.address);
    akt_buf_fini(&b);
}
END_TEST

START_TEST(every_refusal_has_a_name)
{
    for (int i = 0; i < AKT_REFUSAL_COUNT; i++) {
        struct akt_buf b = AKT_BUF_INIT;
        akt_hello_write_refusal((enum akt_refusal)i, &b);
        struct akt_hello_read r = akt_hello_read(b.data, b.len);
        ck_assert_int_eq(r.kind, AKT_HELLO_REFUSED);
        ck_assert_int_eq((int)r.why, i);
        akt_buf_fini(&b);
    }
    ck_assert_str_eq(akt_refusal_name(AKT_REFUSED_CLUSTER), "cluster");
    ck_assert_str_eq(akt_refusal_name((enum akt_refusal)1000), "unknown");
}
END_TEST

START_TEST(a_later_refusal_is_one_without_name)
{
    static const char frame[] = "\4\0\0\0\3\0\0\0\0\0\0\0\3new";
    struct akt_hello_read r = akt_hello_read(frame, sizeof frame - 1);
    ck_assert_int_eq(r.kind, AKT_HELLO_REFUSED);
    ck_assert_int_eq(r.why, AKT_REFUSED_NONE);
}
END_TEST

START_TEST(a_later_hello_may_say_more)
{
    struct akt_hello h = sample();
    struct akt_buf b = written(&h, false);
    akt_buf_puts(&b, "more");
    akt_put32(b.data, (uint32_t)(b.len - AKT_FRAME_HEAD));
    struct akt_hello_read r = akt_hello_read(b.data, b.len);
    ck_assert_int_eq(r.kind, AKT_HELLO_ASKED);
    ck_assert_uint_eq(r.len, b.len);
    ck_assert_str_eq(r.hello.name, "n1");
    akt_buf_fini(&b);
}
END_TEST

static void is_bad(const char *p, size_t len)
{
    ck_assert_int_eq(akt_hello_read(p, len).kind, AKT_HELLO_BAD);
}

START_TEST(what_is_no_hello_is_seen_early)
{
    is_bad("GET ", 4);
    is_bad("\0\0\1\0", 4);
    is_bad("\365\3\0\0", 4); /* 1013 and its head are over AKT_HELLO_MAX */
    ck_assert_int_eq(akt_hello_read("\364\3\0\0", 4).kind, AKT_HELLO_MORE);
    is_bad("\1\0\0\0\4", 5);
    is_bad("\1\0\0\0\20", 5);
    is_bad("\1\0\0\0\1\1", 6);
    is_bad("\1\0\0\0\1\0\1", 7);
    is_bad("\1\0\0\0\1\0\0\0\1", 9);
}
END_TEST

/* The sample with one byte changed. */
static void is_bad_with(size_t at, char byte)
{
    struct akt_hello h = sample();
    struct akt_buf b = written(&h, false);
    b.data[at] = byte;
    is_bad(b.data, b.len);
    akt_buf_fini(&b);
}

START_TEST(wrong_contents_are_refused)
{
    is_bad_with(12, 'x');     /* magic */
    is_bad_with(12 + 37, -1); /* not all there */
    is_bad_with(12 + 38, '\n');
    is_bad_with(12 + 38, ' ');
    is_bad_with(12 + 38, '\0');
    is_bad_with(12 + 38, '\377');
    is_bad_with(12 + 45, 14); /* one more than there is */
    is_bad("\0\0\0\0\1\0\0\0\0\0\0\0", 12);
    is_bad("\0\0\0\0\3\0\0\0\0\0\0\0", 12);
    is_bad("\2\0\0\0\3\0\0\0\0\0\0\0\2a", 14);
}
END_TEST

/* What is all there but for its length: a cluster of so many bytes, then a
 * name, and the address of the sample. */
static enum akt_hello_kind kind_of_cluster(size_t len)
{
    struct akt_hello h = sample();
    memset(h.cluster, 'c', AKT_CLUSTER_NAME_MAX);
    memset(h.name, 'n', AKT_NODE_NAME_MAX);
    struct akt_buf b = written(&h, false);
    char *at = b.data + 12 + 37;
    at[0] = (char)len;
    memset(at + 1, 'c', len);
    at[1 + len] = (char)(AKT_CLUSTER_NAME_MAX + AKT_NODE_NAME_MAX - len);
    enum akt_hello_kind kind = akt_hello_read(b.data, b.len).kind;
    akt_buf_fini(&b);
    return kind;
}

START_TEST(names_that_are_too_long_are_refused)
{
    ck_assert_int_eq(kind_of_cluster(AKT_CLUSTER_NAME_MAX), AKT_HELLO_ASKED);
    ck_assert_int_eq(kind_of_cluster(AKT_CLUSTER_NAME_MAX + 1), AKT_HELLO_BAD);
    ck_assert_int_eq(kind_of_cluster(AKT_CLUSTER_NAME_MAX - 1), AKT_HELLO_BAD);
}
END_TEST

static enum akt_refusal judge(const struct akt_hello *mine,
                              const struct akt_hello *theirs, uint16_t *version,
                              uint32_t *features)
{
    *version = 99;
    *features = 99;
    return akt_hello_judge(mine, theirs, version, features);
}

START_TEST(the_highest_common_version_is_taken)
{
    struct akt_hello mine = sample(), theirs = sample();
    uint16_t version;
    uint32_t features;
    strcpy(theirs.name, "n2");
    theirs.version_min = 2;
    theirs.version_max = 7;
    theirs.features = 0xff;
    ck_assert_int_eq(judge(&mine, &theirs, &version, &features),
                     AKT_REFUSED_NONE);
    ck_assert_uint_eq(version, 3);
    ck_assert_uint_eq(features, AKT_FEATURE_ZSTD);
    theirs.version_min = 4;
    ck_assert_int_eq(judge(&mine, &theirs, &version, &features),
                     AKT_REFUSED_VERSION);
    ck_assert_uint_eq(version, 99);
    theirs.version_min = 0;
    theirs.version_max = 0;
    ck_assert_int_eq(judge(&mine, &theirs, &version, &features),
                     AKT_REFUSED_VERSION);
}
END_TEST

START_TEST(others_are_not_spoken_to)
{
    struct akt_hello mine = sample(), theirs = sample();
    uint16_t version;
    uint32_t features;
    ck_assert_int_eq(judge(&mine, &theirs, &version, &features),
                     AKT_REFUSED_NAME); /* ours */
    theirs.name[0] = 0;
    ck_assert_int_eq(judge(&mine, &theirs, &version, &features),
                     AKT_REFUSED_NAME);
    strcpy(theirs.name, "a@b");
    ck_assert_int_eq(judge(&mine, &theirs, &version, &features),
                     AKT_REFUSED_NAME);
    strcpy(theirs.name, "n2");
    strcpy(theirs.cluster, "test");
    ck_assert_int_eq(judge(&mine, &theirs, &version, &features),
                     AKT_REFUSED_CLUSTER);
}
END_TEST

CHECK_MAIN("hello", what_is_written_is_read, a_hello_is_these_bytes,
           less_than_a_frame_is_not_read, longest_names_fit,
           every_refusal_has_a_name, a_later_refusal_is_one_without_name,
           a_later_hello_may_say_more, what_is_no_hello_is_seen_early,
           wrong_contents_are_refused, names_that_are_too_long_are_refused,
           the_highest_common_version_is_taken, others_are_not_spoken_to)
