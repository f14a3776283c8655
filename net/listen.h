/* SPDX-License-Identifier: MIT
 *
 * net/listen.h: the node's network thread, as far as it is about sockets: it
 * listens, connects, shakes hands and hands over what is open. It knows no
 * actors.
 *
 * A connection goes this way:
 *
 *     accepted -+-> TLS -> HELLO heard -> on_greeted -> taken, or REFUSED said
 *     connect --+-> TLS -> HELLO said, ANSWER heard -> on_greeted
 *
 * Until then it is half-open. Who takes it has the channel and may watch its
 * socket on the loop of this thread. It begins by reading, as TLS may hold
 * bytes that the socket does not show.
 *
 * Plain text (no tls) is for two ends on loopback, and for who asks for it by
 * name (config.plain).
 *
 * Invariants
 *   N1  A half-open connection has limit_ms, whatever it says meanwhile; an
 *       accepted one costs under 4 KB until its first TLS record is whole.
 *   N2  At most AKT_HALF_OPEN_MAX accepted ones are silent, AKT_SHAKING_MAX
 *       have TLS state, and as many are being refused; of too many the oldest
 *       go.
 *   N3  Each akt_listen_connect ends in exactly one on_greeted or on_failed,
 *       or in the end of the thread; never within the call.
 *   N4  Each connection that comes to nothing is counted once: by the reason,
 *       as refused by us or denied by the other side, or as failed.
 *
 * Ownership: on_greeted takes the channel by returning AKT_REFUSED_NONE.
 * Threads:   [net] the network thread, also all events; [any]; [start].
 *            Signals are blocked in it.
 */
#ifndef AKT_NET_LISTEN_H
#define AKT_NET_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "net/channel.h"
#include "net/hello.h"

struct akt_listen;
struct akt_listen_timer;

#define AKT_HALF_OPEN_MAX 4096
#define AKT_SHAKING_MAX 512
#define AKT_HALF_OPEN_MS 5000

struct akt_greeting {
    struct akt_channel *channel; /* NULL: it is no socket */
    const struct akt_hello *theirs;
    const char *identity; /* of its certificate, or NULL */
    bool opener;          /* we have opened it */
    void *token;          /* of akt_listen_connect; NULL: accepted */
    uint16_t version;     /* the highest that both know */
    uint32_t features;    /* that both have */
    const char *rest;     /* what came behind it; borrowed */
    size_t rest_len;
    const char *from; /* the other end, "127.0.0.1:40000" */
};

struct akt_listen_failure {
    enum akt_refusal why; /* NONE: it was not refused by a word */
    bool nobody;          /* at none of the addresses does anybody listen */
    const char *text;     /* why, for people */
};

struct akt_listen_events {
    void *ctx;
    /* [net] Who we are, to the other end of a channel; and if this will be said
     * to one that we open, with a token, what there is of a session. */
    void (*on_hello)(void *ctx, void *token, const struct akt_channel *c,
                     struct akt_hello *mine);
    /* [net] NONE: the channel is taken, and if it was accepted,
     * akt_greeting_answer was called before anything else was written. Else it
     * is closed, and who has opened it is told. */
    enum akt_refusal (*on_greeted)(void *ctx, const struct akt_greeting *g);
    /* [net] A connect has failed. */
    void (*on_failed)(void *ctx, void *token,
                      const struct akt_listen_failure *f);
    /* [net] One that was accepted has been refused; NULL allowed. */
    void (*on_refused)(void *ctx, const char *from, enum akt_refusal why,
                       const char *text);
    /* [net] The thread ends: the last chance to close handles on its loop.
     * NULL allowed. */
    void (*on_stop)(void *ctx);
};

struct akt_listen_config {
    const char *address;    /* HOST:PORT, port 0: any; NULL: connects only */
    struct akt_tls *tls;    /* borrowed; NULL: plain text */
    bool plain;             /* not only on loopback */
    uint32_t limit_ms;      /* 0: AKT_HALF_OPEN_MS */
    uint32_t half_open_max; /* 0: AKT_HALF_OPEN_MAX */
    const struct akt_listen_events *events; /* borrowed */
};

/* [start] Listens, though nobody is answered yet. A name is looked up, and the
 * first of its addresses that can be had is taken. NULL: text says why. */
struct akt_listen *akt_listen_create(const struct akt_listen_config *c,
                                     char *text, size_t text_len);
/* [start] Starts the thread. */
void akt_listen_start(struct akt_listen *l);
/* [start] Ends the thread: half-open connections are closed, timers dropped,
 * functions of akt_listen_run called; no on_failed. Behind on_stop nothing may
 * be begun. NULL allowed. */
void akt_listen_destroy(struct akt_listen *l);
/* [any] Where it listens, "127.0.0.1:7001"; "" nowhere. */
const char *akt_listen_address(const struct akt_listen *l);
/* [any] Where who is at the other end of a channel may reach it: one that
 * listens on all of this machine, at the address by which they are connected.
 * "": nowhere. */
void akt_listen_show(const struct akt_listen *l, const struct akt_channel *c,
                     char out[AKT_ADDRESS_MAX + 1]);
/* [net] */
uv_loop_t *akt_listen_loop(struct akt_listen *l);

struct akt_listen_target {
    const char *address; /* HOST:PORT */
    const char *name;    /* of the node that must be there; NULL: any */
    void *token;
};
/* [net] Copies the texts. Addresses of a name are tried in turn. */
void akt_listen_connect(struct akt_listen *l,
                        const struct akt_listen_target *t);
/* [net] In on_greeted: says that an accepted one is taken. If that cannot be
 * said the channel is broken, as one reads from it soon. */
void akt_greeting_answer(const struct akt_greeting *g,
                         const struct akt_hello *mine);

/* [any] Calls f on the thread, once, in order; at the latest at its end. */
void akt_listen_run(struct akt_listen *l, void (*f)(void *ctx), void *ctx);
/* [net] Calls f in so many milliseconds, unless cancelled before. */
struct akt_listen_timer *akt_listen_after(struct akt_listen *l, uint64_t ms,
                                          void (*f)(void *ctx), void *ctx);
/* [net] Not after f was called. */
void akt_listen_cancel(struct akt_listen_timer *t);

struct akt_listen_stats {
    uint64_t accepted, connects;         /* begun */
    uint64_t greeted;                    /* taken */
    uint64_t failed;                     /* connects that were no refusal */
    uint64_t half_open;                  /* now; accepted ones */
    uint64_t refused[AKT_REFUSAL_COUNT]; /* by us */
    uint64_t denied[AKT_REFUSAL_COUNT];  /* by others */
};
/* [any] Each number is right, but not all at the same moment. */
void akt_listen_read(struct akt_listen *l, struct akt_listen_stats *out);

#endif
