/* SPDX-License-Identifier: MIT
 *
 * vm/crash_impl.h: between the text of a crash and its file. All [any].
 */
#ifndef AKT_VM_CRASH_IMPL_H
#define AKT_VM_CRASH_IMPL_H

#include "vm/crash.h"

/* Whether the kind's last file is a second old; if not, counts. */
bool akt_crashes_may(struct akt_crashes *c, const char *kind, uint64_t now_ns);
/* How many deaths have got no file since the last call. */
uint64_t akt_crashes_left_out(struct akt_crashes *c);
/* Hands the text over; takes what b holds. `path` (or NULL) gets where it
 * will be, nothing if it is dropped. */
void akt_crashes_add(struct akt_crashes *c, struct akt_buf *b,
                     struct akt_buf *path);

#endif
