/* SPDX-License-Identifier: MIT
 *
 * vm/timer.h: what only some timers have: a name, a pause, a schedule by the
 * wall clock. A timer is a pending (vm/pending.h); most are no more than that,
 * so this is beside it and made on first use.
 *
 * Invariants
 *   T1  A timer that is paused is in no heap, and none of its ticks reaches
 *       the actor: one that was in the mailbox already is dropped there. A
 *       timer that fires once, and lost its tick in this way, fires when it
 *       goes on.
 *   T2  Of one schedule no moment of the wall clock fires twice, wherever that
 *       clock is set, except that one which is set back by more than
 *       AKT_CLOCK_SET_BACK_S is believed, and time begins anew there.
 *
 * Ownership: the pending owns it. Threads: [owner]; akt_schedule_* none, pure.
 */
#ifndef AKT_VM_TIMER_H
#define AKT_VM_TIMER_H

#include "vm/cron.h"
#include "vm/pending.h"

/* Between now and when it is due the wall clock is looked at so often; so this
 * is how late a clock that was set forward is noticed. */
#define AKT_CLOCK_LOOK_S 60
/* Less than a change of summer time and a bit: a correction. */
#define AKT_CLOCK_SET_BACK_S (3 * 3600)
#define AKT_TIMER_NAME_MAX 255
#define AKT_TIMERS_NAMED_MAX 1000 /* of one actor */

struct akt_schedule {
    struct akt_cron cron;
    const struct akt_zone *zone;
    int64_t next_s;  /* wall clock */
    int64_t base_ns; /* wall minus monotonic clock, when last looked at */
};

/* False: it never fires. */
bool akt_schedule_start(struct akt_schedule *s, uint64_t wall_ns,
                        uint64_t mono_ns);
struct akt_schedule_step {
    bool fire;
    bool over;        /* it never fires again */
    uint64_t wait_ns; /* until the next look */
};
struct akt_schedule_step akt_schedule_step(struct akt_schedule *s,
                                           uint64_t wall_ns, uint64_t mono_ns);

struct akt_timer {
    char *name;                    /* or NULL */
    uint64_t left_ns;              /* paused: what was left */
    struct akt_schedule *schedule; /* NULL: none */
    char *expression;
};

/* Made if it has none. */
struct akt_timer *akt_timer_of(struct akt_pending *p);
void akt_timer_free(struct akt_timer *t); /* NULL allowed */
/* Arms one that was opened without a deadline, by a schedule that was
 * started; both are copied. */
void akt_timer_set_cron(struct akt_isolate *iso, struct akt_pending *p,
                        const struct akt_schedule *schedule,
                        const char *expression);
/* False: it was already (or was not). */
bool akt_timer_pause(struct akt_isolate *iso, struct akt_pending *p);
bool akt_timer_resume(struct akt_isolate *iso, struct akt_pending *p);
/* One with a schedule is due to be looked at; true: fire now. */
bool akt_timer_look(struct akt_isolate *iso, struct akt_pending *p, bool *over);
/* The timer of the actor with this name, or NULL; how many have one. */
struct akt_pending *akt_timer_find(struct akt_actor *a, const char *name,
                                   uint32_t *named);

#endif
