/* SPDX-License-Identifier: MIT
 *
 * net/link_in.c: what comes by a link, on its way to the machine: messages with
 * their pids, and which nodes these are of.
 */
#include <string.h>

#include "net/link_impl.h"
#include "net/tunnel.h"
#include "vm/base/alloc.h"
#include "vm/names.h"

static uint16_t rename_index(void *ctx, uint16_t index)
{
    struct akt_link *l = ctx;
    if (index == AKT_PID_NODE_SELF)
        return l->index;
    if (index == AKT_NODE_NOBODY)
        return index;
    return index < l->names_len ? l->names[index] : 0;
}

static bool rename_pid(struct akt_link *l, akt_pid *pid)
{
    if (akt_pid_is_none(*pid))
        return true;
    uint64_t index = rename_index(l, (uint16_t)akt_pid_node(*pid));
    pid->bits = (pid->bits & AKT_ACTOR_BITS) | index << 48;
    return index != 0;
}

/* What is run as values by the host, with its pids. */
static bool import_body(struct akt_link *l, struct akt_msg *m)
{
    struct akt_link_rename rename = {rename_index, l};
    if (m->flags & AKT_MSG_REASON) {
        struct akt_reason *r = akt_msg_reason(m);
        return l->ops->import(l, r->bytes, r->len, &rename);
    }
    bool values = m->type == AKT_MSG_USER || m->type == AKT_MSG_REPLY;
    return !values || l->ops->import(l, m->body, m->size, &rename);
}

static void find_name(struct akt_link *l, struct akt_msg *m, const char *p,
                      size_t len)
{
    char name[AKT_NAME_MAX + 1];
    if (len == 0)
        return; /* it has a target */
    memcpy(name, p, len);
    name[len] = 0;
    m->target = akt_names_find(l->node->names, name);
}

static void take(struct akt_link *l, struct akt_msg *m)
{
    akt_link_append(&l->arrived_first, &l->arrived_last, m);
}

/* ---- before the program has begun ---- */

static void hold(struct akt_link *l, struct akt_msg *m,
                 const struct akt_wire_in *in)
{
    struct akt_link_held *h = akt_alloc(sizeof *h + in->name_len);
    *h = (struct akt_link_held){NULL, m, l->epoch, in->name_len};
    memcpy(h->name, in->name, in->name_len);
    if (l->held_first)
        l->held_last->next = h;
    else
        l->held_first = h;
    l->held_last = h;
}

static struct akt_msg *take_held(struct akt_link *l)
{
    struct akt_link_held *h = l->held_first;
    struct akt_msg *m = h->m;
    l->held_first = h->next;
    find_name(l, m, h->name, h->name_len);
    akt_free(h, sizeof *h + h->name_len);
    return m;
}

uint64_t akt_link_let_go(struct akt_link *l)
{
    uint64_t epoch = l->held_first ? l->held_first->epoch : l->epoch;
    while (l->held_first && l->held_first->epoch == epoch)
        take(l, take_held(l));
    return epoch;
}

void akt_link_free_held(struct akt_link *l)
{
    while (l->held_first)
        akt_msg_free(take_held(l));
}

/* ---- messages ---- */

/* Only its own actors may tie themselves, so that all it has goes with it. L5:
 * the first sender is the client. */
static bool is_its_own(struct akt_link *l, const struct akt_msg *m)
{
    uint64_t who = m->sender.bits & AKT_ACTOR_BITS;
    bool ties = m->type == AKT_MSG_LINK || m->type == AKT_MSG_UNLINK ||
                m->type == AKT_MSG_MONITOR || m->type == AKT_MSG_DEMONITOR;
    if (ties && akt_pid_node(m->sender) != l->index)
        return false;
    if (!l->client || !who)
        return true;
    if (!l->only)
        l->only = who;
    return l->only == who;
}

/* A head, and a body in whatever way. */
static void take_message(struct akt_link *l, struct akt_wire_in in)
{
    char name[AKT_NAME_MAX];
    size_t body_len = in.body_len;
    if (in.head_len && (uint8_t)in.head[0] == AKT_TUNNEL) {
        akt_link_on_tunnel(l, &in);
        akt_msg_free(in.block);
        return;
    }
    in.now_ns = l->heard_ns;
    in.name_room = name;
    struct akt_msg *m = akt_wire_read(&in);
    bool good =
        m && rename_pid(l, &m->sender) && is_its_own(l, m) && import_body(l, m);
    if (!good) {
        akt_session_release(l->session, akt_credit_of(body_len), 1, body_len);
        l->stats.refused_bodies++;
        akt_msg_free(m);
        return;
    }
    if (!rename_pid(l, &m->origin)) /* only shown */
        m->origin = AKT_PID_NONE;
    if (m->type == AKT_MSG_REPLY && akt_pid_eq(m->target, AKT_WIRE_OUTSIDE))
        m->target = AKT_PID_NONE;              /* vm/outside.h */
    m->stamp = (uint32_t)(body_len - m->size); /* taken back by deliver */
    /* relaxed: a time, exact to a tick */
    m->sent_tick = atomic_load_explicit(&l->node->tick, memory_order_relaxed);
    if (l->holds && in.name) {
        hold(l, m, &in);
        return;
    }
    find_name(l, m, in.name, in.name_len);
    take(l, m);
}

void akt_link_on_message(void *ctx, const char *head, size_t head_len,
                         const char *body, size_t body_len)
{
    take_message(ctx, (struct akt_wire_in){.head = head,
                                           .head_len = head_len,
                                           .body = body,
                                           .body_len = body_len});
}

void akt_link_on_block(void *ctx, const char *head, size_t head_len,
                       struct akt_msg *m)
{
    take_message(ctx, (struct akt_wire_in){.head = head,
                                           .head_len = head_len,
                                           .body = m->body,
                                           .body_len = m->size,
                                           .block = m});
}

/* ---- nodes ---- */

static void resize_names(struct akt_link *l, uint32_t len)
{
    l->names = akt_resize(l->names, l->names_len * sizeof *l->names,
                          len * sizeof *l->names);
    if (len > l->names_len)
        memset(l->names + l->names_len, 0,
               (len - l->names_len) * sizeof *l->names);
    l->names_len = len;
}

/* L6; what is told of counts before it costs a record. */
static bool may_learn(struct akt_link *l, const struct akt_wire_node *n)
{
    bool known = n->index < l->names_len && l->names[n->index];
    bool somebody = n->name[0] != AKT_CLIENT_MARK;
    if (!known && somebody)
        l->learned++;
    return l->learned <= AKT_LINK_TOLD_MAX;
}

bool akt_link_on_node(void *ctx, const char *bytes, size_t len)
{
    struct akt_link *l = ctx;
    struct akt_wire_node n;
    if (!akt_wire_get_node(bytes, len, &n) || n.index > AKT_NODES_MAX ||
        !may_learn(l, &n))
        return false;
    uint16_t here = l->ops->learn(l, &n);
    if (here == AKT_NODE_NOBODY && n.name[0] != AKT_CLIENT_MARK)
        l->stats.refused_nodes++;
    if (n.index >= l->names_len)
        resize_names(l, n.index + 16u);
    uint16_t before = l->names[n.index];
    l->names[n.index] = here;
    return before == 0 || before == here;
}
