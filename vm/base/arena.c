/* SPDX-License-Identifier: MIT */
#include "vm/base/arena.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "vm/base/alloc.h"

#define FIRST 4096u /* offset 0 is no address of a block */
#define GRAIN 16u   /* sizes up to SMALL are multiples of this */
#define SMALL 1024u /* above: four classes for each power of two */
#define SMALL_LOG2 10u
#define CLASSES (SMALL / GRAIN + 4 * (32 - SMALL_LOG2))
#define COMMIT (1u << 20) /* bytes made usable at a time */

struct akt_arena {
    char *base;
    uint64_t used, committed; /* offsets */
    uint64_t bytes;           /* taken and not given back */
    void *free[CLASSES];      /* a free block begins with the next one */
};

static unsigned log2_of(size_t n)
{
    return 63u - (unsigned)__builtin_clzll(n);
}

/* The class of a size, and how large its blocks are; size > 0. */
static unsigned class_of(size_t size, size_t *bytes)
{
    if (size <= SMALL) {
        unsigned c = (unsigned)((size - 1) / GRAIN);
        *bytes = (c + 1) * GRAIN;
        return c;
    }
    unsigned log2 = log2_of(size - 1);
    size_t quarter = (size_t)1 << (log2 - 2);
    size_t step = (size - 1 - ((size_t)1 << log2)) / quarter;
    *bytes = ((size_t)1 << log2) + (step + 1) * quarter;
    return SMALL / GRAIN + 4 * (log2 - SMALL_LOG2) + (unsigned)step;
}

struct akt_arena *akt_arena_create(void)
{
    size_t size = 2 * AKT_ARENA_MAX;
    char *p = mmap(NULL, size, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    uintptr_t at = (uintptr_t)p;
    uintptr_t begin = (at + AKT_ARENA_MAX - 1) / AKT_ARENA_MAX * AKT_ARENA_MAX;
    if (begin > at)
        munmap(p, begin - at);
    munmap((char *)begin + AKT_ARENA_MAX, at + size - begin - AKT_ARENA_MAX);
    struct akt_arena *a = akt_calloc(sizeof *a);
    a->base = (char *)begin;
    a->used = FIRST;
    return a;
}

void akt_arena_destroy(struct akt_arena *a)
{
    if (!a)
        return;
    munmap(a->base, AKT_ARENA_MAX);
    akt_free(a, sizeof *a);
}

static bool commit(struct akt_arena *a, uint64_t end)
{
    if (end <= a->committed)
        return true;
    end = (end + COMMIT - 1) / COMMIT * COMMIT;
    if (end > AKT_ARENA_MAX ||
        mprotect(a->base + a->committed, end - a->committed,
                 PROT_READ | PROT_WRITE) != 0)
        return false;
    a->committed = end;
    return true;
}

static void *take(struct akt_arena *a, size_t size)
{
    size_t bytes;
    if (size >= AKT_ARENA_MAX / 2)
        return NULL;
    unsigned c = class_of(size, &bytes);
    void *p = a->free[c];
    if (p) {
        memcpy(&a->free[c], p, sizeof p);
        return p;
    }
    if (!commit(a, a->used + bytes))
        return NULL;
    p = a->base + a->used;
    a->used += bytes;
    return p;
}

static void give(struct akt_arena *a, void *p, size_t size)
{
    size_t bytes;
    unsigned c = class_of(size, &bytes);
    memcpy(p, &a->free[c], sizeof p);
    a->free[c] = p;
}

void akt_arena_free(struct akt_arena *a, void *p, size_t size_bytes)
{
    if (!p)
        return;
    give(a, p, size_bytes ? size_bytes : 1);
    a->bytes -= size_bytes;
    akt_alloc_count(-(int64_t)size_bytes);
}

void *akt_arena_resize(struct akt_arena *a, void *p, size_t old_bytes,
                       size_t new_bytes)
{
    size_t before, after;
    size_t old = old_bytes ? old_bytes : 1, size = new_bytes ? new_bytes : 1;
    void *q = p;
    if (!p || size >= AKT_ARENA_MAX / 2 ||
        class_of(old, &before) != class_of(size, &after)) {
        q = take(a, size);
        if (!q)
            return NULL;
        if (p) {
            memcpy(q, p, old < size ? old : size);
            give(a, p, old);
        }
    }
    a->bytes += new_bytes - old_bytes;
    akt_alloc_count((int64_t)new_bytes - (int64_t)old_bytes);
    return q;
}

uint64_t akt_arena_bytes(const struct akt_arena *a)
{
    return a->bytes;
}

uint32_t akt_arena_offset(const struct akt_arena *a, const void *p)
{
    uintptr_t at = (uintptr_t)p - (uintptr_t)a->base;
    return at < AKT_ARENA_MAX ? (uint32_t)at : 0;
}
