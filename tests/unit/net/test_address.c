/* SPDX-License-Identifier: MIT */
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "tests/unit/check_main.h"

START_TEST(addresses_are_parsed)
{
    static const struct {
        const char *text, *host, *port;
    } good[] = {
        {"127.0.0.1:7001", "127.0.0.1", "7001"},
        {"[::1]:0", "::1", "0"},
        {"n2.example:65535", "n2.example", "65535"},
        {":80", "", "80"},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct akt_address a;
        ck_assert(akt_address_parse(good[i].text, &a));
        ck_assert_str_eq(a.host, good[i].host);
        ck_assert_str_eq(a.port, good[i].port);
    }
}
END_TEST

START_TEST(others_are_not)
{
    static const char *const bad[] = {
        "",        "n1",      "n1:",    "n1:65536", "n1:000001",
        "n1:-1",   "n1:7x",   "::1:80", "[]:80",    "[::1:80",
        "::1]:80", "[a]b:80", "a b:",   "n1: 80",   "[[::1]]:1"};
    char host[AKT_HOST_MAX + 4];
    struct akt_address a = {.host = "as", .port = "was"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!akt_address_parse(bad[i], &a), "%s", bad[i]);
    memset(host, 'x', sizeof host);
    memcpy(host + AKT_HOST_MAX + 1, ":1", 3);
    ck_assert(!akt_address_parse(host, &a));
    ck_assert_str_eq(a.host, "as");
    ck_assert(akt_address_parse(host + 1, &a));
}
END_TEST

static struct sockaddr_storage v4(const char *text)
{
    struct sockaddr_storage a = {0};
    struct sockaddr_in *in = (void *)&a;
    in->sin_family = AF_INET;
    in->sin_port = htons(7001);
    ck_assert_int_eq(inet_pton(AF_INET, text, &in->sin_addr), 1);
    return a;
}

static struct sockaddr_storage v6(const char *text)
{
    struct sockaddr_storage a = {0};
    struct sockaddr_in6 *in = (void *)&a;
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(7001);
    ck_assert_int_eq(inet_pton(AF_INET6, text, &in->sin6_addr), 1);
    return a;
}

static void is(struct sockaddr_storage a, bool loopback, const char *text)
{
    char shown[AKT_ADDRESS_TEXT];
    akt_address_show((struct sockaddr *)&a, shown);
    ck_assert_str_eq(shown, text);
    ck_assert_int_eq(akt_address_is_loopback((struct sockaddr *)&a), loopback);
}

START_TEST(loopback_is_known)
{
    is(v4("127.0.0.1"), true, "127.0.0.1:7001");
    is(v4("127.255.3.4"), true, "127.255.3.4:7001");
    is(v4("128.0.0.1"), false, "128.0.0.1:7001");
    is(v4("0.0.0.0"), false, "0.0.0.0:7001");
    is(v6("::1"), true, "[::1]:7001");
    is(v6("::"), false, "[::]:7001");
    is(v6("::2"), false, "[::2]:7001");
    is(v6("::ffff:127.0.0.1"), true, "127.0.0.1:7001");
    is(v6("::ffff:10.0.0.1"), false, "10.0.0.1:7001");
    struct sockaddr_storage a = {.ss_family = AF_UNIX};
    is(a, false, "?:0");
}
END_TEST

CHECK_MAIN("address", addresses_are_parsed, others_are_not, loopback_is_known)
