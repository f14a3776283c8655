/* SPDX-License-Identifier: MIT
 *
 * lua/registry.h: keys of ours in Lua's registry.
 *
 * Numbers as light userdata instead of addresses of variables: an address is
 * another one in each run, and with it the order of the table and the moment
 * at which it grows, so that a simulated run could not be repeated.
 */
#ifndef AKT_LUA_REGISTRY_H
#define AKT_LUA_REGISTRY_H

#include <stdint.h>

#define AKT_KEY(number) ((const void *)(uintptr_t)(number))

#define AKT_KEY_ERROR AKT_KEY(1)    /* metatable of error tables */
#define AKT_KEY_SECRET AKT_KEY(2)   /* metatable of secrets */
#define AKT_KEY_THREADS AKT_KEY(3)  /* light userdata -> coroutine */
#define AKT_KEY_NAMES AKT_KEY(4)    /* value -> name in a module */
#define AKT_KEY_FREEZING AKT_KEY(5) /* list of kinds met in an image */
#define AKT_KEY_HASH AKT_KEY(6)     /* number of an image -> key function */
#define AKT_KEY_VIEWS AKT_KEY(7)    /* name of shared data -> view, weak */
#define AKT_KEY_OUTSIDE AKT_KEY(12) /* both functions of lua/lib_sim.c */
#define AKT_KEY_VIEW(i) AKT_KEY(8 + (i)) /* metatables of views, up to 4 */

#endif
