/* SPDX-License-Identifier: MIT
 *
 * vm/base/spare.h: small blocks that were freed and wait for the next of their
 * size. A Lua heap frees in bursts, when its collector sweeps, and takes as
 * much again until the next one; malloc keeps seven blocks of a size at hand.
 *
 * Blocks have the sizes that glibc's malloc has inside, so none is larger than
 * it would be without. What waits counts as allocated (vm/base/alloc.h).
 *
 * Bounded: no more than about AKT_SPARE_MAX bytes wait. What is over that goes
 * back to malloc. With AddressSanitizer nothing waits: it could not see a use
 * of a block that was freed.
 *
 * Errors:    as akt_try_resize: NULL when malloc fails, also without what
 *            waits; `p` is then untouched.
 * Ownership: fini frees what waits, not what is taken.
 * Threads:   one at a time.
 */
#ifndef AKT_BASE_SPARE_H
#define AKT_BASE_SPARE_H

#include <stddef.h>

#define AKT_SPARE_CLASSES 65
#define AKT_SPARE_SIZE (16 * (AKT_SPARE_CLASSES - 1) + 8) /* the largest */
#define AKT_SPARE_MAX ((size_t)256 * 1024)

struct akt_spare_block {
    struct akt_spare_block *next;
};

/* All zero: nothing waits. */
struct akt_spare {
    struct akt_spare_block *first[AKT_SPARE_CLASSES];
    size_t bytes;
};

static inline size_t akt_spare_class(size_t size)
{
    return (size + 7) / 16;
}

void *akt_spare_resize_slow(struct akt_spare *s, void *p, size_t old,
                            size_t size);
void akt_spare_free_slow(void *p, size_t size);
void akt_spare_fini(struct akt_spare *s);

/* `p` may be NULL with `old` 0; `size` is not 0. */
static inline void *akt_spare_resize(struct akt_spare *s, void *p, size_t old,
                                     size_t size)
{
    size_t class = akt_spare_class(size);
    if (p || class >= AKT_SPARE_CLASSES || !s->first[class])
        return akt_spare_resize_slow(s, p, old, size);
    struct akt_spare_block *b = s->first[class];
    s->first[class] = b->next;
    s->bytes -= 16 * class + 8;
    return b;
}

/* `p` may be NULL. */
static inline void akt_spare_free(struct akt_spare *s, void *p, size_t size)
{
    size_t class = akt_spare_class(size);
#ifdef __SANITIZE_ADDRESS__
    class = AKT_SPARE_CLASSES;
#endif
    if (!p || class >= AKT_SPARE_CLASSES || s->bytes >= AKT_SPARE_MAX) {
        akt_spare_free_slow(p, size);
        return;
    }
    struct akt_spare_block *b = p;
    b->next = s->first[class];
    s->first[class] = b;
    s->bytes += 16 * class + 8;
}

#endif
