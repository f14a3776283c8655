/* SPDX-License-Identifier: MIT */
#include "vm/strand.h"

#include <assert.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/life_impl.h"
#include "vm/order.h"
#include "vm/node.h"
#include "vm/send.h"
#include "vm/upgrade.h"

static struct akt_strands *peek(const struct akt_actor *a)
{
    return a->ext ? a->ext->strands : NULL;
}

static struct akt_strands *strands(struct akt_actor *a)
{
    struct akt_actor_ext *ext = akt_actor_ext(a);
    if (!ext->strands)
        ext->strands = akt_calloc(sizeof *ext->strands);
    return ext->strands;
}

/* ---- policies ---- */

static struct akt_policy *policy_of_kind(const struct akt_actor *a)
{
    struct akt_policy *p = akt_calloc(sizeof *p);
    p->how = akt_actor_kind(a)->reentrant;
    if (!p->how.max)
        p->how.max = AKT_IN_FLIGHT;
    return p;
}

/* That of new handlers. */
static struct akt_policy *policy(struct akt_actor *a)
{
    struct akt_strands *ss = strands(a);
    if (!ss->policies)
        ss->policies = policy_of_kind(a);
    return ss->policies;
}

static void free_policy(struct akt_policy *p)
{
    if (p->own && p->how.tags)
        akt_free(p->how.tags, sizeof *p->how.tags + p->how.tags->size);
    akt_free(p, sizeof *p);
}

/* Old policies go with the last handler that has begun under them. */
static void tidy_policies(struct akt_strands *ss)
{
    struct akt_policy **at = &ss->policies->next, *p;
    while ((p = *at)) {
        if (p->in_flight) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        free_policy(p);
        ss->looked = NULL;
    }
}

static void drop_policies(struct akt_strands *ss)
{
    while (ss->policies) {
        struct akt_policy *p = ss->policies;
        ss->policies = p->next;
        free_policy(p);
    }
    ss->looked = NULL;
}

const struct akt_reentrant *akt_strand_policy(struct akt_actor *a)
{
    return &policy(a)->how;
}

void akt_strand_adopt(struct akt_actor *a)
{
    struct akt_strands *ss = peek(a);
    if (akt_actor_kind(a)->reentrant.mode != AKT_RE_NONE)
        a->extras |= AKT_X_STRANDS;
    bool own = ss && ss->policies && ss->policies->own;
    if (ss && (!own || a->state != AKT_A_RUNNING))
        drop_policies(ss);
}

static bool is_listed(const struct akt_tags *tags, const struct akt_msg *m)
{
    uint16_t len;
    if (m->type != AKT_MSG_USER)
        return false;
    for (uint32_t at = 0; tags && at < tags->size; at += len) {
        memcpy(&len, tags->bytes + at, sizeof len);
        at += sizeof len;
        if (m->size >= len && memcmp(m->body, tags->bytes + at, len) == 0)
            return true;
    }
    return false;
}

bool akt_reentrant_allows(const struct akt_reentrant *how,
                          const struct akt_msg *m)
{
    return how->mode == AKT_RE_ALL ||
           (how->mode == AKT_RE_TAGS && is_listed(how->tags, m));
}

/* ---- records ---- */

/* The record of the foreground, which is a handler if it has none. */
static struct akt_strand *front(struct akt_actor *a)
{
    struct akt_strands *ss = strands(a);
    if (!ss->front) {
        ss->front = akt_calloc(sizeof *ss->front);
        ss->front->policy = policy(a);
        ss->front->policy->in_flight++;
        ss->handlers++;
    }
    return ss->front;
}

static struct akt_node *node_of(const struct akt_actor *a)
{
    /* relaxed: set before the pid was published */
    return atomic_load_explicit(&a->isolate, memory_order_relaxed)->node;
}

static void clear_edge(struct akt_actor *a, struct akt_strand *s)
{
    struct akt_strands *ss = a->ext->strands;
    if (s->side)
        akt_edge_clear_side(node_of(a), a, s->side);
    s->side = 0;
    if (ss->edge != s)
        return;
    ss->edge = NULL;
    akt_edge_clear(a);
}

static void release(struct akt_actor *a, struct akt_strand *s)
{
    struct akt_strands *ss = a->ext->strands;
    clear_edge(a, s);
    if (ss->keeper == s)
        ss->keeper = NULL;
    if (s->policy) {
        s->policy->in_flight--;
        ss->handlers--;
        tidy_policies(ss);
    } else {
        ss->tasks--;
    }
    akt_free(s, sizeof *s);
}

static void link_parked(struct akt_strands *ss, struct akt_strand *s)
{
    s->ready = false;
    s->prev = NULL;
    s->next = ss->parked;
    if (s->next)
        s->next->prev = s;
    ss->parked = s;
}

static void link_ready(struct akt_strands *ss, struct akt_strand *s)
{
    s->ready = true;
    s->next = NULL;
    s->prev = ss->ready_last;
    if (s->prev)
        s->prev->next = s;
    else
        ss->ready = s;
    ss->ready_last = s;
}

static void unlink_strand(struct akt_strands *ss, struct akt_strand *s)
{
    if (s->next)
        s->next->prev = s->prev;
    else if (s->ready)
        ss->ready_last = s->prev;
    if (s->prev)
        s->prev->next = s->next;
    else if (s->ready)
        ss->ready = s->next;
    else
        ss->parked = s->next;
    s->next = s->prev = NULL;
}

static void exchange(struct akt_isolate *iso, struct akt_actor *a,
                     struct akt_strand *s)
{
    if (iso->host->exchange)
        iso->host->exchange(a, s->host);
}

static void put_aside(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_strands *ss = strands(a);
    struct akt_strand *s = front(a);
    assert(a->busy && a->parked);
    s->fiber = a->fiber;
    s->current = a->current;
    s->since_tick = a->since_tick;
    s->slices = a->slices;
    s->receiving = a->receiving;
    s->aside = true;
    if (s->receiving || (akt_actor_kind(a)->process && s->policy))
        ss->keeper = s;
    if (a->todo & AKT_DO_RESUME)
        link_ready(ss, s);
    else
        link_parked(ss, s);
    a->todo &= (uint8_t)~AKT_DO_RESUME;
    exchange(iso, a, s);
    ss->front = NULL;
    a->fiber = NULL;
    a->current = NULL;
    a->slices = 0;
    a->busy = a->parked = a->receiving = false;
    akt_actor_set_activity(a, AKT_IDLE);
}

static void bring(struct akt_isolate *iso, struct akt_actor *a,
                  struct akt_strand *s)
{
    struct akt_strands *ss = a->ext->strands;
    /* what has come for a receive meanwhile has not woken it */
    bool wake = s->ready || (s->receiving && a->mail_first);
    assert(!a->busy && !ss->front);
    unlink_strand(ss, s);
    s->aside = s->ready = false;
    if (ss->keeper == s)
        ss->keeper = NULL;
    ss->front = s;
    a->fiber = s->fiber;
    a->current = s->current;
    a->since_tick = s->since_tick;
    a->slices = s->slices;
    a->receiving = s->receiving;
    a->busy = a->parked = true;
    exchange(iso, a, s);
    akt_actor_set_activity(a, AKT_WAITING);
    if (wake) {
        a->todo |= AKT_DO_RESUME;
        akt_isolate_ready(iso, a);
    }
}

/* ---- which messages may start ---- */

static bool allowed(const struct akt_strands *ss, const struct akt_msg *m)
{
    for (const struct akt_policy *p = ss->policies; p; p = p->next)
        if (p->in_flight && !akt_reentrant_allows(&p->how, m))
            return false;
    return true;
}

/* The weakest of what the handlers in progress allow. */
static enum akt_reentry allowance(const struct akt_strands *ss)
{
    enum akt_reentry least = AKT_RE_ALL;
    for (const struct akt_policy *p = ss->policies; p; p = p->next)
        if (p->in_flight && p->how.mode != AKT_RE_ALL && least != AKT_RE_NONE)
            least = p->how.mode;
    return least;
}

/* Looks at each message once, unless several policies are in force. */
static bool find_listed(struct akt_actor *a, struct akt_msg **prev)
{
    struct akt_strands *ss = a->ext->strands;
    if ((ss->policies && ss->policies->next) || a->extras & AKT_X_ORDER)
        ss->looked = NULL;
    struct akt_msg *m = ss->looked ? ss->looked->next : a->mail_first;
    for (; m; m = m->next) {
        if (allowed(ss, m)) {
            *prev = ss->looked;
            return true;
        }
        ss->looked = m;
    }
    return false;
}

/* Whether a message may be taken beside the handlers in progress, the one
 * behind *prev. */
static bool may_start(struct akt_isolate *iso, struct akt_actor *a,
                      struct akt_msg **prev)
{
    struct akt_strands *ss = a->ext->strands;
    *prev = NULL;
    if (!a->mail_first || a->state != AKT_A_RUNNING || a->receiving ||
        akt_actor_kind(a)->process)
        return false;
    if (a->aside) /* idle or health: whose end must be nobody else's */
        return false;
    if (akt_upgrade_is_due(a)) {
        akt_upgrade_held_up(iso, a);
        return false;
    }
    if (akt_strand_handlers(a) >= policy(a)->how.max)
        return false;
    switch (allowance(ss)) {
    case AKT_RE_ALL: /* a stop of its own waits for all in progress */
        return a->mail_first->type != AKT_MSG_STOP || !ss->handlers;
    case AKT_RE_TAGS:
        return find_listed(a, prev);
    default:
        return false;
    }
}

/* The actor has something to do beside the foreground, which waits. */
static void look(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_msg *prev;
    if (!a->ext->strands->ready && !may_start(iso, a, &prev))
        return;
    a->todo |= AKT_DO_STRAND;
    akt_isolate_ready(iso, a);
}

void akt_strand_mail(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->parked && peek(a))
        look(iso, a);
}

void akt_strand_look_again(struct akt_actor *a)
{
    if (peek(a))
        a->ext->strands->looked = NULL;
}

void akt_strand_left(struct akt_actor *a, const struct akt_msg *m,
                     struct akt_msg *prev)
{
    if (peek(a) && a->ext->strands->looked == m)
        a->ext->strands->looked = prev;
}

/* ---- waiting and going on ---- */

void akt_await(struct akt_actor *a, struct akt_pending *p)
{
    p->awaited = true;
    p->strand = akt_has_strands(a) ? front(a) : NULL;
}

void akt_strand_woken(struct akt_isolate *iso, struct akt_pending *p)
{
    struct akt_actor *a = p->actor;
    struct akt_strands *ss = a->ext->strands;
    if (!p->strand->ready) {
        unlink_strand(ss, p->strand);
        link_ready(ss, p->strand);
    }
    a->todo |= AKT_DO_STRAND;
    akt_isolate_ready(iso, a);
}

static bool has_handler_state(const struct akt_actor *a)
{
    return a->state == AKT_A_RUNNING || a->state == AKT_A_FINISHING ||
           a->state == AKT_A_INIT || a->state == AKT_A_POST ||
           a->state == AKT_A_HOOK;
}

/* By turns, so that neither messages nor strands keep the others waiting. */
static bool prefers_mail(struct akt_isolate *iso, struct akt_strands *ss)
{
    const struct akt_world *world = iso->node->world;
    ss->mail_next = world->simulated && !world->replay
                        ? akt_world_choose(iso->node->world, 2)
                        : !ss->mail_next;
    return ss->mail_next;
}

/* False: there is more of the mailbox to sort, another time. */
static bool sorted(struct akt_isolate *iso, struct akt_actor *a)
{
    if (!(a->extras & AKT_X_ORDER) || akt_order_sort(iso, a, AKT_ORDER_STEP))
        return true;
    a->todo |= AKT_DO_STRAND;
    return false;
}

bool akt_strand_step(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_strands *ss = peek(a);
    struct akt_msg *prev;
    bool goes_on = a->todo & AKT_DO_RESUME;
    a->todo &= (uint8_t)~AKT_DO_STRAND;
    if (!ss || !has_handler_state(a) || (a->busy && !a->parked))
        return goes_on && akt_turn_resume(iso, a);
    if (!sorted(iso, a))
        return goes_on && akt_turn_resume(iso, a);
    bool mail = (prefers_mail(iso, ss) || !(goes_on || ss->ready)) &&
                may_start(iso, a, &prev);
    if (!mail && goes_on)
        return akt_turn_resume(iso, a);
    if (!mail && !ss->ready)
        return false;
    if (a->busy)
        put_aside(iso, a);
    if (!mail) {
        bring(iso, a, ss->ready);
        return akt_turn_resume(iso, a);
    }
    if (akt_turn_take(iso, a, prev))
        return true;
    akt_strand_next(iso, a);
    return false;
}

/* N2: who must be in front comes back. */
void akt_strand_parked(struct akt_isolate *iso, struct akt_actor *a)
{
    (void)front(a);
    struct akt_strands *ss = a->ext->strands;
    if (ss->keeper) {
        put_aside(iso, a);
        bring(iso, a, ss->keeper);
    }
    look(iso, a);
}

void akt_strand_next(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_strands *ss = peek(a);
    if (!ss || a->busy || !has_handler_state(a))
        return;
    struct akt_strand *s = ss->keeper  ? ss->keeper
                           : ss->ready ? ss->ready
                                       : ss->parked;
    if (!s)
        return;
    bring(iso, a, s);
    look(iso, a);
    if (a->exit_queued || a->state == AKT_A_FINISHING)
        akt_life_waits(iso, a);
}

/* ---- the end of one ---- */

static void free_current(struct akt_actor *a)
{
    struct akt_msg *m;
    while ((m = a->current)) {
        a->current = m->next;
        akt_msg_free(m);
    }
    a->busy = false;
    a->slices = 0;
}

/* It was ended where it waited: nobody will take the answers. */
static void forget_awaited(struct akt_actor *a)
{
    for (struct akt_pending *p = a->pendings; p; p = p->next)
        if (p->awaited && p->strand == a->ext->strands->front) {
            p->awaited = false;
            p->strand = NULL;
        }
}

void akt_strand_release(struct akt_actor *a)
{
    struct akt_strands *ss = peek(a);
    if (!ss || !ss->front)
        return;
    struct akt_strand *s = ss->front;
    ss->front = NULL;
    release(a, s);
}

/* The last task of a process whose function has ended. */
static void end_process(struct akt_isolate *iso, struct akt_actor *a)
{
    if (a->is_main)
        akt_life_finished(iso, a);
    else
        akt_life_exit(iso, a, akt_reason_of(AKT_NORMAL));
}

bool akt_strand_done(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_strands *ss = peek(a);
    if (!ss)
        return false;
    bool task = akt_strand_is_task(a);
    bool handles = a->state == AKT_A_RUNNING || a->state == AKT_A_FINISHING;
    if (iso->turn.kind == AKT_TURN_UNWIND)
        forget_awaited(a);
    akt_strand_release(a);
    if (!task && !handles)
        return false;
    if (a->state == AKT_A_FINISHING && ss->handlers == 0)
        return false;
    free_current(a);
    if (ss->outlived && ss->tasks == 0) {
        end_process(iso, a);
        return true;
    }
    akt_strand_next(iso, a);
    return true;
}

bool akt_strand_outlives(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_strands *ss = peek(a);
    if (!ss || ss->tasks == 0 || a->state != AKT_A_RUNNING)
        return false;
    akt_strand_release(a);
    ss->outlived = true;
    akt_strand_next(iso, a);
    return true;
}

/* ---- the end of all ---- */

static void close_awaited(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_pending *p = a->pendings, *next;
    for (; p; p = next) {
        next = p->next;
        if (p->type == AKT_P_CALL && p->awaited && p->strand)
            akt_pending_close(iso, p);
    }
}

static void drop_fiber(struct akt_isolate *iso, struct akt_actor *a,
                       struct akt_strand *s)
{
    unlink_strand(a->ext->strands, s);
    a->fiber = s->fiber;
    if (a->fiber && iso->host_data)
        iso->host->drop_fiber(iso, a);
    a->fiber = NULL;
}

static void drop_one(struct akt_isolate *iso, struct akt_actor *a,
                     struct akt_strand *s, enum akt_code code)
{
    drop_fiber(iso, a, s);
    akt_life_lose_all(iso, a, &s->current, code);
    if (!s->policy)
        akt_count(&iso->worker->stats.tasks_dropped);
    release(a, s);
}

void akt_strand_drop(struct akt_isolate *iso, struct akt_actor *a,
                     enum akt_code code)
{
    struct akt_strands *ss = peek(a);
    if (!ss)
        return;
    a->todo &= (uint8_t)~AKT_DO_STRAND;
    close_awaited(iso, a);
    if (akt_strand_is_task(a))
        akt_count(&iso->worker->stats.tasks_dropped);
    akt_strand_release(a);
    while (ss->parked || ss->ready)
        drop_one(iso, a, ss->parked ? ss->parked : ss->ready, code);
    ss->outlived = false;
}

void akt_strand_free(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_strands *ss = peek(a);
    if (!ss)
        return;
    akt_strand_release(a);
    while (ss->parked || ss->ready) {
        struct akt_strand *s = ss->parked ? ss->parked : ss->ready;
        drop_fiber(iso, a, s);
        akt_life_free_msgs(s->current);
        release(a, s);
    }
    drop_policies(ss);
    akt_free(ss, sizeof *ss);
    a->ext->strands = NULL;
}

/* ---- what others want to know ---- */

uint32_t akt_strand_handlers(const struct akt_actor *a)
{
    const struct akt_strands *ss = peek(a);
    bool bare = a->busy && !(ss && ss->front); /* it has no record yet */
    return (ss ? ss->handlers : 0) + bare;
}

uint32_t akt_strand_tasks(const struct akt_actor *a)
{
    return peek(a) ? a->ext->strands->tasks : 0;
}

const struct akt_strand *akt_strand_aside(const struct akt_actor *a, bool ready)
{
    const struct akt_strands *ss = peek(a);
    return !ss ? NULL : ready ? ss->ready : ss->parked;
}

bool akt_strand_is_task(const struct akt_actor *a)
{
    const struct akt_strands *ss = peek(a);
    return ss && ss->front && !ss->front->policy;
}

bool akt_strand_awaits(const struct akt_actor *a, const struct akt_pending *p)
{
    return p->awaited && p->type == AKT_P_CALL &&
           !(p->strand && p->strand->aside);
}

bool akt_strand_holds(struct akt_actor *a, const struct akt_msg *m)
{
    if (!akt_has_strands(a))
        return true;
    const struct akt_policy *p = front(a)->policy;
    return p && !akt_reentrant_allows(&p->how, m);
}

bool akt_strand_other_receives(const struct akt_actor *a)
{
    const struct akt_strands *ss = peek(a);
    return ss && ss->keeper && ss->keeper->receiving;
}

/* Its wait is the actor's: messages wait with it. One at a time. */
static bool claims_edge(struct akt_strands *ss, const struct akt_strand *s)
{
    bool keeps_waiting = s->policy && s->policy->how.mode != AKT_RE_ALL;
    if (!keeps_waiting || (ss->edge && ss->edge != s))
        return false;
    ss->edge = s;
    return true;
}

/* Who waits for what the foreground does. */
static void find_request(const struct akt_actor *a, struct akt_edge_wait *w)
{
    for (const struct akt_msg *m = a->current; m; m = m->next) {
        bool task = m->type == AKT_MSG_TASK;
        if (!task && !m->ask)
            continue;
        w->asker = task ? a->self : m->sender;
        w->request = task ? m->timer : m->ask;
    }
}

bool akt_strand_edge(struct akt_actor *a, const struct akt_pending *p,
                     struct akt_edge_wait *w)
{
    bool own_task = !p->asks;
    *w = (struct akt_edge_wait){.target = own_task ? a->self : p->target,
                                .ask = p->id,
                                .claims = true,
                                .passes = p->passes || own_task};
    if (!akt_has_strands(a))
        return true;
    struct akt_strand *s = front(a);
    w->claims = claims_edge(a->ext->strands, s);
    if (!s->policy || s->policy->how.mode != AKT_RE_NONE)
        find_request(a, w);
    s->side = w->request ? p->id : 0;
    return w->claims || w->request;
}

void akt_strand_clear_edge(struct akt_actor *a)
{
    if (!akt_has_strands(a))
        akt_edge_clear(a);
    else if (peek(a) && a->ext->strands->front)
        clear_edge(a, a->ext->strands->front);
}

/* ---- what scripts do ---- */

bool akt_strand_add_task(struct akt_isolate *iso, struct akt_actor *a,
                         struct akt_msg *task)
{
    struct akt_strands *ss = strands(a);
    if (ss->tasks >= AKT_TASKS_MAX)
        return false;
    a->extras |= AKT_X_STRANDS;
    struct akt_strand *s = akt_calloc(sizeof *s);
    s->current = task;
    s->aside = true;
    link_ready(ss, s);
    ss->tasks++;
    a->todo |= AKT_DO_STRAND;
    akt_isolate_ready(iso, a);
    return true;
}

void akt_strand_set_policy(struct akt_actor *a, const struct akt_reentrant *how)
{
    if (a->busy && !akt_strand_is_task(a))
        (void)front(a); /* which keeps the policy it has begun under */
    struct akt_policy *p = akt_calloc(sizeof *p);
    struct akt_strands *ss = strands(a);
    p->how = *how;
    p->own = true;
    p->next = policy(a);
    ss->policies = p;
    ss->looked = NULL;
    a->extras |= AKT_X_STRANDS;
    tidy_policies(ss);
}
