/* SPDX-License-Identifier: MIT
 *
 * net/network_impl.h: what the files of the network share.
 *
 *     network.c   nodes, and what links and the machine ask
 *     clients.c   indexes of clients, which are used again
 *     pipe.c      connections that are greeted, and their sessions
 *     socket.c    the transport of real nodes
 *     dial.c      when to connect to whom
 *     notice.c    lines of the log about links that come to nothing
 *     network_metrics.c   figures for whoever reads metrics
 */
#ifndef AKT_NET_NETWORK_IMPL_H
#define AKT_NET_NETWORK_IMPL_H

#include "net/listen.h"
#include "net/network.h"
#include "net/transport.h"
#include "net/tunnel.h"

struct akt_peer;

/* Somebody to connect to: said by an option, or a node that has a link. [net]
 * but for what says otherwise. */
struct akt_dial {
    struct akt_network *network;
    struct akt_peer *peer; /* NULL: of an option */
    char name[AKT_NODE_NAME_MAX + 1];
    char address[AKT_ADDRESS_MAX + 1]; /* of an option */
    bool busy;                         /* a connection is being made */
    uint64_t told;    /* how many frames its hello says were received */
    bool linked_once; /* under the lock; of an option */
    uint64_t next_ns, wait_ns; /* when to try again */
    uint64_t said; /* hash of why there was no link, as the log has it */
};

/* A node, and its link; the address of the record is that of the link. */
struct akt_peer {
    struct akt_link link;
    struct akt_wire_node who; /* under the lock; [net] reads the name without */
    struct akt_dial dial;
    bool client; /* set before it was published */
    bool met;    /* under the lock: it has said itself who it is */
    bool older;  /* under the lock: a newer incarnation has its name */
    struct akt_peer *gone_next, *gone_prev; /* [net] */
    /* Apart from those under the lock: compilers read neighbours at once. */
    bool gone;           /* [net] a client on the list */
    _Atomic bool wanted; /* a connection, now */
};

/* Clients that are gone, the longest first. [net] */
struct akt_clients {
    struct akt_peer *first, *last;
    uint32_t gone, len;         /* on the list; indexes of clients */
    struct akt_link_stats past; /* under the lock: of all that were gone */
};

struct akt_network {
    struct akt_remote remote;
    struct akt_node *node;
    const char *name, *cluster, *advertise;
    uint64_t incarnation;
    _Atomic bool serves;  /* set under the lock; relaxed: see its uses */
    uint64_t serve_by_ns; /* under the lock; 0: not known yet */
    bool (*import)(char *bytes, size_t len,
                   uint16_t (*rename)(void *ctx, uint16_t index), void *ctx);
    bool stopped;                        /* under the lock */
    uint64_t refused[AKT_REFUSAL_COUNT]; /* when it was; under the lock */
    struct akt_tunnel_inbox inbox;
    struct akt_transport *transport;
    struct akt_listen_events events;
    struct akt_peer *_Atomic *peers; /* by index */
    _Atomic uint32_t len;            /* the last index */
    pthread_mutex_t lock;
    pthread_cond_t changed;     /* a link of an option is up */
    struct akt_map by_identity; /* under the lock */
    struct akt_map by_name;     /* under the lock; the newest incarnation */
    _Atomic uint64_t overfull;  /* relaxed: a number for people, of [net] */
    uint32_t heard;             /* under the lock; nodes that were never met */
    struct akt_clients clients;
    /* [net] */
    struct akt_dial dials[AKT_PEERS_MAX];
    uint32_t dials_len; /* [start] */
    uint64_t notice_ns; /* no line of the log before */
    uint64_t unnoticed; /* lines that were not written */
};

/* [any] NULL: there is none. */
struct akt_peer *akt_network_peer(struct akt_network *n, uint32_t index);
/* [any] The record of a node that another one tells of, made if it is new;
 * NULL: there are too many. */
struct akt_peer *akt_network_hear(struct akt_network *n,
                                  const struct akt_wire_node *who);
/* [net] The same, of one that says itself who it is: its address counts. */
struct akt_peer *akt_network_meet(struct akt_network *n,
                                  const struct akt_wire_node *who);
/* Under the lock: a record with the next index, and no name yet in any map;
 * NULL: there is none left. */
struct akt_peer *akt_network_add(struct akt_network *n,
                                 const struct akt_wire_node *who);
uint64_t akt_network_identity(const struct akt_wire_node *who);
/* [any] Of a name in by_name. */
uint64_t akt_network_key(const char *name, size_t len);
/* [any] The newest with this name, or NULL. */
struct akt_peer *akt_network_named(struct akt_network *n, const char *name,
                                   size_t len);

/* [any] network_metrics.c: struct akt_remote */
void akt_network_metrics(struct akt_remote *r,
                         const struct akt_metrics_sink *to);

void akt_network_events(struct akt_network *n); /* fills `events` */
/* [any] How long, in ns, a link whose connection is broken waits for the next
 * one: shortly if only the other side could make it, which listens nowhere. */
uint64_t akt_peer_patience(struct akt_network *n, struct akt_peer *p,
                           bool opener);

/* [net] */
/* Under the lock: a record for a new client; NULL: there are too many. */
struct akt_peer *akt_clients_add(struct akt_network *n,
                                 const struct akt_wire_node *who);
/* It is there again. */
void akt_clients_keep(struct akt_network *n, struct akt_peer *p);
/* Behind a tick of its link: one that is gone goes to the list. */
void akt_clients_look(struct akt_network *n, struct akt_peer *p);

void akt_network_dial_wanted(void *network);
void akt_network_dial_all(struct akt_network *n, uint64_t now_ns);
void akt_dial_done(struct akt_dial *d, bool linked);
void akt_notice_failed(struct akt_dial *d, const char *address,
                       const char *why);
void akt_notice_overfull(struct akt_network *n, const char *node);
void akt_notice_refused(struct akt_network *n, const char *from,
                        enum akt_refusal reason, const char *why);

#endif
