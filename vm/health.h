/* SPDX-License-Identifier: MIT
 *
 * vm/health.h: asking actors again and again whether they are well.
 *
 *     REST -- every --> ASKED -- a turn is free --> health() --> REST
 *       ^                 |  timeout                   |
 *       +---- failed -----+----------------------------+
 *
 * A check is a turn in front of the mailbox. An actor that does not get to it
 * within the timeout, because its handler is in progress or waits for longer,
 * has failed it, like one whose health() raises or says so. `fails` failures
 * in a row are a crash with the code `unhealthy`; success counts from 0 again.
 *
 * Actors without checks pay nothing: all is behind a todo bit and a quiet
 * pending, so checks do not keep the program alive either.
 *
 * Threads: [owner] of the actor's isolate.
 */
#ifndef AKT_VM_HEALTH_H
#define AKT_VM_HEALTH_H

#include "vm/isolate.h"

enum akt_health_status {
    AKT_HEALTH_NONE, /* not checked yet, or never */
    AKT_HEALTH_OK,
    AKT_HEALTH_DEGRADED,
    AKT_HEALTH_FAILED
};

struct akt_health {
    enum akt_health_status status;
    struct akt_reason *reason; /* of the last check that was not ok; or NULL */
    uint32_t failed_in_row;
    bool asked;
};

/* It runs (again): the first check is due after `every`. */
void akt_health_begin(struct akt_isolate *iso, struct akt_actor *a);
/* AKT_DO_HEALTH. True: the host must run the turn, and end it by
 * akt_health_done. */
bool akt_health_step(struct akt_isolate *iso, struct akt_actor *a,
                     struct akt_turn *t);
/* The turn has ended, also by an error. Takes the reason (or NULL). */
void akt_health_done(struct akt_isolate *iso, enum akt_health_status status,
                     struct akt_reason *reason);
/* A pending of type HEALTH is due. */
void akt_health_due(struct akt_isolate *iso, struct akt_actor *a);
void akt_health_fini(struct akt_actor *a);

const char *akt_health_name(enum akt_health_status status);

#endif
