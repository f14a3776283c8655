/* SPDX-License-Identifier: MIT */
#include "vm/breaker.h"

#include <string.h>

void akt_breaker_init(struct akt_breaker *b,
                      const struct akt_breaker_options *options)
{
    memset(b, 0, sizeof *b);
    b->options = *options;
    b->period = 1;
}

const char *akt_breaker_state_name(enum akt_breaker_state state)
{
    static const char *const names[] = {"closed", "half_open", "open"};
    return names[state];
}

/* ---- the window ---- */

static uint64_t part_of(const struct akt_breaker *b, uint64_t now_ns)
{
    uint64_t width = b->options.window_ns / AKT_BREAKER_BUCKETS;
    return now_ns / (width ? width : 1);
}

static struct akt_breaker_bucket *bucket(struct akt_breaker *b, uint64_t now_ns)
{
    uint64_t number = part_of(b, now_ns);
    struct akt_breaker_bucket *k = &b->buckets[number % AKT_BREAKER_BUCKETS];
    if (k->number != number)
        *k = (struct akt_breaker_bucket){.number = number};
    return k;
}

void akt_breaker_window(const struct akt_breaker *b, uint64_t now_ns,
                        uint64_t *ok, uint64_t *failed)
{
    uint64_t number = part_of(b, now_ns);
    *ok = *failed = 0;
    for (int i = 0; i < AKT_BREAKER_BUCKETS; i++) {
        const struct akt_breaker_bucket *k = &b->buckets[i];
        if (k->number + AKT_BREAKER_BUCKETS <= number)
            continue; /* too old */
        *ok += k->ok;
        *failed += k->failed;
    }
}

static bool is_bad(const struct akt_breaker *b, uint64_t now_ns)
{
    uint64_t ok, failed;
    akt_breaker_window(b, now_ns, &ok, &failed);
    uint64_t all = ok + failed;
    return failed && all >= b->options.calls &&
           (double)failed >= b->options.failures * (double)all;
}

/* ---- states ---- */

static void change(struct akt_breaker *b, enum akt_breaker_state state,
                   uint64_t now_ns)
{
    b->state = state;
    b->period++;
    b->until_ns = now_ns + b->options.open_ns;
    b->admitted = b->passed = 0;
    memset(b->buckets, 0, sizeof b->buckets);
    if (state == AKT_BREAKER_OPEN)
        b->opened++;
}

/* What time alone changes. */
static void settle(struct akt_breaker *b, uint64_t now_ns)
{
    bool over = now_ns >= b->until_ns;
    bool lost = b->state == AKT_BREAKER_HALF_OPEN && b->admitted > b->passed;
    if (over && (lost || b->state == AKT_BREAKER_OPEN))
        change(b, AKT_BREAKER_HALF_OPEN, now_ns);
}

enum akt_breaker_state akt_breaker_look(struct akt_breaker *b, uint64_t now_ns)
{
    settle(b, now_ns);
    return b->state;
}

uint64_t akt_breaker_enter(struct akt_breaker *b, uint64_t now_ns)
{
    settle(b, now_ns);
    bool may =
        b->state == AKT_BREAKER_CLOSED || (b->state == AKT_BREAKER_HALF_OPEN &&
                                           b->admitted < b->options.half_open);
    if (!may) {
        b->rejected++;
        return 0;
    }
    if (b->state == AKT_BREAKER_HALF_OPEN && b->admitted++ == 0)
        b->until_ns = now_ns + b->options.open_ns;
    return b->period;
}

static void count(struct akt_breaker *b, enum akt_call_result result)
{
    if (result == AKT_CALL_OK)
        b->ok++;
    else if (result == AKT_CALL_FAILED)
        b->failed++;
    else
        b->ignored++;
}

static void trial_ended(struct akt_breaker *b, enum akt_call_result result,
                        uint64_t now_ns)
{
    if (result == AKT_CALL_IGNORED)
        b->admitted--;
    else if (result == AKT_CALL_FAILED)
        change(b, AKT_BREAKER_OPEN, now_ns);
    else if (++b->passed == b->options.half_open)
        change(b, AKT_BREAKER_CLOSED, now_ns);
}

static void call_ended(struct akt_breaker *b, enum akt_call_result result,
                       uint64_t now_ns)
{
    if (result == AKT_CALL_OK)
        bucket(b, now_ns)->ok++;
    else if (result == AKT_CALL_FAILED)
        bucket(b, now_ns)->failed++;
    if (result == AKT_CALL_FAILED && is_bad(b, now_ns))
        change(b, AKT_BREAKER_OPEN, now_ns);
}

void akt_breaker_leave(struct akt_breaker *b, uint64_t ticket,
                       enum akt_call_result result, uint64_t now_ns)
{
    settle(b, now_ns);
    count(b, result);
    if (ticket != b->period)
        b->late++;
    else if (b->state == AKT_BREAKER_HALF_OPEN)
        trial_ended(b, result, now_ns);
    else
        call_ended(b, result, now_ns);
}
