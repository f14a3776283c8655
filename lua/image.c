/* SPDX-License-Identifier: MIT */
#include "lua/image_impl.h"

#include <assert.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/base/hash.h"

static unsigned char *copy(unsigned char *to, const struct akt_buf *from)
{
    if (from->len)
        memcpy(to, from->data, from->len);
    return to + from->len;
}

struct akt_image *akt_image_create(const struct akt_buf *first,
                                   const struct akt_buf *second,
                                   const struct akt_buf *third,
                                   uint64_t code_hash)
{
    size_t len = first->len + second->len + third->len;
    struct akt_image *image = akt_alloc(sizeof *image + len);
    /* Relaxed: nobody else can see the image yet. */
    atomic_store_explicit(&image->refs, 1, memory_order_relaxed);
    image->len = len;
    copy(copy(copy(image->bytes, first), second), third);
    image->hash = akt_hash(AKT_HASH_INIT, image->bytes, len);
    image->code_hash = code_hash;
    return image;
}

struct akt_image *akt_image_ref(struct akt_image *image)
{
    /* Relaxed: the caller's own reference keeps the image alive, and the way
     * by which the new one reaches another thread orders the contents. */
    unsigned before =
        atomic_fetch_add_explicit(&image->refs, 1, memory_order_relaxed);
    assert(before > 0);
    (void)before;
    return image;
}

void akt_image_unref(struct akt_image *image)
{
    if (!image)
        return;
    /* Release pairs with the acquire half of the last unref: all that any
     * thread read from the image happens before it is freed. */
    unsigned before =
        atomic_fetch_sub_explicit(&image->refs, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before == 1)
        akt_free(image, sizeof *image + image->len);
}

uint64_t akt_image_hash(const struct akt_image *image)
{
    return image->hash;
}

uint64_t akt_image_code_hash(const struct akt_image *image)
{
    return image->code_hash;
}

size_t akt_image_size(const struct akt_image *image)
{
    return image->len;
}
