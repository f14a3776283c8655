/* SPDX-License-Identifier: MIT
 *
 * vm/send.h: how a message gets from an actor (or from outside) to a mailbox.
 *
 * A message to an actor of the same isolate goes straight into its mailbox,
 * which is a plain list. Any other goes through the inbox of the receiver's
 * isolate, whose owner distributes it. A sender and a receiver never change
 * isolates, so what one sends to the other keeps its order.
 *
 * Ownership: posts take the block.
 */
#ifndef AKT_VM_SEND_H
#define AKT_VM_SEND_H

#include "vm/isolate.h"
#include "vm/mailbox.h"
#include "vm/node.h"

/* [any] `from`: the isolate the calling thread runs, or NULL. Delivers
 * without looking at bounds; to a dead pid: akt_bounce. */
void akt_post(struct akt_node *node, struct akt_isolate *from,
              struct akt_msg *m);

/* For vm/fault.c. A message that was held back arrives. */
void akt_post_delayed(struct akt_node *node, struct akt_msg *m);

/* [any] A note for an isolate, not for one of its actors. Takes m. */
void akt_post_to_isolate(struct akt_isolate *to, struct akt_msg *m);

/* [any] The same for a chain of messages to its actors, the newest first, whose
 * way was prepared. */
void akt_post_chain(struct akt_isolate *to, struct akt_msg *newest,
                    struct akt_msg *oldest);

/* [any] Whether a message more is within its bounds, more or less. */
bool akt_send_has_room(const struct akt_actor *a);

/* [owner] For who posts to many: whether the sender must look first; whether a
 * message would be let in (one that takes the place of the oldest is); and what
 * a message of this size does to the receiver before it is posted: returns its
 * isolate, where akt_post_chain puts it, or akt_send_here if that is iso. */
bool akt_send_looks(const struct akt_actor *a);
bool akt_send_is_let_in(const struct akt_actor *a);
struct akt_isolate *akt_send_prepare(struct akt_isolate *iso,
                                     struct akt_actor *a, uint32_t size);
/* [owner] Into the mailbox of an actor of this isolate; one that drops its
 * oldest when it is full does so. Takes m. */
void akt_send_here(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_msg *m);

/* [owner] A user message within the receiver's bounds. AKT_OK: taken.
 * AKT_NOPROC: taken, it is a dead letter. AKT_OVERLOADED: not taken; *full
 * says the policy (WAIT: send it again by akt_send_wait; ERROR: raise).
 * LOOK: the sender must look at the receiver, and may send it again marked
 * AKT_MSG_LOOKED. A message that is dropped by policy is taken and is a dead
 * letter; the result is AKT_OVERLOADED with *full AKT_FULL_DROP_NEW. */
enum akt_code akt_send(struct akt_isolate *iso, struct akt_msg *m,
                       enum akt_full *full);
/* [owner] True: the current actor may not wait for `to` (its own mailbox is
 * full, or `to` waits for it): it may push up to twice the bound. */
bool akt_send_may_overfill(struct akt_isolate *iso, akt_pid to);
/* [owner] Whether `to` is over twice its bound. */
bool akt_send_is_overfull(struct akt_isolate *iso, akt_pid to);
/* [owner] Pushes a block made with akt_msg_new_ack: when there is room its
 * sender's pending `ack.id` is answered. */
void akt_send_wait(struct akt_isolate *iso, struct akt_msg *m);

/* [owner] Answers the ask of `m` (its ask is then 0): a block whose body is
 * the results, or a code with a reason for its value. No-ops when nobody
 * asked. Take the block, or a reference. */
void akt_reply(struct akt_isolate *iso, akt_pid from, struct akt_msg *m,
               struct akt_msg *reply);
void akt_reply_error(struct akt_node *node, struct akt_isolate *iso,
                     akt_pid from, struct akt_msg *m, enum akt_code code,
                     struct akt_reason *reason);

/* [any] A message that cannot be delivered: whoever waits for something is
 * told `why`, and it is counted. */
void akt_bounce(struct akt_node *node, struct akt_isolate *iso,
                struct akt_msg *m, enum akt_code why);

/* [any] Counts it and tells who watches; the message stays the caller's. */
void akt_dead_letter(struct akt_node *node, const struct akt_msg *m,
                     enum akt_code why);

/* [owner] Distributes what has arrived in the inbox. */
void akt_isolate_drain(struct akt_isolate *iso);
/* [owner] Whether that would find something; in a replay the tape knows. */
static inline bool akt_isolate_has_news(struct akt_isolate *iso)
{
    return akt_inbox_has(&iso->inbox) || iso->tape;
}

/* The calls below are what scripts can do to other actors. [owner] */
enum akt_code akt_link(struct akt_isolate *iso, struct akt_actor *a,
                       akt_pid to);
void akt_unlink(struct akt_isolate *iso, struct akt_actor *a, akt_pid to);
uint64_t akt_monitor(struct akt_isolate *iso, struct akt_actor *a, akt_pid to,
                     bool restarts);
bool akt_demonitor(struct akt_isolate *iso, struct akt_actor *a, uint64_t ref);
/* Whether m is a link or a monitor, or the end of one; then it is taken, and
 * done. Ties go the same way as messages, so that nobody overtakes the other:
 * who monitors and then sends hears how it really ended. */
bool akt_tied(struct akt_actor *a, struct akt_msg *m);
/* Takes the reference. AKT_DENIED for `/` and `/system`. */
enum akt_code akt_stop(struct akt_isolate *iso, akt_pid from, akt_pid to,
                       struct akt_reason *reason);
enum akt_code akt_kill(struct akt_isolate *iso, akt_pid from, akt_pid to);
/* AKT_DENIED for main too; AKT_NOPROC. */
enum akt_code akt_restart(struct akt_isolate *iso, akt_pid from, akt_pid to);

/* Body of EXIT and DOWN: sender is who ended; `ask` the monitor's ref. The
 * reason is the block's (AKT_MSG_REASON). */

#endif
