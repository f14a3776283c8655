/* SPDX-License-Identifier: MIT
 *
 * vm/pack.h: messages that the machine itself writes, as MessagePack. Scripts'
 * values are encoded by the host (lua/codec.h), in the same format.
 *
 * Ownership: all of it is appended to the caller's buffer.
 * Threads:   [any].
 */
#ifndef AKT_VM_PACK_H
#define AKT_VM_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "vm/base/buf.h"
#include "vm/pid.h"

void akt_pack_string(struct akt_buf *b, const char *s, size_t len);
void akt_pack_number(struct akt_buf *b, uint64_t n);
void akt_pack_double(struct akt_buf *b, double x);
void akt_pack_bool(struct akt_buf *b, bool on);
void akt_pack_pid(struct akt_buf *b, akt_pid pid); /* nil for none */

/* A map, whose number of entries is known at its end. Every entry is a key,
 * counted, and then one value. */
struct akt_pack_map {
    struct akt_buf *b;
    size_t at;
    uint16_t len;
};

struct akt_pack_map akt_pack_map_begin(struct akt_buf *b);
void akt_pack_key(struct akt_pack_map *m, const char *key);
void akt_pack_map_end(struct akt_pack_map *m);
/* A key with its value; text NULL: no entry. */
void akt_pack_field(struct akt_pack_map *m, const char *key, const char *text);
void akt_pack_field_number(struct akt_pack_map *m, const char *key, uint64_t n);
/* No entry for none. */
void akt_pack_field_pid(struct akt_pack_map *m, const char *key, akt_pid pid);

/* The values that stand one behind the other in `bytes`, as an array; those
 * that fit whole into `max` bytes. Returns whether that was all. */
bool akt_pack_array_of(struct akt_buf *b, const char *bytes, size_t len,
                       size_t max);
/* The length of the first value; 0: it is not whole. */
size_t akt_pack_skip(const char *bytes, size_t len);

#endif
