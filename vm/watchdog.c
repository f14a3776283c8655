/* SPDX-License-Identifier: MIT */
#include "vm/watchdog.h"

#include <inttypes.h>
#include <stdio.h>

#include "vm/base/alloc.h"

#define SLOTS_A_TICK 256 /* of the actor table: a million in 4 s */
#define SUSPECTS 64    /* mailboxes watched at a time; more wait for a place */
#define WHERE_TICKS 50 /* an answer that takes longer does not come */
#define MS 1000000u
#define SECOND 1000000000u
#define MEMORY_AGAIN_NS (10ull * SECOND)

/* What the ticker remembers of one worker's turn. */
struct turn_watch {
    uint32_t seq;
    uint64_t since_ns;
    uint32_t asked_ticks; /* since it asked where */
    uint32_t heard;       /* worker->heard at that time */
    bool told;
};

/* A mailbox that was over the limit. */
struct suspect {
    akt_pid pid; /* none: free */
    uint32_t len;
    uint8_t grown;
    bool told;
};

struct akt_watchdog {
    _Atomic uint64_t counts[AKT_EVENT_KIND_COUNT];
    pthread_mutex_t lock; /* of the next two: how many lines are written */
    uint64_t second[AKT_EVENT_KIND_COUNT];
    uint32_t lines[AKT_EVENT_KIND_COUNT], unsaid[AKT_EVENT_KIND_COUNT];
    /* the ticker's */
    struct turn_watch turns[AKT_WORKERS_MAX];
    struct suspect suspects[SUSPECTS];
    uint32_t cursor;  /* in the actor table */
    uint64_t pass_ns; /* when the pass over the table began */
    uint64_t memory_told_ns;
    bool memory_high;
};

struct akt_watchdog *akt_watchdog_create(void)
{
    struct akt_watchdog *dog = akt_calloc(sizeof *dog);
    pthread_mutex_init(&dog->lock, NULL);
    return dog;
}

void akt_watchdog_destroy(struct akt_watchdog *dog)
{
    pthread_mutex_destroy(&dog->lock);
    akt_free(dog, sizeof *dog);
}

/* ---- saying it ---- */

/* Under the lock: whether a line may be written; *unsaid: since the last. */
static bool may_write(struct akt_watchdog *dog, enum akt_event_kind kind,
                      uint64_t second, uint32_t *unsaid)
{
    if (dog->second[kind] != second) {
        dog->second[kind] = second;
        dog->lines[kind] = 0;
    }
    if (dog->lines[kind] == AKT_WARNINGS_A_SECOND) {
        dog->unsaid[kind]++;
        return false;
    }
    dog->lines[kind]++;
    *unsaid = dog->unsaid[kind];
    dog->unsaid[kind] = 0;
    return true;
}

void akt_warn(struct akt_node *node, const struct akt_warning *w)
{
    struct akt_watchdog *dog = node->watchdog;
    uint32_t unsaid = 0;
    struct akt_event e = {.kind = w->kind, .who = w->who, .other = w->n};
    akt_event_told(node, &e, &(struct akt_event_details){.text = w->text});
    /* relaxed: a counter */
    atomic_fetch_add_explicit(&dog->counts[w->kind], 1, memory_order_relaxed);
    pthread_mutex_lock(&dog->lock);
    /* the first second is 1, so that 0 is none */
    bool may = may_write(dog, w->kind,
                         akt_world_mono_ns(node->world) / SECOND + 1, &unsaid);
    pthread_mutex_unlock(&dog->lock);
    if (!may || !node->on_warning)
        return;
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_puts(&b, w->text);
    if (unsaid)
        akt_buf_printf(&b, " (%" PRIu32 " more of these)", unsaid);
    node->on_warning(node, akt_event_name(w->kind), akt_buf_cstr(&b));
    akt_buf_fini(&b);
}

uint64_t akt_warnings(struct akt_node *node, enum akt_event_kind kind)
{
    return atomic_load_explicit(&node->watchdog->counts[kind],
                                memory_order_relaxed);
}

/* "<counter#12>" of any actor, from any thread. */
static void describe(struct akt_node *node, akt_pid pid, char *out, size_t size)
{
    struct akt_actor *a = akt_actor_find(node->actors, pid);
    snprintf(out, size, "<%s#%" PRIu64 ">", a ? akt_actor_kind(a)->name : "",
             akt_pid_serial(pid));
}

/* ---- turns that hold their worker ---- */

static uint64_t long_turn_ms(const struct akt_node *node)
{
    return node->config.long_turn_ms ? node->config.long_turn_ms
                                     : AKT_LONG_TURN_MS;
}

static void tell_long_turn(struct akt_node *node, struct akt_worker *w,
                           uint64_t ms, const char *where)
{
    struct akt_turn_seen turn;
    char who[128], text[512];
    if (akt_turns_read(w, &turn, 1) == 0)
        return;
    describe(node, turn.who, who, sizeof who);
    snprintf(text, sizeof text,
             "%s has held worker %" PRIu32 " for %" PRIu64
             " ms%s%s%s and cannot be preempted%s%s",
             who, w->index, ms, turn.tag[0] ? " in on." : "", turn.tag,
             turn.tag[0] ? "" : " in a turn", where[0] ? ": " : "", where);
    akt_warn(node, &(struct akt_warning){AKT_EV_LONG_TURN, turn.who, ms, text});
}

static void set_where(struct akt_worker *w, enum akt_where_state state)
{
    /* release: pairs with the acquire in akt_where_wanted */
    atomic_store_explicit(&w->where, state, memory_order_release);
}

/* The turn is over the limit: first the question, then the line. */
static void look_long(struct akt_node *node, struct akt_worker *w,
                      struct turn_watch *t, uint64_t ms)
{
    /* acquire: pairs with the release in akt_where_ready */
    uint8_t where = atomic_load_explicit(&w->where, memory_order_acquire);
    uint32_t heard = atomic_load_explicit(&w->heard, memory_order_relaxed);
    if (!t->asked_ticks++) {
        t->heard = heard;
        set_where(w, AKT_WHERE_WANTED);
        return;
    }
    if (where != AKT_WHERE_READY && t->asked_ticks < WHERE_TICKS)
        return;
    if (w->preempt && heard == t->heard) {
        t->asked_ticks = 1; /* no signal has come through: the machine does not
                             * run this thread, which is not the turn's doing */
        return;
    }
    t->told = true;
    tell_long_turn(node, w, ms, where == AKT_WHERE_READY ? w->where_text : "");
    set_where(w, AKT_WHERE_IDLE);
}

static void look_at_turn(struct akt_node *node, struct akt_worker *w,
                         uint64_t now_ns)
{
    struct turn_watch *t = &node->watchdog->turns[w->index];
    uint32_t seq = atomic_load_explicit(&w->turn_seq, memory_order_relaxed);
    if (seq != t->seq || !(seq & 1)) {
        if (t->asked_ticks && !t->told)
            set_where(w, AKT_WHERE_IDLE);
        *t = (struct turn_watch){.seq = seq, .since_ns = now_ns};
        return;
    }
    uint64_t ms = (now_ns - t->since_ns) / MS;
    if (!t->told && ms >= long_turn_ms(node))
        look_long(node, w, t, ms);
}

/* ---- turns in slices ---- */

void akt_watchdog_preempted(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_node *node = iso->node;
    char who[128];
    /* what a process does is its own affair, a script that computes is normal
     */
    if (node->world->simulated || akt_actor_kind(a)->process ||
        a->slices == UINT32_MAX || ++a->slices != long_turn_ms(node))
        return;
    describe(node, a->self, who, sizeof who);
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_printf(&b, "%s has run for %" PRIu32 " ms without a wait", who,
                   a->slices);
    if (iso->host->where) {
        akt_buf_puts(&b, ": ");
        iso->host->where(iso, a, &b);
    }
    akt_warn(node, &(struct akt_warning){AKT_EV_LONG_TURN, a->self, a->slices,
                                         akt_buf_cstr(&b)});
    akt_buf_fini(&b);
}

/* ---- mailboxes ---- */

static struct suspect *suspect_of(struct akt_watchdog *dog, akt_pid pid)
{
    struct suspect *free = NULL;
    for (int i = 0; i < SUSPECTS; i++) {
        struct suspect *s = &dog->suspects[i];
        if (akt_pid_eq(s->pid, pid))
            return s;
        if (!free && akt_pid_is_none(s->pid))
            free = s;
    }
    if (free)
        *free = (struct suspect){.pid = pid};
    return free;
}

static void tell_growth(struct akt_node *node, struct suspect *s)
{
    char who[128], text[256];
    s->told = true;
    describe(node, s->pid, who, sizeof who);
    snprintf(text, sizeof text,
             "%s has %" PRIu32 " messages in its mailbox and gets more than "
             "it handles",
             who, s->len);
    akt_warn(node, &(struct akt_warning){AKT_EV_GROWTH, s->pid, s->len, text});
}

static void look_at_mailbox(struct akt_node *node, struct akt_actor *a)
{
    uint32_t len = akt_actor_queued(a);
    if (len <= AKT_GROWTH_MESSAGES)
        return;
    akt_pid pid = akt_actor_pid(a);
    struct suspect *s =
        akt_pid_is_none(pid) ? NULL : suspect_of(node->watchdog, pid);
    if (!s || s->told)
        return;
    s->grown = len > s->len ? s->grown + 1 : 0;
    s->len = len;
    if (s->grown >= AKT_GROWTH_LOOKS)
        tell_growth(node, s);
}

/* Those that have recovered, or ended, may be told of again. */
static void end_pass(struct akt_node *node)
{
    for (int i = 0; i < SUSPECTS; i++) {
        struct suspect *s = &node->watchdog->suspects[i];
        struct akt_actor *a = akt_actor_find(node->actors, s->pid);
        if (!a || akt_actor_queued(a) <= AKT_GROWTH_MESSAGES / 2)
            s->pid = AKT_PID_NONE;
    }
}

static void look_at_mailboxes(struct akt_node *node, uint64_t now_ns)
{
    struct akt_watchdog *dog = node->watchdog;
    uint32_t slots = akt_actor_slots(node->actors);
    if (dog->cursor >= slots) {
        if (now_ns - dog->pass_ns < AKT_GROWTH_MS * (uint64_t)MS)
            return;
        end_pass(node);
        dog->cursor = 0;
        dog->pass_ns = now_ns;
    }
    for (uint32_t i = 0; i < SLOTS_A_TICK && dog->cursor < slots; i++) {
        akt_pid slot = akt_pid_make(AKT_PID_NODE_SELF, dog->cursor++, 0);
        struct akt_actor *a = akt_actor_slot(node->actors, slot);
        if (a)
            look_at_mailbox(node, a);
    }
}

/* ---- restarts ---- */

void akt_watchdog_restarted(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_actor_ext *ext = akt_actor_ext(a);
    uint64_t now_ns = akt_world_mono_ns(iso->node->world);
    if (!ext->storm_from_ns ||
        now_ns - ext->storm_from_ns > AKT_STORM_MS * (uint64_t)MS) {
        ext->storm_from_ns = now_ns;
        ext->storm_restarts = 0;
    }
    if (++ext->storm_restarts != AKT_STORM_RESTARTS + 1)
        return;
    char who[128], text[256];
    describe(iso->node, a->self, who, sizeof who);
    snprintf(text, sizeof text, "%s has restarted children %d times in %.3f s",
             who, AKT_STORM_RESTARTS + 1,
             (double)(now_ns - ext->storm_from_ns) / 1e9);
    akt_warn(iso->node, &(struct akt_warning){AKT_EV_RESTART_STORM, a->self,
                                              AKT_STORM_RESTARTS + 1, text});
}

/* ---- memory ---- */

static void look_at_memory(struct akt_node *node, uint64_t now_ns)
{
    struct akt_watchdog *dog = node->watchdog;
    /* relaxed: the ticker has just written it, or a sender */
    bool high = atomic_load_explicit(&node->pressure, memory_order_relaxed) > 0;
    bool begins = high && !dog->memory_high;
    dog->memory_high = high;
    if (!begins ||
        (dog->memory_told_ns && now_ns - dog->memory_told_ns < MEMORY_AGAIN_NS))
        return;
    char text[160];
    uint64_t used = (uint64_t)akt_alloc_total();
    dog->memory_told_ns = now_ns;
    snprintf(text, sizeof text,
             "the node uses %" PRIu64 " of %" PRIu64
             " MB: spawns and sends are refused",
             used >> 20, (uint64_t)node->config.memory_bytes >> 20);
    akt_warn(node,
             &(struct akt_warning){AKT_EV_MEMORY, AKT_PID_NONE, used, text});
}

void akt_watchdog_memory(struct akt_isolate *iso, size_t used, bool *warned)
{
    char text[160];
    if (*warned) {
        *warned = used > iso->memory_limit / 10 * 8;
        return;
    }
    *warned = true;
    snprintf(text, sizeof text,
             "isolate %" PRIu32 " (%" PRIu32 " actors) uses %zu of %zu KB",
             iso->index, iso->actors, used >> 10, iso->memory_limit >> 10);
    akt_warn(iso->node,
             &(struct akt_warning){AKT_EV_MEMORY, AKT_PID_NONE, used, text});
}

/* ---- the look ---- */

void akt_watchdog_tick(struct akt_node *node)
{
    uint64_t now_ns = akt_world_mono_ns(node->world);
    for (uint32_t i = 0; i < node->workers_len; i++)
        look_at_turn(node, &node->workers[i], now_ns);
    look_at_mailboxes(node, now_ns);
    look_at_memory(node, now_ns);
}
