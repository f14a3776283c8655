/* SPDX-License-Identifier: MIT */
#include "vm/reason.h"

#include <assert.h>
#include <string.h>

#include "vm/base/alloc.h"

static const char *const names[] = {
#define AKT_CODE_NAME(id, word) word,
    AKT_CODES(AKT_CODE_NAME)
#undef AKT_CODE_NAME
};

static const uint8_t lengths[] = {
#define AKT_CODE_LENGTH(id, word) sizeof(word) - 1,
    AKT_CODES(AKT_CODE_LENGTH)
#undef AKT_CODE_LENGTH
};

/* One MessagePack fixstr: the length is in the first byte. */
#define PLAIN(id, word)               \
    static union {                    \
        struct {                      \
            _Atomic uint32_t refs;    \
            enum akt_code code;       \
            uint32_t len;             \
            char bytes[sizeof(word)]; \
        } init;                       \
        struct akt_reason reason;     \
    } plain_##id = {{0, AKT_##id, sizeof(word), {0}}};
AKT_CODES(PLAIN)
#undef PLAIN

static struct akt_reason *const plains[] = {
#define PLAIN_PTR(id, word) &plain_##id.reason,
    AKT_CODES(PLAIN_PTR)
#undef PLAIN_PTR
};

/* The bytes need the length in front of the word, which a static initialiser
 * cannot glue together; done once before main. */
__attribute__((constructor)) static void fill_plains(void)
{
    for (int i = 0; i < AKT_CODE_COUNT; i++) {
        size_t n = strlen(names[i]);
        char *bytes = (char *)plains[i] + offsetof(struct akt_reason, bytes);
        bytes[0] = (char)(0xa0 | n);
        memcpy(bytes + 1, names[i], n);
    }
}

const char *akt_code_name(enum akt_code code)
{
    assert(code < AKT_CODE_COUNT);
    return names[code];
}

enum akt_code akt_code_find(const char *word, size_t len)
{
    int i = 0;
    while (i < AKT_CODE_COUNT &&
           (lengths[i] != len || memcmp(names[i], word, len) != 0))
        i++;
    return (enum akt_code)i;
}

struct akt_reason *akt_reason_of(enum akt_code code)
{
    assert(code < AKT_CODE_COUNT);
    return plains[code];
}

struct akt_reason *akt_reason_make(enum akt_code code, const char *bytes,
                                   size_t len)
{
    struct akt_reason *r = akt_alloc(sizeof *r + len);
    atomic_init(&r->refs, 1);
    r->code = code;
    r->len = (uint32_t)len;
    memcpy(r->bytes, bytes, len);
    return r;
}

struct akt_reason *akt_reason_ref(struct akt_reason *r)
{
    /* relaxed: the count is only compared with itself here; static reasons
     * stay at 0 for ever */
    if (atomic_load_explicit(&r->refs, memory_order_relaxed))
        atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
    return r;
}

/* Not inline: with a code known at compile time gcc takes it to free one of the
 * static reasons. */
__attribute__((noinline)) static void drop(struct akt_reason *r)
{
    akt_free(r, sizeof *r + r->len);
}

void akt_reason_unref(struct akt_reason *r)
{
    if (!r || !atomic_load_explicit(&r->refs, memory_order_relaxed))
        return;
    /* acq_rel: the last one to leave sees the reads of all others done */
    if (atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) == 1)
        drop(r);
}
