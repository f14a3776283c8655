/* SPDX-License-Identifier: MIT
 *
 * vm/metrics_read.h: all figures of a node, one after the other.
 *
 * Threads: [any], while the node lives. Takes the lock of the list of
 *          isolates for a moment, and no other that actors need.
 */
#ifndef AKT_VM_METRICS_READ_H
#define AKT_VM_METRICS_READ_H

#include "vm/base/buf.h"
#include "vm/metrics.h"
#include "vm/node.h"

#define AKT_METRIC_ISOLATES 64 /* that are shown one by one */

/* One figure. Figures of one name come in a row; `first` is its beginning. */
struct akt_metric {
    const char *name; /* without _total */
    const char *help; /* NULL: a script's */
    enum akt_metric_type type;
    bool first;
    const struct akt_label *labels;
    uint32_t labels_len;
    double value;                    /* of counters and gauges */
    const struct akt_hist_sum *hist; /* of the others */
};

typedef void (*akt_metrics_visitor)(void *ctx, const struct akt_metric *m);

/* Where figures go that others than this file have. */
struct akt_metrics_sink {
    akt_metrics_visitor visit;
    void *ctx;
};

void akt_metrics_visit(struct akt_node *node, akt_metrics_visitor visit,
                       void *ctx);

/* The quantiles that a summary shows. */
#define AKT_METRIC_QUANTILES 3
extern const double akt_metric_quantiles[AKT_METRIC_QUANTILES];
/* The bounds of a shown histogram are 2^exp, from EXP_FIRST in steps. */
#define AKT_METRIC_EXP_FIRST (-20)
#define AKT_METRIC_EXP_STEP 2
#define AKT_METRIC_BOUNDS 21

/* Appends the Prometheus text format, version 0.0.4. */
void akt_metrics_text(struct akt_node *node, struct akt_buf *out);

#endif
