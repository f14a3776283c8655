/* SPDX-License-Identifier: MIT */
#include "vm/team.h"

#include <string.h>

void akt_team_init(struct akt_team *s, uint32_t workers)
{
    memset(s, 0, sizeof *s);
    s->workers = workers;
    s->active = s->best = 1;
    s->rest = AKT_TEAM_REST;
    s->up = true;
}

static uint32_t candidate(const struct akt_team *s)
{
    if (!s->up)
        return s->best / 2;
    return 2 * s->best < s->workers ? 2 * s->best : s->workers;
}

static void begin_pair(struct akt_team *s)
{
    s->ticks = 0;
    memset(s->turns, 0, sizeof s->turns);
    memset(s->us, 0, sizeof s->us);
    s->active = s->other;
}

static void begin(struct akt_team *s)
{
    if (s->best == s->workers)
        s->up = false;
    else if (s->best == 1)
        s->up = true;
    s->other = candidate(s);
    s->compares = true;
    s->won = 0;
    begin_pair(s);
}

static bool other_is_better(const struct akt_team *s)
{
    double best = (double)s->turns[0] * (double)s->us[1];
    double other = (double)s->turns[1] * (double)s->us[0];
    return other * 100 >= best * (s->up ? AKT_TEAM_MORE : AKT_TEAM_FEWER);
}

static void end(struct akt_team *s, bool changes)
{
    if (changes) {
        s->best = s->other;
        s->rest = AKT_TEAM_REST;
    } else {
        s->up = !s->up;
        if (s->rest < AKT_TEAM_REST_MAX)
            s->rest *= 4;
    }
    s->compares = false;
    s->ticks = 0;
    s->active = s->best;
}

static void end_pair(struct akt_team *s)
{
    if (!other_is_better(s))
        end(s, false);
    else if (++s->won == AKT_TEAM_PAIRS)
        end(s, true);
    else
        begin_pair(s);
}

static void compare(struct akt_team *s, uint64_t turns, uint32_t us)
{
    bool is_other = s->ticks < AKT_TEAM_TICKS;
    if (s->ticks % AKT_TEAM_TICKS >= AKT_TEAM_SETTLE) {
        s->turns[is_other] += turns;
        s->us[is_other] += us;
    }
    if (++s->ticks == AKT_TEAM_TICKS)
        s->active = s->best;
    else if (s->ticks == 2 * AKT_TEAM_TICKS)
        end_pair(s);
}

void akt_team_tick(struct akt_team *s, uint64_t turns, uint32_t us, bool light)
{
    if (s->workers == 1)
        return;
    if (!light) {
        s->compares = false;
        s->ticks = 0;
        s->active = s->best;
    } else if (s->compares) {
        compare(s, turns, us);
    } else if (++s->ticks >= s->rest) {
        begin(s);
    }
}
