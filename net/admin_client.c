/* SPDX-License-Identifier: MIT */
#include "net/admin_client.h"

#include <string.h>

#include "net/admin_core.h"
#include "vm/base/alloc.h"

static void on_closed(uv_handle_t *handle)
{
    struct akt_admin_client *c = handle->data;
    akt_buf_fini(&c->in);
    akt_buf_fini(&c->out);
    akt_free(c, sizeof *c);
}

void akt_admin_client_close(struct akt_admin_client *c)
{
    struct akt_admin_client **at = &c->admin->clients;
    if (c->closing)
        return;
    c->closing = true;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    if (c->way)
        c->way->close(c->ctx);
    else
        c->admin->sockets--;
    if (c->relay)
        c->relay->close(c->ctx);
    akt_admin_orphan(c);
    uv_close((uv_handle_t *)&c->pipe, on_closed);
}

/* ---- in ---- */

/* One that does not read gets nothing more to do. */
static bool is_busy(struct akt_admin_client *c)
{
    pthread_mutex_lock(&c->admin->lock);
    bool busy =
        c->calls_len >= AKT_ADMIN_CALLS || c->pending > AKT_ADMIN_PENDING / 2;
    pthread_mutex_unlock(&c->admin->lock);
    return busy;
}

static bool is_done(struct akt_admin_client *c)
{
    pthread_mutex_lock(&c->admin->lock);
    bool done = c->eof && !c->calls && !c->pending && !c->relay;
    pthread_mutex_unlock(&c->admin->lock);
    return done;
}

/* The length of the first line that is whole, with its newline; 0: none. */
static size_t next_line(struct akt_admin_client *c)
{
    char *end = c->in.len ? memchr(c->in.data + c->scanned, '\n',
                                   c->in.len - c->scanned)
                          : NULL;
    c->scanned = end ? 0 : c->in.len;
    return end ? (size_t)(end - c->in.data) + 1 : 0;
}

static void handle_lines(struct akt_admin_client *c)
{
    size_t len;
    while (!c->relay && !is_busy(c) && (len = next_line(c))) {
        akt_admin_handle_line(c, c->in.data, len - 1);
        c->in.len -= len;
        memmove(c->in.data, c->in.data + len, c->in.len);
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct akt_admin_client *c = handle->data;
    *buf = uv_buf_init(c->admin->chunk, AKT_ADMIN_READ);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

static void pause_reading(struct akt_admin_client *c, bool paused)
{
    if (paused == c->paused || c->eof)
        return;
    c->paused = paused;
    if (c->way)
        c->way->read(c->ctx, !paused);
    else if (paused)
        uv_read_stop((uv_stream_t *)&c->pipe);
    else
        uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
}

static void feed_relay(struct akt_admin_client *c)
{
    bool taken = !c->in.len || c->relay->input(c->ctx, c->in.data, c->in.len);
    if (taken)
        c->in.len = c->scanned = 0;
    if (taken && c->eof)
        c->relay->eof(c->ctx);
    pause_reading(c, !taken);
}

/* Handles what is there, and reads on or waits for the client to read. */
void akt_admin_client_go_on(struct akt_admin_client *c)
{
    handle_lines(c);
    if (c->relay) {
        feed_relay(c);
        return;
    }
    bool busy = is_busy(c);
    pause_reading(c, busy && c->in.len >= AKT_ADMIN_LINE);
    /* when it is not busy, what is left is the beginning of one line */
    if (!busy && c->in.len > AKT_ADMIN_LINE) {
        akt_admin_refuse(c, 0, "bad_request", "the line is too long");
        c->in.len = c->scanned = 0;
        akt_admin_client_eof(c);
    } else if (is_done(c)) {
        akt_admin_client_close(c);
    }
}

void akt_admin_client_eof(struct akt_admin_client *c)
{
    pthread_mutex_lock(&c->admin->lock);
    c->eof = true;
    pthread_mutex_unlock(&c->admin->lock);
    if (!c->way)
        uv_read_stop((uv_stream_t *)&c->pipe);
    akt_admin_tell_closed(c->admin, &c->calls);
    akt_admin_client_go_on(c);
}

void akt_admin_client_input(struct akt_admin_client *c, const char *bytes,
                            size_t len)
{
    if (c->eof)
        return;
    akt_buf_add(&c->in, bytes, len);
    akt_admin_client_go_on(c);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct akt_admin_client *c = stream->data;
    if (n == UV_EOF)
        akt_admin_client_eof(c);
    else if (n < 0)
        akt_admin_client_close(c);
    else
        akt_admin_client_input(c, buf->base, (size_t)n);
}

/* ---- out ---- */

struct write {
    uv_write_t request;
    struct akt_admin_client *client;
    struct akt_buf buf;
};

void akt_admin_client_wrote(struct akt_admin_client *c, size_t len)
{
    pthread_mutex_lock(&c->admin->lock);
    c->pending -= len;
    pthread_mutex_unlock(&c->admin->lock);
    if (c->closing)
        return;
    if (c->relay)
        c->relay->wrote(c->ctx, len);
    akt_admin_client_go_on(c);
}

static void on_written(uv_write_t *request, int status)
{
    struct write *w = request->data;
    struct akt_admin_client *c = w->client;
    size_t len = w->buf.len;
    akt_buf_fini(&w->buf);
    akt_free(w, sizeof *w);
    if (status < 0)
        akt_admin_client_close(c);
    akt_admin_client_wrote(c, len);
}

static void write_pipe(struct akt_admin_client *c, const struct akt_buf *buf)
{
    struct write *w = akt_calloc(sizeof *w);
    w->client = c;
    w->buf = *buf;
    w->request.data = w;
    uv_buf_t out = uv_buf_init(buf->data, (unsigned)buf->len);
    if (uv_write(&w->request, (uv_stream_t *)&c->pipe, &out, 1, on_written))
        on_written(&w->request, UV_ECANCELED);
}

void akt_admin_client_flush(struct akt_admin_client *c)
{
    pthread_mutex_lock(&c->admin->lock);
    struct akt_buf buf = c->out;
    akt_buf_init(&c->out);
    pthread_mutex_unlock(&c->admin->lock);
    if (!buf.len)
        return;
    if (c->way)
        c->way->write(c->ctx, &buf);
    else
        write_pipe(c, &buf);
}

/* ---- making them ---- */

static struct akt_admin_client *new_client(struct akt_admin *admin)
{
    struct akt_admin_client *c = akt_calloc(sizeof *c);
    c->admin = admin;
    uv_pipe_init(&admin->loop, &c->pipe, 0);
    c->pipe.data = c;
    c->next = admin->clients;
    admin->clients = c;
    return c;
}

void akt_admin_on_connection(uv_stream_t *server, int status)
{
    struct akt_admin *admin = server->data;
    if (status < 0)
        return;
    struct akt_admin_client *c = new_client(admin);
    admin->sockets++;
    if (uv_accept(server, (uv_stream_t *)&c->pipe) < 0) {
        akt_admin_client_close(c);
        return;
    }
    uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
    if (admin->sockets > AKT_ADMIN_CLIENTS) {
        akt_admin_refuse(c, 0, "busy", "too many clients");
        akt_admin_client_eof(c);
    }
}

struct akt_admin_client *
akt_admin_client_create(struct akt_admin *admin,
                        const struct akt_admin_way *way, void *ctx)
{
    struct akt_admin_client *c = new_client(admin);
    c->way = way;
    c->ctx = ctx;
    return c;
}

/* ---- relays ---- */

struct akt_admin_client *
akt_admin_client_relay(struct akt_admin_call *call,
                       const struct akt_admin_relay *relay, void *ctx)
{
    struct akt_admin *admin = call->admin;
    pthread_mutex_lock(&admin->lock);
    struct akt_admin_client *c = call->client;
    bool may = c && !c->way && !c->eof && c->calls_len == 1;
    pthread_mutex_unlock(&admin->lock);
    if (!may)
        return NULL;
    c->relay = relay;
    c->ctx = ctx;
    return c;
}

size_t akt_admin_client_pending(struct akt_admin_client *c)
{
    pthread_mutex_lock(&c->admin->lock);
    size_t pending = c->pending;
    pthread_mutex_unlock(&c->admin->lock);
    return pending;
}

void akt_admin_client_output(struct akt_admin_client *c, const char *bytes,
                             size_t len)
{
    pthread_mutex_lock(&c->admin->lock);
    akt_buf_add(&c->out, bytes, len);
    c->pending += len;
    pthread_mutex_unlock(&c->admin->lock);
    akt_admin_wake(c->admin);
}

void akt_admin_client_finish(struct akt_admin_client *c)
{
    c->relay = NULL;
    c->in.len = c->scanned = 0;
    akt_admin_client_eof(c);
}
