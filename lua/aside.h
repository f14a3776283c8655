/* SPDX-License-Identifier: MIT
 *
 * lua/aside.h: the turns that no message causes: idle, wake and health.
 *
 * `push` functions put what is called on the driver's stack above the table
 * of states (at `selves`) and return the number of arguments, or -1: nothing
 * is to be called. They may raise. Threads: [owner].
 */
#ifndef AKT_LUA_ASIDE_H
#define AKT_LUA_ASIDE_H

#include "lua/host.h"

int akt_push_idle(lua_State *L, struct akt_lua *h, struct akt_actor *a);
/* Its results are above `selves`: they are kept; raises if they cannot be. */
void akt_idle_returned(lua_State *L, struct akt_lua *h, int selves);
/* With init and its arguments already above `selves` (nargs of them, or -1):
 * what calls them and then wake. */
int akt_push_wake(lua_State *L, struct akt_lua *h, struct akt_actor *a,
                  int nargs);
int akt_push_health(lua_State *L, struct akt_lua *h, struct akt_actor *a);
/* Its results are above `selves`. */
void akt_health_returned(lua_State *L, struct akt_lua *h, int selves);
/* What would be lost if the actor's state were dropped; for akt_host. */
const char *akt_lua_holds(struct akt_isolate *iso, struct akt_actor *a);

#endif
