/* SPDX-License-Identifier: MIT
 *
 * vm/priorities.h: which priority messages of a tag have, as a kind or a spawn
 * said it.
 *
 * Ownership: counted references; immutable once filled, so versions of a kind
 * share one. Threads: filling [start], by who made it; the rest [any].
 */
#ifndef AKT_VM_PRIORITIES_H
#define AKT_VM_PRIORITIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AKT_PRIORITY_MIN (-128)
#define AKT_PRIORITY_MAX 127
#define AKT_PRIORITY_TAGS 1024 /* in one table; a look-up compares 10 tags */

struct akt_msg;
struct akt_priorities;

/* Room for `cap` tags. */
struct akt_priorities *akt_priorities_new(uint32_t cap);
struct akt_priorities *akt_priorities_ref(struct akt_priorities *p);
void akt_priorities_unref(struct akt_priorities *p); /* NULL allowed */
/* The tag is not there yet; at most `cap` of them. */
void akt_priorities_add(struct akt_priorities *p, const char *tag, size_t len,
                        int priority);
/* That of the tag; 0 when it has none. */
int akt_priorities_of(const struct akt_priorities *p, const char *tag,
                      size_t len);
/* That of a user message, by its first value. */
int akt_priorities_of_msg(const struct akt_priorities *p,
                          const struct akt_msg *m);
/* NULL allowed, both. */
bool akt_priorities_same(const struct akt_priorities *p,
                         const struct akt_priorities *q);

#endif
