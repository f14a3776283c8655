/* SPDX-License-Identifier: MIT
 *
 * lua/codec_impl.h: what the parts of the codec share: the extension types
 * and what light userdata may travel.
 *
 * Threads: [any]; plain values.
 */
#ifndef AKT_LUA_CODEC_IMPL_H
#define AKT_LUA_CODEC_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Part of the wire format: a number is never used again for another type. */
enum akt_codec_ext {
    AKT_CODEC_EXT_NONE = 0, /* cannot be sent */
    AKT_CODEC_EXT_PID = 1,
    AKT_CODEC_EXT_REF = 2,
    AKT_CODEC_EXT_SECRET = 3, /* body: the value inside, encoded */
};

/* How many secrets may be inside one another; each is read by a reader of its
 * own, on the C stack. */
#define AKT_CODEC_SECRETS_MAX 8

#define AKT_CODEC_EXT_SIZE 8u

/* A pid has a node index in its top 16 bits, a ref has bit 63 set; what has
 * neither is some other library's pointer. */
static inline enum akt_codec_ext akt_codec_ext_of(uint64_t bits)
{
    if (bits >> 63)
        return AKT_CODEC_EXT_REF;
    return bits >> 48 ? AKT_CODEC_EXT_PID : AKT_CODEC_EXT_NONE;
}

static inline uint64_t akt_codec_load64(const unsigned char *p)
{
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | p[i];
    return bits;
}

static inline void akt_codec_store64(unsigned char *p, uint64_t bits)
{
    for (int i = 8; i-- > 0; bits >>= 8)
        p[i] = (unsigned char)bits;
}

/* Whether an ext is one of ours; gives its bits. `p` is as msgpack-c's reader
 * hands it over: the byte of the type, then the body, `len` bytes in all. */
static inline bool akt_codec_ext_load(const char *p, size_t len, uint64_t *bits)
{
    if (len != 1 + AKT_CODEC_EXT_SIZE)
        return false;
    *bits = akt_codec_load64((const unsigned char *)p + 1);
    return p[0] != AKT_CODEC_EXT_NONE && p[0] == (char)akt_codec_ext_of(*bits);
}

static inline bool akt_codec_ext_is_secret(const char *p, size_t len)
{
    return len > 1 && p[0] == AKT_CODEC_EXT_SECRET;
}

#endif
