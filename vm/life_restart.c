/* SPDX-License-Identifier: MIT
 *
 * vm/life_restart.c: how a failed actor drops its state and starts again under
 * the same pid. The rest of its life is in vm/life.c.
 */
#include "vm/life_impl.h"

#include <string.h>

#include "vm/events.h"
#include "vm/node.h"
#include "vm/passivate.h"
#include "vm/send.h"
#include "vm/strand.h"
#include "vm/stream.h"

void akt_life_on_halt(struct akt_isolate *iso, struct akt_actor *a,
                      struct akt_msg *m)
{
    akt_msg_free(m);
    if (a->goal == AKT_GOAL_END)
        return;
    a->grouped = true;
    if (a->state == AKT_A_HALTED || a->state == AKT_A_DELAY) {
        akt_pending_close_type(iso, a, AKT_P_BACKOFF);
        akt_actor_set_state(a, AKT_A_HALTED);
        akt_life_to_parent(iso, a, akt_msg_new(AKT_MSG_CHILD_HALTED, 0));
        return;
    }
    if (a->goal == AKT_GOAL_RESTART)
        return; /* it is on its way, and will say so */
    akt_life_drop_handler(iso, a, AKT_CRASH);
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    a->goal = AKT_GOAL_RESTART;
    if (!a->end_reason)
        akt_life_set_reason(a, akt_reason_of(AKT_SHUTDOWN));
    akt_life_end_idle(iso, a);
}

void akt_life_on_restart(struct akt_isolate *iso, struct akt_actor *a,
                         struct akt_msg *m)
{
    struct akt_restart_note note;
    memcpy(&note, m->body, sizeof note);
    akt_msg_free(m);
    if (note.delay_ns || a->ext)
        akt_actor_ext(a)->restart_delay_ns = note.delay_ns;
    if (a->state == AKT_A_HALTED) {
        a->grouped = false;
        akt_life_halted(iso, a);
    } else if (a->state == AKT_A_DOWN) {
        a->goal = AKT_GOAL_RESTART;
        akt_life_end_idle(iso, a);
    }
}

void akt_life_on_restart_asked(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->goal != AKT_GOAL_NONE || a->is_main || a->guardian)
        return;
    if (a->state == AKT_A_DELAY) { /* now rather than later */
        akt_pending_close_type(iso, a, AKT_P_BACKOFF);
        akt_life_go_on(iso, a);
        return;
    }
    if (a->state != AKT_A_RUNNING && a->state != AKT_A_DOWN &&
        a->state != AKT_A_AWAY && a->state != AKT_A_SUSPENDED)
        return;
    if (a->state == AKT_A_DOWN)
        akt_event(iso->node, AKT_EV_REINSTATE, a->self, AKT_OK, 0);
    akt_life_drop_handler(iso, a, AKT_CRASH);
    if (a->ext)
        a->ext->restart_delay_ns = 0;
    a->goal = AKT_GOAL_RESTART;
    if (!a->end_reason)
        akt_life_set_reason(a, akt_reason_of(AKT_SHUTDOWN));
    akt_life_end_idle(iso, a);
}

/* ---- suspended, parked ---- */

void akt_life_suspend(struct akt_isolate *iso, struct akt_actor *a)
{
    akt_actor_set_state(a, AKT_A_SUSPENDED);
    akt_event(iso->node, AKT_EV_SUSPENDED, a->self, AKT_CRASH, 0);
}

/* One that failed and waits for somebody to put it right goes on: with its
 * state, or, if it has none, by a restart with a fresh budget. */
void akt_life_on_reinstate(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->goal != AKT_GOAL_NONE)
        return;
    if (a->state == AKT_A_SUSPENDED) {
        akt_event(iso->node, AKT_EV_REINSTATE, a->self, AKT_OK, 0);
        akt_actor_set_state(a, AKT_A_RUNNING);
        akt_passivate_begin(iso, a);
        akt_strand_next(iso, a); /* N2: handlers beside it have waited on */
        if (a->mail_first || a->todo)
            akt_isolate_ready(iso, a);
    } else if (a->state == AKT_A_DOWN || a->state == AKT_A_DELAY) {
        akt_life_to_parent(iso, a, akt_msg_new(AKT_MSG_CHILD_REINSTATED, 0));
        akt_life_on_restart_asked(iso, a);
    }
}

/* The old state is gone; start again now, later, or when told. */
void akt_life_halted(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->state != AKT_A_HALTED) {
        akt_life_fail_deferred(iso, a, AKT_CRASH);
        uint32_t all = UINT32_MAX;
        akt_life_drop_monitors(iso, a, &all);
        akt_pending_close_all(iso, a);
        if (a->mail_first && a->mail_first->type == AKT_MSG_STOP)
            akt_msg_free(akt_mailbox_take(iso, a, NULL)); /* its own */
        akt_mailbox_unstash(iso, a, true);
        akt_life_free_lost(a);
        if (a->ext)
            a->ext->trace = 0;
        akt_stream_forget(iso->node, a);
        iso->host->forget(iso, a, false);
        akt_strand_drop(iso, a, AKT_CRASH);
        akt_strand_adopt(a);
        akt_passivate_reset(a);
        if (!a->retrying) /* relaxed: one writer */
            atomic_fetch_add_explicit(&a->restarts, 1, memory_order_relaxed);
        a->retrying = false;
        a->killed = false;
        a->goal = AKT_GOAL_NONE;
        akt_actor_set_state(a, AKT_A_HALTED);
        if (a->grouped) {
            akt_life_to_parent(iso, a, akt_msg_new(AKT_MSG_CHILD_HALTED, 0));
            return;
        }
    }
    akt_actor_set_state(a, AKT_A_DELAY);
    a->todo &= (uint8_t)~AKT_DO_LIFE; /* a step of the end is no step of this */
    if (a->ext && a->ext->restart_delay_ns)
        akt_pending_open(iso, a, AKT_P_BACKOFF,
                         akt_node_now(iso->node) + a->ext->restart_delay_ns);
    else
        akt_life_go_on(iso, a);
}
