/* SPDX-License-Identifier: MIT
 *
 * net/otlp_body.c: figures as an ExportMetricsServiceRequest in JSON.
 *
 *     resourceMetrics[0].resource.attributes       who sends
 *                       .scopeMetrics[0].metrics   a metric a name, with
 *         { name, description, sum | gauge | histogram | summary:
 *           { dataPoints: [ { attributes, times, value(s) } ] } }
 *
 * 64-bit integers are strings, as protobuf's JSON wants them.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "net/otlp.h"
#include "vm/metrics_read.h"

struct body {
    json_t *metrics; /* list */
    json_t *points;  /* of the metric that is being filled */
    uint64_t start_ns, now_ns;
};

static json_t *number64(uint64_t n)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, n);
    return json_string(text);
}

/* JSON has no infinities; protobuf's writes them as strings. */
static json_t *real(double value)
{
    if (isfinite(value))
        return json_real(value);
    return json_string(isnan(value) ? "NaN"
                       : value > 0  ? "Infinity"
                                    : "-Infinity");
}

static json_t *attribute(const char *key, const char *value)
{
    return json_pack("{s:s, s:{s:s}}", "key", key, "value", "stringValue",
                     value);
}

static json_t *attributes(const struct akt_metric *m)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < m->labels_len; i++)
        json_array_append_new(list,
                              attribute(m->labels[i].key, m->labels[i].value));
    return list;
}

/* ---- points ---- */

static void put_bounds(json_t *point, const struct akt_hist_sum *h)
{
    json_t *bounds = json_array(), *counts = json_array();
    uint64_t below = 0;
    for (int i = 0; i < AKT_METRIC_BOUNDS; i++) {
        int exp = AKT_METRIC_EXP_FIRST + i * AKT_METRIC_EXP_STEP;
        uint64_t n = akt_hist_below(h, exp);
        json_array_append_new(bounds, json_real(ldexp(1, exp)));
        json_array_append_new(counts, number64(n - below));
        below = n;
    }
    json_array_append_new(counts, number64(h->count - below));
    json_object_set_new(point, "explicitBounds", bounds);
    json_object_set_new(point, "bucketCounts", counts);
}

static void put_quantiles(json_t *point, const struct akt_hist_sum *h)
{
    json_t *list = json_array();
    for (int i = 0; i < AKT_METRIC_QUANTILES; i++) {
        double q = akt_metric_quantiles[i];
        json_array_append_new(list,
                              json_pack("{s:f, s:f}", "quantile", q, "value",
                                        akt_hist_quantile(h, q)));
    }
    json_object_set_new(point, "quantileValues", list);
}

static void put_hist(json_t *point, const struct akt_metric *m)
{
    json_object_set_new(point, "count", number64(m->hist->count));
    json_object_set_new(point, "sum", real(m->hist->sum));
    if (m->type == AKT_METRIC_HISTOGRAM)
        put_bounds(point, m->hist);
    else
        put_quantiles(point, m->hist);
}

static json_t *point_of(const struct body *b, const struct akt_metric *m)
{
    json_t *point = json_object();
    json_object_set_new(point, "attributes", attributes(m));
    json_object_set_new(point, "startTimeUnixNano", number64(b->start_ns));
    json_object_set_new(point, "timeUnixNano", number64(b->now_ns));
    if (m->hist)
        put_hist(point, m);
    else
        json_object_set_new(point, "asDouble", real(m->value));
    return point;
}

/* ---- metrics ---- */

#define CUMULATIVE 2 /* AGGREGATION_TEMPORALITY_CUMULATIVE */

static json_t *data_of(const struct akt_metric *m, json_t *points)
{
    json_t *data = json_object();
    json_object_set(data, "dataPoints", points);
    if (m->type == AKT_METRIC_COUNTER)
        json_object_set_new(data, "isMonotonic", json_true());
    if (m->type == AKT_METRIC_COUNTER || m->type == AKT_METRIC_HISTOGRAM)
        json_object_set_new(data, "aggregationTemporality",
                            json_integer(CUMULATIVE));
    return data;
}

static void begin_metric(struct body *b, const struct akt_metric *m)
{
    static const char *const types[] = {"sum", "gauge", "histogram", "summary"};
    json_t *metric = json_object();
    b->points = json_array();
    json_object_set_new(metric, "name", json_string(m->name));
    if (m->help)
        json_object_set_new(metric, "description", json_string(m->help));
    json_object_set_new(metric, types[m->type], data_of(m, b->points));
    json_array_append_new(b->metrics, metric);
    json_decref(b->points); /* the metric holds it */
}

static void put_metric(void *ctx, const struct akt_metric *m)
{
    struct body *b = ctx;
    if (m->first)
        begin_metric(b, m);
    json_array_append_new(b->points, point_of(b, m));
}

static json_t *resource(const struct akt_node *node)
{
    char pid[24];
    json_t *list = json_array();
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    json_array_append_new(list, attribute("service.name", node->config.name));
    json_array_append_new(list, attribute("service.version", AKT_VERSION));
    json_array_append_new(list, attribute("process.pid", pid));
    return json_pack("{s:o}", "attributes", list);
}

json_t *akt_otlp_body(struct akt_node *node, uint64_t start_ns, uint64_t now_ns)
{
    struct body b = {.start_ns = start_ns, .now_ns = now_ns};
    b.metrics = json_array();
    akt_metrics_visit(node, put_metric, &b);
    return json_pack("{s:[{s:o, s:[{s:{s:s, s:s}, s:o}]}]}", "resourceMetrics",
                     "resource", resource(node), "scopeMetrics", "scope",
                     "name", "aktvm", "version", AKT_VERSION, "metrics",
                     b.metrics);
}
