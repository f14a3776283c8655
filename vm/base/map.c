/* SPDX-License-Identifier: MIT */
#include "vm/base/map.h"

#include <stddef.h>

#include "vm/base/alloc.h"

#define CAP_FIRST 2   /* a monitor of one's own is what most maps hold */
#define CAP_KEPT 1024 /* entries that an empty map may have room for */

void akt_map_init(struct akt_map *m)
{
    *m = (struct akt_map){0};
}

void akt_map_fini(struct akt_map *m)
{
    akt_free(m->entries, m->cap * sizeof *m->entries);
    akt_map_init(m);
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= 0x9e3779b97f4a7c15u;
    return x ^ (x >> 29);
}

/* The entry of the key, or NULL; `spot` gets where it would go. */
static struct akt_map_entry *find(const struct akt_map *m, uint64_t key,
                                  struct akt_map_entry **spot)
{
    struct akt_map_entry *gone = NULL;
    uint64_t i = mix(key);
    for (;; i++) {
        struct akt_map_entry *e = &m->entries[i & (m->cap - 1)];
        if (e->key == key)
            return e;
        if (e->key == AKT_MAP_GONE && !gone)
            gone = e;
        if (e->key == 0) {
            *spot = gone ? gone : e;
            return NULL;
        }
    }
}

static void rehash(struct akt_map *m, uint32_t cap)
{
    struct akt_map old = *m;
    m->entries = akt_calloc(cap * sizeof *m->entries);
    m->cap = cap;
    m->used = m->len = 0;
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    while ((e = akt_map_next(&old, &cursor)))
        akt_map_put(m, e->key, e->value);
    akt_free(old.entries, old.cap * sizeof *old.entries);
}

/* The same when half of it is removed entries. */
static uint32_t larger(const struct akt_map *m)
{
    if (m->cap <= CAP_FIRST)
        return m->cap && m->len ? 8 : CAP_FIRST;
    return m->len * 4 > m->cap * 2 ? m->cap * 2 : m->cap;
}

bool akt_map_put(struct akt_map *m, uint64_t key, uint64_t value)
{
    /* never fuller than 3/4, so that every search ends at a free entry */
    if ((m->used + 1) * 4 > m->cap * 3)
        rehash(m, larger(m));
    struct akt_map_entry *spot;
    struct akt_map_entry *e = find(m, key, &spot);
    if (e) {
        e->value = value;
        return false;
    }
    m->used += spot->key == 0;
    m->len++;
    *spot = (struct akt_map_entry){key, value};
    return true;
}

bool akt_map_get(const struct akt_map *m, uint64_t key, uint64_t *value)
{
    struct akt_map_entry *spot;
    struct akt_map_entry *e = m->len ? find(m, key, &spot) : NULL;
    if (!e)
        return false;
    if (value)
        *value = e->value;
    return true;
}

bool akt_map_remove(struct akt_map *m, uint64_t key)
{
    struct akt_map_entry *spot;
    struct akt_map_entry *e = m->len ? find(m, key, &spot) : NULL;
    if (!e)
        return false;
    e->key = AKT_MAP_GONE;
    if (--m->len == 0 && m->cap > CAP_KEPT)
        akt_map_fini(m); /* it was large once; a walk finds its end here */
    return true;
}

struct akt_map_entry *akt_map_next(const struct akt_map *m, uint32_t *cursor)
{
    while (*cursor < m->cap) {
        struct akt_map_entry *e = &m->entries[(*cursor)++];
        if (e->key != 0 && e->key != AKT_MAP_GONE)
            return e;
    }
    return NULL;
}
