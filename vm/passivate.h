/* SPDX-License-Identifier: MIT
 *
 * vm/passivate.h: actors that leave when nobody uses them, and come back
 * with the next message.
 *
 *     RUNNING ---------> idle() -----> AWAY -- a message --> INIT -> RUNNING
 *        ^   after, n      |            | stop, with a       wake()
 *        +--- it fails ----+            | terminate: by INIT too
 *
 * An actor that is AWAY has its record, arguments, mailbox, name, and the
 * ties to others, but no state in the host; what idle() returned is kept as
 * bytes. It leaves only when nothing would be lost: see akt_passivate_why_not.
 *
 * The message path pays one test of a->extras when an actor becomes idle. Its
 * timer is left alone by messages: when it rings, it is set again for as long
 * as the actor has been used.
 *
 * Invariants
 *   Q1  No message is lost: one that comes while idle() runs or while the
 *       actor is AWAY stays in its mailbox, and wakes it.
 *   Q2  An actor that is AWAY holds no pending, so it costs no time.
 *   Q3  Passivation never keeps a program alive.
 *
 * Threads: [owner] of the actor's isolate.
 */
#ifndef AKT_VM_PASSIVATE_H
#define AKT_VM_PASSIVATE_H

#include "vm/isolate.h"

#define AKT_IDLE_MAX (1u << 20) /* bytes of what idle() leaves */
#define AKT_IDLE_SLOWER \
    6 /* failures of idle() that double the time to the next */

struct akt_passivation {
    struct akt_args *data; /* of idle(): while AWAY and until woken */
    uint64_t handled_from; /* messages when it began to be counted */
    bool paused;
    bool asked;       /* once its mailbox is empty, whatever the policy says */
    uint8_t failures; /* of idle() since its last message, AKT_IDLE_SLOWER at
                         most */
};

/* It runs (again): the clock starts if its kind or its spawn says so. */
void akt_passivate_begin(struct akt_isolate *iso, struct akt_actor *a);
/* It has AKT_X_PASSIVATE, has handled a message and its mailbox is empty. */
void akt_passivate_idle(struct akt_isolate *iso, struct akt_actor *a);
/* Its timer is due. */
void akt_passivate_due(struct akt_isolate *iso, struct akt_actor *a);
/* What it would lose if it left now, or what else is against it, in a few
 * words; NULL: nothing. Its handler in progress and mailbox do not count. */
const char *akt_passivate_why_not(struct akt_isolate *iso, struct akt_actor *a);
/* It is to leave as soon as its mailbox is empty, if it can then. */
void akt_passivate_asked(struct akt_isolate *iso, struct akt_actor *a);
void akt_passivate_pause(struct akt_isolate *iso, struct akt_actor *a,
                         bool paused);
/* AKT_DO_IDLE. True: the host must run the turn, and say how it ended by one
 * of the next two. */
bool akt_passivate_step(struct akt_isolate *iso, struct akt_actor *a,
                        struct akt_turn *t);
/* idle() has returned; takes data (NULL: none), at most AKT_IDLE_MAX. */
void akt_passivate_done(struct akt_isolate *iso, struct akt_args *data);
/* It has failed: the actor stays. `report` stays the caller's. */
void akt_passivate_refused(struct akt_isolate *iso, const char *report,
                           uint32_t len);
/* It takes too long: it is dropped, and the actor stays. */
void akt_passivate_overdue(struct akt_isolate *iso, struct akt_actor *a);

/* For the life-cycle. A message has come for one that is AWAY. */
void akt_passivate_wake(struct akt_isolate *iso, struct akt_actor *a);
/* It leaves AWAY: by INIT, which begins; or for good, without state. */
void akt_passivate_back(struct akt_isolate *iso, struct akt_actor *a);
void akt_passivate_gone(struct akt_isolate *iso, struct akt_actor *a);
void akt_passivate_woken(struct akt_isolate *iso, struct akt_actor *a);
/* init or wake has failed: a crash, and the message that woke it is lost.
 * Takes reason and text. */
void akt_passivate_failed(struct akt_isolate *iso, struct akt_actor *a,
                          struct akt_reason *reason, const char *code,
                          char *text, uint32_t len);
/* It is stopped while AWAY. */
void akt_passivate_stop(struct akt_isolate *iso, struct akt_actor *a,
                        uint32_t grace_ms);
/* A restart: what was kept is dropped with the rest of the state. */
void akt_passivate_reset(struct akt_actor *a);
void akt_passivate_fini(struct akt_actor *a);

#endif
