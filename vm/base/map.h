/* SPDX-License-Identifier: MIT
 *
 * vm/base/map.h: a hash map from 64-bit keys to 64-bit values, open
 * addressing. Keys are never 0. Walking it while only the visited entry is
 * removed is allowed.
 *
 * Ownership: the map owns its array; values are the caller's.
 */
#ifndef AKT_BASE_MAP_H
#define AKT_BASE_MAP_H

#include <stdbool.h>
#include <stdint.h>

struct akt_map_entry {
    uint64_t key; /* 0: free, AKT_MAP_GONE: removed */
    uint64_t value;
};

#define AKT_MAP_GONE UINT64_MAX

struct akt_map {
    struct akt_map_entry *entries;
    uint32_t cap;  /* power of two or 0 */
    uint32_t used; /* entries that are not free, removed ones too */
    uint32_t len;
};

void akt_map_init(struct akt_map *m);
void akt_map_fini(struct akt_map *m);
/* Adds or replaces; true when the key is new. */
bool akt_map_put(struct akt_map *m, uint64_t key, uint64_t value);
bool akt_map_get(const struct akt_map *m, uint64_t key, uint64_t *value);
bool akt_map_remove(struct akt_map *m, uint64_t key);
/* The first entry at or after *cursor, or NULL; moves the cursor behind. */
struct akt_map_entry *akt_map_next(const struct akt_map *m, uint32_t *cursor);

#endif
