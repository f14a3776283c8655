/* SPDX-License-Identifier: MIT */
#include "net/admin.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/admin_core.h"
#include "vm/base/alloc.h"
#include "vm/outside.h"

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
        akt_admin_client_close(admin->clients);
    uv_walk(&admin->loop, on_handle, NULL);
}

/* Takes the oldest one off the list. */
static struct akt_admin_later *take_later(struct akt_admin *admin)
{
    pthread_mutex_lock(&admin->lock);
    struct akt_admin_later **at = &admin->later, *l;
    while (*at && (*at)->next)
        at = &(*at)->next;
    l = *at;
    *at = NULL;
    pthread_mutex_unlock(&admin->lock);
    return l;
}

static void run_later(struct akt_admin *admin)
{
    for (struct akt_admin_later *l; (l = take_later(admin));) {
        l->f(l->ctx);
        akt_free(l, sizeof *l);
    }
}

static void run_on_thread(struct akt_admin *admin, void (*f)(void *ctx),
                          void *ctx)
{
    struct akt_admin_later *l = akt_alloc(sizeof *l);
    *l = (struct akt_admin_later){.f = f, .ctx = ctx};
    pthread_mutex_lock(&admin->lock);
    l->next = admin->later;
    admin->later = l;
    pthread_mutex_unlock(&admin->lock);
    uv_async_send(&admin->wakeup);
}

void akt_admin_later(struct akt_admin_call *call, void (*f)(void *ctx),
                     void *ctx)
{
    run_on_thread(call->admin, f, ctx);
}

static void flush_all(struct akt_admin *admin)
{
    for (struct akt_admin_client *c = admin->clients, *next; c; c = next) {
        next = c->next;
        akt_admin_client_flush(c);
    }
}

struct settling {
    struct akt_admin *admin;
    uv_sem_t done;
};

static void settle(void *ctx)
{
    struct settling *s = ctx;
    flush_all(s->admin);
    uv_sem_post(&s->done);
}

void akt_admin_settle(struct akt_admin *admin)
{
    struct settling s = {.admin = admin};
    if (!admin)
        return;
    uv_sem_init(&s.done, 0);
    run_on_thread(admin, settle, &s);
    uv_sem_wait(&s.done);
    uv_sem_destroy(&s.done);
}

static void on_wakeup(uv_async_t *wakeup)
{
    struct akt_admin *admin = wakeup->data;
    run_later(admin);
    if (admin->on_wake)
        admin->on_wake(admin->on_wake_ctx);
    flush_all(admin);
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
        status = uv_listen((uv_stream_t *)&admin->server, 16,
                           akt_admin_on_connection);
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

static void add(struct akt_admin *admin,
                const struct akt_admin_command *command)
{
    if (admin->commands_len == AKT_ADMIN_COMMANDS)
        abort();
    admin->commands[admin->commands_len++] = *command;
}

void akt_admin_add(struct akt_admin *admin, const char *name,
                   akt_admin_handler handler, void *ctx)
{
    add(admin, &(struct akt_admin_command){name, handler, ctx, false});
}

void akt_admin_add_look(struct akt_admin *admin, const char *name,
                        akt_admin_handler handler, void *ctx)
{
    add(admin, &(struct akt_admin_command){name, handler, ctx, true});
}

void akt_admin_on_wake(struct akt_admin *admin, void (*f)(void *ctx), void *ctx)
{
    admin->on_wake = f;
    admin->on_wake_ctx = ctx;
}

void akt_admin_wake(struct akt_admin *admin)
{
    uv_async_send(&admin->wakeup);
}

void akt_admin_own(struct akt_admin *admin, void *p, void (*fini)(void *p))
{
    if (admin->owned_len == AKT_ADMIN_OWNED)
        abort();
    admin->owned[admin->owned_len++] = (struct akt_admin_owned){p, fini};
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
