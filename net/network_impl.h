/* SPDX-License-Identifier: MIT
 *
 * net/network_impl.h: what the files of the network share.
 *
 *     network.c   nodes, and what links and the machine ask
 *     pipe.c      connections: greeted, read, written, closed
 *     dial.c      when to connect to whom
 */
#ifndef AKT_NET_NETWORK_IMPL_H
#define AKT_NET_NETWORK_IMPL_H

#include "net/listen.h"
#include "net/network.h"

struct akt_peer;

/* Somebody to connect to: said by an option, or a node that has a link. [net]
 * but for what says otherwise. */
struct akt_dial {
    struct akt_network *network;
    struct akt_peer *peer; /* NULL: of an option */
    char name[AKT_NODE_NAME_MAX + 1];
    char address[AKT_ADDRESS_MAX + 1]; /* of an option */
    bool busy;                         /* a connection is being made */
    bool linked_once;                  /* under the lock; of an option */
    uint64_t next_ns, wait_ns;         /* when to try again */
    uint64_t said; /* hash of why there was no link, as the log has it */
};

/* A node, and its link; the address of the record is that of the link. */
struct akt_peer {
    struct akt_link link;
    struct akt_wire_node who; /* address: under the lock */
    struct akt_dial dial;
    _Atomic bool wanted; /* a connection, now */
};

struct akt_network {
    struct akt_remote remote;
    struct akt_node *node;
    const char *name, *cluster;
    uint64_t incarnation;
    bool (*import)(char *bytes, size_t len,
                   uint16_t (*rename)(void *ctx, uint16_t index), void *ctx);
    struct akt_tls *tls;
    struct akt_listen *listen;
    struct akt_listen_events events;
    struct akt_peer *_Atomic *peers; /* by index */
    _Atomic uint32_t len;            /* the last index */
    pthread_mutex_t lock;
    pthread_cond_t changed;         /* a link of an option is up */
    struct akt_map by_identity;     /* under the lock */
    struct akt_map by_name;         /* under the lock; the newest incarnation */
    struct akt_socket *sockets;     /* under the lock */
    char *buffers[AKT_WORKERS_MAX]; /* [loop] of the worker with this index */
    /* [net] */
    struct akt_dial dials[AKT_PEERS_MAX];
    uint32_t dials_len; /* [start] */
    uint64_t notice_ns; /* no line of the log before */
    uint64_t unnoticed; /* lines that were not written */
};

/* [any] NULL: there is none. */
struct akt_peer *akt_network_peer(struct akt_network *n, uint32_t index);
/* [any] The node's record, made if it is new; NULL: there are too many. */
struct akt_peer *akt_network_meet(struct akt_network *n,
                                  const struct akt_wire_node *who);
/* [any] Of a name in by_name. */
uint64_t akt_network_key(const char *name, size_t len);
/* [any] The newest with this name, or NULL. */
struct akt_peer *akt_network_named(struct akt_network *n, const char *name,
                                   size_t len);

void akt_network_events(struct akt_network *n); /* fills `events` */
void akt_network_free_sockets(struct akt_network *n);

/* [net] */
void akt_network_dial_wanted(void *network);
void akt_network_dial_all(struct akt_network *n, uint64_t now_ns);
void akt_dial_done(struct akt_dial *d, bool linked);
void akt_notice_failed(struct akt_dial *d, const char *address,
                       const char *why);
void akt_notice_refused(struct akt_network *n, const char *from,
                        enum akt_refusal reason, const char *why);

#endif
