/* SPDX-License-Identifier: MIT
 *
 * net/admin_ps.c: `ps` and `top`.
 */
#include <math.h>
#include <string.h>

#include "net/admin_impl.h"
#include "vm/base/alloc.h"
#include "vm/sched.h"

#define PS_LIMIT 50
#define PS_LIMIT_MAX 10000
#define TOP_LIMIT 20
#define TOP_ISOLATES 10

/* ---- ps ---- */

static json_t *rows_json(struct akt_scan *s, struct akt_select *sel)
{
    json_t *list = json_array();
    akt_rows_name(s->node, sel->rows, sel->len);
    for (uint32_t i = 0; i < sel->len; i++)
        json_array_append_new(list, akt_row_json(&sel->rows[i]));
    return list;
}

/* Reads what to select; false: the call has been answered. */
static bool read_select(struct akt_admin_call *call, json_t *args,
                        struct akt_select *sel)
{
    const char *sort = json_string_value(json_object_get(args, "sort"));
    sel->kind = json_string_value(json_object_get(args, "kind"));
    if (!akt_args_number(call, args, "limit", PS_LIMIT_MAX, &sel->limit))
        return false;
    if (sort && !akt_sort_find(sort, &sel->sort)) {
        akt_admin_error(call, "bad_argument",
                        "sort must be number, mailbox, growth, cpu, memory, "
                        "restarts or processed");
        return false;
    }
    return true;
}

static json_t *interval_json(const struct akt_scan *s)
{
    return s->interval_s > 0 ? json_real(s->interval_s) : json_null();
}

static void ps(struct akt_admin_call *call, json_t *args, void *ctx)
{
    struct akt_select sel = {.limit = PS_LIMIT};
    struct akt_scan s;
    if (!read_select(call, args, &sel))
        return;
    size_t bytes = sel.limit * sizeof *sel.rows;
    sel.rows = akt_alloc(bytes);
    akt_scan_begin(&s, akt_admin_node(call), ctx);
    akt_select(&s, &sel);
    akt_scan_end(&s);
    json_t *result =
        json_pack("{s:I,s:I,s:o,s:o}", "total",
                  (json_int_t)akt_actor_count(s.node->actors), "matched",
                  (json_int_t)sel.matched, "interval", interval_json(&s),
                  "actors", rows_json(&s, &sel));
    akt_rows_fini(sel.rows, sel.len);
    akt_free(sel.rows, bytes);
    akt_admin_result(call, result);
}

/* ---- top ---- */

static json_t *workers_json(struct akt_scan *s)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < s->node->workers_len; i++) {
        struct akt_worker *w = &s->node->workers[i];
        /* relaxed: figures */
        uint64_t busy_us =
            atomic_load_explicit(&w->busy_us, memory_order_relaxed);
        uint32_t queue =
            atomic_load_explicit(&w->queue.len, memory_order_relaxed);
        uint32_t over =
            atomic_load_explicit(&w->over_ticks, memory_order_relaxed);
        double busy = (double)(busy_us - s->samples->busy_us[i]) / 1e4;
        double since_s = s->interval_s > 0
                             ? s->interval_s
                             : (double)(s->now_ns - s->node->started_ns) / 1e9;
        busy = fmin(100, busy / since_s);
        akt_pid running = {s->running[i]};
        json_array_append_new(
            list,
            json_pack("{s:i,s:f,s:i,s:i,s:o}", "index", (int)i, "busy",
                      round(busy * 10) / 10, "queue", (int)queue, "turn_ms",
                      (int)over, "actor",
                      running.bits
                          ? json_integer((json_int_t)akt_pid_serial(running))
                          : json_null()));
    }
    return list;
}

struct heap_row {
    uint32_t index, actors;
    uint64_t bytes;
};

/* The isolates with the largest heaps, by insertion into a short list. */
static uint32_t largest_heaps(struct akt_isolate **isolates, uint32_t len,
                              struct heap_row rows[TOP_ISOLATES],
                              uint64_t *total)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < len; i++) {
        struct akt_isolate *iso = isolates[i];
        struct heap_row row = {
            iso->index,
            atomic_load_explicit(&iso->shown_actors, memory_order_relaxed),
            atomic_load_explicit(&iso->shown_bytes, memory_order_relaxed)};
        if (!row.actors)
            continue;
        *total += row.bytes;
        uint32_t at = n < TOP_ISOLATES ? n++ : TOP_ISOLATES - 1;
        if (at == TOP_ISOLATES - 1 && n == TOP_ISOLATES &&
            rows[at].bytes >= row.bytes && i >= TOP_ISOLATES)
            continue;
        for (; at > 0 && rows[at - 1].bytes < row.bytes; at--)
            rows[at] = rows[at - 1];
        rows[at] = row;
    }
    return n;
}

static json_t *isolates_json(struct akt_node *node)
{
    struct heap_row rows[TOP_ISOLATES];
    uint64_t total = 0;
    pthread_mutex_lock(&node->isolates_lock);
    uint32_t len = node->isolates_len;
    struct akt_isolate **isolates = akt_alloc(len * sizeof *isolates);
    memcpy(isolates, node->isolates, len * sizeof *isolates);
    pthread_mutex_unlock(&node->isolates_lock);
    uint32_t n = largest_heaps(isolates, len, rows, &total);
    akt_free(isolates, len * sizeof *isolates);
    json_t *list = json_array();
    for (uint32_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:i,s:i,s:I}", "index",
                                              (int)rows[i].index, "actors",
                                              (int)rows[i].actors, "memory",
                                              (json_int_t)rows[i].bytes));
    return json_pack(
        "{s:i,s:I,s:o}", "open",
        (int)atomic_load_explicit(&node->isolates_open, memory_order_relaxed),
        "memory", (json_int_t)total, "largest", list);
}

#define RATE(field)                                                         \
    json_object_set_new(                                                    \
        rates, #field,                                                      \
        s->interval_s > 0                                                   \
            ? json_real(                                                    \
                  round((double)(now.field - then->field) / s->interval_s)) \
            : json_null())

static json_t *rates_json(struct akt_scan *s)
{
    const struct akt_node_stats *then = &s->samples->stats;
    struct akt_node_stats now;
    json_t *rates = json_object();
    akt_node_stats(s->node, &now);
    RATE(turns);
    RATE(sent);
    RATE(replies);
    RATE(spawned);
    RATE(ended);
    RATE(crashes);
    RATE(restarts);
    RATE(preempts);
    RATE(steals);
    RATE(collections);
    return rates;
}

static void top(struct akt_admin_call *call, json_t *args, void *ctx)
{
    struct akt_select sel = {.limit = TOP_LIMIT, .sort = AKT_SORT_CPU};
    struct akt_scan s;
    if (!read_select(call, args, &sel))
        return;
    size_t bytes = sel.limit * sizeof *sel.rows;
    sel.rows = akt_alloc(bytes);
    akt_scan_begin(&s, akt_admin_node(call), ctx);
    json_t *workers = workers_json(&s), *rates = rates_json(&s);
    akt_select(&s, &sel);
    akt_scan_end(&s);
    const char *name = s.node->config.name;
    json_t *result = json_pack(
        "{s:o,s:f,s:o,s:I,s:I,s:I,s:o,s:o,s:o,s:o}", "name",
        akt_admin_text(name, strlen(name)), "uptime",
        (double)(s.now_ns - s.node->started_ns) / 1e9, "interval",
        interval_json(&s), "total", (json_int_t)akt_actor_count(s.node->actors),
        "memory", (json_int_t)akt_alloc_total(), "budget",
        (json_int_t)s.node->config.memory_bytes, "workers", workers, "rates",
        rates, "isolates", isolates_json(s.node), "actors",
        rows_json(&s, &sel));
    akt_rows_fini(sel.rows, sel.len);
    akt_free(sel.rows, bytes);
    akt_admin_result(call, result);
}

static void free_samples(void *p)
{
    struct akt_samples *m = p;
    akt_free(m->slots, m->len * sizeof *m->slots);
    akt_free(m, sizeof *m);
}

void akt_admin_add_ps(struct akt_admin *admin)
{
    struct akt_samples *m = akt_calloc(sizeof *m);
    akt_admin_own(admin, m, free_samples);
    akt_admin_add_look(admin, "ps", ps, m);
    akt_admin_add_look(admin, "top", top, m);
}
