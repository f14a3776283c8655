/* SPDX-License-Identifier: MIT */
#include "vm/inject.h"

#include <stdio.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/fault.h"
#include "vm/node.h"
#include "vm/send.h"

enum kind { CRASH, DROP, DELAY, SLOW, FULL };

struct rule {
    struct akt_later later; /* first; SLOW, FULL: when that is over */
    struct rule *next;
    struct akt_node *node;
    enum kind kind;
    akt_pid pid, from;
    uint32_t count; /* DROP */
    double share;
    uint8_t tag_len; /* of the encoded tag */
    char tag[AKT_INJECT_TAG_MAX + 2];
    uint64_t least_ns, most_ns; /* DELAY, SLOW */
    bool waiting;               /* SLOW: for `due_ns`, or to run */
    uint64_t due_ns;
};

/* A message that was delayed. */
struct held {
    struct akt_later later; /* first */
    struct held *next, *prev;
    struct akt_node *node;
    struct akt_msg *m;
};

struct akt_faults {
    struct rule *rules;
    uint32_t rules_len;
    struct held *first, *last; /* in the order they were sent */
    struct akt_inject_stats stats;
};

/* ---- rules ---- */

static struct akt_faults *faults_of(struct akt_node *node)
{
    if (!node->faults)
        node->faults = akt_calloc(sizeof(struct akt_faults));
    return node->faults;
}

static void never(struct akt_later *self)
{
    (void)self; /* whoever waits looks at the time */
}

/* The rule made last is looked at last. */
static enum akt_code add_rule(struct akt_node *node, akt_pid pid,
                              enum kind kind, struct rule **out)
{
    if (akt_fault_spares(node, pid, kind != CRASH))
        return AKT_DENIED;
    if (!akt_actor_find(node->actors, pid))
        return AKT_NOPROC;
    struct akt_faults *f = faults_of(node);
    if (f->rules_len == AKT_INJECT_MAX)
        return AKT_LIMIT;
    struct rule **end = &f->rules;
    while (*end)
        end = &(*end)->next;
    struct rule *r = akt_calloc(sizeof *r);
    f->rules_len++;
    r->later.fire = never;
    r->node = node;
    r->kind = kind;
    r->pid = pid;
    *end = *out = r;
    return AKT_OK;
}

static void remove_rule(struct rule *r)
{
    struct rule **at = &r->node->faults->rules;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    r->node->faults->rules_len--;
    akt_world_cancel(r->node->world, &r->later);
    akt_free(r, sizeof *r);
}

/* The first of a kind from `r` on. */
static struct rule *find_from(struct rule *r, akt_pid pid, enum kind kind)
{
    while (r && (r->kind != kind || !akt_pid_eq(r->pid, pid)))
        r = r->next;
    return r;
}

static struct rule *find(const struct akt_node *node, akt_pid pid,
                         enum kind kind)
{
    return find_from(node->faults->rules, pid, kind);
}

enum akt_code akt_inject_crash(struct akt_node *node, akt_pid pid)
{
    struct rule *r;
    return add_rule(node, pid, CRASH, &r);
}

/* As a message begins with it: behind the head of a MessagePack string. */
static void set_tag(struct rule *r, const char *tag)
{
    size_t len = strnlen(tag, AKT_INJECT_TAG_MAX);
    uint8_t at = 0;
    if (len < 32) {
        r->tag[at++] = (char)(0xa0 | len);
    } else {
        r->tag[at++] = (char)0xd9;
        r->tag[at++] = (char)len;
    }
    memcpy(r->tag + at, tag, len);
    r->tag_len = (uint8_t)(at + len);
}

enum akt_code akt_inject_drop(struct akt_node *node, akt_pid pid,
                              const struct akt_inject_drop *drop)
{
    struct rule *r;
    enum akt_code code = add_rule(node, pid, DROP, &r);
    if (code != AKT_OK)
        return code;
    r->from = drop->from;
    r->count = drop->count;
    r->share = drop->share;
    if (drop->tag)
        set_tag(r, drop->tag);
    return AKT_OK;
}

enum akt_code akt_inject_delay(struct akt_node *node, akt_pid pid,
                               const struct akt_inject_delay *delay)
{
    struct rule *r;
    enum akt_code code = add_rule(node, pid, DELAY, &r);
    if (code != AKT_OK)
        return code;
    r->from = delay->from;
    r->least_ns = delay->least_ns;
    r->most_ns = delay->most_ns;
    return AKT_OK;
}

enum akt_code akt_inject_slow(struct akt_node *node, akt_pid pid, uint64_t ns)
{
    struct rule *r;
    enum akt_code code = add_rule(node, pid, SLOW, &r);
    if (code != AKT_OK)
        return code;
    r->least_ns = ns;
    return AKT_OK;
}

/* ---- a full mailbox ---- */

static void full_is_over(struct rule *r)
{
    struct akt_node *node = r->node;
    akt_pid pid = r->pid;
    remove_rule(r);
    struct akt_actor *a = akt_actor_find(node->actors, pid);
    if (a && !find(node, pid, FULL))
        akt_mailbox_set_full(a, false);
}

static void on_full_over(struct akt_later *self)
{
    full_is_over((struct rule *)self);
}

enum akt_code akt_inject_full(struct akt_node *node, akt_pid pid, uint64_t ns)
{
    struct rule *r;
    enum akt_code code = add_rule(node, pid, FULL, &r);
    if (code != AKT_OK)
        return code;
    r->later.fire = on_full_over;
    akt_world_at(node->world, &r->later, node->world->now_ns + ns);
    akt_mailbox_set_full(akt_actor_find(node->actors, pid), true);
    node->faults->stats.filled++;
    return AKT_OK;
}

bool akt_inject_is_full(struct akt_node *node, const struct akt_actor *a)
{
    return find(node, a->self, FULL) != NULL;
}

/* ---- messages that come late ---- */

static void unhold(struct held *h)
{
    struct akt_faults *f = h->node->faults;
    *(h->prev ? &h->prev->next : &f->first) = h->next;
    *(h->next ? &h->next->prev : &f->last) = h->prev;
    akt_world_cancel(h->node->world, &h->later);
    akt_free(h, sizeof *h);
}

static void arrive(struct akt_later *self)
{
    struct held *h = (struct held *)self;
    struct akt_node *node = h->node;
    struct akt_msg *m = h->m;
    unhold(h);
    akt_post_delayed(node, m);
}

/* When the last one of this sender comes, 0: none is on the way. */
static uint64_t last_of_pair(const struct akt_faults *f,
                             const struct akt_msg *m)
{
    for (const struct held *h = f->last; h; h = h->prev)
        if (akt_pid_eq(h->m->sender, m->sender) &&
            akt_pid_eq(h->m->target, m->target))
            return h->later.node.key;
    return 0;
}

static void hold(struct akt_node *node, struct akt_msg *m, uint64_t due_ns)
{
    struct akt_faults *f = node->faults;
    struct held *h = akt_calloc(sizeof *h);
    h->node = node;
    h->m = m;
    h->later.fire = arrive;
    h->prev = f->last;
    *(f->last ? &f->last->next : &f->first) = h;
    f->last = h;
    akt_world_at(node->world, &h->later, due_ns);
    f->stats.delayed++;
}

/* What one actor sends to another, in order. */
static bool is_ordered(const struct akt_msg *m)
{
    switch (m->type) {
    case AKT_MSG_USER:
    case AKT_MSG_REPLY:
    case AKT_MSG_EXIT:
    case AKT_MSG_DOWN:
    case AKT_MSG_LINK:
    case AKT_MSG_UNLINK:
    case AKT_MSG_MONITOR:
    case AKT_MSG_DEMONITOR:
        return true;
    default:
        return false;
    }
}

static bool is_from(const struct rule *r, const struct akt_msg *m)
{
    return akt_pid_is_none(r->from) || akt_pid_eq(r->from, m->sender);
}

static uint64_t delay_of(struct akt_node *node, const struct rule *r)
{
    uint64_t spread = r->most_ns > r->least_ns ? r->most_ns - r->least_ns : 0;
    return r->least_ns + akt_random_below(&node->world->random, spread + 1);
}

static bool delayed(struct akt_node *node, struct akt_msg *m)
{
    struct rule *r = find(node, m->target, DELAY);
    while (r && !is_from(r, m))
        r = find_from(r->next, m->target, DELAY);
    uint64_t after_ns = last_of_pair(node->faults, m);
    if (!r && !after_ns)
        return false;
    uint64_t due_ns = node->world->now_ns + (r ? delay_of(node, r) : 0);
    hold(node, m, due_ns > after_ns ? due_ns : after_ns);
    return true;
}

/* ---- messages that do not come ---- */

static bool has_tag(const struct rule *r, const struct akt_msg *m)
{
    return m->size >= r->tag_len && memcmp(m->body, r->tag, r->tag_len) == 0;
}

static bool hits(struct akt_node *node, struct rule *r, const struct akt_msg *m)
{
    if (!is_from(r, m) || !has_tag(r, m))
        return false;
    return r->count || akt_random_double(&node->world->random) < r->share;
}

/* Ticks are no messages between actors, and a sender that waits for room must
 * hear of it. */
static bool dropped(struct akt_node *node, struct akt_msg *m)
{
    if (m->type != AKT_MSG_USER || m->flags & (AKT_MSG_TICK | AKT_MSG_ACK))
        return false;
    struct rule *r = find(node, m->target, DROP);
    while (r && !hits(node, r, m))
        r = find_from(r->next, m->target, DROP);
    if (!r)
        return false;
    if (r->count && --r->count == 0)
        remove_rule(r);
    node->faults->stats.dropped++;
    akt_dead_letter(node, m, AKT_FAULT);
    akt_msg_free(m); /* and nobody is told */
    return true;
}

bool akt_inject_takes(struct akt_node *node, struct akt_actor *a,
                      struct akt_msg *m)
{
    (void)a;
    return is_ordered(m) && (dropped(node, m) || delayed(node, m));
}

/* ---- turns ---- */

static char *crash_report(const struct akt_actor *a, uint32_t *len)
{
    char text[160];
    unsigned long long serial = akt_pid_serial(a->self);
    *len = (uint32_t)snprintf(text, sizeof text,
                              "error[crash]: <%.64s#%llu> crashed by a fault "
                              "that was injected\n",
                              akt_actor_kind(a)->name, serial);
    return memcpy(akt_alloc(*len), text, *len);
}

static bool is_next_message(const struct akt_isolate *iso)
{
    const struct akt_turn *t = &iso->turn;
    if (t->kind == AKT_TURN_MESSAGE)
        return true;
    return t->kind == AKT_TURN_RESUME && akt_actor_kind(t->actor)->process;
}

bool akt_inject_crashes(struct akt_isolate *iso)
{
    static const char value[] = "\xa5"
                                "fault";
    struct akt_node *node = iso->node;
    struct akt_actor *a = iso->current;
    struct rule *r = find(node, a->self, CRASH);
    uint32_t len;
    if (!r || !is_next_message(iso))
        return false;
    remove_rule(r);
    node->faults->stats.crashes++;
    if (a->fiber)
        iso->host->drop_fiber(iso, a);
    char *report = crash_report(a, &len);
    akt_turn_failed(iso, akt_reason_make(AKT_CRASH, value, sizeof value - 1),
                    "fault", report, len);
    return true;
}

bool akt_inject_holds(struct akt_node *node, const struct akt_actor *a)
{
    struct rule *r = find(node, a->self, SLOW);
    if (!r)
        return false;
    if (!r->waiting) {
        r->waiting = true;
        r->due_ns = node->world->now_ns + r->least_ns;
        akt_world_at(node->world, &r->later, r->due_ns);
    }
    return node->world->now_ns < r->due_ns;
}

void akt_inject_runs(struct akt_node *node, const struct akt_actor *a)
{
    struct rule *r = find(node, a->self, SLOW);
    if (!r)
        return;
    r->waiting = false;
    node->faults->stats.slowed++;
}

/* ---- the end ---- */

static bool is_of(akt_pid pid, akt_pid wanted)
{
    return akt_pid_is_none(wanted) || akt_pid_eq(pid, wanted);
}

static void clear_rules(struct akt_node *node, akt_pid pid)
{
    struct rule *r = node->faults->rules, *next;
    for (; r; r = next) {
        next = r->next;
        if (!is_of(r->pid, pid))
            continue;
        if (r->kind == FULL)
            full_is_over(r);
        else
            remove_rule(r);
    }
}

void akt_inject_clear(struct akt_node *node, akt_pid pid)
{
    if (!node->faults)
        return;
    clear_rules(node, pid);
    struct held *h = node->faults->first, *next;
    for (; h; h = next) {
        next = h->next;
        if (is_of(h->m->target, pid))
            arrive(&h->later);
    }
}

void akt_inject_read(const struct akt_node *node, struct akt_inject_stats *out)
{
    if (node->faults)
        *out = node->faults->stats;
    else
        memset(out, 0, sizeof *out);
}

void akt_inject_destroy(struct akt_faults *f)
{
    if (!f)
        return;
    while (f->first) {
        akt_msg_free(f->first->m);
        unhold(f->first);
    }
    while (f->rules)
        remove_rule(f->rules);
    akt_free(f, sizeof *f);
}
