/* SPDX-License-Identifier: MIT */
#include "vm/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/base/buf.h"
#include "vm/node.h"

#define STAMP_SHIFT 8 /* stamps count 256 ns, and wrap after 18 minutes ... */
#define STAMP_SPAN_MS 1000000u /* ... so from here on ticks are used */

/* ---- create, destroy ---- */

static struct akt_metrics_shard *shard_create(void)
{
    void *p = NULL;
    if (posix_memalign(&p, 64, sizeof(struct akt_metrics_shard)) != 0)
        abort();
    memset(p, 0, sizeof(struct akt_metrics_shard));
    return p;
}

struct akt_metrics *akt_metrics_create(uint32_t workers)
{
    struct akt_metrics *m = akt_calloc(sizeof *m);
    m->shards_len = workers;
    m->shards = akt_calloc(workers * sizeof *m->shards);
    for (uint32_t i = 0; i < workers; i++)
        m->shards[i] = shard_create();
    pthread_mutex_init(&m->lock, NULL);
    atomic_store_explicit(&m->kinds[0].log_level, -1, memory_order_relaxed);
    snprintf(m->kinds[0].name, sizeof m->kinds[0].name, "(other)");
    atomic_store_explicit(&m->kinds_len, 1, memory_order_relaxed);
    return m;
}

/* [start] relaxed: nobody else is there any more */
static void hist_free(struct akt_hist *_Atomic *p)
{
    akt_free(atomic_load_explicit(p, memory_order_relaxed),
             sizeof(struct akt_hist));
}

static void shard_destroy(struct akt_metrics_shard *s)
{
    for (int i = 0; i < AKT_METRIC_KINDS; i++) {
        hist_free(&s->kinds[i].processing);
        hist_free(&s->kinds[i].wait);
    }
    for (int i = 0; i < AKT_METRIC_SERIES; i++)
        hist_free(&s->hists[i]);
    free(s);
}

static void series_destroy(struct akt_series *s)
{
    for (uint32_t i = 0; i < s->labels_len; i++) {
        akt_strfree((char *)(uintptr_t)s->labels[i].key);
        akt_strfree((char *)(uintptr_t)s->labels[i].value);
    }
    akt_strfree(s->name);
    akt_strfree(s->text);
    akt_free(s, sizeof *s);
}

void akt_metrics_destroy(struct akt_metrics *m)
{
    uint32_t len = atomic_load_explicit(&m->series_len, memory_order_relaxed);
    for (uint32_t i = 0; i < len; i++)
        series_destroy(akt_metrics_get(m, i));
    for (uint32_t i = 0; i < m->shards_len; i++)
        shard_destroy(m->shards[i]);
    akt_free(m->shards, m->shards_len * sizeof *m->shards);
    akt_map_fini(&m->by_text);
    pthread_mutex_destroy(&m->lock);
    akt_free(m, sizeof *m);
}

/* ---- kinds ---- */

static uint32_t find_kind(const struct akt_metrics *m, const char *name,
                          uint32_t len)
{
    for (uint32_t i = 1; i < len; i++)
        if (strcmp(m->kinds[i].name, name) == 0)
            return i;
    return 0;
}

uint32_t akt_metrics_kind(struct akt_metrics *m, const char *name)
{
    pthread_mutex_lock(&m->lock);
    uint32_t len = atomic_load_explicit(&m->kinds_len, memory_order_relaxed);
    uint32_t id = find_kind(m, name, len);
    if (!id && len < AKT_METRIC_KINDS) {
        id = len;
        struct akt_metric_kind *k = &m->kinds[id];
        snprintf(k->name, sizeof k->name, "%s", name);
        atomic_store_explicit(&k->log_level, -1, memory_order_relaxed);
        /* release: pairs with the acquire of readers, who see the name */
        atomic_store_explicit(&m->kinds_len, len + 1, memory_order_release);
    }
    pthread_mutex_unlock(&m->lock);
    return id;
}

/* ---- making series ---- */

static bool is_name(const char *s, bool colons)
{
    size_t len = strlen(s);
    if (len == 0 || len > AKT_METRIC_NAME || (s[0] >= '0' && s[0] <= '9'))
        return false;
    for (; *s; s++) {
        bool good = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
                    (*s >= '0' && *s <= '9') || *s == '_' ||
                    (colons && *s == ':');
        if (!good)
            return false;
    }
    return true;
}

static bool is_ours(const char *name)
{
    return strncmp(name, "aktvm_", 6) == 0 || strncmp(name, "process_", 8) == 0;
}

static bool is_label(const struct akt_label *l)
{
    return is_name(l->key, false) && strncmp(l->key, "__", 2) != 0 &&
           strcmp(l->key, "le") != 0 && strcmp(l->key, "quantile") != 0 &&
           strlen(l->value) <= AKT_METRIC_VALUE;
}

static int compare_labels(const void *a, const void *b)
{
    const struct akt_label *x = a, *y = b;
    return strcmp(x->key, y->key);
}

/* The length of each part goes in front, so no two lists read the same. */
static void put_text(struct akt_buf *b, const struct akt_series *s)
{
    akt_buf_puts(b, s->name);
    for (uint32_t i = 0; i < s->labels_len; i++)
        akt_buf_printf(b, "\n%s=%zu:%s", s->labels[i].key,
                       strlen(s->labels[i].value), s->labels[i].value);
}

static uint64_t hash_text(const char *s)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return h >> 1 | 1;
}

static struct akt_series *find_text(struct akt_metrics *m, const char *text)
{
    uint64_t first = 0;
    akt_map_get(&m->by_text, hash_text(text), &first);
    struct akt_series *s = (struct akt_series *)(uintptr_t)first;
    while (s && strcmp(s->text, text) != 0)
        s = s->same_hash;
    return s;
}

/* Under the lock. Another series of this name decides its type. */
static bool is_of_type(struct akt_metrics *m, const struct akt_series *s)
{
    uint32_t len = atomic_load_explicit(&m->series_len, memory_order_relaxed);
    for (uint32_t i = 0; i < len; i++) {
        const struct akt_series *other = akt_metrics_get(m, i);
        if (strcmp(other->name, s->name) == 0)
            return other->type == s->type;
    }
    return true;
}

static struct akt_series *copy_series(const struct akt_series *from,
                                      const char *text)
{
    struct akt_series *s = akt_calloc(sizeof *s);
    s->name = akt_strdup(from->name);
    s->text = akt_strdup(text);
    s->type = from->type;
    s->labels_len = from->labels_len;
    for (uint32_t i = 0; i < s->labels_len; i++) {
        s->labels[i].key = akt_strdup(from->labels[i].key);
        s->labels[i].value = akt_strdup(from->labels[i].value);
    }
    return s;
}

/* Under the lock. */
static int add_series(struct akt_metrics *m, const struct akt_series *wanted,
                      const char *text)
{
    uint32_t id = atomic_load_explicit(&m->series_len, memory_order_relaxed);
    struct akt_series *s = copy_series(wanted, text);
    uint64_t first = 0;
    akt_map_get(&m->by_text, hash_text(text), &first);
    s->same_hash = (struct akt_series *)(uintptr_t)first;
    s->id = id;
    akt_map_put(&m->by_text, hash_text(text), (uintptr_t)s);
    atomic_store_explicit(&m->series[id], s, memory_order_relaxed);
    /* release: pairs with the acquire in akt_metrics_get */
    atomic_store_explicit(&m->series_len, id + 1, memory_order_release);
    return (int)id;
}

static int find_or_add(struct akt_metrics *m, const struct akt_series *wanted,
                       const char *text)
{
    const struct akt_series *s = find_text(m, text);
    if (s)
        return s->type == wanted->type ? (int)s->id : AKT_METRIC_OTHER_TYPE;
    if (!is_of_type(m, wanted))
        return AKT_METRIC_OTHER_TYPE;
    if (atomic_load_explicit(&m->series_len, memory_order_relaxed) ==
        AKT_METRIC_SERIES)
        return AKT_METRIC_FULL;
    return add_series(m, wanted, text);
}

static int check_labels(struct akt_series *s)
{
    if (s->labels_len > 1)
        qsort(s->labels, s->labels_len, sizeof *s->labels, compare_labels);
    for (uint32_t i = 0; i < s->labels_len; i++) {
        if (!is_label(&s->labels[i]))
            return AKT_METRIC_BAD_LABEL;
        if (i && strcmp(s->labels[i].key, s->labels[i - 1].key) == 0)
            return AKT_METRIC_BAD_LABEL;
    }
    return AKT_METRIC_OK;
}

int akt_metrics_series(struct akt_metrics *m, enum akt_metric_type type,
                       const char *name, const struct akt_label *labels,
                       uint32_t len)
{
    if (!is_name(name, true) || is_ours(name))
        return AKT_METRIC_BAD_NAME;
    if (len > AKT_METRIC_LABELS)
        return AKT_METRIC_BAD_LABEL;
    struct akt_series wanted = {
        .name = (char *)(uintptr_t)name, .type = type, .labels_len = len};
    if (len)
        memcpy(wanted.labels, labels, len * sizeof *labels);
    int result = check_labels(&wanted);
    if (result)
        return result;
    struct akt_buf text = AKT_BUF_INIT;
    put_text(&text, &wanted);
    pthread_mutex_lock(&m->lock);
    result = find_or_add(m, &wanted, akt_buf_cstr(&text));
    pthread_mutex_unlock(&m->lock);
    akt_buf_fini(&text);
    return result;
}

struct akt_series *akt_metrics_get(struct akt_metrics *m, uint32_t id)
{
    /* acquire: pairs with the release in add_series */
    if (id >= atomic_load_explicit(&m->series_len, memory_order_acquire))
        return NULL;
    return atomic_load_explicit(&m->series[id], memory_order_relaxed);
}

/* ---- writing ---- */

/* One writer makes it and publishes it. */
static struct akt_hist *hist_of(struct akt_hist *_Atomic *place)
{
    struct akt_hist *h = atomic_load_explicit(place, memory_order_relaxed);
    if (!h) {
        h = akt_calloc(sizeof *h);
        /* release: pairs with the acquire of readers, who see it zeroed */
        atomic_store_explicit(place, h, memory_order_release);
    }
    return h;
}

void akt_metrics_count(struct akt_worker *w, uint32_t id, double n)
{
    _Atomic uint64_t *cell = &w->shard->counters[id];
    akt_cell_set(cell, akt_cell_get(cell) + n);
}

void akt_metrics_observe(struct akt_worker *w, uint32_t id, double value)
{
    akt_hist_record(hist_of(&w->shard->hists[id]), value);
}

void akt_metrics_set(struct akt_series *s, double value)
{
    akt_cell_set(&s->gauge, value);
}

void akt_metrics_move(struct akt_series *s, double by)
{
    /* relaxed: the sum is all there is to agree on */
    uint64_t old = atomic_load_explicit(&s->gauge, memory_order_relaxed), new;
    do {
        double value;
        memcpy(&value, &old, sizeof value);
        value += by;
        memcpy(&new, &value, sizeof new);
    } while (!atomic_compare_exchange_weak_explicit(
        &s->gauge, &old, new, memory_order_relaxed, memory_order_relaxed));
}

/* ---- samples ---- */

static uint32_t stamp_of(uint64_t now_ns)
{
    return (uint32_t)(now_ns >> STAMP_SHIFT);
}

/* 1 to 2 * AKT_SAMPLE - 1, evenly: the mean is AKT_SAMPLE. */
static uint32_t next_sample(struct akt_worker *w)
{
    uint32_t x = w->sample_random ? w->sample_random : w->index + 1;
    x ^= x << 13; /* xorshift32 */
    x ^= x >> 17;
    x ^= x << 5;
    w->sample_random = x;
    return 1 + (uint32_t)(((uint64_t)x * (2 * AKT_SAMPLE - 1)) >> 32);
}

void akt_metrics_stamp_now(struct akt_worker *w, struct akt_msg *m)
{
    w->sample_left = next_sample(w);
    uint32_t stamp = stamp_of(akt_world_mono_ns(w->node->world));
    m->stamp = stamp ? stamp : 1;
    if (!w->node->world->simulated)
        akt_turn_sends(w, m->target);
}

static double waited_s(const struct akt_node *node, uint64_t now_ns,
                       const struct akt_msg *m)
{
    /* relaxed: a tick more or less */
    uint32_t ticks =
        atomic_load_explicit(&node->tick, memory_order_relaxed) - m->sent_tick;
    if (ticks > STAMP_SPAN_MS)
        return (double)ticks / 1e3;
    int32_t units = (int32_t)(stamp_of(now_ns) - m->stamp);
    return units > 0 ? (double)units * (1 << STAMP_SHIFT) / 1e9 : 0;
}

void akt_metrics_taken(struct akt_worker *w, struct akt_kind_counts *k,
                       const struct akt_msg *m)
{
    uint64_t now_ns = akt_world_mono_ns(w->node->world);
    akt_hist_record(hist_of(&k->wait), waited_s(w->node, now_ns, m));
    w->sample_start_ns = now_ns;
    w->sample_kind = k;
}

void akt_metrics_turn_over(struct akt_worker *w)
{
    uint64_t took_ns = akt_world_mono_ns(w->node->world) - w->sample_start_ns;
    akt_hist_record(hist_of(&w->sample_kind->processing),
                    (double)took_ns / 1e9);
    w->sample_start_ns = 0;
}
