/* SPDX-License-Identifier: MIT */
#include "vm/timer.h"

#include <string.h>

#include "vm/base/alloc.h"
#include "vm/node.h"

#define S 1000000000ll

/* ---- schedules ---- */

static int64_t seconds_of(uint64_t wall_ns)
{
    return (int64_t)(wall_ns / (uint64_t)S);
}

bool akt_schedule_start(struct akt_schedule *s, uint64_t wall_ns,
                        uint64_t mono_ns)
{
    s->base_ns = (int64_t)(wall_ns - mono_ns);
    return akt_cron_next(&s->cron, s->zone, seconds_of(wall_ns), &s->next_s);
}

static uint64_t until(const struct akt_schedule *s, uint64_t wall_ns)
{
    int64_t left_s = s->next_s - seconds_of(wall_ns);
    if (left_s > AKT_CLOCK_LOOK_S)
        return AKT_CLOCK_LOOK_S * (uint64_t)S;
    int64_t left_ns = s->next_s * S - (int64_t)wall_ns;
    return left_ns > 0 ? (uint64_t)left_ns : 0;
}

struct akt_schedule_step akt_schedule_step(struct akt_schedule *s,
                                           uint64_t wall_ns, uint64_t mono_ns)
{
    struct akt_schedule_step step = {false, false, 0};
    int64_t base = (int64_t)(wall_ns - mono_ns);
    bool set_back = base < s->base_ns - AKT_CLOCK_SET_BACK_S * S;
    int64_t now_s = seconds_of(wall_ns);
    if (base > s->base_ns || set_back)
        s->base_ns = base;
    if (set_back)
        step.over = !akt_cron_next(&s->cron, s->zone, now_s, &s->next_s);
    if (!step.over && now_s >= s->next_s) {
        step.fire = true; /* what was missed is in this one */
        step.over = !akt_cron_next(&s->cron, s->zone, now_s, &s->next_s);
    }
    step.wait_ns = until(s, wall_ns);
    return step;
}

/* ---- timers ---- */

struct akt_timer *akt_timer_of(struct akt_pending *p)
{
    if (!p->timer)
        p->timer = akt_calloc(sizeof *p->timer);
    return p->timer;
}

void akt_timer_free(struct akt_timer *t)
{
    if (!t)
        return;
    akt_strfree(t->name);
    akt_strfree(t->expression);
    akt_free(t->schedule, sizeof *t->schedule);
    akt_free(t, sizeof *t);
}

static void arm(struct akt_isolate *iso, struct akt_pending *p,
                uint64_t after_ns)
{
    akt_heap_push(&iso->pendings.heap, &p->node,
                  akt_node_now(iso->node) + after_ns);
}

void akt_timer_set_cron(struct akt_isolate *iso, struct akt_pending *p,
                        const struct akt_schedule *schedule,
                        const char *expression)
{
    struct akt_timer *t = akt_timer_of(p);
    t->schedule = akt_alloc(sizeof *t->schedule);
    *t->schedule = *schedule;
    t->expression = akt_strdup(expression);
    p->period_ns = 1; /* again and again */
    arm(iso, p, until(schedule, akt_node_wall(iso->node)));
}

bool akt_timer_look(struct akt_isolate *iso, struct akt_pending *p, bool *over)
{
    struct akt_schedule_step step = akt_schedule_step(
        p->timer->schedule, akt_node_wall(iso->node), akt_node_now(iso->node));
    *over = step.over;
    if (!step.over)
        arm(iso, p, step.wait_ns);
    return step.fire;
}

bool akt_timer_pause(struct akt_isolate *iso, struct akt_pending *p)
{
    struct akt_timer *t = akt_timer_of(p);
    uint64_t now_ns = akt_node_now(iso->node);
    if (p->paused)
        return false;
    p->paused = true;
    t->left_ns = 0;
    if (akt_heap_has(&p->node)) {
        if (p->node.key > now_ns)
            t->left_ns = p->node.key - now_ns;
        akt_heap_remove(&iso->pendings.heap, &p->node);
    }
    return true;
}

/* What was due meanwhile is left out. */
static void resume_schedule(struct akt_isolate *iso, struct akt_pending *p)
{
    struct akt_schedule *s = p->timer->schedule;
    uint64_t wall_ns = akt_node_wall(iso->node);
    if (akt_schedule_start(s, wall_ns, akt_node_now(iso->node)))
        arm(iso, p, until(s, wall_ns));
    else if (p->queued)
        p->period_ns = 0;
    else
        akt_pending_close(iso, p);
}

bool akt_timer_resume(struct akt_isolate *iso, struct akt_pending *p)
{
    if (!p->paused)
        return false;
    p->paused = false;
    if (p->timer->schedule) {
        resume_schedule(iso, p);
    } else if (p->period_ns || !p->queued) {
        arm(iso, p, p->timer->left_ns);
    }
    return true;
}

struct akt_pending *akt_timer_find(struct akt_actor *a, const char *name,
                                   uint32_t *named)
{
    struct akt_pending *found = NULL;
    *named = 0;
    for (struct akt_pending *p = a->pendings; p; p = p->next) {
        if (p->type != AKT_P_TIMER || !p->timer || !p->timer->name)
            continue;
        ++*named;
        if (strcmp(p->timer->name, name) == 0)
            found = p;
    }
    return found;
}
