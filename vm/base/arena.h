/* SPDX-License-Identifier: MIT
 *
 * vm/base/arena.h: memory whose addresses are the same in each run, but for
 * where it begins: the same calls give the same offsets. A simulated world
 * needs that, since Lua orders tables that are keys by their addresses, of
 * which it uses the lower 32 bits.
 *
 * AKT_ARENA_MAX bytes of address space are reserved, beginning at a multiple
 * of it, and committed as they are used. Blocks have size classes; a freed
 * one waits for the next of its class. What is taken is counted as in
 * vm/base/alloc.h.
 *
 * Ownership: destroy frees all blocks.
 * Threads:   one at a time.
 */
#ifndef AKT_BASE_ARENA_H
#define AKT_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#define AKT_ARENA_MAX (1ull << 32)

struct akt_arena;

/* NULL: there is no such address space. */
struct akt_arena *akt_arena_create(void);
void akt_arena_destroy(struct akt_arena *a); /* NULL allowed */
/* As akt_try_resize: NULL when the arena is full, `p` is then untouched; `p`
 * may be NULL with `old_bytes` 0. */
void *akt_arena_resize(struct akt_arena *a, void *p, size_t old_bytes,
                       size_t new_bytes);
void akt_arena_free(struct akt_arena *a, void *p, size_t size_bytes);
/* What is taken now, as asked for. */
uint64_t akt_arena_bytes(const struct akt_arena *a);
/* How far p is from the beginning; 0: it is not in the arena. */
uint32_t akt_arena_offset(const struct akt_arena *a, const void *p);

#endif
