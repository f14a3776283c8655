/* SPDX-License-Identifier: MIT
 *
 * lua/image_names.h: names for what modules contain, so that code images refer
 * to it instead of copying it.
 *
 * Every table, function and full userdata that is reached from package.loaded
 * by string keys, at most AKT_IMAGE_NAMES_DEPTH of them behind the module's
 * name, has a name: `mod:string\0format` is what require "string" gives,
 * indexed with "format". The parts are separated by zero bytes because module
 * names contain dots. `mod:_G` is the globals table. Metatables are not
 * followed, with one exception, and all access is raw.
 *
 * The exception: a table without entries of its own whose metatable's __index
 * is a table is a lock, a read-only view of that table. A name is that of the
 * view, but on the way to other names the view is walked through.
 *
 * Invariants
 *   N1  Resolving a name in the isolate that gave it pushes the same value,
 *       unless a script changed the module meanwhile.
 *   N2  A value with several names has the one with the fewest parts, then
 *       the shortest, then the first in byte order: all isolates with the
 *       same modules give the same names.
 *
 * Ownership: the index lives in the isolate's registry and keeps what it
 *            names alive.
 * Threads:   [owner].
 */
#ifndef AKT_LUA_IMAGE_NAMES_H
#define AKT_LUA_IMAGE_NAMES_H

#include "lua/image.h"

/* "akt.log.info" is deep for a library; what lies deeper is data. */
#define AKT_IMAGE_NAMES_DEPTH 4
#define AKT_IMAGE_NAMES_PREFIX "mod:"

/* [owner] Makes the index, or makes it again after more modules were loaded.
 * Raises on lack of memory; an old index is then still there. */
void akt_image_names_index(lua_State *L);

/* [owner] As struct akt_image_names wants it; `ctx` is not used. Makes the
 * index when there is none. */
bool akt_image_names_find(lua_State *L, int idx, struct akt_buf *name,
                          void *ctx);

/*
 * [owner] The same. A module that is not loaded is required with the global
 * `require`, so script code may run. Raises { code = "not_found" } for what
 * is not there, and what `require` raises.
 */
void akt_image_names_resolve(lua_State *L, const char *name, size_t len,
                             void *ctx);

/* Both of them, ready to be given to akt_image_make and akt_image_load. */
extern const struct akt_image_names akt_image_names_modules;

#endif
