/* SPDX-License-Identifier: MIT */
#include "net/wire.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/base/buf.h"
#include "vm/names.h"
#include "vm/remote.h"

#define NOW 5000000000ull
#define MS 1000000ull
#define FIXED 20
#define HELLO "\xa5hello"

static const akt_pid target = {(uint64_t)7 << 48 | 0x123456789ull};
static const akt_pid sender = {(uint64_t)1 << 48 | 0xabcdef012ull};

/* A message as it lies between two nodes. */
struct sent {
    char head[AKT_WIRE_HEAD_MAX];
    size_t head_len;
    struct akt_msg *body;
};

/* Takes m. */
static struct sent sent(struct akt_msg *m)
{
    struct sent s;
    s.head_len = akt_wire_head(m, NOW, s.head);
    s.body = akt_wire_body(m);
    return s;
}

static struct akt_msg *read_bytes(const char *head, size_t head_len,
                                  const char *body, size_t body_len,
                                  struct akt_wire_in *in)
{
    /* so that ASan knows where they end */
    char *h = malloc(head_len + 1), *b = malloc(body_len + 1);
    memcpy(h, head, head_len);
    if (body_len)
        memcpy(b, body, body_len);
    *in = (struct akt_wire_in){.head = h,
                               .body = b,
                               .head_len = head_len,
                               .body_len = body_len,
                               .now_ns = 2 * NOW};
    struct akt_msg *m = akt_wire_read(in);
    static char name[AKT_NAME_MAX];
    if (in->name)
        in->name = memcpy(name, in->name, in->name_len);
    free(h);
    free(b);
    return m;
}

static struct akt_msg *receive(const struct sent *s)
{
    struct akt_wire_in in;
    return read_bytes(s->head, s->head_len, s->body->body, s->body->size, &in);
}

static bool is_taken(const struct sent *s)
{
    struct akt_msg *m = receive(s);
    akt_msg_free(m);
    return m != NULL;
}

static struct akt_msg *dressed(struct akt_msg *m)
{
    m->target = target;
    m->sender = sender;
    return m;
}

static struct akt_msg *with_body(enum akt_msg_type type, const char *body)
{
    size_t len = strlen(body);
    struct akt_msg *m = type == AKT_MSG_USER ? akt_msg_new_ack(type, len)
                                             : akt_msg_new(type, len);
    memcpy(m->body, body, len);
    return dressed(m);
}

/* What akt_wire_read takes of this type. */
static struct akt_msg *sound(enum akt_msg_type type)
{
    struct akt_msg *m;
    bool reason =
        type == AKT_MSG_EXIT || type == AKT_MSG_DOWN || type == AKT_MSG_STOP;
    if (reason)
        m = dressed(
            akt_msg_with_reason(type, akt_reason_make(AKT_CRASH, HELLO, 6)));
    else if (type == AKT_MSG_USER || type == AKT_MSG_REPLY)
        m = with_body(type, HELLO "\x01");
    else
        m = with_body(type, "");
    if (type == AKT_MSG_MONITOR || type == AKT_MSG_DEMONITOR ||
        type == AKT_MSG_DOWN || type == AKT_MSG_REPLY || type == AKT_MSG_INFO)
        m->ask = 1ull << 63 | 77;
    return m;
}

static void check_same(const struct akt_msg *got, const struct akt_msg *want)
{
    ck_assert_int_eq(got->type, want->type);
    ck_assert_uint_eq(got->sender.bits, sender.bits);
    ck_assert_uint_eq(got->target.bits,
                      (target.bits & (UINT64_MAX >> 16)) | 1ull << 48);
    ck_assert_uint_eq(got->ask, want->ask);
    ck_assert_uint_eq(got->trace, want->trace);
    ck_assert_uint_eq(got->origin.bits, want->origin.bits);
    ck_assert_mem_eq(&got->parent, &want->parent, sizeof want->parent);
    ck_assert_int_eq(got->code, want->code);
    ck_assert_int_eq(got->flags & AKT_MSG_REASON, want->flags & AKT_MSG_REASON);
    if (want->flags & AKT_MSG_REASON) {
        const struct akt_reason *a = akt_msg_reason(got);
        const struct akt_reason *b = akt_msg_reason(want);
        ck_assert_int_eq(a->code, b->code);
        ck_assert_uint_eq(a->len, b->len);
        ck_assert_mem_eq(a->bytes, b->bytes, b->len);
    } else {
        ck_assert_uint_eq(got->size, want->size);
        ck_assert_mem_eq(got->body, want->body, want->size);
    }
}

/* Two of a kind: one travels, one is compared. */
static void check_trip(struct akt_msg *m, struct akt_msg *same)
{
    struct sent s = sent(m);
    ck_assert_uint_le(s.head_len, AKT_WIRE_HEAD_MAX);
    struct akt_msg *got = receive(&s);
    ck_assert_ptr_nonnull(got);
    check_same(got, same);
    akt_msg_free(got);
    akt_msg_free(same);
    akt_msg_free(s.body);
}

START_TEST(every_type_that_may_travel)
{
    int n = 0;
    for (unsigned t = 0; t <= AKT_MSG_TASK; t++)
        if (akt_wire_may_travel((enum akt_msg_type)t)) {
            check_trip(sound((enum akt_msg_type)t),
                       sound((enum akt_msg_type)t));
            n++;
        }
    ck_assert_int_eq(n, 13);
}
END_TEST

START_TEST(all_other_types_are_refused)
{
    for (unsigned t = 0; t < 256; t++) {
        struct sent s = sent(with_body(AKT_MSG_STOP, ""));
        s.head[0] = (char)t;
        bool may = akt_wire_may_travel((enum akt_msg_type)t);
        bool bare = t == AKT_MSG_USER || t == AKT_MSG_KILL ||
                    t == AKT_MSG_LINK || t == AKT_MSG_UNLINK ||
                    t == AKT_MSG_RESTART_ASKED || t == AKT_MSG_REINSTATE ||
                    t == AKT_MSG_INFO;
        ck_assert(may || !bare);
        ck_assert_msg(is_taken(&s) == bare, "type %u", t);
        akt_msg_free(s.body);
    }
}
END_TEST

static struct akt_msg *full(void)
{
    struct akt_msg *m = sound(AKT_MSG_USER);
    m->ask = 1ull << 63 | 5;
    m->deadline_ns = NOW + 1234 * MS + 1;
    m->trace = 99;
    memset(&m->parent, 'p', sizeof m->parent);
    m->origin = (akt_pid){3ull << 48 | 17};
    return m;
}

START_TEST(ask_deadline_and_cause_go_along)
{
    struct sent s = sent(full());
    ck_assert_uint_eq(s.head_len, AKT_WIRE_HEAD_MAX);
    struct akt_msg *got = receive(&s), *want = full();
    ck_assert_ptr_nonnull(got);
    check_same(got, want);
    ck_assert_uint_eq(got->deadline_ns, 2 * NOW + 1234 * MS);
    ck_assert(got->flags & AKT_MSG_ACK); /* it may have to wait */
    ck_assert_uint_eq(akt_msg_ack_of(got)->id, 0);
    akt_msg_free(got);
    akt_msg_free(want);
    akt_msg_free(s.body);
}
END_TEST

static uint64_t left_of(uint64_t deadline_ns)
{
    struct akt_msg *m = full();
    m->deadline_ns = deadline_ns;
    struct sent s = sent(m);
    struct akt_msg *got = receive(&s);
    ck_assert_ptr_nonnull(got);
    uint64_t left = got->deadline_ns - 2 * NOW;
    akt_msg_free(got);
    akt_msg_free(s.body);
    return left;
}

START_TEST(a_deadline_stays_one)
{
    ck_assert_uint_eq(left_of(NOW - 7), MS); /* over: as soon as can be */
    ck_assert_uint_eq(left_of(NOW), MS);
    ck_assert_uint_eq(left_of(NOW + 2 * MS - 1), MS);
    ck_assert_uint_eq(left_of(UINT64_MAX), UINT32_MAX * MS);
    struct sent s = sent(full());
    memset(s.head + FIXED + 8, 0, 4);
    ck_assert(!is_taken(&s)); /* "at least 1" */
    akt_msg_free(s.body);
}
END_TEST

START_TEST(a_tick_has_no_cause)
{
    struct akt_msg *m = full();
    m->flags |= AKT_MSG_TICK;
    struct sent s = sent(m);
    struct akt_msg *got = receive(&s);
    ck_assert_ptr_nonnull(got);
    ck_assert_uint_eq(got->trace, 0);
    ck_assert(!(got->flags & AKT_MSG_TICK));
    akt_msg_free(got);
    akt_msg_free(s.body);
}
END_TEST

START_TEST(a_reply_may_be_an_error)
{
    for (int i = 0; i < 2; i++) {
        struct akt_msg *m[2];
        for (int k = 0; k < 2; k++) {
            m[k] = i ? dressed(akt_msg_with_reason(
                           AKT_MSG_REPLY, akt_reason_of(AKT_OVERLOADED)))
                     : sound(AKT_MSG_REPLY);
            m[k]->ask = 1ull << 63 | 9;
            m[k]->code = i ? AKT_OVERLOADED : AKT_OK;
        }
        check_trip(m[0], m[1]);
    }
    struct akt_msg *m = dressed(
        akt_msg_with_reason(AKT_MSG_REPLY, akt_reason_of(AKT_OVERLOADED)));
    m->ask = 1;
    struct sent s = sent(m); /* a reason, and it is none */
    ck_assert(!is_taken(&s));
    akt_msg_free(s.body);
}
END_TEST

/* The flags that a message of a type arrives with, when all are set. */
static unsigned flags_that_pass(enum akt_msg_type type)
{
    struct sent s = sent(sound(type));
    s.head[1] = (char)0xff;
    struct akt_msg *got = receive(&s);
    ck_assert_ptr_nonnull(got);
    unsigned flags = got->flags;
    akt_msg_free(got);
    akt_msg_free(s.body);
    return flags;
}

START_TEST(flags_that_may_not_travel_do_not)
{
    unsigned both = AKT_MSG_RESTARTED | AKT_MSG_REASON;
    ck_assert_uint_eq(flags_that_pass(AKT_MSG_USER), AKT_MSG_ACK);
    ck_assert_uint_eq(flags_that_pass(AKT_MSG_REPLY), 0);
    ck_assert_uint_eq(flags_that_pass(AKT_MSG_EXIT), AKT_MSG_REASON);
    ck_assert_uint_eq(flags_that_pass(AKT_MSG_LINK), 0);
    ck_assert_uint_eq(flags_that_pass(AKT_MSG_KILL), 0);
    ck_assert_uint_eq(flags_that_pass(AKT_MSG_MONITOR), AKT_MSG_RESTARTED);
    ck_assert_uint_eq(flags_that_pass(AKT_MSG_DOWN), both);
    ck_assert_uint_eq(flags_that_pass(AKT_MSG_STOP), both);
}
END_TEST

START_TEST(a_stop_does_not_say_how_long)
{
    struct akt_msg *m = sound(AKT_MSG_STOP);
    m->ask = 1001; /* its parent's: vm/send.c */
    struct sent s = sent(m);
    struct akt_msg *got = receive(&s);
    ck_assert_ptr_nonnull(got);
    ck_assert_uint_eq(got->ask, 0);
    akt_msg_free(got);
    akt_msg_free(s.body);
}
END_TEST

START_TEST(heads_of_another_length_are_refused)
{
    for (unsigned t = 0; t <= AKT_MSG_TASK; t++) {
        if (!akt_wire_may_travel((enum akt_msg_type)t))
            continue;
        struct sent s =
            sent(t == AKT_MSG_USER ? full() : sound((enum akt_msg_type)t));
        struct akt_wire_in in;
        char head[AKT_WIRE_HEAD_MAX + 1] = {0};
        memcpy(head, s.head, s.head_len);
        for (size_t n = 0; n <= s.head_len + 1; n++) {
            struct akt_msg *got =
                read_bytes(head, n, s.body->body, s.body->size, &in);
            ck_assert((got != NULL) == (n == s.head_len));
            akt_msg_free(got);
        }
        akt_msg_free(s.body);
    }
}
END_TEST

/* Whether it is taken when `len` bytes at `at` of its head are `byte`. */
static bool takes(struct akt_msg *m, size_t at, size_t len, int byte)
{
    struct sent s = sent(m);
    memset(s.head + at, byte, len);
    bool taken = is_taken(&s);
    akt_msg_free(s.body);
    return taken;
}

START_TEST(nonsense_in_a_head_is_refused)
{
    ck_assert(!takes(sound(AKT_MSG_USER), 2, 1, AKT_CODE_COUNT));
    ck_assert(!takes(sound(AKT_MSG_USER), 3, 1, AKT_WIRE_ALL + 1));
    ck_assert(!takes(sound(AKT_MSG_USER), 3, 1, AKT_WIRE_REASON));
    ck_assert(!takes(sound(AKT_MSG_LINK), 3, 1, AKT_WIRE_REASON));
    ck_assert(!takes(sound(AKT_MSG_EXIT), 3, 1, 0));  /* has no reason */
    ck_assert(!takes(sound(AKT_MSG_USER), 10, 1, 1)); /* a node's index */
    ck_assert(takes(sound(AKT_MSG_USER), 9, 1, 1));
}
END_TEST

START_TEST(numbers_that_are_none_are_refused)
{
    static const enum akt_msg_type keys[] = {AKT_MSG_MONITOR, AKT_MSG_DEMONITOR,
                                             AKT_MSG_DOWN, AKT_MSG_REPLY,
                                             AKT_MSG_INFO};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        ck_assert(!takes(sound(keys[i]), FIXED, 8, 0));
        ck_assert(!takes(sound(keys[i]), FIXED, 8, 0xff));
        ck_assert(takes(sound(keys[i]), FIXED, 8, 0xfe));
        struct akt_msg *m = sound(keys[i]);
        m->ask = 0;
        ck_assert(takes(m, 0, 0, 0) == (keys[i] == AKT_MSG_INFO));
    }
    struct akt_msg *m = sound(AKT_MSG_LINK);
    m->ask = 5; /* for nothing */
    ck_assert(!takes(m, 0, 0, 0));
}
END_TEST

START_TEST(who_must_have_a_sender_has_one)
{
    for (unsigned t = 0; t <= AKT_MSG_TASK; t++) {
        bool may = akt_wire_may_travel((enum akt_msg_type)t);
        bool must = t == AKT_MSG_EXIT || t == AKT_MSG_LINK ||
                    t == AKT_MSG_UNLINK || t == AKT_MSG_MONITOR ||
                    t == AKT_MSG_INFO;
        if (may)
            ck_assert(takes(sound((enum akt_msg_type)t), 12, 8, 0) == !must);
        if (may && t != AKT_MSG_USER) /* only a name stands for a target */
            ck_assert(!takes(sound((enum akt_msg_type)t), 4, 8, 0));
    }
    ck_assert(!takes(full(), 12, 8, 0)); /* who is answered? */
}
END_TEST

START_TEST(what_has_no_body_has_none)
{
    struct akt_msg *m = with_body(AKT_MSG_LINK, "x");
    ck_assert(!takes(m, 0, 0, 0));
}
END_TEST

START_TEST(only_asks_have_deadlines)
{
    struct akt_msg *m = sound(AKT_MSG_DOWN);
    m->deadline_ns = NOW + MS;
    ck_assert(!takes(m, 0, 0, 0));
}
END_TEST

/* ---- names ---- */

/* The name that is read of a body that begins so; NULL: refused. */
static struct akt_msg *named(const char *body, size_t len,
                             struct akt_wire_in *in)
{
    struct akt_msg *m = with_body(AKT_MSG_USER, "");
    m->target = akt_pid_make(7, AKT_SLOT_NAMED, 0);
    struct sent s = sent(m);
    akt_msg_free(s.body);
    return read_bytes(s.head, s.head_len, body, len, in);
}

static void check_name(const char *front, size_t front_len, size_t len,
                       bool good)
{
    struct akt_wire_in in;
    char body[4 + 400];
    memset(body, 'n', sizeof body);
    memcpy(body, front, front_len);
    memcpy(body + front_len + len, HELLO, 6);
    struct akt_msg *m = named(body, front_len + len + 6, &in);
    ck_assert((m != NULL) == good);
    if (good) {
        ck_assert_uint_eq(in.name_len, len);
        ck_assert_mem_eq(in.name, body + front_len, len);
        ck_assert_uint_eq(m->size, 6);
        ck_assert_mem_eq(m->body, HELLO, 6);
        ck_assert(akt_pid_is_none(m->target));
    }
    akt_msg_free(m);
}

START_TEST(a_name_stands_in_front)
{
    check_name("\xa1", 1, 1, true);
    check_name("\xbf", 1, 31, true);
    check_name("\xd9\x20", 2, 32, true);
    check_name("\xd9\xff", 2, 255, true);
    check_name("\xda\x00\xff", 3, 255, true);
    check_name("\xda\x01\x00", 3, 256, false); /* too long */
    check_name("\xa0", 1, 0, false);           /* none */
    check_name("\x91", 1, 1, false);           /* no string */
    check_name("\xdb\x00\x00\x00\x01", 5, 1, false);
}
END_TEST

START_TEST(names_that_are_cut_off_are_refused)
{
    struct akt_wire_in in;
    static const char *const bodies[] = {"",          "\xa2", "\xa2n",   "\xd9",
                                         "\xd9\x02n", "\xda", "\xda\x01"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        ck_assert_ptr_null(named(bodies[i], strlen(bodies[i]), &in));
    ck_assert_ptr_null(named("\xa3n\0n", 4, &in)); /* it would be "n" */
    ck_assert_ptr_null(named("\xda\0", 2, &in));
    struct akt_msg *m = named("\xa1n", 2, &in); /* no values: fine */
    ck_assert_ptr_nonnull(m);
    ck_assert_uint_eq(m->size, 0);
    akt_msg_free(m);
}
END_TEST

/* A long body comes in a block, which becomes the message. */
static void check_block(const struct sent *s, const char *front,
                        size_t front_len)
{
    char name[AKT_NAME_MAX];
    struct akt_msg *block = akt_msg_new(AKT_MSG_USER, 9000 + front_len);
    memcpy(block->body, front, front_len);
    for (size_t i = 0; i < 9000; i++)
        block->body[front_len + i] = (char)(i * 7);
    struct akt_wire_in in = {.head = s->head,
                             .head_len = s->head_len,
                             .body = block->body,
                             .body_len = block->size,
                             .name_room = name,
                             .block = block};
    struct akt_msg *m = akt_wire_read(&in);
    ck_assert_ptr_nonnull(m);
    ck_assert_uint_eq(m->size, 9000);
    for (size_t i = 0; i < 9000; i++)
        ck_assert_int_eq(m->body[i], (char)(i * 7));
    if (m->type == AKT_MSG_USER)
        ck_assert_uint_eq(akt_msg_ack_of(m)->id, 0);
    if (front_len)
        ck_assert_mem_eq(in.name, front + 1, in.name_len);
    akt_msg_free(m);
    akt_msg_free(s->body);
}

START_TEST(a_long_body_stays_in_its_block)
{
    struct akt_msg *named = with_body(AKT_MSG_USER, "");
    struct akt_msg *reply = with_body(AKT_MSG_REPLY, "");
    named->target = akt_pid_make(7, AKT_SLOT_NAMED, 0);
    reply->ask = 77;
    struct sent s[] = {sent(with_body(AKT_MSG_USER, "")), sent(reply),
                       sent(named)};
    check_block(&s[0], "", 0);
    check_block(&s[1], "", 0);
    check_block(&s[2], "\xa3you", 4);
}
END_TEST

START_TEST(no_body_at_all)
{
    struct sent s = sent(with_body(AKT_MSG_USER, ""));
    struct akt_wire_in in = {.head = s.head, .head_len = s.head_len};
    struct akt_msg *m = akt_wire_read(&in);
    ck_assert_ptr_nonnull(m);
    ck_assert_uint_eq(m->size, 0);
    akt_msg_free(m);
    akt_msg_free(s.body);
}
END_TEST

/* ---- nodes ---- */

static struct akt_wire_node node_of(size_t name_len, size_t address_len)
{
    struct akt_wire_node n = {.index = 513, .incarnation = 1ull << 60 | 3};
    memset(n.name, 'n', name_len);
    memset(n.address, 'a', address_len);
    return n;
}

static bool gets(const struct akt_buf *b, size_t len, struct akt_wire_node *out)
{
    char *copy = malloc(len + 1);
    if (len)
        memcpy(copy, b->data, len);
    bool got = akt_wire_get_node(copy, len, out);
    free(copy);
    return got;
}

START_TEST(nodes_there_and_back)
{
    static const size_t lens[][2] = {{1, 0}, {7, 20}, {64, 255}};
    for (int i = 0; i < 3; i++) {
        struct akt_wire_node n = node_of(lens[i][0], lens[i][1]), got;
        struct akt_buf b = AKT_BUF_INIT;
        akt_wire_put_node(&n, &b);
        for (size_t len = 0; len < b.len; len++)
            ck_assert(!gets(&b, len, &got));
        ck_assert(gets(&b, b.len, &got));
        ck_assert_uint_eq(got.index, n.index);
        ck_assert_uint_eq(got.incarnation, n.incarnation);
        ck_assert_str_eq(got.name, n.name);
        ck_assert_str_eq(got.address, n.address);
        akt_buf_add(&b, "", 1);
        ck_assert(!gets(&b, b.len, &got)); /* something behind it */
        akt_buf_fini(&b);
    }
}
END_TEST

/* Whether it is taken with another byte at `at`. */
static bool gets_with(size_t at, char byte)
{
    struct akt_wire_node n = node_of(7, 20), got;
    struct akt_buf b = AKT_BUF_INIT;
    akt_wire_put_node(&n, &b);
    b.data[at] = byte;
    bool is = gets(&b, b.len, &got);
    akt_buf_fini(&b);
    return is;
}

/* The same for one that is all there, with a name of so many bytes. */
static bool gets_name(size_t len)
{
    struct akt_wire_node n = node_of(64, 100), got;
    struct akt_buf b = AKT_BUF_INIT;
    akt_wire_put_node(&n, &b);
    b.data[10] = (char)len;
    memset(b.data + 11, 'n', len);
    b.data[11 + len] = (char)(164 - len);
    bool is = gets(&b, b.len, &got);
    akt_buf_fini(&b);
    return is;
}

START_TEST(nodes_that_are_none)
{
    struct akt_wire_node n = node_of(0, 4), got;
    struct akt_buf b = AKT_BUF_INIT;
    akt_wire_put_node(&n, &b);
    ck_assert(!gets(&b, b.len, &got)); /* no name */
    b.len = 0;
    n = node_of(1, 4);
    n.index = 1; /* what every node calls itself */
    akt_wire_put_node(&n, &b);
    ck_assert(!gets(&b, b.len, &got));
    akt_buf_fini(&b);
    ck_assert(gets_with(11, 'x'));
    ck_assert(!gets_with(11, 0));
    ck_assert(!gets_with(11, '\n'));
    ck_assert(!gets_with(19, 27)); /* of the address */
    ck_assert(!gets_with(10, 65)); /* its length */
    ck_assert(gets_name(64));
    ck_assert(!gets_name(65));
}
END_TEST

CHECK_MAIN("wire", every_type_that_may_travel, all_other_types_are_refused,
           ask_deadline_and_cause_go_along, a_deadline_stays_one,
           a_tick_has_no_cause, a_reply_may_be_an_error,
           flags_that_may_not_travel_do_not, a_stop_does_not_say_how_long,
           heads_of_another_length_are_refused, nonsense_in_a_head_is_refused,
           numbers_that_are_none_are_refused, who_must_have_a_sender_has_one,
           what_has_no_body_has_none, only_asks_have_deadlines,
           a_name_stands_in_front, names_that_are_cut_off_are_refused,
           a_long_body_stays_in_its_block, no_body_at_all, nodes_there_and_back,
           nodes_that_are_none)
