/* SPDX-License-Identifier: MIT */
#include "vm/schedule.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/base/buf.h"

/* One turn in SHORT_SLICES is preempted early: half of them behind one of the
 * first calls, the others after some instructions, each power of two up to
 * 2^SHORT_BITS being as likely as the next. */
#define SHORT_SLICES 4
#define SHORT_CALLS 4
#define SHORT_BITS 11
/* The clock is one candidate in this many: with few others it would win each
 * second time, and time run through. */
#define CLOCK_SHARE 8
#define SHIFTS 8     /* steps that what is behind a switch is moved by ... */
#define SHIFTS_OF 16 /* ... if so few are left: 240 runs */
#define TOP_PRIORITY (1ull << 62)

/* ---- lists of switches ---- */

void akt_switches_add(struct akt_switches *s, struct akt_switch one)
{
    if (s->len == AKT_SWITCHES_MAX) {
        s->lost = true;
        return;
    }
    if (s->len == s->cap) {
        uint32_t cap = s->cap ? s->cap * 2 : 64;
        s->list = akt_resize(s->list, s->cap * sizeof *s->list,
                             cap * sizeof *s->list);
        s->cap = cap;
    }
    s->list[s->len++] = one;
}

void akt_switches_copy(struct akt_switches *to, const struct akt_switches *from)
{
    to->len = 0;
    to->lost = from->lost;
    for (uint32_t i = 0; i < from->len; i++)
        akt_switches_add(to, from->list[i]);
}

void akt_switches_fini(struct akt_switches *s)
{
    akt_free(s->list, s->cap * sizeof *s->list);
    memset(s, 0, sizeof *s);
}

void akt_switches_show(const struct akt_switches *s, struct akt_buf *out)
{
    for (uint32_t i = 0; i < s->len; i++) {
        const struct akt_switch *one = &s->list[i];
        akt_buf_printf(out, "%s%" PRIu64 ":%" PRIx64, i ? "," : "", one->step,
                       one->who);
        if (one->hold)
            akt_buf_printf(out, "h%" PRIu32, one->hold);
        else if (one->slice != AKT_SLICE)
            akt_buf_printf(out, "/%s%" PRIu32,
                           one->slice & AKT_SLICE_CALLS ? "c" : "",
                           one->slice & ~AKT_SLICE_CALLS);
    }
}

/* Behind the number, or NULL. */
static const char *parse_number(const char *p, int base, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(p, &end, base);
    bool ok = isxdigit((unsigned char)*p) && end != p && !errno;
    return ok ? end : NULL;
}

static const char *parse_slice(const char *p, uint32_t *slice)
{
    bool calls = *p == 'c';
    uint64_t n;
    p = parse_number(p + calls, 10, &n);
    *slice = (uint32_t)n | (calls ? AKT_SLICE_CALLS : 0);
    return n > 0 && n <= (calls ? AKT_SLICE_CALLS_MAX : AKT_SLICE) ? p : NULL;
}

static const char *parse_hold(const char *p, uint32_t *hold)
{
    uint64_t n;
    p = parse_number(p, 10, &n);
    *hold = (uint32_t)n;
    return n > 0 && n <= AKT_HOLD_MAX ? p : NULL;
}

static const char *parse_switch(const char *p, struct akt_switch *one)
{
    *one = (struct akt_switch){.slice = AKT_SLICE};
    p = parse_number(p, 10, &one->step);
    if (!p || *p != ':')
        return NULL;
    p = parse_number(p + 1, 16, &one->who);
    if (p && *p == 'h')
        return parse_hold(p + 1, &one->hold);
    return p && *p == '/' ? parse_slice(p + 1, &one->slice) : p;
}

bool akt_switches_parse(struct akt_switches *s, const char *p)
{
    while (*p) {
        struct akt_switch one;
        p = parse_switch(p, &one);
        if (!p || (*p && *p != ','))
            return false;
        akt_switches_add(s, one);
        p += *p == ',';
    }
    return true;
}

/* ---- PCT ---- */

static void draw_changes(struct akt_sim_schedule *s)
{
    for (uint32_t i = 0; i + 1 < s->plan.depth; i++)
        s->changes[i] = s->step + akt_random_below(&s->random, s->plan.length);
}

static bool is_change(const struct akt_sim_schedule *s)
{
    for (uint32_t i = 0; i + 1 < s->plan.depth; i++)
        if (s->changes[i] == s->step)
            return true;
    return false;
}

static uint64_t priority_of(struct akt_sim_schedule *s, uint64_t who)
{
    uint64_t priority;
    if (akt_map_get(&s->priorities, who, &priority))
        return priority;
    priority = TOP_PRIORITY + (akt_random_next(&s->random) >> 2);
    akt_map_put(&s->priorities, who, priority);
    return priority;
}

static void drop(struct akt_sim_schedule *s, uint64_t who)
{
    akt_map_put(&s->priorities, who, --s->lowest);
}

static uint32_t highest(struct akt_sim_schedule *s, const uint64_t *who,
                        uint32_t n)
{
    uint32_t best = 0;
    uint64_t best_priority = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t priority = priority_of(s, who[i]);
        if (priority > best_priority) {
            best = i;
            best_priority = priority;
        }
    }
    return best;
}

/* One that never waits would run for ever. */
static void count_row(struct akt_sim_schedule *s, uint64_t who)
{
    s->row = who == s->last ? s->row + 1 : 0;
    s->last = who;
    if (s->row >= AKT_PCT_ROW) {
        s->row = 0;
        drop(s, who);
    }
}

static uint32_t short_slice(struct akt_sim_schedule *s)
{
    if (akt_random_below(&s->random, 2))
        return AKT_SLICE_CALLS |
               (1 + (uint32_t)akt_random_below(&s->random, SHORT_CALLS));
    uint64_t bits = akt_random_below(&s->random, SHORT_BITS);
    return 1 + (uint32_t)akt_random_below(&s->random, 2ull << bits);
}

static struct akt_pick pick_pct(struct akt_sim_schedule *s, const uint64_t *who,
                                uint32_t n)
{
    if (s->step % s->plan.length == 0)
        draw_changes(s);
    struct akt_pick p = {highest(s, who, n), AKT_SLICE};
    if (is_change(s)) { /* it begins, and then others come first */
        p.slice = short_slice(s);
        drop(s, who[p.index]);
    }
    count_row(s, who[p.index]);
    return p;
}

/* ---- the others ---- */

static struct akt_pick pick_random(struct akt_sim_schedule *s,
                                   const uint64_t *who, uint32_t n)
{
    struct akt_pick p = {0, AKT_SLICE};
    if (n > 1 && who[n - 1] == AKT_WHO_CLOCK &&
        akt_random_below(&s->random, CLOCK_SHARE))
        n--;
    p.index = (uint32_t)akt_random_below(&s->random, n);
    if (akt_random_below(&s->random, SHORT_SLICES) == 0)
        p.slice = short_slice(s);
    return p;
}

/* The switch of this step, or NULL. */
static const struct akt_switch *find_switch(struct akt_sim_schedule *s)
{
    const struct akt_switches *r = s->plan.replay;
    while (s->replayed < r->len && r->list[s->replayed].step < s->step)
        s->replayed++;
    if (s->replayed == r->len || r->list[s->replayed].step != s->step)
        return NULL;
    return &r->list[s->replayed++];
}

static void begin_hold(struct akt_sim_schedule *s, const struct akt_switch *one)
{
    s->began = one;
    s->held = one->who;
    s->held_until = s->step + one->hold;
}

/* Whether the first candidate has to wait, and another could run. */
static bool is_held(const struct akt_sim_schedule *s, const uint64_t *who,
                    uint32_t n)
{
    return s->step < s->held_until && who[0] == s->held && n > 1 &&
           who[1] != AKT_WHO_CLOCK;
}

/* A switch whose candidate is not there any more has no effect. */
static struct akt_pick pick_replayed(struct akt_sim_schedule *s,
                                     const uint64_t *who, uint32_t n)
{
    const struct akt_switch *one = find_switch(s);
    s->began = NULL;
    if (one && one->hold)
        begin_hold(s, one);
    s->by_hold = is_held(s, who, n);
    struct akt_pick p = {s->by_hold, AKT_SLICE};
    for (uint32_t i = 0; one && !one->hold && i < n; i++) {
        if (who[i] != one->who)
            continue;
        p = (struct akt_pick){i, one->slice};
        s->by_hold = false;
    }
    return p;
}

/* ---- schedules ---- */

void akt_sim_schedule_init(struct akt_sim_schedule *s,
                           const struct akt_sim_plan *plan, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    s->plan = *plan;
    if (!s->plan.depth)
        s->plan.depth = AKT_PCT_DEPTH;
    if (s->plan.depth > AKT_PCT_DEPTH_MAX)
        s->plan.depth = AKT_PCT_DEPTH_MAX;
    if (!s->plan.length)
        s->plan.length = AKT_PCT_LENGTH;
    s->lowest = TOP_PRIORITY;
    akt_random_seed(&s->random, seed);
    akt_map_init(&s->priorities);
}

void akt_sim_schedule_fini(struct akt_sim_schedule *s)
{
    akt_map_fini(&s->priorities);
}

static struct akt_pick pick(struct akt_sim_schedule *s, const uint64_t *who,
                            uint32_t n)
{
    if (s->plan.replay)
        return pick_replayed(s, who, n);
    switch (s->plan.explore) {
    case AKT_EXPLORE_RANDOM:
        return pick_random(s, who, n);
    case AKT_EXPLORE_PCT:
        return pick_pct(s, who, n);
    case AKT_EXPLORE_PLAIN:
        break;
    }
    return (struct akt_pick){0, AKT_SLICE};
}

static void record(struct akt_sim_schedule *s, const struct akt_pick *p,
                   const uint64_t *who)
{
    struct akt_switch one = {.step = s->step,
                             .who = who[p->index],
                             .slice = p->slice,
                             .instead = who[0]};
    s->plan.record->steps = s->step + 1;
    if (s->began)
        akt_switches_add(s->plan.record, *s->began);
    else if (!s->by_hold && (p->index || p->slice != AKT_SLICE))
        akt_switches_add(s->plan.record, one);
}

struct akt_pick akt_sim_schedule_pick(struct akt_sim_schedule *s,
                                      const uint64_t *who, uint32_t n)
{
    struct akt_pick p = pick(s, who, n);
    if (who[p.index] >> 62)
        p.slice = AKT_SLICE; /* no actor: it has no instructions */
    if (s->plan.record)
        record(s, &p, who);
    s->step++;
    return p;
}

/* ---- making it smaller ---- */

struct shrink {
    struct akt_switches *best;
    uint32_t runs;
    akt_sim_fails_fn *fails;
    void *ctx;
};

/* Whether it fails with these; if so they are the best, without those that had
 * no effect. Frees them. */
static bool try_these(struct shrink *k, struct akt_switches *fewer)
{
    struct akt_switches made = {0};
    bool fails = k->runs > 0 && k->fails(fewer, &made, k->ctx);
    k->runs -= k->runs > 0;
    if (fails)
        akt_switches_copy(k->best,
                          made.len < fewer->len && !made.lost ? &made : fewer);
    akt_switches_fini(fewer);
    akt_switches_fini(&made);
    return fails;
}

/* Without the switches [from, to). */
static bool try_without(struct shrink *k, uint32_t from, uint32_t to)
{
    struct akt_switches fewer = {0};
    for (uint32_t i = 0; i < k->best->len; i++)
        if (i < from || i >= to)
            akt_switches_add(&fewer, k->best->list[i]);
    return try_these(k, &fewer);
}

/* Without switch i, those behind it so many steps later. */
static bool try_shifted(struct shrink *k, uint32_t i, int64_t by)
{
    struct akt_switches fewer = {0};
    for (uint32_t n = 0; n < k->best->len; n++) {
        struct akt_switch one = k->best->list[n];
        if (n > i)
            one.step += (uint64_t)by;
        if (n != i && (int64_t)one.step >= 0)
            akt_switches_add(&fewer, one);
    }
    return try_these(k, &fewer);
}

/* What a switch did took steps, which are missing without it: what came behind
 * it may still be needed, but earlier (or later). */
static bool take_shifted(struct shrink *k)
{
    if (k->best->len > SHIFTS_OF)
        return false;
    for (uint32_t i = 0; i + 1 < k->best->len; i++)
        for (int64_t by = 1; by <= SHIFTS; by++)
            if (try_shifted(k, i, -by) || try_shifted(k, i, by))
                return true;
    return false;
}

/* Whether some part of `size` could be taken away. From the end: what comes
 * later does not move what was before. */
static bool take_parts(struct shrink *k, uint32_t size)
{
    bool any = false;
    uint32_t end = k->best->len;
    while (end > 0 && k->runs) {
        uint32_t from = end > size ? end - size : 0;
        if (try_without(k, from, end))
            any = true;
        end = from < k->best->len ? from : k->best->len;
    }
    return any;
}

/* Behind the last of those from i on that all come before the same one. */
static uint32_t same_end(const struct akt_switches *s, uint32_t i)
{
    uint32_t end = i;
    while (end < s->len && !s->list[end].hold &&
           s->list[end].instead == s->list[i].instead &&
           s->list[end].who != s->list[end].instead)
        end++;
    return end;
}

/* One hold instead of the switches [from, to). */
static bool try_hold(struct shrink *k, uint32_t from, uint32_t to)
{
    struct akt_switches fewer = {0};
    const struct akt_switch *first = &k->best->list[from];
    uint64_t steps = k->best->list[to - 1].step - first->step + 1;
    struct akt_switch hold = {.step = first->step,
                              .who = first->instead,
                              .slice = AKT_SLICE,
                              .hold = (uint32_t)steps};
    if (steps > AKT_HOLD_MAX)
        return false;
    for (uint32_t i = 0; i < k->best->len; i++) {
        if (i == from)
            akt_switches_add(&fewer, hold);
        if (i < from || i >= to)
            akt_switches_add(&fewer, k->best->list[i]);
    }
    return try_these(k, &fewer);
}

static void hold_together(struct shrink *k)
{
    bool any = false;
    for (uint32_t i = 0; i < k->best->len && k->runs; i++) {
        uint32_t end = same_end(k->best, i);
        any = (end > i + 1 && try_hold(k, i, end)) || any;
    }
    if (any)
        take_parts(k, 1);
}

/* A turn that is not cut short is easier to read. */
static void lengthen(struct shrink *k)
{
    for (uint32_t i = 0; i < k->best->len && k->runs; i++) {
        struct akt_switches same = {0};
        if (k->best->list[i].slice == AKT_SLICE)
            continue;
        akt_switches_copy(&same, k->best);
        same.list[i].slice = AKT_SLICE;
        (void)try_these(k, &same);
    }
}

uint32_t akt_sim_shrink(struct akt_switches *s, uint32_t runs,
                        akt_sim_fails_fn *fails, void *ctx)
{
    struct shrink k = {s, runs, fails, ctx};
    uint32_t before = s->len;
    if (!s->len || try_without(&k, 0, s->len))
        return before - s->len;
    for (uint32_t size = (s->len + 1) / 2; k.runs && s->len;) {
        bool any = take_parts(&k, size) || (size == 1 && take_shifted(&k));
        if (size == 1 && !any)
            break;
        size = (size + 1) / 2;
    }
    hold_together(&k);
    lengthen(&k);
    return before - s->len;
}
