/* SPDX-License-Identifier: MIT
 *
 * net/otlp.h: sends the figures of a node to a collector, by OTLP/HTTP with
 * JSON bodies.
 *
 * A thread of its own posts all figures (vm/metrics_read.h) every
 * AKT_OTLP_INTERVAL_S and once more at the end. Each post stands for itself:
 * one that fails is not sent again, since the next has the same sums. That a
 * collector cannot be reached is written to the log once, and once that it
 * can be again.
 *
 * Invariants
 *   E1  No worker waits for it, and it keeps no program alive.
 *   E2  akt_otlp_stop returns within AKT_OTLP_LAST_S, give or take a look-up
 *       of a name.
 *   E3  One body is in memory at a time; its size is that of all figures,
 *       which are bounded.
 *
 * Threads: [start].
 */
#ifndef AKT_NET_OTLP_H
#define AKT_NET_OTLP_H

#include <jansson.h>

#include "vm/node.h"

#define AKT_OTLP_INTERVAL_S 10 /* environment: AKTVM_OTLP_INTERVAL */
#define AKT_OTLP_CONNECT_S 3
#define AKT_OTLP_POST_S 8 /* one post, all in all */
#define AKT_OTLP_LAST_S 2 /* what is under way at the end, and the last one */

struct akt_otlp;

/* `url` is that of the collector, /v1/metrics is put behind it unless it is
 * there. NULL: nothing is sent, and the result is NULL. */
struct akt_otlp *akt_otlp_start(struct akt_node *node, const char *url);
/* The last post. NULL allowed. The node is still there. */
void akt_otlp_stop(struct akt_otlp *o);

/* The body of a post; the caller's. Times in ns since 1970. */
json_t *akt_otlp_body(struct akt_node *node, uint64_t start_ns,
                      uint64_t now_ns);

#endif
