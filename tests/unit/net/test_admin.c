/* SPDX-License-Identifier: MIT
 *
 * The admin socket: its protocol, and clients that do not behave.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/admin_path.h"
#include "tests/unit/net/admin_stage.h"
#include "vm/base/alloc.h"
#include "vm/outside.h"

/* ---- commands of the test ---- */

/* A stream that goes on until its client is gone. */
static sem_t stream_began, stream_ended;
static struct akt_admin_call *stream_call;

static void stream_closed(struct akt_admin_call *call, void *ctx)
{
    (void)ctx;
    akt_admin_result(call, json_null());
    sem_post(&stream_ended);
}

static void stream(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)ctx;
    json_int_t n = json_integer_value(json_object_get(args, "n"));
    for (json_int_t i = 0; i < n; i++)
        akt_admin_more(call, json_integer(i));
    stream_call = call;
    akt_admin_on_close(call, stream_closed, NULL);
    sem_post(&stream_began);
}

static void answered(void *ctx, enum akt_code code, struct akt_msg *reply)
{
    akt_msg_free(reply);
    akt_admin_error(ctx, akt_code_name(code), "no");
}

/* Asks an actor that does not run: the node ends, or the deadline passes. */
static void ask(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)ctx;
    json_t *ms = json_object_get(args, "ms");
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 0);
    m->target = node->main;
    akt_outside_ask(node, m,
                    &(struct akt_outside_ask){(uint64_t)json_integer_value(ms),
                                              answered, call});
}

static void text(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)args, (void)ctx;
    static const char bytes[] = "a\xffz\xc3\xa4\xed\xa0\x80\0b";
    akt_admin_result(call, akt_admin_text(bytes, sizeof bytes - 1));
}

/* ---- a node that does not run, and its socket ---- */

static void open_admin(void)
{
    stage_open();
    akt_admin_add_status(admin);
    akt_admin_add(admin, "echo", echo, NULL);
    akt_admin_add(admin, "stream", stream, NULL);
    akt_admin_add(admin, "flood", flood, NULL);
    akt_admin_add(admin, "ask", ask, NULL);
    akt_admin_add(admin, "text", text, NULL);
    sem_init(&stream_began, 0, 0);
    sem_init(&stream_ended, 0, 0);
    akt_admin_start(admin);
}

static void close_admin(void)
{
    akt_outside_close(node); /* as akt_node_run does */
    akt_admin_destroy(admin);
    akt_node_destroy(node);
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_int_eq(rmdir(dir), 0);
}

/* ---- a client ---- */

/* What the other side does not take because it has closed is lost. */
static void put(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

static void say(int fd, const char *line)
{
    put(fd, line, strlen(line));
}

/* The next line, NULL at the end. What comes behind it stays in the socket. */
static const char *hear(int fd)
{
    static char line[1 << 20];
    size_t n = 0;
    while (n < sizeof line - 1) {
        ssize_t got = recv(fd, line + n, sizeof line - 1 - n, MSG_PEEK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return NULL;
        char *end = memchr(line + n, '\n', (size_t)got);
        size_t len = end ? (size_t)(end - line) - n + 1 : (size_t)got;
        ck_assert_int_eq(recv(fd, line + n, len, 0), (ssize_t)len);
        n += len;
        if (end)
            break;
    }
    line[n - 1] = 0;
    return line;
}

static void expect(int fd, const char *line)
{
    const char *got = hear(fd);
    ck_assert_ptr_nonnull(got);
    ck_assert_str_eq(got, line);
}

static void expect_code(int fd, json_int_t id, const char *code)
{
    const char *got = hear(fd);
    ck_assert_ptr_nonnull(got);
    json_t *answer = json_loads(got, 0, NULL), *error;
    ck_assert_ptr_nonnull(answer);
    ck_assert_int_eq(json_integer_value(json_object_get(answer, "id")), id);
    error = json_object_get(answer, "error");
    ck_assert_str_eq(json_string_value(json_object_get(error, "code")), code);
    json_decref(answer);
}

/* ---- tests ---- */

START_TEST(a_request_is_answered)
{
    open_admin();
    int fd = dial();
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0600);
    say(fd, "{\"v\":1,\"id\":7,\"cmd\":\"echo\",\"args\":{\"a\":[1]}}\n");
    expect(fd, "{\"v\":1,\"id\":7,\"result\":{\"a\":[1]}}");
    say(fd, "{\"v\":1,\"id\":8,\"cmd\":\"echo\"}\n");
    expect(fd, "{\"v\":1,\"id\":8,\"result\":{}}");
    say(fd, "{\"v\":1,\"id\":9,\"cmd\":\"status\"}\n");
    ck_assert_ptr_nonnull(strstr(hear(fd), "\"name\":\"n1\""));
    close(fd);
    close_admin();
}
END_TEST

START_TEST(requests_come_in_pieces_and_together)
{
    open_admin();
    int fd = dial();
    const char *line = "{\"v\":1,\"id\":1,\"cmd\":\"echo\"}\n";
    for (const char *at = line; *at; at++)
        put(fd, at, 1);
    expect(fd, "{\"v\":1,\"id\":1,\"result\":{}}");
    char many[20000] = "";
    for (int i = 0; i < 300; i++)
        strcat(many, line);
    say(fd, many);
    for (int i = 0; i < 300; i++)
        expect(fd, "{\"v\":1,\"id\":1,\"result\":{}}");
    close(fd);
    close_admin();
}
END_TEST

START_TEST(malformed_lines_are_refused_and_the_next_one_is_answered)
{
    static const char *const bad[] = {
        "",
        "x",
        "{",
        "[]",
        "null",
        "{}",
        "{\"v\":1}",
        "{\"v\":1,\"id\":\"x\",\"cmd\":\"echo\"}",
        "{\"v\":1,\"id\":1.5,\"cmd\":\"echo\"}",
        "{\"v\":1,\"id\":0,\"cmd\":7}",
        "{\"v\":1,\"id\":0,\"cmd\":\"echo\",\"args\":[]}",
        "{\"v\":1,\"id\":0,\"cmd\":\"echo\"} {}",
        "{\"v\":1,\"id\":0,\"cmd\":\"ec\xff\"}",
    };
    open_admin();
    int fd = dial();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        say(fd, bad[i]);
        say(fd, "\n");
        expect_code(fd, 0, "bad_request");
    }
    put(fd, "a\0b\n", 4);
    expect_code(fd, 0, "bad_request");
    say(fd, "{\"v\":1,\"id\":3,\"cmd\":\"nosuch\"}\n");
    expect_code(fd, 3, "unknown_command");
    char deep[20001];
    memset(deep, '[', 20000);
    deep[19999] = '\n';
    deep[20000] = 0;
    say(fd, deep);
    expect_code(fd, 0, "bad_request");
    say(fd, "{\"v\":1,\"id\":4,\"cmd\":\"echo\"}\n");
    expect(fd, "{\"v\":1,\"id\":4,\"result\":{}}");
    close(fd);
    close_admin();
}
END_TEST

START_TEST(another_version_is_refused)
{
    open_admin();
    int fd = dial();
    say(fd, "{\"v\":2,\"id\":5,\"cmd\":\"echo\"}\n");
    expect_code(fd, 5, "version");
    say(fd, "{\"id\":6,\"cmd\":\"echo\"}\n");
    expect_code(fd, 6, "version");
    close(fd);
    close_admin();
}
END_TEST

START_TEST(a_line_that_is_too_long_closes_the_connection)
{
    open_admin();
    int fd = dial();
    size_t len = AKT_ADMIN_LINE + 1;
    char *line = akt_alloc(len);
    memset(line, ' ', len);
    put(fd, line, len);
    expect_code(fd, 0, "bad_request");
    ck_assert_ptr_null(hear(fd));
    akt_free(line, len);
    close(fd);
    close_admin();
}
END_TEST

START_TEST(a_client_that_does_not_read_loses_lines_of_a_stream)
{
    open_admin();
    int fd = dial(), other = dial();
    say(fd, "{\"v\":1,\"id\":1,\"cmd\":\"flood\"}\n");
    say(other, "{\"v\":1,\"id\":2,\"cmd\":\"echo\"}\n");
    expect(other, "{\"v\":1,\"id\":2,\"result\":{}}");
    int lines = 0, dropped = 0;
    const char *line;
    while ((line = hear(fd)) && !strstr(line, "result")) {
        lines++;
        ck_assert_ptr_nonnull(strstr(line, "\"more\":\"xxx"));
    }
    ck_assert_ptr_nonnull(line);
    ck_assert_int_eq(
        sscanf(line, "{\"v\":1,\"id\":1,\"dropped\":%d,", &dropped), 1);
    ck_assert_int_eq(lines + dropped, 200);
    ck_assert_int_ge(lines, 60);
    close(fd);
    close(other);
    close_admin();
}
END_TEST

/* It is read no further, and goes on when it reads. */
START_TEST(a_client_that_only_asks_is_held_up)
{
    open_admin();
    int fd = dial();
    static char line[100100];
    int n =
        sprintf(line, "{\"v\":1,\"id\":1,\"cmd\":\"echo\",\"args\":{\"a\":\"");
    memset(line + n, 'x', 100000 - (size_t)n);
    strcpy(line + 100000, "\"}}\n");
    fcntl(fd, F_SETFL, O_NONBLOCK);
    int sent = 0; /* whole lines */
    size_t at = 0, len = strlen(line);
    for (;;) {
        ssize_t got = write(fd, line + at, len - at);
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        if (got < 0 && poll(&p, 1, 300) == 0)
            break; /* nobody takes it */
        at += got > 0 ? (size_t)got : 0;
        sent += at == len;
        at %= len;
        ck_assert_int_lt(sent, 1000);
    }
    fcntl(fd, F_SETFL, 0);
    for (int i = 0; i < sent; i++)
        ck_assert_ptr_nonnull(strstr(hear(fd), "\"result\":{\"a\":\"xxx"));
    put(fd, line + at, len - at);
    ck_assert_ptr_nonnull(strstr(hear(fd), "\"result\":{\"a\":\"xxx"));
    close(fd);
    close_admin();
}
END_TEST

START_TEST(a_client_that_goes_away_ends_its_stream)
{
    open_admin();
    int fd = dial();
    say(fd, "{\"v\":1,\"id\":1,\"cmd\":\"stream\",\"args\":{\"n\":2}}\n");
    sem_wait(&stream_began);
    expect(fd, "{\"v\":1,\"id\":1,\"more\":0}");
    expect(fd, "{\"v\":1,\"id\":1,\"more\":1}");
    close(fd);
    sem_wait(&stream_ended);
    fd = dial();
    say(fd, "{\"v\":1,\"id\":1,\"cmd\":\"stream\"}\n");
    sem_wait(&stream_began);
    shutdown(fd, SHUT_WR);
    expect(fd, "{\"v\":1,\"id\":1,\"result\":null}");
    ck_assert_ptr_null(hear(fd));
    sem_wait(&stream_ended);
    close(fd);
    close_admin();
}
END_TEST

START_TEST(a_stream_ends_with_the_node)
{
    open_admin();
    int fd = dial();
    say(fd, "{\"v\":1,\"id\":1,\"cmd\":\"stream\"}\n");
    sem_wait(&stream_began);
    close_admin();
    sem_wait(&stream_ended);
    close(fd);
}
END_TEST

START_TEST(an_answer_after_the_end_of_input_comes)
{
    open_admin();
    int fd = dial();
    say(fd, "{\"v\":1,\"id\":1,\"cmd\":\"ask\",\"args\":{\"ms\":20}}\n");
    shutdown(fd, SHUT_WR);
    expect_code(fd, 1, "timeout");
    ck_assert_ptr_null(hear(fd));
    close(fd);
    close_admin();
}
END_TEST

START_TEST(an_answer_for_one_who_is_gone_is_swallowed)
{
    open_admin();
    for (int i = 0; i < 100; i++) {
        int fd = dial();
        say(fd, "{\"v\":1,\"id\":1,\"cmd\":\"ask\",\"args\":{\"ms\":60000}}\n"
                "{\"v\":1,\"id\":2,\"cmd\":\"echo\"}\n");
        if (i % 2)
            hear(fd);
        close(fd);
    }
    close_admin();
}
END_TEST

START_TEST(more_clients_than_there_may_be_are_refused)
{
    int fds[AKT_ADMIN_CLIENTS];
    open_admin();
    for (int i = 0; i < AKT_ADMIN_CLIENTS; i++) {
        fds[i] = dial();
        say(fds[i], "{\"v\":1,\"id\":1,\"cmd\":\"echo\"}\n");
        expect(fds[i], "{\"v\":1,\"id\":1,\"result\":{}}");
    }
    int fd = dial();
    expect_code(fd, 0, "busy");
    ck_assert_ptr_null(hear(fd));
    close(fd);
    for (int i = 0; i < AKT_ADMIN_CLIENTS; i++)
        close(fds[i]);
    close_admin();
}
END_TEST

START_TEST(bytes_that_are_no_text_are_replaced)
{
    open_admin();
    int fd = dial();
    say(fd, "{\"v\":1,\"id\":1,\"cmd\":\"text\"}\n");
    expect(fd, "{\"v\":1,\"id\":1,\"result\":\"a\xef\xbf\xbdz\xc3\xa4"
               "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\u0000b\"}");
    close(fd);
    close_admin();
}
END_TEST

START_TEST(a_path_that_is_taken_is_not_taken_away)
{
    const char *error;
    open_admin();
    ck_assert_ptr_null(akt_admin_create(node, path, &error));
    ck_assert_str_eq(error, "another program listens there");
    /* Until its look has been accepted as well: a descriptor closed here by
     * libuv, which TSan does not see, would be that thread's next one. */
    int fd = dial();
    say(fd, "{\"v\":1,\"id\":1,\"cmd\":\"echo\"}\n");
    expect(fd, "{\"v\":1,\"id\":1,\"result\":{}}");
    close(fd);
    char file[200], lost[300];
    snprintf(file, sizeof file, "%s/file", dir);
    close(open(file, O_CREAT | O_WRONLY, 0600));
    ck_assert_ptr_null(akt_admin_create(node, file, &error));
    ck_assert_int_eq(unlink(file), 0);
    snprintf(lost, sizeof lost, "%s/no/such", dir);
    ck_assert_ptr_null(akt_admin_create(node, lost, &error));
    memset(lost, 'x', sizeof lost - 1);
    lost[0] = '/';
    lost[sizeof lost - 1] = 0;
    ck_assert_ptr_null(akt_admin_create(node, lost, &error));
    /* a socket that nobody listens on is a dead program's */
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    strcpy(addr.sun_path, file);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    close(fd);
    struct akt_admin *second = akt_admin_create(node, file, &error);
    ck_assert_ptr_nonnull(second);
    akt_admin_destroy(second);
    close_admin();
}
END_TEST

START_TEST(names_of_files_are_made_and_read)
{
    char name[AKT_ADMIN_NAME + 1], out[PATH_MAX];
    pid_t pid;
    ck_assert(akt_admin_parse("n1.42.sock", name, &pid));
    ck_assert_str_eq(name, "n1");
    ck_assert_int_eq(pid, 42);
    ck_assert(!akt_admin_parse("n1.42", name, &pid));
    ck_assert(!akt_admin_parse(".42.sock", name, &pid));
    ck_assert(!akt_admin_parse("n1.-4.sock", name, &pid));
    ck_assert(!akt_admin_parse("n1.99999999999999999999.sock", name, &pid));
    ck_assert(!akt_admin_parse(
        "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn.1.sock", name, &pid));
    strcpy(dir, "/tmp/akt-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    setenv("AKTVM_RUNTIME_DIR", dir, 1);
    ck_assert_ptr_null(akt_admin_path("a/b.c", 7, out));
    ck_assert_str_eq(out + strlen(dir), "/a_b_c.7.sock");
    ck_assert_int_eq(chmod(dir, 0755), 0);
    ck_assert_ptr_nonnull(strstr(akt_admin_path("a", 7, out), "open to other"));
    ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

CHECK_MAIN("admin", a_request_is_answered, requests_come_in_pieces_and_together,
           malformed_lines_are_refused_and_the_next_one_is_answered,
           another_version_is_refused,
           a_line_that_is_too_long_closes_the_connection,
           a_client_that_does_not_read_loses_lines_of_a_stream,
           a_client_that_only_asks_is_held_up,
           a_client_that_goes_away_ends_its_stream, a_stream_ends_with_the_node,
           an_answer_after_the_end_of_input_comes,
           an_answer_for_one_who_is_gone_is_swallowed,
           more_clients_than_there_may_be_are_refused,
           bytes_that_are_no_text_are_replaced,
           a_path_that_is_taken_is_not_taken_away,
           names_of_files_are_made_and_read)
