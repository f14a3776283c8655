/* SPDX-License-Identifier: MIT */
#include "vm/upgrade.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vm/events.h"
#include "vm/life.h"
#include "vm/node.h"
#include "vm/order.h"
#include "vm/overload.h"
#include "vm/passivate.h"
#include "vm/send.h"
#include "vm/strand.h"

#define NOTE_PIDS 64 /* in one note; neighbours mostly share an isolate */

const struct akt_kind *akt_kind_newest(const struct akt_kind *k)
{
    const struct akt_kind *next;
    /* acquire: pairs with the release of who published the version */
    while ((next = atomic_load_explicit(&k->newer, memory_order_acquire)))
        k = next;
    return k;
}

/* ---- the actor's side ---- */

static void hold_back(struct akt_actor *a, bool yes)
{
    /* relaxed: a scan may see it later */
    atomic_store_explicit(&a->held_back, yes, memory_order_relaxed);
}

/* Whether senders must look before they send. */
static void look_at(struct akt_actor *a, bool yes)
{
    /* relaxed, all: the owner writes both, and a sender that sees it late sends
     * as it did a moment ago */
    uint64_t load = atomic_load_explicit(&a->load_here, memory_order_relaxed);
    if (yes || atomic_load_explicit(&a->route, memory_order_relaxed))
        load |= AKT_LOAD_LOOK;
    else
        load &= ~AKT_LOAD_LOOK;
    atomic_store_explicit(&a->load_here, load, memory_order_relaxed);
}

/* What the record has from its kind. */
static void adopt(struct akt_actor *a, const struct akt_kind *to)
{
    /* relaxed: kinds are immutable, and who reads a pid's kind wants any
     * version that is or was the actor's */
    atomic_store_explicit(&a->kind, to, memory_order_relaxed);
    if (!a->spec || !a->spec->own_mailbox) {
        atomic_store_explicit(&a->limit, akt_mailbox_pack(&to->mailbox),
                              memory_order_relaxed);
        akt_order_reset(a);
        a->extras &= (uint8_t) ~(AKT_X_ORDER | AKT_X_TTL);
        a->extras |= akt_order_extras(&to->rules);
    }
    bool looks = akt_overload_extras(to, akt_actor_rules(a)) ||
                 (a->ext && a->ext->overloaded);
    a->extras &= (uint8_t)~AKT_X_SIGNALS;
    a->extras |= looks ? AKT_X_SIGNALS : 0;
    a->traps_exit = to->hooks & AKT_HOOK_EXIT;
    akt_strand_adopt(a);
    look_at(a, to->looked_at);
}

void akt_upgrade_at_start(struct akt_actor *a)
{
    const struct akt_kind *kind = akt_actor_kind(a);
    const struct akt_kind *newest = akt_kind_newest(kind);
    if (newest != kind)
        adopt(a, newest);
    hold_back(a, false);
}

bool akt_upgrade_step(struct akt_isolate *iso, struct akt_actor *a,
                      struct akt_turn *t)
{
    (void)iso;
    a->todo &= (uint8_t)~AKT_DO_UPGRADE;
    if (a->state == AKT_A_AWAY) /* it wakes in the newest version */
        akt_upgrade_at_start(a);
    if (a->state != AKT_A_RUNNING || !akt_upgrade_is_due(a))
        return false;
    a->busy = a->upgrading = true;
    t->kind = AKT_TURN_UPGRADE;
    t->actor = a;
    t->msg = NULL;
    t->reason = NULL;
    return true;
}

void akt_upgrade_done(struct akt_isolate *iso, const struct akt_kind *to)
{
    struct akt_actor *a = iso->current;
    adopt(a, to);
    akt_event(iso->node, AKT_EV_RELOAD, a->self, AKT_OK, 0);
    a->upgrading = false;
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    akt_passivate_begin(iso, a);
    akt_turn_done(iso);
}

static void refuse(struct akt_isolate *iso, struct akt_actor *a,
                   const char *report, uint32_t len)
{
    a->upgrading = false;
    hold_back(a, true);
    akt_event(iso->node, AKT_EV_RELOAD, a->self, AKT_CRASH, 0);
    if (report && iso->node->on_report)
        iso->node->on_report(iso->node, report, len,
                             "none: it keeps the old code and state");
}

void akt_upgrade_refused(struct akt_isolate *iso, const char *report,
                         uint32_t len)
{
    struct akt_actor *a = iso->current;
    refuse(iso, a, report, len);
    akt_pending_close_type(iso, a, AKT_P_GRACE);
    a->fiber = NULL;
    akt_turn_done(iso);
}

void akt_upgrade_overdue(struct akt_isolate *iso, struct akt_actor *a)
{
    char text[160];
    int n =
        snprintf(text, sizeof text,
                 "error[timeout]: <%s#%" PRIu64 "> has not ended its upgrade "
                 "after %d s\n",
                 akt_actor_kind(a)->name, akt_pid_serial(a->self),
                 AKT_UPGRADE_MS / 1000);
    akt_life_drop_handler(iso, a, AKT_CRASH);
    refuse(iso, a, text, (uint32_t)n);
    akt_isolate_ready(iso, a);
}

void akt_upgrade_held_up(struct akt_isolate *iso, struct akt_actor *a)
{
    for (struct akt_pending *p = a->pendings; p; p = p->next)
        if (p->type == AKT_P_GRACE)
            return;
    akt_pending_open(iso, a, AKT_P_GRACE,
                     akt_node_now(iso->node) + AKT_UPGRADE_MS * 1000000ull);
}

void akt_upgrade_give_up(struct akt_isolate *iso, struct akt_actor *a)
{
    char text[200];
    if (!a->busy || !akt_upgrade_is_due(a))
        return;
    int n = snprintf(text, sizeof text,
                     "error[timeout]: <%s#%" PRIu64 "> has %" PRIu32
                     " handlers and %" PRIu32 " tasks in progress and cannot "
                     "be upgraded\n",
                     akt_actor_kind(a)->name, akt_pid_serial(a->self),
                     akt_strand_handlers(a), akt_strand_tasks(a));
    refuse(iso, a, text, (uint32_t)n);
    a->todo &= (uint8_t)~AKT_DO_UPGRADE;
    akt_strand_mail(iso, a);
}

/* ---- notes ---- */

static void look(struct akt_isolate *iso, akt_pid pid)
{
    struct akt_actor *a = akt_actor_find(iso->node->actors, pid);
    bool here =
        a && atomic_load_explicit(&a->isolate, memory_order_relaxed) == iso;
    if (!here)
        return;
    hold_back(a, false);
    a->todo |= AKT_DO_UPGRADE;
    if (!a->busy)
        akt_isolate_ready(iso, a);
}

void akt_upgrade_on_note(struct akt_isolate *iso, struct akt_msg *m)
{
    akt_pid pid;
    for (uint32_t at = 0; at < m->size; at += sizeof pid) {
        memcpy(&pid, m->body + at, sizeof pid);
        look(iso, pid);
    }
    akt_msg_free(m);
}

/* Pids of one isolate, until there is another or the note is full. */
struct batch {
    struct akt_isolate *iso;
    akt_pid pids[NOTE_PIDS];
    uint32_t len;
};

static void flush(struct batch *b)
{
    if (b->len == 0)
        return;
    struct akt_msg *m = akt_msg_new(AKT_MSG_UPGRADE, b->len * sizeof *b->pids);
    memcpy(m->body, b->pids, b->len * sizeof *b->pids);
    m->target = b->pids[0];
    akt_post_to_isolate(b->iso, m);
    b->len = 0;
}

static void add(struct batch *b, struct akt_isolate *iso, akt_pid pid)
{
    if (iso != b->iso || b->len == NOTE_PIDS)
        flush(b);
    b->iso = iso;
    b->pids[b->len++] = pid;
}

void akt_upgrade_scan(struct akt_node *node,
                      const struct akt_upgrade_scan *scan)
{
    struct batch b = {0};
    uint32_t slots = akt_actor_slots(node->actors);
    for (uint32_t i = 1; i < slots; i++) {
        struct akt_actor *a =
            akt_actor_slot(node->actors, akt_pid_make(AKT_PID_NODE_SELF, i, 0));
        /* acquire: pairs with the release in publish (vm/spawn.c) */
        akt_pid pid = {a ? atomic_load_explicit(&a->pid, memory_order_acquire)
                         : 0};
        if (akt_pid_is_none(pid))
            continue;
        bool held_back =
            atomic_load_explicit(&a->held_back, memory_order_relaxed);
        if (!scan->see(scan->ctx, pid, akt_actor_kind(a), held_back))
            continue;
        /* at once, so that an old refusal is not taken for one of this; should
         * it be of this already, the note makes the actor try again */
        hold_back(a, false);
        add(&b, atomic_load_explicit(&a->isolate, memory_order_relaxed), pid);
    }
    flush(&b);
}
