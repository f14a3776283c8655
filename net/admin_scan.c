/* SPDX-License-Identifier: MIT
 *
 * net/admin_scan.c: looking at all actors from outside.
 */
#include <math.h>
#include <string.h>
#include <time.h>

#include "net/admin_impl.h"
#include "vm/base/alloc.h"
#include "vm/base/map.h"
#include "vm/names.h"

#define NAMES_CHUNK 1024 /* names looked at under one lock */
/* Where every core has a worker, a long pass would take one of them away for
 * as long as the kernel lets a thread run; so it comes in pieces. */
#define BREATH_SLOTS 4096
#define BREATH_NS 1000000
#define BREATH_PAUSE_NS 100000

/* ---- the look before ---- */

static void grow(struct akt_samples *m, uint32_t slots)
{
    if (slots <= m->len)
        return;
    uint32_t len = slots + slots / 8;
    m->slots =
        akt_resize(m->slots, m->len * sizeof *m->slots, len * sizeof *m->slots);
    for (uint32_t i = m->len; i < len; i++) /* no such generation */
        m->slots[i] = (struct akt_sample){.generation = UINT32_MAX};
    m->len = len;
}

/* relaxed, here and below: figures */
static uint32_t read_u32(const _Atomic uint32_t *p)
{
    return atomic_load_explicit(p, memory_order_relaxed);
}

static uint64_t read_u64(const _Atomic uint64_t *p)
{
    return atomic_load_explicit(p, memory_order_relaxed);
}

void akt_scan_begin(struct akt_scan *s, struct akt_node *node,
                    struct akt_samples *samples)
{
    memset(s, 0, sizeof *s);
    s->node = node;
    s->samples = samples;
    s->now_ns = s->breath_ns = akt_node_now(node);
    uint64_t since_ns = s->now_ns - samples->taken_ns;
    if (samples->taken_ns)
        s->interval_s = (double)since_ns / 1e9;
    s->keep = !samples->taken_ns || since_ns >= AKT_SAMPLE_MS * 1000000ull;
    grow(samples, akt_actor_slots(node->actors));
    for (uint32_t i = 0; i < node->workers_len; i++) {
        struct akt_worker *w = &node->workers[i];
        if (read_u32(&w->turn_seq) & 1)
            s->running[i] = read_u64(&w->actor);
    }
}

uint32_t akt_scan_slots(const struct akt_scan *s)
{
    return akt_actor_slots(s->node->actors);
}

void akt_scan_end(struct akt_scan *s)
{
    if (!s->keep)
        return;
    s->samples->taken_ns = s->now_ns;
    akt_node_stats(s->node, &s->samples->stats);
    for (uint32_t i = 0; i < s->node->workers_len; i++)
        s->samples->busy_us[i] = read_u64(&s->node->workers[i].busy_us);
}

/* ---- one actor ---- */

static bool is_running(const struct akt_scan *s, akt_pid pid)
{
    for (uint32_t i = 0; i < s->node->workers_len; i++)
        if (s->running[i] == pid.bits)
            return true;
    return false;
}

static const char *activity_name(const struct akt_scan *s,
                                 const struct akt_actor *a, akt_pid pid,
                                 uint32_t mailbox)
{
    if (is_running(s, pid))
        return "running";
    switch ((enum akt_activity)atomic_load_explicit(&a->activity,
                                                    memory_order_relaxed)) {
    case AKT_WAITING:
        return "waiting";
    case AKT_PREEMPTED:
        return "ready";
    case AKT_DONE_MAIN:
        return "finished";
    default:
        return mailbox ? "ready" : "idle";
    }
}

static const char *state_name(const struct akt_scan *s,
                              const struct akt_actor *a, akt_pid pid,
                              uint32_t mailbox)
{
    switch (
        (enum akt_state)atomic_load_explicit(&a->shown, memory_order_relaxed)) {
    case AKT_A_RUNNING:
        return activity_name(s, a, pid, mailbox);
    case AKT_A_NEW:
    case AKT_A_POST:
        return "starting";
    case AKT_A_INIT: /* the life of a process is its init */
        return akt_actor_kind(a)->process ? activity_name(s, a, pid, mailbox)
                                          : "starting";
    case AKT_A_AWAY:
        return "passivated";
    case AKT_A_SUSPENDED:
        return "suspended";
    case AKT_A_DOWN:
        return "down";
    case AKT_A_HALTED:
    case AKT_A_DELAY:
        return "restarting";
    default:
        return "stopping";
    }
}

static void add_rates(struct akt_scan *s, const struct akt_actor *a,
                      struct akt_row *row)
{
    struct akt_sample *old = &s->samples->slots[akt_pid_slot(row->pid)];
    uint32_t generation = akt_pid_generation(row->pid);
    uint64_t cpu_us = read_u64(&a->cpu_us);
    bool known = s->interval_s > 0 && old->generation == generation;
    row->growth = row->cpu = NAN;
    if (known) {
        double more = (double)row->mailbox - (double)old->mailbox;
        row->growth = more / s->interval_s;
        row->cpu =
            (double)((uint32_t)cpu_us - old->cpu_us) / 1e4 / s->interval_s;
    } else if (row->age_s > 0) { /* over its life */
        row->cpu = (double)cpu_us / 1e4 / row->age_s;
    }
    if (s->keep)
        *old = (struct akt_sample){generation, row->mailbox, (uint32_t)cpu_us};
}

static void add_heap(const struct akt_actor *a, struct akt_row *row)
{
    struct akt_isolate *iso =
        atomic_load_explicit(&a->isolate, memory_order_relaxed);
    uint32_t actors = read_u32(&iso->shown_actors);
    uint64_t load = read_u64(&a->load_here) + read_u64(&a->load_away);
    row->isolate = iso->index;
    row->memory_bytes = read_u64(&iso->shown_bytes) / (actors ? actors : 1) +
                        (load & ((1ull << AKT_LOAD_BYTES_BITS) - 1));
}

static void breathe(struct akt_scan *s)
{
    struct timespec pause = {.tv_nsec = BREATH_PAUSE_NS};
    if (akt_node_now(s->node) - s->breath_ns < BREATH_NS)
        return;
    nanosleep(&pause, NULL);
    s->breath_ns = akt_node_now(s->node);
}

bool akt_scan_read(struct akt_scan *s, uint32_t slot, struct akt_row *row)
{
    if (slot % BREATH_SLOTS == 0)
        breathe(s);
    akt_pid any = akt_pid_make(AKT_PID_NODE_SELF, slot, 0);
    struct akt_actor *a = akt_actor_slot(s->node->actors, any);
    if (!a || slot >= s->samples->len)
        return false;
    /* acquire: pairs with the release in publish (vm/spawn.c): what was set
     * before the pid is seen */
    row->pid.bits = atomic_load_explicit(&a->pid, memory_order_acquire);
    if (!row->pid.bits)
        return false;
    row->kind = akt_actor_kind(a);
    row->parent.bits = read_u64(&a->parent);
    row->name = NULL;
    row->mailbox = akt_actor_queued(a);
    row->state = state_name(s, a, row->pid, row->mailbox);
    /* relaxed: a figure */
    row->health = (enum akt_health_status)atomic_load_explicit(
        &a->health, memory_order_relaxed);
    row->processed = read_u64(&a->processed);
    row->restarts = read_u32(&a->restarts);
    uint64_t age_ns = s->now_ns - s->node->started_ns;
    row->age_s = (double)(age_ns / 1000000 - read_u32(&a->born_ms)) / 1e3;
    add_heap(a, row);
    add_rates(s, a, row);
    /* another actor may have come meanwhile: then these are nobody's figures */
    return read_u64(&a->pid) == row->pid.bits;
}

/* ---- names ---- */

struct naming {
    struct akt_row *rows;
    struct akt_map places; /* pid -> index + 1 */
};

static void on_name(void *ctx, const char *name, akt_pid pid)
{
    struct naming *n = ctx;
    uint64_t place;
    if (!akt_map_get(&n->places, pid.bits, &place))
        return;
    struct akt_row *row = &n->rows[place - 1];
    if (!row->name)
        row->name = akt_strdup(name);
}

void akt_rows_name(struct akt_node *node, struct akt_row *rows, uint32_t len)
{
    struct naming n = {.rows = rows};
    uint32_t cursor = 0;
    akt_map_init(&n.places);
    for (uint32_t i = 0; i < len; i++)
        akt_map_put(&n.places, rows[i].pid.bits, i + 1);
    while (akt_names_walk(node->names, &cursor, NAMES_CHUNK, on_name, &n))
        ;
    akt_map_fini(&n.places);
}

void akt_rows_fini(struct akt_row *rows, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        akt_strfree((char *)(uintptr_t)rows[i].name);
}

/* ---- as JSON ---- */

static json_t *text(const char *s)
{
    return s ? akt_admin_text(s, strlen(s)) : json_null();
}

static json_t *rounded(double x)
{
    return isnan(x) ? json_null() : json_real(round(x * 100) / 100);
}

static json_t *number(akt_pid pid)
{
    return akt_pid_is_none(pid) ? json_null()
                                : json_integer((json_int_t)akt_pid_serial(pid));
}

json_t *akt_row_json(const struct akt_row *row)
{
    return json_pack(
        "{s:o,s:o,s:o,s:s,s:i,s:o,s:o,s:I,s:i,s:I,s:o,s:i,s:o,s:o}", "number",
        number(row->pid), "name", text(row->name), "kind",
        text(row->kind->name), "state", row->state, "mailbox",
        (int)row->mailbox, "growth", rounded(row->growth), "cpu",
        rounded(row->cpu), "memory", (json_int_t)row->memory_bytes, "restarts",
        (int)row->restarts, "processed", (json_int_t)row->processed, "parent",
        number(row->parent), "isolate", (int)row->isolate, "age",
        rounded(row->age_s), "health",
        row->health ? text(akt_health_name(row->health)) : json_null());
}
