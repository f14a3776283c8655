/* SPDX-License-Identifier: MIT */
#include "vm/priorities.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/message.h"

struct entry {
    char *tag;
    uint32_t len;
    int8_t priority;
};

struct akt_priorities {
    _Atomic uint32_t refs;
    uint32_t cap, len;
    struct entry entries[]; /* sorted: by length, then by bytes */
};

struct akt_priorities *akt_priorities_new(uint32_t cap)
{
    struct akt_priorities *p = akt_calloc(sizeof *p + cap * sizeof *p->entries);
    atomic_init(&p->refs, 1);
    p->cap = cap;
    return p;
}

struct akt_priorities *akt_priorities_ref(struct akt_priorities *p)
{
    /* relaxed: the caller has a reference already */
    if (p)
        atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
    return p;
}

void akt_priorities_unref(struct akt_priorities *p)
{
    /* acq_rel: all that others did with it comes before it is freed */
    if (!p || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (uint32_t i = 0; i < p->len; i++)
        akt_free(p->entries[i].tag, p->entries[i].len + 1);
    akt_free(p, sizeof *p + p->cap * sizeof *p->entries);
}

static int compare(const struct entry *e, const char *tag, size_t len)
{
    if (e->len != len)
        return e->len < len ? -1 : 1;
    return memcmp(e->tag, tag, len);
}

/* Where the tag is, or belongs. */
static uint32_t place_of(const struct akt_priorities *p, const char *tag,
                         size_t len)
{
    uint32_t from = 0, to = p->len;
    while (from < to) {
        uint32_t at = (from + to) / 2;
        if (compare(&p->entries[at], tag, len) < 0)
            from = at + 1;
        else
            to = at;
    }
    return from;
}

void akt_priorities_add(struct akt_priorities *p, const char *tag, size_t len,
                        int priority)
{
    uint32_t at = place_of(p, tag, len);
    assert(p->len < p->cap);
    memmove(&p->entries[at + 1], &p->entries[at],
            (p->len - at) * sizeof *p->entries);
    char *copy = akt_alloc(len + 1);
    memcpy(copy, tag, len);
    copy[len] = 0;
    p->entries[at] = (struct entry){copy, (uint32_t)len, (int8_t)priority};
    p->len++;
}

int akt_priorities_of(const struct akt_priorities *p, const char *tag,
                      size_t len)
{
    uint32_t at = place_of(p, tag, len);
    bool found = at < p->len && compare(&p->entries[at], tag, len) == 0;
    return found ? p->entries[at].priority : 0;
}

/* The string at the front of a MessagePack body. */
static bool first_string(const struct akt_msg *m, const char **s, size_t *len)
{
    const unsigned char *b = (const unsigned char *)m->body;
    size_t head = 1;
    if (m->size == 0)
        return false;
    if ((b[0] & 0xe0) == 0xa0) {
        *len = b[0] & 0x1f;
    } else if (b[0] == 0xd9 && m->size > 1) {
        *len = b[1];
        head = 2;
    } else if (b[0] == 0xda && m->size > 2) {
        *len = (size_t)b[1] << 8 | b[2];
        head = 3;
    } else { /* no tag is so long that it needs more */
        return false;
    }
    *s = m->body + head;
    return *len <= m->size - head;
}

int akt_priorities_of_msg(const struct akt_priorities *p,
                          const struct akt_msg *m)
{
    const char *tag;
    size_t len;
    return first_string(m, &tag, &len) ? akt_priorities_of(p, tag, len) : 0;
}

bool akt_priorities_same(const struct akt_priorities *p,
                         const struct akt_priorities *q)
{
    if (p == q || !p || !q)
        return p == q;
    if (p->len != q->len)
        return false;
    for (uint32_t i = 0; i < p->len; i++) {
        const struct entry *e = &q->entries[i];
        if (compare(&p->entries[i], e->tag, e->len) != 0 ||
            p->entries[i].priority != e->priority)
            return false;
    }
    return true;
}
