/* SPDX-License-Identifier: MIT
 *
 * vm/upgrade.h: how running actors change to a newer version of their kind.
 *
 * A kind that has been replaced points to its successor. Its actors notice
 * that before their next message, and between messages when a note tells them
 * to look. None changes while a handler or task of it is in progress or waits;
 * until they have ended, it takes no other message. One that has several of
 * them refuses after AKT_UPGRADE_MS, since there may be no end to them.
 *
 * Invariants
 *   V1  No message is handled by a version that was replaced before the
 *       actor took the message, unless the actor refused the new one.
 *   V2  Pid, mailbox, timers, links, monitors, name and children stay.
 *   V3  An upgrade that fails changes nothing but `held_back`; the next note
 *       tries again.
 *
 * Threads: as each line says.
 */
#ifndef AKT_VM_UPGRADE_H
#define AKT_VM_UPGRADE_H

#include "vm/isolate.h"

#define AKT_UPGRADE_MS 5000 /* what one upgrade may take */

/* [any] The last of the line; k itself when nothing replaced it. */
const struct akt_kind *akt_kind_newest(const struct akt_kind *k);

/* [owner] A newer version is there and was not refused. */
static inline bool akt_upgrade_is_due(const struct akt_actor *a)
{
    /* relaxed: what is seen late is done before a later message; who reads
     * the newer kind acquires it in akt_kind_newest */
    return atomic_load_explicit(&akt_actor_kind(a)->newer,
                                memory_order_relaxed) &&
           !atomic_load_explicit(&a->held_back, memory_order_relaxed);
}

/* [owner] True: the host must run the turn, and then say how it ended. */
bool akt_upgrade_step(struct akt_isolate *iso, struct akt_actor *a,
                      struct akt_turn *t);
/* [owner] The turn has ended well: the actor's state is that of `to`. */
void akt_upgrade_done(struct akt_isolate *iso, const struct akt_kind *to);
/* [owner] It has not: nothing has changed. `report` stays the caller's. */
void akt_upgrade_refused(struct akt_isolate *iso, const char *report,
                         uint32_t len);
/* [owner] It takes too long: it is dropped. */
void akt_upgrade_overdue(struct akt_isolate *iso, struct akt_actor *a);
/* [owner] Handlers or tasks in progress keep the actor from changing while
 * messages wait: not for ever, after AKT_UPGRADE_MS it refuses. */
void akt_upgrade_held_up(struct akt_isolate *iso, struct akt_actor *a);
void akt_upgrade_give_up(struct akt_isolate *iso, struct akt_actor *a);
/* [owner] Without state there is nothing to carry over: the newest version is
 * the one that starts. */
void akt_upgrade_at_start(struct akt_actor *a);
/* [owner] A note has come; frees m. */
void akt_upgrade_on_note(struct akt_isolate *iso, struct akt_msg *m);

/* [any] Calls `see` for every actor that is alive; where it says so, the actor
 * is told to look for a newer version. In chunks of slots, so that many can be
 * told without a pause. */
struct akt_upgrade_scan {
    bool (*see)(void *ctx, akt_pid pid, const struct akt_kind *kind,
                bool held_back);
    void *ctx;
};
void akt_upgrade_scan(struct akt_node *node,
                      const struct akt_upgrade_scan *scan);

#endif
