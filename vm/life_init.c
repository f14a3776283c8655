/* SPDX-License-Identifier: MIT
 *
 * vm/life_init.c: when the first init of an actor fails: it is tried again,
 * or the spawner is told. The rest of its life is in vm/life.c.
 */
#include "vm/life_impl.h"

#include <inttypes.h>
#include <stdio.h>

#include "vm/base/alloc.h"
#include "vm/node.h"
#include "vm/send.h"
#include "vm/spawn.h"

#define MS 1000000ull

/* The spawner is told that there is nothing to be tied to: spawn raises, and
 * no exit or down follows. */
void akt_life_refuse_spawner(struct akt_isolate *iso, struct akt_actor *a,
                             enum akt_code code, struct akt_reason *reason)
{
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    if (a->ext) {
        akt_map_remove(&a->ext->links, a->start->sender.bits);
        while ((e = akt_map_next(&a->ext->watchers, &cursor)))
            if (e->value == a->start->sender.bits)
                akt_map_remove(&a->ext->watchers, e->key);
    }
    akt_reply_error(iso->node, iso, a->self, a->start, code, reason);
}

/* ---- retries ---- */

static bool may_retry(struct akt_isolate *iso, const struct akt_actor *a)
{
    /* relaxed: a retry in a program that ends is useless, not wrong */
    return a->spec && a->spec->init_tried < a->spec->init.retries &&
           a->goal == AKT_GOAL_NONE && !akt_node_is_exiting(iso->node);
}

static uint64_t delay_ms(const struct akt_init *init, uint32_t retry)
{
    uint32_t doublings = retry < 20 ? retry : 20;
    uint64_t ms = (uint64_t)init->backoff_ms << doublings;
    return ms < init->backoff_max_ms ? ms : init->backoff_max_ms;
}

/* By way of a restart: what the failed one has made must end first. */
static void try_again(struct akt_isolate *iso, struct akt_actor *a,
                      const char *text, uint32_t len)
{
    char fate[80];
    struct akt_spec *spec = a->spec;
    uint64_t ms = delay_ms(&spec->init, spec->init_tried++);
    snprintf(fate, sizeof fate, "retry %" PRIu32 " of %" PRIu32 ", in %.3f s",
             spec->init_tried, spec->init.retries, (double)ms / 1e3);
    akt_life_report(iso, text, len, fate);
    akt_actor_ext(a)->restart_delay_ns = ms * MS;
    a->retrying = true;
    a->goal = AKT_GOAL_RESTART;
    akt_life_to_children(iso, a);
}

uint64_t akt_spec_start_ms(const struct akt_spec *spec)
{
    uint64_t ms = AKT_INIT_MS;
    if (!spec)
        return ms;
    ms = spec->init.timeout_ms * (spec->init.retries + 1ull);
    for (uint32_t i = 0; i < spec->init.retries; i++)
        ms += delay_ms(&spec->init, i);
    return ms;
}

/* ---- the last try ---- */

void akt_life_init_failed(struct akt_isolate *iso, struct akt_actor *a,
                          struct akt_reason *reason, char *text, uint32_t len)
{
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    if (may_retry(iso, a)) {
        try_again(iso, a, text, len);
        akt_free(text, len);
        akt_reason_unref(reason);
        return;
    }
    akt_life_free_name(iso, a); /* before the spawner hears of it */
    if (a->start && a->start->ask)
        akt_life_refuse_spawner(iso, a, AKT_INIT_FAILED,
                                akt_reason_ref(reason));
    else
        akt_life_report(iso, text, len, "none: init failed at the first start");
    akt_free(text, len);
    a->killed = true; /* there is no state to terminate */
    a->goal = AKT_GOAL_END;
    akt_life_set_reason(a, reason);
    akt_life_to_children(iso, a);
}
