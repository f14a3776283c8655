/* SPDX-License-Identifier: MIT
 *
 * net/network.h: the network of a node: who it is, which other nodes it has
 * heard of, the links to them, and the connections beneath.
 *
 * Every node ever heard of has an index here, which stands in the pids of its
 * actors: those it has met, and those others have told of. A node is its name
 * and its incarnation, a number it draws when it starts; so one that has
 * started again is another node, and pids of the old one reach nobody.
 *
 * Invariants
 *   N1  An index is one node for ever, or clients one after the other: then a
 *       pid of one that is gone reaches nobody. There are at most
 *       AKT_NODES_MAX, of which clients have at most AKT_CLIENTS_MAX.
 *   N2  Of one node there is at most one connection at a time; when both open
 *       one at once, that of the smaller name stays.
 *
 * Ownership: the caller owns the network; it ends before the node.
 * Threads:   as each line says; [net] is the thread of its transport
 *            (net/transport.h). Locks: a link's before the network's.
 */
#ifndef AKT_NET_NETWORK_H
#define AKT_NET_NETWORK_H

#include "net/channel.h"
#include "net/link.h"

struct akt_network;
struct akt_transport;

#define AKT_PEERS_MAX 256     /* --connect, of one node */
#define AKT_CLIENTS_MAX 16384 /* at the same time, those below included */
/* Nodes that others have told of and that were never linked, so that there is
 * room for those that come themselves. */
#define AKT_HEARD_MAX 8192
/* Clients that are gone; of more, the index of the one that is gone longest is
 * given out again. */
#define AKT_CLIENTS_GONE 1024

/* Bytes that wait to be written: replies and ends of actors need no credit, and
 * not everybody reads. Over that the session is lost; of all links together
 * that of the longest line. */
#define AKT_QUEUE_MAX ((size_t)128 << 20)   /* of one link */
#define AKT_QUEUES_SHARE 2                  /* of all: half of the budget ... */
#define AKT_QUEUES_LEAST ((size_t)64 << 20) /* ... or that */

#define AKT_HOLD_NS 2000000000ull

struct akt_network_config {
    const char *listen;         /* HOST:PORT; NULL: nowhere */
    const char *advertise;      /* where others reach it; NULL: there */
    const char *const *connect; /* NODE@HOST:PORT, until NULL */
    const char *cluster;        /* NULL: "aktvm" */
    struct akt_tls_config tls;
    bool plain; /* also where it is not loopback */
    bool holds; /* what comes for a name waits for akt_network_serve */
    /* Taken if the start succeeds, instead of sockets; listen, tls and plain
     * are nothing to it. NULL: sockets. */
    struct akt_transport *transport;
    uint64_t incarnation; /* 0: drawn; for tests */
    bool (*import)(char *bytes, size_t len,
                   uint16_t (*rename)(void *ctx, uint16_t index), void *ctx);
};

/* [start] NULL: text says why. From here on the node has a network; it keeps
 * the program alive. */
struct akt_network *akt_network_start(struct akt_node *node,
                                      const struct akt_network_config *c,
                                      char *text, size_t text_len);
/* [start] Waits until all of `connect` are linked, or for so long; false: not
 * all are. */
bool akt_network_wait(struct akt_network *n, uint32_t ms);
/* [any] The program has begun: its names are there, and what came for them is
 * delivered. At the latest AKT_HOLD_NS behind akt_network_wait. */
void akt_network_serve(struct akt_network *n);
/* [start] When the workers have ended. Says goodbye, and says nothing more; it
 * can still be read. NULL allowed. */
void akt_network_stop(struct akt_network *n);
/* [start] The same without a word, as when the process ends by force. */
void akt_network_drop(struct akt_network *n);
/* [start] Behind one of these, when nobody reads it any more. NULL allowed. */
void akt_network_destroy(struct akt_network *n);
/* The address that others are told (advertise), or that is listened on, or "".
 */
const char *akt_network_address(const struct akt_network *n);

/* [any] The index of the node that has this name now, 0: none is linked. */
uint16_t akt_network_find(struct akt_network *n, const char *name, size_t len);

/* [any] What is known of the node with an index; false: nothing. */
struct akt_network_node {
    char name[AKT_NODE_NAME_MAX + 1];
    char address[AKT_ADDRESS_MAX + 1];
    uint64_t incarnation;
    struct akt_link_stats link;
};
bool akt_network_read(struct akt_network *n, uint16_t index,
                      struct akt_network_node *out);
/* [any] What links of clients that are gone have counted. */
void akt_network_past_clients(struct akt_network *n,
                              struct akt_link_stats *out);
/* [any] How many indexes there are; those of nodes are 2 to this. */
uint16_t akt_network_len(struct akt_network *n);
/* [any] Sessions that were lost because too much waited to be written. */
uint64_t akt_network_overfull(struct akt_network *n);
/* [any] Connections refused, by reason. */
uint64_t akt_network_refused(struct akt_network *n, enum akt_refusal why);

#endif
