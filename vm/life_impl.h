/* SPDX-License-Identifier: MIT
 *
 * vm/life_impl.h: what the files of the life-cycle share. All [owner].
 */
#ifndef AKT_VM_LIFE_IMPL_H
#define AKT_VM_LIFE_IMPL_H

#include "vm/life.h"

/* It may have none. */
void akt_life_free_name(struct akt_isolate *iso, struct akt_actor *a);
/* A step of the life-cycle is due. */
void akt_life_go_on(struct akt_isolate *iso, struct akt_actor *a);
/* Takes m. */
void akt_life_to_parent(struct akt_isolate *iso, struct akt_actor *a,
                        struct akt_msg *m);
/* Takes the reference. */
void akt_life_set_reason(struct akt_actor *a, struct akt_reason *reason);
/* To whoever writes crash reports. */
void akt_life_report(struct akt_isolate *iso, const char *text, uint32_t len,
                     const char *fate);
/* A chain of messages. */
void akt_life_free_msgs(struct akt_msg *m);
/* Messages that were being handled will not be; who asked gets `code`. */
void akt_life_lose_all(struct akt_isolate *iso, struct akt_actor *a,
                       struct akt_msg **list, enum akt_code code);
void akt_life_free_lost(struct akt_actor *a);
/* Replies that were put off are due from nobody now. */
void akt_life_fail_deferred(struct akt_isolate *iso, struct akt_actor *a,
                            enum akt_code code);
/* Up to *left of its own; true: all. */
bool akt_life_drop_monitors(struct akt_isolate *iso, struct akt_actor *a,
                            uint32_t *left);
/* The way to the end (or a restart) when no handler is in progress. */
void akt_life_end_idle(struct akt_isolate *iso, struct akt_actor *a);
/* The first step of that way: tasks are dropped, children end. */
void akt_life_to_children(struct akt_isolate *iso, struct akt_actor *a);
/* Children and terminate are done. */
void akt_life_begin_ending(struct akt_isolate *iso, struct akt_actor *a);
/* One chunk of the end; true: it is over and `a` the parent's. */
bool akt_life_end_step(struct akt_isolate *iso, struct akt_actor *a);
/* News of the end (or restart) to one other. */
void akt_life_tell(struct akt_isolate *iso, struct akt_actor *a, akt_pid to,
                   enum akt_msg_type type, uint64_t ref, uint8_t flags);
/* The spawner is told that this did not become an actor. Takes reason. */
void akt_life_refuse_spawner(struct akt_isolate *iso, struct akt_actor *a,
                             enum akt_code code, struct akt_reason *reason);
/* The first init has failed: it is tried again, or the spawner is told and
 * nothing restarts. Takes reason and text. */
void akt_life_init_failed(struct akt_isolate *iso, struct akt_actor *a,
                          struct akt_reason *reason, char *text, uint32_t len);
/* It stays with its state and takes no message until it is reinstated. */
void akt_life_suspend(struct akt_isolate *iso, struct akt_actor *a);
/* terminate or pre_restart is cut off: said once, and it goes on. */
void akt_life_report_overrun(struct akt_isolate *iso,
                             const struct akt_actor *a);
/* The old state is done with: start again now, later, or when told. */
void akt_life_halted(struct akt_isolate *iso, struct akt_actor *a);

#endif
