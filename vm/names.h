/* SPDX-License-Identifier: MIT
 *
 * vm/names.h: the registered names of a node.
 *
 * Threads: [any]; one lock. A name is an entry here and a copy in its actor's
 *          ext, so the owner can free it when the actor ends.
 */
#ifndef AKT_VM_NAMES_H
#define AKT_VM_NAMES_H

#include <stdbool.h>

#include "vm/pid.h"

#define AKT_NAME_MAX 255 /* bytes */

struct akt_names;

struct akt_names *akt_names_create(void);
void akt_names_destroy(struct akt_names *n);
/* False: taken. */
bool akt_names_put(struct akt_names *n, const char *name, akt_pid pid);
akt_pid akt_names_find(struct akt_names *n, const char *name); /* may be none */
/* Calls `visit` for names from *cursor on (0: the first), for about `max` of
 * them, under the lock: must not block. False: that was all. A name that is
 * registered meanwhile may be missed, or met twice when the table grows. */
bool akt_names_walk(struct akt_names *n, uint32_t *cursor, uint32_t max,
                    void (*visit)(void *ctx, const char *name, akt_pid pid),
                    void *ctx);
/* Removes the name if it is still this pid's. */
bool akt_names_remove(struct akt_names *n, const char *name, akt_pid pid);

#endif
