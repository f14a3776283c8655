/* SPDX-License-Identifier: MIT */
#include "vm/remote.h"

#include <string.h>

#include "vm/base/alloc.h"
#include "vm/life.h"
#include "vm/outside.h"
#include "vm/send.h"

#define ROOM_NS 5000000000u /* a sender's own patience, as in scripts */

/* What an isolate has to do with other nodes. */
struct akt_remote_ties {
    struct akt_map actors; /* pid -> 1; who had, or has, a tie */
    uint32_t checked;      /* of `actors`, when those that are gone went */
    struct akt_map left;   /* node -> ties until they are counted; | REFUSES */
};

/* Counting takes time for each tie there is: it pays for at least so many. */
#define TIES_STEP (AKT_REMOTE_TIES_MAX / 16)
#define REFUSES (1ull << 32)

/* ---- out ---- */

static void used(struct akt_isolate *iso)
{
    /* relaxed: read under the lock of a link, which the post takes next */
    if (iso && !atomic_load_explicit(&iso->remote, memory_order_relaxed))
        atomic_store_explicit(&iso->remote, true, memory_order_relaxed);
}

void akt_remote_post(struct akt_node *node, struct akt_isolate *from,
                     struct akt_msg *m)
{
    used(from);
    if (node->remote)
        node->remote->post(node->remote, from, m);
    else
        akt_bounce(node, from, m, AKT_NOCONNECTION);
}

enum akt_code akt_remote_send(struct akt_isolate *iso, struct akt_msg *m)
{
    used(iso);
    if (iso->node->remote)
        return iso->node->remote->send(iso->node->remote, iso, m);
    akt_bounce(iso->node, iso, m, AKT_NOCONNECTION);
    return AKT_NOCONNECTION;
}

void akt_remote_wait(struct akt_isolate *iso, struct akt_msg *m)
{
    used(iso);
    if (iso->node->remote)
        iso->node->remote->wait(iso->node->remote, iso, m);
    else
        akt_bounce(iso->node, iso, m, AKT_NOCONNECTION);
}

/* ---- in ---- */

static void settle_room(struct akt_node *node, struct akt_msg *m,
                        uint64_t token)
{
    uint64_t at_most = akt_node_now(node) + ROOM_NS;
    bool asks = m->ask && m->deadline_ns;
    akt_msg_ack_of(m)->id = token;
    akt_msg_ack_of(m)->deadline_ns = asks ? m->deadline_ns : at_most;
}

/* For an actor that is there. False: it waits. */
static bool arrive_user(struct akt_node *node, struct akt_actor *a,
                        struct akt_msg *m, uint64_t token)
{
    if (akt_send_is_let_in(a)) {
        akt_post(node, NULL, akt_msg_without_ack(m));
        return true;
    }
    /* relaxed: set before the pid was published */
    enum akt_full full = (enum akt_full)(
        atomic_load_explicit(&a->limit, memory_order_relaxed) & 3);
    if (full != AKT_FULL_WAIT) {
        akt_bounce(node, NULL, akt_msg_without_ack(m), AKT_OVERLOADED);
        return true;
    }
    settle_room(node, m, token);
    akt_post(node, NULL, m);
    return false;
}

/* A guardian runs no script: there is nothing its host could tell of it. */
static bool is_unanswered(struct akt_node *node, struct akt_msg *m)
{
    if (m->type != AKT_MSG_INFO || !akt_node_is_guardian(node, m->target))
        return false;
    akt_bounce(node, NULL, m, AKT_UNKNOWN_MESSAGE);
    return true;
}

/* What ends an actor, of those that nobody may end; true: taken. */
static bool is_refused(struct akt_node *node, struct akt_msg *m)
{
    bool ends = m->type == AKT_MSG_STOP || m->type == AKT_MSG_KILL ||
                m->type == AKT_MSG_RESTART_ASKED ||
                m->type == AKT_MSG_REINSTATE;
    if (!ends || !akt_node_is_guardian(node, m->target))
        return false;
    bool all = akt_pid_eq(m->target, node->user) &&
               (m->type == AKT_MSG_STOP || m->type == AKT_MSG_KILL);
    akt_msg_free(m);
    if (all)
        akt_node_exit(node, 1);
    return true;
}

bool akt_remote_arrive(struct akt_node *node, struct akt_msg *m, uint64_t token)
{
    if (is_refused(node, m) || is_unanswered(node, m))
        return true;
    struct akt_actor *a = akt_actor_find(node->actors, m->target);
    if (a) /* it may be tied by this; relaxed: set before it was published */
        used(atomic_load_explicit(&a->isolate, memory_order_relaxed));
    if (a && m->type == AKT_MSG_USER)
        return arrive_user(node, a, m, token);
    if (m->type == AKT_MSG_USER)
        m = akt_msg_without_ack(m);
    akt_post(node, NULL, m);
    return true;
}

void akt_remote_release(struct akt_node *node, struct akt_msg *m)
{
    uint64_t token = akt_msg_ack_of(m)->id;
    akt_msg_ack_of(m)->id = 0;
    node->remote->released(node->remote, token, m->size);
}

/* ---- ties ---- */

static struct akt_remote_ties *ties_of(struct akt_isolate *iso)
{
    used(iso);
    if (!iso->remote_ties)
        iso->remote_ties = akt_calloc(sizeof *iso->remote_ties);
    return iso->remote_ties;
}

static bool is_of(uint64_t pid, uint32_t node)
{
    return akt_pid_node((akt_pid){pid}) == node;
}

static uint32_t count_ties(const struct akt_actor *a, uint32_t node)
{
    uint32_t n = 0;
    struct akt_map_entry *e;
    for (uint32_t c = 0; a->ext && (e = akt_map_next(&a->ext->watchers, &c));)
        n += is_of(e->value, node);
    for (uint32_t c = 0; a->ext && (e = akt_map_next(&a->ext->links, &c));)
        n += is_of(e->key, node);
    return n;
}

static uint64_t count_left(struct akt_isolate *iso, uint32_t node)
{
    uint64_t n = 0;
    struct akt_map_entry *e;
    for (uint32_t c = 0; (e = akt_map_next(&iso->remote_ties->actors, &c));) {
        akt_pid pid = {e->key};
        struct akt_actor *a = akt_actor_find(iso->node->actors, pid);
        n += a ? count_ties(a, node) : 0;
    }
    bool few = n + TIES_STEP <= AKT_REMOTE_TIES_MAX;
    return few ? AKT_REMOTE_TIES_MAX - n : TIES_STEP | REFUSES;
}

bool akt_remote_may_tie(struct akt_isolate *iso, uint32_t node)
{
    struct akt_map *left = &ties_of(iso)->left;
    uint64_t n = AKT_REMOTE_TIES_MAX;
    akt_map_get(left, node, &n);
    if ((n & ~REFUSES) == 0)
        n = count_left(iso, node);
    akt_map_put(left, node, n - 1);
    return !(n & REFUSES);
}

static void forget_dead(struct akt_isolate *iso, struct akt_remote_ties *ties)
{
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    while ((e = akt_map_next(&ties->actors, &cursor)))
        if (!akt_actor_find(iso->node->actors, (akt_pid){e->key}))
            akt_map_remove(&ties->actors, e->key);
    ties->checked = ties->actors.len;
}

void akt_remote_note(struct akt_isolate *iso, const struct akt_actor *a)
{
    struct akt_remote_ties *ties = ties_of(iso);
    akt_map_put(&ties->actors, a->self.bits, 1);
    if (ties->actors.len > 2 * ties->checked + 64)
        forget_dead(iso, ties);
}

void akt_remote_fini(struct akt_isolate *iso)
{
    if (!iso->remote_ties)
        return;
    akt_map_fini(&iso->remote_ties->actors);
    akt_map_fini(&iso->remote_ties->left);
    akt_free(iso->remote_ties, sizeof *iso->remote_ties);
    iso->remote_ties = NULL;
}

/* ---- the end of a node ---- */

void akt_remote_gone(struct akt_node *node, uint32_t index)
{
    akt_outside_gone(node, index);
    pthread_mutex_lock(&node->isolates_lock);
    for (uint32_t i = 0; i < node->isolates_len; i++) {
        struct akt_isolate *iso = node->isolates[i];
        /* relaxed: see used() */
        if (!atomic_load_explicit(&iso->remote, memory_order_relaxed))
            continue;
        struct akt_msg *m = akt_msg_new(AKT_MSG_NODE_GONE, 0);
        m->ask = index;
        akt_post_to_isolate(iso, m);
    }
    pthread_mutex_unlock(&node->isolates_lock);
}

static void tell(struct akt_isolate *iso, struct akt_actor *a,
                 enum akt_msg_type type, akt_pid who, uint64_t ref)
{
    struct akt_msg *m =
        akt_msg_with_reason(type, akt_reason_of(AKT_NOCONNECTION));
    m->target = a->self;
    m->sender = who;
    m->ask = ref;
    akt_mailbox_append(iso, a, m);
}

/* The mailbox tells what has been told already from news: who is told loses
 * the entry when it takes the message. */
static void tell_actor(struct akt_isolate *iso, struct akt_actor *a,
                       uint32_t node)
{
    struct akt_actor_ext *ext = a->ext;
    struct akt_map_entry *e;
    for (uint32_t c = 0; ext && (e = akt_map_next(&ext->watchers, &c));)
        if (is_of(e->value, node)) {
            akt_map_remove(&ext->restart_watchers, e->key);
            akt_map_remove(&ext->watchers, e->key);
        }
    for (uint32_t c = 0; ext && (e = akt_map_next(&ext->watching, &c));)
        if (is_of(e->value, node))
            tell(iso, a, AKT_MSG_DOWN, (akt_pid){e->value}, e->key);
    /* a link may end a process at once, and `ext` with it */
    for (uint32_t c = 0; (ext = a->ext) && (e = akt_map_next(&ext->links, &c));)
        if (is_of(e->key, node))
            tell(iso, a, AKT_MSG_EXIT, (akt_pid){e->key}, 0);
}

static void answer_calls(struct akt_isolate *iso, uint32_t node)
{
    struct akt_pending *p;
    for (uint32_t at = 0; (p = akt_pending_next(iso, &at));)
        if (p->type == AKT_P_CALL && !p->done && is_of(p->target.bits, node)) {
            struct akt_msg *m = akt_msg_with_reason(
                AKT_MSG_REPLY, akt_reason_of(AKT_NOCONNECTION));
            m->code = AKT_NOCONNECTION;
            akt_pending_answer(iso, p, m, AKT_NOCONNECTION);
        }
}

void akt_remote_on_gone(struct akt_isolate *iso, struct akt_msg *m)
{
    uint32_t node = (uint32_t)m->ask;
    struct akt_remote_ties *ties = iso->remote_ties;
    struct akt_map_entry *e;
    akt_msg_free(m);
    answer_calls(iso, node);
    if (ties)
        akt_map_remove(&ties->left, node);
    for (uint32_t c = 0; ties && (e = akt_map_next(&ties->actors, &c));) {
        akt_pid pid = {e->key};
        struct akt_actor *a = akt_actor_find(iso->node->actors, pid);
        if (a)
            tell_actor(iso, a, node);
    }
}
