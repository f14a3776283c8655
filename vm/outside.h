/* SPDX-License-Identifier: MIT
 *
 * vm/outside.h: asking actors from threads that run none.
 *
 * The admin thread wants to know and to change things. What it says goes
 * through the inbox of an isolate like any message; the answer comes back to
 * a function, on the worker that answers.
 *
 * Such an ask has no sender, and its id is of a range of its own; a reply to
 * nobody with such an id is looked up in one table of the node, under a lock.
 * Actors that ask each other never come near it.
 *
 * Invariants
 *   X1  `done` is called exactly once for every akt_outside_ask: with the
 *       answer, or with a code when there will be none: `noproc` (the actor
 *       is gone), `noconnection` (its node is), `timeout`, `limit`
 * (AKT_OUTSIDE_MAX), `shutdown` (the node has ended). X2  Nothing here keeps
 * the program alive.
 *
 * Threads: as each line says.
 */
#ifndef AKT_VM_OUTSIDE_H
#define AKT_VM_OUTSIDE_H

#include "vm/node.h"
#include "vm/spawn.h"

#define AKT_OUTSIDE_MAX 1024 /* asks at the same time; beyond: AKT_LIMIT */

/* [any] On the worker that answers, in akt_outside_expire, at the end of
 * akt_node_run, or at once in akt_outside_ask. `reply` is the callee's to free;
 * with a code other than AKT_OK it is NULL or holds a reason. Must not block;
 * no lock is held. */
typedef void (*akt_outside_done)(void *ctx, enum akt_code code,
                                 struct akt_msg *reply);

struct akt_outside_ask {
    uint64_t timeout_ms; /* at most; 0: AKT_OUTSIDE_MS */
    akt_outside_done done;
    void *ctx;
};

#define AKT_OUTSIDE_MS 5000

/* [any] Sends m (USER or INFO; takes it) and waits for its answer. */
void akt_outside_ask(struct akt_node *node, struct akt_msg *m,
                     const struct akt_outside_ask *ask);
/* [any] Answers what is over its deadline; returns the next one in ns, 0:
 * none. Called by the admin thread, which is the clock of outside asks. */
uint64_t akt_outside_expire(struct akt_node *node, uint64_t now_ns);
/* [any] Starts an actor as a child of `/system`, in an isolate of its own.
 * Takes req->args and req->spec in every case. The pid may be sent to at
 * once. AKT_OK, AKT_LIMIT, AKT_NAME_TAKEN, AKT_DENIED (the node ends). */
enum akt_code akt_outside_spawn(struct akt_node *node, struct akt_spawn *req,
                                akt_pid *pid);
/* [any] What scripts can do to actors: akt_stop, akt_kill, akt_restart. */
enum akt_code akt_outside_stop(struct akt_node *node, akt_pid pid,
                               struct akt_reason *reason);
enum akt_code akt_outside_kill(struct akt_node *node, akt_pid pid);
enum akt_code akt_outside_restart(struct akt_node *node, akt_pid pid);
enum akt_code akt_outside_reinstate(struct akt_node *node, akt_pid pid);

/* For the node, vm/remote.c and vm/send.c. */
/* [any] The node with this index is gone. */
void akt_outside_gone(struct akt_node *node, uint32_t index);
struct akt_outside *akt_outside_create(void);
void akt_outside_destroy(struct akt_outside *o);
/* [start] The workers have ended: what is left is answered, and whatever still
 * comes at once. */
void akt_outside_close(struct akt_node *node);
bool akt_outside_is_reply(const struct akt_msg *m);
/* [any] True: taken; else it is a late one. */
bool akt_outside_reply(struct akt_node *node, struct akt_msg *m);

#endif
