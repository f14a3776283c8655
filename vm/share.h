/* SPDX-License-Identifier: MIT
 *
 * vm/share.h: an isolate may use so much of one core: a bucket of time.
 *
 * The bucket fills by `percent` of the time that passes, up to that share of a
 * window of AKT_SHARE_WINDOW_NS, and running empties it. An isolate whose
 * bucket is empty is not visited until a tenth of it is there again. A visit
 * may overdraw it, by as much as a turn is late to give way; that is paid
 * back first, but never more than AKT_SHARE_DEBT_NS of waiting, so that
 * whatever the isolate is sent (a kill, say) is seen by then.
 *
 * Pure: time is given. Ownership: the isolate's. Threads: [owner].
 */
#ifndef AKT_VM_SHARE_H
#define AKT_VM_SHARE_H

#include <stdint.h>

#define AKT_SHARE_WINDOW_NS 100000000u
#define AKT_SHARE_DEBT_NS 1000000000u

struct akt_share {
    uint32_t percent; /* of one core, 1 to 100; 0: no limit */
    int64_t left_ns;  /* in the bucket */
    uint64_t seen_ns; /* when it was filled last */
};

void akt_share_init(struct akt_share *s, uint32_t percent, uint64_t now_ns);
/* 0: it may run now; else when to look again. */
uint64_t akt_share_wait(struct akt_share *s, uint64_t now_ns);
/* It has run. */
void akt_share_spend(struct akt_share *s, uint64_t ran_ns);

#endif
