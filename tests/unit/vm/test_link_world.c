/* SPDX-License-Identifier: MIT */
#include "tests/unit/check_main.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/link_world.h"
#include "vm/world.h"

#define MS 1000000ull
#define NODES 4

static struct akt_world world;
static struct akt_link_world *net;
static char heard[1 << 16];
static size_t heard_len;
static int ids[NODES] = {0, 1, 2, 3};
static uint32_t conns[NODES][NODES]; /* the one that was opened last */
static int origins[1000][2];         /* of each: who opened it, to whom */

__attribute__((format(printf, 1, 2))) static void note(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(heard + heard_len, sizeof heard - heard_len, fmt, ap);
    va_end(ap);
    if (heard_len + (size_t)n < sizeof heard)
        heard_len += (size_t)n;
}

static uint32_t other_of(int me, uint32_t conn)
{
    for (uint32_t i = 0; i < NODES; i++)
        if (origins[conn][0] == (int)i && origins[conn][1] == me)
            return i;
    return (uint32_t)origins[conn][1];
}

static void on_open(void *ctx, uint32_t from, uint32_t conn)
{
    ck_assert_uint_eq(other_of(*(int *)ctx, conn), from);
    note("%d+%u ", *(int *)ctx, from);
}

static void on_bytes(void *ctx, uint32_t conn, const char *p, size_t len)
{
    int me = *(int *)ctx;
    note("%d<%u:%.*s ", me, other_of(me, conn), (int)len, p);
}

static void on_closed(void *ctx, uint32_t conn)
{
    int me = *(int *)ctx;
    note("%d-%u ", me, other_of(me, conn));
}

static void on_cast(void *ctx, uint32_t from, const char *p, size_t len)
{
    note("%d~%u:%.*s ", *(int *)ctx, from, (int)len, p);
}

static void begin(uint64_t seed)
{
    akt_world_simulated(&world, seed);
    net = akt_link_world_create(&world, NODES);
    heard_len = 0;
    heard[0] = 0;
    memset(conns, 0, sizeof conns);
    for (uint32_t i = 0; i < NODES; i++)
        akt_link_world_join(net, i,
                            &(struct akt_link_end){&ids[i], on_open, on_bytes,
                                                   on_closed, on_cast});
}

static void end(void)
{
    akt_link_world_destroy(net);
    ck_assert_uint_eq(akt_world_next_ns(&world), 0);
    akt_world_fini(&world);
}

/* What happens until then. */
static const char *pass(uint64_t ms)
{
    uint64_t until = world.now_ns + ms * MS, next;
    heard_len = 0;
    heard[0] = 0;
    while ((next = akt_world_next_ns(&world)) && next <= until) {
        world.now_ns = next > world.now_ns ? next : world.now_ns;
        akt_world_fire(&world);
    }
    world.now_ns = until;
    return heard;
}

static void set_all(const struct akt_link_faults *f)
{
    for (uint32_t a = 0; a < NODES; a++)
        for (uint32_t b = 0; b < NODES; b++)
            if (a != b)
                akt_link_world_set(net, a, b, f);
}

static uint32_t connect_to(uint32_t from, uint32_t to)
{
    uint32_t c = akt_link_world_open(net, from, to);
    conns[from][to] = conns[to][from] = c;
    origins[c][0] = (int)from;
    origins[c][1] = (int)to;
    return c;
}

static bool say_in(uint32_t conn, uint32_t from, const char *text)
{
    return akt_link_world_send(net, from, conn, text, strlen(text));
}

static bool say(uint32_t from, uint32_t to, const char *text)
{
    return say_in(conns[from][to], from, text);
}

static void hang_up(uint32_t from, uint32_t to)
{
    akt_link_world_close(net, from, conns[from][to]);
}

START_TEST(bytes_arrive_in_order)
{
    begin(1);
    ck_assert(!say(0, 1, "x"));
    connect_to(0, 1);
    ck_assert_str_eq(pass(1), "1+0 0+1 ");
    ck_assert(say(0, 1, "a"));
    ck_assert(say(1, 0, "b"));
    ck_assert(say(0, 1, "c"));
    ck_assert_str_eq(pass(1), "1<0:a 0<1:b 1<0:c ");
    hang_up(0, 1);
    ck_assert(!say(0, 1, "x"));
    ck_assert(say(1, 0, "x")); /* it cannot know */
    ck_assert_str_eq(pass(1), "1-0 ");
    ck_assert(!say(1, 0, "x"));
    end();
}
END_TEST

START_TEST(a_delay_that_is_drawn_keeps_the_order)
{
    for (uint64_t seed = 1; seed < 50; seed++) {
        begin(seed);
        set_all(&(struct akt_link_faults){.least_ns = MS, .most_ns = 50 * MS});
        connect_to(2, 3);
        pass(100);
        for (int i = 0; i < 9; i++)
            ck_assert(say(2, 3, (char[]){(char)('0' + i), 0}));
        ck_assert_str_eq(pass(0), "");
        ck_assert_str_eq(pass(100),
                         "3<2:0 3<2:1 3<2:2 3<2:3 3<2:4 3<2:5 3<2:6 3<2:7 "
                         "3<2:8 ");
        end();
    }
}
END_TEST

START_TEST(what_was_sent_before_the_end_arrives)
{
    begin(1);
    set_all(&(struct akt_link_faults){.least_ns = 5 * MS, .most_ns = 5 * MS});
    connect_to(0, 1);
    pass(10);
    say(0, 1, "bye");
    say(1, 0, "lost");
    hang_up(0, 1);
    connect_to(0, 1); /* the next one */
    ck_assert_str_eq(pass(10), "1<0:bye 1-0 1+0 0+1 ");
    ck_assert(say(1, 0, "hello"));
    ck_assert_str_eq(pass(10), "0<1:hello ");
    end();
}
END_TEST

/* It has not heard of its end: what it says then is no part of the next. */
START_TEST(nothing_gets_into_the_next_one)
{
    begin(1);
    set_all(&(struct akt_link_faults){.least_ns = 5 * MS, .most_ns = 5 * MS});
    uint32_t old = connect_to(0, 1);
    pass(10);
    hang_up(0, 1);
    connect_to(0, 1);
    ck_assert(say_in(old, 1, "old"));
    ck_assert_str_eq(pass(10), "1-0 1+0 0+1 ");
    ck_assert(!say_in(old, 1, "old"));
    ck_assert(say(1, 0, "new"));
    ck_assert_str_eq(pass(10), "0<1:new ");
    end();
}
END_TEST

START_TEST(a_pair_may_have_several)
{
    begin(1);
    uint32_t a = connect_to(0, 1), b = connect_to(1, 0);
    ck_assert_uint_ne(a, b);
    ck_assert_str_eq(pass(1), "1+0 0+1 0+1 1+0 ");
    ck_assert(say_in(a, 0, "a"));
    ck_assert(say_in(b, 0, "b"));
    akt_link_world_close(net, 1, a);
    ck_assert_str_eq(pass(1), "1<0:b 0-1 ");
    ck_assert(say_in(b, 1, "b"));
    ck_assert_str_eq(pass(1), "0<1:b ");
    end();
}
END_TEST

/* K1, K2 with many seeds: a beginning of what was sent, then one end. */
START_TEST(loss_breaks_the_connection)
{
    int broken = 0;
    for (uint64_t seed = 1; seed < 100; seed++) {
        begin(seed);
        akt_link_world_set(
            net, 0, 1,
            &(struct akt_link_faults){.most_ns = 9 * MS, .loss = 0.1});
        connect_to(0, 1);
        pass(100);
        int sent = 0;
        while (sent < 9 && say(0, 1, (char[]){(char)('0' + sent), 0}))
            sent++;
        char expected[200] = "";
        const char *got = pass(100);
        bool is_broken = strstr(got, "1-0 ") != NULL;
        ck_assert_int_eq(is_broken, strstr(got, "0-1 ") != NULL);
        for (int i = 0; i < 9; i++) {
            char one[32];
            snprintf(one, sizeof one, "1<0:%d ", i);
            if (!strstr(got, one))
                break;
            strcat(expected, one);
        }
        ck_assert(is_broken || strlen(expected) == 9 * strlen("1<0:x "));
        const char *first = strstr(got, "1<0:");
        ck_assert(!*expected ||
                  (first && strncmp(first, expected, strlen(expected)) == 0));
        broken += is_broken;
        ck_assert_int_eq(say(0, 1, "x"), !strstr(got, "0-1 "));
        end();
    }
    ck_assert_int_gt(broken, 30);
    ck_assert_int_lt(broken, 90);
}
END_TEST

START_TEST(datagrams_are_lost_doubled_and_overtaken)
{
    struct akt_link_world_stats s;
    bool overtaken = false;
    begin(3);
    set_all(&(struct akt_link_faults){
        .most_ns = 50 * MS, .loss = 0.2, .doubling = 0.2});
    for (int i = 0; i < 500; i++) {
        akt_link_world_cast(net, 0, 1, "a", 1);
        akt_link_world_cast(net, 0, 1, "b", 1);
        const char *got = pass(100);
        overtaken |= strstr(got, "1~0:b 1~0:a") != NULL;
    }
    akt_link_world_read(net, &s);
    ck_assert(overtaken);
    ck_assert_uint_eq(s.sent, 1000);
    ck_assert_uint_eq(s.arrived, s.sent - s.lost + s.doubled);
    ck_assert(s.lost > 150 && s.lost < 250);
    ck_assert(s.doubled > 110 && s.doubled < 210);
    end();
}
END_TEST

START_TEST(a_partition_is_silent_and_heals)
{
    begin(1);
    set_all(&(struct akt_link_faults){.least_ns = MS, .most_ns = MS});
    connect_to(0, 2);
    connect_to(0, 1);
    pass(10);
    say(0, 2, "a");
    akt_link_world_cast(net, 0, 2, "gone", 4);
    akt_link_world_cut(net, 1 | 2, 4 | 8, true); /* 0 1 | 2 3 */
    ck_assert(say(0, 2, "b"));
    ck_assert(say(2, 0, "c"));
    ck_assert(say(0, 1, "d"));
    akt_link_world_cast(net, 2, 1, "gone", 4);
    ck_assert_str_eq(pass(1000), "1<0:d ");
    akt_link_world_cut(net, 1 | 2, 4 | 8, false);
    ck_assert_str_eq(pass(10), "2<0:a 2<0:b 0<2:c ");
    ck_assert(say(0, 2, "e"));
    ck_assert_str_eq(pass(10), "2<0:e ");
    end();
}
END_TEST

START_TEST(one_direction_may_be_cut)
{
    begin(1);
    connect_to(0, 1);
    pass(1);
    akt_link_world_set(net, 0, 1, &(struct akt_link_faults){.cut = true});
    ck_assert(say(0, 1, "x"));
    ck_assert(say(1, 0, "y"));
    ck_assert_str_eq(pass(10), "0<1:y ");
    end(); /* what waits is freed */
}
END_TEST

START_TEST(who_leaves_is_missed)
{
    begin(1);
    connect_to(0, 1);
    connect_to(1, 2);
    pass(1);
    say(0, 1, "x");
    akt_link_world_leave(net, 1, false);
    ck_assert_str_eq(pass(10), "2-1 0-1 "); /* newest first */
    connect_to(0, 1);                       /* nobody answers */
    ck_assert_str_eq(pass(10), "0-1 ");
    akt_link_world_join(
        net, 1,
        &(struct akt_link_end){&ids[1], on_open, on_bytes, on_closed, on_cast});
    connect_to(0, 1);
    ck_assert_str_eq(pass(10), "1+0 0+1 ");
    end();
}
END_TEST

START_TEST(a_host_leaves_without_a_word)
{
    struct akt_link_end again = {&ids[1], on_open, on_bytes, on_closed,
                                 on_cast};
    begin(1);
    connect_to(0, 1);
    pass(1);
    say(1, 0, "x");
    akt_link_world_leave(net, 1, true);
    ck_assert(say(0, 1, "y"));
    uint32_t old = conns[0][1];
    connect_to(0, 1);
    ck_assert_str_eq(pass(10000), "");
    akt_link_world_join(net, 1, &again);
    ck_assert_str_eq(pass(1000), "");
    ck_assert(say_in(old, 0, "z")); /* nobody there knows of it */
    ck_assert_str_eq(pass(10), "0-1 ");
    end();
}
END_TEST

/* What was on its way to it is not for who joins in its place. */
START_TEST(who_joins_hears_nothing_old)
{
    struct akt_link_end again = {&ids[1], on_open, on_bytes, on_closed,
                                 on_cast};
    begin(1);
    set_all(&(struct akt_link_faults){.least_ns = 5 * MS, .most_ns = 5 * MS});
    connect_to(0, 1);
    pass(20);
    say(0, 1, "x");
    akt_link_world_leave(net, 1, false);
    akt_link_world_join(net, 1, &again);
    ck_assert_str_eq(pass(20), "0-1 ");
    end();
}
END_TEST

START_TEST(nothing_arrives_at_one_that_is_paused)
{
    begin(1);
    connect_to(0, 1);
    pass(1);
    akt_link_world_pause(net, 1, true);
    say(0, 1, "x");
    say(1, 0, "y");
    ck_assert_str_eq(pass(1000), "0<1:y ");
    akt_link_world_pause(net, 1, false);
    ck_assert_str_eq(pass(10), "1<0:x ");
    end();
}
END_TEST

START_TEST(what_is_on_its_way_is_bounded)
{
    static char block[1 << 20];
    begin(1);
    connect_to(0, 1);
    pass(1);
    akt_link_world_cut(net, 1, 2, true);
    for (unsigned i = 0; i < AKT_LINK_BUFFER / sizeof block; i++)
        ck_assert(
            akt_link_world_send(net, 0, conns[0][1], block, sizeof block));
    ck_assert(!akt_link_world_send(net, 0, conns[0][1], block, 1));
    ck_assert(say(1, 0, "the other way"));
    end();
}
END_TEST

START_TEST(a_seed_is_a_run)
{
    static char first[sizeof heard];
    for (int run = 0; run < 2; run++) {
        begin(9);
        set_all(&(struct akt_link_faults){
            .most_ns = 20 * MS, .loss = 0.05, .doubling = 0.1});
        for (int i = 0; i < 300; i++) {
            uint32_t a = (uint32_t)i % NODES, b = (uint32_t)(i / 3) % NODES;
            if (a == b)
                continue;
            connect_to(a, b);
            say(a, b, (char[]){(char)('a' + i % 26), 0});
            akt_link_world_cast(net, b, a, "!", 1);
            if (i % 7 == 0)
                world.now_ns += MS;
            akt_world_fire(&world);
        }
        pass(100);
        if (run == 0)
            strcpy(first, heard);
        end();
    }
    ck_assert_str_eq(first, heard);
    ck_assert_uint_gt(strlen(first), 20);
}
END_TEST

CHECK_MAIN("link_world", bytes_arrive_in_order,
           a_delay_that_is_drawn_keeps_the_order,
           what_was_sent_before_the_end_arrives, nothing_gets_into_the_next_one,
           a_pair_may_have_several, loss_breaks_the_connection,
           datagrams_are_lost_doubled_and_overtaken,
           a_partition_is_silent_and_heals, one_direction_may_be_cut,
           who_leaves_is_missed, a_host_leaves_without_a_word,
           who_joins_hears_nothing_old, nothing_arrives_at_one_that_is_paused,
           what_is_on_its_way_is_bounded, a_seed_is_a_run)
