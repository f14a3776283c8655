/* SPDX-License-Identifier: MIT
 *
 * lua/options.h: reading option tables, so that every mistake in one is found
 * at the call and named alike: the option, what is allowed, what was given.
 *
 * Each call raises `bad_option`. `idx` may be relative. Threads: [owner].
 */
#ifndef AKT_LUA_OPTIONS_H
#define AKT_LUA_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <lua.h>

/* The one of `known` (which ends with NULL) that differs from `word` by a
 * letter or two, or NULL: for "did you mean". */
const char *akt_options_nearest(const char *word, const char *const known[]);
/* Refuses keys that are not in `known`, which ends with NULL; names the
 * nearest one that is. `what` has the option: "mailbox", "spawn". */
void akt_options_check(lua_State *L, int idx, const char *what,
                       const char *const known[]);
/* Which of `words` (which end with NULL) the value is; absent: otherwise. */
int akt_options_word(lua_State *L, int idx, const char *key,
                     const char *const words[], int otherwise);
/* The same of the value at idx, which must be one; names the nearest. */
int akt_options_check_word(lua_State *L, int idx, const char *key,
                           const char *const words[]);
/* A number of things, 0 or more; math.huge: UINT32_MAX. */
uint32_t akt_options_count(lua_State *L, int idx, const char *key,
                           uint32_t otherwise);
bool akt_options_flag(lua_State *L, int idx, const char *key);
/* A duration over 0, see akt_duration_ns. */
uint64_t akt_options_duration(lua_State *L, int idx, const char *key,
                              uint64_t otherwise_ns);

/* ns of the value at idx: seconds as a number, or a number with a unit, one
 * of ms, s, m, h, d ("500ms", "2m"). False: it is none, or negative. At most
 * 1e9 s, which is the same as never. */
bool akt_duration_ns(lua_State *L, int idx, uint64_t *ns);

/* The same for the Lua half of the library: core.check_options,
 * core.seconds. */
void akt_options_open(lua_State *L, int core);

#endif
