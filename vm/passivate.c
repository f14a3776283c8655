/* SPDX-License-Identifier: MIT */
#include "vm/passivate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/events.h"
#include "vm/health.h"
#include "vm/life_impl.h"
#include "vm/node.h"
#include "vm/send.h"
#include "vm/upgrade.h"

#define MS 1000000ull

static struct akt_passivation *passivation(struct akt_actor *a)
{
    if (!a->passivation)
        a->passivation = akt_calloc(sizeof *a->passivation);
    return a->passivation;
}

static void set_idle_ms(struct akt_actor *a, uint32_t ms)
{
    /* relaxed: others only compare it (vm/evict.h) */
    atomic_store_explicit(&a->idle_ms, ms, memory_order_relaxed);
}

static uint32_t idle_ms(const struct akt_actor *a)
{
    return atomic_load_explicit(&a->idle_ms, memory_order_relaxed);
}

static uint64_t handled(const struct akt_actor *a)
{
    /* relaxed: the owner is the writer */
    return atomic_load_explicit(&a->processed, memory_order_relaxed);
}

/* ---- when ---- */

/* The timer, for `ms` on the node's clock. */
static void arm(struct akt_isolate *iso, struct akt_actor *a, uint64_t ms)
{
    akt_pending_close_type(iso, a, AKT_P_PASSIVATE);
    akt_pending_open_quiet(iso, a, AKT_P_PASSIVATE,
                           iso->node->started_ns + ms * MS);
}

/* A tick old at most; 1 at least, since 0 has a meaning. */
static void touch(struct akt_isolate *iso, struct akt_actor *a)
{
    uint32_t ms = iso->worker->now_ms;
    set_idle_ms(a, ms ? ms : 1);
}

void akt_passivate_begin(struct akt_isolate *iso, struct akt_actor *a)
{
    const struct akt_passivate *policy = akt_actor_passivate(a);
    bool on =
        (policy->after_ms || policy->messages) && !akt_actor_kind(a)->process;
    if (!on) {
        if (a->extras & AKT_X_PASSIVATE) {
            a->extras &= (uint8_t)~AKT_X_PASSIVATE;
            akt_pending_close_type(iso, a, AKT_P_PASSIVATE);
            set_idle_ms(a, 0);
        }
        return;
    }
    struct akt_passivation *p = passivation(a);
    a->extras |= AKT_X_PASSIVATE;
    p->handled_from = handled(a);
    if (p->paused)
        return;
    touch(iso, a);
    if (policy->after_ms) {
        uint64_t wait_ms = (uint64_t)policy->after_ms << p->failures;
        arm(iso, a, idle_ms(a) + wait_ms);
    }
}

/* What is to be done beside messages is done when there is no handler. */
static void leave_soon(struct akt_isolate *iso, struct akt_actor *a)
{
    a->todo |= AKT_DO_IDLE;
    if (!a->busy)
        akt_isolate_ready(iso, a);
}

static bool has_had_enough(const struct akt_actor *a)
{
    uint32_t messages = akt_actor_passivate(a)->messages;
    const struct akt_passivation *p = a->passivation;
    return p->asked ||
           (messages && !p->paused && handled(a) - p->handled_from >= messages);
}

void akt_passivate_idle(struct akt_isolate *iso, struct akt_actor *a)
{
    if (idle_ms(a))
        touch(iso, a);
    struct akt_passivation *p = a->passivation;
    if (p->failures && handled(a) != p->handled_from) {
        p->failures = 0;
        akt_passivate_begin(iso, a); /* they had put the timer off */
    }
    if (!a->mail_first && has_had_enough(a))
        leave_soon(iso, a);
}

void akt_passivate_due(struct akt_isolate *iso, struct akt_actor *a)
{
    uint64_t after_ms = akt_actor_passivate(a)->after_ms;
    if (a->state != AKT_A_RUNNING || !after_ms || a->passivation->paused)
        return; /* begin, or the end of the pause, sets it again */
    uint64_t now_ms = (akt_node_now(iso->node) - iso->node->started_ns) / MS;
    uint64_t due_ms = idle_ms(a) + after_ms;
    bool used = a->busy || a->mail_first;
    if (!used && due_ms <= now_ms && !akt_passivate_why_not(iso, a))
        leave_soon(iso, a);
    else
        arm(iso, a, !used && due_ms > now_ms ? due_ms : now_ms + after_ms);
}

/* ---- whether ---- */

static const char *holds_pendings(const struct akt_actor *a)
{
    for (const struct akt_pending *p = a->pendings; p; p = p->next) {
        if (p->type == AKT_P_TIMER)
            return "it has timers";
        if (p->type == AKT_P_CALL && !p->awaited)
            return "it has futures";
    }
    return NULL;
}

const char *akt_passivate_why_not(struct akt_isolate *iso, struct akt_actor *a)
{
    const struct akt_actor_ext *ext = a->ext;
    if (akt_actor_kind(a)->process || a->guardian)
        return "it is a process";
    if (a->goal != AKT_GOAL_NONE || a->state != AKT_A_RUNNING)
        return "it does not run";
    if (a->youngest)
        return "it has children";
    if (ext && ext->stash_first)
        return "it has a stash";
    if (ext && ext->deferred.len)
        return "it owes replies";
    const char *held = holds_pendings(a);
    if (!held && iso->host->holds)
        held = iso->host->holds(iso, a);
    return held;
}

void akt_passivate_asked(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->state != AKT_A_RUNNING || akt_actor_kind(a)->process)
        return;
    passivation(a)->asked = true;
    a->extras |= AKT_X_PASSIVATE;
    if (!a->busy && !a->mail_first)
        leave_soon(iso, a);
}

void akt_passivate_pause(struct akt_isolate *iso, struct akt_actor *a,
                         bool paused)
{
    struct akt_passivation *p = passivation(a);
    p->paused = paused;
    if (paused) {
        akt_pending_close_type(iso, a, AKT_P_PASSIVATE);
        set_idle_ms(a, 0); /* the node may not ask for it either */
    } else {
        akt_passivate_begin(iso, a);
    }
}

/* ---- leaving ---- */

static void count(struct akt_isolate *iso, int delta)
{
    /* relaxed: a figure */
    atomic_fetch_add_explicit(&iso->node->away, (uint32_t)delta,
                              memory_order_relaxed);
}

static void leave(struct akt_isolate *iso, struct akt_actor *a)
{
    const struct akt_args *data = a->passivation->data;
    akt_pending_close_all(iso, a);
    iso->host->forget(iso, a, false);
    akt_actor_set_state(a, AKT_A_AWAY);
    akt_actor_set_activity(a, AKT_IDLE);
    count(iso, 1);
    akt_count(&iso->worker->stats.passivated);
    akt_event(iso->node, AKT_EV_PASSIVATED, a->self, AKT_OK,
              data ? data->len : 0);
    if (a->mail_first)
        akt_passivate_wake(iso, a);
}

bool akt_passivate_step(struct akt_isolate *iso, struct akt_actor *a,
                        struct akt_turn *t)
{
    a->todo &= (uint8_t)~AKT_DO_IDLE;
    if (a->state != AKT_A_RUNNING || a->mail_first)
        return false; /* once it is idle again */
    a->passivation->asked = false;
    if (akt_passivate_why_not(iso, a)) {
        akt_passivate_begin(iso, a);
        return false;
    }
    if (!(akt_actor_kind(a)->hooks & AKT_HOOK_IDLE)) {
        leave(iso, a);
        return false;
    }
    a->busy = true;
    a->aside = AKT_ASIDE_IDLE;
    t->kind = AKT_TURN_IDLE;
    t->actor = a;
    t->msg = NULL;
    t->reason = NULL;
    return true;
}

static void report(struct akt_isolate *iso, const struct akt_actor *a,
                   const char *what)
{
    char text[200];
    int n =
        snprintf(text, sizeof text, "error[passivate]: <%s#%" PRIu64 ">: %s\n",
                 akt_actor_kind(a)->name, akt_pid_serial(a->self), what);
    akt_life_report(iso, text, (uint32_t)n, "none: it stays as it is");
}

/* idle() has failed: the clock starts anew, slower with each failure. */
static void later(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_passivation *p = a->passivation;
    akt_passivate_begin(iso, a);
    if (p->failures < AKT_IDLE_SLOWER)
        p->failures++;
}

/* A stop may have come while idle() waited; then the actor is on its way. */
void akt_passivate_done(struct akt_isolate *iso, struct akt_args *data)
{
    struct akt_actor *a = iso->current;
    const char *why = NULL;
    a->aside = AKT_ASIDE_NONE;
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    akt_turn_done(iso);
    bool leaves = a->state == AKT_A_RUNNING && a->goal == AKT_GOAL_NONE;
    if (leaves)
        why = akt_passivate_why_not(iso, a);
    if (!leaves || why) {
        akt_args_free(data);
        if (why) {
            report(iso, a, "idle() has left something behind");
            later(iso, a);
        }
        return;
    }
    a->passivation->data = data;
    leave(iso, a);
}

static void stay(struct akt_isolate *iso, struct akt_actor *a)
{
    a->aside = AKT_ASIDE_NONE;
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    later(iso, a);
}

void akt_passivate_refused(struct akt_isolate *iso, const char *text,
                           uint32_t len)
{
    struct akt_actor *a = iso->current;
    akt_life_report(iso, text, len, "none: it stays as it is");
    stay(iso, a);
    a->fiber = NULL;
    akt_turn_done(iso);
}

void akt_passivate_overdue(struct akt_isolate *iso, struct akt_actor *a)
{
    akt_life_drop_handler(iso, a, AKT_CRASH);
    report(iso, a, "idle() has not ended after 5 s");
    stay(iso, a);
    akt_isolate_ready(iso, a);
}

/* ---- coming back ---- */

void akt_passivate_wake(struct akt_isolate *iso, struct akt_actor *a)
{
    a->todo |= AKT_DO_START;
    akt_isolate_ready(iso, a);
}

void akt_passivate_back(struct akt_isolate *iso, struct akt_actor *a)
{
    count(iso, -1);
    a->aside = AKT_ASIDE_WAKE;
}

void akt_passivate_gone(struct akt_isolate *iso, struct akt_actor *a)
{
    count(iso, -1);
    a->todo &= (uint8_t)~AKT_DO_START;
    a->killed = true; /* there is no state to terminate */
}

void akt_passivate_woken(struct akt_isolate *iso, struct akt_actor *a)
{
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    akt_passivate_reset(a);
    akt_msg_free(a->start);
    a->start = NULL;
    akt_actor_set_state(a, AKT_A_RUNNING);
    akt_count(&iso->worker->stats.woken);
    akt_event(iso->node, AKT_EV_WOKEN, a->self, AKT_OK, 0);
    akt_passivate_begin(iso, a);
    akt_health_begin(iso, a);
    if (a->mail_first || a->todo)
        akt_isolate_ready(iso, a);
}

/* The message that has woken it is to blame, like one that crashes it. */
static void lose_message(struct akt_isolate *iso, struct akt_actor *a,
                         struct akt_reason *reason)
{
    struct akt_msg *m = a->mail_first;
    if (!m || m->type != AKT_MSG_USER)
        return;
    akt_mailbox_take(iso, a, NULL);
    akt_reply_error(iso->node, iso, a->self, m, AKT_CRASH,
                    akt_reason_ref(reason));
    akt_life_lose(iso, a, m, AKT_CRASHED);
}

void akt_passivate_failed(struct akt_isolate *iso, struct akt_actor *a,
                          struct akt_reason *reason, const char *code,
                          char *text, uint32_t len)
{
    a->aside = AKT_ASIDE_NONE;
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    if (a->goal == AKT_GOAL_END) { /* woken for its terminate */
        akt_life_report(iso, text, len, "none: it was being stopped");
        akt_free(text, len);
        akt_reason_unref(reason);
        a->killed = true;
        akt_life_end_idle(iso, a);
        return;
    }
    lose_message(iso, a, reason);
    akt_life_fail(iso, a, reason, code, text, len);
}

void akt_passivate_stop(struct akt_isolate *iso, struct akt_actor *a,
                        uint32_t grace_ms)
{
    bool wakes = akt_actor_kind(a)->hooks & AKT_HOOK_TERMINATE;
    if (!wakes) {
        akt_life_end_idle(iso, a);
        return;
    }
    if (grace_ms != AKT_SHUTDOWN_FOREVER)
        akt_life_grace(iso, a, grace_ms);
    akt_passivate_wake(iso, a);
}

void akt_passivate_reset(struct akt_actor *a)
{
    struct akt_passivation *p = a->passivation;
    if (!p)
        return;
    akt_args_free(p->data);
    p->data = NULL;
    p->paused = p->asked = false;
    p->failures = 0;
}

void akt_passivate_fini(struct akt_actor *a)
{
    if (!a->passivation)
        return;
    akt_passivate_reset(a);
    akt_free(a->passivation, sizeof *a->passivation);
    a->passivation = NULL;
    set_idle_ms(a, 0);
}
