/* SPDX-License-Identifier: MIT
 *
 * vm/life.h: how an actor starts, fails, is restarted and ends.
 *
 *     NEW -> INIT -> RUNNING --------- stop, kill, exit, end of text ------+
 *              |        | fails                                            |
 *              |        v            parent: stop                          v
 *              |      DOWN ------------------------------------> FINISHING
 *              |        | parent: restart                        (handler)
 *              |        v                                                  |
 *              |     CHILDREN -> HOOK(pre_restart) -> HALTED -> DELAY      v
 *              |                                        |    -> INIT   CHILDREN
 *              +--- fails at the first start: ends      |    -> POST       |
 *                                                       v    -> RUNNING    v
 *                                                                HOOK(terminate)
 *                                                                          |
 *                                                                          v
 *                                                                      ENDING
 *
 *     RUNNING -- idle for long: idle() --> AWAY -- a message --> INIT (and
 *     wake()) --> RUNNING, see vm/passivate.h. One that is stopped while it is
 *     AWAY takes the way by INIT if it has a terminate.
 *
 *     RUNNING -- fails, on_error "suspend" --> SUSPENDED -- reinstate -->
 *     RUNNING; DOWN -- reinstate --> restart, with a fresh budget.
 *
 * Every arrow is taken by the thread that owns the actor's isolate, between
 * turns. Parent and child talk by messages only, so a tree may span any
 * number of isolates. Each step of ENDING handles AKT_END_CHUNK links,
 * watchers or messages and then lets others run.
 *
 * Invariants
 *   L1  A child ends (its slot is freed) before its parent's terminate runs.
 *   L2  `exit` and `down` are sent after the pid is dead and the name free,
 *       and after all that the actor sent before.
 *   L3  Every message taken from a mailbox is handled, or answered and
 *       counted as a dead letter with its reason.
 *
 * Threads: [owner] of the actor's isolate unless a line says otherwise.
 */
#ifndef AKT_VM_LIFE_H
#define AKT_VM_LIFE_H

#include "vm/isolate.h"

#define AKT_END_CHUNK 256

enum akt_goal { AKT_GOAL_NONE, AKT_GOAL_END, AKT_GOAL_RESTART };

/* Body of CHILD_FAILED. */
struct akt_failure_note {
    struct akt_reason *reason;
    char *report; /* akt_alloc'ed, report_len bytes; or NULL */
    uint32_t report_len;
    uint8_t action; /* enum akt_action */
};

/* Body of RESTART and STOP notes. */
struct akt_restart_note {
    uint64_t delay_ns;
};

/* Starts to end in order: the handler in progress may finish. Takes a
 * reference of reason. `grace_ms`: how long it may take. */
void akt_life_stop(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_reason *reason, uint32_t grace_ms);
void akt_life_kill(struct akt_isolate *iso, struct akt_actor *a);
/* It failed with this reason; action and supervision decide. Takes the
 * reference and the report. `code` selects from on_error, NULL: none. */
void akt_life_fail(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_reason *reason, const char *code, char *report,
                   uint32_t report_len);
/* Ends by its own will, or by a link: row by row what akt_life_fail does, but
 * a normal end restarts permanent ones only. Takes the reference. */
void akt_life_exit(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_reason *reason);
/* A STOP that ends it, for good, once it has nothing more to do has come out
 * of the mailbox; the caller frees it. */
void akt_life_on_last(struct akt_isolate *iso, struct akt_actor *a,
                      const struct akt_msg *m);
/* Whether such an end of its own is followed by a restart. */
bool akt_life_restarts(const struct akt_actor *a,
                       const struct akt_reason *reason);
/* A step of the life-cycle; true and *t filled: the host must run a turn. */
bool akt_life_step(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_turn *t);
/* A turn that was not a plain message has ended well. */
void akt_life_turn_done(struct akt_isolate *iso, struct akt_actor *a,
                        enum akt_turn_kind kind);
/* ... or has raised. Takes reason and report. */
void akt_life_turn_failed(struct akt_isolate *iso, struct akt_actor *a,
                          enum akt_turn_kind kind, struct akt_reason *reason,
                          const char *code, char *report, uint32_t report_len);
/* A pending of type GRACE, CHILD or BACKOFF is due. */
void akt_life_due(struct akt_isolate *iso, struct akt_actor *a,
                  enum akt_pending_type type);
/* The pending that limits a hook, init or idle is set (anew). */
void akt_life_grace(struct akt_isolate *iso, struct akt_actor *a, uint64_t ms);
/* A message that was being handled will not be: a dead letter, and kept for
 * pre_restart if that is going to be called with it. Takes m. */
void akt_life_lose(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_msg *m, enum akt_code why);
/* Drops the handler in progress; its asker gets `code`. */
void akt_life_drop_handler(struct akt_isolate *iso, struct akt_actor *a,
                           enum akt_code code);
/* main has run to the end of its text: it stays as the idle parent of what it
 * has spawned. */
void akt_life_finished(struct akt_isolate *iso, struct akt_actor *a);
/* [any] Frees a message that will not be handled, with what its body holds. */
void akt_life_free_note(struct akt_msg *m);
/* Frees what an actor holds, telling nobody; when the node is destroyed. */
void akt_life_discard(struct akt_isolate *iso, struct akt_actor *a);
/* A handler has come to a wait: what was held back for it takes effect. */
void akt_life_waits(struct akt_isolate *iso, struct akt_actor *a);
/* Goes on once a child has ended. */
void akt_life_child_ended(struct akt_isolate *iso, struct akt_actor *a);

/* Messages of the machine for actor a; takes m. */
void akt_life_on_start(struct akt_isolate *iso, struct akt_actor *a,
                       struct akt_msg *m);
void akt_life_on_halt(struct akt_isolate *iso, struct akt_actor *a,
                      struct akt_msg *m);
void akt_life_on_restart(struct akt_isolate *iso, struct akt_actor *a,
                         struct akt_msg *m);
void akt_life_on_restart_asked(struct akt_isolate *iso, struct akt_actor *a);
void akt_life_on_reinstate(struct akt_isolate *iso, struct akt_actor *a);

/* vm/supervise.c: the parent's side. Take m. */
void akt_supervise_on_failed(struct akt_isolate *iso, struct akt_actor *a,
                             struct akt_msg *m);
void akt_supervise_on_halted(struct akt_isolate *iso, struct akt_actor *a,
                             struct akt_msg *m);
void akt_supervise_on_ready(struct akt_isolate *iso, struct akt_actor *a,
                            struct akt_msg *m);
void akt_supervise_on_ended(struct akt_isolate *iso, struct akt_actor *a,
                            struct akt_msg *m);
void akt_supervise_on_new(struct akt_isolate *iso, struct akt_actor *a,
                          struct akt_msg *m);
void akt_supervise_on_reinstated(struct akt_isolate *iso, struct akt_actor *a,
                                 struct akt_msg *m);
void akt_supervise_adopt(struct akt_actor *parent, struct akt_actor *child);
/* Sends the stop a parent sends: kill at once, or with time. */
void akt_supervise_kill_child(struct akt_isolate *iso, struct akt_actor *a,
                              struct akt_actor *child);
void akt_supervise_stop_child(struct akt_isolate *iso, struct akt_actor *a,
                              struct akt_actor *child,
                              struct akt_reason *reason);

#endif
