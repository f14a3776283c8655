/* SPDX-License-Identifier: MIT */
#include "tests/unit/check_main.h"

#include <stdarg.h>
#include <stdio.h>
#include <zstd.h>

#include "net/frame.h"
#include "net/session_impl.h"
#include "vm/base/alloc.h"
#include "vm/base/random.h"
#include "vm/message.h"

#define IOVS 16

/* One end: its session, and what came out of it as text. */
struct side {
    struct akt_session *s;
    char heard[4096];
    size_t len;
    uint64_t messages, bytes, credits;
    uint64_t next; /* number that the next message should have: `counted` */
    bool keeps;    /* does not release */
    bool counts;   /* notes no text of messages */
    bool answers;  /* sends "yes" for each message */
};

static struct side a, b;
static int64_t bytes_before;

__attribute__((format(printf, 2, 3))) static void note(struct side *x,
                                                       const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(x->heard + x->len, sizeof x->heard - x->len, fmt, ap);
    va_end(ap);
    if (x->len + (size_t)n < sizeof x->heard)
        x->len += (size_t)n;
}

static void say(struct side *x, const char *head, const char *body,
                uint64_t key)
{
    struct akt_msg *m = NULL;
    if (body) {
        m = akt_msg_new(AKT_MSG_USER, strlen(body));
        memcpy(m->body, body, m->size);
    }
    akt_session_send(x->s, &(struct akt_parcel){head, strlen(head), m, key});
}

/* Bytes that tell whether they came at the right place. */
static char pattern(size_t i)
{
    return (char)(i * 2654435761u >> 13);
}

static bool is_pattern(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != pattern(i))
            return false;
    return true;
}

static void say_long(struct side *x, const char *head, size_t len, uint64_t key)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, len);
    for (size_t i = 0; i < len; i++)
        m->body[i] = pattern(i);
    akt_session_send(x->s, &(struct akt_parcel){head, strlen(head), m, key});
}

static void on_message(void *ctx, const char *head, size_t head_len,
                       const char *body, size_t body_len)
{
    struct side *x = ctx;
    x->messages++;
    x->bytes += body_len;
    if (x->counts) {
        uint64_t number;
        ck_assert_uint_eq(head_len, sizeof number);
        memcpy(&number, head, sizeof number);
        ck_assert_uint_eq(number, x->next++);
    } else if (body_len > 40) {
        ck_assert(is_pattern(body, body_len));
        note(x, "%.*s:%zu ", (int)head_len, head, body_len);
    } else {
        note(x, "%.*s:%.*s ", (int)head_len, head, (int)body_len, body);
    }
    if (!x->keeps)
        akt_session_release(x->s, akt_credit_of(body_len), 1, body_len);
    if (x->answers)
        say(x, "yes", NULL, 0);
}

static bool on_node(void *ctx, const char *bytes, size_t len)
{
    note(ctx, "node(%.*s) ", (int)len, bytes);
    return bytes[0] != '!';
}

static void on_credit(void *ctx)
{
    ((struct side *)ctx)->credits++;
}

static void on_pong(void *ctx, uint64_t said)
{
    note(ctx, "pong(%llu) ", (unsigned long long)said);
}

static void on_bye(void *ctx, const char *why, size_t len)
{
    note(ctx, "bye(%.*s) ", (int)len, why);
}

static const struct akt_session_events plain = {&a,        on_message, on_node,
                                                on_credit, on_pong,    on_bye};

static struct akt_session_events events[2];

static void open_side(struct side *x, struct akt_session_events *ev,
                      bool compress)
{
    memset(x, 0, sizeof *x);
    *ev = plain;
    ev->ctx = x;
    x->s = akt_session_create(&(struct akt_session_config){compress, ev});
}

static void open_both(bool compress)
{
    akt_msg_pool_release();
    akt_msg_pool_fini();
    bytes_before = akt_alloc_total();
    open_side(&a, &events[0], compress);
    open_side(&b, &events[1], compress);
}

/* Everything is given back, or it fails. */
static void close_both(void)
{
    akt_session_destroy(a.s);
    akt_session_destroy(b.s);
    akt_msg_pool_release();
    akt_msg_pool_fini();
    ck_assert_int_eq(akt_alloc_total(), bytes_before);
}

/* Writes up to `max` bytes, which the other one is fed in parts of `part`. */
static size_t carry(struct side *from, struct side *to, size_t max, size_t part)
{
    struct iovec v[IOVS];
    bool has_output = akt_session_has_output(from->s);
    int n = akt_session_fill(from->s, v, IOVS);
    ck_assert_int_eq(n > 0, has_output);
    size_t all = 0;
    for (int i = 0; i < n && all < max; i++)
        for (size_t at = 0; at < v[i].iov_len && all < max;) {
            size_t len = v[i].iov_len - at;
            len = len < part ? len : part;
            len = len < max - all ? len : max - all;
            /* of its own: what reads too far is seen by ASan */
            char *copy = malloc(len);
            memcpy(copy, (char *)v[i].iov_base + at, len);
            ck_assert_ptr_null(akt_session_feed(to->s, copy, len));
            free(copy);
            at += len;
            all += len;
        }
    akt_session_wrote(from->s, all);
    return all;
}

/* Until there is nothing to write. */
static void settle(size_t max, size_t part)
{
    size_t n;
    do {
        n = carry(&a, &b, max, part);
        n += carry(&b, &a, max, part);
    } while (n > 0);
    ck_assert(!akt_session_has_output(a.s) && !akt_session_has_output(b.s));
}

/* As bytes that were written but not read any more. */
static void lose(struct side *x, size_t max)
{
    struct iovec v[IOVS];
    int n = akt_session_fill(x->s, v, IOVS);
    size_t all = 0;
    for (int i = 0; i < n; i++)
        all += v[i].iov_len;
    akt_session_wrote(x->s, all < max ? all : max);
}

static void reconnect(void)
{
    uint64_t of_a = akt_session_received(a.s), of_b = akt_session_received(b.s);
    ck_assert(akt_session_can_resume(a.s, of_b));
    ck_assert(akt_session_can_resume(b.s, of_a));
    akt_session_resume(a.s, of_b);
    akt_session_resume(b.s, of_a);
}

static struct akt_session_stats stats(struct side *x)
{
    struct akt_session_stats st;
    akt_session_read(x->s, &st);
    return st;
}

/* ---- messages ---- */

START_TEST(a_frame_is_these_bytes)
{
    static const char expected[] = "\6\0\0\0\20\1\0\0\1\0\0\0\2hdbod";
    open_both(false);
    say(&a, "hd", "bod", 7);
    struct iovec v[2];
    ck_assert_int_eq(akt_session_fill(a.s, v, 2), 1);
    ck_assert_uint_eq(v[0].iov_len, sizeof expected - 1);
    ck_assert_mem_eq(v[0].iov_base, expected, sizeof expected - 1);
    close_both();
}
END_TEST

START_TEST(messages_arrive_in_order)
{
    open_both(false);
    say(&a, "h1", "one", 1);
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 3);
    memcpy(m->body, "two", 3);
    akt_session_send(a.s, &(struct akt_parcel){NULL, 0, m, 2});
    say(&a, "h3", NULL, 3);
    say(&b, "back", "", 0);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(b.heard, "h1:one :two h3: ");
    ck_assert_str_eq(a.heard, "back: ");
    close_both();
}
END_TEST

START_TEST(bytes_may_come_one_by_one)
{
    open_both(false);
    say(&a, "h1", "one", 1);
    say_long(&a, "mid", 5000, 1);
    say_long(&a, "long", AKT_WHOLE_MAX + 1, 1);
    say(&a, "h2", "two", 1);
    akt_session_ping(a.s, 5);
    settle(SIZE_MAX, 1);
    ck_assert_str_eq(b.heard, "h1:one mid:5000 long:131073 h2:two ");
    ck_assert_str_eq(a.heard, "pong(5) ");
    close_both();
}
END_TEST

START_TEST(bytes_may_be_written_one_by_one)
{
    open_both(false);
    say(&a, "h1", "one", 1);
    say_long(&a, "mid", 5000, 1);
    for (uint64_t i = 0; carry(&a, &b, 1, 1) > 0; i++) {
        if (i % 100 == 0)
            akt_session_ping(a.s, i);
        carry(&b, &a, 1, 1);
    }
    settle(1, 1);
    ck_assert_str_eq(b.heard, "h1:one mid:5000 ");
    ck_assert_uint_gt(a.len, 0);
    close_both();
}
END_TEST

START_TEST(all_lengths_arrive)
{
    static const size_t lens[] = {41,
                                  4095,
                                  4096,
                                  4097,
                                  32 << 10,
                                  AKT_FRAGMENT,
                                  AKT_WHOLE_MAX - 1,
                                  AKT_WHOLE_MAX,
                                  AKT_WHOLE_MAX + 1,
                                  2 * AKT_WHOLE_MAX + 100,
                                  3 * AKT_FRAGMENT,
                                  (1 << 20) + 5};
    char expected[400] = "";
    open_both(false);
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        say_long(&a, "x", lens[i], 1);
        size_t at = strlen(expected);
        snprintf(expected + at, sizeof expected - at, "x:%zu ", lens[i]);
    }
    settle(SIZE_MAX, 10007);
    ck_assert_str_eq(b.heard, expected);
    close_both();
}
END_TEST

static void take_block(void *ctx, const char *head, size_t head_len,
                       struct akt_msg *m)
{
    on_message(ctx, head, head_len, m->body, m->size);
    note(ctx, "block ");
    akt_msg_free(m);
}

START_TEST(a_long_message_can_be_taken_as_a_block)
{
    open_both(false);
    events[1].on_block = take_block;
    say_long(&a, "x", 1000000, 1);
    say_long(&a, "y", 1000, 1);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(b.heard, "x:1000000 block y:1000 ");
    close_both();
}
END_TEST

START_TEST(an_event_may_send)
{
    open_both(true);
    b.answers = true;
    say_long(&a, "x", 1000, 1);
    say(&a, "y", NULL, 1);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(a.heard, "yes: yes: ");
    close_both();
}
END_TEST

START_TEST(a_node_comes_before_what_was_sent_later)
{
    open_both(false);
    say_long(&a, "bulk", 1 << 20, 1);
    carry(&a, &b, 100, 100);
    akt_session_send_node(a.s, "n1", 2);
    say(&a, "x", "1", 2);
    say_long(&a, "later", 1 << 20, 3);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(b.heard, "node(n1) x:1 bulk:1048576 later:1048576 ");
    close_both();
}
END_TEST

/* ---- lanes ---- */

START_TEST(small_ones_overtake_a_long_one)
{
    open_both(false);
    say_long(&a, "bulk", 10 << 20, 1);
    carry(&a, &b, SIZE_MAX, SIZE_MAX);
    say(&a, "small", "1", 2);
    size_t n = carry(&a, &b, SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(b.heard, "small:1 ");
    ck_assert_uint_lt(n, 3 * AKT_FRAGMENT);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(b.heard, "small:1 bulk:10485760 ");
    close_both();
}
END_TEST

START_TEST(those_of_its_key_stay_behind_a_long_one)
{
    open_both(false);
    say_long(&a, "bulk", 1 << 20, 1);
    say(&a, "same", "1", 1);
    say(&a, "other", "2", 2);
    say(&a, "same", NULL, 1);
    say_long(&a, "next", 1 << 19, 2);
    say(&a, "other", "3", 2);
    say(&a, "free", "4", 3);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(b.heard, "other:2 free:4 bulk:1048576 same:1 same: "
                              "next:524288 other:3 ");
    say(&a, "same", "5", 1); /* not bulk any more */
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(b.heard + b.len - 7, "same:5 ");
    close_both();
}
END_TEST

/* Keys that a map cannot have, and many of them. */
START_TEST(all_keys_keep_their_order)
{
    open_both(false);
    say_long(&a, "l", 1 << 19, 0);
    say(&a, "0", NULL, 0);
    say_long(&a, "m", 1 << 19, UINT64_MAX);
    say(&a, "max", NULL, UINT64_MAX);
    for (uint64_t k = 1; k < 100; k++)
        say(&a, "x", NULL, k * UINT64_C(0x100000001));
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(b.heard + b.len - 26, "l:524288 0: m:524288 max: ");
    ck_assert_uint_eq(b.messages, 103);
    close_both();
}
END_TEST

START_TEST(a_long_one_gets_its_turn_among_many_small)
{
    open_both(false);
    say_long(&a, "bulk", 4 << 20, 1);
    for (int i = 0; i < 200; i++) { /* there is always more to write */
        for (int k = 0; k < 40; k++)
            say_long(&a, "s", 4000, 2);
        if (strstr(b.heard, "bulk"))
            break;
        b.len = 0;
        carry(&a, &b, 100000, SIZE_MAX);
        carry(&b, &a, SIZE_MAX, SIZE_MAX);
    }
    ck_assert_ptr_nonnull(strstr(b.heard, "bulk"));
    close_both();
}
END_TEST

START_TEST(control_goes_first_at_the_end_of_a_frame)
{
    open_both(false);
    for (int i = 0; i < 10; i++)
        say_long(&a, "x", 4000, 1);
    for (int i = 0; i < 10; i++)
        say_long(&a, "y", 5000, 1);
    for (uint64_t i = 1; i < 20; i++) {
        carry(&a, &b, 100 + i * 211, SIZE_MAX);
        akt_session_ping(a.s, i);
        carry(&a, &b, 5000 + 100, SIZE_MAX); /* the rest, and the ping */
        carry(&b, &a, SIZE_MAX, SIZE_MAX);
        char text[20];
        snprintf(text, sizeof text, "pong(%llu) ", (unsigned long long)i);
        ck_assert_str_eq(a.heard, text);
        a.len = 0;
    }
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_uint_eq(b.messages, 20);
    close_both();
}
END_TEST

START_TEST(many_pings_are_answered_once)
{
    open_both(false);
    for (uint64_t i = 0; i < 100; i++) {
        akt_session_ping(a.s, i);
        carry(&a, &b, SIZE_MAX, SIZE_MAX);
    }
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(a.heard, "pong(99) ");
    close_both();
}
END_TEST

START_TEST(only_what_was_asked_last_is_an_answer)
{
    static const char pong[] = "\10\0\0\0\42\0\0\0\0\0\0\0"
                               "\5\0\0\0\0\0\0\0";
    open_both(false);
    ck_assert_ptr_null(akt_session_feed(a.s, pong, 20));
    akt_session_ping(a.s, 4);
    ck_assert_ptr_null(akt_session_feed(a.s, pong, 20));
    ck_assert_str_eq(a.heard, "");
    akt_session_ping(a.s, 5);
    ck_assert_ptr_null(akt_session_feed(a.s, pong, 20));
    ck_assert_ptr_null(akt_session_feed(a.s, pong, 20));
    ck_assert_str_eq(a.heard, "pong(5) ");
    close_both();
}
END_TEST

/* ---- acknowledgements and credit ---- */

START_TEST(what_was_acknowledged_is_given_back)
{
    open_both(false);
    for (int i = 0; i < 300; i++)
        say(&a, "x", "body", 1);
    settle(SIZE_MAX, 1000); /* after 256 frames; the last ones are kept */
    ck_assert_uint_lt(stats(&a).unacked_bytes, 100 * 18);
    say_long(&a, "x", 100000, 1);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_uint_eq(stats(&a).unacked_bytes, 0);
    ck_assert_uint_eq(stats(&a).unsure_messages, 0);
    say(&a, "x", "body", 1);
    settle(SIZE_MAX, SIZE_MAX);
    say(&a, "x", "not written", 1);
    ck_assert_uint_gt(stats(&a).unacked_bytes, 0);
    ck_assert_uint_eq(stats(&a).unsure_messages, 2);
    say(&b, "y", "along", 1); /* takes an ACK with it */
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_uint_eq(stats(&a).unacked_bytes, 0);
    akt_session_ping(b.s, 1);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_uint_eq(stats(&b).unacked_bytes, 0);
    close_both();
}
END_TEST

START_TEST(few_unacknowledged_bytes_hold_no_long_body)
{
    open_both(false);
    say_long(&a, "x", 300000, 1); /* its last fragment is copied */
    say(&a, "y", "1", 2);
    carry(&a, &b, SIZE_MAX, SIZE_MAX);
    while (carry(&a, &b, 50000, SIZE_MAX) > 0)
        carry(&b, &a, SIZE_MAX, SIZE_MAX);
    settle(SIZE_MAX, SIZE_MAX);
    akt_session_ping(a.s, 1);
    settle(SIZE_MAX, SIZE_MAX);
    akt_session_ping(a.s, 2);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_int_lt(akt_alloc_total() - bytes_before, 100000);
    close_both();
}
END_TEST

START_TEST(credit_of_messages_ends_and_comes_back)
{
    open_both(false);
    b.keeps = b.counts = true;
    for (uint64_t i = 0; i < AKT_CREDIT_MESSAGES; i++) {
        ck_assert(akt_session_has_credit(a.s, AKT_CREDIT_SHORT));
        akt_session_send(
            a.s, &(struct akt_parcel){(const char *)&i, sizeof i, NULL, 1});
    }
    ck_assert(!akt_session_has_credit(a.s, AKT_CREDIT_SHORT));
    ck_assert(!akt_session_has_credit(a.s, AKT_CREDIT_LONG));
    ck_assert_uint_eq(stats(&a).credit_messages, 0);
    settle(SIZE_MAX, 100000);
    ck_assert(!akt_session_has_credit(a.s, AKT_CREDIT_SHORT));
    akt_session_release(b.s, AKT_CREDIT_SHORT, AKT_CREDIT_MESSAGES / 4 - 1, 0);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_uint_eq(a.credits, 0);
    akt_session_release(b.s, AKT_CREDIT_SHORT, 1, 0);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_uint_eq(a.credits, 1);
    ck_assert(akt_session_has_credit(a.s, AKT_CREDIT_SHORT));
    ck_assert_uint_eq(stats(&a).credit_messages, AKT_CREDIT_MESSAGES / 4);
    close_both();
}
END_TEST

START_TEST(credit_of_bytes_ends_with_one_message_more)
{
    open_both(false);
    b.keeps = true;
    say_long(&a, "x", AKT_CREDIT_BYTES - 1, 1);
    ck_assert(akt_session_has_credit(a.s, AKT_CREDIT_LONG));
    say_long(&a, "x", 20 << 20, 1);
    ck_assert(!akt_session_has_credit(a.s, AKT_CREDIT_LONG));
    settle(SIZE_MAX, SIZE_MAX);
    akt_session_release(b.s, AKT_CREDIT_LONG, 2, (28 << 20) - 1);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_uint_eq(a.credits, 1);
    ck_assert_uint_eq(stats(&a).credit_bytes[AKT_CREDIT_LONG],
                      AKT_CREDIT_BYTES);
    close_both();
}
END_TEST

START_TEST(what_is_long_takes_no_credit_of_others)
{
    open_both(false);
    b.keeps = true;
    say_long(&a, "x", 20 << 20, 1);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert(!akt_session_has_credit(a.s, AKT_CREDIT_LONG));
    for (int i = 0; i < 8 * 16; i++) {
        ck_assert(akt_session_has_credit(a.s, AKT_CREDIT_SHORT));
        say_long(&a, "x", 65536, 2);
    }
    ck_assert(!akt_session_has_credit(a.s, AKT_CREDIT_SHORT));
    settle(SIZE_MAX, SIZE_MAX);
    akt_session_release(b.s, AKT_CREDIT_SHORT, 128, 8 << 20);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert(akt_session_has_credit(a.s, AKT_CREDIT_SHORT));
    ck_assert(!akt_session_has_credit(a.s, AKT_CREDIT_LONG));
    akt_session_release(b.s, AKT_CREDIT_LONG, 1, 20 << 20);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert(akt_session_has_credit(a.s, AKT_CREDIT_LONG));
    ck_assert_uint_eq(a.credits, 2);
    close_both();
}
END_TEST

START_TEST(no_more_is_written_than_can_be_kept)
{
    size_t all = 0, n;
    open_both(false);
    for (int i = 0; i < 300; i++)
        say_long(&a, "x", 100000, 1);
    while ((n = carry(&a, &b, SIZE_MAX, SIZE_MAX)) > 0)
        all += n;
    ck_assert_uint_eq(all, AKT_RETAIN_BYTES);
    ck_assert(!akt_session_has_output(a.s));
    akt_session_ping(a.s, 1); /* behind the frame that was begun */
    ck_assert(akt_session_has_output(a.s));
    ck_assert_uint_lt(carry(&a, &b, SIZE_MAX, SIZE_MAX), 100100);
    carry(&b, &a, SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(a.heard, "pong(1) ");
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_uint_eq(b.messages, 300);
    close_both();
}
END_TEST

START_TEST(an_ack_may_come_before_we_know_it_is_written)
{
    struct iovec v[IOVS];
    open_both(false);
    for (int i = 0; i < 300; i++)
        say(&a, "x", "body", 1);
    say_long(&a, "y", 80000, 1);
    int n = akt_session_fill(a.s, v, IOVS);
    for (int i = 0; i < n; i++)
        ck_assert_ptr_null(akt_session_feed(b.s, v[i].iov_base, v[i].iov_len));
    carry(&b, &a, SIZE_MAX, SIZE_MAX); /* acknowledges all */
    size_t all = 0;
    char sum = 0;
    for (int i = 0; i < n; i++) { /* and all is still there, for ASan */
        sum += ((char *)v[i].iov_base)[v[i].iov_len - 1];
        all += v[i].iov_len;
    }
    note(&a, "%d", sum);
    say(&a, "z", "more", 1);
    akt_session_wrote(a.s, all);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_uint_eq(b.messages, 302);
    close_both();
}
END_TEST

/* ---- over to the next connection ---- */

START_TEST(what_was_lost_is_sent_again)
{
    open_both(false);
    say(&a, "h1", "one", 1);
    settle(SIZE_MAX, SIZE_MAX);
    say(&a, "h2", "two", 1);
    say_long(&a, "h3", 5000, 1);
    lose(&a, SIZE_MAX);
    say(&a, "h4", "four", 1);
    reconnect();
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(b.heard, "h1:one h2:two h3:5000 h4:four ");
    ck_assert_uint_eq(stats(&a).resent, 2);
    close_both();
}
END_TEST

/* Breaks after every number of bytes, also in the middle of frames. */
START_TEST(any_byte_may_be_the_last)
{
    for (size_t cut = 1; cut < 6000; cut += 37) {
        open_both(false);
        say(&a, "h1", "one", 1);
        say_long(&a, "h2", 1000, 1);
        say_long(&a, "h3", 4500, 1);
        say(&a, "h4", "four", 1);
        carry(&a, &b, cut, 100);
        lose(&a, cut / 2);
        reconnect();
        carry(&a, &b, cut, 1000);
        reconnect();
        say(&a, "h5", "five", 1);
        settle(SIZE_MAX, SIZE_MAX);
        ck_assert_str_eq(b.heard, "h1:one h2:1000 h3:4500 h4:four h5:five ");
        close_both();
    }
}
END_TEST

START_TEST(a_long_message_goes_on_in_its_middle)
{
    open_both(false);
    say_long(&a, "bulk", 8 << 20, 1);
    for (int i = 0; i < 60; i++) {
        carry(&a, &b, 200000, SIZE_MAX);
        lose(&a, (size_t)i * 5000);
        if (i % 3 == 0)
            carry(&b, &a, 20, SIZE_MAX);
        reconnect();
        ck_assert_uint_lt(stats(&a).unacked_bytes, AKT_RETAIN_BYTES);
    }
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(b.heard, "bulk:8388608 ");
    close_both();
}
END_TEST

START_TEST(control_that_was_lost_is_said_again)
{
    open_both(false);
    b.keeps = true;
    for (int i = 0; i < 300; i++)
        say(&a, "x", "body", 1);
    while (carry(&a, &b, SIZE_MAX, SIZE_MAX) > 0)
        ;
    akt_session_release(b.s, AKT_CREDIT_SHORT, 300, 1200);
    akt_session_ping(b.s, 7);
    akt_session_bye(b.s, "done");
    lose(&b, SIZE_MAX);
    lose(&b, SIZE_MAX);
    ck_assert(!akt_session_has_output(b.s));
    reconnect();
    carry(&b, &a, SIZE_MAX, SIZE_MAX);
    carry(&a, &b, SIZE_MAX, SIZE_MAX);
    ck_assert_uint_eq(stats(&a).unacked_bytes, 0);
    ck_assert_uint_eq(stats(&a).credit_messages, AKT_CREDIT_MESSAGES);
    ck_assert_str_eq(a.heard, "bye(done) ");
    ck_assert_str_eq(b.heard + b.len - 8, "pong(7) ");
    close_both();
}
END_TEST

START_TEST(only_what_is_kept_can_be_resumed)
{
    open_both(false);
    ck_assert(akt_session_can_resume(a.s, 0));
    ck_assert(!akt_session_can_resume(a.s, 1));
    say(&a, "x", "1", 1);
    ck_assert(!akt_session_can_resume(a.s, 1)); /* was never written */
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert(akt_session_can_resume(a.s, 1));
    ck_assert(akt_session_can_resume(a.s, 0));
    say(&b, "y", "along", 1);
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert(akt_session_can_resume(a.s, 1));
    ck_assert(!akt_session_can_resume(a.s, 0)); /* is gone */
    close_both();
}
END_TEST

/* As after four thousand million frames. */
static void number_from(struct side *from, struct side *to, uint64_t frames)
{
    struct akt_sendbuf *out = &from->s->out;
    out->last = out->given = out->acked = frames;
    to->s->in.frames = to->s->control.said.frames = frames;
}

START_TEST(numbers_go_on_over_32_bits)
{
    open_both(false);
    number_from(&a, &b, UINT32_MAX - 3);
    number_from(&b, &a, UINT32_MAX);
    say(&b, "x", "1", 1);
    for (int i = 0; i < 8; i++)
        say(&a, "y", (char[]){(char)('0' + i), 0}, 1);
    carry(&a, &b, 70, SIZE_MAX); /* into the middle of the fifth */
    ck_assert_uint_eq(stats(&a).queued_messages, 4);
    carry(&b, &a, SIZE_MAX, SIZE_MAX);
    lose(&a, SIZE_MAX);
    reconnect();
    ck_assert_uint_eq(akt_session_received(b.s), UINT32_MAX + UINT64_C(1));
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(b.heard, "y:0 y:1 y:2 y:3 y:4 y:5 y:6 y:7 ");
    ck_assert_str_eq(a.heard, "x:1 ");
    ck_assert_uint_eq(stats(&a).resent, 4);
    close_both();
}
END_TEST

/* ---- the end ---- */

START_TEST(bye_comes_behind_all_that_was_sent)
{
    open_both(false);
    say_long(&a, "bulk", 1 << 20, 1);
    say(&a, "x", "1", 2);
    akt_session_bye(a.s, "node is ending");
    say(&a, "x", "2", 2);
    akt_session_send_node(a.s, "n", 1);
    akt_session_bye(a.s, "again");
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_str_eq(b.heard, "x:1 bulk:1048576 bye(node is ending) ");
    akt_session_ping(a.s, 1);
    ck_assert(!akt_session_has_output(a.s));
    ck_assert_int_eq(carry(&a, &b, SIZE_MAX, SIZE_MAX), 0);
    ck_assert_str_eq(akt_session_feed(b.s, "\0\0\0\0\43\0\0\0\0\0\0\0", 12),
                     "ended");
    close_both();
}
END_TEST

/* ---- refusals ---- */

/* A frame of these fields, whose payload is zero or `bytes`. */
static const char *feed_frame(struct side *x, struct akt_frame f,
                              const char *bytes)
{
    static char frame[1 << 18];
    akt_frame_put(frame, &f);
    memset(frame + AKT_FRAME_HEAD, 0, 1 << 10);
    if (bytes)
        memcpy(frame + AKT_FRAME_HEAD, bytes, f.len);
    return akt_session_feed(x->s, frame,
                            AKT_FRAME_HEAD + (f.len < 100000 ? f.len : 0));
}

static void refuses(const char *why, struct akt_frame f, const char *bytes)
{
    open_both(true);
    const char *got = feed_frame(&a, f, bytes);
    ck_assert_msg(got && strcmp(got, why) == 0, "%s, not %s",
                  got ? got : "taken", why);
    ck_assert_str_eq(akt_session_feed(a.s, "x", 1), why);
    ck_assert(!akt_session_has_output(a.s));
    ck_assert(!akt_session_can_resume(a.s, 0));
    say(&a, "x", "y", 1);
    struct iovec v[1];
    ck_assert_int_eq(akt_session_fill(a.s, v, 1), 0);
    close_both();
}

START_TEST(heads_that_are_wrong_are_refused)
{
    refuses("type", (struct akt_frame){1, 0, 0, 0, 0}, NULL);
    refuses("type", (struct akt_frame){1, 1, 0, 0, 0}, NULL);
    refuses("type", (struct akt_frame){1, 36, 0, 0, 0}, NULL);
    refuses("type", (struct akt_frame){1, 255, 0, 0, 0}, NULL);
    refuses("length", (struct akt_frame){0, 16, 1, 0, 1}, NULL);
    refuses("length", (struct akt_frame){AKT_FRAME_MAX, 16, 1, 0, 1}, NULL);
    refuses("length", (struct akt_frame){UINT32_MAX, 16, 1, 0, 1}, NULL);
    refuses("length", (struct akt_frame){AKT_NODE_MAX + 1, 18, 1, 0, 1}, NULL);
    refuses("length", (struct akt_frame){23, 32, 0, 0, 0}, NULL);
    refuses("length", (struct akt_frame){9, 33, 0, 0, 0}, NULL);
    refuses("length", (struct akt_frame){256, 35, 0, 0, 0}, NULL);
    refuses("lane", (struct akt_frame){1, 16, 0, 0, 1}, NULL);
    refuses("lane", (struct akt_frame){1, 16, 3, 0, 1}, NULL);
    refuses("lane", (struct akt_frame){1, 17, 1, 0, 1}, NULL);
    refuses("lane", (struct akt_frame){1, 18, 2, 0, 1}, NULL);
    refuses("lane", (struct akt_frame){8, 33, 1, 0, 0}, NULL);
    refuses("flags", (struct akt_frame){1, 16, 1, 2, 1}, NULL);
    refuses("flags", (struct akt_frame){1, 16, 1, 0x8000, 1}, NULL);
    refuses("flags", (struct akt_frame){8, 33, 0, 1, 0}, NULL);
    refuses("flags", (struct akt_frame){8, 18, 1, 1, 1}, NULL);
    refuses("sequence", (struct akt_frame){8, 33, 0, 0, 1}, NULL);
}
END_TEST

START_TEST(payloads_that_are_wrong_are_refused)
{
    refuses("sequence", (struct akt_frame){1, 16, 1, 0, 0}, NULL);
    refuses("sequence", (struct akt_frame){1, 16, 1, 0, 2}, NULL);
    refuses("head", (struct akt_frame){3, 16, 1, 0, 1}, "\3ab");
    refuses("node", (struct akt_frame){1, 18, 1, 0, 1}, "!");
    refuses("fragment", (struct akt_frame){1, 17, 2, 0, 1}, "x");
    refuses("fragment", (struct akt_frame){4, 17, 2, 2, 1}, "\0\0\1\0");
    refuses("fragment", (struct akt_frame){5, 17, 2, 2, 1}, "\0\0\1\0\0");
    refuses("length", (struct akt_frame){6, 17, 2, 2, 1}, "\0\0\0\0\0a");
    refuses("length", (struct akt_frame){6, 17, 2, 2, 1}, "\1\0\0\0\0a");
    refuses("length", (struct akt_frame){6, 17, 2, 2, 1}, "\1\0\0\4\0a");
    refuses("length", (struct akt_frame){6, 17, 2, 2, 1},
            "\377\377\377\377\0a");
    refuses("head", (struct akt_frame){6, 17, 2, 2, 1}, "\0\0\1\0\2a");
    refuses("compressed size", (struct akt_frame){4, 16, 1, 1, 1}, "abcd");
}
END_TEST

START_TEST(fragments_have_to_fit)
{
    static const char first[] = "\0\20\0\0\0a", more[4096];
    struct akt_frame f = {6, 17, 2, 2, 1}; /* of 4096 bytes */
    struct akt_frame twice = {6, 17, 2, 2, 2}, too_much = {4096, 17, 2, 0, 2};
    open_both(false);
    ck_assert_ptr_null(feed_frame(&a, f, first));
    ck_assert_str_eq(feed_frame(&a, twice, first), "fragment");
    close_both();
    open_both(false);
    ck_assert_ptr_null(feed_frame(&a, f, first));
    ck_assert_str_eq(feed_frame(&a, too_much, more), "fragment");
    close_both();
}
END_TEST

static const char *feed_ack(struct side *x, uint64_t frames, uint64_t messages,
                            uint64_t bytes)
{
    char p[AKT_ACK_BYTES];
    akt_put64(p, frames);
    akt_put64(p + 8, messages);
    akt_put64(p + 16, bytes);
    akt_put64(p + 24, 0);
    return feed_frame(x, (struct akt_frame){sizeof p, 32, 0, 0, 0}, p);
}

static void refuses_ack(const char *why, uint64_t frames, uint64_t messages,
                        uint64_t bytes)
{
    open_both(false);
    for (int i = 0; i < 3; i++)
        say(&a, "x", "1234", 1);
    carry(&a, &b, SIZE_MAX, SIZE_MAX);
    say(&a, "x", "1234", 1); /* has not been written */
    ck_assert_ptr_null(feed_ack(&a, 2, 2, 8));
    ck_assert_ptr_null(feed_ack(&a, 2, 2, 8));
    ck_assert_str_eq(feed_ack(&a, frames, messages, bytes), why);
    close_both();
}

START_TEST(acknowledgements_are_not_believed)
{
    refuses_ack("ack", 1, 2, 8);
    refuses_ack("ack", 4, 2, 8);
    refuses_ack("ack", UINT64_MAX, 2, 8);
    refuses_ack("credit", 2, 1, 8);
    refuses_ack("credit", 2, 5, 8);
    refuses_ack("credit", 2, 2, 7);
    refuses_ack("credit", 2, 2, 17);
    refuses_ack("credit", 2, UINT64_MAX, 8);
}
END_TEST

START_TEST(memory_grows_with_what_came)
{
    char first[] = "\0\0\0\4\1h0123456789"; /* of 64 MiB */
    open_both(false);
    ck_assert_ptr_null(feed_frame(
        &a, (struct akt_frame){sizeof first - 1, 17, 2, 2, 1}, first));
    char head[AKT_FRAME_HEAD];
    akt_frame_put(head, &(struct akt_frame){1000000, 16, 1, 0, 2});
    ck_assert_ptr_null(akt_session_feed(a.s, head, sizeof head));
    ck_assert_int_lt(akt_alloc_total() - bytes_before, 300000);
    close_both();
}
END_TEST

/* ---- compression ---- */

static struct akt_msg *wanted;

static void on_wanted(void *ctx, const char *head, size_t head_len,
                      const char *body, size_t body_len)
{
    ck_assert_uint_eq(body_len, wanted->size);
    ck_assert_mem_eq(body, wanted->body, body_len);
    on_message(ctx, head, head_len, body, body_len);
}

START_TEST(what_gets_smaller_is_packed)
{
    open_both(true);
    events[1].on_message = on_wanted;
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 20000);
    for (size_t i = 0; i < m->size; i++)
        m->body[i] = (char)("abcdefgh"[i % 8] + i / 997);
    wanted = akt_msg_new(AKT_MSG_USER, 20000);
    memcpy(wanted->body, m->body, 20000);
    b.counts = true;
    uint64_t number = 0;
    akt_session_send(
        a.s, &(struct akt_parcel){(char *)&number, sizeof number, m, 1});
    size_t n = carry(&a, &b, SIZE_MAX, SIZE_MAX);
    ck_assert_uint_lt(n, 5000);
    ck_assert_uint_eq(b.bytes, 20000);
    ck_assert_uint_eq(stats(&a).raw_bytes, 20000 + 9);
    ck_assert_uint_eq(stats(&a).packed_bytes, n - AKT_FRAME_HEAD);
    akt_msg_free(wanted);
    close_both();
}
END_TEST

/* However small it gets: others want the session meanwhile. */
START_TEST(little_is_packed_at_a_time)
{
    struct iovec v[IOVS];
    open_both(true);
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 8 << 20);
    for (size_t i = 0; i < m->size; i++)
        m->body[i] = (char)(i >> 7);
    akt_session_send(a.s, &(struct akt_parcel){NULL, 0, m, 1});
    ck_assert_int_gt(akt_session_fill(a.s, v, IOVS), 0);
    ck_assert_uint_gt(stats(&a).raw_bytes, AKT_FRAGMENT);
    ck_assert_uint_lt(stats(&a).packed_bytes, 10000);
    ck_assert_uint_lt(stats(&a).raw_bytes, 3 * AKT_FRAGMENT);
    close_both();
}
END_TEST

START_TEST(what_does_not_get_smaller_is_not_packed)
{
    struct akt_random random;
    akt_random_seed(&random, 1);
    open_both(true);
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 20000);
    for (size_t i = 0; i < m->size; i++)
        m->body[i] = (char)akt_random_below(&random, 256);
    b.counts = true;
    uint64_t number = 0;
    akt_session_send(
        a.s, &(struct akt_parcel){(char *)&number, sizeof number, m, 1});
    ck_assert_uint_eq(carry(&a, &b, SIZE_MAX, SIZE_MAX),
                      AKT_FRAME_HEAD + 1 + 8 + 20000);
    ck_assert_uint_eq(stats(&a).raw_bytes, 0);
    close_both();
}
END_TEST

START_TEST(packed_lengths_arrive)
{
    static const size_t lens[] = {
        41, 500, 600, 4097, AKT_WHOLE_MAX, AKT_WHOLE_MAX + 1, 300000};
    char expected[200] = "";
    open_both(true);
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        say_long(&a, "x", lens[i], 1);
        size_t at = strlen(expected);
        snprintf(expected + at, sizeof expected - at, "x:%zu ", lens[i]);
    }
    carry(&a, &b, 70001, 1000);
    reconnect();
    settle(SIZE_MAX, 10007);
    ck_assert_str_eq(b.heard, expected);
    ck_assert_uint_gt(stats(&a).packed_bytes, 0);
    close_both();
}
END_TEST

/* All zero: is not packed as small as it could be, and so taken. */
START_TEST(nothing_is_packed_over_the_ratio)
{
    open_both(true);
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, AKT_WHOLE_MAX);
    memset(m->body, 0, m->size);
    b.counts = true;
    uint64_t number = 0;
    akt_session_send(
        a.s, &(struct akt_parcel){(char *)&number, sizeof number, m, 1});
    settle(SIZE_MAX, SIZE_MAX);
    ck_assert_uint_eq(b.bytes, AKT_WHOLE_MAX);
    close_both();
}
END_TEST

static void refuses_packed(const char *why, size_t raw_len, int fill,
                           size_t cut)
{
    static char packed[200000];
    char *raw = malloc(raw_len);
    for (size_t i = 0; i < raw_len; i++)
        raw[i] = (char)(fill ? fill : (int)(i >> 6) * 31);
    size_t n = ZSTD_compress(packed, sizeof packed, raw, raw_len, 1);
    ck_assert(!ZSTD_isError(n));
    refuses(why, (struct akt_frame){(uint32_t)(n - cut), 16, 1, 1, 1}, packed);
    free(raw);
}

START_TEST(bombs_are_refused)
{
    refuses_packed("compressed size", 1 << 20, 0, 0);
    refuses_packed("compressed size", 200 << 10, 0, 0);
    refuses_packed("compressed size", 100 << 10, 1, 0); /* the ratio */
    refuses_packed("compressed", 4 << 10, 0, 1);
    refuses_packed("head", 200, 0xff, 0); /* could be unpacked */
}
END_TEST

START_TEST(nobody_packs_who_did_not_say_so)
{
    open_both(false);
    ck_assert_str_eq(feed_frame(&a, (struct akt_frame){4, 16, 1, 1, 1}, "abcd"),
                     "flags");
    close_both();
}
END_TEST

/* What was kept for the next messages goes when none came. */
START_TEST(an_idle_session_is_small)
{
    open_both(true);
    say_long(&a, "x", 100000, 1);
    say_long(&a, "x", 1000000, 1);
    settle(SIZE_MAX, 50001);
    for (uint64_t i = 0; i < 3; i++) {
        akt_session_ping(a.s, i);
        settle(SIZE_MAX, SIZE_MAX);
    }
    ck_assert_int_lt(akt_alloc_total() - bytes_before, 8192);
    close_both();
}
END_TEST

CHECK_MAIN(
    "session", a_frame_is_these_bytes, messages_arrive_in_order,
    bytes_may_come_one_by_one, bytes_may_be_written_one_by_one,
    all_lengths_arrive, a_long_message_can_be_taken_as_a_block,
    an_event_may_send, a_node_comes_before_what_was_sent_later,
    small_ones_overtake_a_long_one, those_of_its_key_stay_behind_a_long_one,
    all_keys_keep_their_order, a_long_one_gets_its_turn_among_many_small,
    control_goes_first_at_the_end_of_a_frame, many_pings_are_answered_once,
    only_what_was_asked_last_is_an_answer, what_was_acknowledged_is_given_back,
    few_unacknowledged_bytes_hold_no_long_body,
    credit_of_messages_ends_and_comes_back,
    credit_of_bytes_ends_with_one_message_more,
    what_is_long_takes_no_credit_of_others, no_more_is_written_than_can_be_kept,
    an_ack_may_come_before_we_know_it_is_written, what_was_lost_is_sent_again,
    any_byte_may_be_the_last, a_long_message_goes_on_in_its_middle,
    control_that_was_lost_is_said_again, only_what_is_kept_can_be_resumed,
    numbers_go_on_over_32_bits, bye_comes_behind_all_that_was_sent,
    heads_that_are_wrong_are_refused, payloads_that_are_wrong_are_refused,
    fragments_have_to_fit, acknowledgements_are_not_believed,
    memory_grows_with_what_came, what_gets_smaller_is_packed,
    little_is_packed_at_a_time, what_does_not_get_smaller_is_not_packed,
    packed_lengths_arrive, nothing_is_packed_over_the_ratio, bombs_are_refused,
    nobody_packs_who_did_not_say_so, an_idle_session_is_small)
