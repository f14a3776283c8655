/* SPDX-License-Identifier: MIT
 *
 * lua/image_impl.h: the bytes of a code image, for those who write and read
 * them.
 *
 * Tables, functions and names are objects, numbered from 0 in the order in
 * which they were first met; whatever refers to them writes the number. All
 * heads come before the first body, so a reader creates every object before
 * it fills any, and cycles need no care.
 *
 *     image   = count head* value body*          a head and a body per object
 *     head    = 't' narray nhash                 sizes, to allocate at once
 *             | 'f' size dump                    as lua_dump wrote it
 *             | 'n' size name
 *     body    = 't' narray nhash metatable value*narray (key value)*nhash
 *             | 'f' nupvalues upvalue*
 *             | 'n'
 *     upvalue = 'o' value                        the variable's own value
 *             | 'j' function index               the variable of that function
 *     value   = a tag of enum image_tag and its operand
 *
 * Counts, sizes, object numbers and zigzag integers are varints: seven bits a
 * byte, least significant first, bit 7 set on all but the last. Floats and
 * light userdata are in the machine's byte order: images never leave the
 * process, and are trusted for the same reason.
 */
#ifndef AKT_LUA_IMAGE_IMPL_H
#define AKT_LUA_IMAGE_IMPL_H

#include <stdatomic.h>

#include "lua/image.h"

enum image_tag {
    IMAGE_NIL,
    IMAGE_FALSE,
    IMAGE_TRUE,
    IMAGE_INTEGER, /* zigzag varint */
    IMAGE_FLOAT,   /* lua_Number */
    IMAGE_STRING,  /* size, bytes */
    IMAGE_POINTER, /* light userdata */
    IMAGE_OBJECT,  /* number */
};

#define IMAGE_TABLE 't'
#define IMAGE_FUNCTION 'f'
#define IMAGE_NAME 'n'
#define IMAGE_OWN 'o'
#define IMAGE_JOINED 'j'

struct akt_image {
    atomic_uint refs;
    uint64_t hash;
    uint64_t code_hash;
    size_t len;
    unsigned char bytes[];
};

/* In a list of parents: the value the image is made of itself. */
#define IMAGE_NO_PARENT UINT32_MAX

/*
 * [owner] Appends why object `id` cannot travel and how it is reached.
 * `objects` is the stack index of the list of objects (number + 1 -> object),
 * `parents[i]` the number of the object by which i was first met. Reads
 * tables raw; raises on lack of memory only.
 */
void akt_image_explain(lua_State *L, int objects, const uint32_t *parents,
                       uint32_t id, struct akt_buf *text);

/* [any] One reference, the caller's; the bytes are copied. */
struct akt_image *akt_image_create(const struct akt_buf *first,
                                   const struct akt_buf *second,
                                   const struct akt_buf *third,
                                   uint64_t code_hash);

#endif
