/* SPDX-License-Identifier: MIT
 *
 * vm/schedule.h: the choice of what runs next in a simulated world, as data:
 * drawn by a strategy, recorded, replayed and made smaller.
 *
 * At each step somebody offers candidates, in the order in which they would
 * run if nobody chose (the plain order), and takes one of them. With it goes
 * a slice: how many instructions it may run before the next step.
 *
 * What makes a run special is where it leaves the plain order. Such a place is
 * a switch, and the list of them is all that is needed to run it again: the
 * plain order with these switches, and nothing drawn. So a failing run can be
 * made smaller by taking switches away while it still fails. A switch is one
 * that runs though another was first, or one that is held: it waits for some
 * steps while another could run, which else were a switch for each of them.
 *
 * Strategies
 *   RANDOM  any candidate, each time.
 *   PCT     (Burckhardt et al. 2010) each candidate has a priority drawn when
 *           it is first seen, and the highest runs; at depth - 1 steps of
 *           `length`, drawn too, the one that would run drops below all. Finds
 *           a bug that needs `depth` things in order with a probability that
 *           is known: at least 1 / (candidates * length ^ (depth - 1)).
 *   PLAIN   the plain order.
 *
 * Invariants
 *   D1  The same plan and the same candidates give the same choices.
 *   D2  Nothing but the plan and the candidates decides: the program draws its
 *       random numbers from elsewhere (vm/world.h), so that a run with fewer
 *       switches sees the same numbers.
 *
 * Ownership: a plan is borrowed while the schedule lives; so are `record` and
 *            `marks`.
 * Threads:   pure; one thread at a time.
 */
#ifndef AKT_VM_SCHEDULE_H
#define AKT_VM_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/base/map.h"
#include "vm/base/random.h"

struct akt_buf;

/* Who a candidate is: an actor's pid; the clock: time passes before others
 * run; or the messages that wait in front of an isolate. */
#define AKT_WHO_CLOCK (1ull << 63)
#define AKT_WHO_ARRIVALS(isolate) (1ull << 62 | (isolate))
#define AKT_WHO_CLASSES(isolate) (3ull << 61 | (isolate)) /* vm/ready.h */

enum akt_explore { AKT_EXPLORE_RANDOM, AKT_EXPLORE_PCT, AKT_EXPLORE_PLAIN };

struct akt_switch {
    uint64_t step;    /* from 0 */
    uint64_t who;     /* that runs, though another was first; or is held */
    uint32_t slice;   /* AKT_SLICE: nothing special */
    uint32_t hold;    /* steps that it is held; 0: it runs */
    uint64_t instead; /* recorded, for shrinking: who was first */
};

struct akt_switches {
    struct akt_switch *list;
    uint32_t len, cap;
    uint64_t steps; /* recorded: of the whole run */
    bool lost;      /* recorded: there were more than AKT_SWITCHES_MAX */
};

/* A slice: instructions, or this and a number of calls. */
#define AKT_SLICE_CALLS (1u << 31)
#define AKT_SLICE 20000u /* what turns get that nobody cuts short: 0.2 ms */
#define AKT_SLICE_CALLS_MAX 1000u
#define AKT_SWITCHES_MAX (1u << 20)
#define AKT_HOLD_MAX (1u << 30) /* steps */
#define AKT_PCT_DEPTH 3
#define AKT_PCT_DEPTH_MAX 16
#define AKT_PCT_LENGTH 200
#define AKT_LATE_MS_MAX 1000000
#define AKT_PCT_ROW 1000 /* turns of one actor in a row, then it drops */

/* For people: where a run left the plain order. */
#define AKT_MARKS 64
struct akt_mark {
    uint64_t who;     /* that ran ... */
    uint64_t instead; /* ... before this; itself: only the slice is special */
    uint64_t who_for, instead_for; /* pids: arrivals, of whom the first; or 0 */
    uint32_t slice;
    uint32_t hold; /* `instead` waits for so many steps */
    uint32_t turn; /* vm/events.h: the number of the turn that came next */
};
struct akt_marks {
    struct akt_mark list[AKT_MARKS]; /* the first ones */
    uint32_t len;
};

struct akt_sim_plan {
    enum akt_explore explore;
    uint32_t depth;   /* PCT; 0: AKT_PCT_DEPTH */
    uint32_t length;  /* PCT, steps; 0: AKT_PCT_LENGTH */
    uint32_t late_ms; /* how late a turn may be: vm/sim.h; 0: never */
    const struct akt_switches *replay; /* instead of a strategy; NULL: none */
    struct akt_switches *record;       /* switches are added; NULL: nowhere */
    struct akt_marks *marks;           /* likewise; filled by vm/sim.c */
};

struct akt_pick {
    uint32_t index;
    uint32_t slice;
};

struct akt_sim_schedule {
    struct akt_sim_plan plan;
    struct akt_random random;
    uint64_t step;
    uint32_t replayed;              /* switches of plan.replay that are over */
    const struct akt_switch *began; /* a hold, at the last step; or NULL */
    uint64_t held, held_until;      /* who waits, until this step */
    bool by_hold; /* the last choice is another one because of that */
    /* PCT */
    struct akt_map priorities; /* who -> priority, the highest runs */
    uint64_t lowest;
    uint64_t last;
    uint32_t row;
    uint64_t changes[AKT_PCT_DEPTH_MAX]; /* steps of this window */
};

void akt_sim_schedule_init(struct akt_sim_schedule *s,
                           const struct akt_sim_plan *plan, uint64_t seed);
void akt_sim_schedule_fini(struct akt_sim_schedule *s);
/* One of n > 0 candidates; the first is the one of the plain order. The clock,
 * if it is one, is the last. */
struct akt_pick akt_sim_schedule_pick(struct akt_sim_schedule *s,
                                      const uint64_t *who, uint32_t n);

void akt_switches_add(struct akt_switches *s, struct akt_switch one);
void akt_switches_copy(struct akt_switches *to,
                       const struct akt_switches *from);
void akt_switches_fini(struct akt_switches *s);
/* "12:4000001/40,17:4000002/c2,20:4000001h9": steps, who in hexadecimal,
 * slices or for how many steps it is held. */
void akt_switches_show(const struct akt_switches *s, struct akt_buf *out);
/* False: the text is none of these. */
bool akt_switches_parse(struct akt_switches *s, const char *text);

/* Runs with these switches and says whether it fails as before; `made` gets
 * those that had an effect. */
typedef bool akt_sim_fails_fn(const struct akt_switches *s,
                              struct akt_switches *made, void *ctx);
/* Takes switches away while it still fails, moves those behind them if need be,
 * and makes one hold of many for the same one, in at most `runs` runs; returns
 * how many it took. What is left needs each of its switches, and where one cuts
 * a turn short, that too, unless the runs were not enough. */
uint32_t akt_sim_shrink(struct akt_switches *s, uint32_t runs,
                        akt_sim_fails_fn *fails, void *ctx);

#endif
