/* SPDX-License-Identifier: MIT
 *
 * lua/cover.h: which lines of scripts have run, how often, over many trials.
 *
 * A coroutine of a simulated node that is covered has a hook for lines beside
 * the one for counts (lua/preempt.c). Lines that could have run are found at
 * the end, in the code that Lua makes of each file.
 *
 * Threads: [any].
 */
#ifndef AKT_LUA_COVER_H
#define AKT_LUA_COVER_H

#include <stdbool.h>
#include <stdio.h>

#include <lua.h>

#define AKT_COVER_LINES 1000000 /* of one file; later ones are not counted */

struct akt_cover;

struct akt_cover *akt_cover_create(void);
void akt_cover_destroy(struct akt_cover *c); /* NULL allowed */
/* From a hook for lines, of a chunk that is a file. */
void akt_cover_hook(struct akt_cover *c, lua_State *L, lua_Debug *ar);
/* Writes what lcov reads, a record for each file, but for those that `skip`
 * says true to. */
void akt_cover_write(struct akt_cover *c, FILE *out,
                     bool (*skip)(const char *path, void *ctx), void *ctx);

#endif
