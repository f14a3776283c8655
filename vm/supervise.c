/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/tape.h"
#include "vm/crash.h"
#include "vm/events.h"
#include "vm/life.h"
#include "vm/metrics.h"
#include "vm/node.h"
#include "vm/send.h"
#include "vm/watchdog.h"

#define MS 1000000ull
#define FATE_MAX 160

/* ---- the list of children ---- */

void akt_supervise_adopt(struct akt_actor *parent, struct akt_actor *child)
{
    child->younger = NULL;
    child->older = parent->youngest;
    if (child->older)
        child->older->younger = child;
    parent->youngest = child;
}

static void disown(struct akt_actor *parent, struct akt_actor *child)
{
    if (child->younger)
        child->younger->older = child->older;
    else
        parent->youngest = child->older;
    if (child->older)
        child->older->younger = child->younger;
}

static struct akt_actor *sender_of(struct akt_isolate *iso,
                                   const struct akt_msg *m)
{
    return akt_actor_slot(iso->node->actors, m->sender);
}

/* ---- notes to a child ---- */

static akt_pid child_pid(const struct akt_actor *child)
{
    /* relaxed: 0 once the child is ending, and then it needs no notes */
    return akt_actor_pid(child);
}

static void send_note(struct akt_isolate *iso, struct akt_actor *a,
                      struct akt_actor *child, struct akt_msg *m)
{
    m->sender = a->self;
    m->target = child_pid(child);
    akt_post(iso->node, iso, m);
}

void akt_supervise_kill_child(struct akt_isolate *iso, struct akt_actor *a,
                              struct akt_actor *child)
{
    /* a stop with no time at all */
    struct akt_msg *stop =
        akt_msg_with_reason(AKT_MSG_STOP, akt_reason_of(AKT_KILLED));
    stop->ask = 1;
    send_note(iso, a, child, stop);
}

void akt_supervise_stop_child(struct akt_isolate *iso, struct akt_actor *a,
                              struct akt_actor *child,
                              struct akt_reason *reason)
{
    child->child_state = AKT_C_STOPPING;
    if (child->shutdown_ms == 0) {
        akt_reason_unref(reason);
        akt_supervise_kill_child(iso, a, child);
        return;
    }
    struct akt_msg *m = akt_msg_with_reason(AKT_MSG_STOP, reason);
    bool forever = child->shutdown_ms == AKT_SHUTDOWN_FOREVER;
    m->ask = forever ? (uint64_t)AKT_SHUTDOWN_FOREVER + 1
                     : child->shutdown_ms + 1ull;
    send_note(iso, a, child, m);
}

static void send_restart(struct akt_isolate *iso, struct akt_actor *a,
                         struct akt_actor *child, uint64_t delay_ns)
{
    struct akt_restart_note note = {delay_ns};
    struct akt_msg *m = akt_msg_new(AKT_MSG_RESTART, sizeof note);
    memcpy(m->body, &note, sizeof note);
    child->child_state = AKT_C_STARTING;
    send_note(iso, a, child, m);
}

/* ---- the budget of restarts ---- */

static void grow_ring(struct akt_actor_ext *ext)
{
    uint32_t cap = ext->restarts_cap ? ext->restarts_cap * 2 : 8;
    uint64_t *ring = akt_alloc(cap * sizeof *ring);
    for (uint32_t i = 0; i < ext->restarts_len; i++)
        ring[i] = ext->restarts_ns[(ext->restarts_pos + i) % ext->restarts_cap];
    akt_free(ext->restarts_ns, ext->restarts_cap * sizeof *ring);
    ext->restarts_ns = ring;
    ext->restarts_cap = cap;
    ext->restarts_pos = 0;
}

/* Counts one restart; false: that is one too many. */
static bool spend(struct akt_actor *a, const struct akt_supervise *how,
                  uint64_t now_ns, uint32_t *count)
{
    struct akt_actor_ext *ext = akt_actor_ext(a);
    uint64_t window_ns = how->within_ms * MS;
    while (ext->restarts_len &&
           now_ns - ext->restarts_ns[ext->restarts_pos] > window_ns) {
        ext->restarts_pos = (ext->restarts_pos + 1) % ext->restarts_cap;
        ext->restarts_len--;
    }
    if (ext->restarts_len >= how->max)
        return false;
    if (ext->restarts_len == ext->restarts_cap)
        grow_ring(ext);
    ext->restarts_ns[(ext->restarts_pos + ext->restarts_len) %
                     ext->restarts_cap] = now_ns;
    *count = ++ext->restarts_len;
    return true;
}

/* The first restart is immediate; then the time doubles, with jitter so that
 * a group does not come back in step, until it has been well for a window. */
static uint64_t next_delay_ns(struct akt_isolate *iso, struct akt_actor *child,
                              const struct akt_supervise *how, uint64_t now_ns)
{
    /* in the future when it has been halted while it waited */
    bool is_back = now_ns > child->last_restart_ns;
    if (!child->last_restart_ns ||
        (is_back && now_ns - child->last_restart_ns > how->within_ms * MS))
        child->restarts_in_row = 0;
    uint32_t row = child->restarts_in_row;
    uint64_t delay_ns = 0;
    if (row > 0) {
        uint64_t max_ns = how->backoff_max_ms * MS;
        uint32_t doublings = row - 1 < 20 ? row - 1 : 20;
        delay_ns = how->backoff_ms * MS;
        delay_ns =
            delay_ns < max_ns >> doublings ? delay_ns << doublings : max_ns;
        if (delay_ns) /* 80 to 100 % */
            delay_ns -= akt_input(akt_world_random(iso->node->world)) %
                        (delay_ns / 5 + 1);
    }
    if (row < UINT16_MAX)
        child->restarts_in_row++;
    child->last_restart_ns = now_ns + delay_ns;
    return delay_ns;
}

/* ---- restarting a group ---- */

static bool is_halted(const struct akt_actor *c)
{
    return c->child_state == AKT_C_HALTED;
}

/* Halts one after the other, youngest first; true: all are. */
static bool group_halt(struct akt_isolate *iso, struct akt_actor *a)
{
    for (struct akt_actor *c = a->youngest; c; c = c->older) {
        if (!c->in_group || is_halted(c))
            continue;
        if (c->child_state == AKT_C_STOPPING)
            return false;
        if (c->restart_type == AKT_TEMPORARY) {
            akt_supervise_stop_child(iso, a, c, akt_reason_of(AKT_SHUTDOWN));
        } else if (c->child_state != AKT_C_HALTING) {
            c->child_state = AKT_C_HALTING;
            send_note(iso, a, c, akt_msg_new(AKT_MSG_HALT, 0));
        }
        return false;
    }
    return true;
}

static struct akt_actor *oldest_halted(struct akt_actor *a)
{
    struct akt_actor *found = NULL;
    for (struct akt_actor *c = a->youngest; c; c = c->older)
        if (c->in_group && is_halted(c))
            found = c;
    return found;
}

static bool group_waits_for_start(struct akt_actor *a)
{
    for (struct akt_actor *c = a->youngest; c; c = c->older)
        if (c->in_group && c->child_state == AKT_C_STARTING)
            return true;
    return false;
}

static void group_over(struct akt_actor *a)
{
    a->ext->group_active = a->ext->group_starting = false;
    for (struct akt_actor *c = a->youngest; c; c = c->older)
        c->in_group = false;
}

static void group_step(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_actor_ext *ext = a->ext;
    if (!ext || !ext->group_active)
        return;
    if (a->goal != AKT_GOAL_NONE || a->state == AKT_A_DOWN) {
        group_over(a);
        return;
    }
    if (!ext->group_starting && !group_halt(iso, a))
        return;
    ext->group_starting = true;
    if (group_waits_for_start(a))
        return;
    struct akt_actor *c = oldest_halted(a);
    if (!c) {
        group_over(a);
        return;
    }
    send_restart(iso, a, c, ext->group_delay_ns);
    ext->group_delay_ns = 0; /* the group waits once, not each of it */
}

static void group_begin(struct akt_isolate *iso, struct akt_actor *a,
                        struct akt_actor *failed, bool rest_only)
{
    struct akt_actor_ext *ext = akt_actor_ext(a);
    ext->group_active = true;
    ext->group_starting = false;
    ext->group_delay_ns = next_delay_ns(iso, failed, akt_actor_supervise(a),
                                        akt_node_now(iso->node));
    for (struct akt_actor *c = a->youngest; c; c = c->older) {
        /* a parked one comes back by hand only */
        c->in_group = c->child_state != AKT_C_PARKED;
        if (rest_only && c == failed)
            break;
    }
    group_step(iso, a);
}

/* ---- a child has failed ---- */

static void report(struct akt_isolate *iso, const struct akt_failure_note *note,
                   const char *fate)
{
    if (note->report && iso->node->on_report)
        iso->node->on_report(iso->node, note->report, note->report_len, fate);
}

static void restart(struct akt_isolate *iso, struct akt_actor *a,
                    struct akt_actor *child,
                    const struct akt_failure_note *note, uint32_t count)
{
    const struct akt_supervise *how = akt_actor_supervise(a);
    char fate[FATE_MAX];
    if (how->strategy != AKT_ONE_FOR_ONE) {
        snprintf(fate, sizeof fate, "%" PRIu32 " of %" PRIu32 ", %s", count,
                 how->max,
                 how->strategy == AKT_ONE_FOR_ALL
                     ? "with all its siblings"
                     : "with its younger siblings");
        report(iso, note, fate);
        group_begin(iso, a, child, how->strategy == AKT_REST_FOR_ONE);
        return;
    }
    uint64_t delay_ns = next_delay_ns(iso, child, how, akt_node_now(iso->node));
    if (delay_ns)
        snprintf(fate, sizeof fate, "%" PRIu32 " of %" PRIu32 ", in %.3f s",
                 count, how->max, (double)delay_ns / 1e9);
    else
        snprintf(fate, sizeof fate, "%" PRIu32 " of %" PRIu32 ", now", count,
                 how->max);
    report(iso, note, fate);
    send_restart(iso, a, child, delay_ns);
}

/* The actor itself fails, because of a child. */
static void escalate(struct akt_isolate *iso, struct akt_actor *a,
                     enum akt_code code)
{
    if (a->guardian) {
        akt_node_exit(iso->node, 1);
        return;
    }
    char *text = akt_alloc(FATE_MAX);
    memset(text, 0, FATE_MAX);
    snprintf(text, FATE_MAX, "error[%s]: <%s#%" PRIu64 "> fails: %s\n",
             akt_code_name(code), akt_actor_kind(a)->name,
             akt_pid_serial(a->self),
             code == AKT_RESTART_LIMIT ? "its children failed too often"
                                       : "a child's failure was escalated");
    akt_life_drop_handler(iso, a, AKT_CRASH);
    akt_count(&iso->worker->stats.crashes);
    akt_count(&akt_kind_counts(iso->worker, a)->crashes);
    akt_event(iso->node, AKT_EV_CRASH, a->self, code, 0);
    akt_crash_note(iso, a, code,
                   code == AKT_RESTART_LIMIT
                       ? "its children failed too often"
                       : "a child's failure was escalated");
    akt_life_fail(iso, a, akt_reason_of(code), akt_code_name(code), text,
                  FATE_MAX);
}

static void exhausted(struct akt_isolate *iso, struct akt_actor *a,
                      struct akt_actor *child, struct akt_failure_note *note)
{
    const struct akt_supervise *how = akt_actor_supervise(a);
    static const char *const words[] = {"its supervisor fails", "it is stopped",
                                        "it is parked"};
    char fate[FATE_MAX];
    snprintf(fate, sizeof fate,
             "none: the limit of %" PRIu32 " in %g s is reached, %s", how->max,
             how->within_ms / 1e3, words[how->exhausted]);
    report(iso, note, fate);
    if (how->exhausted == AKT_EXHAUSTED_PARK) {
        child->child_state = AKT_C_PARKED;
        akt_event(iso->node, AKT_EV_PARK, child_pid(child), note->reason->code,
                  0);
        group_step(iso, a); /* its group goes on without it */
    } else if (how->exhausted == AKT_EXHAUSTED_STOP) {
        akt_supervise_stop_child(iso, a, child, akt_reason_ref(note->reason));
    } else {
        escalate(iso, a, AKT_RESTART_LIMIT);
    }
}

void akt_supervise_on_failed(struct akt_isolate *iso, struct akt_actor *a,
                             struct akt_msg *m)
{
    struct akt_actor *child = sender_of(iso, m);
    struct akt_failure_note note;
    memcpy(&note, m->body, sizeof note);
    uint32_t count = 0;
    bool stopping = a->goal != AKT_GOAL_NONE || a->state == AKT_A_DOWN ||
                    child->child_state == AKT_C_STOPPING;
    if (child->child_state != AKT_C_STOPPING)
        child->child_state = AKT_C_FAILED;
    if (stopping) {
        report(iso, &note, "none: its parent is stopping");
    } else if (note.action == AKT_ACT_ESCALATE) {
        report(iso, &note, "none: escalated to its parent");
        escalate(iso, a, AKT_CRASH);
    } else if (spend(a, akt_actor_supervise(a), akt_node_now(iso->node),
                     &count)) {
        akt_watchdog_restarted(iso, a);
        restart(iso, a, child, &note, count);
    } else {
        exhausted(iso, a, child, &note);
    }
    akt_free(note.report, note.report_len);
    akt_reason_unref(note.reason);
    akt_msg_free(m);
}

void akt_supervise_on_halted(struct akt_isolate *iso, struct akt_actor *a,
                             struct akt_msg *m)
{
    struct akt_actor *child = sender_of(iso, m);
    if (child->child_state != AKT_C_STOPPING)
        child->child_state = AKT_C_HALTED;
    akt_msg_free(m);
    group_step(iso, a);
}

void akt_supervise_on_ready(struct akt_isolate *iso, struct akt_actor *a,
                            struct akt_msg *m)
{
    struct akt_actor *child = sender_of(iso, m);
    if (child->child_state != AKT_C_STOPPING &&
        child->child_state != AKT_C_HALTING)
        child->child_state = AKT_C_UP;
    akt_msg_free(m);
    group_step(iso, a);
}

/* Somebody has put it right: its restarts count from here. */
void akt_supervise_on_reinstated(struct akt_isolate *iso, struct akt_actor *a,
                                 struct akt_msg *m)
{
    struct akt_actor *child = sender_of(iso, m);
    if (a->ext)
        a->ext->restarts_len = a->ext->restarts_pos = 0;
    child->restarts_in_row = 0;
    child->last_restart_ns = 0;
    if (child->child_state == AKT_C_PARKED)
        child->child_state = AKT_C_STARTING;
    akt_msg_free(m);
}

void akt_supervise_on_ended(struct akt_isolate *iso, struct akt_actor *a,
                            struct akt_msg *m)
{
    struct akt_actor *child = sender_of(iso, m);
    akt_pid pid = m->sender;
    disown(a, child);
    akt_actor_free(iso->node->actors, child, pid);
    akt_msg_free(m);
    if (a->state == AKT_A_CHILDREN)
        akt_life_child_ended(iso, a);
    else
        group_step(iso, a);
}

void akt_supervise_on_new(struct akt_isolate *iso, struct akt_actor *a,
                          struct akt_msg *m)
{
    struct akt_msg *start;
    memcpy(&start, m->body, sizeof start);
    akt_supervise_adopt(a, akt_actor_slot(iso->node->actors, start->target));
    akt_post(iso->node, iso, start);
    akt_msg_free(m);
}
