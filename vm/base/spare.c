/* SPDX-License-Identifier: MIT */
#include "vm/base/spare.h"

#include <string.h>

#include "vm/base/alloc.h"

/* What is asked of malloc. */
static size_t whole(size_t size)
{
    size_t class = akt_spare_class(size);
    return class < AKT_SPARE_CLASSES ? 16 * class + 8 : size;
}

/* Asks malloc; if that fails, once more without what waits. */
static void *ask(struct akt_spare *s, void *p, size_t old, size_t size)
{
    void *q = akt_try_resize(p, old, size);
    if (q || !s->bytes)
        return q;
    akt_spare_fini(s);
    return akt_try_resize(p, old, size);
}

/* To another class. */
static void *move(struct akt_spare *s, void *p, size_t old, size_t size)
{
    void *q = akt_spare_resize(s, NULL, 0, size);
    if (!q)
        return NULL;
    memcpy(q, p, old < size ? old : size);
    akt_spare_free(s, p, old);
    return q;
}

void *akt_spare_resize_slow(struct akt_spare *s, void *p, size_t old,
                            size_t size)
{
    if (!p)
        return ask(s, NULL, 0, whole(size));
    if (old > AKT_SPARE_SIZE && size > AKT_SPARE_SIZE)
        return ask(s, p, old, size);
    return whole(old) == whole(size) ? p : move(s, p, old, size);
}

void akt_spare_free_slow(void *p, size_t size)
{
    akt_free(p, whole(size));
}

void akt_spare_fini(struct akt_spare *s)
{
    for (size_t class = 0; class < AKT_SPARE_CLASSES; class ++) {
        struct akt_spare_block *next;
        for (struct akt_spare_block *b = s->first[class]; b; b = next) {
            next = b->next;
            akt_free(b, 16 * class + 8);
        }
    }
    *s = (struct akt_spare){0};
}
