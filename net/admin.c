/* SPDX-License-Identifier: MIT */
#include "net/admin.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/admin_path.h"
#include "vm/base/alloc.h"
#include "vm/base/buf.h"
#include "vm/outside.h"

#define COMMANDS 64
#define OWNED 16
#define DUMP (JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(10))
#define READ_BYTES 65536

struct command {
    const char *name;
    akt_admin_handler handler;
    void *ctx;
};

struct later {
    struct later *next;
    void (*f)(void *ctx);
    void *ctx;
};

struct owned {
    void *p;
    void (*fini)(void *p);
};

struct client {
    struct akt_admin *admin;
    struct client *next;
    uv_pipe_t pipe;
    struct akt_buf in; /* what has been read and not been handled */
    size_t scanned;    /* bytes of it without a newline */
    bool eof, closing, paused;
    /* under the admin's lock */
    struct akt_buf out;
    size_t pending; /* bytes in `out` and in writes under way */
    struct akt_admin_call *calls;
    uint32_t calls_len;
};

struct akt_admin_call {
    struct akt_admin *admin;
    json_int_t id;
    /* under the admin's lock */
    struct client *client; /* NULL: gone */
    struct akt_admin_call *next, *prev;
    uint64_t dropped;
    void (*closed)(struct akt_admin_call *call, void *ctx);
    void *closed_ctx;
};

struct akt_admin {
    struct akt_node *node;
    struct command commands[COMMANDS];
    uint32_t commands_len;
    struct owned owned[OWNED];
    uint32_t owned_len;
    /* the admin thread's */
    uv_loop_t loop;
    uv_pipe_t server;
    uv_async_t wakeup;
    uv_prepare_t prepare;
    uv_timer_t timer;
    struct client *clients;
    uint32_t clients_len;
    char chunk[READ_BYTES];
    /* */
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    struct akt_admin_call *orphans; /* under lock: their clients are gone */
    struct later *later;            /* under lock: newest first */
    bool stopping;                  /* under lock */
};

/* ---- calls ---- */

/* Under the lock. */
static struct akt_admin_call **list_of(struct akt_admin_call *call)
{
    return call->client ? &call->client->calls : &call->admin->orphans;
}

static void link_call(struct akt_admin_call *call)
{
    struct akt_admin_call **list = list_of(call);
    call->prev = NULL;
    call->next = *list;
    if (call->next)
        call->next->prev = call;
    *list = call;
    if (call->client)
        call->client->calls_len++;
}

static void unlink_call(struct akt_admin_call *call)
{
    if (call->prev)
        call->prev->next = call->next;
    else
        *list_of(call) = call->next;
    if (call->next)
        call->next->prev = call->prev;
    if (call->client)
        call->client->calls_len--;
}

static struct akt_admin_call *new_call(struct client *c, json_int_t id)
{
    struct akt_admin_call *call = akt_calloc(sizeof *call);
    call->admin = c->admin;
    call->client = c;
    call->id = id;
    pthread_mutex_lock(&c->admin->lock);
    link_call(call);
    pthread_mutex_unlock(&c->admin->lock);
    return call;
}

/* Under the lock: one line of output. */
static void put_line(struct akt_admin_call *call, const char *key,
                     const char *text, size_t len)
{
    struct akt_buf *out = &call->client->out;
    size_t before = out->len;
    akt_buf_printf(out, "{\"v\":%d,\"id\":%" JSON_INTEGER_FORMAT ",",
                   AKT_ADMIN_VERSION, call->id);
    if (call->dropped)
        akt_buf_printf(out, "\"dropped\":%llu,",
                       (unsigned long long)call->dropped);
    call->dropped = 0;
    akt_buf_printf(out, "\"%s\":", key);
    akt_buf_add(out, text, len);
    akt_buf_puts(out, "}\n");
    call->client->pending += out->len - before;
}

static void end_call(struct akt_admin_call *call, const char *key,
                     const char *text, size_t len)
{
    struct akt_admin *admin = call->admin;
    pthread_mutex_lock(&admin->lock);
    unlink_call(call);
    if (call->client)
        put_line(call, key, text, len);
    pthread_mutex_unlock(&admin->lock);
    uv_async_send(&admin->wakeup);
    akt_free(call, sizeof *call);
}

static void end_json(struct akt_admin_call *call, const char *key,
                     json_t *value)
{
    char *text = json_dumps(value, DUMP);
    const char *line = text ? text : "null";
    end_call(call, key, line, strlen(line));
    json_decref(value);
    free(text);
}

void akt_admin_result_text(struct akt_admin_call *call, const char *text,
                           size_t len)
{
    end_call(call, "result", text, len);
}

void akt_admin_result(struct akt_admin_call *call, json_t *result)
{
    end_json(call, "result", result);
}

void akt_admin_error(struct akt_admin_call *call, const char *code,
                     const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    end_json(call, "error",
             json_pack("{s:s,s:o}", "code", code, "message",
                       akt_admin_text(text, strlen(text))));
}

bool akt_admin_more(struct akt_admin_call *call, json_t *item)
{
    struct akt_admin *admin = call->admin;
    char *text = json_dumps(item, DUMP);
    json_decref(item);
    pthread_mutex_lock(&admin->lock);
    struct client *c = call->client;
    bool gone = !c || c->eof;
    bool was_empty = c && c->out.len == 0;
    if (c && text && c->pending + strlen(text) <= AKT_ADMIN_PENDING)
        put_line(call, "more", text, strlen(text));
    else
        call->dropped++;
    pthread_mutex_unlock(&admin->lock);
    if (was_empty)
        uv_async_send(&admin->wakeup);
    free(text);
    return !gone;
}

struct akt_node *akt_admin_node(struct akt_admin_call *call)
{
    return call->admin->node;
}

uv_loop_t *akt_admin_loop(struct akt_admin_call *call)
{
    return &call->admin->loop;
}

void akt_admin_on_close(struct akt_admin_call *call,
                        void (*closed)(struct akt_admin_call *call, void *ctx),
                        void *ctx)
{
    pthread_mutex_lock(&call->admin->lock);
    bool gone = !call->client || call->client->eof;
    call->closed = gone ? NULL : closed;
    call->closed_ctx = ctx;
    pthread_mutex_unlock(&call->admin->lock);
    if (gone)
        closed(call, ctx);
}

/* Tells all of the list that asked for it. Whom it tells may end any of them,
 * so the search begins anew each time. */
static void tell_closed(struct akt_admin *admin, struct akt_admin_call **list)
{
    for (;;) {
        pthread_mutex_lock(&admin->lock);
        struct akt_admin_call *call = *list;
        while (call && !call->closed)
            call = call->next;
        void (*closed)(struct akt_admin_call *, void *) =
            call ? call->closed : NULL;
        if (call)
            call->closed = NULL;
        pthread_mutex_unlock(&admin->lock);
        if (!call)
            return;
        closed(call, call->closed_ctx);
    }
}

/* ---- requests ---- */

static void refuse(struct client *c, json_int_t id, const char *code,
                   const char *message)
{
    akt_admin_error(new_call(c, id), code, "%s", message);
}

static const struct command *find_command(struct akt_admin *admin,
                                          const char *name)
{
    for (uint32_t i = 0; i < admin->commands_len; i++)
        if (strcmp(admin->commands[i].name, name) == 0)
            return &admin->commands[i];
    return NULL;
}

static void dispatch(struct client *c, json_int_t id, json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "cmd"));
    json_t *args = json_object_get(request, "args");
    if (!name || (args && !json_is_object(args))) {
        refuse(c, id, "bad_request", "\"cmd\" is a string, \"args\" an object");
        return;
    }
    const struct command *command = find_command(c->admin, name);
    struct akt_admin_call *call = new_call(c, id);
    if (!command) {
        akt_admin_error(call, "unknown_command", "there is no command '%.64s'",
                        name);
        return;
    }
    json_t *none = args ? NULL : json_object();
    command->handler(call, args ? args : none, command->ctx);
    json_decref(none);
}

static void handle_line(struct client *c, const char *line, size_t len)
{
    json_error_t error;
    json_t *request = json_loadb(line, len, 0, &error);
    json_t *id = json_object_get(request, "id");
    json_t *v = json_object_get(request, "v");
    if (!request)
        refuse(c, 0, "bad_request", error.text);
    else if (!json_is_integer(id))
        refuse(c, 0, "bad_request", "\"id\" must be an integer");
    else if (json_integer_value(v) != AKT_ADMIN_VERSION)
        refuse(c, json_integer_value(id), "version",
               "this node speaks version 1 of the protocol");
    else
        dispatch(c, json_integer_value(id), request);
    json_decref(request);
}

/* ---- clients ---- */

static void on_closed(uv_handle_t *handle)
{
    struct client *c = handle->data;
    akt_buf_fini(&c->in);
    akt_buf_fini(&c->out);
    akt_free(c, sizeof *c);
}

static void close_client(struct client *c)
{
    struct akt_admin *admin = c->admin;
    struct client **at = &admin->clients;
    if (c->closing)
        return;
    c->closing = true;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    admin->clients_len--;
    pthread_mutex_lock(&admin->lock);
    for (struct akt_admin_call *call; (call = c->calls);) {
        unlink_call(call);
        call->client = NULL;
        link_call(call);
    }
    pthread_mutex_unlock(&admin->lock);
    tell_closed(admin, &admin->orphans);
    uv_close((uv_handle_t *)&c->pipe, on_closed);
}

/* One that does not read gets nothing more to do. */
static bool is_busy(struct client *c)
{
    pthread_mutex_lock(&c->admin->lock);
    bool busy =
        c->calls_len >= AKT_ADMIN_CALLS || c->pending > AKT_ADMIN_PENDING / 2;
    pthread_mutex_unlock(&c->admin->lock);
    return busy;
}

static bool is_done(struct client *c)
{
    pthread_mutex_lock(&c->admin->lock);
    bool done = c->eof && !c->calls && !c->pending;
    pthread_mutex_unlock(&c->admin->lock);
    return done;
}

/* The length of the first line that is whole, with its newline; 0: none. */
static size_t next_line(struct client *c)
{
    char *end = c->in.len ? memchr(c->in.data + c->scanned, '\n',
                                   c->in.len - c->scanned)
                          : NULL;
    c->scanned = end ? 0 : c->in.len;
    return end ? (size_t)(end - c->in.data) + 1 : 0;
}

static void handle_lines(struct client *c)
{
    size_t len;
    while (!is_busy(c) && (len = next_line(c))) {
        handle_line(c, c->in.data, len - 1);
        c->in.len -= len;
        memmove(c->in.data, c->in.data + len, c->in.len);
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct client *c = handle->data;
    *buf = uv_buf_init(c->admin->chunk, READ_BYTES);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);
static void on_eof(struct client *c);

/* Handles what is there, and reads on or waits for the client to read. */
static void go_on(struct client *c)
{
    handle_lines(c);
    bool busy = is_busy(c);
    bool paused = busy && c->in.len >= AKT_ADMIN_LINE;
    if (paused != c->paused && !c->eof) {
        if (paused)
            uv_read_stop((uv_stream_t *)&c->pipe);
        else
            uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
    }
    c->paused = paused;
    /* when it is not busy, what is left is the beginning of one line */
    if (!busy && c->in.len > AKT_ADMIN_LINE) {
        refuse(c, 0, "bad_request", "the line is too long");
        c->in.len = c->scanned = 0;
        on_eof(c);
    } else if (is_done(c)) {
        close_client(c);
    }
}

static void on_eof(struct client *c)
{
    pthread_mutex_lock(&c->admin->lock);
    c->eof = true;
    pthread_mutex_unlock(&c->admin->lock);
    uv_read_stop((uv_stream_t *)&c->pipe);
    tell_closed(c->admin, &c->calls);
    go_on(c);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct client *c = stream->data;
    if (n == UV_EOF) {
        on_eof(c);
        return;
    }
    if (n < 0) {
        close_client(c);
        return;
    }
    akt_buf_add(&c->in, buf->base, (size_t)n);
    go_on(c);
}

struct write {
    uv_write_t request;
    struct client *client;
    struct akt_buf buf;
};

static void on_written(uv_write_t *request, int status)
{
    struct write *w = request->data;
    struct client *c = w->client;
    pthread_mutex_lock(&c->admin->lock);
    c->pending -= w->buf.len;
    pthread_mutex_unlock(&c->admin->lock);
    akt_buf_fini(&w->buf);
    akt_free(w, sizeof *w);
    if (status < 0)
        close_client(c);
    else if (!c->closing)
        go_on(c);
}

static void flush(struct client *c)
{
    pthread_mutex_lock(&c->admin->lock);
    struct akt_buf buf = c->out;
    akt_buf_init(&c->out);
    pthread_mutex_unlock(&c->admin->lock);
    if (!buf.len)
        return;
    struct write *w = akt_calloc(sizeof *w);
    w->client = c;
    w->buf = buf;
    w->request.data = w;
    uv_buf_t out = uv_buf_init(buf.data, (unsigned)buf.len);
    if (uv_write(&w->request, (uv_stream_t *)&c->pipe, &out, 1, on_written))
        on_written(&w->request, UV_ECANCELED);
}

static void on_connection(uv_stream_t *server, int status)
{
    struct akt_admin *admin = server->data;
    if (status < 0)
        return;
    struct client *c = akt_calloc(sizeof *c);
    c->admin = admin;
    uv_pipe_init(&admin->loop, &c->pipe, 0);
    c->pipe.data = c;
    c->next = admin->clients;
    admin->clients = c;
    admin->clients_len++;
    if (uv_accept(server, (uv_stream_t *)&c->pipe) < 0) {
        close_client(c);
        return;
    }
    uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
    if (admin->clients_len > AKT_ADMIN_CLIENTS) {
        refuse(c, 0, "busy", "too many clients");
        on_eof(c);
    }
}

/* ---- the thread ---- */

static void on_handle(uv_handle_t *handle, void *arg)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void stop(struct akt_admin *admin)
{
    /* the socket's file goes with it: a client that sees the end finds no node
     * here any more */
    on_handle((uv_handle_t *)&admin->server, NULL);
    while (admin->clients)
        close_client(admin->clients);
    uv_walk(&admin->loop, on_handle, NULL);
}

/* Takes the oldest one off the list. */
static struct later *take_later(struct akt_admin *admin)
{
    pthread_mutex_lock(&admin->lock);
    struct later **at = &admin->later, *l;
    while (*at && (*at)->next)
        at = &(*at)->next;
    l = *at;
    *at = NULL;
    pthread_mutex_unlock(&admin->lock);
    return l;
}

static void run_later(struct akt_admin *admin)
{
    for (struct later *l; (l = take_later(admin));) {
        l->f(l->ctx);
        akt_free(l, sizeof *l);
    }
}

void akt_admin_later(struct akt_admin_call *call, void (*f)(void *ctx),
                     void *ctx)
{
    struct akt_admin *admin = call->admin;
    struct later *l = akt_alloc(sizeof *l);
    *l = (struct later){.f = f, .ctx = ctx};
    pthread_mutex_lock(&admin->lock);
    l->next = admin->later;
    admin->later = l;
    pthread_mutex_unlock(&admin->lock);
    uv_async_send(&admin->wakeup);
}

static void on_wakeup(uv_async_t *wakeup)
{
    struct akt_admin *admin = wakeup->data;
    run_later(admin);
    for (struct client *c = admin->clients, *next; c; c = next) {
        next = c->next;
        flush(c);
    }
    pthread_mutex_lock(&admin->lock);
    bool stopping = admin->stopping;
    pthread_mutex_unlock(&admin->lock);
    if (stopping)
        stop(admin);
}

static void on_timer(uv_timer_t *timer)
{
    /* what is due is looked for before the next poll */
}

static void on_prepare(uv_prepare_t *prepare)
{
    struct akt_admin *admin = prepare->data;
    uint64_t now_ns = akt_node_now(admin->node);
    uint64_t next_ns = akt_outside_expire(admin->node, now_ns);
    if (next_ns)
        uv_timer_start(&admin->timer, on_timer,
                       (next_ns - now_ns) / 1000000 + 1, 0);
    else
        uv_timer_stop(&admin->timer);
}

static void *admin_main(void *arg)
{
    struct akt_admin *admin = arg;
    uv_run(&admin->loop, UV_RUN_DEFAULT);
    akt_msg_pool_release();
    return NULL;
}

/* ---- create, destroy ---- */

static bool is_alive(const struct sockaddr_un *addr)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool alive = fd >= 0 &&
                 connect(fd, (const struct sockaddr *)addr, sizeof *addr) == 0;
    alive = alive || (fd >= 0 && errno == EAGAIN); /* its backlog is full */
    if (fd >= 0)
        close(fd);
    return alive;
}

/* NULL: nothing is in the way any more. */
static const char *clear_path(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    struct stat st;
    if (strlen(path) >= sizeof addr.sun_path)
        return "its path is too long";
    strcpy(addr.sun_path, path);
    if (lstat(path, &st) != 0)
        return NULL;
    if (!S_ISSOCK(st.st_mode))
        return "its path is that of another file";
    if (is_alive(&addr))
        return "another program listens there";
    unlink(path);
    return NULL;
}

static const char *listen_at(struct akt_admin *admin, const char *path)
{
    const char *error = clear_path(path);
    if (error)
        return error;
    /* umask is the process's, but nothing else runs yet */
    mode_t old = umask(0177);
    int status = uv_pipe_bind(&admin->server, path);
    umask(old);
    if (!status)
        status = uv_listen((uv_stream_t *)&admin->server, 16, on_connection);
    return status ? uv_strerror(status) : NULL;
}

static void init_loop(struct akt_admin *admin)
{
    uv_loop_init(&admin->loop);
    uv_pipe_init(&admin->loop, &admin->server, 0);
    uv_async_init(&admin->loop, &admin->wakeup, on_wakeup);
    uv_prepare_init(&admin->loop, &admin->prepare);
    uv_timer_init(&admin->loop, &admin->timer);
    admin->server.data = admin->wakeup.data = admin->prepare.data = admin;
    uv_prepare_start(&admin->prepare, on_prepare);
}

struct akt_admin *akt_admin_create(struct akt_node *node, const char *path,
                                   const char **error)
{
    struct akt_admin *admin = akt_calloc(sizeof *admin);
    admin->node = node;
    pthread_mutex_init(&admin->lock, NULL);
    init_loop(admin);
    *error = listen_at(admin, path);
    if (!*error)
        return admin;
    akt_admin_destroy(admin);
    return NULL;
}

void akt_admin_add(struct akt_admin *admin, const char *name,
                   akt_admin_handler handler, void *ctx)
{
    if (admin->commands_len == COMMANDS)
        abort();
    admin->commands[admin->commands_len++] =
        (struct command){name, handler, ctx};
}

void akt_admin_own(struct akt_admin *admin, void *p, void (*fini)(void *p))
{
    if (admin->owned_len == OWNED)
        abort();
    admin->owned[admin->owned_len++] = (struct owned){p, fini};
}

void akt_admin_start(struct akt_admin *admin)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are for the others */
    pthread_create(&admin->thread, NULL, admin_main, admin);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    admin->started = true;
}

void akt_admin_destroy(struct akt_admin *admin)
{
    if (!admin)
        return;
    pthread_mutex_lock(&admin->lock);
    admin->stopping = true;
    pthread_mutex_unlock(&admin->lock);
    uv_async_send(&admin->wakeup);
    if (admin->started)
        pthread_join(admin->thread, NULL);
    else
        admin_main(admin);
    uv_loop_close(&admin->loop);
    for (struct akt_admin_call *call; (call = admin->orphans);) {
        admin->orphans = call->next;
        akt_free(call, sizeof *call);
    }
    for (uint32_t i = 0; i < admin->owned_len; i++)
        admin->owned[i].fini(admin->owned[i].p);
    pthread_mutex_destroy(&admin->lock);
    akt_free(admin, sizeof *admin);
}
