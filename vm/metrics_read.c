/* SPDX-License-Identifier: MIT */
#include "vm/metrics_read.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "vm/base/alloc.h"
#include "vm/base/log_repeat.h"
#include "vm/remote.h"
#include "vm/sched_impl.h"
#include "vm/watchdog.h"

const double akt_metric_quantiles[AKT_METRIC_QUANTILES] = {0.5, 0.95, 0.99};

/* A walk over all figures; `m` is the one being filled in. */
struct walk {
    struct akt_node *node;
    akt_metrics_visitor visit;
    void *ctx;
    struct akt_metric m;
    struct akt_label label;
};

static void begin(struct walk *w, enum akt_metric_type type, const char *name,
                  const char *help)
{
    w->m = (struct akt_metric){.name = name, .help = help, .type = type};
    w->m.first = true;
}

static void show(struct walk *w, double value)
{
    w->m.value = value;
    w->visit(w->ctx, &w->m);
    w->m.first = false;
}

static void show_with(struct walk *w, const char *key, const char *text,
                      double value)
{
    w->label = (struct akt_label){key, text};
    w->m.labels = &w->label;
    w->m.labels_len = 1;
    show(w, value);
}

static void one(struct walk *w, enum akt_metric_type type, const char *name,
                const char *help, double value)
{
    begin(w, type, name, help);
    show(w, value);
}

#define COUNTER AKT_METRIC_COUNTER
#define GAUGE AKT_METRIC_GAUGE

/* relaxed, here and below: single figures */
static uint64_t load(const _Atomic uint64_t *p)
{
    return atomic_load_explicit(p, memory_order_relaxed);
}

/* ---- the process ---- */

static double resident_bytes(void)
{
    unsigned long all = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    if (fscanf(f, "%lu %lu", &all, &resident) != 2)
        resident = 0;
    fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double seconds(const struct timeval *t)
{
    return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

/* In a simulated world these would be another run's, each time. */
static void visit_process(struct walk *w)
{
    struct rusage u;
    if (w->node->world->simulated)
        return;
    if (getrusage(RUSAGE_SELF, &u) == 0)
        one(w, COUNTER, "process_cpu_seconds", "CPU time of the process",
            seconds(&u.ru_utime) + seconds(&u.ru_stime));
    one(w, GAUGE, "process_resident_memory_bytes",
        "Memory of the process that is in RAM", resident_bytes());
}

/* ---- the node ---- */

static void visit_info(struct walk *w)
{
    struct akt_label labels[] = {{"node", w->node->config.name},
                                 {"version", AKT_VERSION}};
    begin(w, GAUGE, "aktvm_info", "Always 1; the labels say who it is");
    w->m.labels = labels;
    w->m.labels_len = 2;
    show(w, 1);
    uint64_t up_ns = akt_node_now(w->node) - w->node->started_ns;
    one(w, GAUGE, "aktvm_uptime_seconds", "Since the start of the node",
        (double)up_ns / 1e9);
}

static void visit_sizes(struct walk *w, const struct akt_node_stats *s)
{
    one(w, GAUGE, "aktvm_actors", "Actors that live", (double)s->actors);
    one(w, GAUGE, "aktvm_isolates", "Heaps that host actors",
        (double)s->isolates);
    one(w, GAUGE, "aktvm_workers", "Threads that run actors",
        (double)s->workers);
    one(w, GAUGE, "aktvm_memory_bytes", "Memory in use",
        (double)s->memory_bytes);
    one(w, GAUGE, "aktvm_memory_budget_bytes", "Memory that may be in use",
        (double)w->node->config.memory_bytes);
}

static void visit_totals(struct walk *w, const struct akt_node_stats *s)
{
    one(w, COUNTER, "aktvm_spawned", "Actors spawned", (double)s->spawned);
    one(w, COUNTER, "aktvm_ended", "Actors ended", (double)s->ended);
    one(w, COUNTER, "aktvm_crashes", "Turns that raised", (double)s->crashes);
    one(w, COUNTER, "aktvm_restarts", "Restarts that are done",
        (double)s->restarts);
    one(w, COUNTER, "aktvm_sent", "Messages sent", (double)s->sent);
    one(w, COUNTER, "aktvm_replies", "Answers sent", (double)s->replies);
    one(w, COUNTER, "aktvm_expired",
        "Requests that were not handled since their deadline had passed",
        (double)s->expired);
    one(w, COUNTER, "aktvm_passivated", "Times an actor was passivated",
        (double)s->passivated);
    one(w, COUNTER, "aktvm_woken", "Times one was woken by a message",
        (double)s->woken);
    one(w, GAUGE, "aktvm_away", "Actors that are passivated", (double)s->away);
    one(w, COUNTER, "aktvm_late_replies", "Answers nobody waited for any more",
        (double)s->dead_letters[AKT_LATE_REPLY]);
}

static void visit_codes(struct walk *w, const uint64_t *counts)
{
    for (int i = 0; i < AKT_CODE_COUNT; i++)
        if (counts[i])
            show_with(w, "reason", akt_code_name((enum akt_code)i),
                      (double)counts[i]);
}

static void visit_ends(struct walk *w, const struct akt_node_stats *s)
{
    uint64_t exits[AKT_CODE_COUNT] = {0};
    for (uint32_t i = 0; i < w->node->workers_len; i++)
        for (int k = 0; k < AKT_CODE_COUNT; k++)
            exits[k] += load(&w->node->workers[i].shard->exits[k]);
    begin(w, COUNTER, "aktvm_exits", "Actors ended, by reason");
    visit_codes(w, exits);
    begin(w, COUNTER, "aktvm_dead_letters",
          "Messages that nobody handled, by reason");
    visit_codes(w, s->dead_letters);
}

static void visit_log(struct walk *w)
{
    one(w, COUNTER, "aktvm_log_dropped", "Lines the log had no room for",
        (double)akt_log_dropped());
    one(w, COUNTER, "aktvm_log_suppressed", "Lines left out as repeated",
        (double)akt_log_suppressed());
}

static void visit_warnings(struct walk *w)
{
    static const enum akt_event_kind kinds[] = {
        AKT_EV_LONG_TURN, AKT_EV_GROWTH, AKT_EV_RESTART_STORM, AKT_EV_MEMORY};
    begin(w, COUNTER, "aktvm_warnings", "Warnings of the watchdog, by kind");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        show_with(w, "kind", akt_event_name(kinds[i]),
                  (double)akt_warnings(w->node, kinds[i]));
}

static void visit_node(struct walk *w)
{
    struct akt_node_stats s;
    akt_node_stats(w->node, &s);
    visit_info(w);
    visit_sizes(w, &s);
    visit_totals(w, &s);
    visit_ends(w, &s);
    visit_log(w);
    visit_warnings(w);
}

/* ---- workers ---- */

typedef double (*worker_figure)(const struct akt_worker *w);

#define WORKER_FIGURE(name)                                 \
    static double worker_##name(const struct akt_worker *w) \
    {                                                       \
        return (double)load(&w->stats.name);                \
    }
WORKER_FIGURE(turns)
WORKER_FIGURE(visits)
WORKER_FIGURE(steals)
WORKER_FIGURE(collections)
WORKER_FIGURE(sleeps)
WORKER_FIGURE(preempts)

static double worker_busy(const struct akt_worker *w)
{
    struct akt_node *node = w->node;
    uint64_t now_ns = akt_node_now(node);
    uint64_t asleep_ns = load(&w->stats.asleep_ns);
    uint64_t since_ns = load(&w->stats.asleep_since_ns);
    if (since_ns && since_ns < now_ns)
        asleep_ns += now_ns - since_ns;
    uint64_t up_ns = now_ns - node->started_ns;
    return up_ns > asleep_ns ? (double)(up_ns - asleep_ns) / 1e9 : 0;
}

static double worker_queue(const struct akt_worker *w)
{
    return akt_queue_len(&w->queue);
}

static void visit_workers(struct walk *w)
{
    static const struct {
        enum akt_metric_type type;
        const char *name, *help;
        worker_figure figure;
    } all[] = {
        {COUNTER, "aktvm_worker_turns", "Turns run", worker_turns},
        {COUNTER, "aktvm_worker_visits", "Isolates taken and left",
         worker_visits},
        {COUNTER, "aktvm_worker_collections",
         "Garbage collections of heaps that have ended", worker_collections},
        {COUNTER, "aktvm_worker_steals", "Isolates taken from another worker",
         worker_steals},
        {COUNTER, "aktvm_worker_sleeps", "Sleeps for lack of work",
         worker_sleeps},
        {COUNTER, "aktvm_worker_preempts", "Turns cut at the end of a slice",
         worker_preempts},
        {COUNTER, "aktvm_worker_busy_seconds", "Time not asleep", worker_busy},
        {GAUGE, "aktvm_worker_queue_length", "Isolates that wait to be run",
         worker_queue},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        begin(w, all[i].type, all[i].name, all[i].help);
        for (uint32_t k = 0; k < w->node->workers_len; k++) {
            char number[16];
            snprintf(number, sizeof number, "%u", k);
            show_with(w, "worker", number, all[i].figure(&w->node->workers[k]));
        }
    }
}

/* ---- isolates ---- */

struct isolate_figures {
    uint32_t index;
    double actors, heap_bytes, collections;
};

struct isolates {
    uint32_t len;
    struct isolate_figures list[AKT_METRIC_ISOLATES];
    struct isolate_figures others;
};

static void add_isolate(struct isolates *all, const struct akt_isolate *iso)
{
    uint32_t actors =
        atomic_load_explicit(&iso->shown_actors, memory_order_relaxed);
    if (actors == 0)
        return;
    struct isolate_figures *f = &all->others;
    if (all->len < AKT_METRIC_ISOLATES)
        f = &all->list[all->len++];
    f->index = iso->index;
    f->actors += actors;
    f->heap_bytes += (double)load(&iso->shown_bytes);
    f->collections += (double)load(&iso->collections);
}

static void collect_isolates(struct akt_node *node, struct isolates *all)
{
    memset(all, 0, sizeof *all);
    pthread_mutex_lock(&node->isolates_lock);
    for (uint32_t i = 0; i < node->isolates_len; i++)
        add_isolate(all, node->isolates[i]);
    pthread_mutex_unlock(&node->isolates_lock);
}

static void show_isolates(struct walk *w, const struct isolates *all,
                          size_t offset)
{
    for (uint32_t i = 0; i <= all->len; i++) {
        const struct isolate_figures *f =
            i < all->len ? &all->list[i] : &all->others;
        char number[16];
        double value;
        if (i == all->len && f->actors == 0)
            continue;
        memcpy(&value, (const char *)f + offset, sizeof value);
        snprintf(number, sizeof number, "%u", f->index);
        show_with(w, "isolate", i < all->len ? number : "others", value);
    }
}

static void visit_isolates(struct walk *w)
{
    struct isolates all;
    collect_isolates(w->node, &all);
    begin(w, GAUGE, "aktvm_isolate_actors", "Actors in a heap");
    show_isolates(w, &all, offsetof(struct isolate_figures, actors));
    begin(w, GAUGE, "aktvm_isolate_heap_bytes", "Size of a heap");
    show_isolates(w, &all, offsetof(struct isolate_figures, heap_bytes));
    begin(w, COUNTER, "aktvm_isolate_collections",
          "Cycles of garbage collection in a heap");
    show_isolates(w, &all, offsetof(struct isolate_figures, collections));
}

/* ---- kinds ---- */

/* Kinds have many figures, so they are added up once. */
struct kind_sums {
    double messages, spawned, ended, crashes, restarts;
    double dropped, expired, overloads, waits;
};

static void sum_kind(struct akt_metrics *m, uint32_t id, struct kind_sums *out)
{
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < m->shards_len; i++) {
        const struct akt_kind_counts *k = &m->shards[i]->kinds[id];
        out->messages += (double)load(&k->messages);
        out->spawned += (double)load(&k->spawned);
        out->ended += (double)load(&k->ended);
        out->crashes += (double)load(&k->crashes);
        out->restarts += (double)load(&k->restarts);
        out->dropped += (double)load(&k->dropped);
        out->expired += (double)load(&k->expired);
        out->overloads += (double)load(&k->overloads);
        out->waits += (double)load(&k->waits);
    }
}

enum kind_figure {
    KIND_ACTORS,
    KIND_SPAWNED,
    KIND_MESSAGES,
    KIND_CRASHES,
    KIND_RESTARTS,
    KIND_DROPPED,
    KIND_EXPIRED,
    KIND_OVERLOADS,
    KIND_WAITS
};

static double kind_figure(const struct kind_sums *s, enum kind_figure which)
{
    switch (which) {
    case KIND_ACTORS: /* the shards are not read at one moment */
        return s->spawned > s->ended ? s->spawned - s->ended : 0;
    case KIND_SPAWNED:
        return s->spawned;
    case KIND_MESSAGES:
        return s->messages;
    case KIND_CRASHES:
        return s->crashes;
    case KIND_RESTARTS:
        return s->restarts;
    case KIND_DROPPED:
        return s->dropped;
    case KIND_EXPIRED:
        return s->expired;
    case KIND_OVERLOADS:
        return s->overloads;
    default:
        return s->waits;
    }
}

static void visit_kind_counts(struct walk *w, struct akt_metrics *m,
                              uint32_t kinds)
{
    static const struct {
        enum akt_metric_type type;
        const char *name, *help;
    } all[] = {
        {GAUGE, "aktvm_kind_actors", "Actors that live, by kind"},
        {COUNTER, "aktvm_kind_spawned", "Actors spawned, by kind"},
        {COUNTER, "aktvm_kind_messages", "Messages handled, by kind"},
        {COUNTER, "aktvm_kind_crashes", "Turns that raised, by kind"},
        {COUNTER, "aktvm_kind_restarts", "Restarts that are done, by kind"},
        {COUNTER, "aktvm_mailbox_dropped",
         "Messages dropped or refused because a mailbox was full, by kind"},
        {COUNTER, "aktvm_mailbox_expired",
         "Messages dropped because they were too old, by kind"},
        {COUNTER, "aktvm_mailbox_overloads",
         "Times a mailbox became overloaded, by kind"},
        {COUNTER, "aktvm_mailbox_waits",
         "Sends that had to wait for room, by kind"},
    };
    for (uint32_t f = 0; f < sizeof all / sizeof *all; f++) {
        begin(w, all[f].type, all[f].name, all[f].help);
        for (uint32_t i = 0; i < kinds; i++) {
            struct kind_sums sums;
            sum_kind(m, i, &sums);
            if (sums.spawned > 0)
                show_with(w, "kind", m->kinds[i].name,
                          kind_figure(&sums, (enum kind_figure)f));
        }
    }
}

static void add_hist(struct akt_hist_sum *sum, struct akt_hist *_Atomic *place)
{
    /* acquire: pairs with the release in hist_of (vm/metrics.c) */
    struct akt_hist *h = atomic_load_explicit(place, memory_order_acquire);
    if (h)
        akt_hist_add(sum, h);
}

static void visit_kind_times(struct walk *w, struct akt_metrics *m,
                             uint32_t kinds, bool wait)
{
    begin(w, AKT_METRIC_SUMMARY,
          wait ? "aktvm_kind_wait_seconds" : "aktvm_kind_processing_seconds",
          wait ? "Time messages wait in mailboxes, of a sample, by kind"
               : "Time turns for messages take, of a sample, by kind");
    for (uint32_t i = 0; i < kinds; i++) {
        struct akt_hist_sum sum = {0};
        for (uint32_t k = 0; k < m->shards_len; k++) {
            struct akt_kind_counts *c = &m->shards[k]->kinds[i];
            add_hist(&sum, wait ? &c->wait : &c->processing);
        }
        w->m.hist = &sum;
        if (sum.count)
            show_with(w, "kind", m->kinds[i].name, 0);
    }
}

static void visit_kinds(struct walk *w)
{
    struct akt_metrics *m = w->node->metrics;
    /* acquire: pairs with the release in akt_metrics_kind */
    uint32_t kinds = atomic_load_explicit(&m->kinds_len, memory_order_acquire);
    visit_kind_counts(w, m, kinds);
    visit_kind_times(w, m, kinds, false);
    visit_kind_times(w, m, kinds, true);
}

/* ---- scripts' ---- */

static double counter_value(const struct akt_metrics *m, uint32_t id)
{
    double sum = 0;
    for (uint32_t i = 0; i < m->shards_len; i++)
        sum += akt_cell_get(&m->shards[i]->counters[id]);
    return sum;
}

static void show_series(struct walk *w, const struct akt_series *s)
{
    struct akt_metrics *m = w->node->metrics;
    struct akt_hist_sum sum = {0};
    w->m.labels = s->labels;
    w->m.labels_len = s->labels_len;
    if (s->type == AKT_METRIC_HISTOGRAM) {
        for (uint32_t i = 0; i < m->shards_len; i++)
            add_hist(&sum, &m->shards[i]->hists[s->id]);
        w->m.hist = &sum;
        show(w, 0);
    } else if (s->type == AKT_METRIC_GAUGE) {
        show(w, akt_cell_get(&s->gauge));
    } else {
        show(w, counter_value(m, s->id));
    }
}

static int compare_series(const void *a, const void *b)
{
    const struct akt_series *const *x = a, *const *y = b;
    int order = strcmp((*x)->name, (*y)->name);
    return order ? order : strcmp((*x)->text, (*y)->text);
}

static void visit_series(struct walk *w)
{
    struct akt_metrics *m = w->node->metrics;
    const char *name = "";
    /* acquire: pairs with the release in add_series */
    uint32_t len = atomic_load_explicit(&m->series_len, memory_order_acquire);
    if (len == 0)
        return;
    const struct akt_series **list = akt_alloc(len * sizeof *list);
    for (uint32_t i = 0; i < len; i++)
        list[i] = akt_metrics_get(m, i);
    qsort(list, len, sizeof *list, compare_series);
    for (uint32_t i = 0; i < len; i++) {
        if (strcmp(name, list[i]->name) != 0)
            begin(w, list[i]->type, list[i]->name, NULL);
        name = list[i]->name;
        show_series(w, list[i]);
    }
    akt_free(list, len * sizeof *list);
}

/* ---- other nodes ---- */

static void visit_links(struct walk *w)
{
    struct akt_remote *r = w->node->remote;
    if (r && r->metrics)
        r->metrics(r, &(struct akt_metrics_sink){w->visit, w->ctx});
}

void akt_metrics_visit(struct akt_node *node, akt_metrics_visitor visit,
                       void *ctx)
{
    struct walk w = {.node = node, .visit = visit, .ctx = ctx};
    visit_node(&w);
    visit_workers(&w);
    visit_isolates(&w);
    visit_kinds(&w);
    visit_links(&w);
    visit_process(&w);
    visit_series(&w);
}
