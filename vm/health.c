/* SPDX-License-Identifier: MIT */
#include "vm/health.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/crash.h"
#include "vm/events.h"
#include "vm/life_impl.h"
#include "vm/metrics.h"
#include "vm/node.h"

#define MS 1000000ull
#define TEXT_MAX 256

const char *akt_health_name(enum akt_health_status status)
{
    static const char *const names[] = {"unknown", "ok", "degraded", "failed"};
    return names[status];
}

static const struct akt_health_policy *policy(const struct akt_actor *a)
{
    return a->spec ? &a->spec->health : NULL;
}

static void set_timer(struct akt_isolate *iso, struct akt_actor *a, uint32_t ms)
{
    akt_pending_close_type(iso, a, AKT_P_HEALTH);
    akt_pending_open_quiet(iso, a, AKT_P_HEALTH,
                           akt_node_now(iso->node) + ms * MS);
}

void akt_health_begin(struct akt_isolate *iso, struct akt_actor *a)
{
    const struct akt_health_policy *p = policy(a);
    if (!p || !p->every_ms)
        return;
    struct akt_actor_ext *ext = akt_actor_ext(a);
    if (!ext->health)
        ext->health = akt_calloc(sizeof *ext->health);
    ext->health->asked = false;
    ext->health->failed_in_row = 0;
    set_timer(iso, a, p->every_ms);
}

bool akt_health_step(struct akt_isolate *iso, struct akt_actor *a,
                     struct akt_turn *t)
{
    (void)iso;
    a->todo &= (uint8_t)~AKT_DO_HEALTH;
    if (a->state != AKT_A_RUNNING)
        return false;
    a->busy = true;
    a->aside = AKT_ASIDE_HEALTH;
    t->kind = AKT_TURN_HEALTH;
    t->actor = a;
    t->msg = NULL;
    t->reason = NULL;
    return true;
}

static void become(struct akt_isolate *iso, struct akt_actor *a,
                   enum akt_health_status status, struct akt_reason *reason)
{
    struct akt_health *h = a->ext->health;
    if (h->status != status && (h->status || status != AKT_HEALTH_OK))
        akt_event(iso->node, AKT_EV_HEALTH, a->self, AKT_OK, status);
    h->status = status;
    /* relaxed: a figure for others */
    atomic_store_explicit(&a->health, (uint8_t)status, memory_order_relaxed);
    akt_reason_unref(h->reason);
    h->reason = reason;
}

/* As many failures in a row as it may have: a crash like any other. */
static void give_up(struct akt_isolate *iso, struct akt_actor *a)
{
    char *text = akt_alloc(TEXT_MAX);
    memset(text, 0, TEXT_MAX);
    snprintf(text, TEXT_MAX,
             "error[%s]: <%s#%" PRIu64 "> has failed %" PRIu32
             " health checks in a row\n",
             akt_code_name(AKT_UNHEALTHY), akt_actor_kind(a)->name,
             akt_pid_serial(a->self), policy(a)->fails);
    akt_life_drop_handler(iso, a, AKT_CRASH);
    akt_count(&iso->worker->stats.crashes);
    akt_count(&akt_kind_counts(iso->worker, a)->crashes);
    akt_event(iso->node, AKT_EV_CRASH, a->self, AKT_UNHEALTHY, 0);
    akt_crash_note(iso, a, AKT_UNHEALTHY, "its health checks failed");
    akt_life_fail(iso, a, akt_reason_of(AKT_UNHEALTHY), "unhealthy", text,
                  TEXT_MAX);
}

static void checked(struct akt_isolate *iso, struct akt_actor *a,
                    enum akt_health_status status, struct akt_reason *reason)
{
    struct akt_health *h = a->ext->health;
    h->asked = false;
    become(iso, a, status, reason);
    h->failed_in_row = status == AKT_HEALTH_FAILED ? h->failed_in_row + 1 : 0;
    if (h->failed_in_row < policy(a)->fails) {
        set_timer(iso, a, policy(a)->every_ms);
        return;
    }
    h->failed_in_row = 0; /* resumed, it may fail as often again */
    set_timer(iso, a, policy(a)->every_ms);
    give_up(iso, a);
}

void akt_health_done(struct akt_isolate *iso, enum akt_health_status status,
                     struct akt_reason *reason)
{
    struct akt_actor *a = iso->current;
    a->aside = AKT_ASIDE_NONE;
    a->fiber = NULL;
    akt_turn_done(iso);
    if (a->state == AKT_A_RUNNING && a->goal == AKT_GOAL_NONE)
        checked(iso, a, status, reason);
    else
        akt_reason_unref(reason);
}

/* ASKED: no answer in time; a health() that runs or waits is cut off. */
static void too_late(struct akt_isolate *iso, struct akt_actor *a)
{
    a->todo &= (uint8_t)~AKT_DO_HEALTH;
    if (a->aside == AKT_ASIDE_HEALTH) {
        akt_life_drop_handler(iso, a, AKT_CRASH);
        if (a->mail_first || a->todo)
            akt_isolate_ready(iso, a);
    }
    checked(iso, a, AKT_HEALTH_FAILED, akt_reason_of(AKT_TIMEOUT));
}

void akt_health_due(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_health *h = a->ext->health;
    if (a->state != AKT_A_RUNNING || a->goal != AKT_GOAL_NONE) {
        h->asked = false; /* suspended, say: it is not asked */
        set_timer(iso, a, policy(a)->every_ms);
    } else if (h->asked) {
        too_late(iso, a);
    } else {
        h->asked = true;
        a->todo |= AKT_DO_HEALTH;
        set_timer(iso, a, policy(a)->timeout_ms);
        if (!a->busy)
            akt_isolate_ready(iso, a);
    }
}

void akt_health_fini(struct akt_actor *a)
{
    struct akt_health *h = a->ext ? a->ext->health : NULL;
    if (!h)
        return;
    akt_reason_unref(h->reason);
    akt_free(h, sizeof *h);
    a->ext->health = NULL;
}
