/* SPDX-License-Identifier: MIT */
#include "vm/spawn.h"

#include <string.h>

#include "vm/base/alloc.h"
#include "vm/events.h"
#include "vm/life.h"
#include "vm/metrics.h"
#include "vm/names.h"
#include "vm/order.h"
#include "vm/outside.h"
#include "vm/overload.h"
#include "vm/route.h"
#include "vm/send.h"
#include "vm/tape.h"

/* Who sends to it must look first: before the pid is published. */
static void mark(struct akt_actor *a, const struct akt_kind *kind,
                 struct akt_spec *spec)
{
    bool routes = spec && spec->route;
    /* relaxed, all: published by the pid */
    if (routes) {
        atomic_store_explicit(&a->route, spec->route, memory_order_relaxed);
        spec->route = NULL;
    }
    if (routes || kind->looked_at)
        atomic_store_explicit(&a->load_here, AKT_LOAD_LOOK,
                              memory_order_relaxed);
}

static void fill(struct akt_actor *a, akt_pid pid, struct akt_isolate *iso,
                 akt_pid parent, const struct akt_kind *kind,
                 struct akt_spec *spec)
{
    const struct akt_mailbox_policy *mailbox =
        spec && spec->own_mailbox ? &spec->mailbox : &kind->mailbox;
    const struct akt_mailbox_rules *rules =
        spec && spec->own_mailbox ? &spec->rules : &kind->rules;
    a->self = pid;
    a->class = (uint8_t)(spec && spec->own_class ? spec->class : kind->class);
    a->extras = akt_order_extras(rules) | akt_overload_extras(kind, rules) |
                (kind->reentrant.mode != AKT_RE_NONE ? AKT_X_STRANDS : 0) |
                (a->class == AKT_CLASS_NORMAL ? 0 : AKT_X_CLASS);
    akt_actor_set_state(a, AKT_A_NEW);
    a->spec = spec;
    a->weight = kind->process ? AKT_WEIGHT_PROCESS : AKT_WEIGHT_BEHAVIOUR;
    a->restart_type = spec ? (uint8_t)spec->restart : AKT_TEMPORARY;
    a->shutdown_ms = spec ? spec->shutdown_ms : AKT_SHUTDOWN_MS;
    uint64_t age_ns = akt_node_now(iso->node) - iso->node->started_ns;
    /* relaxed: published by the pid */
    atomic_store_explicit(&a->born_ms, (uint32_t)(age_ns / 1000000),
                          memory_order_relaxed);
    atomic_store_explicit(&a->isolate, iso, memory_order_relaxed);
    atomic_store_explicit(&a->kind, kind, memory_order_relaxed);
    atomic_store_explicit(&a->parent, parent.bits, memory_order_relaxed);
    atomic_store_explicit(&a->limit, akt_mailbox_pack(mailbox),
                          memory_order_relaxed);
    mark(a, kind, spec);
}

static void publish(struct akt_actor *a)
{
    /* release: pairs with the acquire in akt_actor_find */
    atomic_store_explicit(&a->pid, a->self.bits, memory_order_release);
}

static struct akt_isolate *choose(struct akt_isolate *iso,
                                  struct akt_actor *parent,
                                  const struct akt_kind *kind,
                                  const struct akt_spec *spec, uint32_t weight)
{
    if (spec && spec->own_isolate) {
        struct akt_isolate *own =
            akt_isolate_own(iso->node, kind->host, weight, spec->memory_bytes);
        if (spec->cpu_percent)
            akt_isolate_limit(own, spec->cpu_percent);
        return own;
    }
    return akt_isolate_place(iso->node, kind->host, parent, weight);
}

static void give_up(struct akt_spawn *req)
{
    akt_spec_free(req->spec, req->kind->host);
    akt_msg_free(req->args);
}

static void tie(struct akt_isolate *iso, struct akt_actor *parent,
                struct akt_actor *a, struct akt_spawn *req)
{
    if (req->link) {
        akt_map_put(&akt_actor_ext(parent)->links, a->self.bits, 1);
        akt_map_put(&akt_actor_ext(a)->links, parent->self.bits, 1);
    }
    if (req->monitor) {
        req->ref = akt_isolate_ref(iso);
        akt_map_put(&akt_actor_ext(parent)->watching, req->ref, a->self.bits);
        akt_map_put(&akt_actor_ext(a)->watchers, req->ref, parent->self.bits);
    }
}

/* A parent in another isolate adopts it and starts it. */
static void announce(struct akt_node *node, struct akt_isolate *iso,
                     akt_pid parent, struct akt_msg *args)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_CHILD_NEW, sizeof args);
    memcpy(m->body, &args, sizeof args);
    m->target = parent;
    akt_post(node, iso, m);
}

static bool may_spawn(struct akt_isolate *iso, struct akt_actor *parent)
{
    /* relaxed: the ticker's reading; a little late is fine */
    return parent->goal == AKT_GOAL_NONE && !akt_node_is_exiting(iso->node);
}

static struct akt_actor *alloc_named(struct akt_node *node,
                                     const struct akt_spawn *req, akt_pid *pid,
                                     enum akt_code *code)
{
    struct akt_actor *a = akt_actor_alloc(node->actors, pid);
    *code = a ? AKT_OK : AKT_LIMIT;
    if (!a || !req->name || akt_names_put(node->names, req->name, *pid))
        return a;
    akt_actor_free(node->actors, a, *pid);
    *code = AKT_NAME_TAKEN;
    return NULL;
}

static void tell_spawn(struct akt_node *node, akt_pid pid, akt_pid parent,
                       const char *name)
{
    struct akt_event e = {
        .kind = AKT_EV_SPAWN, .who = pid, .other = parent.bits};
    struct akt_event_details d = {.name = name};
    akt_event_told(node, &e, &d);
}

enum akt_code akt_spawn(struct akt_isolate *iso, struct akt_actor *parent,
                        struct akt_spawn *req, akt_pid *pid)
{
    struct akt_node *node = iso->node;
    struct akt_actor *a = NULL;
    enum akt_code code = AKT_LIMIT;
    if (!may_spawn(iso, parent))
        code = AKT_DENIED;
    else if (!akt_input_rare(
                 atomic_load_explicit(&node->pressure, memory_order_relaxed)))
        a = alloc_named(node, req, pid, &code);
    if (!a) {
        give_up(req);
        return code;
    }
    akt_pid up = req->detached ? node->user : parent->self;
    uint32_t weight =
        req->kind->process ? AKT_WEIGHT_PROCESS : AKT_WEIGHT_BEHAVIOUR;
    struct akt_isolate *to = choose(iso, parent, req->kind, req->spec, weight);
    fill(a, *pid, to, up, req->kind, req->spec);
    if (req->name)
        akt_actor_ext(a)->name = akt_strdup(req->name);
    tie(iso, parent, a, req);
    akt_count(&iso->worker->stats.spawned);
    akt_count(&akt_kind_counts(iso->worker, a)->spawned);
    req->args->target = *pid;
    if (!req->detached)
        akt_supervise_adopt(parent, a);
    publish(a);
    tell_spawn(node, *pid, up, req->name);
    if (req->detached) {
        announce(node, iso, node->user, req->args);
    } else {
        akt_post(node, iso, req->args);
    }
    return AKT_OK;
}

enum akt_code akt_outside_spawn(struct akt_node *node, struct akt_spawn *req,
                                akt_pid *pid)
{
    struct akt_actor *a = NULL;
    enum akt_code code = AKT_LIMIT;
    /* relaxed: seen a little late is fine */
    if (atomic_load_explicit(&node->exiting, memory_order_relaxed))
        code = AKT_DENIED;
    else if (!atomic_load_explicit(&node->pressure, memory_order_relaxed))
        a = alloc_named(node, req, pid, &code);
    if (!a) {
        give_up(req);
        return code;
    }
    uint32_t weight =
        req->kind->process ? AKT_WEIGHT_PROCESS : AKT_WEIGHT_BEHAVIOUR;
    struct akt_isolate *to = akt_isolate_own(
        node, req->kind->host, weight, req->spec ? req->spec->memory_bytes : 0);
    fill(a, *pid, to, node->system, req->kind, req->spec);
    if (req->name)
        akt_actor_ext(a)->name = akt_strdup(req->name);
    req->args->target = *pid;
    publish(a);
    announce(node, NULL, node->system, req->args);
    return AKT_OK;
}

struct akt_actor *akt_spawn_first(struct akt_node *node, akt_pid pid,
                                  struct akt_isolate *isolate,
                                  struct akt_actor *parent,
                                  const struct akt_kind *kind,
                                  struct akt_spec *spec, struct akt_msg *args)
{
    struct akt_actor *a = akt_pid_is_none(pid)
                              ? akt_actor_alloc(node->actors, &pid)
                              : akt_actor_slot(node->actors, pid);
    if (!isolate)
        isolate = akt_isolate_own(node, kind->host,
                                  kind->process ? AKT_WEIGHT_PROCESS
                                                : AKT_WEIGHT_BEHAVIOUR,
                                  spec ? spec->memory_bytes : 0);
    akt_pid up = parent ? parent->self : AKT_PID_NONE;
    fill(a, pid, isolate, up, kind, spec);
    if (parent)
        akt_supervise_adopt(parent, a);
    if (kind->metrics) /* guardians have no number; nobody runs yet */
        akt_count(&node->workers[0].shard->kinds[kind->metrics].spawned);
    publish(a);
    args->target = pid;
    akt_post(node, NULL, args);
    return a;
}
