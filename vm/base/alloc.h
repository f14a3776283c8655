/* SPDX-License-Identifier: MIT
 *
 * vm/base/alloc.h: every byte aktvm takes from malloc is counted here.
 *
 * Blocks are freed with the size they were allocated with, so that the count
 * needs no header in front of each block. The total is kept in parts of
 * AKT_ALLOC_FLUSH bytes per thread and added to one node-wide number, so it
 * is exact to that many bytes a thread.
 *
 * Errors:  akt_alloc, akt_calloc and akt_resize abort the process when malloc
 *          itself fails; akt_try_resize returns NULL instead. The memory
 *          budget of the node is not enforced here but by those who ask
 *          akt_alloc_total (vm/node.h).
 * Threads: [any].
 */
#ifndef AKT_BASE_ALLOC_H
#define AKT_BASE_ALLOC_H

#include <stddef.h>
#include <stdint.h>

#define AKT_ALLOC_FLUSH (64 * 1024)

void *akt_alloc(size_t size_bytes);
void *akt_calloc(size_t size_bytes);
/* Grows or shrinks; `p` may be NULL with `old_bytes` 0. */
void *akt_resize(void *p, size_t old_bytes, size_t new_bytes);
/* The same, but NULL when malloc fails; `p` is then untouched. */
void *akt_try_resize(void *p, size_t old_bytes, size_t new_bytes);
/* `p` may be NULL. */
void akt_free(void *p, size_t size_bytes);
char *akt_strdup(const char *s); /* free with akt_strfree */
void akt_strfree(char *s);       /* NULL allowed */

/* Memory that came from elsewhere, or went back there (vm/base/arena.h). */
void akt_alloc_count(int64_t delta);

/* Bytes allocated now in the whole process, exact to AKT_ALLOC_FLUSH per
 * thread; never negative. */
int64_t akt_alloc_total(void);

#endif
