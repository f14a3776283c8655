/* SPDX-License-Identifier: MIT
 *
 * vm/metrics_text.c: figures as Prometheus reads them.
 */
#include "vm/metrics_read.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void put_number(struct akt_buf *b, double value)
{
    if (isnan(value))
        akt_buf_puts(b, "NaN");
    else if (isinf(value))
        akt_buf_puts(b, value > 0 ? "+Inf" : "-Inf");
    else if (value == floor(value) && fabs(value) < 1e15)
        akt_buf_printf(b, "%.0f", value);
    else
        akt_buf_printf(b, "%.15g", value);
}

static void put_escaped(struct akt_buf *b, const char *s)
{
    for (; *s; s++) {
        if (*s == '\n')
            akt_buf_puts(b, "\\n");
        else if (*s == '"' || *s == '\\')
            akt_buf_printf(b, "\\%c", *s);
        else
            akt_buf_putc(b, *s);
    }
}

static void put_label(struct akt_buf *b, const char *key, const char *value)
{
    akt_buf_printf(b, "%s=\"", key);
    put_escaped(b, value);
    akt_buf_putc(b, '"');
}

/* The labels of m, and one more if `extra` is not NULL. */
static void put_labels(struct akt_buf *b, const struct akt_metric *m,
                       const struct akt_label *extra)
{
    if (!m->labels_len && !extra)
        return;
    akt_buf_putc(b, '{');
    for (uint32_t i = 0; i < m->labels_len; i++) {
        if (i)
            akt_buf_putc(b, ',');
        put_label(b, m->labels[i].key, m->labels[i].value);
    }
    if (extra) {
        if (m->labels_len)
            akt_buf_putc(b, ',');
        put_label(b, extra->key, extra->value);
    }
    akt_buf_putc(b, '}');
}

static void put_line(struct akt_buf *b, const struct akt_metric *m,
                     const char *suffix, double value)
{
    akt_buf_printf(b, "%s%s", m->name, suffix);
    put_labels(b, m, NULL);
    akt_buf_putc(b, ' ');
    put_number(b, value);
    akt_buf_putc(b, '\n');
}

static void put_bucket(struct akt_buf *b, const struct akt_metric *m,
                       double bound, uint64_t n)
{
    struct akt_buf text = AKT_BUF_INIT;
    put_number(&text, bound);
    struct akt_label le = {"le", akt_buf_cstr(&text)};
    akt_buf_printf(b, "%s_bucket", m->name);
    put_labels(b, m, &le);
    akt_buf_printf(b, " %" PRIu64 "\n", n);
    akt_buf_fini(&text);
}

static void put_histogram(struct akt_buf *b, const struct akt_metric *m)
{
    for (int i = 0; i < AKT_METRIC_BOUNDS; i++) {
        int exp = AKT_METRIC_EXP_FIRST + i * AKT_METRIC_EXP_STEP;
        put_bucket(b, m, ldexp(1, exp), akt_hist_below(m->hist, exp));
    }
    put_bucket(b, m, INFINITY, m->hist->count);
}

static void put_quantiles(struct akt_buf *b, const struct akt_metric *m)
{
    static const char *const words[AKT_METRIC_QUANTILES] = {"0.5", "0.95",
                                                            "0.99"};
    for (int i = 0; i < AKT_METRIC_QUANTILES; i++) {
        struct akt_label quantile = {"quantile", words[i]};
        akt_buf_puts(b, m->name);
        put_labels(b, m, &quantile);
        akt_buf_putc(b, ' ');
        put_number(b, akt_hist_quantile(m->hist, akt_metric_quantiles[i]));
        akt_buf_putc(b, '\n');
    }
}

static bool ends_in_total(const char *name)
{
    size_t len = strlen(name);
    return len >= 6 && strcmp(name + len - 6, "_total") == 0;
}

static const char *suffix_of(const struct akt_metric *m)
{
    bool add = m->type == AKT_METRIC_COUNTER && !ends_in_total(m->name);
    return add ? "_total" : "";
}

static void put_head(struct akt_buf *b, const struct akt_metric *m)
{
    static const char *const types[] = {"counter", "gauge", "histogram",
                                        "summary"};
    if (m->help)
        akt_buf_printf(b, "# HELP %s%s %s\n", m->name, suffix_of(m), m->help);
    akt_buf_printf(b, "# TYPE %s%s %s\n", m->name, suffix_of(m),
                   types[m->type]);
}

static void put_metric(void *ctx, const struct akt_metric *m)
{
    struct akt_buf *b = ctx;
    if (m->first)
        put_head(b, m);
    if (!m->hist) {
        put_line(b, m, suffix_of(m), m->value);
        return;
    }
    if (m->type == AKT_METRIC_HISTOGRAM)
        put_histogram(b, m);
    else
        put_quantiles(b, m);
    put_line(b, m, "_sum", m->hist->sum);
    put_line(b, m, "_count", (double)m->hist->count);
}

void akt_metrics_text(struct akt_node *node, struct akt_buf *out)
{
    akt_metrics_visit(node, put_metric, out);
}
