/* SPDX-License-Identifier: MIT
 *
 * lua/shared.h: read-only data that all isolates of a node look into: one copy,
 * outside of all Lua heaps.
 *
 * A value is built from the codec's bytes into one block, in which everything
 * is at an offset, so that a lookup chases no pointers and freeing it is one
 * call:
 *
 *     table = head, value * array_len, entry * map_len, index * slots
 *     entry = key, value
 *     value = 16 bytes: its type and itself; a string of up to 14 bytes is in
 *             it, a longer one is elsewhere in the block
 *
 * The index is a hash table of the entries' numbers. Entries are sorted by
 * their keys, so walking a table is the same in every run.
 *
 * Invariants
 *   D1  What is built is never changed.
 *   D2  A block lives while it is published or a reference to it exists.
 *   D3  The order is: list part, false, true, numbers, strings, pids; each
 *       ascending.
 *
 * No Lua in here; the views that scripts see are in lib_shared.c.
 * Threads: [any]; references are counted atomically.
 */
#ifndef AKT_LUA_SHARED_H
#define AKT_LUA_SHARED_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AKT_SHARED_NAMES_MAX 4096
#define AKT_SHARED_NAME_MAX 255
#define AKT_SHARED_INLINE 14

enum akt_shared_type {
    AKT_SHARED_NIL,
    AKT_SHARED_FALSE,
    AKT_SHARED_TRUE,
    AKT_SHARED_INTEGER,
    AKT_SHARED_FLOAT,
    AKT_SHARED_SHORT, /* a string inside the value */
    AKT_SHARED_LONG,  /* a string elsewhere in the block */
    AKT_SHARED_POINTER,
    AKT_SHARED_TABLE
};

/* Two ways to look at the same 16 bytes; both begin with the type. */
struct akt_shared_value {
    union {
        struct {
            uint8_t type;
            uint8_t short_len;
            char text[AKT_SHARED_INLINE];
        };
        struct {
            uint8_t head[4];
            uint32_t len; /* of a long string */
            union {
                int64_t integer;
                double number;
                uint64_t bits;
                uint64_t at; /* in the block */
            };
        };
    };
};

struct akt_shared_entry {
    struct akt_shared_value key, value;
};

struct akt_shared_table {
    uint32_t array_len;
    uint32_t map_len;
    uint32_t slots;  /* power of two, or 0 */
    uint32_t border; /* what # says */
};

struct akt_shared {
    atomic_uint refs;
    _Atomic bool replaced; /* there is newer data, or none */
    uint64_t seed;
    size_t size; /* of the block */
    struct akt_shared_value root;
    _Alignas(16) unsigned char block[];
};

struct akt_shared_error {
    const char *code;
    const char *text;
};
/* From a run with one value; refs 1, the caller's. NULL: *error says why.
 * `most`: the bytes it may take. */
struct akt_shared *akt_shared_build(const char *bytes, size_t len,
                                    uint64_t seed, size_t most,
                                    struct akt_shared_error *error);
struct akt_shared *akt_shared_ref(struct akt_shared *s);
void akt_shared_unref(struct akt_shared *s); /* NULL allowed */

const char *akt_shared_string(const struct akt_shared *s,
                              const struct akt_shared_value *v, size_t *len);
static inline const struct akt_shared_table *
akt_shared_table(const struct akt_shared *s, const struct akt_shared_value *v)
{
    return (const void *)(s->block + v->at);
}

/* The value of a key, which is of type INTEGER, FLOAT, FALSE, TRUE or POINTER;
 * NULL: there is none. A float with an integer value must come as integer. */
const struct akt_shared_value *
akt_shared_find(const struct akt_shared *s, const struct akt_shared_table *t,
                const struct akt_shared_value *key);
const struct akt_shared_value *
akt_shared_find_string(const struct akt_shared *s,
                       const struct akt_shared_table *t, const char *key,
                       size_t len);
const struct akt_shared_value *akt_shared_item(const struct akt_shared_table *t,
                                               uint32_t i); /* from 0 */
const struct akt_shared_entry *
akt_shared_entry(const struct akt_shared_table *t, uint32_t i);

/* ---- names ---- */

struct akt_shareds {
    pthread_mutex_t lock;
    struct akt_shared_name *first;
    uint32_t len;
};

void akt_shareds_init(struct akt_shareds *r);
void akt_shareds_fini(struct akt_shareds *r);
/* A reference, or NULL. */
struct akt_shared *akt_shareds_get(struct akt_shareds *r, const char *name);
/* Takes the reference; NULL: takes the name away. False: too many names. */
bool akt_shareds_put(struct akt_shareds *r, const char *name,
                     struct akt_shared *s);

#endif
