/* SPDX-License-Identifier: MIT
 *
 * net/admin_parts.h: the commands for which one need not know Lua, a file each.
 * All [start]; their handlers run on the admin thread.
 */
#ifndef AKT_NET_ADMIN_PARTS_H
#define AKT_NET_ADMIN_PARTS_H

#include "net/admin.h"

struct akt_network;

void akt_admin_add_status(struct akt_admin *admin); /* who answers here */
void akt_admin_add_ps(struct akt_admin *admin);     /* ps, top */
void akt_admin_add_tree(struct akt_admin *admin);
void akt_admin_add_act(struct akt_admin *admin);     /* stop, kill, ... */
void akt_admin_add_inspect(struct akt_admin *admin); /* inspect, heap */
void akt_admin_add_why(struct akt_admin *admin);
void akt_admin_add_stats(struct akt_admin *admin);
void akt_admin_add_metrics(struct akt_admin *admin);
void akt_admin_add_events(struct akt_admin *admin);
void akt_admin_add_trace(struct akt_admin *admin);
void akt_admin_add_profile(struct akt_admin *admin);
/* Clients over links, both ways; also `link`. The network is borrowed; it must
 * be stopped, and there, when the admin is destroyed. */
void akt_admin_add_link(struct akt_admin *admin, struct akt_network *network);

#endif
