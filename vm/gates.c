/* SPDX-License-Identifier: MIT */
#include "vm/gates.h"

#include <stdatomic.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/tape.h"
#include "vm/base/hash.h"
#include "vm/base/map.h"
#include "vm/metrics.h"

#define CHUNK 64u
#define CHUNKS (AKT_GATES_MAX / CHUNK)
#define ID_MARK (5ull << 61) /* bits 63 and 61: a ref, and not a pending's */
#define ID_SHIFT 17          /* slots have 16 bits */

struct akt_gates {
    pthread_mutex_t lock;
    struct akt_metrics *metrics;
    struct akt_gate *_Atomic chunks[CHUNKS];
    uint32_t len;  /* slots ever used */
    uint32_t free; /* index + 1 */
    uint64_t serial;
    struct akt_map names; /* hash -> index + 1 of the first */
};

struct akt_gates *akt_gates_create(struct akt_metrics *metrics)
{
    struct akt_gates *g = akt_calloc(sizeof *g);
    g->metrics = metrics;
    pthread_mutex_init(&g->lock, NULL);
    akt_map_init(&g->names);
    return g;
}

static struct akt_gate *at(struct akt_gates *g, uint32_t index)
{
    /* acquire: pairs with the release in fresh_slot, the locks of the chunk
     * are made */
    struct akt_gate *chunk =
        atomic_load_explicit(&g->chunks[index / CHUNK], memory_order_acquire);
    return chunk ? &chunk[index % CHUNK] : NULL;
}

void akt_gate_keep(struct akt_gate *gate, struct akt_gate_data data)
{
    if (gate->data.p)
        gate->data.fini(gate->data.p);
    gate->data = data;
}

static void clear(struct akt_gate *gate)
{
    akt_gate_keep(gate, (struct akt_gate_data){NULL, NULL});
    akt_strfree(gate->name);
    gate->name = NULL;
    gate->id = 0;
}

void akt_gates_destroy(struct akt_gates *g)
{
    for (uint32_t i = 0; i < g->len; i++)
        clear(at(g, i));
    for (uint32_t i = 0; i < CHUNKS; i++) {
        struct akt_gate *chunk = at(g, i * CHUNK);
        for (uint32_t k = 0; chunk && k < CHUNK; k++)
            pthread_mutex_destroy(&chunk[k].lock);
        akt_free(chunk, CHUNK * sizeof *chunk);
    }
    akt_map_fini(&g->names);
    pthread_mutex_destroy(&g->lock);
    akt_free(g, sizeof *g);
}

/* ---- names ---- */

static uint64_t hash_of(const char *name)
{
    uint64_t h = akt_hash(AKT_HASH_INIT, name, strlen(name));
    return h && h != AKT_MAP_GONE ? h : 1;
}

static struct akt_gate *find_name(struct akt_gates *g,
                                  const struct akt_gate_spec *spec)
{
    uint64_t first = 0;
    akt_map_get(&g->names, hash_of(spec->name), &first);
    for (uint32_t n = (uint32_t)first; n; n = at(g, n - 1)->next) {
        struct akt_gate *gate = at(g, n - 1);
        if (gate->type == spec->type && strcmp(gate->name, spec->name) == 0)
            return gate;
    }
    return NULL;
}

static void add_name(struct akt_gates *g, struct akt_gate *gate)
{
    uint64_t h = hash_of(gate->name), first = 0;
    akt_map_get(&g->names, h, &first);
    gate->next = (uint32_t)first;
    akt_map_put(&g->names, h, gate->index + 1);
}

static bool same_breaker(const struct akt_breaker_options *a,
                         const struct akt_breaker_options *b)
{
    return a->failures == b->failures && a->calls == b->calls &&
           a->half_open == b->half_open && a->window_ns == b->window_ns &&
           a->open_ns == b->open_ns;
}

static bool same_options(const struct akt_gate *gate,
                         const struct akt_gate_spec *spec)
{
    if (spec->only_name)
        return true;
    if (spec->type == AKT_GATE_BREAKER)
        return gate->timeout_ns == spec->timeout_ns &&
               same_breaker(&gate->breaker.options, &spec->breaker);
    return gate->limiter.options.rate == spec->limiter.rate &&
           gate->limiter.options.burst == spec->limiter.burst;
}

/* ---- making and ending ---- */

static void fresh_chunk(struct akt_gates *g, uint32_t index)
{
    struct akt_gate *chunk = akt_calloc(CHUNK * sizeof *chunk);
    for (uint32_t k = 0; k < CHUNK; k++) {
        pthread_mutex_init(&chunk[k].lock, NULL);
        chunk[k].index = index + k;
    }
    /* release: pairs with the acquire in at() */
    atomic_store_explicit(&g->chunks[index / CHUNK], chunk,
                          memory_order_release);
}

static struct akt_gate *fresh_slot(struct akt_gates *g)
{
    if (g->free) {
        struct akt_gate *gate = at(g, g->free - 1);
        g->free = gate->next;
        return gate;
    }
    if (g->len == AKT_GATES_MAX)
        return NULL;
    if (g->len % CHUNK == 0)
        fresh_chunk(g, g->len);
    return at(g, g->len++);
}

static int series(struct akt_gates *g, enum akt_metric_type type,
                  const char *metric, const char *name)
{
    struct akt_label label = {"breaker", name};
    return akt_metrics_series(g->metrics, type, metric, &label, 1);
}

/* Figures of those with a name; without room for series they go without. */
static void add_metrics(struct akt_gates *g, struct akt_gate *gate)
{
    gate->metric_state = gate->metric_opened = gate->metric_rejected = -1;
    if (!gate->name || gate->type != AKT_GATE_BREAKER)
        return;
    gate->metric_state =
        series(g, AKT_METRIC_GAUGE, "breaker_state", gate->name);
    gate->metric_opened =
        series(g, AKT_METRIC_COUNTER, "breaker_opened_total", gate->name);
    gate->metric_rejected =
        series(g, AKT_METRIC_COUNTER, "breaker_rejected_total", gate->name);
}

static void fill(struct akt_gates *g, struct akt_gate *gate,
                 const struct akt_gate_spec *spec, uint64_t now_ns)
{
    pthread_mutex_lock(&gate->lock); /* somebody may look at an old number */
    akt_input_ticket();
    gate->id = ID_MARK | ++g->serial << ID_SHIFT | gate->index;
    gate->type = spec->type;
    gate->name = spec->name ? akt_strdup(spec->name) : NULL;
    gate->next = 0;
    gate->next_owned = spec->next_owned;
    gate->timeout_ns = spec->timeout_ns;
    if (spec->type == AKT_GATE_BREAKER)
        akt_breaker_init(&gate->breaker, &spec->breaker);
    else
        akt_limiter_init(&gate->limiter, &spec->limiter, now_ns);
    add_metrics(g, gate);
    pthread_mutex_unlock(&gate->lock);
}

static enum akt_gate_error open_locked(struct akt_gates *g,
                                       const struct akt_gate_spec *spec,
                                       uint64_t now_ns, uint64_t *id)
{
    struct akt_gate *gate = spec->name ? find_name(g, spec) : NULL;
    if (gate) {
        *id = gate->id; /* a named one does not end */
        return same_options(gate, spec) ? AKT_GATE_OK : AKT_GATE_OTHER;
    }
    if (spec->only_name && spec->type == AKT_GATE_LIMITER)
        return AKT_GATE_NONE; /* no rate is anybody's default */
    gate = fresh_slot(g);
    if (!gate)
        return AKT_GATE_FULL;
    fill(g, gate, spec, now_ns);
    if (gate->name)
        add_name(g, gate);
    *id = gate->id;
    return AKT_GATE_OK;
}

enum akt_gate_error akt_gates_open(struct akt_gates *g,
                                   const struct akt_gate_spec *spec,
                                   uint64_t now_ns, uint64_t *id)
{
    pthread_mutex_lock(&g->lock);
    akt_input_ticket();
    enum akt_gate_error error = open_locked(g, spec, now_ns, id);
    pthread_mutex_unlock(&g->lock);
    return error;
}

void akt_gates_end(struct akt_gates *g, uint64_t first)
{
    pthread_mutex_lock(&g->lock);
    akt_input_ticket();
    while (first) {
        struct akt_gate *gate = at(g, (uint32_t)first % AKT_GATES_MAX);
        pthread_mutex_lock(&gate->lock);
        akt_input_ticket();
        first = gate->next_owned;
        clear(gate);
        pthread_mutex_unlock(&gate->lock);
        gate->next = g->free;
        g->free = gate->index + 1;
    }
    pthread_mutex_unlock(&g->lock);
}

struct akt_gate *akt_gate_hold(struct akt_gates *g, uint64_t id,
                               enum akt_gate_type type)
{
    struct akt_gate *gate =
        (id & ID_MARK) == ID_MARK ? at(g, (uint32_t)id % AKT_GATES_MAX) : NULL;
    if (!gate)
        return NULL;
    pthread_mutex_lock(&gate->lock);
    akt_input_ticket();
    if (gate->id == id && gate->type == type)
        return gate;
    pthread_mutex_unlock(&gate->lock);
    return NULL;
}

void akt_gate_release(struct akt_gate *gate)
{
    pthread_mutex_unlock(&gate->lock);
}
