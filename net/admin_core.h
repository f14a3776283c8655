/* SPDX-License-Identifier: MIT
 *
 * net/admin_core.h: what the parts of the admin server share.
 *
 *     admin.c         its thread, its socket, its end
 *     admin_client.c  who is connected: bytes in and out
 *     admin_call.c    lines to calls, and answers to lines
 *     admin_link.c    clients that are at other nodes
 *
 * Threads: [admin], but for what stands under the lock.
 */
#ifndef AKT_NET_ADMIN_CORE_H
#define AKT_NET_ADMIN_CORE_H

#include <pthread.h>

#include "net/admin.h"
#include "net/admin_client.h"
#include "vm/base/buf.h"

#define AKT_ADMIN_COMMANDS 64
#define AKT_ADMIN_OWNED 16
#define AKT_ADMIN_READ 65536 /* bytes */

struct akt_admin_command {
    const char *name;
    akt_admin_handler handler;
    void *ctx;
    bool looks; /* changes nothing */
};

struct akt_admin_later {
    struct akt_admin_later *next;
    void (*f)(void *ctx);
    void *ctx;
};

struct akt_admin_owned {
    void *p;
    void (*fini)(void *p);
};

struct akt_admin_client {
    struct akt_admin *admin;
    struct akt_admin_client *next;
    uv_pipe_t pipe; /* also of one that is reached by a way: for its end */
    const struct akt_admin_way *way; /* NULL: the pipe */
    const struct akt_admin_relay *relay;
    void *ctx;         /* of the way or the relay */
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
    struct akt_admin_client *client; /* NULL: gone */
    struct akt_admin_call *next, *prev;
    uint64_t dropped;
    void (*closed)(struct akt_admin_call *call, void *ctx);
    void *closed_ctx;
};

struct akt_admin {
    struct akt_node *node;
    struct akt_admin_command commands[AKT_ADMIN_COMMANDS];
    uint32_t commands_len;
    struct akt_admin_owned owned[AKT_ADMIN_OWNED];
    uint32_t owned_len;
    /* the admin thread's */
    uv_loop_t loop;
    uv_pipe_t server;
    uv_async_t wakeup;
    uv_prepare_t prepare;
    uv_timer_t timer;
    struct akt_admin_client *clients;
    uint32_t sockets; /* clients without a way */
    void (*on_wake)(void *ctx);
    void *on_wake_ctx;
    char chunk[AKT_ADMIN_READ];
    /* */
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    struct akt_admin_call *orphans; /* under lock: their clients are gone */
    struct akt_admin_later *later;  /* under lock: newest first */
    bool stopping;                  /* under lock */
};

/* ---- admin_call.c ---- */
/* Tells all of the list that asked for it. */
void akt_admin_tell_closed(struct akt_admin *admin,
                           struct akt_admin_call **list);
/* The calls of a client that is gone go on without it. */
void akt_admin_orphan(struct akt_admin_client *c);
void akt_admin_handle_line(struct akt_admin_client *c, const char *line,
                           size_t len);
/* An error that is about the client. */
void akt_admin_refuse(struct akt_admin_client *c, json_int_t id,
                      const char *code, const char *message);

/* ---- admin_client.c ---- */
void akt_admin_on_connection(uv_stream_t *server, int status);
/* Writes what there is for it. */
void akt_admin_client_flush(struct akt_admin_client *c);

#endif
