/* SPDX-License-Identifier: MIT
 *
 * net/sim_net.h: the network of a simulated world, as the transport of its
 * nodes (net/transport.h). Each node has a place in it, which others connect to
 * by its address; a node that is started again takes the same place. There is
 * no TLS, and nothing is looked up.
 *
 * What can go wrong is that of vm/link_world.h, between places. All that waits
 * here is an idle akt_later: a network alone keeps no program alive.
 *
 * Ownership: the caller destroys it when no node of it is left. A transport is
 *            its network's (net/network.h) from akt_network_start on.
 * Threads:   one, that of the world; [net] is whenever something fires.
 */
#ifndef AKT_NET_SIM_NET_H
#define AKT_NET_SIM_NET_H

#include "net/transport.h"
#include "vm/link_world.h"

struct akt_sim_net;

/* Bytes of a connection that are on their way, then nothing more is written. */
#define AKT_SIM_NET_WINDOW (256u << 10)

/* The world is borrowed; places are up to AKT_LINK_NODES_MAX. */
struct akt_sim_net *akt_sim_net_create(struct akt_world *world,
                                       uint32_t places);
void akt_sim_net_destroy(struct akt_sim_net *s); /* NULL allowed */
/* For faults, between places. */
struct akt_link_world *akt_sim_net_links(struct akt_sim_net *s);

/* The address of a place; `out` has AKT_ADDRESS_MAX + 1 bytes. */
void akt_sim_net_address(uint32_t place, char *out);
/* A transport for the node that takes the place. */
struct akt_transport *akt_sim_net_transport(struct akt_sim_net *s,
                                            uint32_t place);

/* The node of a place is stopped, as by SIGSTOP, or goes on. */
void akt_sim_net_pause(struct akt_sim_net *s, uint32_t place, bool pause);
/* Before akt_network_drop: it will end as with its host, silently. */
void akt_sim_net_cut_off(struct akt_sim_net *s, uint32_t place);

#endif
