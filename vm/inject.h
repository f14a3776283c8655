/* SPDX-License-Identifier: MIT
 *
 * vm/inject.h: faults that a test injects into a simulated world, as rules.
 *
 *     crash   the handler of the next message fails before it begins (of a
 *             process: the next time it would go on; nothing is closed)
 *     drop    messages to an actor do not arrive: dead letters `fault`; who
 *             asked hears nothing, as if a network had lost them
 *     delay   what others send to an actor arrives later; replies, links and
 *             news of ends too, so that the order of one sender is kept
 *     slow    each turn of an actor begins that much after it could have
 *     full    its mailbox takes nothing for a time, by its own policy
 *
 * (vm/fault.h has the crash that does not wait.)
 *
 * A fault belongs to one pid, and ends with it; drops and delays can be
 * limited to one sender or one tag. Messages of the machine (starts, stops,
 * kills) are not touched.
 *
 * Cost: one look at a pointer for each message while there are none.
 *
 * Threads: [worker], of a simulated node.
 */
#ifndef AKT_VM_INJECT_H
#define AKT_VM_INJECT_H

#include "vm/actor.h"
#include "vm/isolate.h"

struct akt_faults;

struct akt_inject_stats { /* what faults have done so far */
    uint64_t crashes, dropped, delayed, slowed, filled;
};

#define AKT_INJECT_TAG_MAX 64
#define AKT_INJECT_MAX 1000 /* rules of a node */

struct akt_inject_drop {
    akt_pid from;    /* none: from anybody */
    const char *tag; /* NULL: any; at most AKT_INJECT_TAG_MAX bytes count */
    uint32_t count;  /* of the next ones; 0: by share */
    double share;    /* of all, from 0 to 1 */
};

struct akt_inject_delay {
    akt_pid from;
    uint64_t least_ns, most_ns; /* drawn evenly */
};

/* AKT_OK; AKT_NOPROC: there is no such actor; AKT_DENIED: it is one of the
 * machine's, or main is to crash; AKT_LIMIT. Several of one kind for one
 * actor: the first one that fits a message acts. */
enum akt_code akt_inject_crash(struct akt_node *node, akt_pid pid);
enum akt_code akt_inject_drop(struct akt_node *node, akt_pid pid,
                              const struct akt_inject_drop *drop);
enum akt_code akt_inject_delay(struct akt_node *node, akt_pid pid,
                               const struct akt_inject_delay *delay);
enum akt_code akt_inject_slow(struct akt_node *node, akt_pid pid, uint64_t ns);
enum akt_code akt_inject_full(struct akt_node *node, akt_pid pid, uint64_t ns);
/* Ends the faults of an actor, or all; what was delayed arrives now. */
void akt_inject_clear(struct akt_node *node, akt_pid pid);
void akt_inject_read(const struct akt_node *node, struct akt_inject_stats *out);

/* The rest is called where it happens, if node->faults is set. */

/* A message on its way to a. True: it was taken. */
bool akt_inject_takes(struct akt_node *node, struct akt_actor *a,
                      struct akt_msg *m);
/* The turn of iso has begun. True: it has failed. */
bool akt_inject_crashes(struct akt_isolate *iso);
/* Whether it may not run yet; and that it does now. */
bool akt_inject_holds(struct akt_node *node, const struct akt_actor *a);
void akt_inject_runs(struct akt_node *node, const struct akt_actor *a);
bool akt_inject_is_full(struct akt_node *node, const struct akt_actor *a);
void akt_inject_destroy(struct akt_faults *f); /* NULL allowed */

#endif
