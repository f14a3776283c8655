/* SPDX-License-Identifier: MIT
 *
 * lua/admin.h: the admin socket of a program, and the commands for which one
 * must know Lua.
 *
 * A new command is a file with a function that adds its handlers, and a row in
 * `parts` of lua/admin.c.
 */
#ifndef AKT_LUA_ADMIN_H
#define AKT_LUA_ADMIN_H

#include "net/admin.h"

struct akt_network;

/* [start] Listens and starts the thread. `path`: as in struct akt_program. NULL
 * when there is no socket; that is said on stderr and is no failure. `network`:
 * other nodes may ask over links, and are asked; NULL: none. It must outlive
 * the admin, and be stopped before. */
struct akt_admin *akt_lua_admin_start(struct akt_node *node,
                                      struct akt_network *network,
                                      const char *path);

void akt_admin_add_session(struct akt_admin *admin); /* aktvm attach */

#endif
