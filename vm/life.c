/* SPDX-License-Identifier: MIT */
#include "vm/life.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/crash.h"
#include "vm/deadlock.h"
#include "vm/events.h"
#include "vm/health.h"
#include "vm/life_impl.h"
#include "vm/metrics.h"
#include "vm/names.h"
#include "vm/node.h"
#include "vm/passivate.h"
#include "vm/send.h"
#include "vm/strand.h"
#include "vm/upgrade.h"

#define MS 1000000ull

static void after_children(struct akt_isolate *iso, struct akt_actor *a);

void akt_life_go_on(struct akt_isolate *iso, struct akt_actor *a)
{
    a->todo |= AKT_DO_LIFE;
    akt_isolate_ready(iso, a);
}

void akt_life_grace(struct akt_isolate *iso, struct akt_actor *a, uint64_t ms)
{
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    akt_pending_open(iso, a, AKT_P_GRACE, akt_node_now(iso->node) + ms * MS);
}

/* No handler is in progress; the tasks that are go. */
void akt_life_to_children(struct akt_isolate *iso, struct akt_actor *a)
{
    if (akt_has_strands(a) && a->busy)
        akt_life_drop_handler(iso, a, AKT_CRASH);
    else if (akt_has_strands(a))
        akt_strand_drop(iso, a, AKT_CRASH);
    akt_actor_set_state(a, AKT_A_CHILDREN);
    akt_life_go_on(iso, a);
}

/* The way to the end, or to a restart, when no handler is in progress. An
 * actor whose start has not come yet waits for that: its parent may not know
 * of it before. */
void akt_life_end_idle(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->state == AKT_A_NEW && !a->start)
        return;
    a->todo &= (uint8_t)~AKT_DO_START;
    if (a->state == AKT_A_AWAY)
        akt_passivate_gone(iso, a);
    akt_life_to_children(iso, a);
}

void akt_life_to_parent(struct akt_isolate *iso, struct akt_actor *a,
                        struct akt_msg *m)
{
    m->sender = a->self;
    m->target.bits = atomic_load_explicit(&a->parent, memory_order_relaxed);
    akt_post(iso->node, iso, m);
}

void akt_life_set_reason(struct akt_actor *a, struct akt_reason *reason)
{
    akt_reason_unref(a->end_reason);
    a->end_reason = reason;
}

void akt_life_report(struct akt_isolate *iso, const char *text, uint32_t len,
                     const char *fate)
{
    if (text && iso->node->on_report)
        iso->node->on_report(iso->node, text, len, fate);
}

void akt_life_free_note(struct akt_msg *m)
{
    if (m->type == AKT_MSG_CHILD_FAILED) {
        struct akt_failure_note note;
        memcpy(&note, m->body, sizeof note);
        akt_free(note.report, note.report_len);
        akt_reason_unref(note.reason);
    } else if (m->type == AKT_MSG_CHILD_NEW) {
        struct akt_msg *start;
        memcpy(&start, m->body, sizeof start);
        akt_msg_free(start);
    }
    akt_msg_free(m);
}

/* ---- start ---- */

/* Spawn does not wait for an actor without init: to whoever has its pid it has
 * started, so a stop that comes first is followed by terminate all the same. */
static bool has_init(const struct akt_actor *a)
{
    return akt_actor_kind(a)->hooks & AKT_HOOK_INIT;
}

static bool starts_to_end(const struct akt_actor *a)
{
    return !a->started && !a->killed && !has_init(a) &&
           akt_actor_kind(a)->hooks & AKT_HOOK_TERMINATE;
}

void akt_life_on_start(struct akt_isolate *iso, struct akt_actor *a,
                       struct akt_msg *m)
{
    iso->actors++;
    a->start = m;
    if (a->goal == AKT_GOAL_END && !starts_to_end(a)) {
        /* a stop or a kill has overtaken the start */
        akt_life_end_idle(iso, a);
        return;
    }
    a->todo |= AKT_DO_START;
    akt_isolate_ready(iso, a);
}

static struct akt_msg *start_again(const struct akt_actor *a)
{
    char near[8];
    uint32_t len;
    const char *bytes = akt_start_args_bytes(a->args, near, &len);
    struct akt_msg *m = akt_msg_new(AKT_MSG_START, len);
    if (len)
        memcpy(m->body, bytes, len);
    return m;
}

/* A restart, also one by hand, needs the arguments again. */
static void keep_args(struct akt_actor *a)
{
    struct akt_msg *m = a->start;
    a->start = NULL;
    if (m && !a->args.word && m->size && has_init(a))
        a->args = akt_start_args_of(m->body, m->size);
    akt_msg_free(m);
}

static bool start_turn(struct akt_isolate *iso, struct akt_actor *a,
                       struct akt_turn *t)
{
    bool wakes = a->state == AKT_A_AWAY;
    a->todo &= (uint8_t)~AKT_DO_START;
    if (a->goal == AKT_GOAL_END && !starts_to_end(a) && !wakes)
        return false;
    akt_upgrade_at_start(a);
    const struct akt_kind *kind = akt_actor_kind(a);
    a->traps_exit = !kind->process && (kind->hooks & AKT_HOOK_EXIT);
    if (!a->start)
        a->start = start_again(a);
    if (wakes)
        akt_passivate_back(iso, a);
    akt_actor_set_state(a, AKT_A_INIT);
    a->busy = true;
    if (kind->process)
        akt_life_turn_done(iso, a, AKT_TURN_INIT); /* it has no init */
    t->kind =
        wakes && kind->hooks & AKT_HOOK_WAKE ? AKT_TURN_WAKE : AKT_TURN_INIT;
    t->actor = a;
    t->msg = a->start;
    t->reason = NULL;
    return true;
}

static void tell_spawner(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->start && a->start->ask) {
        struct akt_msg *ok = akt_msg_new(AKT_MSG_REPLY, 0);
        akt_reply(iso, a->self, a->start, ok);
    }
}

static void tell_restarted(struct akt_isolate *iso, struct akt_actor *a)
{
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    if (!a->ext || !a->end_reason)
        return;
    while ((e = akt_map_next(&a->ext->restart_watchers, &cursor)))
        akt_life_tell(iso, a, (akt_pid){e->value}, AKT_MSG_DOWN, e->key,
                      AKT_MSG_RESTARTED);
}

static void running(struct akt_isolate *iso, struct akt_actor *a)
{
    akt_actor_set_state(a, AKT_A_RUNNING);
    a->started = true;
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    tell_spawner(iso, a);
    if (!a->restarts && akt_event_wanted(iso->node, AKT_EV_START))
        akt_event(iso->node, AKT_EV_START, a->self, AKT_OK, 0);
    if (!akt_actor_kind(a)->process) /* which reads them after this */
        keep_args(a);
    if (a->restarts) { /* also when its first init was halted */
        tell_restarted(iso, a);
        akt_life_set_reason(a, NULL);
        akt_count(&iso->worker->stats.restarts);
        akt_count(&akt_kind_counts(iso->worker, a)->restarts);
        akt_event(iso->node, AKT_EV_RESTART, a->self, AKT_OK,
                  atomic_load_explicit(&a->restarts, memory_order_relaxed));
        akt_life_to_parent(iso, a, akt_msg_new(AKT_MSG_CHILD_READY, 0));
    }
    akt_passivate_begin(iso, a);
    akt_health_begin(iso, a);
    if ((a->mail_first || a->todo) && !a->busy)
        akt_isolate_ready(iso, a);
}

static void init_done(struct akt_isolate *iso, struct akt_actor *a)
{
    bool process = akt_actor_kind(a)->process;
    bool wakes = a->aside == AKT_ASIDE_WAKE;
    a->busy = process;
    a->aside = AKT_ASIDE_NONE;
    if (a->goal == AKT_GOAL_END) {
        a->started = true;
        akt_life_end_idle(iso, a);
        return;
    }
    if (wakes) {
        akt_passivate_woken(iso, a);
        return;
    }
    bool post = a->started && !process &&
                (akt_actor_kind(a)->hooks & AKT_HOOK_POST_RESTART);
    if (post) {
        akt_actor_set_state(a, AKT_A_POST);
        akt_life_go_on(iso, a);
        return;
    }
    running(iso, a);
}

/* ---- the turns of a life-cycle ---- */

static bool hook_turn(struct akt_actor *a, struct akt_turn *t)
{
    a->busy = true;
    t->actor = a;
    t->msg = a->ext ? a->ext->lost : NULL;
    t->reason = a->end_reason;
    t->kind = a->state == AKT_A_POST        ? AKT_TURN_POST_RESTART
              : a->goal == AKT_GOAL_RESTART ? AKT_TURN_PRE_RESTART
                                            : AKT_TURN_TERMINATE;
    return true;
}

static bool unwind_turn(struct akt_actor *a, struct akt_turn *t)
{
    a->todo &= (uint8_t) ~(AKT_DO_UNWIND | AKT_DO_RESUME);
    if (!a->fiber)
        return false;
    a->parked = a->receiving = false;
    akt_actor_set_activity(a, AKT_IDLE);
    t->kind = AKT_TURN_UNWIND;
    t->actor = a;
    t->msg = a->current;
    t->reason = a->end_reason;
    return true;
}

bool akt_life_step(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_turn *t)
{
    if (a->todo & AKT_DO_UNWIND)
        return unwind_turn(a, t);
    if (a->todo & AKT_DO_START)
        return start_turn(iso, a, t);
    a->todo &= (uint8_t)~AKT_DO_LIFE;
    switch ((enum akt_state)a->state) {
    case AKT_A_CHILDREN:
        akt_life_child_ended(iso, a);
        return false;
    case AKT_A_HOOK:
    case AKT_A_POST:
        return hook_turn(a, t);
    case AKT_A_DELAY:
        a->todo |= AKT_DO_START;
        return start_turn(iso, a, t);
    case AKT_A_ENDING:
        if (!akt_life_end_step(iso, a))
            akt_life_go_on(iso, a);
        return false;
    default:
        return false;
    }
}

void akt_life_turn_done(struct akt_isolate *iso, struct akt_actor *a,
                        enum akt_turn_kind kind)
{
    akt_life_free_msgs(a->current);
    a->current = NULL;
    a->slices = 0;
    switch ((enum akt_state)a->state) {
    case AKT_A_INIT:
        init_done(iso, a);
        break;
    case AKT_A_POST:
        a->busy = false;
        running(iso, a);
        break;
    case AKT_A_HOOK:
        a->busy = false;
        if (akt_has_strands(a))
            akt_strand_drop(iso, a, AKT_NOPROC);
        akt_pending_close_type(iso, a, AKT_P_GRACE);
        if (a->goal == AKT_GOAL_RESTART)
            akt_life_halted(iso, a);
        else
            akt_life_begin_ending(iso, a);
        break;
    case AKT_A_FINISHING:
        a->busy = false;
        a->started = true; /* if it was init that could finish */
        akt_life_to_children(iso, a);
        break;
    default: /* a handler that went on after a wait; or a process unwound */
        a->busy = false;
        if (a->extras & AKT_X_PASSIVATE && kind == AKT_TURN_RESUME)
            akt_passivate_idle(iso, a);
        break;
    }
}

static enum akt_action action_for(const struct akt_actor *a, const char *code)
{
    const struct akt_on_error *e = a->spec ? a->spec->on_error : NULL;
    for (; e && code; e = e->next)
        if (strcmp(e->code, code) == 0 || strcmp(e->code, "*") == 0)
            return e->action;
    return AKT_ACT_DEFAULT;
}

static void ask_parent(struct akt_isolate *iso, struct akt_actor *a,
                       enum akt_action action, char *text, uint32_t len)
{
    struct akt_msg *m =
        akt_msg_new(AKT_MSG_CHILD_FAILED, sizeof(struct akt_failure_note));
    struct akt_failure_note note = {akt_reason_ref(a->end_reason), text, len,
                                    (uint8_t)action};
    memcpy(m->body, &note, sizeof note);
    akt_life_to_parent(iso, a, m);
}

void akt_life_fail(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_reason *reason, const char *code, char *text,
                   uint32_t len)
{
    enum akt_action action = action_for(a, code);
    if (a->state == AKT_A_AWAY)
        akt_passivate_gone(iso, a);
    bool can_resume = !akt_actor_kind(a)->process && a->state == AKT_A_RUNNING;
    if ((action == AKT_ACT_RESUME || action == AKT_ACT_SUSPEND) && can_resume) {
        bool resumes = action == AKT_ACT_RESUME;
        akt_life_report(iso, text, len,
                        resumes ? "none: resumed with its state"
                                : "none: suspended with its state");
        akt_free(text, len);
        akt_reason_unref(reason);
        akt_life_free_lost(a);
        if (!resumes)
            akt_life_suspend(iso, a);
        return;
    }
    if (akt_has_strands(a)) {
        akt_strand_drop(iso, a, AKT_CRASH);
        a->aside = AKT_ASIDE_NONE; /* its task has failed, and it is gone */
    }
    bool ends = action == AKT_ACT_STOP ||
                (action != AKT_ACT_RESTART && action != AKT_ACT_ESCALATE &&
                 a->restart_type == AKT_TEMPORARY);
    akt_life_set_reason(a, reason);
    if (ends) {
        akt_life_report(iso, text, len,
                        a->is_main ? "none: the program ends"
                                   : "none: it is temporary");
        akt_free(text, len);
        a->goal = AKT_GOAL_END;
        akt_life_to_children(iso, a);
        return;
    }
    akt_actor_set_state(a, AKT_A_DOWN);
    ask_parent(iso, a, action, text, len);
}

void akt_life_turn_failed(struct akt_isolate *iso, struct akt_actor *a,
                          enum akt_turn_kind kind, struct akt_reason *reason,
                          const char *code, char *text, uint32_t len)
{
    (void)kind;
    enum akt_state state = (enum akt_state)a->state;
    if (state == AKT_A_INIT && !a->started) {
        akt_life_init_failed(iso, a, reason, text, len);
    } else if (a->aside == AKT_ASIDE_WAKE && state == AKT_A_INIT) {
        akt_passivate_failed(iso, a, reason, code, text, len);
    } else if (state == AKT_A_HOOK) {
        /* reported once; what was under way goes on */
        akt_life_report(iso, text, len, "none: it was ending");
        akt_free(text, len);
        akt_reason_unref(reason);
        akt_life_turn_done(iso, a, kind);
    } else if (state == AKT_A_FINISHING) {
        akt_life_report(iso, text, len, "none: it was being stopped");
        akt_free(text, len);
        akt_reason_unref(reason);
        akt_life_to_children(iso, a);
    } else {
        akt_pending_close_type(iso, a, AKT_P_GRACE);
        akt_life_fail(iso, a, reason, code, text, len);
    }
}

/* ---- stop, kill, exit ---- */

/* One that is being stopped gets no more messages, so a receive without a
 * limit of its own cannot end well: there is nothing to give it time for. */
static bool waits_in_vain(const struct akt_actor *a)
{
    if (!a->parked || !a->receiving || a->todo & AKT_DO_RESUME)
        return false;
    for (const struct akt_pending *p = a->pendings; p; p = p->next)
        if (akt_strand_awaits(a, p) && !p->inherited)
            return false;
    return akt_strand_handlers(a) == 1;
}

static void cut_short(struct akt_isolate *iso, struct akt_actor *a)
{
    akt_life_drop_handler(iso, a, AKT_NOPROC);
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    akt_life_end_idle(iso, a);
}

static void finish_handler(struct akt_isolate *iso, struct akt_actor *a,
                           uint32_t grace_ms)
{
    akt_actor_set_state(a, AKT_A_FINISHING);
    if (!akt_actor_kind(a)->process && waits_in_vain(a)) {
        cut_short(iso, a);
        return;
    }
    akt_pending_close_type(iso, a, AKT_P_GRACE); /* an upgrade's */
    if (grace_ms != AKT_SHUTDOWN_FOREVER)
        akt_life_grace(iso, a, grace_ms);
    if (akt_actor_kind(a)->process && a->parked) {
        a->todo |= AKT_DO_UNWIND;
        akt_isolate_ready(iso, a);
    }
}

void akt_life_stop(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_reason *reason, uint32_t grace_ms)
{
    if (a->goal == AKT_GOAL_END) {
        akt_reason_unref(reason);
        return;
    }
    bool mid_restart = a->goal == AKT_GOAL_RESTART &&
                       (a->state == AKT_A_CHILDREN || a->state == AKT_A_HOOK);
    a->goal = AKT_GOAL_END;
    akt_life_set_reason(a, reason);
    akt_pending_close_type(iso, a, AKT_P_BACKOFF);
    switch ((enum akt_state)a->state) {
    case AKT_A_NEW:
        if (starts_to_end(a))
            break;
        /* fall through */
    case AKT_A_HALTED:
    case AKT_A_DELAY:
        a->killed = true; /* there is no state to terminate */
        akt_life_end_idle(iso, a);
        break;
    case AKT_A_DOWN:
    case AKT_A_SUSPENDED:
        akt_life_end_idle(iso, a);
        break;
    case AKT_A_AWAY:
        akt_passivate_stop(iso, a, grace_ms);
        break;
    case AKT_A_INIT:
    case AKT_A_POST:
    case AKT_A_RUNNING:
        if (a->busy && akt_strand_handlers(a))
            finish_handler(iso, a, grace_ms);
        else
            akt_life_end_idle(iso, a);
        break;
    default:
        assert(mid_restart); /* goes on where it is, to the other goal */
        (void)mid_restart;
        break;
    }
}

/* main is ended by others: whoever reads the terminal wants to know why. */
static void report_main(struct akt_isolate *iso, const struct akt_actor *a,
                        const struct akt_reason *reason)
{
    char text[160];
    bool well = reason->code == AKT_NORMAL || reason->code == AKT_SHUTDOWN;
    if (well || akt_node_is_exiting(iso->node))
        return;
    int n = snprintf(text, sizeof text, "error[%s]: <main#%" PRIu64 "> %s\n",
                     akt_code_name(reason->code), akt_pid_serial(a->self),
                     reason->code == AKT_KILLED ? "was killed"
                                                : "ended with an actor it is "
                                                  "linked to");
    akt_life_report(iso, text, (uint32_t)n, "none: the program ends");
}

void akt_life_kill(struct akt_isolate *iso, struct akt_actor *a)
{
    bool was_ending = a->goal == AKT_GOAL_END;
    enum akt_state state = (enum akt_state)a->state;
    if (state == AKT_A_ENDING)
        return;
    akt_life_drop_handler(iso, a, AKT_CRASH);
    a->killed = true;
    if (!was_ending && state == AKT_A_NEW && a->start && !has_init(a)) {
        a->todo &= (uint8_t)~AKT_DO_START;
        akt_life_fail(iso, a, akt_reason_of(AKT_KILLED), NULL, NULL, 0);
        return;
    }
    if (was_ending || state == AKT_A_NEW || !a->started) {
        a->goal = AKT_GOAL_END;
        if (!was_ending)
            akt_life_set_reason(a, akt_reason_of(AKT_KILLED));
        if (state == AKT_A_HOOK)
            akt_life_begin_ending(iso, a);
        else if (state != AKT_A_CHILDREN)
            akt_life_end_idle(iso, a);
        return;
    }
    if (state == AKT_A_HOOK)
        akt_life_halted(iso, a); /* it was in pre_restart */
    if (state == AKT_A_HOOK || state == AKT_A_CHILDREN)
        return; /* on its way to a restart, which is what follows anyway */
    if (a->is_main)
        report_main(iso, a, akt_reason_of(AKT_KILLED));
    if (state != AKT_A_DOWN && state != AKT_A_DELAY && state != AKT_A_HALTED)
        akt_life_fail(iso, a, akt_reason_of(AKT_KILLED), NULL, NULL, 0);
}

bool akt_life_restarts(const struct akt_actor *a,
                       const struct akt_reason *reason)
{
    return a->restart_type == AKT_PERMANENT ||
           (a->restart_type == AKT_TRANSIENT && reason->code != AKT_NORMAL &&
            reason->code != AKT_SHUTDOWN);
}

void akt_life_exit(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_reason *reason)
{
    if (a->goal == AKT_GOAL_END) {
        akt_reason_unref(reason);
        if (a->state == AKT_A_FINISHING)
            akt_life_end_idle(iso, a);
        return;
    }
    akt_life_drop_handler(iso, a, AKT_CRASH);
    /* relaxed: a restart in a program that ends is useless, not wrong */
    if (a->is_main)
        report_main(iso, a, reason);
    bool restarts = akt_life_restarts(a, reason) && a->started &&
                    !akt_node_is_exiting(iso->node);
    if (restarts) {
        akt_life_fail(iso, a, reason, NULL, NULL, 0);
        return;
    }
    a->goal = AKT_GOAL_END;
    akt_life_set_reason(a, reason);
    akt_life_end_idle(iso, a);
}

static void apply_queued_exit(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_msg *prev = NULL, *m;
    a->exit_queued = false;
    while ((m = prev ? prev->next : a->mail_first)) {
        bool ends = (m->type == AKT_MSG_STOP && akt_actor_kind(a)->process) ||
                    (m->type == AKT_MSG_EXIT && !a->traps_exit);
        if (!ends) {
            prev = m;
            continue;
        }
        akt_mailbox_take(iso, a, prev);
        /* ends the actor, unless the link has been given up since */
        (void)akt_message_taken(iso, a, m);
        akt_msg_free(m);
        if (a->goal != AKT_GOAL_NONE || a->state == AKT_A_DOWN)
            return;
    }
}

void akt_life_waits(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->state == AKT_A_FINISHING) {
        if (akt_actor_kind(a)->process) {
            a->todo |= AKT_DO_UNWIND;
            akt_isolate_ready(iso, a);
        } else if (waits_in_vain(a)) {
            cut_short(iso, a);
        }
    } else if (a->exit_queued && !a->receiving) {
        apply_queued_exit(iso, a);
    }
}

void akt_life_due(struct akt_isolate *iso, struct akt_actor *a,
                  enum akt_pending_type type)
{
    if (type == AKT_P_BACKOFF) {
        akt_life_go_on(iso, a);
    } else if (type == AKT_P_CHILD) {
        if (a->state == AKT_A_CHILDREN && a->youngest)
            akt_supervise_kill_child(iso, a, a->youngest);
    } else if (a->state == AKT_A_FINISHING || a->state == AKT_A_HOOK) {
        bool restart = a->goal == AKT_GOAL_RESTART;
        bool hook = a->state == AKT_A_HOOK;
        akt_life_drop_handler(iso, a, AKT_NOPROC);
        if (hook)
            akt_life_report_overrun(iso, a);
        if (hook && restart) {
            akt_life_halted(iso, a);
        } else if (hook) {
            akt_life_begin_ending(iso, a);
        } else {
            a->killed = true; /* its time to stop in order is over */
            akt_life_set_reason(a, akt_reason_of(AKT_KILLED));
            akt_life_end_idle(iso, a);
        }
    } else if (a->state == AKT_A_INIT) {
        akt_event(iso->node, AKT_EV_CRASH, a->self, AKT_TIMEOUT, 0);
        akt_crash_note(iso, a, AKT_TIMEOUT, "init took too long");
        bool waking = a->aside == AKT_ASIDE_WAKE;
        akt_life_drop_handler(iso, a, AKT_CRASH);
        struct akt_reason *why = akt_reason_of(AKT_TIMEOUT);
        if (!a->started)
            akt_life_init_failed(iso, a, why, NULL, 0);
        else if (waking)
            akt_passivate_failed(iso, a, why, "timeout", NULL, 0);
        else
            akt_life_fail(iso, a, why, "timeout", NULL, 0);
    } else if (a->upgrading) {
        akt_upgrade_overdue(iso, a);
    } else if (a->aside == AKT_ASIDE_IDLE) {
        akt_passivate_overdue(iso, a);
    } else if (a->state == AKT_A_RUNNING) {
        akt_upgrade_give_up(iso, a);
    }
}

/* ---- children, terminate ---- */

void akt_life_child_ended(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->state != AKT_A_CHILDREN)
        return;
    akt_pending_close_type(iso, a, AKT_P_CHILD);
    struct akt_actor *child = a->youngest;
    if (!child) {
        after_children(iso, a);
        return;
    }
    if (child->shutdown_ms != AKT_SHUTDOWN_FOREVER && child->shutdown_ms)
        /* the child keeps its own time; this is for one that cannot */
        akt_pending_open(iso, a, AKT_P_CHILD,
                         akt_node_now(iso->node) +
                             (child->shutdown_ms + 1000ull) * MS);
    if (child->child_state != AKT_C_STOPPING)
        akt_supervise_stop_child(iso, a, child, akt_reason_of(AKT_SHUTDOWN));
}

static void after_children(struct akt_isolate *iso, struct akt_actor *a)
{
    uint32_t hooks = akt_actor_kind(a)->hooks;
    bool restart = a->goal == AKT_GOAL_RESTART;
    bool has_hook =
        !a->killed && a->started &&
        ((!restart && a->wants_hook) ||
         (hooks & (restart ? AKT_HOOK_PRE_RESTART : AKT_HOOK_TERMINATE)));
    if (has_hook) {
        akt_actor_set_state(a, AKT_A_HOOK);
        akt_life_grace(iso, a, AKT_SHUTDOWN_MS);
        akt_life_go_on(iso, a);
    } else if (restart) {
        akt_life_halted(iso, a);
    } else {
        akt_life_begin_ending(iso, a);
    }
}
