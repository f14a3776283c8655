/* SPDX-License-Identifier: MIT
 *
 * Channels over socket pairs, in one thread: nothing blocks, so that what
 * happens does not depend on time.
 */
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "net/channel.h"
#include "tests/unit/check_main.h"
#include "tests/unit/net/tls_files.h"
#include "vm/base/random.h"

#define ROUNDS 200 /* of a handshake; it needs about four */
#define SECRET "correct horse battery staple"

static struct akt_pki_pem ca, other_ca;

static void before(void)
{
    files_init();
    ca = make_ca("shop");
    other_ca = make_ca("shop");
    put_file("ca.pem", ca.cert.data, ca.cert.len, 0644);
    put_file("other.pem", other_ca.cert.data, other_ca.cert.len, 0644);
    put_file("secret", SECRET, strlen(SECRET), 0600);
    issue(&ca, "n1", -1, 5);
    issue(&ca, "n2", -1, 5);
    issue(&other_ca, "m2", -1, 5);
}

static void after(void)
{
    akt_pki_pem_fini(&ca);
    akt_pki_pem_fini(&other_ca);
    files_fini();
}

/* ---- contexts ---- */

static struct akt_tls *create(const struct akt_tls_config *c)
{
    char text[256] = "";
    struct akt_tls *tls = akt_tls_create(c, text, sizeof text);
    ck_assert_msg(tls != NULL, "%s", text);
    return tls;
}

static struct akt_tls *by_secret(const char *name)
{
    return create(&(struct akt_tls_config){.secret = file_path(name)});
}

static struct akt_tls_config certs(const char *authority, const char *node)
{
    char cert[64], key[64];
    snprintf(cert, sizeof cert, "%s.pem", node);
    snprintf(key, sizeof key, "%s.key", node);
    return (struct akt_tls_config){file_path(authority), file_path(cert),
                                   file_path(key)};
}

static struct akt_tls *by_certs(const char *authority, const char *node)
{
    struct akt_tls_config c = certs(authority, node);
    return create(&c);
}

static void refused(const struct akt_tls_config *c, const char *part)
{
    char text[256] = "";
    ck_assert_ptr_null(akt_tls_create(c, text, sizeof text));
    ck_assert_msg(strstr(text, part) != NULL, "%s", text);
}

/* ---- pairs ---- */

static struct akt_channel *a, *b; /* who opened, who accepted */

static void sockets(int fd[2])
{
    ck_assert_int_eq(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd),
        0);
}

static void open_pair(struct akt_tls *of_a, struct akt_tls *of_b)
{
    int fd[2];
    sockets(fd);
    a = akt_channel_create(fd[0], of_a, true);
    b = akt_channel_create(fd[1], of_b, false);
}

static void close_pair(struct akt_tls *of_a, struct akt_tls *of_b)
{
    akt_channel_destroy(a);
    akt_channel_destroy(b);
    akt_tls_destroy(of_a);
    if (of_b != of_a)
        akt_tls_destroy(of_b);
}

static void shake(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        akt_channel_shake(a);
        akt_channel_shake(b);
    }
}

static void shake_open(void)
{
    shake();
    ck_assert_str_eq(akt_channel_error(a), "");
    ck_assert_str_eq(akt_channel_error(b), "");
    ck_assert_int_eq(akt_channel_shake(a), AKT_CHANNEL_OPEN);
    ck_assert_int_eq(akt_channel_shake(b), AKT_CHANNEL_OPEN);
}

static ssize_t say(struct akt_channel *c, const char *text)
{
    struct iovec v = {(char *)text, strlen(text)};
    return akt_channel_write(c, &v, 1);
}

static void hears(struct akt_channel *c, const char *text)
{
    char got[256];
    ssize_t n = akt_channel_read(c, got, sizeof got);
    ck_assert_msg(n == (ssize_t)strlen(text), "%zd: %s", n,
                  akt_channel_error(c));
    ck_assert_mem_eq(got, text, (size_t)n);
}

static void talk(void)
{
    ck_assert_int_eq(say(a, "good morning"), 12);
    hears(b, "good morning");
    ck_assert_int_eq(say(b, "and to you"), 10);
    hears(a, "and to you");
    char c;
    ck_assert_int_eq(akt_channel_read(a, &c, 1), 0);
    ck_assert(!akt_channel_has_pending(a));
    ck_assert(!akt_channel_wants_write(a));
}

static void fails(struct akt_channel *c, const char *part)
{
    char byte;
    ck_assert_int_eq(akt_channel_read(c, &byte, 1), -1);
    ck_assert_int_eq(akt_channel_state(c), AKT_CHANNEL_FAILED);
    ck_assert_msg(strstr(akt_channel_error(c), part) != NULL, "%s",
                  akt_channel_error(c));
    ck_assert_int_eq(say(c, "x"), -1);
    ck_assert_int_eq(akt_channel_shake(c), AKT_CHANNEL_FAILED);
}

/* ---- what works ---- */

START_TEST(plain_is_open_at_once)
{
    open_pair(NULL, NULL);
    ck_assert_int_eq(akt_channel_shake(a), AKT_CHANNEL_OPEN);
    ck_assert_int_eq(akt_channel_shake(b), AKT_CHANNEL_OPEN);
    talk();
    ck_assert_ptr_null(akt_channel_identity(a));
    ck_assert(akt_channel_has_role(a, "admin"));
    close_pair(NULL, NULL);
}
END_TEST

START_TEST(a_secret_opens)
{
    struct akt_tls *one = by_secret("secret");
    put_file("again", SECRET "\n", strlen(SECRET) + 1, 0400);
    struct akt_tls *two = by_secret("again");
    open_pair(one, two);
    ck_assert(!akt_channel_has_role(b, "admin"));
    shake_open();
    talk();
    ck_assert_ptr_null(akt_channel_identity(b));
    ck_assert(akt_channel_has_role(b, "admin"));
    close_pair(one, two);
}
END_TEST

START_TEST(certificates_open)
{
    struct akt_tls *one = by_certs("ca.pem", "n1");
    struct akt_tls *two = by_certs("ca.pem", "n2");
    open_pair(one, two);
    shake_open();
    talk();
    ck_assert_str_eq(akt_channel_identity(a), "n2");
    ck_assert_str_eq(akt_channel_identity(b), "n1");
    ck_assert(akt_channel_has_role(b, "admin"));
    ck_assert(akt_channel_has_role(b, "worker"));
    ck_assert(!akt_channel_has_role(b, "adm"));
    ck_assert(!akt_channel_has_role(b, "administrator"));
    close_pair(one, two);
}
END_TEST

/* One byte at a time over the wire. */
START_TEST(a_slow_handshake_opens)
{
    struct akt_tls *tls = by_certs("ca.pem", "n1");
    int left[2], right[2];
    sockets(left);
    sockets(right);
    a = akt_channel_create(left[0], tls, true);
    b = akt_channel_create(right[0], tls, false);
    for (int i = 0; i < 20000; i++) {
        char c;
        akt_channel_shake(a);
        if (recv(left[1], &c, 1, 0) == 1)
            ck_assert_int_eq(send(right[1], &c, 1, 0), 1);
        akt_channel_shake(b);
        if (recv(right[1], &c, 1, 0) == 1)
            ck_assert_int_eq(send(left[1], &c, 1, 0), 1);
    }
    ck_assert_int_eq(akt_channel_state(a), AKT_CHANNEL_OPEN);
    ck_assert_int_eq(akt_channel_state(b), AKT_CHANNEL_OPEN);
    close(left[1]);
    close(right[1]);
    close_pair(tls, tls);
}
END_TEST

START_TEST(it_closes_in_order)
{
    struct akt_tls *tls = by_secret("secret");
    char c;
    for (int i = 0; i < 2; i++) {
        open_pair(i ? tls : NULL, i ? tls : NULL);
        shake_open();
        say(a, "the last words");
        akt_channel_end(a);
        say(b, "and mine");
        hears(b, "the last words");
        hears(a, "and mine");
        ck_assert_int_eq(akt_channel_read(b, &c, 1), -1);
        ck_assert_int_eq(akt_channel_state(b), AKT_CHANNEL_CLOSED);
        ck_assert_str_eq(akt_channel_error(b), "");
        ck_assert_int_eq(akt_channel_shake(b), AKT_CHANNEL_CLOSED);
        close_pair(NULL, NULL);
    }
    akt_tls_destroy(tls);
}
END_TEST

/* ---- much, both ways at once ---- */

#define STREAM_BYTES (3u << 20)

struct stream {
    struct akt_channel *from, *to;
    struct akt_random said, heard, pieces;
    size_t sent, got;
    char block[200000]; /* said, and not yet written */
    size_t at, len;
};

static char next_byte(struct akt_random *r)
{
    return (char)akt_random_next(r);
}

static void stream_write(struct stream *s)
{
    struct iovec v[5];
    if (s->at == s->len && s->sent < STREAM_BYTES) {
        s->len = 1 + akt_random_below(&s->pieces, sizeof s->block);
        s->at = 0;
        for (size_t i = 0; i < s->len; i++)
            s->block[i] = next_byte(&s->said);
        s->sent += s->len;
    }
    size_t at = s->at;
    for (int i = 0; i < 5; i++) {
        size_t left = s->len - at;
        size_t n = i == 4 ? left : akt_random_below(&s->pieces, left / 2 + 1);
        v[i] = (struct iovec){s->block + at, n};
        at += n;
    }
    ssize_t n = akt_channel_write(s->from, v, 5);
    ck_assert_msg(n >= 0, "%s", akt_channel_error(s->from));
    s->at += (size_t)n;
}

static void stream_read(struct stream *s)
{
    char p[70000];
    ssize_t n =
        akt_channel_read(s->to, p, 1 + akt_random_below(&s->pieces, sizeof p));
    ck_assert_msg(n >= 0, "%s", akt_channel_error(s->to));
    for (ssize_t i = 0; i < n; i++)
        if (p[i] != next_byte(&s->heard))
            ck_abort_msg("another byte at %zu", s->got + (size_t)i);
    s->got += (size_t)n;
}

static bool stream_done(const struct stream *s)
{
    return s->sent >= STREAM_BYTES && s->got == s->sent;
}

static struct stream streams[2];

static void stream_both_ways(void)
{
    bool kept = false;
    for (uint64_t i = 0; i < 2; i++) {
        struct stream *s = &streams[i];
        memset(s, 0, sizeof *s);
        s->from = i ? b : a;
        s->to = i ? a : b;
        akt_random_seed(&s->said, i);
        akt_random_seed(&s->heard, i);
        akt_random_seed(&s->pieces, i + 9);
    }
    while (!stream_done(&streams[0]) || !stream_done(&streams[1]))
        for (int i = 0; i < 2; i++) {
            stream_write(&streams[i]);
            kept |= akt_channel_wants_write(streams[i].from);
            stream_read(&streams[i]);
        }
    ck_assert(kept);
}

START_TEST(much_goes_both_ways)
{
    const struct akt_tls_config c = {.secret = file_path("secret"), .rekey = 3};
    struct akt_tls *tls = create(&c);
    for (int i = 0; i < 2; i++) {
        int small = 1;
        open_pair(i ? tls : NULL, i ? tls : NULL);
        setsockopt(akt_channel_fd(a), SOL_SOCKET, SO_SNDBUF, &small,
                   sizeof small);
        shake_open();
        stream_both_ways();
        talk();
        close_pair(NULL, NULL);
    }
    akt_tls_destroy(tls);
}
END_TEST

/* ---- who is refused ---- */

START_TEST(a_wrong_secret_is_refused)
{
    put_file("wrong", SECRET "!", strlen(SECRET) + 1, 0600);
    struct akt_tls *one = by_secret("secret"), *two = by_secret("wrong");
    open_pair(one, two);
    shake();
    fails(b, "is the secret the same");
    fails(a, "the other side refused: ");
    close_pair(one, two);
}
END_TEST

START_TEST(another_authority_is_refused)
{
    struct akt_tls *one = by_certs("ca.pem", "n1");
    struct akt_tls *two = by_certs("other.pem", "m2");
    open_pair(one, two);
    shake();
    fails(a, "the certificate of the other side: ");
    fails(b, "the other side refused: ");
    close_pair(one, two);
}
END_TEST

START_TEST(a_secret_and_certificates_do_not_mix)
{
    struct akt_tls *one = by_certs("ca.pem", "n1");
    struct akt_tls *two = by_secret("secret");
    open_pair(one, two);
    shake();
    fails(b, "TLS");
    fails(a, "the other side refused: ");
    close_pair(NULL, NULL);
    open_pair(two, one);
    shake();
    fails(a, "TLS");
    fails(b, "TLS");
    close_pair(one, two);
}
END_TEST

START_TEST(plain_text_is_refused)
{
    struct akt_tls *tls = by_secret("secret");
    open_pair(NULL, tls);
    shake();
    say(a, "HELO");
    ck_assert_int_eq(akt_channel_shake(b), AKT_CHANNEL_FAILED);
    fails(b, "does not speak it");
    close_pair(tls, tls);
}
END_TEST

/* ---- a peer that is OpenSSL's own, made as one should not ---- */

static SSL_CTX *raw_ctx;
static SSL *raw;

static void raw_init(const char *node, int version)
{
    struct akt_tls_config c =
        node ? certs("ca.pem", node) : (struct akt_tls_config){NULL};
    raw_ctx = SSL_CTX_new(TLS_method());
    SSL_CTX_set_max_proto_version(raw_ctx, version);
    if (node) {
        ck_assert_int_eq(
            SSL_CTX_use_certificate_file(raw_ctx, c.cert, SSL_FILETYPE_PEM), 1);
        ck_assert_int_eq(
            SSL_CTX_use_PrivateKey_file(raw_ctx, c.key, SSL_FILETYPE_PEM), 1);
    }
}

static void raw_fini(void)
{
    SSL_free(raw);
    SSL_CTX_free(raw_ctx);
    ERR_clear_error();
}

/* The raw peer against *c, until it is open or has failed. */
static void raw_shake(struct akt_channel **c, struct akt_tls *tls)
{
    int fd[2];
    sockets(fd);
    raw = SSL_new(raw_ctx);
    SSL_set_fd(raw, fd[0]);
    *c = akt_channel_create(fd[1], tls, c == &a);
    if (c == &a)
        SSL_set_accept_state(raw);
    else
        SSL_set_connect_state(raw);
    for (int i = 0; i < ROUNDS; i++) {
        ERR_clear_error();
        SSL_do_handshake(raw);
        akt_channel_shake(*c);
    }
    ERR_clear_error();
}

static void raw_close(struct akt_channel *c)
{
    int fd = SSL_get_fd(raw);
    akt_channel_destroy(c);
    raw_fini();
    close(fd);
}

START_TEST(a_raw_peer_may_do_well)
{
    struct akt_tls *tls = by_certs("ca.pem", "n1");
    raw_init("n2", TLS1_3_VERSION);
    raw_shake(&b, tls);
    ck_assert_int_eq(akt_channel_state(b), AKT_CHANNEL_OPEN);
    ck_assert_int_eq(SSL_write(raw, "hi", 2), 2);
    hears(b, "hi");
    ck_assert_ptr_null(strstr(akt_channel_error(b), "TLS"));
    raw_close(b);
    akt_tls_destroy(tls);
}
END_TEST

START_TEST(an_expired_certificate_is_refused)
{
    struct akt_tls *tls = by_certs("ca.pem", "n1");
    issue(&ca, "old", -20, -1);
    raw_init("old", TLS1_3_VERSION);
    raw_shake(&b, tls);
    fails(b, "certificate has expired");
    raw_close(b);
    raw_init("old", TLS1_3_VERSION);
    raw_shake(&a, tls);
    fails(a, "certificate has expired");
    raw_close(a);
    struct akt_tls_config c = certs("ca.pem", "old");
    refused(&c, "old.pem: certificate has expired");
    akt_tls_destroy(tls);
}
END_TEST

START_TEST(a_certificate_of_tomorrow_is_refused)
{
    struct akt_tls *tls = by_certs("ca.pem", "n1");
    issue(&ca, "new", 1, 2);
    raw_init("new", TLS1_3_VERSION);
    raw_shake(&b, tls);
    fails(b, "not yet valid");
    raw_close(b);
    akt_tls_destroy(tls);
}
END_TEST

START_TEST(no_certificate_is_refused)
{
    struct akt_tls *tls = by_certs("ca.pem", "n1");
    raw_init(NULL, TLS1_3_VERSION);
    raw_shake(&b, tls);
    fails(b, "did not return a certificate");
    raw_close(b);
    akt_tls_destroy(tls);
}
END_TEST

START_TEST(tls_1_2_is_refused)
{
    struct akt_tls *tls = by_certs("ca.pem", "n1");
    raw_init("n2", TLS1_2_VERSION);
    raw_shake(&b, tls);
    fails(b, "unsupported protocol");
    raw_close(b);
    raw_init("n2", TLS1_2_VERSION);
    raw_shake(&a, tls);
    fails(a, "TLS");
    raw_close(a);
    akt_tls_destroy(tls);
}
END_TEST

START_TEST(a_certificate_of_an_authority_is_no_node)
{
    struct akt_tls *tls = by_certs("ca.pem", "n1");
    put_pem("boss", &ca);
    raw_init("boss", TLS1_3_VERSION);
    raw_shake(&b, tls);
    fails(b, "the certificate of the other side");
    raw_close(b);
    akt_tls_destroy(tls);
}
END_TEST

START_TEST(no_session_is_given)
{
    struct akt_tls *tls = by_certs("ca.pem", "n1");
    char c[16];
    raw_init("n2", TLS1_3_VERSION);
    raw_shake(&b, tls);
    say(b, "hello");
    ck_assert_int_eq(SSL_read(raw, c, sizeof c), 5);
    ck_assert(!SSL_SESSION_is_resumable(SSL_get_session(raw)));
    raw_close(b);
    akt_tls_destroy(tls);
}
END_TEST

static int updates;

static void on_message(int out, int version, int type, const void *p,
                       size_t len, SSL *ssl, void *ctx)
{
    if (!out && type == SSL3_RT_HANDSHAKE && len &&
        *(const unsigned char *)p == SSL3_MT_KEY_UPDATE)
        updates++;
}

/* Each record has one byte; every third is the last under its key. */
START_TEST(the_key_changes_with_the_records)
{
    struct akt_tls_config c = certs("ca.pem", "n1");
    c.rekey = 3;
    struct akt_tls *tls = create(&c);
    raw_init("n2", TLS1_3_VERSION);
    SSL_CTX_set_msg_callback(raw_ctx, on_message);
    raw_shake(&b, tls);
    for (int i = 0; i < 10; i++) {
        char byte;
        ck_assert_int_eq(say(b, "x"), 1);
        ck_assert_int_eq(SSL_read(raw, &byte, 1), 1);
    }
    ck_assert_int_eq(updates, 3);
    raw_close(b);
    akt_tls_destroy(tls);
}
END_TEST

/* ---- nonsense ---- */

START_TEST(garbage_is_refused)
{
    struct akt_tls *tls = by_secret("secret");
    struct akt_random r;
    akt_random_seed(&r, 1);
    for (int i = 0; i < 300; i++) {
        int fd[2];
        char bytes[400];
        sockets(fd);
        b = akt_channel_create(fd[1], tls, false);
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = next_byte(&r);
        if (i % 2)
            memcpy(bytes, "\x16\x03\x01\x01\x80", 5);
        if (i % 4 == 3)
            memcpy(bytes + 5, "\x01\x00\x01\x7c\x03\x03", 6);
        ck_assert_int_eq(send(fd[0], bytes, sizeof bytes, 0), sizeof bytes);
        for (int k = 0; k < 5; k++)
            akt_channel_shake(b);
        fails(b, "TLS");
        akt_channel_destroy(b);
        close(fd[0]);
    }
    akt_tls_destroy(tls);
}
END_TEST

/* What a says first, of up to `max` bytes. */
static size_t first_words(struct akt_tls *tls, char *p, size_t max)
{
    int fd[2];
    sockets(fd);
    a = akt_channel_create(fd[0], tls, true);
    akt_channel_shake(a);
    ssize_t n = recv(fd[1], p, max, 0);
    ck_assert_int_gt(n, 5);
    akt_channel_destroy(a);
    close(fd[1]);
    return (size_t)n;
}

START_TEST(a_truncated_hello_waits_and_then_fails)
{
    struct akt_tls *tls = by_secret("secret");
    char hello[4096];
    size_t len = first_words(tls, hello, sizeof hello);
    ck_assert_int_le(len, AKT_CHANNEL_FIRST / 2);
    for (size_t n = 0; n < len; n++) {
        int fd[2];
        sockets(fd);
        b = akt_channel_create(fd[1], tls, false);
        ck_assert_int_eq(send(fd[0], hello, n, 0), (ssize_t)n);
        ck_assert_int_eq(akt_channel_shake(b), AKT_CHANNEL_WANTS_READ);
        ck_assert_int_eq(akt_channel_shake(b), AKT_CHANNEL_WANTS_READ);
        close(fd[0]);
        akt_channel_shake(b);
        fails(b, "ended without a word");
        akt_channel_destroy(b);
    }
    akt_tls_destroy(tls);
}
END_TEST

START_TEST(a_long_first_record_is_refused)
{
    struct akt_tls *tls = by_secret("secret");
    int fd[2];
    sockets(fd);
    b = akt_channel_create(fd[1], tls, false);
    ck_assert_int_eq(send(fd[0], "\x16\x03\x01\x40\x00", 5, 0), 5);
    ck_assert_int_eq(akt_channel_shake(b), AKT_CHANNEL_FAILED);
    fails(b, "too long");
    akt_channel_destroy(b);
    close(fd[0]);
    akt_tls_destroy(tls);
}
END_TEST

/* Without "I close", what came may have been cut. */
START_TEST(a_cut_connection_is_no_end)
{
    struct akt_tls *tls = by_secret("secret");
    open_pair(tls, tls);
    shake_open();
    say(a, "half of ");
    shutdown(akt_channel_fd(a), SHUT_WR);
    hears(b, "half of ");
    fails(b, "ended without a word");
    close_pair(tls, tls);
}
END_TEST

START_TEST(changed_bytes_are_noticed)
{
    struct akt_tls *tls = by_secret("secret");
    open_pair(tls, tls);
    shake_open();
    ck_assert_int_eq(send(akt_channel_fd(a), "\x17\x03\x03\x00\x20", 5, 0), 5);
    ck_assert_int_eq(
        send(akt_channel_fd(a), "0123456789abcdef0123456789abcdef", 32, 0), 32);
    fails(b, "TLS");
    fails(a, "the other side refused: ");
    close_pair(tls, tls);
}
END_TEST

/* So that who reads until 0 hears of it, though the socket shows nothing. */
START_TEST(what_is_behind_the_last_bytes_is_pending)
{
    struct akt_tls *tls = by_secret("secret");
    open_pair(tls, tls);
    shake_open();
    say(a, "the last words");
    send(akt_channel_fd(a), "nonsense", 8, 0);
    hears(b, "the last words");
    ck_assert(akt_channel_has_pending(b));
    fails(b, "TLS");
    close_pair(tls, tls);
}
END_TEST

START_TEST(half_a_record_is_not_pending)
{
    struct akt_tls *tls = by_secret("secret");
    char byte;
    open_pair(tls, tls);
    shake_open();
    ck_assert_int_eq(send(akt_channel_fd(a), "\x17\x03\x03\x00", 4, 0), 4);
    ck_assert_int_eq(akt_channel_read(b, &byte, 1), 0);
    ck_assert(!akt_channel_has_pending(b));
    close_pair(tls, tls);
}
END_TEST

/* ---- the socket ---- */

START_TEST(writing_to_the_gone_is_an_error_not_a_signal)
{
    struct akt_tls *tls = by_secret("secret");
    for (int i = 0; i < 2; i++) {
        int n = 0;
        open_pair(i ? tls : NULL, i ? tls : NULL);
        shake_open();
        akt_channel_destroy(b);
        b = NULL;
        while (say(a, "is anybody there?") > 0)
            ck_assert_int_lt(++n, 10);
        fails(a, "connection: ");
        close_pair(NULL, NULL);
    }
    akt_tls_destroy(tls);
}
END_TEST

/* A TCP socket on loopback that listens; its address. */
static int listener(struct sockaddr_in *at)
{
    socklen_t len = sizeof *at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    *at = (struct sockaddr_in){.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ck_assert_int_eq(bind(fd, (struct sockaddr *)at, len), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)at, &len), 0);
    return fd;
}

static void connect_to(const struct sockaddr_in *at)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int rc = connect(fd, (const struct sockaddr *)at, sizeof *at);
    ck_assert(rc == 0 || errno == EINPROGRESS || errno == ECONNREFUSED);
    a = akt_channel_create(fd, NULL, true);
    while (akt_channel_shake(a) == AKT_CHANNEL_WANTS_WRITE)
        ;
}

START_TEST(it_waits_for_the_connection)
{
    struct sockaddr_in at;
    int fd = listener(&at);
    connect_to(&at);
    ck_assert_int_eq(akt_channel_state(a), AKT_CHANNEL_OPEN);
    akt_channel_destroy(a);
    close(fd);
    connect_to(&at);
    fails(a, "cannot connect: Connection refused");
    akt_channel_destroy(a);
}
END_TEST

/* ---- files ---- */

START_TEST(files_that_others_read_are_refused)
{
    const mode_t modes[] = {0604, 0644, 0660, 0602, 0777};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct akt_tls_config c = {.secret = file_path("secret")};
        chmod(c.secret, modes[i]);
        refused(&c, "secret: is open to others");
        c = certs("ca.pem", "n1");
        chmod(c.key, modes[i]);
        refused(&c, "n1.key: is open to others");
    }
}
END_TEST

/* Of root's files a group may read. */
START_TEST(a_group_reads_files_of_root_only)
{
    struct akt_tls_config c = {.secret = file_path("secret")};
    chmod(c.secret, 0640);
    if (geteuid() == 0)
        akt_tls_destroy(create(&c));
    if (geteuid() == 0 && chown(c.secret, 65534, 65534) == 0)
        refused(&c, "belongs to another user");
    if (geteuid() == 0)
        ck_assert_int_eq(chmod(files_dir, 0755) + seteuid(65534), 0);
    refused(&c, "is open to its group");
    ck_assert_int_eq(seteuid(getuid()), 0);
}
END_TEST

START_TEST(bad_files_are_named)
{
    char long_secret[AKT_SECRET_MAX + 1];
    struct akt_tls_config c = {.secret = file_path("nowhere")};
    refused(&c, "nowhere: No such file");
    c.secret = files_dir;
    refused(&c, "is no regular file");
    c.secret = put_file("short", "123456789012345 \n\n", 18, 0600);
    refused(&c, "short: a secret has 16 to 1024 bytes, not 15");
    memset(long_secret, 'x', sizeof long_secret);
    c.secret = put_file("long", long_secret, sizeof long_secret, 0600);
    refused(&c, "not 1025");
    c.ca = file_path("ca.pem");
    refused(&c, "not both");
    c = (struct akt_tls_config){.ca = file_path("ca.pem")};
    refused(&c, "needs an authority");
    c = certs("ca.pem", "n1");
    c.key = file_path("n2.key");
    refused(&c, "n2.key: is not the key of the certificate");
    c.key = put_file("no.key", "no", 2, 0600);
    refused(&c, "no.key: holds no key");
    c = certs("ca.pem", "n1");
    c.cert = file_path("n1.key");
    refused(&c, "n1.key: holds no certificate");
    c = certs("n1.key", "n1");
    refused(&c, "n1.key: holds no certificate");
    c = certs("other.pem", "n1");
    refused(&c, "n1.pem: unable to get local issuer certificate");
}
END_TEST

CHECK_MAIN_FIXTURE(
    "channel", before, after, plain_is_open_at_once, a_secret_opens,
    certificates_open, a_slow_handshake_opens, it_closes_in_order,
    much_goes_both_ways, a_wrong_secret_is_refused,
    another_authority_is_refused, a_secret_and_certificates_do_not_mix,
    plain_text_is_refused, a_raw_peer_may_do_well,
    an_expired_certificate_is_refused, a_certificate_of_tomorrow_is_refused,
    no_certificate_is_refused, tls_1_2_is_refused,
    a_certificate_of_an_authority_is_no_node, no_session_is_given,
    the_key_changes_with_the_records, garbage_is_refused,
    a_truncated_hello_waits_and_then_fails, a_long_first_record_is_refused,
    a_cut_connection_is_no_end, changed_bytes_are_noticed,
    what_is_behind_the_last_bytes_is_pending, half_a_record_is_not_pending,
    writing_to_the_gone_is_an_error_not_a_signal, it_waits_for_the_connection,
    files_that_others_read_are_refused, a_group_reads_files_of_root_only,
    bad_files_are_named)
