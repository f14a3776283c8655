/* SPDX-License-Identifier: MIT
 *
 * vm/breaker.h: a circuit breaker as a pure state machine: it is told of the
 * time, of calls that want to begin and of how they ended, and says whether a
 * call may begin.
 *
 *     CLOSED --too many calls of the window failed--> OPEN
 *     OPEN --open_ns are over--> HALF_OPEN
 *     HALF_OPEN --all trials went well--> CLOSED, one failed--> OPEN
 *
 * Calls overlap, so a call may end in another state than it began in. Each
 * carries a ticket, the number of the period it began in; what ends a period
 * later counts for nothing.
 *
 * Invariants
 *   B1  In one half-open period exactly `half_open` calls are let in, but for
 *       those that ended without a verdict, whose places are free again.
 *   B2  A result counts in the period in which its call began, or never.
 *   B3  Half-open does not last: trials without a result (their actors were
 *       killed) are given up after open_ns, and a new period begins.
 *
 * Time is monotonic. Threads: none; vm/gates.h locks.
 */
#ifndef AKT_VM_BREAKER_H
#define AKT_VM_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#define AKT_BREAKER_BUCKETS 12

enum akt_breaker_state {
    AKT_BREAKER_CLOSED,
    AKT_BREAKER_HALF_OPEN,
    AKT_BREAKER_OPEN
};

/* Ignored: ended from outside, which says nothing of what was called. */
enum akt_call_result { AKT_CALL_OK, AKT_CALL_FAILED, AKT_CALL_IGNORED };

struct akt_breaker_options {
    double failures;    /* opens when this part of the calls failed, over 0 */
    uint32_t calls;     /* ... of at least so many in the window */
    uint32_t half_open; /* trials that must go well */
    uint64_t window_ns;
    uint64_t open_ns;
};

struct akt_breaker_bucket {
    uint64_t number; /* of its part of time */
    uint32_t ok, failed;
};

struct akt_breaker {
    struct akt_breaker_options options;
    enum akt_breaker_state state;
    uint64_t period;   /* the ticket of those who begin now; never 0 */
    uint64_t until_ns; /* open: when it is half open; half open: see B3 */
    uint32_t admitted, passed; /* half open */
    struct akt_breaker_bucket buckets[AKT_BREAKER_BUCKETS];
    /* since it was made */
    uint64_t opened, rejected, ok, failed, ignored, late;
};

void akt_breaker_init(struct akt_breaker *b,
                      const struct akt_breaker_options *options);
/* The ticket of a call that may begin; 0: rejected. */
uint64_t akt_breaker_enter(struct akt_breaker *b, uint64_t now_ns);
/* A call that was let in has ended. */
void akt_breaker_leave(struct akt_breaker *b, uint64_t ticket,
                       enum akt_call_result result, uint64_t now_ns);
enum akt_breaker_state akt_breaker_look(struct akt_breaker *b, uint64_t now_ns);
/* How many calls of the window went well, and how many failed. */
void akt_breaker_window(const struct akt_breaker *b, uint64_t now_ns,
                        uint64_t *ok, uint64_t *failed);
const char *akt_breaker_state_name(enum akt_breaker_state state);

#endif
