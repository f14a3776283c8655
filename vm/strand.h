/* SPDX-License-Identifier: MIT
 *
 * vm/strand.h: several handlers and tasks of one actor in progress.
 *
 * A strand is one handler, or one task, from its start to its end. An actor
 * has one in the foreground: that is what a->fiber, a->current, a->parked and
 * their like are about, and all the rest of the VM knows. Others are put
 * aside, in a record each. They change places only when the one in the
 * foreground waits:
 *
 *     foreground --waits, another may go on--> aside: parked
 *          ^                                      | its answer has come
 *          +----- the one in front waits or ends -+ (ready)
 *
 * So an actor that waits for one thing only never makes a record, and one
 * without AKT_X_STRANDS never gets here.
 *
 * A message may be taken beside handlers that wait if the policies they have
 * begun under allow it, and while nobody waits in a receive.
 *
 * Invariants
 *   N1  At most one strand of an actor runs; others wait, and a strand that
 *       was preempted goes on before any other.
 *   N2  A busy actor has a strand in its foreground. A receive that waits,
 *       and the function of a process, are put aside only while another one
 *       runs.
 *   N3  A pending that is awaited by a strand with a record points to it.
 *   N4  An actor changes to a newer kind, and begins to end, only without
 *       handlers in progress; tasks are dropped when it ends or starts again.
 *
 * Ownership: records and policies belong to the actor's ext.
 * Threads:   [owner].
 */
#ifndef AKT_VM_STRAND_H
#define AKT_VM_STRAND_H

#include "vm/deadlock.h"
#include "vm/isolate.h"

#define AKT_TASKS_MAX 10000 /* of one actor in progress */

/* What a handler of the running one's policy leaves to others. */
struct akt_policy {
    struct akt_policy *next;
    struct akt_reentrant how; /* its tags are borrowed from the kind, or own */
    bool own;                 /* set at run time, not by the kind */
    uint32_t in_flight;       /* handlers begun under it, with a record */
};

struct akt_strand {
    struct akt_strand *next, *prev; /* while aside */
    struct akt_policy *policy;      /* NULL: a task */
    void *fiber;
    struct akt_msg *current;
    uint64_t host[2]; /* the host's, see akt_host.exchange */
    uint64_t side;    /* number of a wait that is in node->sides; 0: none */
    uint32_t since_tick;
    uint32_t slices;
    bool aside;
    bool ready;
    bool receiving;
};

struct akt_strands {
    struct akt_strand *front; /* of the foreground; NULL: it has none yet */
    struct akt_strand *parked;
    struct akt_strand *ready, *ready_last;
    struct akt_strand *keeper;     /* aside, but must come back to the front */
    const struct akt_strand *edge; /* whose wait is the actor's edge */
    struct akt_policy *policies;   /* the first is that of new handlers */
    struct akt_msg *looked;        /* in the mailbox: none up to it may start */
    uint32_t handlers, tasks; /* with a record, the one in front included */
    bool outlived;            /* of a process: its function has ended */
    bool mail_next;           /* rather a message than a strand */
};

/* [any] Whether a handler under `how` leaves m to others while it waits. */
bool akt_reentrant_allows(const struct akt_reentrant *how,
                          const struct akt_msg *m);
/* The running handler waits for p. */
void akt_await(struct akt_actor *a, struct akt_pending *p);
/* Handlers and tasks in progress, the one in front included. */
uint32_t akt_strand_handlers(const struct akt_actor *a);
uint32_t akt_strand_tasks(const struct akt_actor *a);
/* The strands aside: the parked ones (`ready` false) or those that may go on.
 * Follow `next`. */
const struct akt_strand *akt_strand_aside(const struct akt_actor *a,
                                          bool ready);
/* Whether the foreground is a task. */
bool akt_strand_is_task(const struct akt_actor *a);
/* Whether p is awaited by the foreground. */
bool akt_strand_awaits(const struct akt_actor *a, const struct akt_pending *p);
/* Whether the foreground, while it waits, keeps this message in the mailbox. */
bool akt_strand_holds(struct akt_actor *a, const struct akt_msg *m);
/* Whether another handler waits in a receive. */
bool akt_strand_other_receives(const struct akt_actor *a);

/* What to publish when the foreground begins to wait for p (vm/deadlock.h).
 * False: nothing. */
bool akt_strand_edge(struct akt_actor *a, const struct akt_pending *p,
                     struct akt_edge_wait *w);
/* Its wait is over. */
void akt_strand_clear_edge(struct akt_actor *a);

/* Starts a task at the next wait or end of the foreground. `task` becomes its
 * current message. False, and not taken: there are AKT_TASKS_MAX. */
bool akt_strand_add_task(struct akt_isolate *iso, struct akt_actor *a,
                         struct akt_msg *task);
/* From the next message on; takes how->tags. */
void akt_strand_set_policy(struct akt_actor *a,
                           const struct akt_reentrant *how);
const struct akt_reentrant *akt_strand_policy(struct akt_actor *a);

/* ---- for the VM ---- */

/* What p's strand waited for has come. */
void akt_strand_woken(struct akt_isolate *iso, struct akt_pending *p);
/* A strand goes on, or a message is taken; true: run iso->turn. */
bool akt_strand_step(struct akt_isolate *iso, struct akt_actor *a);
/* The foreground waits. */
void akt_strand_parked(struct akt_isolate *iso, struct akt_actor *a);
/* The foreground has failed: its record goes. */
void akt_strand_release(struct akt_actor *a);
/* The turn's handler or task is over. True: that is dealt with, the actor goes
 * on. False: so is the actor's step of life. */
bool akt_strand_done(struct akt_isolate *iso, struct akt_actor *a);
/* The foreground is empty: another strand takes its place. */
void akt_strand_next(struct akt_isolate *iso, struct akt_actor *a);
/* A message has come while the foreground is in progress. */
void akt_strand_mail(struct akt_isolate *iso, struct akt_actor *a);
/* Something was put in front of the mailbox, or somewhere inside. */
void akt_strand_look_again(struct akt_actor *a);
/* A message leaves the mailbox; prev is what was before it. */
void akt_strand_left(struct akt_actor *a, const struct akt_msg *m,
                     struct akt_msg *prev);
/* Drops all but the foreground, whose record goes too; who asked gets `code`.
 */
void akt_strand_drop(struct akt_isolate *iso, struct akt_actor *a,
                     enum akt_code code);
/* The function of a process has ended. True: its tasks have not, and it ends
 * with them. */
bool akt_strand_outlives(struct akt_isolate *iso, struct akt_actor *a);
/* The actor's kind is another one, or it starts again. */
void akt_strand_adopt(struct akt_actor *a);
/* Frees records and policies; nothing is in progress, or nobody is told. */
void akt_strand_free(struct akt_isolate *iso, struct akt_actor *a);

static inline bool akt_has_strands(const struct akt_actor *a)
{
    return a->extras & AKT_X_STRANDS;
}

#endif
