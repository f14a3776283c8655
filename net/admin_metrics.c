/* SPDX-License-Identifier: MIT
 *
 * net/admin_metrics.c: `metrics`: all figures as Prometheus reads them, in
 * {"text":...}.
 */
#include "net/admin_parts.h"
#include "vm/metrics_read.h"

static void metrics(struct akt_admin_call *call, json_t *args, void *ctx)
{
    struct akt_buf text = AKT_BUF_INIT;
    akt_metrics_text(akt_admin_node(call), &text);
    json_t *out = json_object();
    json_object_set_new(out, "text", json_stringn(text.data, text.len));
    akt_buf_fini(&text);
    akt_admin_result(call, out);
}

void akt_admin_add_metrics(struct akt_admin *admin)
{
    akt_admin_add_look(admin, "metrics", metrics, NULL);
}
