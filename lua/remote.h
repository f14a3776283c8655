/* SPDX-License-Identifier: MIT
 *
 * lua/remote.h: other nodes, as scripts see them: names with a node, kinds that
 * others spawn here, and what stdlib/_remote.lua needs.
 *
 * Threads: [owner].
 */
#ifndef AKT_LUA_REMOTE_H
#define AKT_LUA_REMOTE_H

#include "lua/host.h"

/* The string at 1 is "name@node" and no name of this node: *pid stands for the
 * node, and the name is in front of what follows. Raises noconnection where
 * there is no such node. */
bool akt_remote_named(lua_State *L, akt_pid *pid);
/* The actor of this node with this name, or none; raises for "name@node". */
akt_pid akt_remote_local(lua_State *L, const char *name);
/* struct akt_host */
void akt_lua_asked(struct akt_isolate *iso, struct akt_msg *m);
/* Once, at the start of main. Raises. */
void akt_remote_serve(lua_State *L);
/* For struct akt_network_config. */
bool akt_remote_import(char *bytes, size_t len,
                       uint16_t (*rename)(void *ctx, uint16_t index),
                       void *ctx);
extern const luaL_Reg akt_lib_remote[];

#endif
