/* SPDX-License-Identifier: MIT
 *
 * net/admin_parts.h: the commands for which one need not know Lua, a file each.
 * All [start]; their handlers run on the admin thread.
 */
#ifndef AKT_NET_ADMIN_PARTS_H
#define AKT_NET_ADMIN_PARTS_H

#include "net/admin.h"

void akt_admin_add_status(struct akt_admin *admin); /* who answers here */

#endif
