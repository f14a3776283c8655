/* SPDX-License-Identifier: MIT
 *
 * lua/sim_state.h: Lua states of a simulated world, in which everything that
 * Lua takes from addresses and from the machine is determined:
 *
 *   - the memory is the world's arena (vm/base/arena.h), so that tables,
 *     functions and coroutines hash alike as keys in each run;
 *   - the seed of strings' hashes is drawn from the world's. So `pairs` has
 *     one order for a seed and others for other seeds, as it may;
 *   - library functions are closures in the arena, not addresses in the
 *     program;
 *   - what has no text of its own is shown by its place in the arena.
 *
 * Threads: [owner].
 */
#ifndef AKT_LUA_SIM_STATE_H
#define AKT_LUA_SIM_STATE_H

#include "lua/host.h"

/* A state for h that allocates by `alloc(h, ...)`, which must get its memory
 * from akt_sim_resize. NULL: no memory. */
lua_State *akt_sim_newstate(struct akt_lua *h, lua_Alloc alloc);
void *akt_sim_resize(struct akt_lua *h, void *p, size_t old, size_t size);
void akt_sim_free(struct akt_lua *h, void *p, size_t size);

/* The table at idx, all tables in it and their metatables: C functions without
 * upvalues become closures. */
void akt_sim_pin(lua_State *L, int idx);
/* The functions of the table at idx, calls of the machine: closures likewise,
 * behind each of which the actor may be preempted. */
void akt_sim_pin_calls(lua_State *L, int idx);
/* The C function on top likewise. */
void akt_sim_pin_one(lua_State *L);
/* akt_sim_pin for all modules and what belongs to them. */
void akt_sim_pin_all(lua_State *L);

/* As luaL_tolstring; simulated: without addresses. */
const char *akt_tolstring(lua_State *L, int idx, size_t *len);
/* As lua_topointer; simulated: the place in the arena. Only to be shown. */
const void *akt_sim_pointer(lua_State *L, int idx);
/* Pushes and returns the text of that place. */
const char *akt_sim_place(lua_State *L, int idx);
void akt_sim_text_open(lua_State *L); /* tostring and string.format, so */

#endif
