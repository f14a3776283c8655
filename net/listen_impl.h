/* SPDX-License-Identifier: MIT
 *
 * net/listen_impl.h: the parts of the network thread.
 *
 *     listen.c   the thread, its socket, timers, functions from outside
 *     half.c     half-open connections, each a small state machine
 *     lookup.c   names to addresses, on threads of their own
 */
#ifndef AKT_NET_LISTEN_IMPL_H
#define AKT_NET_LISTEN_IMPL_H

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "net/address.h"
#include "net/listen.h"

struct half;
struct akt_post;

/* The oldest first. */
struct half_queue {
    struct half *first, *last;
    uint32_t len;
};

/* One writer, the network thread. Relaxed: numbers for people. */
struct akt_listen_counters {
    _Atomic uint64_t accepted, connects, greeted, failed, half_open;
    _Atomic uint64_t refused[AKT_REFUSAL_COUNT], denied[AKT_REFUSAL_COUNT];
};

struct akt_listen {
    struct akt_tls *tls;
    bool plain;
    uint32_t limit_ms, half_open_max;
    const struct akt_listen_events *events;
    int fd; /* -1: does not listen */
    char address[AKT_ADDRESS_TEXT];
    bool anywhere; /* that is 0.0.0.0 or :: */
    struct akt_listen_counters counters;
    /* the network thread's */
    int reserve; /* a descriptor for when there are none left */
    uv_loop_t loop;
    uv_async_t wakeup;
    uv_timer_t sweep;
    uv_poll_t listening;
    struct half_queue waiting; /* accepted, and without TLS state */
    struct half_queue shaking; /* accepted */
    struct half_queue closing; /* refused; the other side reads why */
    struct half_queue opening;
    struct akt_listen_timer *timers;
    /* */
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    struct akt_post *posts, **posts_end; /* under the lock */
    bool stopping;                       /* under the lock */
};

static inline void akt_listen_count(_Atomic uint64_t *n)
{
    atomic_fetch_add_explicit(n, 1, memory_order_relaxed);
}

/* half.c, all [net] */
/* Takes the socket, which is non-blocking. */
void akt_half_accept(struct akt_listen *l, int fd);
/* Closes what is over its time. */
void akt_half_sweep(struct akt_listen *l);
/* Makes room for another descriptor, if one that was accepted holds one. */
void akt_half_shed(struct akt_listen *l);
void akt_half_close_all(struct akt_listen *l);

/* lookup.c */
struct akt_lookup;
/* Called once, with a list that is taken (freeaddrinfo), or NULL and why. */
typedef void (*akt_lookup_done)(void *ctx, struct addrinfo *list,
                                const char *why);
/* [net] `done` comes by akt_listen_run, never within the call. */
struct akt_lookup *akt_lookup_start(struct akt_listen *l,
                                    const struct akt_address *a,
                                    akt_lookup_done done, void *ctx);
/* [net] Before `done`, which is not called then. A resolver cannot be
 * interrupted: its thread ends by itself. */
void akt_lookup_cancel(struct akt_lookup *k);

#endif
