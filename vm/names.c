/* SPDX-License-Identifier: MIT */
#include "vm/names.h"

#include <pthread.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/tape.h"

struct entry {
    struct entry *next;
    uint64_t hash;
    akt_pid pid;
    char *name;
};

struct akt_names {
    pthread_rwlock_t lock;
    struct entry **buckets;
    uint32_t cap; /* power of two */
    uint32_t len;
};

struct akt_names *akt_names_create(void)
{
    struct akt_names *n = akt_calloc(sizeof *n);
    pthread_rwlock_init(&n->lock, NULL);
    n->cap = 64;
    n->buckets = akt_calloc(n->cap * sizeof *n->buckets);
    return n;
}

static void free_entry(struct entry *e)
{
    akt_strfree(e->name);
    akt_free(e, sizeof *e);
}

void akt_names_destroy(struct akt_names *n)
{
    for (uint32_t i = 0; i < n->cap; i++) {
        while (n->buckets[i]) {
            struct entry *e = n->buckets[i];
            n->buckets[i] = e->next;
            free_entry(e);
        }
    }
    akt_free(n->buckets, n->cap * sizeof *n->buckets);
    pthread_rwlock_destroy(&n->lock);
    akt_free(n, sizeof *n);
}

static uint64_t hash(const char *s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return h ^ (h >> 29);
}

/* Where the pointer to the entry is, or would be. */
static struct entry **find(struct akt_names *n, const char *name, uint64_t h)
{
    struct entry **at = &n->buckets[h & (n->cap - 1)];
    while (*at && ((*at)->hash != h || strcmp((*at)->name, name) != 0))
        at = &(*at)->next;
    return at;
}

static void grow(struct akt_names *n)
{
    uint32_t cap = n->cap * 2;
    struct entry **buckets = akt_calloc(cap * sizeof *buckets);
    for (uint32_t i = 0; i < n->cap; i++) {
        while (n->buckets[i]) {
            struct entry *e = n->buckets[i];
            n->buckets[i] = e->next;
            e->next = buckets[e->hash & (cap - 1)];
            buckets[e->hash & (cap - 1)] = e;
        }
    }
    akt_free(n->buckets, n->cap * sizeof *n->buckets);
    n->buckets = buckets;
    n->cap = cap;
}

bool akt_names_put(struct akt_names *n, const char *name, akt_pid pid)
{
    uint64_t h = hash(name);
    pthread_rwlock_wrlock(&n->lock);
    bool is_free = !*find(n, name, h);
    if (is_free) {
        if (n->len >= n->cap)
            grow(n);
        struct entry *e = akt_calloc(sizeof *e);
        e->hash = h;
        e->pid = pid;
        e->name = akt_strdup(name);
        *find(n, name, h) = e;
        n->len++;
    }
    pthread_rwlock_unlock(&n->lock);
    return !akt_input_rare(!is_free);
}

akt_pid akt_names_find(struct akt_names *n, const char *name)
{
    pthread_rwlock_rdlock(&n->lock);
    struct entry *e = *find(n, name, hash(name));
    akt_pid pid = e ? e->pid : AKT_PID_NONE;
    pthread_rwlock_unlock(&n->lock);
    pid.bits = akt_input(pid.bits);
    return pid;
}

bool akt_names_walk(struct akt_names *n, uint32_t *cursor, uint32_t max,
                    void (*visit)(void *ctx, const char *name, akt_pid pid),
                    void *ctx)
{
    pthread_rwlock_rdlock(&n->lock);
    for (uint32_t seen = 0; *cursor < n->cap && seen < max; seen++) {
        for (struct entry *e = n->buckets[*cursor]; e; e = e->next, seen++)
            visit(ctx, e->name, e->pid);
        ++*cursor;
    }
    bool more = *cursor < n->cap;
    pthread_rwlock_unlock(&n->lock);
    return more;
}

bool akt_names_remove(struct akt_names *n, const char *name, akt_pid pid)
{
    pthread_rwlock_wrlock(&n->lock);
    struct entry **at = find(n, name, hash(name));
    struct entry *e = *at;
    bool is_mine = e && akt_pid_eq(e->pid, pid);
    if (is_mine) {
        *at = e->next;
        n->len--;
        free_entry(e);
    }
    pthread_rwlock_unlock(&n->lock);
    return !akt_input_rare(!is_mine);
}
