/* SPDX-License-Identifier: MIT
 *
 * vm/ties.c: what an actor can do to another one by a note: links, monitors,
 * stop and kill. Declared in vm/send.h.
 */
#include "vm/send.h"

#include "vm/life.h"
#include "vm/remote.h"

static struct akt_msg *note(enum akt_msg_type type, akt_pid from, akt_pid to)
{
    struct akt_msg *m = akt_msg_new(type, 0);
    m->sender = from;
    m->target = to;
    return m;
}

enum akt_code akt_link(struct akt_isolate *iso, struct akt_actor *a, akt_pid to)
{
    if (akt_pid_eq(to, a->self))
        return AKT_OK;
    if (akt_pid_is_remote(to))
        akt_remote_note(iso, a);
    else if (!akt_actor_find(iso->node->actors, to))
        return AKT_NOPROC;
    if (akt_map_put(&akt_actor_ext(a)->links, to.bits, 1))
        akt_post(iso->node, iso, note(AKT_MSG_LINK, a->self, to));
    return AKT_OK;
}

void akt_unlink(struct akt_isolate *iso, struct akt_actor *a, akt_pid to)
{
    if (a->ext && akt_map_remove(&a->ext->links, to.bits))
        akt_post(iso->node, iso, note(AKT_MSG_UNLINK, a->self, to));
}

uint64_t akt_monitor(struct akt_isolate *iso, struct akt_actor *a, akt_pid to,
                     bool restarts)
{
    uint64_t ref = akt_isolate_ref(iso);
    akt_map_put(&akt_actor_ext(a)->watching, ref, to.bits);
    if (akt_pid_is_remote(to))
        akt_remote_note(iso, a);
    struct akt_msg *m = note(AKT_MSG_MONITOR, a->self, to);
    m->ask = ref;
    m->flags |= restarts ? AKT_MSG_RESTARTED : 0;
    akt_post(iso->node, iso, m);
    return ref;
}

bool akt_demonitor(struct akt_isolate *iso, struct akt_actor *a, uint64_t ref)
{
    uint64_t to;
    if (!a->ext || !akt_map_get(&a->ext->watching, ref, &to))
        return false;
    akt_map_remove(&a->ext->watching, ref);
    struct akt_msg *m = note(AKT_MSG_DEMONITOR, a->self, (akt_pid){to});
    m->ask = ref;
    akt_post(iso->node, iso, m);
    struct akt_msg *prev = NULL;
    while ((m = prev ? prev->next : a->mail_first)) {
        if (m->type == AKT_MSG_DOWN && m->ask == ref)
            akt_msg_free(akt_mailbox_take(iso, a, prev));
        else
            prev = m;
    }
    return true;
}

/* ---- the other side ---- */

static void on_link(struct akt_actor *a, struct akt_msg *m, bool on)
{
    if (on)
        akt_map_put(&akt_actor_ext(a)->links, m->sender.bits, 1);
    else if (a->ext)
        akt_map_remove(&a->ext->links, m->sender.bits);
    akt_msg_free(m);
}

/* The ref of a monitor is whose it says it is; nodes tell each other refs. */
static bool is_of_sender(const struct akt_actor *a, const struct akt_msg *m)
{
    uint64_t who;
    return a->ext && akt_map_get(&a->ext->watchers, m->ask, &who) &&
           who == m->sender.bits;
}

static void on_monitor(struct akt_actor *a, struct akt_msg *m, bool on)
{
    struct akt_actor_ext *ext = on ? akt_actor_ext(a) : a->ext;
    if (on) {
        akt_map_put(&ext->watchers, m->ask, m->sender.bits);
        if (m->flags & AKT_MSG_RESTARTED)
            akt_map_put(&ext->restart_watchers, m->ask, m->sender.bits);
    } else if (is_of_sender(a, m)) {
        akt_map_remove(&ext->watchers, m->ask);
        akt_map_remove(&ext->restart_watchers, m->ask);
    }
    akt_msg_free(m);
}

/* One of another node wants to be told of the end. False: it may not. */
static bool admit_remote(struct akt_actor *a, const struct akt_msg *m)
{
    uint64_t who;
    /* relaxed: set before the pid was published */
    struct akt_isolate *iso =
        atomic_load_explicit(&a->isolate, memory_order_relaxed);
    bool taken = m->type == AKT_MSG_MONITOR && a->ext &&
                 akt_map_get(&a->ext->watchers, m->ask, &who) &&
                 who != m->sender.bits;
    if (taken || !akt_remote_may_tie(iso, akt_pid_node(m->sender)))
        return false;
    akt_remote_note(iso, a);
    return true;
}

bool akt_tied(struct akt_actor *a, struct akt_msg *m)
{
    bool ties = m->type == AKT_MSG_LINK || m->type == AKT_MSG_MONITOR;
    if (ties && akt_pid_is_remote(m->sender) && !admit_remote(a, m)) {
        /* relaxed: as above */
        struct akt_isolate *iso =
            atomic_load_explicit(&a->isolate, memory_order_relaxed);
        akt_bounce(iso->node, iso, m, AKT_LIMIT);
        return true;
    }
    switch (m->type) {
    case AKT_MSG_LINK:
    case AKT_MSG_UNLINK:
        on_link(a, m, m->type == AKT_MSG_LINK);
        return true;
    case AKT_MSG_MONITOR:
    case AKT_MSG_DEMONITOR:
        on_monitor(a, m, m->type == AKT_MSG_MONITOR);
        return true;
    default:
        return false;
    }
}

/* ---- ends ---- */

static bool is_denied(struct akt_node *node, akt_pid to)
{
    return akt_pid_eq(to, node->root) || akt_pid_eq(to, node->system);
}

enum akt_code akt_stop(struct akt_isolate *iso, akt_pid from, akt_pid to,
                       struct akt_reason *reason)
{
    if (is_denied(iso->node, to)) {
        akt_reason_unref(reason);
        return AKT_DENIED;
    }
    if (akt_pid_eq(to, iso->node->user)) {
        akt_reason_unref(reason);
        akt_node_exit(iso->node, 1);
        return AKT_OK;
    }
    struct akt_msg *m = akt_msg_with_reason(AKT_MSG_STOP, reason);
    m->sender = from;
    m->target = to;
    akt_post(iso->node, iso, m);
    return AKT_OK;
}

enum akt_code akt_kill(struct akt_isolate *iso, akt_pid from, akt_pid to)
{
    if (is_denied(iso->node, to))
        return AKT_DENIED;
    if (akt_pid_eq(to, iso->node->user))
        akt_node_exit(iso->node, 1);
    else
        akt_post(iso->node, iso, note(AKT_MSG_KILL, from, to));
    return AKT_OK;
}

enum akt_code akt_restart(struct akt_isolate *iso, akt_pid from, akt_pid to)
{
    struct akt_node *node = iso->node;
    if (akt_node_is_guardian(node, to) || akt_pid_eq(to, node->main))
        return AKT_DENIED;
    if (!akt_pid_is_remote(to) && !akt_actor_find(node->actors, to))
        return AKT_NOPROC;
    akt_post(node, iso, note(AKT_MSG_RESTART_ASKED, from, to));
    return AKT_OK;
}
