/* SPDX-License-Identifier: MIT */
#include "vm/fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/events.h"
#include "vm/life.h"
#include "vm/metrics.h"
#include "vm/send.h"

bool akt_fault_spares(const struct akt_node *node, akt_pid pid, bool but_main)
{
    return akt_pid_eq(pid, node->root) || akt_pid_eq(pid, node->system) ||
           akt_pid_eq(pid, node->user) ||
           (!but_main && akt_pid_eq(pid, node->main));
}

/* A kill that says why: nothing else has to know of it. */
enum akt_code akt_fault_crash(struct akt_isolate *iso, akt_pid from, akt_pid to)
{
    struct akt_node *node = iso->node;
    if (akt_fault_spares(node, to, false))
        return AKT_DENIED;
    if (!akt_actor_find(node->actors, to))
        return AKT_NOPROC;
    struct akt_msg *m =
        akt_msg_with_reason(AKT_MSG_KILL, akt_reason_of(AKT_CRASH));
    m->sender = from;
    m->target = to;
    akt_post(node, iso, m);
    return AKT_OK;
}

static char *make_report(const struct akt_actor *a, uint32_t *len)
{
    char text[160];
    int n = snprintf(text, sizeof text,
                     "error[crash]: <%s#%" PRIu64 "> crashed\n"
                     "  --> by a fault that the test has caused\n",
                     akt_actor_kind(a)->name, akt_pid_serial(a->self));
    *len = (uint32_t)n;
    char *report = akt_alloc(*len);
    memcpy(report, text, *len);
    return report;
}

/* To whoever has its pid it runs, also when its start is still to come. */
static bool may_fail(const struct akt_actor *a)
{
    bool starts = a->state == AKT_A_NEW && a->start &&
                  !(akt_actor_kind(a)->hooks & AKT_HOOK_INIT);
    return a->goal == AKT_GOAL_NONE && (a->state == AKT_A_RUNNING || starts);
}

void akt_fault_on_crash(struct akt_isolate *iso, struct akt_actor *a,
                        struct akt_msg *m)
{
    akt_msg_free(m);
    if (!may_fail(a)) {
        akt_life_kill(iso, a);
        return;
    }
    a->todo &= (uint8_t)~AKT_DO_START; /* of one that was about to */
    uint32_t len;
    char *report = make_report(a, &len);
    akt_count(&iso->worker->stats.crashes);
    akt_count(&akt_kind_counts(iso->worker, a)->crashes);
    akt_event(iso->node, AKT_EV_CRASH, a->self, AKT_CRASH, 0);
    akt_life_drop_handler(iso, a, AKT_CRASH);
    akt_life_fail(iso, a, akt_reason_of(AKT_CRASH), "crash", report, len);
}
