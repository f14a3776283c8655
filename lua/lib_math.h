/* SPDX-License-Identifier: MIT
 *
 * lua/lib_math.h: math.random and math.randomseed with a state per actor.
 *
 * Stock Lua has one state per lua_State, which here is an isolate with many
 * actors: one would see what the others draw.
 *
 * Arguments and ranges are those of Lua 5.4, the sequence for a seed is not.
 * randomseed without arguments seeds from the state itself, since the seed of
 * an actor comes from the world (a simulated run must be repeatable); it takes
 * any float as a seed, as Lua does from 5.4.5 on.
 *
 * Ownership: the state belongs to the VM.
 * Threads:   [owner].
 */
#ifndef AKT_LUA_LIB_MATH_H
#define AKT_LUA_LIB_MATH_H

#include <lua.h>

#include "vm/base/random.h"

/* The state of the actor that runs on `L`; never NULL, raises nothing. */
typedef struct akt_random *akt_random_of_fn(lua_State *L);

/* With the stock math table on top of the stack: replaces functions in it and
 * leaves it there. */
void akt_lib_math_open(lua_State *L, akt_random_of_fn *state_of);

#endif
