/* SPDX-License-Identifier: MIT */
#include "lua/reload.h"

#include <string.h>
#include <unistd.h>

#include "lua/reload_impl.h"
#include "vm/base/alloc.h"
#include "vm/priorities.h"
#include "vm/upgrade.h"

#define LOOK_MS 1 /* between two looks at who has not changed yet, at first */
#define LOOK_MAX_MS 50

/* ---- commit: under the node's lock ---- */

static void take_over(struct akt_lua_version *v,
                      const struct akt_lua_version *next)
{
    v->kind.hooks = next->kind.hooks;
    v->kind.mailbox = next->kind.mailbox;
    v->kind.rules = next->kind.rules;
    v->kind.class = next->kind.class;
    akt_priorities_ref(v->kind.rules.tags);
    v->kind.supervise = next->kind.supervise;
    v->kind.looked_at = next->kind.looked_at;
    v->contract = akt_contract_ref(next->contract);
    v->image = akt_image_ref(next->image);
    /* relaxed: published with the version */
    atomic_store_explicit(&v->frozen, true, memory_order_relaxed);
    v->hash = next->hash;
    v->label = next->label ? akt_strdup(next->label) : NULL;
    v->has_unknown = next->has_unknown;
    v->text = next->text ? akt_text_ref(next->text) : NULL;
    akt_buf_add(&v->modules, next->modules.data, next->modules.len);
    akt_buf_add(&v->tags, next->tags.data, next->tags.len);
}

static void move_source(struct akt_lua_kind *k, const struct akt_lua_kind *now)
{
    if (k == now)
        return;
    akt_strfree(k->source);
    k->source = akt_strdup(now->source);
    k->line = now->line;
    k->definer = NULL; /* its module may be loaded once more anywhere */
}

static void make_version(struct akt_plan *p, struct akt_change *c)
{
    if (!c->kind) {
        const struct akt_lua_kind *k = c->next->family;
        c->kind = akt_kind_add(p->n, k->name, k->source, k->line);
        c->to = akt_kind_current(c->kind);
    } else {
        c->to = akt_version_new(p->n, c->kind);
        move_source(c->kind, c->next->family);
    }
    take_over(c->to, c->next);
    c->to->commit = p->n->reloads;
    c->to->back = p->request->rollback        ? c->next->back
                  : c->from && c->from->image ? c->from
                                              : NULL;
}

static uint64_t generation(struct akt_lua_node *n)
{
    /* relaxed: under the lock */
    return atomic_load_explicit(&n->modules.generation, memory_order_relaxed);
}

static void commit(struct akt_plan *p)
{
    struct akt_lua_node *n = p->n;
    pthread_mutex_lock(&n->lock);
    n->reloads++;
    uint64_t before = generation(n);
    for (uint32_t i = 0; i < p->modules_len; i++) {
        struct akt_module_change *m = &p->modules[i];
        if (m->selected)
            akt_modules_replace(&n->modules,
                                akt_modules_find(&n->modules, m->name),
                                akt_text_ref(m->text));
    }
    for (uint32_t i = 0; i < p->changes_len; i++) {
        struct akt_change *c = &p->changes[i];
        if (!c->selected || c->again)
            continue;
        make_version(p, c);
        c->to->modules_from = before;
        c->to->modules_to = generation(n);
    }
    /* all of them at once, as far as anybody can see: a new one is seen when
     * its name is next looked up */
    for (uint32_t i = 0; i < p->changes_len; i++)
        if (p->changes[i].selected && !p->changes[i].again)
            akt_kind_publish(p->changes[i].to);
    pthread_mutex_unlock(&n->lock);
}

/* ---- who has changed ---- */

enum look_how {
    FORESEE, /* all that are on another version */
    TELL,    /* the same, and they are told to look for a newer one */
    FOLLOW   /* those that have refused are no longer waited for */
};

struct look {
    struct akt_plan *p;
    enum look_how how;
    bool caller; /* it is one of those who wait */
};

static struct akt_change *change_of(struct akt_plan *p,
                                    const struct akt_kind *kind)
{
    if (kind->process || kind->host != &akt_lua_host)
        return NULL;
    const struct akt_lua_version *v = kind->data;
    for (uint32_t i = 0; i < p->changes_len; i++)
        if (p->changes[i].selected && p->changes[i].kind == v->family)
            return &p->changes[i];
    return NULL;
}

static bool see(void *ctx, akt_pid pid, const struct akt_kind *kind,
                bool held_back)
{
    struct look *look = ctx;
    struct akt_change *c = change_of(look->p, kind);
    if (!c) {
        look->p->processes += kind->process && kind->host == &akt_lua_host &&
                              !akt_pid_eq(pid, look->p->n->node->main);
        return false;
    }
    c->actors++;
    if (kind == &c->to->kind)
        return false;
    if (held_back && look->how == FOLLOW)
        c->refused++;
    else
        c->waiting++;
    look->caller |= akt_pid_eq(pid, look->p->request->caller);
    return look->how == TELL;
}

static bool count_actors(struct akt_plan *p, enum look_how how)
{
    struct look look = {p, how, false};
    struct akt_upgrade_scan scan = {see, &look};
    uint64_t waiting = 0;
    p->processes = 0;
    for (uint32_t i = 0; i < p->changes_len; i++) {
        struct akt_change *c = &p->changes[i];
        c->actors = c->waiting = c->refused = 0;
    }
    akt_upgrade_scan(p->n->node, &scan);
    for (uint32_t i = 0; i < p->changes_len; i++)
        waiting += p->changes[i].waiting;
    return waiting > look.caller;
}

static uint64_t now_ms(struct akt_lua_node *n)
{
    return akt_node_now(n->node) / 1000000;
}

/* A kind that has not changed matters only if some of its actors have. */
static void drop_idle_ones(struct akt_plan *p)
{
    for (uint32_t i = 0; i < p->changes_len; i++) {
        struct akt_change *c = &p->changes[i];
        if (c->again)
            c->selected &= c->waiting > 0;
    }
}

/* Waits for handlers in progress and for the workers' round. */
static void change_actors(struct akt_plan *p)
{
    uint64_t until = now_ms(p->n) + p->request->wait_ms;
    uint64_t pause = LOOK_MS;
    bool more = count_actors(p, TELL);
    drop_idle_ones(p);
    /* in the simulated world nobody else runs while this does */
    while (more && !p->n->node->world->simulated) {
        uint64_t began = now_ms(p->n);
        /* relaxed: seen by the next look */
        if (began >= until ||
            atomic_load_explicit(&p->n->node->exiting, memory_order_relaxed))
            break;
        usleep((useconds_t)pause * 1000);
        more = count_actors(p, FOLLOW);
        uint64_t took = now_ms(p->n) - began;
        pause = took > LOOK_MAX_MS ? LOOK_MAX_MS : took ? took : LOOK_MS;
    }
}

/* ---- versions that nobody needs ---- */

static bool mark_used(void *ctx, akt_pid pid, const struct akt_kind *kind,
                      bool held_back)
{
    (void)ctx, (void)pid, (void)held_back;
    if (!kind->process && kind->host == &akt_lua_host) {
        struct akt_lua_version *v = kind->data;
        v->seen = true;
    }
    return false;
}

/* Whether any version can still be gone back to from the current one, or is
 * it. */
static bool is_kept(const struct akt_lua_version *v)
{
    const struct akt_lua_version *k = akt_kind_current(v->family);
    return v == k || v == k->back || v->seen;
}

/* Actors on older versions must not come by v any more. */
static void bypass(struct akt_lua_kind *k, struct akt_lua_version *v)
{
    /* relaxed: under the lock; release: as in akt_kind_publish */
    const struct akt_kind *next =
        atomic_load_explicit(&v->kind.newer, memory_order_relaxed);
    for (struct akt_lua_version *w = k->versions; w; w = w->older)
        if (atomic_load_explicit(&w->kind.newer, memory_order_relaxed) ==
            &v->kind)
            atomic_store_explicit(&w->kind.newer, next, memory_order_release);
}

/* What was unused at the last reload and is now: its image goes. Its record is
 * freed one reload later, when nobody can still be looking at it. */
static void retire(struct akt_lua_node *n, struct akt_lua_kind *k)
{
    struct akt_lua_version **at = &k->versions;
    while (*at) {
        struct akt_lua_version *v = *at;
        v->unused = is_kept(v) ? 0 : v->unused + 1;
        for (struct akt_lua_version *w = k->versions; w && v->unused;
             w = w->older)
            if (w->back == v && !w->unused)
                w->back = v->back; /* one step is what can be gone back */
        if (v->unused == 2) {
            bypass(k, v);
            akt_image_unref(v->image);
            v->image = NULL;
        } else if (v->unused >= 3) {
            akt_buf_add(&n->ids_free, &v->id, sizeof v->id);
            *at = v->older;
            akt_version_free(v);
            continue;
        }
        at = &v->older;
    }
}

static void retire_all(struct akt_lua_node *n)
{
    struct akt_upgrade_scan scan = {mark_used, NULL};
    pthread_mutex_lock(&n->lock);
    for (struct akt_lua_kind *k = n->kinds; k; k = k->next)
        for (struct akt_lua_version *v = k->versions; v; v = v->older)
            v->seen = false;
    akt_upgrade_scan(n->node, &scan);
    for (struct akt_lua_kind *k = n->kinds; k; k = k->next)
        retire(n, k);
    pthread_mutex_unlock(&n->lock);
}

/* ---- all of it ---- */

static void carry_out(struct akt_plan *p)
{
    bool any = false;
    for (uint32_t i = 0; i < p->changes_len; i++) {
        struct akt_change *c = &p->changes[i];
        any |= c->selected && !c->again;
        if (c->again)
            c->to = c->from;
    }
    for (uint32_t i = 0; i < p->modules_len; i++)
        any |= p->modules[i].selected;
    if (any) {
        retire_all(p->n);
        commit(p);
    }
    change_actors(p);
}

/* Who would change. */
static void foresee(struct akt_plan *p)
{
    for (uint32_t i = 0; i < p->changes_len; i++)
        p->changes[i].to = p->changes[i].from;
    count_actors(p, FORESEE);
    drop_idle_ones(p);
    for (uint32_t i = 0; i < p->changes_len; i++) {
        struct akt_change *c = &p->changes[i];
        c->to = NULL;
        c->waiting = c->refused = 0;
    }
}

static json_t *reload(struct akt_plan *p)
{
    uint64_t began = akt_node_now(p->n->node);
    bool ok = p->request->rollback ? akt_plan_rollback(p) : akt_plan_make(p);
    if (!ok)
        return json_pack("{s:O}", "error", p->error);
    if (p->request->dry_run)
        foresee(p);
    else
        carry_out(p);
    json_t *report = akt_plan_report(p);
    double ms = (double)(akt_node_now(p->n->node) - began) / 1e6;
    json_object_set_new(report, "ms", json_real(ms));
    return report;
}

json_t *akt_reload_run(struct akt_lua_node *n,
                       const struct akt_reload_request *request)
{
    struct akt_plan p = {.n = n, .request = request, .notes = json_array()};
    json_t *report;
    /* acq_rel: the next reload sees what this one has left */
    if (atomic_exchange_explicit(&n->reloading, true, memory_order_acq_rel)) {
        akt_plan_fail(&p, "busy", "another reload is under way");
        report = json_pack("{s:O}", "error", p.error);
    } else {
        report = reload(&p);
        atomic_store_explicit(&n->reloading, false, memory_order_release);
    }
    akt_plan_fini(&p);
    return report;
}
