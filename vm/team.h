/* SPDX-License-Identifier: MIT
 *
 * vm/team.h: how many workers share work that consists of light messages.
 *
 * Whether two workers do more of it than one depends on the machine, and on
 * who talks to whom: a message between two workers can cost less than the work
 * with it, or several times as much. So it is measured. Now and then another
 * number of workers, half or twice as many, takes part for a moment, and then
 * the number that has been best until now: a pair. If the other one has done
 * better in AKT_TEAM_PAIRS pairs it is the best from then on. Fewer workers are
 * better if they do as much; more must do more.
 *
 * The next comparison begins AKT_TEAM_REST ticks later, and after each one that
 * has changed nothing four times as late, up to AKT_TEAM_REST_MAX: then 1 % of
 * the time is spent with what is worse.
 *
 * Pure: time is given. Ownership: the node's. Threads: the ticker; `active`
 * is given to others by whoever calls.
 */
#ifndef AKT_VM_TEAM_H
#define AKT_VM_TEAM_H

#include <stdbool.h>
#include <stdint.h>

#define AKT_TEAM_TICKS 8  /* of each half of a pair */
#define AKT_TEAM_SETTLE 2 /* of them, at its begin, are not counted */
#define AKT_TEAM_PAIRS 2
#define AKT_TEAM_REST 16 /* ticks between comparisons, at least */
#define AKT_TEAM_REST_MAX 1024
#define AKT_TEAM_MORE 110 /* percent, for more workers to be better */
#define AKT_TEAM_FEWER 97 /* percent, for fewer */

struct akt_team {
    uint32_t workers; /* there are */
    uint32_t active;  /* take part now */
    uint32_t best;    /* until now */
    uint32_t other;   /* compared with it */
    bool up;          /* where to look next */
    uint32_t rest;    /* between comparisons */
    uint32_t ticks;   /* since the last one; of a pair while it compares */
    bool compares;
    uint32_t won;             /* pairs, by the other */
    uint64_t turns[2], us[2]; /* of the best, of the other */
};

void akt_team_init(struct akt_team *s, uint32_t workers);
/* `turns` in the last `us`. Not `light`: there was other work or none, and what
 * has been compared is forgotten. Sets `active`. */
void akt_team_tick(struct akt_team *s, uint64_t turns, uint32_t us, bool light);

#endif
