/* SPDX-License-Identifier: MIT
 *
 * lua/watch.h: `aktvm run --watch`: reloads when a file of the program
 * changes.
 *
 * A thread of its own looks at the files every AKT_WATCH_MS. What a reload did,
 * or why it could not, is a line on stderr. It does not keep the program alive.
 *
 * Threads: [start].
 */
#ifndef AKT_LUA_WATCH_H
#define AKT_LUA_WATCH_H

#include "lua/kind.h"

#define AKT_WATCH_MS 200

struct akt_watch;

/* NULL: no thread could be started. */
struct akt_watch *akt_watch_start(struct akt_lua_node *n);
void akt_watch_stop(struct akt_watch *w); /* NULL allowed */

#endif
