/* SPDX-License-Identifier: MIT */
#include "vm/base/alloc.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Atomic int64_t total;
static _Thread_local int64_t pending;

void akt_alloc_count(int64_t delta)
{
    pending += delta;
    if (pending < AKT_ALLOC_FLUSH && pending > -AKT_ALLOC_FLUSH)
        return;
    /* relaxed: a sum, nothing else is published through it */
    atomic_fetch_add_explicit(&total, pending, memory_order_relaxed);
    pending = 0;
}

static void out_of_memory(size_t size_bytes)
{
    fprintf(stderr, "aktvm: out of memory: malloc of %zu bytes failed\n",
            size_bytes);
    abort();
}

void *akt_alloc(size_t size_bytes)
{
    void *p = malloc(size_bytes ? size_bytes : 1);
    if (!p)
        out_of_memory(size_bytes);
    akt_alloc_count((int64_t)size_bytes);
    return p;
}

/* glibc's calloc does not use a thread's cache of free blocks. */
#define CACHED_MAX 1024

void *akt_calloc(size_t size_bytes)
{
    if (size_bytes <= CACHED_MAX)
        return memset(akt_alloc(size_bytes), 0, size_bytes);
    void *p = calloc(1, size_bytes ? size_bytes : 1);
    if (!p)
        out_of_memory(size_bytes);
    akt_alloc_count((int64_t)size_bytes);
    return p;
}

void *akt_try_resize(void *p, size_t old_bytes, size_t new_bytes)
{
    void *q = realloc(p, new_bytes ? new_bytes : 1);
    if (q)
        akt_alloc_count((int64_t)new_bytes - (int64_t)old_bytes);
    return q;
}

void *akt_resize(void *p, size_t old_bytes, size_t new_bytes)
{
    void *q = akt_try_resize(p, old_bytes, new_bytes);
    if (!q)
        out_of_memory(new_bytes);
    return q;
}

void akt_free(void *p, size_t size_bytes)
{
    if (!p)
        return;
    free(p);
    akt_alloc_count(-(int64_t)size_bytes);
}

char *akt_strdup(const char *s)
{
    size_t size = strlen(s) + 1;
    return memcpy(akt_alloc(size), s, size);
}

void akt_strfree(char *s)
{
    if (s)
        akt_free(s, strlen(s) + 1);
}

int64_t akt_alloc_total(void)
{
    /* relaxed: a reading of a sum that is never exact anyway */
    int64_t sum = atomic_load_explicit(&total, memory_order_relaxed) + pending;
    return sum > 0 ? sum : 0;
}
