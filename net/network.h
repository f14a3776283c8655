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
 *   N1  An index is one node for ever. There are at most AKT_NODES_MAX.
 *   N2  Of one node there is at most one connection at a time; when both open
 *       one at once, that of the smaller name stays.
 *
 * Ownership: the caller owns the network; it ends before the node.
 * Threads:   as each line says; sockets have a thread of their own.
 */
#ifndef AKT_NET_NETWORK_H
#define AKT_NET_NETWORK_H

#include "net/channel.h"
#include "net/link.h"

struct akt_network;

#define AKT_PEERS_MAX 256 /* --connect, of one node */

struct akt_network_config {
    const char *listen;         /* HOST:PORT; NULL: nowhere */
    const char *const *connect; /* NODE@HOST:PORT, until NULL */
    const char *cluster;        /* NULL: "aktvm" */
    struct akt_tls_config tls;
    bool plain; /* also where it is not loopback */
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
/* [start] When the workers have ended. Says goodbye. NULL allowed. */
void akt_network_stop(struct akt_network *n);
/* The address that is listened on, or "". */
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
/* [any] How many indexes there are; those of nodes are 2 to this. */
uint16_t akt_network_len(struct akt_network *n);
/* [any] Connections refused, by reason. */
uint64_t akt_network_refused(struct akt_network *n, enum akt_refusal why);

#endif
