/* SPDX-License-Identifier: MIT
 *
 * vm/life_drop.c: dropping what an actor was doing: its handler, the messages
 * in it, the replies it owes, its monitors. The rest of its life is in
 * vm/life.c.
 */
#include "vm/life_impl.h"

#include "vm/deadlock.h"
#include "vm/node.h"
#include "vm/send.h"
#include "vm/strand.h"

void akt_life_free_msgs(struct akt_msg *m)
{
    while (m) {
        struct akt_msg *next = m->next;
        akt_msg_free(m);
        m = next;
    }
}

void akt_life_free_lost(struct akt_actor *a)
{
    if (!a->ext)
        return;
    akt_msg_free(a->ext->lost);
    a->ext->lost = NULL;
}

void akt_life_lose(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_msg *m, enum akt_code why)
{
    bool wanted = m->type == AKT_MSG_USER && why == AKT_CRASHED &&
                  akt_actor_kind(a)->hooks & AKT_HOOK_PRE_RESTART &&
                  !akt_actor_ext(a)->lost;
    if (wanted) {
        akt_dead_letter(iso->node, m, why);
        m->next = NULL;
        a->ext->lost = m;
    } else if (m->type == AKT_MSG_USER) {
        akt_bounce(iso->node, iso, m, why);
    } else {
        akt_msg_free(m);
    }
}

void akt_life_lose_all(struct akt_isolate *iso, struct akt_actor *a,
                       struct akt_msg **list, enum akt_code code)
{
    struct akt_msg *m;
    while ((m = *list)) {
        *list = m->next;
        akt_reply_error(iso->node, iso, a->self, m, code, akt_reason_of(code));
        akt_life_lose(iso, a, m, code == AKT_CRASH ? AKT_CRASHED : AKT_STOPPED);
    }
}

void akt_life_drop_handler(struct akt_isolate *iso, struct akt_actor *a,
                           enum akt_code code)
{
    if (a->fiber)
        iso->host->drop_fiber(iso, a);
    a->fiber = NULL;
    if (a->upgrading || a->aside)
        akt_pending_close_type(iso, a, AKT_P_GRACE);
    a->aside = AKT_ASIDE_NONE;
    a->busy = a->parked = a->preempted = a->receiving = a->upgrading = false;
    akt_actor_set_activity(a, AKT_IDLE);
    a->todo &= (uint8_t) ~(AKT_DO_RESUME | AKT_DO_UNWIND);
    akt_edge_clear(a);
    akt_pending_close_type(iso, a, AKT_P_CALL);
    akt_life_lose_all(iso, a, &a->current, code);
    if (akt_has_strands(a))
        akt_strand_drop(iso, a, code);
}

/* Replies that a handler put off are due from nobody now. */
void akt_life_fail_deferred(struct akt_isolate *iso, struct akt_actor *a,
                            enum akt_code code)
{
    if (!a->ext)
        return;
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    while ((e = akt_map_next(&a->ext->deferred, &cursor))) {
        struct akt_msg *m = (struct akt_msg *)(uintptr_t)e->value;
        akt_reply_error(iso->node, iso, a->self, m, code, akt_reason_of(code));
        akt_msg_free(m);
    }
    akt_map_fini(&a->ext->deferred);
}

/* Gives up to *left of its monitors up; true: all are. */
bool akt_life_drop_monitors(struct akt_isolate *iso, struct akt_actor *a,
                            uint32_t *left)
{
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    if (!a->ext)
        return true;
    while (*left && (e = akt_map_next(&a->ext->watching, &cursor))) {
        struct akt_msg *m = akt_msg_new(AKT_MSG_DEMONITOR, 0);
        m->sender = a->self;
        m->target.bits = e->value;
        m->ask = e->key;
        akt_map_remove(&a->ext->watching, e->key);
        akt_post(iso->node, iso, m);
        (*left)--;
    }
    return a->ext->watching.len == 0;
}
