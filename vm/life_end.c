/* SPDX-License-Identifier: MIT
 *
 * vm/life_end.c: the end of an actor: telling the others, in chunks, and
 * giving back what it held. The rest of its life is in vm/life.c.
 */
#include "vm/life_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/deadlock.h"
#include "vm/metrics.h"
#include "vm/events.h"
#include "vm/health.h"
#include "vm/names.h"
#include "vm/node.h"
#include "vm/order.h"
#include "vm/priorities.h"
#include "vm/route.h"
#include "vm/passivate.h"
#include "vm/send.h"
#include "vm/strand.h"
#include "vm/stream.h"
#include "vm/topic.h"

void akt_life_report_overrun(struct akt_isolate *iso, const struct akt_actor *a)
{
    char text[160];
    int n = snprintf(text, sizeof text,
                     "error[timeout]: <%s#%" PRIu64 "> needs more than %d s "
                     "for its %s, which is cut off\n",
                     akt_actor_kind(a)->name, akt_pid_serial(a->self),
                     AKT_SHUTDOWN_MS / 1000,
                     a->goal == AKT_GOAL_RESTART ? "pre_restart" : "terminate");
    akt_life_report(iso, text, (uint32_t)n,
                    a->goal == AKT_GOAL_RESTART ? "goes on"
                                                : "none: it was ending");
}

void akt_life_free_name(struct akt_isolate *iso, struct akt_actor *a)
{
    if (!a->ext || !a->ext->name)
        return;
    akt_names_remove(iso->node->names, a->ext->name, a->self);
    akt_strfree(a->ext->name);
    a->ext->name = NULL;
}

static void note_end(struct akt_isolate *iso, const struct akt_actor *a)
{
    struct akt_event e = {
        .kind = AKT_EV_END, .who = a->self, .code = a->end_reason->code};
    struct akt_event_details d = {.reason = a->end_reason};
    akt_event_told(iso->node, &e, &d);
    if (a->ext && a->ext->links.len)
        akt_event(iso->node, AKT_EV_LINKS, a->self, AKT_OK, a->ext->links.len);
    if (a->ext && a->ext->watchers.len)
        akt_event(iso->node, AKT_EV_MONITORS, a->self, AKT_OK,
                  a->ext->watchers.len);
}

void akt_life_begin_ending(struct akt_isolate *iso, struct akt_actor *a)
{
    akt_actor_set_state(a, AKT_A_ENDING);
    akt_stream_forget(iso->node, a);
    note_end(iso, a);
    akt_life_free_name(iso, a);
    if (a->start && a->start->ask)
        akt_life_refuse_spawner(iso, a, AKT_NOPROC,
                                akt_reason_ref(a->end_reason));
    akt_pending_close_all(iso, a);
    akt_edge_clear(a);
    /* release: pairs with the acquire in akt_actor_find; whoever sees the
     * actor gone sees its name free. seq_cst: vm/topic.h, J1 */
    atomic_store_explicit(&a->pid, 0, memory_order_seq_cst);
    /* relaxed: its only writer */
    if (atomic_load_explicit(&a->route, memory_order_relaxed))
        akt_route_end(iso->node, a);
    akt_life_fail_deferred(iso, a, AKT_NOPROC);
    akt_mailbox_unstash(iso, a, true);
    akt_life_go_on(iso, a);
}

void akt_life_tell(struct akt_isolate *iso, struct akt_actor *a, akt_pid to,
                   enum akt_msg_type type, uint64_t ref, uint8_t flags)
{
    struct akt_msg *m =
        akt_msg_with_reason(type, akt_reason_ref(a->end_reason));
    m->flags |= flags;
    m->sender = a->self;
    m->target = to;
    m->ask = ref;
    akt_post(iso->node, iso, m);
}

/* Tells up to *left of the map's actors; true: all are told. */
static bool tell_some(struct akt_isolate *iso, struct akt_actor *a,
                      struct akt_map *map, enum akt_msg_type type,
                      uint32_t *left)
{
    /* the maps of one that has ended get no new entries, so each chunk goes
     * on where the last one stopped */
    uint32_t *cursor = &a->ext->end_cursor;
    struct akt_map_entry *e;
    if (!map->len)
        return true;
    while (*left && (e = akt_map_next(map, cursor))) {
        bool link = type == AKT_MSG_EXIT;
        akt_pid to = {link ? e->key : e->value};
        uint64_t ref = link ? 0 : e->key;
        akt_map_remove(map, e->key);
        akt_life_tell(iso, a, to, type, ref, 0);
        (*left)--;
    }
    if (map->len)
        return false;
    *cursor = 0; /* for the next map */
    return true;
}

static bool bounce_some(struct akt_isolate *iso, struct akt_actor *a,
                        uint32_t *left)
{
    while (*left && a->mail_first) {
        struct akt_msg *m = akt_mailbox_take(iso, a, NULL);
        akt_bounce(iso->node, iso, m, AKT_STOPPED);
        (*left)--;
    }
    while (*left && a->ext && a->ext->over_first) {
        struct akt_msg *m = a->ext->over_first;
        a->ext->over_first = m->next;
        akt_bounce(iso->node, iso, m, AKT_STOPPED);
        (*left)--;
    }
    return !a->mail_first && !(a->ext && a->ext->over_first);
}

static void free_ext(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_actor_ext *ext = a->ext;
    if (!ext)
        return;
    akt_map_fini(&ext->links);
    akt_map_fini(&ext->watchers);
    akt_map_fini(&ext->restart_watchers);
    akt_map_fini(&ext->watching);
    akt_map_fini(&ext->deferred);
    akt_life_free_lost(a);
    akt_strand_free(iso, a);
    akt_order_free(ext->order);
    akt_health_fini(a);
    akt_free(ext->restarts_ns, ext->restarts_cap * sizeof *ext->restarts_ns);
    akt_free(ext, sizeof *ext);
    a->ext = NULL;
}

void akt_spec_free(struct akt_spec *spec, const struct akt_host *host)
{
    if (!spec)
        return;
    while (spec->on_error) {
        struct akt_on_error *e = spec->on_error;
        spec->on_error = e->next;
        akt_strfree(e->code);
        akt_free(e, sizeof *e);
    }
    akt_priorities_unref(spec->rules.tags);
    if (host->spec_fini)
        host->spec_fini(spec);
    akt_route_destroy(spec->route);
    akt_free(spec, sizeof *spec);
}

static void discard_ext(struct akt_isolate *iso, struct akt_actor *a)
{
    if (!a->ext)
        return;
    akt_life_free_msgs(a->ext->over_first);
    akt_life_free_msgs(a->ext->stash_first);
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    while ((e = akt_map_next(&a->ext->deferred, &cursor)))
        akt_msg_free((struct akt_msg *)(uintptr_t)e->value);
    akt_strfree(a->ext->name);
    free_ext(iso, a);
}

void akt_life_discard(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->fiber && iso->host_data)
        iso->host->drop_fiber(iso, a);
    if (iso->host_data)
        iso->host->forget(iso, a, true);
    akt_pending_close_all(iso, a);
    akt_life_free_msgs(a->mail_first);
    akt_life_free_msgs(a->current);
    akt_msg_free(a->start);
    akt_start_args_free(&a->args);
    akt_passivate_fini(a);
    akt_reason_unref(a->end_reason);
    discard_ext(iso, a);
    /* relaxed: nobody runs any more */
    akt_route_destroy(atomic_load_explicit(&a->route, memory_order_relaxed));
    akt_spec_free(a->spec, akt_actor_kind(a)->host);
}

void akt_life_on_last(struct akt_isolate *iso, struct akt_actor *a,
                      const struct akt_msg *m)
{
    struct akt_reason *reason = akt_reason_ref(akt_msg_reason(m));
    if (!a->mail_first && !(a->ext && a->ext->over_first)) {
        akt_life_stop(iso, a, reason, AKT_SHUTDOWN_MS);
        return;
    }
    struct akt_msg *again = akt_msg_with_reason(AKT_MSG_STOP, reason);
    again->flags |= AKT_MSG_LAST;
    again->sender = m->sender;
    again->target = m->target;
    akt_mailbox_append(iso, a, again);
}

/* Ticks for nobody must not keep the program alive. */
static void close_own_timers(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_pending *p = a->pendings, *next;
    for (; p; p = next) {
        next = p->next;
        if (p->type == AKT_P_TIMER && akt_pid_eq(p->msg->target, a->self))
            akt_pending_close(iso, p);
    }
}

void akt_life_finished(struct akt_isolate *iso, struct akt_actor *a)
{
    a->finished = true;
    akt_actor_set_activity(a, AKT_DONE_MAIN);
    a->busy = false;
    a->fiber = NULL;
    akt_pending_close_type(iso, a, AKT_P_CALL);
    close_own_timers(iso, a);
    while (a->mail_first) {
        struct akt_msg *m = akt_mailbox_take(iso, a, NULL);
        if (m->type == AKT_MSG_USER)
            akt_bounce(iso->node, iso, m, AKT_FINISHED);
        else
            akt_msg_free(m);
    }
    if (a->state == AKT_A_FINISHING)
        akt_life_end_idle(iso, a);
}

static void gone(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_node *node = iso->node;
    iso->host->forget(iso, a, true);
    free_ext(iso, a);
    akt_spec_free(a->spec, akt_actor_kind(a)->host);
    a->spec = NULL;
    akt_msg_free(a->start);
    a->start = NULL;
    akt_start_args_free(&a->args);
    akt_passivate_fini(a);
    a->todo = 0;
    if (iso->batch == a)
        iso->batch = NULL;
    iso->actors--;
    akt_count(&iso->worker->stats.ended);
    akt_count(&akt_kind_counts(iso->worker, a)->ended);
    akt_count(&iso->worker->shard->exits[a->end_reason->code]);
    akt_isolate_unplace(iso, a->weight);
    bool is_main = a->is_main, is_user = akt_pid_eq(a->self, node->user);
    bool well = a->end_reason->code == AKT_NORMAL ||
                a->end_reason->code == AKT_SHUTDOWN;
    /* from here on the record is the parent's */
    struct akt_msg *m = akt_msg_with_reason(AKT_MSG_CHILD_ENDED, a->end_reason);
    a->end_reason = NULL;
    akt_actor_set_state(a, AKT_A_FREE); /* it holds nothing more */
    bool has_parent =
        atomic_load_explicit(&a->parent, memory_order_relaxed) != 0;
    if (has_parent)
        akt_life_to_parent(iso, a, m);
    else
        akt_msg_free(m);
    if (is_main)
        akt_node_exit(node, well ? 0 : 1);
    if (is_user)
        akt_sched_stop(node);
}

/* One chunk of the end; true: it is over. */
bool akt_life_end_step(struct akt_isolate *iso, struct akt_actor *a)
{
    uint32_t left = AKT_END_CHUNK;
    if (!akt_topic_leave_some(iso->node, a, &left))
        return false;
    if (!akt_life_drop_monitors(iso, a, &left))
        return false;
    if (a->ext && (!tell_some(iso, a, &a->ext->links, AKT_MSG_EXIT, &left) ||
                   !tell_some(iso, a, &a->ext->watchers, AKT_MSG_DOWN, &left)))
        return false;
    if (!bounce_some(iso, a, &left))
        return false;
    gone(iso, a);
    return true;
}
