/* SPDX-License-Identifier: MIT
 *
 * net/admin_status.c: `status`: who answers here.
 */
#include <string.h>
#include <unistd.h>

#include "net/admin_parts.h"

static void status(struct akt_admin_call *call, json_t *args, void *ctx)
{
    struct akt_node *node = akt_admin_node(call);
    double age = (double)(akt_node_now(node) - node->started_ns) / 1e9;
    const char *name = node->config.name;
    akt_admin_result(
        call, json_pack("{s:o,s:i,s:s,s:f,s:I,s:I,s:b}", "name",
                        akt_admin_text(name, strlen(name)), "pid",
                        (int)getpid(), "version", AKT_VERSION, "uptime", age,
                        "workers", (json_int_t)node->workers_len, "actors",
                        (json_int_t)akt_actor_count(node->actors), "ending",
                        /* relaxed: seen a little late is fine */
                        (int)atomic_load_explicit(&node->exiting,
                                                  memory_order_relaxed)));
}

void akt_admin_add_status(struct akt_admin *admin)
{
    akt_admin_add_look(admin, "status", status, NULL);
}
