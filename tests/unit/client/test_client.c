/* SPDX-License-Identifier: MIT
 *
 * net/client.h, linked with nothing but the library for other programs. With a
 * real node: tests/lua/nodes/client.sh.
 */
#include "net/client.h"

#include <check.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a listener says to the first one that comes; it reads until the end. */
struct server {
    int fd;
    const char *says;
    size_t len;
    pthread_t thread;
    char address[32];
};

static void *serve(void *ctx)
{
    struct server *s = ctx;
    char bytes[256];
    int fd = accept(s->fd, NULL, NULL);
    if (fd < 0)
        return NULL;
    if (send(fd, s->says, s->len, MSG_NOSIGNAL) < 0)
        perror("send");
    while (read(fd, bytes, sizeof bytes) > 0) {
    }
    close(fd);
    return NULL;
}

static void start(struct server *s)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(s->fd, (struct sockaddr *)&a, sizeof a), 0);
    ck_assert_int_eq(listen(s->fd, 1), 0);
    getsockname(s->fd, (struct sockaddr *)&a, &len);
    snprintf(s->address, sizeof s->address, "127.0.0.1:%d", ntohs(a.sin_port));
    pthread_create(&s->thread, NULL, serve, s);
}

static void finish(struct server *s)
{
    pthread_join(s->thread, NULL);
    close(s->fd);
}

static enum akt_client_code open_fails(const struct akt_client_config *c)
{
    struct akt_client_error e;
    ck_assert_ptr_null(akt_client_open(c, &e));
    ck_assert_str_ne(e.text, "");
    return e.code;
}

START_TEST(test_wrong)
{
    struct akt_client_config c = {.address = "nowhere"};
    ck_assert_int_eq(open_fails(&c), AKT_CLIENT_INVALID);
    c.address = NULL;
    ck_assert_int_eq(open_fails(&c), AKT_CLIENT_INVALID);
    c = (struct akt_client_config){.address = "127.0.0.1:1",
                                   .secret = "/nonexistent/secret"};
    ck_assert_int_eq(open_fails(&c), AKT_CLIENT_INVALID);
    akt_client_close(NULL);
}
END_TEST

START_TEST(test_nobody)
{
    struct akt_client_config c = {.address = "127.0.0.1:1"};
    ck_assert_int_eq(open_fails(&c), AKT_CLIENT_NOCONNECTION);
}
END_TEST

START_TEST(test_refused)
{
    /* REFUSED, "cluster" */
    struct server s = {.says = "\x08\0\0\0\x03\0\0\0\0\0\0\0\x07"
                               "cluster",
                       .len = 20};
    start(&s);
    ck_assert_int_eq(open_fails(&(struct akt_client_config){s.address}),
                     AKT_CLIENT_REFUSED);
    finish(&s);
}
END_TEST

START_TEST(test_nonsense)
{
    struct server s = {.says = "HTTP/1.1 400 Bad Request\r\n\r\n", .len = 28};
    start(&s);
    ck_assert_int_eq(open_fails(&(struct akt_client_config){s.address}),
                     AKT_CLIENT_REFUSED);
    finish(&s);
}
END_TEST

START_TEST(test_silent)
{
    struct server s = {.says = "", .len = 0};
    struct akt_client_config c = {.address = s.address, .timeout_ms = 20};
    start(&s);
    ck_assert_int_eq(open_fails(&c), AKT_CLIENT_TIMEOUT);
    finish(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("client");
    TCase *tc = tcase_create("client");
    suite_add_tcase(suite, tc);
    tcase_add_test(tc, test_wrong);
    tcase_add_test(tc, test_nobody);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_nonsense);
    tcase_add_test(tc, test_silent);
    SRunner *r = srunner_create(suite);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
