/* SPDX-License-Identifier: MIT */
#include "vm/limiter.h"

#define NEVER_NS 9e18
/* A sum of fractions may fall short of a whole token by this. */
#define SHORT 1e-9

void akt_limiter_init(struct akt_limiter *l,
                      const struct akt_limiter_options *options,
                      uint64_t now_ns)
{
    *l = (struct akt_limiter){
        .options = *options, .tokens = options->burst, .at_ns = now_ns};
}

double akt_limiter_tokens(struct akt_limiter *l, uint64_t now_ns)
{
    if (now_ns > l->at_ns) {
        l->tokens += (double)(now_ns - l->at_ns) / 1e9 * l->options.rate;
        if (l->tokens > l->options.burst)
            l->tokens = l->options.burst;
        l->at_ns = now_ns;
    }
    return l->tokens;
}

static uint64_t until_there(const struct akt_limiter *l, double n)
{
    double missing = n - l->tokens;
    if (missing <= SHORT)
        return 0;
    double ns = missing / l->options.rate * 1e9;
    return ns < NEVER_NS ? (uint64_t)ns + 1 : (uint64_t)NEVER_NS;
}

bool akt_limiter_take(struct akt_limiter *l, double n, uint64_t now_ns,
                      uint64_t max_wait_ns, uint64_t *wait_ns)
{
    akt_limiter_tokens(l, now_ns);
    uint64_t wait = until_there(l, n);
    if (wait > max_wait_ns) {
        l->refused++;
        return false;
    }
    l->tokens -= n;
    l->taken++;
    l->waited += wait > 0;
    *wait_ns = wait;
    return true;
}
