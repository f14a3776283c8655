/* SPDX-License-Identifier: MIT */
#include "vm/message.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "vm/base/alloc.h"

#define POOL_NONE 255
#define BATCH 64        /* blocks that change pools at once */
#define SHARED_MAX 1024 /* batches kept per size; more go back to malloc */

/* Block sizes, header included; over the last one: malloc. The first two
 * are whole blocks of glibc's, which begin 8 bytes before ours. */
static const uint32_t sizes[] = {104, 120, 192, 256, 512, 1024, 2048, 4096};
#define CLASSES (sizeof sizes / sizeof *sizes) /* a power of two */

struct pool {
    struct akt_msg *free;
    uint32_t count;
};

/* Batches are chained through `sender`, the blocks of one through `next`. */
struct batch_list {
    struct akt_msg *first;
    uint32_t count;
};

/* the model: one load instead of what may be a call; all is one program */
static _Thread_local struct pool pools[CLASSES]
    __attribute__((tls_model("initial-exec")));
static struct batch_list shared[CLASSES];
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;

static struct akt_msg *batch_next(struct akt_msg *m)
{
    return (struct akt_msg *)(uintptr_t)m->sender.bits;
}

static inline unsigned class_of(size_t total)
{
    unsigned c = 0;
    while (c < CLASSES && sizes[c] < total)
        c++;
    return c;
}

static struct akt_msg *take_batch(unsigned c)
{
    pthread_mutex_lock(&shared_lock);
    struct akt_msg *m = shared[c].first;
    if (m) {
        shared[c].first = batch_next(m);
        shared[c].count--;
    }
    pthread_mutex_unlock(&shared_lock);
    return m;
}

static void free_chain(struct akt_msg *m, unsigned c)
{
    while (m) {
        struct akt_msg *next = m->next;
        akt_free(m, sizes[c]);
        m = next;
    }
}

static void give_batch(unsigned c)
{
    struct pool *p = &pools[c];
    struct akt_msg *first = p->free, *last = first;
    for (int i = 1; i < BATCH; i++)
        last = last->next;
    p->free = last->next;
    p->count -= BATCH;
    last->next = NULL;
    pthread_mutex_lock(&shared_lock);
    bool keep = shared[c].count < SHARED_MAX;
    if (keep) {
        first->sender.bits = (uintptr_t)shared[c].first;
        shared[c].first = first;
        shared[c].count++;
    }
    pthread_mutex_unlock(&shared_lock);
    if (!keep)
        free_chain(first, c);
}

__attribute__((noinline)) static struct akt_msg *pool_fill(unsigned c)
{
    struct pool *p = &pools[c];
    struct akt_msg *m = take_batch(c);
    if (!m)
        return akt_alloc(sizes[c]);
    p->free = m->next;
    p->count = BATCH - 1;
    return m;
}

static inline struct akt_msg *pool_take(unsigned c)
{
    struct pool *p = &pools[c];
    struct akt_msg *m = p->free;
    if (!m)
        return pool_fill(c);
    p->free = m->next;
    p->count--;
    return m;
}

static size_t ack_offset(size_t size_bytes)
{
    return (size_bytes + 7) & ~(size_t)7; /* the struct wants 8 bytes */
}

static inline void start(struct akt_msg *m, enum akt_msg_type type,
                         size_t size_bytes, unsigned pool)
{
    /* in two parts: of one, gcc makes a loop, which is slow for so little */
    memset(m, 0, offsetof(struct akt_msg, trace));
    memset((char *)m + offsetof(struct akt_msg, trace), 0,
           sizeof *m - offsetof(struct akt_msg, trace));
    m->size = (uint32_t)size_bytes;
    m->type = (uint8_t)type;
    m->pool = (uint8_t)pool;
}

__attribute__((noinline)) static struct akt_msg *
new_block(enum akt_msg_type type, size_t size_bytes, size_t total)
{
    unsigned c = class_of(total);
    struct akt_msg *m = c < CLASSES ? pool_take(c) : akt_alloc(total);
    start(m, type, size_bytes, c < CLASSES ? c : POOL_NONE);
    return m;
}

/* The smallest block, which most are, is taken here. */
struct akt_msg *akt_msg_new(enum akt_msg_type type, size_t size_bytes)
{
    size_t total = sizeof(struct akt_msg) + size_bytes;
    if (total > sizes[0] || !pools[0].free)
        return new_block(type, size_bytes, total);
    struct akt_msg *m = pool_take(0);
    start(m, type, size_bytes, 0);
    return m;
}

static size_t ack_total(size_t size_bytes)
{
    return sizeof(struct akt_msg) + ack_offset(size_bytes) +
           sizeof(struct akt_msg_ack);
}

struct akt_msg *akt_msg_new_ack(enum akt_msg_type type, size_t size_bytes)
{
    struct akt_msg *m = new_block(type, size_bytes, ack_total(size_bytes));
    m->flags = AKT_MSG_ACK;
    *akt_msg_ack_of(m) = (struct akt_msg_ack){0, 0};
    return m;
}

static size_t total_size(const struct akt_msg *m)
{
    return m->flags & AKT_MSG_ACK ? ack_total(m->size) : sizeof *m + m->size;
}

struct akt_msg *akt_msg_without_ack(struct akt_msg *m)
{
    size_t was = total_size(m);
    m->flags &= (uint8_t)~AKT_MSG_ACK;
    return m->pool == POOL_NONE ? akt_resize(m, was, total_size(m)) : m;
}

struct akt_msg *akt_msg_resize(struct akt_msg *m, size_t size_bytes)
{
    assert(m->pool == POOL_NONE && size_bytes >= AKT_MSG_RESIZE_MIN);
    assert(!(m->flags & (AKT_MSG_ACK | AKT_MSG_REASON)));
    m = akt_resize(m, total_size(m), sizeof *m + size_bytes);
    m->size = (uint32_t)size_bytes;
    return m;
}

struct akt_msg *akt_msg_reuse(struct akt_msg *m, enum akt_msg_type type,
                              size_t front)
{
    size_t was = total_size(m), size = m->size - front;
    bool ack = type == AKT_MSG_USER;
    assert(m->pool == POOL_NONE && m->size >= AKT_MSG_RESIZE_MIN);
    assert(!(m->flags & (AKT_MSG_ACK | AKT_MSG_REASON)));
    if (front)
        memmove(m->body, m->body + front, size);
    m = akt_resize(m, was, ack ? ack_total(size) : sizeof *m + size);
    m->size = (uint32_t)size;
    m->type = (uint8_t)type;
    m->flags = ack ? AKT_MSG_ACK : 0;
    if (ack)
        *akt_msg_ack_of(m) = (struct akt_msg_ack){0, 0};
    return m;
}

__attribute__((noinline)) static void free_otherwise(struct akt_msg *m)
{
    if (m->flags & AKT_MSG_REASON)
        akt_reason_unref(akt_msg_reason(m));
    if (m->pool == POOL_NONE) {
        akt_free(m, total_size(m));
        return;
    }
    struct pool *p = &pools[m->pool];
    m->next = p->free;
    p->free = m;
    if (++p->count >= AKT_POOL_KEEP)
        give_batch(m->pool);
}

void akt_msg_free(struct akt_msg *m)
{
    if (!m)
        return;
    struct pool *p = &pools[m->pool & (CLASSES - 1)];
    if (m->flags & AKT_MSG_REASON || m->pool == POOL_NONE ||
        p->count >= AKT_POOL_KEEP - 1) {
        free_otherwise(m);
        return;
    }
    m->next = p->free;
    p->free = m;
    p->count++;
}

struct akt_msg *akt_msg_with_reason(enum akt_msg_type type,
                                    struct akt_reason *reason)
{
    struct akt_msg *m = akt_msg_new(type, sizeof reason);
    m->flags |= AKT_MSG_REASON;
    memcpy(m->body, &reason, sizeof reason);
    return m;
}

struct akt_reason *akt_msg_reason(const struct akt_msg *m)
{
    assert(m->flags & AKT_MSG_REASON);
    struct akt_reason *reason;
    memcpy(&reason, m->body, sizeof reason);
    return reason;
}

struct akt_msg_ack *akt_msg_ack_of(struct akt_msg *m)
{
    assert(m->flags & AKT_MSG_ACK);
    return (struct akt_msg_ack *)(void *)(m->body + ack_offset(m->size));
}

void akt_msg_pool_release(void)
{
    for (unsigned c = 0; c < CLASSES; c++) {
        free_chain(pools[c].free, c);
        pools[c] = (struct pool){0};
    }
}

void akt_msg_pool_fini(void)
{
    for (unsigned c = 0; c < CLASSES; c++) {
        struct akt_msg *m;
        while ((m = take_batch(c)))
            free_chain(m, c);
    }
}
