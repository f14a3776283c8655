/* SPDX-License-Identifier: MIT
 *
 * The network thread with real sockets on loopback: nodes that greet each
 * other, and clients that do not behave. What is awaited is awaited; nothing is
 * asserted about how long it takes.
 */

#include "net/listen.h"

#include <errno.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "net/address.h"
#include "tests/unit/check_main.h"
#include "tests/unit/net/tls_files.h"

#define SECRET "correct horse battery staple"
#define LOG 2048

/* What a node has heard. */
struct heard {
    enum { TAKEN, FAILED, REFUSED } what;
    enum akt_refusal why;
    void *token;
    bool opener, nobody;
    struct akt_channel *channel;
    struct akt_hello theirs;
    uint32_t features;
    size_t rest_len;
    char text[320]; /* or the rest */
};

struct node {
    struct akt_listen *l;
    struct akt_listen_events events;
    struct akt_hello hello;
    enum akt_refusal verdict;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct heard heard[LOG];
    int heard_len, read_len; /* the test has looked at */
};

/* ---- events ---- */

static void hear(struct node *n, const struct heard *h)
{
    pthread_mutex_lock(&n->lock);
    ck_assert_int_lt(n->heard_len, LOG);
    n->heard[n->heard_len++] = *h;
    pthread_cond_broadcast(&n->changed);
    pthread_mutex_unlock(&n->lock);
}

static void on_hello(void *ctx, void *token, const struct akt_channel *c,
                     struct akt_hello *mine)
{
    ck_assert_ptr_nonnull(c);
    struct node *n = ctx;
    *mine = n->hello;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
}

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

/* Who takes a channel may watch it at once. */
static void try_watch(struct node *n, struct akt_channel *c)
{
    uv_poll_t *poll = malloc(sizeof *poll);
    uv_loop_t *loop = akt_listen_loop(n->l);
    ck_assert_int_eq(uv_poll_init(loop, poll, akt_channel_fd(c)), 0);
    ck_assert_int_eq(uv_poll_start(poll, UV_READABLE, on_poll), 0);
    uv_close((uv_handle_t *)poll, free_handle);
}

static enum akt_refusal on_greeted(void *ctx, const struct akt_greeting *g)
{
    struct node *n = ctx;
    struct heard h = {.what = TAKEN,
                      .token = g->token,
                      .opener = g->opener,
                      .channel = g->channel,
                      .theirs = *g->theirs,
                      .features = g->features,
                      .rest_len = g->rest_len};
    ck_assert_int_lt(g->rest_len, sizeof h.text);
    memcpy(h.text, g->rest, g->rest_len);
    ck_assert_int_eq(g->version, 1);
    if (n->verdict == AKT_REFUSED_NONE && !g->opener)
        akt_greeting_answer(g, &n->hello);
    if (n->verdict == AKT_REFUSED_NONE) {
        try_watch(n, g->channel);
        hear(n, &h);
    }
    return n->verdict;
}

static void on_failed(void *ctx, void *token,
                      const struct akt_listen_failure *f)
{
    struct heard h = {
        .what = FAILED, .token = token, .why = f->why, .nobody = f->nobody};
    snprintf(h.text, sizeof h.text, "%s", f->text);
    hear(ctx, &h);
}

static void on_refused(void *ctx, const char *from, enum akt_refusal why,
                       const char *text)
{
    struct heard h = {.what = REFUSED, .why = why};
    ck_assert_ptr_nonnull(strchr(from, ':'));
    snprintf(h.text, sizeof h.text, "%s", text);
    hear(ctx, &h);
}

/* The next thing a node hears. */
static struct heard next(struct node *n)
{
    pthread_mutex_lock(&n->lock);
    while (n->read_len == n->heard_len)
        pthread_cond_wait(&n->changed, &n->lock);
    struct heard h = n->heard[n->read_len++];
    pthread_mutex_unlock(&n->lock);
    return h;
}

static struct heard next_is(struct node *n, int what, enum akt_refusal why,
                            const char *part)
{
    struct heard h = next(n);
    ck_assert_msg((int)h.what == what && h.why == why && strstr(h.text, part),
                  "%d %s: %s", h.what, akt_refusal_name(h.why), h.text);
    return h;
}

static struct akt_channel *taken(struct node *n)
{
    return next_is(n, TAKEN, AKT_REFUSED_NONE, "").channel;
}

/* ---- nodes ---- */

static struct node n1, n2; /* listens; connects */

static void init(struct node *n, const char *name)
{
    memset(n, 0, sizeof *n);
    n->events = (struct akt_listen_events){n, on_hello, on_greeted, on_failed,
                                           on_refused};
    n->hello = (struct akt_hello){.version_min = 1,
                                  .version_max = 1,
                                  .features = AKT_FEATURE_ZSTD,
                                  .cluster = "shop",
                                  .incarnation = 7};
    strcpy(n->hello.name, name);
    pthread_mutex_init(&n->lock, NULL);
    pthread_cond_init(&n->changed, NULL);
}

static void start(struct node *n, struct akt_listen_config c)
{
    char text[320] = "";
    c.events = &n->events;
    n->l = akt_listen_create(&c, text, sizeof text);
    ck_assert_msg(n->l != NULL, "%s", text);
    akt_listen_start(n->l);
}

static void stop(struct node *n)
{
    akt_listen_destroy(n->l);
    n->l = NULL;
    for (int i = 0; i < n->heard_len; i++)
        akt_channel_destroy(n->heard[i].channel);
}

static void before(void)
{
    files_init();
    init(&n1, "n1");
    init(&n2, "n2");
}

static void after(void)
{
    stop(&n1);
    stop(&n2);
    files_fini();
}

/* For a test that frees what the nodes borrow. */
static void stop_both(void)
{
    stop(&n1);
    stop(&n2);
    init(&n1, "n1");
    init(&n2, "n2");
}

static void start_both(struct akt_tls *one, struct akt_tls *two)
{
    start(&n1,
          (struct akt_listen_config){.address = "127.0.0.1:0", .tls = one});
    start(&n2, (struct akt_listen_config){.tls = two});
}

struct connect {
    struct node *n;
    struct akt_listen_target target;
};

static void do_connect(void *ctx)
{
    struct connect *c = ctx;
    akt_listen_connect(c->n->l, &c->target);
    free((void *)c->target.address);
    free(c);
}

static void connect_to(struct node *n, const char *address, const char *name)
{
    struct connect *c = malloc(sizeof *c);
    *c = (struct connect){n, {strdup(address), name, (void *)name}};
    akt_listen_run(n->l, do_connect, c);
}

static void connect_both(void)
{
    connect_to(&n2, akt_listen_address(n1.l), NULL);
}

static uint64_t refused(struct node *n, enum akt_refusal why)
{
    struct akt_listen_stats s;
    akt_listen_read(n->l, &s);
    return s.refused[why];
}

static uint64_t denied(struct node *n, enum akt_refusal why)
{
    struct akt_listen_stats s;
    akt_listen_read(n->l, &s);
    return s.denied[why];
}

static uint64_t half_open(struct node *n)
{
    struct akt_listen_stats s;
    akt_listen_read(n->l, &s);
    return s.half_open;
}

/* Looks again until it is so: the thread is on its way. */
static void await_half_open(struct node *n, uint64_t many)
{
    while (half_open(n) != many)
        usleep(1000);
}

/* ---- channels that are open ---- */

static void await(struct akt_channel *c, short events)
{
    struct pollfd p = {akt_channel_fd(c), events, 0};
    poll(&p, 1, -1);
}

static void hears(struct akt_channel *c, const char *text)
{
    char p[64];
    ssize_t n;
    while ((n = akt_channel_read(c, p, sizeof p)) == 0)
        await(c, POLLIN);
    ck_assert_msg(n == (ssize_t)strlen(text), "%zd: %s", n,
                  akt_channel_error(c));
    ck_assert_mem_eq(p, text, (size_t)n);
}

static void says(struct akt_channel *c, const char *text)
{
    struct iovec v = {(char *)text, strlen(text)};
    ck_assert_int_eq(akt_channel_write(c, &v, 1), (ssize_t)v.iov_len);
}

static void talk(struct akt_channel *a, struct akt_channel *b)
{
    says(a, "good morning");
    hears(b, "good morning");
    says(b, "and to you");
    hears(a, "and to you");
}

static struct akt_tls *by_secret(const char *secret)
{
    char text[256];
    const char *path = put_file("secret", secret, strlen(secret), 0600);
    struct akt_tls *tls = akt_tls_create(
        &(struct akt_tls_config){.secret = path}, text, sizeof text);
    ck_assert_ptr_nonnull(tls);
    return tls;
}

static struct akt_tls *by_cert(struct akt_pki_pem *ca, const char *node)
{
    char text[256], cert[64], key[64];
    put_file("ca.pem", ca->cert.data, ca->cert.len, 0644);
    issue(ca, node, -1, 5);
    snprintf(cert, sizeof cert, "%s.pem", node);
    snprintf(key, sizeof key, "%s.key", node);
    struct akt_tls *tls = akt_tls_create(
        &(struct akt_tls_config){file_path("ca.pem"), file_path(cert),
                                 file_path(key)},
        text, sizeof text);
    ck_assert_msg(tls != NULL, "%s", text);
    return tls;
}

/* ---- what works ---- */

START_TEST(two_nodes_greet)
{
    start_both(NULL, NULL);
    ck_assert_str_eq(akt_listen_address(n2.l), "");
    connect_to(&n2, akt_listen_address(n1.l), "n1");
    struct heard a = next(&n2), b = next(&n1);
    ck_assert(a.what == TAKEN && a.opener && !strcmp(a.token, "n1"));
    ck_assert_str_eq(a.theirs.name, "n1");
    ck_assert(b.what == TAKEN && !b.opener && !b.token);
    ck_assert_str_eq(b.theirs.name, "n2");
    ck_assert_int_eq(b.theirs.incarnation, 7);
    ck_assert_int_eq(a.features, AKT_FEATURE_ZSTD);
    talk(a.channel, b.channel);
    await_half_open(&n1, 0);
}
END_TEST

START_TEST(they_greet_inside_tls)
{
    struct akt_pki_pem ca = make_ca("shop");
    struct akt_tls *tls[4] = {by_secret(SECRET), by_secret(SECRET),
                              by_cert(&ca, "n1"), by_cert(&ca, "n2")};
    for (int i = 0; i < 4; i += 2) {
        start_both(tls[i], tls[i + 1]);
        connect_both();
        struct akt_channel *a = taken(&n2), *b = taken(&n1);
        talk(a, b);
        ck_assert(i == 0 || !strcmp(akt_channel_identity(a), "n1"));
        stop_both();
    }
    for (int i = 0; i < 4; i++)
        akt_tls_destroy(tls[i]);
    akt_pki_pem_fini(&ca);
}
END_TEST

/* On the last of the addresses of this name, so that the others are tried
 * before. */
START_TEST(names_are_looked_up)
{
    char address[AKT_ADDRESS_TEXT];
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list, *last;
    ck_assert_int_eq(getaddrinfo("localhost", "0", &hints, &list), 0);
    for (last = list; last->ai_next;)
        last = last->ai_next;
    akt_address_show(last->ai_addr, address);
    freeaddrinfo(list);
    start(&n1, (struct akt_listen_config){.address = address});
    start(&n2, (struct akt_listen_config){0});
    const char *port = strrchr(akt_listen_address(n1.l), ':');
    snprintf(address, sizeof address, "localhost%s", port);
    connect_to(&n2, address, "n1");
    taken(&n2);
    taken(&n1);
}
END_TEST

START_TEST(ipv6_works_too)
{
    char text[320];
    struct akt_listen_config c = {.address = "[::1]:0", .events = &n1.events};
    n1.l = akt_listen_create(&c, text, sizeof text);
    if (!n1.l)
        return; /* this machine has none */
    akt_listen_start(n1.l);
    ck_assert_ptr_eq(strstr(akt_listen_address(n1.l), "[::1]:"),
                     akt_listen_address(n1.l));
    start(&n2, (struct akt_listen_config){0});
    connect_both();
    taken(&n2);
    taken(&n1);
}
END_TEST

/* ---- raw sockets ---- */

static struct sockaddr_in address_of(struct node *n)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const char *port = strchr(akt_listen_address(n->l), ':');
    a.sin_port = htons((uint16_t)atoi(port + 1));
    return a;
}

static void raw_connect(struct node *n, int fd)
{
    struct sockaddr_in a = address_of(n);
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
}

static int raw(struct node *n)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    raw_connect(n, fd);
    return fd;
}

static void send_all(int fd, const char *p, size_t len)
{
    ck_assert_int_eq(send(fd, p, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* All until the other side closes. */
static size_t read_end(int fd, char *p, size_t max)
{
    size_t len = 0;
    for (ssize_t n; len < max && (n = recv(fd, p + len, max - len, 0)) > 0;)
        len += (size_t)n;
    return len;
}

static void ends_with(int fd, enum akt_refusal why)
{
    char p[2048];
    size_t len = read_end(fd, p, sizeof p);
    struct akt_hello_read r = akt_hello_read(p, len);
    ck_assert_int_eq(r.kind, AKT_HELLO_REFUSED);
    ck_assert_int_eq(r.why, why);
    ck_assert_int_eq(r.len, len);
    close(fd);
}

static struct akt_buf hello_of(const struct node *n, bool answer)
{
    struct akt_buf b = AKT_BUF_INIT;
    akt_hello_write(&n->hello, answer, &b);
    return b;
}

START_TEST(what_comes_behind_a_hello_is_handed_over)
{
    start(&n1, (struct akt_listen_config){.address = "127.0.0.1:0"});
    struct akt_buf b = hello_of(&n2, false);
    akt_buf_puts(&b, "and more");
    int fd = raw(&n1);
    send_all(fd, b.data, b.len);
    struct heard h = next_is(&n1, TAKEN, AKT_REFUSED_NONE, "and more");
    ck_assert_int_eq(h.rest_len, 8);
    close(fd);
    akt_buf_fini(&b);
}
END_TEST

START_TEST(a_hello_may_come_in_pieces)
{
    char p[2048];
    start_both(NULL, NULL);
    struct akt_buf b = hello_of(&n2, false);
    int fd = raw(&n1);
    for (size_t i = 0; i < b.len; i++)
        send_all(fd, b.data + i, 1);
    taken(&n1);
    ssize_t n = recv(fd, p, sizeof p, 0);
    ck_assert_int_gt(n, 0);
    ck_assert_int_eq(akt_hello_read(p, (size_t)n).kind, AKT_HELLO_ANSWERED);
    close(fd);
    akt_buf_fini(&b);
}
END_TEST

/* A node that listens as a plain socket of the test. */
static int raw_listener(char address[32])
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, len), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    getsockname(fd, (struct sockaddr *)&a, &len);
    snprintf(address, 32, "127.0.0.1:%u", ntohs(a.sin_port));
    return fd;
}

START_TEST(what_comes_behind_an_answer_is_handed_over)
{
    char address[32], p[2048];
    start(&n2, (struct akt_listen_config){0});
    int server = raw_listener(address);
    connect_to(&n2, address, NULL);
    int fd = accept(server, NULL, NULL);
    ssize_t n = recv(fd, p, sizeof p, 0);
    ck_assert_int_eq(akt_hello_read(p, (size_t)n).kind, AKT_HELLO_ASKED);
    struct akt_buf b = hello_of(&n1, true);
    akt_buf_puts(&b, "and more");
    send_all(fd, b.data, b.len);
    struct heard h = next_is(&n2, TAKEN, AKT_REFUSED_NONE, "and more");
    ck_assert_int_eq(h.rest_len, 8);
    close(fd);
    close(server);
    akt_buf_fini(&b);
}
END_TEST

/* ---- who is refused ---- */

START_TEST(strangers_are_refused)
{
    static const struct {
        enum akt_refusal why;
        const char *text;
    } cases[] = {
        {AKT_REFUSED_CLUSTER, "it is of the cluster 'bank'"},
        {AKT_REFUSED_VERSION, "it speaks version 2 to 3"},
        {AKT_REFUSED_NAME, "it has the name 'n1'"},
        {AKT_REFUSED_DUPLICATE, "duplicate"},
    };
    start_both(NULL, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct akt_hello usual = n2.hello;
        if (i == 0)
            strcpy(n2.hello.cluster, "bank");
        else if (i == 1)
            n2.hello.version_min = 2, n2.hello.version_max = 3;
        else if (i == 2)
            strcpy(n2.hello.name, "n1");
        else
            n1.verdict = cases[i].why;
        connect_both();
        next_is(&n1, REFUSED, cases[i].why, cases[i].text);
        next_is(&n2, FAILED, cases[i].why, akt_refusal_name(cases[i].why));
        ck_assert_int_eq(refused(&n1, cases[i].why), 1);
        ck_assert_int_eq(denied(&n2, cases[i].why), 1);
        n2.hello = usual;
    }
}
END_TEST

START_TEST(another_node_than_expected_is_refused)
{
    start_both(NULL, NULL);
    connect_to(&n2, akt_listen_address(n1.l), "n9");
    next_is(&n2, FAILED, AKT_REFUSED_NAME, "it has the name 'n1'");
    ck_assert_int_eq(refused(&n2, AKT_REFUSED_NAME), 1);
    taken(&n1); /* who reads that it is closed */
}
END_TEST

START_TEST(a_wrong_secret_is_refused)
{
    struct akt_tls *one = by_secret(SECRET), *two = by_secret(SECRET "!");
    start_both(one, two);
    connect_both();
    next_is(&n1, REFUSED, AKT_REFUSED_TLS, "secret the same");
    next_is(&n2, FAILED, AKT_REFUSED_TLS, "the other side refused");
    ck_assert_int_eq(refused(&n1, AKT_REFUSED_TLS), 1);
    stop_both();
    akt_tls_destroy(one);
    akt_tls_destroy(two);
}
END_TEST

START_TEST(a_name_that_is_not_the_certificates_is_refused)
{
    struct akt_pki_pem ca = make_ca("shop");
    struct akt_tls *one = by_cert(&ca, "n1"), *two = by_cert(&ca, "n2");
    start_both(one, two);
    strcpy(n2.hello.name, "n3");
    connect_both();
    next_is(&n1, REFUSED, AKT_REFUSED_IDENTITY,
            "it says 'n3' and has the certificate of 'n2'");
    next_is(&n2, FAILED, AKT_REFUSED_IDENTITY, "identity");
    stop_both();
    akt_tls_destroy(one);
    akt_tls_destroy(two);
    akt_pki_pem_fini(&ca);
}
END_TEST

START_TEST(another_authority_is_refused)
{
    struct akt_pki_pem ca = make_ca("shop"), other = make_ca("shop");
    struct akt_tls *one = by_cert(&ca, "n1"), *two = by_cert(&other, "n2");
    start_both(one, two);
    connect_both();
    next_is(&n1, REFUSED, AKT_REFUSED_TLS, "the other side refused");
    next_is(&n2, FAILED, AKT_REFUSED_TLS, "certificate of the other side");
    stop_both();
    akt_tls_destroy(one);
    akt_tls_destroy(two);
    akt_pki_pem_fini(&ca);
    akt_pki_pem_fini(&other);
}
END_TEST

START_TEST(nonsense_is_refused)
{
    struct akt_buf b = hello_of(&n1, true);
    char long_frame[AKT_HELLO_MAX * 3];
    start(&n1, (struct akt_listen_config){.address = "127.0.0.1:0"});
    int fd = raw(&n1);
    send_all(fd, "GET / HTTP/1.1\r\n\r\n", 18);
    next_is(&n1, REFUSED, AKT_REFUSED_BAD_HELLO, "no hello of aktvm");
    ends_with(fd, AKT_REFUSED_BAD_HELLO);
    /* an answer, unasked */
    fd = raw(&n1);
    send_all(fd, b.data, b.len);
    next_is(&n1, REFUSED, AKT_REFUSED_BAD_HELLO, "no hello of aktvm");
    ends_with(fd, AKT_REFUSED_BAD_HELLO);
    /* more than a hello may have; all of it is thrown away */
    memset(long_frame, 0, sizeof long_frame);
    memcpy(long_frame, b.data, b.len);
    long_frame[2] = 1;
    fd = raw(&n1);
    send_all(fd, long_frame, sizeof long_frame);
    next_is(&n1, REFUSED, AKT_REFUSED_BAD_HELLO, "no hello of aktvm");
    ends_with(fd, AKT_REFUSED_BAD_HELLO);
    /* half of one */
    fd = raw(&n1);
    send_all(fd, b.data, 5);
    shutdown(fd, SHUT_WR);
    next_is(&n1, REFUSED, AKT_REFUSED_BAD_HELLO, "closed in its hello");
    close(fd);
    ck_assert_int_eq(refused(&n1, AKT_REFUSED_BAD_HELLO), 4);
    akt_buf_fini(&b);
}
END_TEST

START_TEST(plain_text_to_tls_is_refused)
{
    struct akt_tls *tls = by_secret(SECRET);
    start_both(tls, NULL);
    connect_both();
    next_is(&n1, REFUSED, AKT_REFUSED_TLS, "does not speak it");
    next_is(&n2, FAILED, AKT_REFUSED_NONE, "closed without an answer");
    stop_both();
    akt_tls_destroy(tls);
}
END_TEST

/* What answers the opener may be anything. */
START_TEST(a_bad_answer_is_a_failure)
{
    char address[32];
    start(&n2, (struct akt_listen_config){0});
    int server = raw_listener(address);
    connect_to(&n2, address, NULL);
    int fd = accept(server, NULL, NULL);
    send_all(fd, "SSH-2.0-OpenSSH_9.2p1\r\n", 23);
    next_is(&n2, FAILED, AKT_REFUSED_BAD_HELLO, "no hello of aktvm");
    close(fd);
    connect_to(&n2, address, NULL);
    close(accept(server, NULL, NULL));
    next_is(&n2, FAILED, AKT_REFUSED_NONE, "");
    /* a word of REFUSED that is not known: somebody is there */
    connect_to(&n2, address, NULL);
    fd = accept(server, NULL, NULL);
    send_all(fd, "\x08\0\0\0\x03\0\0\0\0\0\0\0\x07refused", 20);
    ck_assert(!next_is(&n2, FAILED, AKT_REFUSED_NONE, "refused").nobody);
    close(fd);
    close(server);
}
END_TEST

/* ---- those that say nothing, or little ---- */

START_TEST(the_silent_are_closed)
{
    start(&n1, (struct akt_listen_config){.address = "127.0.0.1:0",
                                          .limit_ms = 100});
    int fd = raw(&n1);
    next_is(&n1, REFUSED, AKT_REFUSED_SLOW, "in time");
    ends_with(fd, AKT_REFUSED_SLOW);
    ck_assert_int_eq(refused(&n1, AKT_REFUSED_SLOW), 1);
    await_half_open(&n1, 0);
}
END_TEST

/* Whether the other side has closed, within a moment. */
static bool is_closed(int fd)
{
    struct pollfd p = {fd, POLLIN, 0};
    return poll(&p, 1, 20) > 0;
}

START_TEST(the_slow_are_closed_though_they_speak)
{
    struct akt_tls *tls[2] = {NULL, by_secret(SECRET)};
    static const char record[] = "\x16\x03\x01\x07";
    for (int i = 0; i < 2; i++) {
        struct akt_buf b = hello_of(&n2, false);
        const char *says = i ? record : b.data;
        size_t at = 0, len = i ? 500 : b.len - 1;
        start(&n1, (struct akt_listen_config){.address = "127.0.0.1:0",
                                              .tls = tls[i],
                                              .limit_ms = 150});
        int fd = raw(&n1);
        while (!is_closed(fd) && at++ < len)
            send(fd,
                 at <= 4 ? says + at - 1
                 : i     ? "x"
                         : says + at - 1,
                 1, MSG_NOSIGNAL);
        ck_assert_int_lt(at, len);
        next_is(&n1, REFUSED, AKT_REFUSED_SLOW, "in time");
        close(fd);
        akt_buf_fini(&b);
        stop(&n1);
        init(&n1, "n1");
    }
    akt_tls_destroy(tls[1]);
}
END_TEST

START_TEST(an_opener_waits_no_longer)
{
    char address[32];
    start(&n2, (struct akt_listen_config){.limit_ms = 100});
    int server = raw_listener(address);
    connect_to(&n2, address, NULL);
    ck_assert(
        !next_is(&n2, FAILED, AKT_REFUSED_NONE, "no answer in 100 ms").nobody);
    close(server);
}
END_TEST

#define FLOOD 1000

static int flood[FLOOD];

static void more_descriptors(void)
{
    struct rlimit r;
    getrlimit(RLIMIT_NOFILE, &r);
    r.rlim_cur = r.rlim_max;
    setrlimit(RLIMIT_NOFILE, &r);
}

START_TEST(a_flood_of_the_silent_delays_nobody)
{
    struct akt_tls *tls = by_secret(SECRET);
    more_descriptors();
    start_both(tls, tls);
    connect_both(); /* what OpenSSL needs once is there now */
    talk(taken(&n2), taken(&n1));
    size_t held = mallinfo2().uordblks;
    for (int i = 0; i < FLOOD; i++) {
        flood[i] = raw(&n1);
        if (i % 2)
            send_all(flood[i], "\x16\x03\x01", 3);
    }
    await_half_open(&n1, FLOOD);
    held = mallinfo2().uordblks - held;
#ifndef __SANITIZE_ADDRESS__
#ifndef __SANITIZE_THREAD__
    ck_assert_int_lt(held / FLOOD, 4096);
#endif
#endif
    connect_both();
    talk(taken(&n2), taken(&n1));
    await_half_open(&n1, FLOOD);
    for (int i = 0; i < FLOOD; i++)
        close(flood[i]);
    stop_both();
    akt_tls_destroy(tls);
}
END_TEST

START_TEST(of_too_many_the_oldest_go)
{
    char p[256];
    start(&n1, (struct akt_listen_config){.address = "127.0.0.1:0",
                                          .half_open_max = 8});
    start(&n2, (struct akt_listen_config){0});
    for (int i = 0; i < 20; i++)
        flood[i] = raw(&n1);
    for (int i = 0; i < 12; i++) {
        next_is(&n1, REFUSED, AKT_REFUSED_LIMIT, "too many say nothing");
        ends_with(flood[i], AKT_REFUSED_LIMIT);
    }
    await_half_open(&n1, 8);
    ck_assert_int_eq(recv(flood[12], p, sizeof p, MSG_DONTWAIT), -1);
    connect_both();
    taken(&n2);
    next_is(&n1, REFUSED, AKT_REFUSED_LIMIT, "too many say nothing");
    taken(&n1);
    ck_assert_int_eq(refused(&n1, AKT_REFUSED_LIMIT), 13);
    for (int i = 12; i < 20; i++)
        close(flood[i]);
}
END_TEST

/* They begin a handshake as they should, and leave it there. */
START_TEST(of_too_many_handshakes_the_oldest_go)
{
    struct akt_pki_pem ca = make_ca("shop");
    struct akt_tls *tls = by_cert(&ca, "n1"), *two = by_cert(&ca, "n2");
    int fd[2];
    char hello[AKT_CHANNEL_FIRST];
    more_descriptors();
    start_both(tls, two);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd),
                     0);
    struct akt_channel *c = akt_channel_create(fd[0], tls, true);
    akt_channel_shake(c);
    ssize_t len = recv(fd[1], hello, sizeof hello, 0);
    for (int i = 0; i < AKT_SHAKING_MAX + 1; i++) {
        flood[i] = raw(&n1);
        send_all(flood[i], hello, (size_t)len);
        char byte; /* it has begun: the answer comes */
        ck_assert_int_eq(recv(flood[i], &byte, 1, 0), 1);
    }
    next_is(&n1, REFUSED, AKT_REFUSED_LIMIT, "too many handshakes");
    await_half_open(&n1, AKT_SHAKING_MAX);
    connect_both();
    struct akt_channel *a = taken(&n2);
    next_is(&n1, REFUSED, AKT_REFUSED_LIMIT, "too many handshakes");
    talk(a, taken(&n1));
    for (int i = 0; i < AKT_SHAKING_MAX + 1; i++)
        close(flood[i]);
    close(fd[1]);
    akt_channel_destroy(c);
    stop_both();
    akt_tls_destroy(tls);
    akt_tls_destroy(two);
    akt_pki_pem_fini(&ca);
}
END_TEST

/* ---- limits of the machine ---- */

START_TEST(without_descriptors_they_are_turned_away)
{
    struct rlimit usual, tight;
    char p[16];
    start(&n1, (struct akt_listen_config){.address = "127.0.0.1:0"});
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int last = socket(AF_INET, SOCK_STREAM, 0);
    getrlimit(RLIMIT_NOFILE, &usual);
    tight = usual;
    tight.rlim_cur = (rlim_t)last + 1;
    setrlimit(RLIMIT_NOFILE, &tight);
    raw_connect(&n1, fd);
    ck_assert_int_eq(read_end(fd, p, sizeof p), 0);
    setrlimit(RLIMIT_NOFILE, &usual);
    raw_connect(&n1, last);
    struct akt_buf b = hello_of(&n2, false);
    send_all(last, b.data, b.len);
    taken(&n1);
    ck_assert_int_eq(refused(&n1, AKT_REFUSED_LIMIT), 1);
    close(fd);
    close(last);
    akt_buf_fini(&b);
}
END_TEST

/* ---- addresses ---- */

START_TEST(plain_text_is_for_loopback)
{
    char text[320];
    struct akt_listen_config c = {.address = "0.0.0.0:0", .events = &n1.events};
    ck_assert_ptr_null(akt_listen_create(&c, text, sizeof text));
    ck_assert_ptr_nonnull(strstr(text, "plain text is for loopback only"));
    start(&n2, (struct akt_listen_config){0});
    connect_to(&n2, "192.0.2.1:7001", NULL);
    next_is(&n2, FAILED, AKT_REFUSED_TLS, "192.0.2.1:7001: plain text is for");
    start(&n1,
          (struct akt_listen_config){.address = "0.0.0.0:0", .plain = true});
    ck_assert_ptr_nonnull(strstr(akt_listen_address(n1.l), "0.0.0.0:"));
}
END_TEST

START_TEST(all_of_this_machine)
{
    char address[32];
    start(&n1, (struct akt_listen_config){.address = ":0", .plain = true});
    start(&n2, (struct akt_listen_config){0});
    const char *port = strrchr(akt_listen_address(n1.l), ':');
    snprintf(address, sizeof address, "127.0.0.1%s", port);
    connect_to(&n2, address, NULL);
    taken(&n2);
    taken(&n1);
}
END_TEST

START_TEST(bad_addresses_are_told)
{
    char text[320], host[100], address[32];
    struct akt_listen_config c = {.address = "7001", .events = &n1.events};
    ck_assert_ptr_null(akt_listen_create(&c, text, sizeof text));
    ck_assert_str_eq(text, "7001: is no HOST:PORT");
    memset(host, 'x', sizeof host);
    strcpy(host + 70, ":7001");
    c.address = host; /* no name in the DNS has such a part */
    ck_assert_ptr_null(akt_listen_create(&c, text, sizeof text));
    ck_assert_ptr_nonnull(strstr(text, "not known"));
    int server = raw_listener(address);
    c.address = address;
    ck_assert_ptr_null(akt_listen_create(&c, text, sizeof text));
    ck_assert_ptr_nonnull(strstr(text, "Address already in use"));
    close(server);
    start(&n2, (struct akt_listen_config){0});
    connect_to(&n2, address, NULL);
    ck_assert(
        next_is(&n2, FAILED, AKT_REFUSED_NONE, "Connection refused").nobody);
    connect_to(&n2, "nonsense", NULL);
    next_is(&n2, FAILED, AKT_REFUSED_NONE, "'nonsense' is no HOST:PORT");
    connect_to(&n2, ":7001", NULL);
    next_is(&n2, FAILED, AKT_REFUSED_NONE, "':7001' is no HOST:PORT");
    connect_to(&n2, host, NULL);
    next_is(&n2, FAILED, AKT_REFUSED_NONE, "xxx: ");
}
END_TEST

/* ---- the thread ---- */

static void note(void *ctx)
{
    hear(&n1, &(struct heard){.token = ctx});
}

static void begin_timers(void *ctx)
{
    static char texts[] = "abc";
    struct akt_listen_timer *t;
    akt_listen_after(n1.l, 20, note, texts + 2);
    akt_listen_after(n1.l, 1, note, texts + 1);
    t = akt_listen_after(n1.l, 2, note, NULL);
    akt_listen_cancel(t);
    akt_listen_after(n1.l, 1u << 30, note, NULL);
    note(texts);
}

START_TEST(timers_fire_in_order)
{
    start(&n1, (struct akt_listen_config){0});
    akt_listen_run(n1.l, begin_timers, NULL);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(*(char *)next(&n1).token, 'a' + i);
}
END_TEST

static int stopped;

static void on_stop(void *ctx)
{
    stopped++;
}

/* With all that may be under way. */
START_TEST(it_ends_at_any_time)
{
    char address[32];
    struct akt_tls *tls = by_secret(SECRET);
    int server = raw_listener(address);
    n1.events.on_stop = on_stop;
    start(&n1,
          (struct akt_listen_config){.address = "127.0.0.1:0", .tls = tls});
    for (int i = 0; i < 10; i++)
        flood[i] = raw(&n1);
    await_half_open(&n1, 10);
    connect_to(&n1, address, NULL);
    connect_to(&n1, "localhost:1", NULL);
    akt_listen_run(n1.l, begin_timers, NULL);
    for (int i = 0; i < 50; i++)
        akt_listen_run(n1.l, note, "x");
    stop(&n1);
    ck_assert_int_eq(stopped, 1);
    int noted = 0;
    for (int i = 0; i < n1.heard_len; i++)
        noted += n1.heard[i].token && *(char *)n1.heard[i].token == 'x';
    ck_assert_int_eq(noted, 50);
    for (int i = 0; i < 10; i++)
        close(flood[i]);
    close(server);
    akt_tls_destroy(tls);
}
END_TEST

CHECK_MAIN_FIXTURE(
    "listen", before, after, two_nodes_greet, they_greet_inside_tls,
    names_are_looked_up, ipv6_works_too,
    what_comes_behind_a_hello_is_handed_over, a_hello_may_come_in_pieces,
    what_comes_behind_an_answer_is_handed_over, strangers_are_refused,
    another_node_than_expected_is_refused, a_wrong_secret_is_refused,
    a_name_that_is_not_the_certificates_is_refused,
    another_authority_is_refused, nonsense_is_refused,
    plain_text_to_tls_is_refused, a_bad_answer_is_a_failure,
    the_silent_are_closed, the_slow_are_closed_though_they_speak,
    an_opener_waits_no_longer, a_flood_of_the_silent_delays_nobody,
    of_too_many_the_oldest_go, of_too_many_handshakes_the_oldest_go,
    without_descriptors_they_are_turned_away, plain_text_is_for_loopback,
    all_of_this_machine, bad_addresses_are_told, timers_fire_in_order,
    it_ends_at_any_time)
