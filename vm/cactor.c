/* SPDX-License-Identifier: MIT */
#include "vm/cactor.h"

#include "vm/health.h"
#include "vm/passivate.h"
#include "vm/upgrade.h"

static const struct akt_c_behaviour *behaviour(const struct akt_actor *a)
{
    return akt_actor_kind(a)->data;
}

static enum akt_c_result wake(struct akt_isolate *iso, struct akt_turn *t)
{
    const struct akt_c_behaviour *b = behaviour(t->actor);
    enum akt_c_result r = b->init ? b->init(iso, t->actor, t->msg) : AKT_C_DONE;
    return r == AKT_C_DONE ? b->wake(iso, t->actor, t->actor->passivation->data)
                           : r;
}

static void run_idle(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_args *data = NULL;
    if (behaviour(a)->idle(iso, a, &data) == AKT_C_DONE)
        akt_passivate_done(iso, data);
    else
        akt_passivate_refused(iso, NULL, 0);
}

static void run_health(struct akt_isolate *iso, struct akt_actor *a)
{
    const struct akt_c_behaviour *b = behaviour(a);
    bool well = !b->health || b->health(iso, a) == AKT_C_DONE;
    akt_health_done(iso, well ? AKT_HEALTH_OK : AKT_HEALTH_FAILED, NULL);
}

static enum akt_c_result run(struct akt_isolate *iso, struct akt_turn *t)
{
    const struct akt_c_behaviour *b = behaviour(t->actor);
    switch (t->kind) {
    case AKT_TURN_INIT:
        return b->init ? b->init(iso, t->actor, t->msg) : AKT_C_DONE;
    case AKT_TURN_MESSAGE:
        return b->message ? b->message(iso, t->actor, t->msg) : AKT_C_DONE;
    case AKT_TURN_RESUME:
        return b->resume ? b->resume(iso, t->actor) : AKT_C_DONE;
    case AKT_TURN_TASK:
        return b->task ? b->task(iso, t->actor, t->msg) : AKT_C_DONE;
    case AKT_TURN_UNWIND:
        return AKT_C_DONE;
    case AKT_TURN_UPGRADE:
        b = akt_kind_newest(akt_actor_kind(t->actor))->data;
        return b->upgrade ? b->upgrade(iso, t->actor) : AKT_C_DONE;
    case AKT_TURN_WAKE:
        return wake(iso, t);
    default:
        if (b->hook)
            b->hook(iso, t->actor, t->kind, t->reason);
        return AKT_C_DONE;
    }
}

static void finish_upgrade(struct akt_isolate *iso, struct akt_actor *a,
                           enum akt_c_result result)
{
    if (result == AKT_C_DONE)
        akt_upgrade_done(iso, akt_kind_newest(akt_actor_kind(a)));
    else
        akt_upgrade_refused(iso, NULL, 0);
}

static void finish(struct akt_isolate *iso, struct akt_actor *a,
                   enum akt_c_result result)
{
    a->fiber = result == AKT_C_WAIT || result == AKT_C_YIELD ? a : NULL;
    switch (result) {
    case AKT_C_DONE:
        akt_turn_done(iso);
        break;
    case AKT_C_WAIT:
        akt_turn_suspended(iso);
        break;
    case AKT_C_YIELD:
        akt_turn_preempted(iso);
        break;
    case AKT_C_FAIL:
        akt_turn_failed(iso, akt_reason_of(AKT_CRASH), "error", NULL, 0);
        break;
    case AKT_C_EXIT:
        akt_turn_exit(iso, akt_reason_of(AKT_NORMAL));
        break;
    }
}

static void visit(struct akt_isolate *iso)
{
    struct akt_turn *t;
    while ((t = akt_turn_next(iso))) {
        struct akt_actor *a = t->actor;
        if (t->kind == AKT_TURN_IDLE) {
            run_idle(iso, a);
            continue;
        }
        if (t->kind == AKT_TURN_HEALTH) {
            run_health(iso, a);
            continue;
        }
        enum akt_c_result result = run(iso, t);
        if (a->upgrading)
            finish_upgrade(iso, a, result);
        else
            finish(iso, a, result);
    }
}

static bool open_host(struct akt_isolate *iso)
{
    iso->host_data = iso;
    return true;
}

static void ignore(struct akt_isolate *iso)
{
    (void)iso;
}

static void drop_fiber(struct akt_isolate *iso, struct akt_actor *a)
{
    (void)iso;
    (void)a;
}

static void forget(struct akt_isolate *iso, struct akt_actor *a, bool final)
{
    if (behaviour(a)->forget)
        behaviour(a)->forget(iso, a, final);
}

const struct akt_host akt_c_host = {
    .visit = visit,
    .open = open_host,
    .close = ignore,
    .idle = ignore,
    .drop_fiber = drop_fiber,
    .forget = forget,
};
