/* SPDX-License-Identifier: MIT
 *
 * vm/cactor.h: actors written in C, for the guardians of the tree and for
 * tests of the VM.
 *
 * A handler returns what became of its turn. One that wants to wait opens a
 * pending, marks it `awaited` and returns AKT_C_WAIT; `resume` is called when
 * it has come.
 *
 * Threads: [owner].
 */
#ifndef AKT_VM_CACTOR_H
#define AKT_VM_CACTOR_H

#include "vm/isolate.h"

enum akt_c_result {
    AKT_C_DONE,
    AKT_C_WAIT,
    AKT_C_YIELD,
    AKT_C_FAIL,
    AKT_C_EXIT
};

/* Any may be NULL; `self` has the actor and its data (a->host_data). */
struct akt_c_behaviour {
    enum akt_c_result (*init)(struct akt_isolate *iso, struct akt_actor *self,
                              struct akt_msg *args);
    enum akt_c_result (*message)(struct akt_isolate *iso,
                                 struct akt_actor *self, struct akt_msg *m);
    enum akt_c_result (*resume)(struct akt_isolate *iso,
                                struct akt_actor *self);
    enum akt_c_result (*task)(struct akt_isolate *iso, struct akt_actor *self,
                              struct akt_msg *m);
    /* of the newer kind; NULL: it needs none */
    enum akt_c_result (*upgrade)(struct akt_isolate *iso,
                                 struct akt_actor *self);
    /* *data: what is kept; NULL: nothing. It may not wait. */
    enum akt_c_result (*idle)(struct akt_isolate *iso, struct akt_actor *self,
                              struct akt_args **data);
    /* after init; data NULL: none */
    enum akt_c_result (*wake)(struct akt_isolate *iso, struct akt_actor *self,
                              const struct akt_args *data);
    /* DONE: well; FAIL: not. NULL: well. */
    enum akt_c_result (*health)(struct akt_isolate *iso,
                                struct akt_actor *self);
    void (*hook)(struct akt_isolate *iso, struct akt_actor *self,
                 enum akt_turn_kind kind, struct akt_reason *reason);
    void (*forget)(struct akt_isolate *iso, struct akt_actor *self, bool final);
};

extern const struct akt_host akt_c_host;

#endif
