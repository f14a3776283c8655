/* SPDX-License-Identifier: MIT */
#include "lua/inspect.h"

#include <inttypes.h>
#include <string.h>

#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "vm/health.h"
#include "vm/passivate.h"
#include "vm/send.h"
#include "vm/show.h"
#include "vm/strand.h"
#include "vm/timer.h"

/* The time now as the number of a tick. */
static uint32_t tick_of(struct akt_node *node)
{
    return (uint32_t)((akt_node_now(node) - node->started_ns) / AKT_TICK_NS);
}

static void add_actor(struct akt_buf *b, struct akt_node *node, akt_pid pid)
{
    struct akt_buf name = AKT_BUF_INIT;
    akt_describe(node, pid, false, &name);
    akt_show_string(b, name.data, name.len);
    akt_buf_fini(&name);
}

void akt_look_self(lua_State *L, const struct akt_actor *a)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, akt_lua_of(L)->selves);
    if (a->self_ref)
        lua_rawgeti(L, -1, (lua_Integer)a->self_ref);
    else
        lua_pushnil(L);
    lua_remove(L, -2);
}

/* ---- messages ---- */

static void add_message(struct akt_buf *b, struct akt_node *node,
                        const struct akt_msg *m)
{
    akt_buf_putc(b, '{');
    if (m->type == AKT_MSG_USER) {
        akt_show_key(b, "message");
        akt_show_values(b, m->body, m->size, AKT_LOOK_BYTES);
    } else {
        akt_show_field(b, "news",
                       m->type == AKT_MSG_DOWN   ? "down"
                       : m->type == AKT_MSG_EXIT ? "exit"
                       : m->type == AKT_MSG_TASK ? "task"
                                                 : "other");
    }
    akt_show_key(b, "from");
    if (akt_pid_is_none(m->sender))
        akt_buf_puts(b, "null");
    else
        add_actor(b, node, m->sender);
    if (m->sent_tick)
        akt_show_number(b, "waited_ms", tick_of(node) - m->sent_tick);
    akt_show_key(b, "ask");
    akt_buf_puts(b, m->ask ? "true}" : "false}");
}

static void add_mailbox(struct akt_buf *b, struct akt_node *node,
                        const struct akt_actor *a)
{
    struct akt_mailbox_policy policy;
    akt_mailbox_unpack(atomic_load_explicit(&a->limit, memory_order_relaxed),
                       &policy);
    uint64_t load = atomic_load_explicit(&a->load_here, memory_order_relaxed);
    akt_show_key(b, "mailbox");
    akt_buf_putc(b, '{');
    akt_show_number(b, "length", akt_actor_queued(a));
    akt_show_number(b, "bytes", load & ((1ull << AKT_LOAD_BYTES_BITS) - 1));
    if (policy.max != UINT32_MAX)
        akt_show_number(b, "max", policy.max);
    if (a->extras & AKT_X_ORDER)
        akt_show_field(b, "order",
                       akt_actor_rules(a)->fair ? "fair" : "priority");
    akt_show_number(b, "senders_waiting", a->ext ? a->ext->over_count : 0);
    akt_show_key(b, "head");
    akt_buf_putc(b, '[');
    uint32_t n = 0;
    for (const struct akt_msg *m = a->mail_first; m && n < AKT_LOOK_HEAD;
         m = m->next) {
        if (n++)
            akt_buf_putc(b, ',');
        add_message(b, node, m);
    }
    akt_buf_puts(b, "]}");
}

/* ---- handlers in progress ---- */

/* One of them: in the foreground, or aside. */
struct scene {
    struct akt_isolate *iso;
    const struct akt_actor *actor;
    const struct akt_strand *aside; /* NULL: the foreground */
    const struct akt_msg *current;
    lua_State *co;
    uint32_t since_tick;
    bool waits, receiving;
};

static struct scene foreground(struct akt_isolate *iso,
                               const struct akt_actor *a)
{
    return (struct scene){iso,        a,           NULL,
                          a->current, a->fiber,    a->since_tick,
                          a->parked,  a->receiving};
}

static struct scene aside(const struct scene *front, const struct akt_strand *s)
{
    return (struct scene){front->iso,       front->actor, s,
                          s->current,       s->fiber,     s->since_tick,
                          s->fiber != NULL, s->receiving};
}

static void add_call(struct akt_buf *b, const lua_Debug *ar)
{
    akt_buf_putc(b, '{');
    if (ar->currentline > 0) {
        struct akt_buf place = AKT_BUF_INIT;
        akt_buf_printf(&place, "%s:%d", ar->short_src, ar->currentline);
        akt_show_field(b, "place", akt_buf_cstr(&place));
        akt_buf_fini(&place);
    } else {
        akt_show_field(b, "place", "[C]");
    }
    if (ar->name)
        akt_show_field(b, "function", ar->name);
    akt_buf_putc(b, '}');
}

static void add_stack(struct akt_buf *b, lua_State *co)
{
    lua_Debug ar;
    int shown = 0;
    akt_show_key(b, "stack");
    akt_buf_putc(b, '[');
    for (int level = 0;
         co && shown < AKT_LOOK_STACK && lua_getstack(co, level, &ar);
         level++) {
        lua_getinfo(co, "Sln", &ar);
        bool driver = ar.what[0] == 'C' && !ar.name && level > 0;
        if (driver)
            continue;
        if (shown++)
            akt_buf_putc(b, ',');
        add_call(b, &ar);
    }
    akt_buf_putc(b, ']');
}

static const struct akt_pending *awaited(const struct scene *s)
{
    for (const struct akt_pending *p = s->actor->pendings; p; p = p->next)
        if (s->aside ? p->awaited && p->strand == s->aside
                     : akt_strand_awaits(s->actor, p))
            return p;
    return NULL;
}

/* The tag of an ask stands in the stack of the function that asks. */
static void add_tag(struct akt_buf *b, lua_State *co)
{
    lua_Debug ar;
    if (!co || !lua_getstack(co, 0, &ar) || !lua_getlocal(co, &ar, 2))
        return;
    size_t len;
    if (lua_type(co, -1) == LUA_TSTRING) {
        const char *tag = lua_tolstring(co, -1, &len);
        akt_show_key(b, "tag");
        akt_show_string(b, tag, len < 64 ? len : 64);
    }
    lua_pop(co, 1);
}

static const char *wait_name(const struct scene *s, const struct akt_pending *p)
{
    if (s->receiving)
        return "receive";
    if (!p)
        return "something";
    if (p->asks)
        return "answer";
    if (!akt_pid_is_none(p->target))
        return "room or start";
    return akt_heap_has(&p->node) ? "time" : "work outside";
}

static void add_wait(struct akt_buf *b, const struct scene *s)
{
    const struct akt_pending *p = awaited(s);
    struct akt_isolate *iso = s->iso;
    lua_State *co = s->co;
    lua_Debug ar;
    akt_show_field(b, "for", wait_name(s, p));
    if (co && lua_getstack(co, 0, &ar) && lua_getinfo(co, "n", &ar) && ar.name)
        akt_show_field(b, "call", ar.name);
    akt_show_number(b, "since_ms", tick_of(iso->node) - s->since_tick);
    if (p && akt_heap_has(&p->node)) {
        uint64_t now_ns = akt_node_now(iso->node);
        uint64_t left_ns = p->node.key > now_ns ? p->node.key - now_ns : 0;
        akt_show_number(b, "until_ms", left_ns / 1000000);
    }
    if (p && !akt_pid_is_none(p->target)) {
        akt_show_number(b, "target", akt_pid_serial(p->target));
        akt_show_key(b, "target_name");
        add_actor(b, iso->node, p->target);
        add_tag(b, co);
    }
}

static void add_scene(struct akt_buf *b, const struct scene *s)
{
    akt_buf_putc(b, '{');
    if (s->current) {
        akt_show_key(b, "handles");
        add_message(b, s->iso->node, s->current);
    }
    add_stack(b, s->co);
    if (s->waits) {
        akt_show_key(b, "waits");
        akt_buf_putc(b, '{');
        add_wait(b, s);
        akt_buf_putc(b, '}');
    }
    akt_buf_putc(b, '}');
}

static void add_some_aside(struct akt_buf *b, const struct scene *front,
                           bool ready, uint32_t *n)
{
    const struct akt_strand *s = akt_strand_aside(front->actor, ready);
    for (; s && *n < AKT_LOOK_LIST; s = s->next) {
        struct scene scene = aside(front, s);
        if ((*n)++)
            akt_buf_putc(b, ',');
        add_scene(b, &scene);
    }
}

static void add_handlers(struct akt_buf *b, struct akt_isolate *iso,
                         const struct akt_actor *a)
{
    struct scene front = foreground(iso, a);
    uint32_t n = 0;
    if (!a->busy)
        return;
    akt_show_key(b, "handler");
    add_scene(b, &front);
    akt_show_number(b, "in_flight", akt_strand_handlers(a));
    akt_show_number(b, "tasks", akt_strand_tasks(a));
    akt_show_key(b, "others");
    akt_buf_putc(b, '[');
    add_some_aside(b, &front, false, &n);
    add_some_aside(b, &front, true, &n);
    akt_buf_putc(b, ']');
}

/* ---- ties ---- */

/* `by_value`: the pids are the map's values, else its keys. */
static void add_pids(struct akt_buf *b, struct akt_node *node, const char *key,
                     const struct akt_map *map, bool by_value)
{
    uint32_t cursor = 0, n = 0;
    struct akt_map_entry *e;
    akt_show_key(b, key);
    akt_buf_putc(b, '[');
    while ((e = akt_map_next(map, &cursor)) && n < AKT_LOOK_LIST) {
        if (n++)
            akt_buf_putc(b, ',');
        add_actor(b, node, (akt_pid){by_value ? e->value : e->key});
    }
    if (e)
        akt_buf_printf(b, ",\"... of %" PRIu32 "\"", map->len);
    akt_buf_putc(b, ']');
}

static void add_ties(struct akt_buf *b, struct akt_node *node,
                     const struct akt_actor *a)
{
    static const struct akt_map none;
    const struct akt_actor_ext *ext = a->ext;
    add_pids(b, node, "links", ext ? &ext->links : &none, false);
    add_pids(b, node, "monitors", ext ? &ext->watching : &none, true);
    add_pids(b, node, "monitored_by", ext ? &ext->watchers : &none, true);
    uint32_t n = 0;
    akt_show_key(b, "children");
    akt_buf_putc(b, '[');
    const struct akt_actor *c = a->youngest;
    /* the parent's worker may read its children's pids, and no more */
    for (; c && n < AKT_LOOK_LIST; c = c->older) {
        if (n++)
            akt_buf_putc(b, ',');
        add_actor(b, node, c->self);
    }
    akt_buf_puts(b, c ? ",\"...\"]" : "]");
}

static void add_timer_extra(struct akt_buf *b, const struct akt_timer *t)
{
    if (t->name)
        akt_show_field(b, "name", t->name);
    if (t->schedule)
        akt_show_field(b, "cron", t->expression);
}

static void add_timers(struct akt_buf *b, struct akt_isolate *iso,
                       const struct akt_actor *a)
{
    uint64_t now_ns = akt_node_now(iso->node);
    uint32_t n = 0;
    akt_show_key(b, "timers");
    akt_buf_putc(b, '[');
    for (const struct akt_pending *p = a->pendings; p && n < AKT_LOOK_LIST;
         p = p->next) {
        if (p->type != AKT_P_TIMER)
            continue;
        bool armed = akt_heap_has(&p->node);
        akt_buf_puts(b, n++ ? ",{" : "{");
        akt_show_number(b, "in_ms",
                        armed && p->node.key > now_ns
                            ? (p->node.key - now_ns) / 1000000
                            : 0);
        if (p->timer)
            add_timer_extra(b, p->timer);
        if (p->period_ns > 1)
            akt_show_number(b, "every_ms", p->period_ns / 1000000);
        if (p->paused)
            akt_show_number(b, "paused", 1);
        akt_show_key(b, "message");
        akt_show_values(b, p->msg->body, p->msg->size, AKT_LOOK_BYTES);
        akt_buf_putc(b, '}');
    }
    akt_buf_putc(b, ']');
}

/* ---- the answers ---- */

static uint32_t stash_len(const struct akt_actor *a)
{
    return a->ext ? (uint32_t)(a->ext->stash_load >> AKT_LOAD_BYTES_BITS) : 0;
}

static void add_head(lua_State *L, struct akt_buf *b, const struct akt_actor *a)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_node *node = h->iso->node;
    struct akt_buf path = AKT_BUF_INIT;
    akt_path(node, a->self, &path);
    akt_show_number(b, "number", akt_pid_serial(a->self));
    akt_show_field(b, "kind", akt_actor_kind(a)->name);
    if (a->ext && a->ext->name)
        akt_show_field(b, "name", a->ext->name);
    akt_show_field(b, "path", akt_buf_cstr(&path));
    akt_show_field(b, "state", akt_actor_state_name(a));
    if (a->ext && a->ext->health)
        akt_show_field(b, "health", akt_health_name(a->ext->health->status));
    if (a->passivation && a->passivation->data)
        akt_show_number(b, "kept", a->passivation->data->len);
    akt_show_number(b, "isolate", h->iso->index);
    akt_show_number(b, "isolate_actors", h->iso->actors);
    akt_show_number(b, "isolate_memory", h->memory_used);
    akt_show_number(b, "processed",
                    atomic_load_explicit(&a->processed, memory_order_relaxed));
    akt_show_number(b, "restarts",
                    atomic_load_explicit(&a->restarts, memory_order_relaxed));
    akt_buf_fini(&path);
}

static void inspect(lua_State *L, struct akt_actor *a, struct akt_buf *b)
{
    struct akt_isolate *iso = akt_lua_of(L)->iso;
    const struct akt_lua_actor *la = a->host_data;
    uint32_t left = AKT_LOOK_NODES;
    add_head(L, b, a);
    if (a->class != AKT_CLASS_NORMAL)
        akt_show_field(b, "priority", akt_class_name(a));
    add_mailbox(b, iso->node, a);
    akt_show_number(b, "stash", stash_len(a));
    add_handlers(b, iso, a);
    add_ties(b, iso->node, a);
    add_timers(b, iso, a);
    lua_rawgeti(L, LUA_REGISTRYINDEX, la ? la->handlers : LUA_NOREF);
    akt_show_number(b, "become", lua_istable(L, -1) ? lua_rawlen(L, -1) : 0);
    lua_pop(L, 1);
    akt_look_self(L, a);
    akt_show_key(b, "self");
    akt_look_value(L, -1, b, &left);
    lua_pop(L, 1);
}

/* The one that messages wait for: no task, if there is a handler. */
static struct scene most_in_the_way(const struct scene *front)
{
    for (int ready = 0; akt_strand_is_task(front->actor) && ready < 2; ready++)
        for (const struct akt_strand *s =
                 akt_strand_aside(front->actor, ready != 0);
             s; s = s->next)
            if (s->policy)
                return aside(front, s);
    return *front;
}

static void why(struct akt_actor *a, struct akt_isolate *iso, struct akt_buf *b)
{
    struct scene front = foreground(iso, a), s = most_in_the_way(&front);
    akt_show_field(b, "state", akt_actor_state_name(a));
    if (a->busy && s.current) {
        akt_show_key(b, "handles");
        add_message(b, iso->node, s.current);
    }
    uint32_t all = akt_strand_handlers(a) + akt_strand_tasks(a);
    if (all > 1)
        akt_show_number(b, "in_progress", all);
    if (!s.waits)
        return;
    add_wait(b, &s);
    add_stack(b, s.co);
}

int akt_lua_look(lua_State *L)
{
    struct akt_actor *a = lua_touserdata(L, 1);
    struct akt_buf *b = lua_touserdata(L, 2);
    const char *word = lua_touserdata(L, 3);
    luaL_checkstack(L, 32, "inspect");
    akt_buf_putc(b, '{');
    if (strcmp(word, "inspect") == 0)
        inspect(L, a, b);
    else if (strcmp(word, "heap") == 0)
        akt_look_heap(L, a, b);
    else
        why(a, akt_lua_of(L)->iso, b);
    akt_buf_putc(b, '}');
    return 0;
}
