/* SPDX-License-Identifier: MIT */
#include "vm/life.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/deadlock.h"
#include "vm/names.h"
#include "vm/node.h"
#include "vm/send.h"

#define MS 1000000ull

static void after_children(struct akt_isolate *iso, struct akt_actor *a);
static void begin_ending(struct akt_isolate *iso, struct akt_actor *a);

static void go_on(struct akt_isolate *iso, struct akt_actor *a)
{
    a->todo |= AKT_DO_LIFE;
    akt_isolate_ready(iso, a);
}

static void grace(struct akt_isolate *iso, struct akt_actor *a, uint64_t ms)
{
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    akt_pending_open(iso, a, AKT_P_GRACE, akt_node_now(iso->node) + ms * MS);
}

/* The way to the end, or to a restart, when no handler is in progress. An
 * actor whose start has not come yet waits for that: its parent may not know
 * of it before. */
static void end_idle(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->state == AKT_A_NEW && !a->start)
        return;
    a->todo &= (uint8_t)~AKT_DO_START;
    a->state = AKT_A_CHILDREN;
    go_on(iso, a);
}

static void to_parent(struct akt_isolate *iso, struct akt_actor *a,
                      struct akt_msg *m)
{
    m->sender = a->self;
    m->target.bits = atomic_load_explicit(&a->parent, memory_order_relaxed);
    akt_post(iso->node, iso, m);
}

static void set_reason(struct akt_actor *a, struct akt_reason *reason)
{
    akt_reason_unref(a->end_reason);
    a->end_reason = reason;
}

static void report(struct akt_isolate *iso, const char *text, uint32_t len,
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

/* ---- dropping what an actor was doing ---- */

static void free_list(struct akt_msg *m)
{
    while (m) {
        struct akt_msg *next = m->next;
        akt_msg_free(m);
        m = next;
    }
}

static void free_lost(struct akt_actor *a)
{
    if (!a->ext)
        return;
    akt_msg_free(a->ext->lost);
    a->ext->lost = NULL;
}

void akt_life_lose(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_msg *m, enum akt_code why)
{
    bool wanted = m->type == AKT_MSG_USER && why == AKT_CRASHED &&
                  akt_actor_kind(a)->hooks & AKT_HOOK_PRE_RESTART &&
                  !akt_actor_ext(a)->lost;
    if (wanted) {
        akt_dead_letter(iso->node, m, why);
        m->next = NULL;
        a->ext->lost = m;
    } else if (m->type == AKT_MSG_USER) {
        akt_bounce(iso->node, iso, m, why);
    } else {
        akt_msg_free(m);
    }
}

void akt_life_drop_handler(struct akt_isolate *iso, struct akt_actor *a,
                           enum akt_code code)
{
    if (a->fiber)
        iso->host->drop_fiber(iso, a);
    a->fiber = NULL;
    a->busy = a->parked = a->preempted = a->receiving = false;
    a->todo &= (uint8_t)~(AKT_DO_RESUME | AKT_DO_UNWIND);
    akt_edge_clear(a);
    akt_pending_close_type(iso, a, AKT_P_CALL);
    struct akt_msg *m;
    while ((m = a->current)) {
        a->current = m->next;
        akt_reply_error(iso->node, iso, a->self, m, code,
                        akt_reason_of(code));
        akt_life_lose(iso, a, m, code == AKT_CRASH ? AKT_CRASHED : AKT_STOPPED);
    }
}

/* Replies that a handler put off are due from nobody now. */
static void fail_deferred(struct akt_isolate *iso, struct akt_actor *a,
                          enum akt_code code)
{
    if (!a->ext)
        return;
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    while ((e = akt_map_next(&a->ext->deferred, &cursor))) {
        struct akt_msg *m = (struct akt_msg *)(uintptr_t)e->value;
        akt_reply_error(iso->node, iso, a->self, m, code, akt_reason_of(code));
        akt_msg_free(m);
    }
    akt_map_fini(&a->ext->deferred);
}

/* Gives up to *left of its monitors up; true: all are. */
static bool drop_monitors(struct akt_isolate *iso, struct akt_actor *a,
                          uint32_t *left)
{
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    if (!a->ext)
        return true;
    while (*left && (e = akt_map_next(&a->ext->watching, &cursor))) {
        struct akt_msg *m = akt_msg_new(AKT_MSG_DEMONITOR, 0);
        m->sender = a->self;
        m->target.bits = e->value;
        m->ask = e->key;
        akt_map_remove(&a->ext->watching, e->key);
        akt_post(iso->node, iso, m);
        (*left)--;
    }
    return a->ext->watching.len == 0;
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
        end_idle(iso, a); /* a stop or a kill has overtaken the start */
        return;
    }
    a->todo |= AKT_DO_START;
    akt_isolate_ready(iso, a);
}

static struct akt_msg *start_again(const struct akt_actor *a)
{
    uint32_t len = a->args ? a->args->len : 0;
    struct akt_msg *m = akt_msg_new(AKT_MSG_START, len);
    if (len)
        memcpy(m->body, a->args->bytes, len);
    return m;
}

/* A restart, also one by hand, needs the arguments again. */
static void keep_args(struct akt_actor *a)
{
    struct akt_msg *m = a->start;
    a->start = NULL;
    if (m && !a->args && m->size && has_init(a)) {
        a->args = akt_alloc(sizeof *a->args + m->size);
        a->args->len = m->size;
        memcpy(a->args->bytes, m->body, m->size);
    }
    akt_msg_free(m);
}

static void free_args(struct akt_actor *a)
{
    if (a->args)
        akt_free(a->args, sizeof *a->args + a->args->len);
    a->args = NULL;
}

static bool start_turn(struct akt_isolate *iso, struct akt_actor *a,
                       struct akt_turn *t)
{
    a->todo &= (uint8_t)~AKT_DO_START;
    if (a->goal == AKT_GOAL_END && !starts_to_end(a))
        return false;
    const struct akt_kind *kind = akt_actor_kind(a);
    a->traps_exit = !kind->process && (kind->hooks & AKT_HOOK_EXIT);
    if (!a->start)
        a->start = start_again(a);
    a->state = AKT_A_INIT;
    a->busy = true;
    if (kind->process)
        akt_life_turn_done(iso, a, AKT_TURN_INIT); /* it has no init */
    t->kind = AKT_TURN_INIT;
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

static void tell(struct akt_isolate *iso, struct akt_actor *a, akt_pid to,
                 enum akt_msg_type type, uint64_t ref, uint8_t flags);

static void tell_restarted(struct akt_isolate *iso, struct akt_actor *a)
{
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    if (!a->ext || !a->end_reason)
        return;
    while ((e = akt_map_next(&a->ext->restart_watchers, &cursor)))
        tell(iso, a, (akt_pid){e->value}, AKT_MSG_DOWN, e->key,
             AKT_MSG_RESTARTED);
}

static void running(struct akt_isolate *iso, struct akt_actor *a)
{
    a->state = AKT_A_RUNNING;
    a->started = true;
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    tell_spawner(iso, a);
    if (!akt_actor_kind(a)->process) /* which reads them after this */
        keep_args(a);
    if (a->restarts) { /* also when its first init was halted */
        tell_restarted(iso, a);
        set_reason(a, NULL);
        akt_count(&iso->worker->stats.restarts);
        to_parent(iso, a, akt_msg_new(AKT_MSG_CHILD_READY, 0));
    }
    if (a->mail_first && !a->busy)
        akt_isolate_ready(iso, a);
}

static void init_done(struct akt_isolate *iso, struct akt_actor *a)
{
    bool process = akt_actor_kind(a)->process;
    a->busy = process;
    if (a->goal == AKT_GOAL_END) {
        a->started = true;
        end_idle(iso, a);
        return;
    }
    bool post = a->started && !process &&
                (akt_actor_kind(a)->hooks & AKT_HOOK_POST_RESTART);
    if (post) {
        a->state = AKT_A_POST;
        go_on(iso, a);
        return;
    }
    running(iso, a);
}

/* The spawner is told that there is nothing to be tied to: spawn raises, and
 * no exit or down follows. */
static void refuse_spawner(struct akt_isolate *iso, struct akt_actor *a,
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

/* The first init failed: the spawner is told and nothing restarts. */
static void init_failed(struct akt_isolate *iso, struct akt_actor *a,
                        struct akt_reason *reason, char *text, uint32_t len)
{
    if (a->start && a->start->ask)
        refuse_spawner(iso, a, AKT_INIT_FAILED, akt_reason_ref(reason));
    else
        report(iso, text, len, "none: init failed at the first start");
    akt_free(text, len);
    a->killed = true; /* there is no state to terminate */
    a->goal = AKT_GOAL_END;
    set_reason(a, reason);
    go_on(iso, a);
    a->state = AKT_A_CHILDREN;
}

/* ---- the turns of a life-cycle ---- */

static bool hook_turn(struct akt_actor *a, struct akt_turn *t)
{
    a->busy = true;
    t->actor = a;
    t->msg = a->ext ? a->ext->lost : NULL;
    t->reason = a->end_reason;
    t->kind = a->state == AKT_A_POST           ? AKT_TURN_POST_RESTART
              : a->goal == AKT_GOAL_RESTART    ? AKT_TURN_PRE_RESTART
                                               : AKT_TURN_TERMINATE;
    return true;
}

static bool unwind_turn(struct akt_actor *a, struct akt_turn *t)
{
    a->todo &= (uint8_t)~(AKT_DO_UNWIND | AKT_DO_RESUME);
    if (!a->fiber)
        return false;
    a->parked = a->receiving = false;
    t->kind = AKT_TURN_UNWIND;
    t->actor = a;
    t->msg = a->current;
    t->reason = a->end_reason;
    return true;
}

static bool end_step(struct akt_isolate *iso, struct akt_actor *a);

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
        if (!end_step(iso, a))
            go_on(iso, a);
        return false;
    default:
        return false;
    }
}

static void halted(struct akt_isolate *iso, struct akt_actor *a);

void akt_life_turn_done(struct akt_isolate *iso, struct akt_actor *a,
                        enum akt_turn_kind kind)
{
    free_list(a->current);
    a->current = NULL;
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
        akt_pending_close_type(iso, a, AKT_P_GRACE);
        if (a->goal == AKT_GOAL_RESTART)
            halted(iso, a);
        else
            begin_ending(iso, a);
        break;
    case AKT_A_FINISHING:
        a->busy = false;
        a->started = true; /* if it was init that could finish */
        a->state = AKT_A_CHILDREN;
        go_on(iso, a);
        break;
    default: /* a handler that went on after a wait; or a process unwound */
        a->busy = false;
        break;
    }
    (void)kind;
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
    struct akt_msg *m = akt_msg_new(AKT_MSG_CHILD_FAILED,
                                    sizeof(struct akt_failure_note));
    struct akt_failure_note note = {akt_reason_ref(a->end_reason), text, len,
                                    (uint8_t)action};
    memcpy(m->body, &note, sizeof note);
    to_parent(iso, a, m);
}

void akt_life_fail(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_reason *reason, const char *code, char *text,
                   uint32_t len)
{
    enum akt_action action = action_for(a, code);
    bool can_resume =
        !akt_actor_kind(a)->process && a->state == AKT_A_RUNNING;
    if (action == AKT_ACT_RESUME && can_resume) {
        report(iso, text, len, "none: resumed with its state");
        akt_free(text, len);
        akt_reason_unref(reason);
        free_lost(a);
        return;
    }
    bool ends = action == AKT_ACT_STOP ||
                (action != AKT_ACT_RESTART && action != AKT_ACT_ESCALATE &&
                 a->restart_type == AKT_TEMPORARY);
    set_reason(a, reason);
    if (ends) {
        report(iso, text, len, a->is_main ? "none: the program ends"
                                          : "none: it is temporary");
        akt_free(text, len);
        a->goal = AKT_GOAL_END;
        a->state = AKT_A_CHILDREN;
        go_on(iso, a);
        return;
    }
    a->state = AKT_A_DOWN;
    ask_parent(iso, a, action, text, len);
}

void akt_life_turn_failed(struct akt_isolate *iso, struct akt_actor *a,
                          enum akt_turn_kind kind, struct akt_reason *reason,
                          const char *code, char *text, uint32_t len)
{
    (void)kind;
    enum akt_state state = (enum akt_state)a->state;
    if (state == AKT_A_INIT && !a->started) {
        init_failed(iso, a, reason, text, len);
    } else if (state == AKT_A_HOOK) {
        /* reported once; what was under way goes on */
        report(iso, text, len, "none: it was ending");
        akt_free(text, len);
        akt_reason_unref(reason);
        akt_life_turn_done(iso, a, kind);
    } else if (state == AKT_A_FINISHING) {
        report(iso, text, len, "none: it was being stopped");
        akt_free(text, len);
        akt_reason_unref(reason);
        a->state = AKT_A_CHILDREN;
        go_on(iso, a);
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
        if (p->type == AKT_P_CALL && p->awaited && !p->inherited)
            return false;
    return true;
}

static void cut_short(struct akt_isolate *iso, struct akt_actor *a)
{
    akt_life_drop_handler(iso, a, AKT_NOPROC);
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    end_idle(iso, a);
}

static void finish_handler(struct akt_isolate *iso, struct akt_actor *a,
                           uint32_t grace_ms)
{
    a->state = AKT_A_FINISHING;
    if (!akt_actor_kind(a)->process && waits_in_vain(a)) {
        cut_short(iso, a);
        return;
    }
    if (grace_ms != AKT_SHUTDOWN_FOREVER)
        grace(iso, a, grace_ms);
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
    set_reason(a, reason);
    akt_pending_close_type(iso, a, AKT_P_BACKOFF);
    switch ((enum akt_state)a->state) {
    case AKT_A_NEW:
        if (starts_to_end(a))
            break;
        /* fall through */
    case AKT_A_HALTED:
    case AKT_A_DELAY:
        a->killed = true; /* there is no state to terminate */
        end_idle(iso, a);
        break;
    case AKT_A_DOWN:
        end_idle(iso, a);
        break;
    case AKT_A_INIT:
    case AKT_A_POST:
    case AKT_A_RUNNING:
        if (a->busy)
            finish_handler(iso, a, grace_ms);
        else
            end_idle(iso, a);
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
    if (well || atomic_load_explicit(&iso->node->exiting, memory_order_relaxed))
        return;
    int n = snprintf(text, sizeof text, "error[%s]: <main#%" PRIu64 "> %s\n",
                     akt_code_name(reason->code), akt_pid_serial(a->self),
                     reason->code == AKT_KILLED ? "was killed"
                                                : "ended with an actor it is "
                                                  "linked to");
    report(iso, text, (uint32_t)n, "none: the program ends");
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
            set_reason(a, akt_reason_of(AKT_KILLED));
        if (state == AKT_A_HOOK)
            begin_ending(iso, a);
        else if (state != AKT_A_CHILDREN)
            end_idle(iso, a);
        return;
    }
    if (state == AKT_A_HOOK)
        halted(iso, a); /* it was in pre_restart */
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
            end_idle(iso, a);
        return;
    }
    akt_life_drop_handler(iso, a, AKT_CRASH);
    /* relaxed: a restart in a program that ends is useless, not wrong */
    if (a->is_main)
        report_main(iso, a, reason);
    bool restarts = akt_life_restarts(a, reason) && a->started &&
                    !atomic_load_explicit(&iso->node->exiting,
                                          memory_order_relaxed);
    if (restarts) {
        akt_life_fail(iso, a, reason, NULL, NULL, 0);
        return;
    }
    a->goal = AKT_GOAL_END;
    set_reason(a, reason);
    end_idle(iso, a);
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

/* terminate or pre_restart is cut off: said once, and it goes on. */
static void report_overrun(struct akt_isolate *iso, const struct akt_actor *a)
{
    char text[160];
    int n = snprintf(text, sizeof text,
                     "error[timeout]: <%s#%" PRIu64 "> needs more than %d s "
                     "for its %s, which is cut off\n",
                     akt_actor_kind(a)->name, akt_pid_serial(a->self),
                     AKT_SHUTDOWN_MS / 1000,
                     a->goal == AKT_GOAL_RESTART ? "pre_restart"
                                                 : "terminate");
    report(iso, text, (uint32_t)n,
           a->goal == AKT_GOAL_RESTART ? "goes on" : "none: it was ending");
}

void akt_life_due(struct akt_isolate *iso, struct akt_actor *a,
                  enum akt_pending_type type)
{
    if (type == AKT_P_BACKOFF) {
        go_on(iso, a);
    } else if (type == AKT_P_CHILD) {
        if (a->state == AKT_A_CHILDREN && a->youngest)
            akt_supervise_kill_child(iso, a, a->youngest);
    } else if (a->state == AKT_A_FINISHING || a->state == AKT_A_HOOK) {
        bool restart = a->goal == AKT_GOAL_RESTART;
        bool hook = a->state == AKT_A_HOOK;
        akt_life_drop_handler(iso, a, AKT_NOPROC);
        if (hook)
            report_overrun(iso, a);
        if (hook && restart) {
            halted(iso, a);
        } else if (hook) {
            begin_ending(iso, a);
        } else {
            a->killed = true; /* its time to stop in order is over */
            set_reason(a, akt_reason_of(AKT_KILLED));
            end_idle(iso, a);
        }
    } else if (a->state == AKT_A_INIT) {
        akt_life_drop_handler(iso, a, AKT_CRASH);
        struct akt_reason *why = akt_reason_of(AKT_TIMEOUT);
        if (!a->started)
            init_failed(iso, a, why, NULL, 0);
        else
            akt_life_fail(iso, a, why, "timeout", NULL, 0);
    }
}

/* ---- restart ---- */

void akt_life_on_halt(struct akt_isolate *iso, struct akt_actor *a,
                      struct akt_msg *m)
{
    akt_msg_free(m);
    if (a->goal == AKT_GOAL_END)
        return;
    a->grouped = true;
    if (a->state == AKT_A_HALTED || a->state == AKT_A_DELAY) {
        akt_pending_close_type(iso, a, AKT_P_BACKOFF);
        a->state = AKT_A_HALTED;
        to_parent(iso, a, akt_msg_new(AKT_MSG_CHILD_HALTED, 0));
        return;
    }
    if (a->goal == AKT_GOAL_RESTART)
        return; /* it is on its way, and will say so */
    akt_life_drop_handler(iso, a, AKT_CRASH);
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    a->goal = AKT_GOAL_RESTART;
    if (!a->end_reason)
        set_reason(a, akt_reason_of(AKT_SHUTDOWN));
    end_idle(iso, a);
}

void akt_life_on_restart(struct akt_isolate *iso, struct akt_actor *a,
                         struct akt_msg *m)
{
    struct akt_restart_note note;
    memcpy(&note, m->body, sizeof note);
    akt_msg_free(m);
    a->restart_delay_ns = note.delay_ns;
    if (a->state == AKT_A_HALTED) {
        a->grouped = false;
        halted(iso, a);
    } else if (a->state == AKT_A_DOWN) {
        a->goal = AKT_GOAL_RESTART;
        end_idle(iso, a);
    }
}

void akt_life_on_restart_asked(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->goal != AKT_GOAL_NONE || a->is_main || a->guardian)
        return;
    if (a->state == AKT_A_DELAY) { /* now rather than later */
        akt_pending_close_type(iso, a, AKT_P_BACKOFF);
        go_on(iso, a);
        return;
    }
    if (a->state != AKT_A_RUNNING && a->state != AKT_A_DOWN)
        return;
    akt_life_drop_handler(iso, a, AKT_CRASH);
    a->restart_delay_ns = 0;
    a->goal = AKT_GOAL_RESTART;
    if (!a->end_reason)
        set_reason(a, akt_reason_of(AKT_SHUTDOWN));
    end_idle(iso, a);
}

/* The old state is gone; start again now, later, or when told. */
static void halted(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->state != AKT_A_HALTED) {
        fail_deferred(iso, a, AKT_CRASH);
        uint32_t all = UINT32_MAX;
        drop_monitors(iso, a, &all);
        akt_pending_close_all(iso, a);
        if (a->mail_first && a->mail_first->type == AKT_MSG_STOP)
            akt_msg_free(akt_mailbox_take(iso, a, NULL)); /* its own */
        akt_mailbox_unstash(iso, a, true);
        free_lost(a);
        iso->host->forget(iso, a, false);
        a->restarts++;
        a->killed = false;
        a->goal = AKT_GOAL_NONE;
        a->state = AKT_A_HALTED;
        if (a->grouped) {
            to_parent(iso, a, akt_msg_new(AKT_MSG_CHILD_HALTED, 0));
            return;
        }
    }
    a->state = AKT_A_DELAY;
    a->todo &= (uint8_t)~AKT_DO_LIFE; /* a step of the end is no step of this */
    if (a->restart_delay_ns)
        akt_pending_open(iso, a, AKT_P_BACKOFF,
                         akt_node_now(iso->node) + a->restart_delay_ns);
    else
        go_on(iso, a);
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
        a->state = AKT_A_HOOK;
        grace(iso, a, AKT_SHUTDOWN_MS);
        go_on(iso, a);
    } else if (restart) {
        halted(iso, a);
    } else {
        begin_ending(iso, a);
    }
}

/* ---- the end ---- */

static void free_name(struct akt_isolate *iso, struct akt_actor *a)
{
    if (!a->ext || !a->ext->name)
        return;
    akt_names_remove(iso->node->names, a->ext->name, a->self);
    akt_strfree(a->ext->name);
    a->ext->name = NULL;
}

static void begin_ending(struct akt_isolate *iso, struct akt_actor *a)
{
    a->state = AKT_A_ENDING;
    if (a->start && a->start->ask)
        refuse_spawner(iso, a, AKT_NOPROC, akt_reason_ref(a->end_reason));
    akt_pending_close_all(iso, a);
    free_name(iso, a);
    akt_edge_clear(a);
    /* release: pairs with the acquire in akt_actor_find; whoever sees the
     * actor gone sees its name free */
    atomic_store_explicit(&a->pid, 0, memory_order_release);
    fail_deferred(iso, a, AKT_NOPROC);
    akt_mailbox_unstash(iso, a, true);
    go_on(iso, a);
}

static void tell(struct akt_isolate *iso, struct akt_actor *a, akt_pid to,
                 enum akt_msg_type type, uint64_t ref, uint8_t flags)
{
    struct akt_msg *m =
        akt_msg_with_reason(type, akt_reason_ref(a->end_reason));
    m->flags |= flags;
    m->sender = a->self;
    m->target = to;
    m->ask = ref;
    akt_post(iso->node, iso, m);
}

/* Tells up to *left of the map's actors; true: all are told. */
static bool tell_some(struct akt_isolate *iso, struct akt_actor *a,
                      struct akt_map *map, enum akt_msg_type type,
                      uint32_t *left)
{
    /* the maps of one that has ended get no new entries, so each chunk goes
     * on where the last one stopped */
    uint32_t *cursor = &a->ext->end_cursor;
    struct akt_map_entry *e;
    if (!map->len)
        return true;
    while (*left && (e = akt_map_next(map, cursor))) {
        bool link = type == AKT_MSG_EXIT;
        akt_pid to = {link ? e->key : e->value};
        uint64_t ref = link ? 0 : e->key;
        akt_map_remove(map, e->key);
        tell(iso, a, to, type, ref, 0);
        (*left)--;
    }
    if (map->len)
        return false;
    *cursor = 0; /* for the next map */
    return true;
}

static bool bounce_some(struct akt_isolate *iso, struct akt_actor *a,
                        uint32_t *left)
{
    while (*left && a->mail_first) {
        struct akt_msg *m = akt_mailbox_take(iso, a, NULL);
        akt_bounce(iso->node, iso, m, AKT_STOPPED);
        (*left)--;
    }
    while (*left && a->ext && a->ext->over_first) {
        struct akt_msg *m = a->ext->over_first;
        a->ext->over_first = m->next;
        akt_bounce(iso->node, iso, m, AKT_STOPPED);
        (*left)--;
    }
    return !a->mail_first && !(a->ext && a->ext->over_first);
}

static void free_ext(struct akt_actor *a)
{
    struct akt_actor_ext *ext = a->ext;
    if (!ext)
        return;
    akt_map_fini(&ext->links);
    akt_map_fini(&ext->watchers);
    akt_map_fini(&ext->restart_watchers);
    akt_map_fini(&ext->watching);
    akt_map_fini(&ext->deferred);
    free_lost(a);
    akt_free(ext->restarts_ns, ext->restarts_cap * sizeof *ext->restarts_ns);
    akt_free(ext, sizeof *ext);
    a->ext = NULL;
}

void akt_spec_free(struct akt_spec *spec, const struct akt_host *host)
{
    if (!spec)
        return;
    while (spec->on_error) {
        struct akt_on_error *e = spec->on_error;
        spec->on_error = e->next;
        akt_strfree(e->code);
        akt_free(e, sizeof *e);
    }
    if (host->spec_fini)
        host->spec_fini(spec);
    akt_free(spec, sizeof *spec);
}

static void discard_ext(struct akt_actor *a)
{
    if (!a->ext)
        return;
    free_list(a->ext->over_first);
    free_list(a->ext->stash_first);
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    while ((e = akt_map_next(&a->ext->deferred, &cursor)))
        akt_msg_free((struct akt_msg *)(uintptr_t)e->value);
    akt_strfree(a->ext->name);
    free_ext(a);
}

void akt_life_discard(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->fiber && iso->host_data)
        iso->host->drop_fiber(iso, a);
    if (iso->host_data)
        iso->host->forget(iso, a, true);
    akt_pending_close_all(iso, a);
    free_list(a->mail_first);
    free_list(a->current);
    akt_msg_free(a->start);
    free_args(a);
    akt_reason_unref(a->end_reason);
    discard_ext(a);
    akt_spec_free(a->spec, akt_actor_kind(a)->host);
}

/* Ticks for nobody must not keep the program alive. */
static void close_own_timers(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_pending *p = a->pendings, *next;
    for (; p; p = next) {
        next = p->next;
        if (p->type == AKT_P_TIMER && akt_pid_eq(p->msg->target, a->self))
            akt_pending_close(iso, p);
    }
}

void akt_life_finished(struct akt_isolate *iso, struct akt_actor *a)
{
    a->finished = true;
    a->busy = false;
    a->fiber = NULL;
    akt_pending_close_type(iso, a, AKT_P_CALL);
    close_own_timers(iso, a);
    while (a->mail_first) {
        struct akt_msg *m = akt_mailbox_take(iso, a, NULL);
        if (m->type == AKT_MSG_USER)
            akt_bounce(iso->node, iso, m, AKT_FINISHED);
        else
            akt_msg_free(m);
    }
    if (a->state == AKT_A_FINISHING)
        end_idle(iso, a);
}

static void gone(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_node *node = iso->node;
    iso->host->forget(iso, a, true);
    free_ext(a);
    akt_spec_free(a->spec, akt_actor_kind(a)->host);
    a->spec = NULL;
    akt_msg_free(a->start);
    a->start = NULL;
    free_args(a);
    a->todo = 0;
    if (iso->batch == a)
        iso->batch = NULL;
    iso->actors--;
    akt_count(&iso->worker->stats.ended);
    akt_isolate_unplace(iso, a->weight);
    bool is_main = a->is_main, is_user = akt_pid_eq(a->self, node->user);
    bool well = a->end_reason->code == AKT_NORMAL ||
                a->end_reason->code == AKT_SHUTDOWN;
    /* from here on the record is the parent's */
    struct akt_msg *m = akt_msg_with_reason(AKT_MSG_CHILD_ENDED, a->end_reason);
    a->end_reason = NULL;
    a->state = AKT_A_FREE; /* it holds nothing more */
    bool has_parent =
        atomic_load_explicit(&a->parent, memory_order_relaxed) != 0;
    if (has_parent)
        to_parent(iso, a, m);
    else
        akt_msg_free(m);
    if (is_main)
        akt_node_exit(node, well ? 0 : 1);
    if (is_user)
        akt_sched_stop(node);
}

/* One chunk of the end; true: it is over. */
static bool end_step(struct akt_isolate *iso, struct akt_actor *a)
{
    uint32_t left = AKT_END_CHUNK;
    if (!drop_monitors(iso, a, &left))
        return false;
    if (a->ext &&
        (!tell_some(iso, a, &a->ext->links, AKT_MSG_EXIT, &left) ||
         !tell_some(iso, a, &a->ext->watchers, AKT_MSG_DOWN, &left)))
        return false;
    if (!bounce_some(iso, a, &left))
        return false;
    gone(iso, a);
    return true;
}
