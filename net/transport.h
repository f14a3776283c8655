/* SPDX-License-Identifier: MIT
 *
 * net/transport.h: what is beneath the network of a node: a clockwork, and
 * connections from their opening to a pipe. Who gets which session is decided
 * above it (net/pipe.c), by the same code over each of these:
 *
 *     net/socket.c   sockets and TLS, on the thread of net/listen.h; pipes are
 *                    read in the loops of workers
 *     net/sim_net.h  the network of a simulated world; no thread at all
 *
 * It greets: on_hello, on_greeted, on_failed and on_refused of `events` are
 * called as net/listen.h says, with its N3 and N4.
 *
 * Ownership: the network destroys it.
 * Threads:   [net] that of its events; [any]; [start].
 */
#ifndef AKT_NET_TRANSPORT_H
#define AKT_NET_TRANSPORT_H

#include "net/link.h"
#include "net/listen.h"

struct akt_network;
struct akt_peer;

struct akt_transport {
    const struct akt_transport_ops *ops;
    struct akt_network *network; /* set before start; its events are used */
    bool is_real; /* while it runs the program does not end by itself */
};

struct akt_transport_ops {
    /* [start] Events from here on. */
    void (*start)(struct akt_transport *t);
    /* [start] No event any more; functions of `run` have been called or are
     * dropped. Pipes there are can still be closed. */
    void (*stop)(struct akt_transport *t);
    /* [start] Behind stop, and when no link has a pipe. */
    void (*destroy)(struct akt_transport *t);
    /* [any] Where it listens, "" nowhere. */
    const char *(*address)(const struct akt_transport *t);
    /* [net] The same as it is said over a channel; `out` has AKT_ADDRESS_MAX +
     * 1 bytes. */
    void (*show)(const struct akt_transport *t, const struct akt_channel *c,
                 char *out);
    /* [ticker] As in struct akt_remote. */
    void (*stand_in)(struct akt_transport *t, struct akt_worker *stuck);
    /* [any] */
    void (*read)(struct akt_transport *t, struct akt_listen_stats *out);
    /* [any] Calls f as [net], once. */
    void (*run)(struct akt_transport *t, void (*f)(void *ctx), void *ctx);
    /* [net] The same in so many milliseconds. */
    void (*after)(struct akt_transport *t, uint64_t ms, void (*f)(void *ctx),
                  void *ctx);
    /* [net] As akt_listen_connect. */
    void (*connect)(struct akt_transport *t,
                    const struct akt_listen_target *to);
    /* [net] As akt_greeting_answer. */
    void (*answer)(const struct akt_greeting *g, const struct akt_hello *mine);
    /* [net] In on_greeted, which returns NONE then: the connection as a pipe
     * for the link of p; nothing is read before `begin`. */
    struct akt_pipe *(*pipe)(struct akt_transport *t, struct akt_peer *p,
                             const struct akt_greeting *g);
    void (*begin)(struct akt_pipe *pipe);
};

/* [start] Sockets. NULL: text says why. */
struct akt_network_config;
struct akt_transport *akt_transport_sockets(struct akt_network *n,
                                            const struct akt_network_config *c,
                                            char *text, size_t text_len);

#endif
