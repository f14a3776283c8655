/* SPDX-License-Identifier: MIT */
#include "vm/share.h"

static int64_t share_of(const struct akt_share *s, uint64_t ns)
{
    return (int64_t)(ns / 100 * s->percent);
}

void akt_share_init(struct akt_share *s, uint32_t percent, uint64_t now_ns)
{
    s->percent = percent;
    s->seen_ns = now_ns;
    s->left_ns = share_of(s, AKT_SHARE_WINDOW_NS);
}

static void refill(struct akt_share *s, uint64_t now_ns)
{
    int64_t full = share_of(s, AKT_SHARE_WINDOW_NS);
    uint64_t passed = now_ns > s->seen_ns ? now_ns - s->seen_ns : 0;
    if (passed > AKT_SHARE_WINDOW_NS + AKT_SHARE_DEBT_NS)
        s->left_ns = full;
    else
        s->left_ns += share_of(s, passed);
    if (s->left_ns > full)
        s->left_ns = full;
    s->seen_ns = now_ns;
}

uint64_t akt_share_wait(struct akt_share *s, uint64_t now_ns)
{
    int64_t enough = share_of(s, AKT_SHARE_WINDOW_NS / 10);
    refill(s, now_ns);
    if (s->left_ns > 0)
        return 0;
    uint64_t lacks = (uint64_t)(enough - s->left_ns);
    return now_ns + lacks * 100 / s->percent + 1;
}

void akt_share_spend(struct akt_share *s, uint64_t ran_ns)
{
    int64_t most = -share_of(s, AKT_SHARE_DEBT_NS);
    s->left_ns -= ran_ns < INT64_MAX / 2 ? (int64_t)ran_ns : INT64_MAX / 2;
    if (s->left_ns < most)
        s->left_ns = most;
}
