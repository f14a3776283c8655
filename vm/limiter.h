/* SPDX-License-Identifier: MIT
 *
 * vm/limiter.h: a token bucket, pure: tokens come at a rate up to a burst; who
 * takes more than there are waits until they have come.
 *
 * Who waits has taken its tokens already (their number is then negative), so
 * waiters are served in the order in which they came, and none can be passed
 * by a small request. Tokens of a waiter that ends meanwhile are lost.
 *
 * Time is monotonic. Threads: none; vm/gates.h locks.
 */
#ifndef AKT_VM_LIMITER_H
#define AKT_VM_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

struct akt_limiter_options {
    double rate;  /* tokens per second, over 0 */
    double burst; /* at most so many are kept; 1 or more */
};

struct akt_limiter {
    struct akt_limiter_options options;
    double tokens;
    uint64_t at_ns; /* when there were so many */
    /* since it was made */
    uint64_t taken, waited, refused;
};

/* It begins full. */
void akt_limiter_init(struct akt_limiter *l,
                      const struct akt_limiter_options *options,
                      uint64_t now_ns);
/* True: n tokens are taken, *wait_ns is how long to wait before they may be
 * used. False: that were longer than max_wait_ns, and nothing is taken. n is
 * at most the burst. */
bool akt_limiter_take(struct akt_limiter *l, double n, uint64_t now_ns,
                      uint64_t max_wait_ns, uint64_t *wait_ns);
/* Tokens there are; negative: others wait. */
double akt_limiter_tokens(struct akt_limiter *l, uint64_t now_ns);

#endif
