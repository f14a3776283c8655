/* SPDX-License-Identifier: MIT
 *
 * vm/metrics.h: counters, gauges and histograms of a node: the machine's own,
 * and those that scripts make.
 *
 * Each worker writes a shard of its own with plain stores; who reads adds the
 * shards up (vm/metrics_read.h). So nothing here is locked but the making of
 * a series, and a figure read may be a moment old.
 *
 * How long messages wait and how long they are handled is sampled: about one
 * in AKT_SAMPLE messages that a script sends carries the time it was sent at.
 * Which one is random, since programs have periods. The others pay a countdown
 * at the send and two comparisons at the turn.
 *
 * Invariants
 *   M1  A series, once made, keeps its number as long as the node lives.
 *   M2  A shard's fields are written by its worker only, a gauge by anybody.
 *   M3  Memory is bounded: AKT_METRIC_SERIES series, AKT_METRIC_KINDS kinds.
 *       Kinds beyond share number 0.
 *
 * Threads: as each line says.
 */
#ifndef AKT_VM_METRICS_H
#define AKT_VM_METRICS_H

#include <pthread.h>

#include "vm/base/hist.h"
#include "vm/base/map.h"
#include "vm/sched.h"

#define AKT_SAMPLE 64
#define AKT_METRIC_KINDS 256
#define AKT_METRIC_SERIES 4096
#define AKT_METRIC_LABELS 8
#define AKT_METRIC_NAME 128  /* bytes of a name or label name */
#define AKT_METRIC_VALUE 128 /* bytes of a label's value */

enum akt_metric_type {
    AKT_METRIC_COUNTER,
    AKT_METRIC_GAUGE,
    AKT_METRIC_HISTOGRAM,
    AKT_METRIC_SUMMARY /* p50, p95, p99; the machine's own only */
};

struct akt_label {
    const char *key, *value;
};

/* What a worker has counted of a kind. */
struct akt_kind_counts {
    _Alignas(64) _Atomic uint64_t messages;
    _Atomic uint64_t spawned, ended, crashes, restarts;
    /* of mailboxes */
    _Atomic uint64_t dropped, expired, overloads, waits;
    struct akt_hist *_Atomic processing; /* NULL until the first sample */
    struct akt_hist *_Atomic wait;
};

struct akt_metrics_shard {
    struct akt_kind_counts kinds[AKT_METRIC_KINDS];
    _Atomic uint64_t exits[AKT_CODE_COUNT];
    _Atomic uint64_t counters[AKT_METRIC_SERIES]; /* doubles */
    struct akt_hist *_Atomic hists[AKT_METRIC_SERIES];
};

struct akt_series {
    uint32_t id;
    char *name;
    char *text; /* name and labels, which tell it from others */
    enum akt_metric_type type;
    uint32_t labels_len;
    struct akt_label labels[AKT_METRIC_LABELS]; /* sorted by key */
    _Atomic uint64_t gauge;
    struct akt_series *same_hash;
};

struct akt_metric_kind {
    char name[65];
    _Atomic int log_level; /* enum akt_log_level; -1: the node's */
};

struct akt_metrics {
    uint32_t shards_len;
    struct akt_metrics_shard **shards; /* one a worker */
    pthread_mutex_t lock;              /* of making */
    struct akt_map by_text;            /* under the lock: hash -> series */
    struct akt_series *_Atomic series[AKT_METRIC_SERIES];
    _Atomic uint32_t series_len;
    struct akt_metric_kind kinds[AKT_METRIC_KINDS];
    _Atomic uint32_t kinds_len;
};

struct akt_metrics *akt_metrics_create(uint32_t workers); /* [start] */
void akt_metrics_destroy(struct akt_metrics *m);          /* [start] */

/* [any] The number of a kind, for akt_kind.metrics; the same name has the
 * same one, so a kind that is loaded anew goes on counting. */
uint32_t akt_metrics_kind(struct akt_metrics *m, const char *name);

enum akt_metric_error {
    AKT_METRIC_OK = 0,
    AKT_METRIC_BAD_NAME = -1,   /* not [a-zA-Z_:][a-zA-Z0-9_:]*, too long, or
                                 * one of the machine's: aktvm_, process_ */
    AKT_METRIC_BAD_LABEL = -2,  /* likewise without colons; "le", "quantile" and
                                 * "__" are taken; a value too long */
    AKT_METRIC_OTHER_TYPE = -3, /* the name is of another type already */
    AKT_METRIC_FULL = -4
};

/* [any] The number of the series, made if it is not there; or an error.
 * Labels are copied, in any order. */
int akt_metrics_series(struct akt_metrics *m, enum akt_metric_type type,
                       const char *name, const struct akt_label *labels,
                       uint32_t len);
/* [any] NULL: there is no such number. */
struct akt_series *akt_metrics_get(struct akt_metrics *m, uint32_t id);

/* [worker] of a counter, of a histogram. */
void akt_metrics_count(struct akt_worker *w, uint32_t id, double n);
void akt_metrics_observe(struct akt_worker *w, uint32_t id, double value);
/* [any] of a gauge */
void akt_metrics_set(struct akt_series *s, double value);
void akt_metrics_move(struct akt_series *s, double by);

/* ---- the paths that every message takes; [worker] ---- */

static inline struct akt_kind_counts *akt_kind_counts(struct akt_worker *w,
                                                      const struct akt_actor *a)
{
    return &w->shard->kinds[akt_actor_kind(a)->metrics];
}

void akt_metrics_stamp_now(struct akt_worker *w, struct akt_msg *m);
void akt_metrics_taken(struct akt_worker *w, struct akt_kind_counts *k,
                       const struct akt_msg *m);
void akt_metrics_turn_over(struct akt_worker *w);

/* A message is being sent. */
static inline void akt_metrics_stamp(struct akt_worker *w, struct akt_msg *m)
{
    if (--w->sample_left == 0)
        akt_metrics_stamp_now(w, m);
}

/* A handler gets the message next. */
static inline void akt_metrics_begin(struct akt_worker *w,
                                     const struct akt_actor *a,
                                     const struct akt_msg *m)
{
    struct akt_kind_counts *k = akt_kind_counts(w, a);
    akt_count(&k->messages);
    if (m->stamp)
        akt_metrics_taken(w, k, m);
}

/* A turn is over. */
static inline void akt_metrics_end(struct akt_worker *w)
{
    if (w->sample_start_ns)
        akt_metrics_turn_over(w);
}

#endif
