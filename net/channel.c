/* SPDX-License-Identifier: MIT */
#include "net/channel_impl.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/hello.h"
#include "vm/base/alloc.h"
#include "vm/base/buf.h"

#define RECORD 16384 /* bytes in a TLS record */
#define RECORD_HEAD 5
#define RECORD_MAX (RECORD_HEAD + RECORD + 256)
#define BATCH (64u << 10) /* bytes of records that are sent together */
#define BATCH_MAX (BATCH + 2 * RECORD_MAX)

/* Records on their way from SSL to the socket, within one write. */
struct batch {
    size_t len;
    char bytes[BATCH_MAX];
};

struct akt_channel {
    int fd;
    int error_number; /* of the socket */
    bool refused;     /* nobody listens there */
    bool opener;
    bool connected;
    bool eof;     /* the socket's */
    bool blocked; /* it took less than it was given */
    bool drained; /* there is nothing to read in SSL */
    enum akt_channel_state state;
    struct akt_tls *tls; /* NULL: plain */
    SSL *ssl;            /* NULL: plain, or there was no whole record yet */
    uint32_t records;    /* written under one key */
    /* before SSL: the first record. Then what SSL has not read of it. */
    struct akt_buf in;
    size_t in_at;
    struct akt_buf out; /* what the socket has not taken */
    size_t out_at;
    struct batch *batch; /* NULL: not in a write */
    char identity[AKT_NODE_NAME_MAX + 1];
    char error[160];
};

static enum akt_channel_state fail(struct akt_channel *c, const char *what,
                                   const char *why)
{
    snprintf(c->error, sizeof c->error, "%s%s%s", what, *why ? ": " : "", why);
    return c->state = AKT_CHANNEL_FAILED;
}

static enum akt_channel_state fail_errno(struct akt_channel *c,
                                         const char *what, int e)
{
    char text[80];
    return fail(c, what, strerror_r(e, text, sizeof text));
}

/* ---- the socket ---- */

/* Bytes, 0: the end, -1: an error or EAGAIN, by errno. */
static ssize_t take(struct akt_channel *c, char *p, size_t len)
{
    ssize_t n;
    do
        n = recv(c->fd, p, len, 0);
    while (n < 0 && errno == EINTR);
    return n;
}

/* Bytes, 0: none now, -1: an error, by errno. */
static ssize_t give(struct akt_channel *c, const struct iovec *v, int n)
{
    struct msghdr m = {.msg_iov = (struct iovec *)v, .msg_iovlen = (size_t)n};
    ssize_t done;
    do
        done = sendmsg(c->fd, &m, MSG_NOSIGNAL);
    while (done < 0 && errno == EINTR);
    return done < 0 && errno == EAGAIN ? 0 : done;
}

/* Sends as much as the socket takes; what that was. */
static size_t push(struct akt_channel *c, const char *p, size_t len)
{
    size_t done = 0;
    c->blocked = false;
    while (done < len) {
        struct iovec v = {(char *)p + done, len - done};
        ssize_t n = give(c, &v, 1);
        if (n < 0)
            c->error_number = errno;
        c->blocked = n == 0;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    return done;
}

/* Whether nothing is kept any more. */
static bool flush(struct akt_channel *c)
{
    c->out_at += push(c, c->out.data + c->out_at, c->out.len - c->out_at);
    if (c->out_at < c->out.len)
        return false;
    c->out_at = 0;
    akt_buf_fini(&c->out);
    return true;
}

/* Sends or keeps; false: the connection is broken, or keeps too much. */
static bool put(struct akt_channel *c, const char *p, size_t len)
{
    size_t done = c->out.len ? 0 : push(c, p, len);
    if (c->error_number)
        return false;
    if (c->out.len - c->out_at + len - done > AKT_CHANNEL_KEPT)
        c->error_number = ENOBUFS;
    else
        akt_buf_add(&c->out, p + done, len - done);
    return !c->error_number;
}

static bool put_batch(struct akt_channel *c)
{
    size_t len = c->batch->len;
    c->batch->len = 0;
    return put(c, c->batch->bytes, len);
}

/* ---- what SSL reads from and writes to ---- */

static int bio_read(BIO *bio, char *p, int len)
{
    struct akt_channel *c = BIO_get_data(bio);
    size_t held = c->in.len - c->in_at;
    BIO_clear_retry_flags(bio);
    if (held) {
        held = held < (size_t)len ? held : (size_t)len;
        memcpy(p, c->in.data + c->in_at, held);
        c->in_at += held;
        if (c->in_at == c->in.len) {
            akt_buf_fini(&c->in);
            c->in_at = 0;
        }
        return (int)held;
    }
    ssize_t n = take(c, p, (size_t)len);
    if (n < 0 && errno == EAGAIN)
        BIO_set_retry_read(bio);
    else if (n < 0)
        c->error_number = errno;
    c->eof |= n == 0;
    return (int)n;
}

/* Takes all, so that SSL never has to try again; akt_channel_write takes no
 * more while something is kept. */
static int bio_write(BIO *bio, const char *p, int len)
{
    struct akt_channel *c = BIO_get_data(bio);
    struct batch *b = c->batch;
    BIO_clear_retry_flags(bio);
    if (!b)
        return put(c, p, (size_t)len) ? len : -1;
    if (b->len + (size_t)len > sizeof b->bytes && !put_batch(c))
        return -1;
    if ((size_t)len > sizeof b->bytes)
        return put(c, p, (size_t)len) ? len : -1;
    memcpy(b->bytes + b->len, p, (size_t)len);
    b->len += (size_t)len;
    return len;
}

static long bio_ctrl(BIO *bio, int cmd, long num, void *p)
{
    struct akt_channel *c = BIO_get_data(bio);
    if (cmd == BIO_CTRL_EOF)
        return c->eof;
    return cmd == BIO_CTRL_FLUSH;
}

BIO_METHOD *akt_channel_bio(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(),
                                 "aktvm channel");
    if (m) {
        BIO_meth_set_read(m, bio_read);
        BIO_meth_set_write(m, bio_write);
        BIO_meth_set_ctrl(m, bio_ctrl);
    }
    return m;
}

/* ---- errors of SSL ---- */

/* What the last error in the queue means to people. */
static void explain(struct akt_channel *c, unsigned long code)
{
    long verified = SSL_get_verify_result(c->ssl);
    int reason = ERR_GET_REASON(code);
    const char *hint = c->tls->by_secret && !SSL_is_init_finished(c->ssl)
                           ? " (is the secret the same on both sides?)"
                           : "";
    char text[128];
    if (verified != X509_V_OK && !c->tls->by_secret)
        fail(c, "the certificate of the other side",
             X509_verify_cert_error_string(verified));
    else if (reason > SSL_AD_REASON_OFFSET) {
        snprintf(text, sizeof text, "%s%s",
                 SSL_alert_desc_string_long(reason - SSL_AD_REASON_OFFSET),
                 hint);
        fail(c, "TLS: the other side refused", text);
    } else {
        const char *s = ERR_reason_error_string(code);
        snprintf(text, sizeof text, "%s%s", s ? s : "unknown error", hint);
        fail(c, "TLS", text);
    }
}

/* What a call that returned `rc` means. */
static enum akt_channel_state outcome(struct akt_channel *c, int rc)
{
    int e = SSL_get_error(c->ssl, rc);
    unsigned long code = ERR_peek_error();
    if (e == SSL_ERROR_WANT_READ)
        return AKT_CHANNEL_WANTS_READ;
    if (e == SSL_ERROR_ZERO_RETURN)
        return c->state = AKT_CHANNEL_CLOSED;
    if (c->error_number)
        fail_errno(c, "connection", c->error_number);
    else if (c->eof)
        fail(c, "the connection ended without a word", "");
    else
        explain(c, code);
    ERR_clear_error();
    return c->state;
}

/* ---- making one ---- */

struct akt_channel *akt_channel_create(int fd, struct akt_tls *tls, bool opener)
{
    struct akt_channel *c = akt_calloc(sizeof *c);
    c->fd = fd;
    c->tls = tls;
    c->opener = opener;
    c->connected = !opener;
    c->drained = true;
    c->state = opener ? AKT_CHANNEL_WANTS_WRITE : AKT_CHANNEL_WANTS_READ;
    return c;
}

void akt_channel_end(struct akt_channel *c)
{
    if (c->state != AKT_CHANNEL_OPEN && c->state != AKT_CHANNEL_CLOSED)
        return;
    ERR_clear_error();
    if (c->ssl && !(SSL_get_shutdown(c->ssl) & SSL_SENT_SHUTDOWN))
        SSL_shutdown(c->ssl);
    ERR_clear_error();
    shutdown(c->fd, SHUT_WR);
}

void akt_channel_destroy(struct akt_channel *c)
{
    if (!c)
        return;
    akt_channel_end(c);
    SSL_free(c->ssl);
    akt_buf_fini(&c->in);
    akt_buf_fini(&c->out);
    close(c->fd);
    akt_free(c, sizeof *c);
}

static enum akt_channel_state start_ssl(struct akt_channel *c)
{
    BIO *bio = BIO_new(c->tls->bio);
    c->ssl = SSL_new(c->tls->ctx);
    if (!bio || !c->ssl) {
        BIO_free(bio);
        return fail(c, "TLS", "out of memory");
    }
    BIO_set_data(bio, c);
    BIO_set_init(bio, 1);
    SSL_set_bio(c->ssl, bio, bio);
    if (c->opener)
        SSL_set_connect_state(c->ssl);
    else
        SSL_set_accept_state(c->ssl);
    return c->state;
}

/* ---- the handshake ---- */

static void look_connected(struct akt_channel *c)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof a, int_len = sizeof(int);
    int e = 0;
    c->connected = getpeername(c->fd, (struct sockaddr *)&a, &len) == 0;
    if (c->connected)
        return;
    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &e, &int_len) != 0)
        e = errno;
    c->refused = e == ECONNREFUSED;
    if (e)
        fail_errno(c, "cannot connect", e);
}

/* How long the first record is; 0: that is not known yet. A ClientHello comes
 * in records of type 22, version 3.x. */
static size_t first_len(const struct akt_buf *in)
{
    const unsigned char *p = (const unsigned char *)in->data;
    if (in->len < RECORD_HEAD)
        return 0;
    return RECORD_HEAD + ((size_t)p[3] << 8 | p[4]);
}

static bool is_tls(const struct akt_buf *in)
{
    return (in->len < 1 || in->data[0] == 22) &&
           (in->len < 2 || in->data[1] == 3);
}

/* Reads what the first record still needs, and nothing behind it. */
static enum akt_channel_state await_first(struct akt_channel *c)
{
    for (;;) {
        size_t whole = first_len(&c->in);
        if (!is_tls(&c->in))
            return fail(c, "TLS", "the other side does not speak it");
        if (whole > AKT_CHANNEL_FIRST)
            return fail(c, "TLS", "the first record is too long");
        if (whole && c->in.len == whole)
            return start_ssl(c);
        size_t more = (whole ? whole : RECORD_HEAD) - c->in.len;
        ssize_t n = take(c, akt_buf_reserve(&c->in, more), more);
        if (n < 0 && errno == EAGAIN)
            return AKT_CHANNEL_WANTS_READ;
        if (n < 0)
            return fail_errno(c, "connection", errno);
        if (n == 0)
            return fail(c, "the connection ended without a word", "");
        c->in.len += (size_t)n;
    }
}

/* Names go to logs and terminals. */
static bool is_visible(const unsigned char *s, int n)
{
    for (int i = 0; i < n; i++)
        if (s[i] <= ' ' || s[i] > '~')
            return false;
    return true;
}

/* The one CN of the certificate as text. */
static bool name_of(X509 *x, char out[AKT_NODE_NAME_MAX + 1])
{
    X509_NAME *name = X509_get_subject_name(x);
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0)
        return false;
    unsigned char *s = NULL;
    int n = ASN1_STRING_to_UTF8(
        &s, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    bool ok = n > 0 && n <= AKT_NODE_NAME_MAX && is_visible(s, n);
    if (ok) {
        memcpy(out, s, (size_t)n);
        out[n] = 0;
    }
    OPENSSL_free(s);
    return ok;
}

bool akt_tls_name(const struct akt_tls *tls, char *out)
{
    X509 *own = SSL_CTX_get0_certificate(tls->ctx);
    return own && name_of(own, out);
}

/* What SSL has seen to already, but must not be forgotten whatever is set. */
static enum akt_channel_state check_peer(struct akt_channel *c)
{
    X509 *x = SSL_get0_peer_certificate(c->ssl);
    if (c->tls->by_secret)
        return SSL_session_reused(c->ssl)
                   ? (c->state = AKT_CHANNEL_OPEN)
                   : fail(c, "TLS", "the secret was not used");
    if (!x || SSL_get_verify_result(c->ssl) != X509_V_OK)
        return fail(c, "TLS", "there is no certificate that is verified");
    if (!name_of(x, c->identity))
        return fail(c, "the certificate of the other side",
                    "it must have one name (CN) of 1 to 64 ASCII letters");
    return c->state = AKT_CHANNEL_OPEN;
}

static enum akt_channel_state shake_ssl(struct akt_channel *c)
{
    if (!flush(c) && !c->error_number)
        return c->state = AKT_CHANNEL_WANTS_WRITE;
    ERR_clear_error();
    int rc = SSL_do_handshake(c->ssl);
    enum akt_channel_state state = rc == 1 ? check_peer(c) : outcome(c, rc);
    if (state == AKT_CHANNEL_CLOSED)
        return fail(c, "TLS", "closed in the handshake");
    if (state == AKT_CHANNEL_WANTS_READ && c->blocked)
        state = AKT_CHANNEL_WANTS_WRITE;
    return c->state = state;
}

enum akt_channel_state akt_channel_shake(struct akt_channel *c)
{
    if (c->state != AKT_CHANNEL_WANTS_READ &&
        c->state != AKT_CHANNEL_WANTS_WRITE)
        return c->state;
    if (!c->connected)
        look_connected(c);
    if (!c->connected)
        return c->state;
    if (!c->tls)
        return c->state = AKT_CHANNEL_OPEN;
    if (!c->ssl && c->opener)
        start_ssl(c);
    else if (!c->ssl)
        await_first(c);
    return c->ssl ? shake_ssl(c) : c->state;
}

/* ---- reading ---- */

static ssize_t read_plain(struct akt_channel *c, char *p, size_t len)
{
    ssize_t n = take(c, p, len);
    if (n > 0)
        return n;
    if (n < 0 && errno == EAGAIN)
        return 0;
    if (n < 0)
        fail_errno(c, "connection", errno);
    else
        c->state = AKT_CHANNEL_CLOSED;
    return -1;
}

static ssize_t read_ssl(struct akt_channel *c, char *p, size_t len)
{
    size_t got = 0, n;
    ERR_clear_error();
    c->drained = false;
    do {
        int rc = SSL_read_ex(c->ssl, p + got, len - got, &n);
        if (rc != 1) {
            c->drained = true;
            if (outcome(c, rc) != AKT_CHANNEL_WANTS_READ && !got)
                return -1;
            break;
        }
        got += n;
    } while (got < len && SSL_has_pending(c->ssl));
    return (ssize_t)got;
}

ssize_t akt_channel_read(struct akt_channel *c, char *p, size_t len)
{
    if (c->state != AKT_CHANNEL_OPEN)
        return -1;
    if (len == 0)
        return 0;
    return c->ssl ? read_ssl(c, p, len) : read_plain(c, p, len);
}

bool akt_channel_has_pending(const struct akt_channel *c)
{
    /* what ended it behind the last bytes is to be heard, too */
    if (c->state != AKT_CHANNEL_OPEN)
        return true;
    return c->ssl && !c->drained && SSL_has_pending(c->ssl);
}

/* ---- writing ---- */

static ssize_t write_plain(struct akt_channel *c, const struct iovec *v, int n)
{
    size_t want = 0;
    c->blocked = false;
    if (n > IOV_MAX)
        n = IOV_MAX;
    for (int i = 0; i < n; i++)
        want += v[i].iov_len;
    if (want == 0)
        return 0;
    ssize_t done = give(c, v, n);
    if (done < 0) {
        fail_errno(c, "connection", errno);
        return -1;
    }
    c->blocked = (size_t)done < want;
    return done;
}

struct cursor {
    const struct iovec *v;
    int n;
    size_t at; /* in the first one */
};

/* Up to `max` bytes of one piece, and steps over them. */
static size_t step(struct cursor *k, size_t max, const char **p)
{
    size_t left = k->v->iov_len - k->at;
    size_t len = left < max ? left : max;
    *p = (const char *)k->v->iov_base + k->at;
    k->at += len;
    if (k->at == k->v->iov_len) {
        k->v++;
        k->n--;
        k->at = 0;
    }
    return len;
}

/* The bytes of the next record; small pieces are put together in `copy`. 0:
 * there are none left. */
static size_t next_record(struct cursor *k, char *copy, const char **p)
{
    size_t len = 0;
    if (k->n && k->v->iov_len - k->at >= RECORD)
        return step(k, RECORD, p);
    while (k->n && len < RECORD) {
        const char *from;
        size_t n = step(k, RECORD - len, &from);
        if (n)
            memcpy(copy + len, from, n);
        len += n;
    }
    *p = copy;
    return len;
}

/* One record into the batch. */
static bool write_record(struct akt_channel *c, const char *p, size_t len)
{
    size_t wrote;
    int rc = SSL_write_ex(c->ssl, p, len, &wrote);
    if (rc != 1) {
        if (outcome(c, rc) == AKT_CHANNEL_WANTS_READ)
            fail(c, "TLS", "cannot write");
        return false;
    }
    if (++c->records >= c->tls->rekey) {
        SSL_key_update(c->ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
        c->records = 0;
    }
    return c->batch->len < BATCH || put_batch(c);
}

/* Until all is written, or the socket takes no more. */
static size_t write_records(struct akt_channel *c, struct cursor *k)
{
    struct batch batch;
    char copy[RECORD];
    const char *p;
    size_t done = 0, len;
    batch.len = 0;
    c->batch = &batch;
    while (!c->out.len && (len = next_record(k, copy, &p)) > 0) {
        done += len;
        if (!write_record(c, p, len))
            break;
    }
    put_batch(c);
    c->batch = NULL;
    return done;
}

static ssize_t write_ssl(struct akt_channel *c, const struct iovec *v, int n)
{
    struct cursor k = {v, n, 0};
    size_t done = 0;
    ERR_clear_error();
    if (flush(c) && n)
        done = write_records(c, &k);
    if (c->error_number && c->state != AKT_CHANNEL_FAILED)
        fail_errno(c, "connection", c->error_number);
    return c->state == AKT_CHANNEL_OPEN ? (ssize_t)done : -1;
}

ssize_t akt_channel_write(struct akt_channel *c, const struct iovec *v, int n)
{
    if (c->state != AKT_CHANNEL_OPEN)
        return -1;
    return c->ssl ? write_ssl(c, v, n) : write_plain(c, v, n);
}

bool akt_channel_wants_write(const struct akt_channel *c)
{
    return c->blocked;
}

/* ---- what it is ---- */

int akt_channel_fd(const struct akt_channel *c)
{
    return c->fd;
}

bool akt_channel_is_connected(const struct akt_channel *c)
{
    return c->connected;
}

bool akt_channel_has_begun(const struct akt_channel *c)
{
    return c->ssl != NULL;
}

enum akt_channel_state akt_channel_state(const struct akt_channel *c)
{
    return c->state;
}

bool akt_channel_is_refused(const struct akt_channel *c)
{
    return c->refused;
}

const char *akt_channel_error(const struct akt_channel *c)
{
    return c->error;
}

const char *akt_channel_identity(const struct akt_channel *c)
{
    return c->identity[0] ? c->identity : NULL;
}

static bool is_role(X509_NAME *name, int at, const char *role)
{
    unsigned char *s = NULL;
    int n = ASN1_STRING_to_UTF8(
        &s, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    bool same =
        n > 0 && (size_t)n == strlen(role) && memcmp(s, role, (size_t)n) == 0;
    OPENSSL_free(s);
    return same;
}

bool akt_channel_has_role(const struct akt_channel *c, const char *role)
{
    if (c->state != AKT_CHANNEL_OPEN)
        return false;
    if (!c->identity[0])
        return true;
    X509_NAME *name = X509_get_subject_name(SSL_get0_peer_certificate(c->ssl));
    for (int at = -1; (at = X509_NAME_get_index_by_NID(
                           name, NID_organizationalUnitName, at)) >= 0;)
        if (is_role(name, at, role))
            return true;
    return false;
}
