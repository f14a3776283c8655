/* SPDX-License-Identifier: MIT
 *
 * vm/replay.h: runs a recording (vm/tape.h) again, in the simulated world: one
 * thread, and each isolate does what its tape says, in its order.
 *
 * Between isolates there is no order but that of messages and tickets: an
 * isolate whose next event needs a block that has not been pushed yet, or a
 * ticket that is not the next, waits for the others.
 *
 * Threads: [worker], the only one there is.
 */
#ifndef AKT_VM_REPLAY_H
#define AKT_VM_REPLAY_H

#include "vm/isolate.h"
#include "vm/tape.h"

/* One step of one actor, and what arrives before it. False: it has ended, or
 * has left the recording (akt_recording_fault). */
bool akt_replay_step(struct akt_worker *w);
/* [owner] For akt_isolate_drain: the blocks of the ARRIVE that is being
 * replayed, in its order. */
struct akt_msg *akt_replay_take(struct akt_isolate *iso);

#endif
