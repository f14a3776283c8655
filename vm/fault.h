/* SPDX-License-Identifier: MIT
 *
 * vm/fault.h: failures that a test causes in actors.
 */
#ifndef AKT_VM_FAULT_H
#define AKT_VM_FAULT_H

#include "vm/isolate.h"

/* [owner] `to` crashes as if the handler in progress, or its next message,
 * had raised: who asked it gets `crash`, its supervisor decides. It overtakes
 * what waits in the mailbox. One that has not started, or that is ending, is
 * killed. AKT_NOPROC, AKT_DENIED (the machine's own, main). */
enum akt_code akt_fault_crash(struct akt_isolate *iso, akt_pid from,
                              akt_pid to);

/* [worker] Whether no fault may be injected for it: it is one of the machine's
 * own, or main (`but_main`: that one may have it). */
bool akt_fault_spares(const struct akt_node *node, akt_pid pid, bool but_main);

/* [owner] of a: the message has arrived; takes m. */
void akt_fault_on_crash(struct akt_isolate *iso, struct akt_actor *a,
                        struct akt_msg *m);

#endif
