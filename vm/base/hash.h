/* SPDX-License-Identifier: MIT
 *
 * vm/base/hash.h: FNV-1a, for what nobody chooses to collide: names, texts
 * and code of the program itself.
 *
 * Threads: [any].
 */
#ifndef AKT_BASE_HASH_H
#define AKT_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define AKT_HASH_INIT 0xcbf29ce484222325u

/* Goes on from `h`, which is AKT_HASH_INIT at first. */
static inline uint64_t akt_hash(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

#endif
