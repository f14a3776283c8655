/* SPDX-License-Identifier: MIT
 *
 * lua/trial_trace.c: what happened last, for people: who ran, when, what for;
 * and, of a run that is a list of switches, where another came in between. Of
 * several nodes in one world, each has numbers of its own for its turns; they
 * are put together by their time.
 */
#include <inttypes.h>
#include <string.h>

#include "lua/test_state.h"
#include "vm/base/alloc.h"
#include "vm/events.h"
#include "vm/remote.h"

#define SHOWN 30         /* lines; what a probe is asked is left out of them */
#define PRIVATE "$probe" /* tags of akt.test's own messages */

struct line {
    struct akt_node *node;
    struct akt_turn_seen turn;
    uint32_t times; /* equal turns in a row */
    bool is_marked; /* another one would have been next */
};

struct trace {
    struct akt_node *home;
    const struct akt_marks *marks; /* NULL: none */
    struct line *lines;            /* the newest first */
    size_t len, cap;
};

/* ---- nodes ---- */

/* Of a choice (vm/schedule.h); NULL: it is gone. */
static struct akt_node *node_of(struct akt_node *home, uint64_t who)
{
    uint64_t number =
        who >> 61 ? who >> 48 & 0x1fff : (who >> 48) - AKT_PID_NODE_SELF;
    struct akt_node *node = home->world->nodes;
    if (who == AKT_WHO_CLOCK)
        return home;
    while (node && node->world_number != number)
        node = node->world_next;
    return node;
}

static struct akt_node *node_named(struct akt_node *home, const char *name)
{
    struct akt_node *node = home->world->nodes;
    while (node && strcmp(node->config.name, name) != 0)
        node = node->world_next;
    return node;
}

static akt_pid local(akt_pid pid)
{
    return akt_pid_make(AKT_PID_NODE_SELF, akt_pid_slot(pid),
                        akt_pid_generation(pid));
}

/* ---- names ---- */

/* A name, also of one that has ended while its slot was not used again. Kinds
 * live until the node ends, but for versions that a reload has replaced. */
static void add_local(struct akt_node *node, akt_pid pid, struct akt_buf *out)
{
    struct akt_lua_node *n = node->host_data;
    struct akt_actor *a = akt_actor_slot(node->actors, pid);
    if (a && akt_pid_eq(akt_actor_pid(a), pid)) {
        akt_describe(node, pid, true, out);
        return;
    }
    bool same = !n->reloads && akt_actor_was(a, pid);
    akt_buf_printf(out, "<%s#%" PRIu64 ">",
                   same ? akt_actor_kind(a)->name : "actor",
                   akt_pid_serial(pid));
}

static bool is_home(const struct akt_node *node)
{
    return node == node->world->nodes;
}

/* As the node knows it: it may be of another one. */
static void add_name(struct akt_node *node, akt_pid pid, struct akt_buf *out)
{
    char name[256] = "";
    struct akt_node *at = node;
    if (akt_pid_is_remote(pid)) {
        if (node->remote)
            node->remote->name(node->remote, akt_pid_node(pid), name,
                               sizeof name);
        at = node_named(node, name);
    }
    if (at)
        add_local(at, local(pid), out);
    else
        akt_buf_printf(out, "<actor#%" PRIu64 ">", akt_pid_serial(pid));
    if (!at || !is_home(at))
        akt_buf_printf(out, "@%s", at ? at->config.name : name);
}

static bool is_guardian(const struct akt_node *node, akt_pid pid)
{
    return akt_pid_eq(pid, node->root) || akt_pid_eq(pid, node->system) ||
           akt_pid_eq(pid, node->user);
}

/* relaxed: there is one thread */
static bool lives_in(const struct akt_node *node, const struct akt_actor *a,
                     uint32_t isolate)
{
    akt_pid pid = akt_actor_pid(a);
    return !akt_pid_is_none(pid) && !is_guardian(node, pid) &&
           atomic_load_explicit(&a->isolate, memory_order_relaxed)->index ==
               isolate;
}

/* Who is in an isolate: the first one stands for all. */
static void add_isolate(struct akt_node *node, uint32_t isolate,
                        struct akt_buf *out)
{
    uint32_t found = 0, slots = akt_actor_slots(node->actors);
    for (uint32_t slot = 0; slot < slots && found < 2; slot++) {
        akt_pid place = akt_pid_make(AKT_PID_NODE_SELF, slot, 0);
        const struct akt_actor *a = akt_actor_slot(node->actors, place);
        if (a && lives_in(node, a, isolate) && found++ == 0)
            add_name(node, akt_actor_pid(a), out);
    }
    if (found == 0)
        akt_buf_puts(out, "one that has ended");
    if (found > 1)
        akt_buf_puts(out, " or others");
}

/* ---- switches ---- */

static bool is_arrivals(uint64_t who)
{
    return who >> 61 == AKT_WHO_ARRIVALS(0) >> 61;
}

/* `pid`: whom its news are for, if it is arrivals. */
static void add_who(struct akt_node *home, uint64_t who, uint64_t pid,
                    struct akt_buf *out)
{
    struct akt_node *node = node_of(home, who);
    if (!node)
        akt_buf_puts(out, "one of a node that has ended");
    else if (pid)
        add_name(node, (akt_pid){pid}, out);
    else if (who >> 61)
        add_isolate(node, (uint32_t)who, out);
    else
        add_name(node, local((akt_pid){who}), out);
}

static void add_slice(uint32_t slice, struct akt_buf *out)
{
    uint32_t n = slice & ~AKT_SLICE_CALLS;
    akt_buf_printf(out, "preempted after %" PRIu32 " %s%s", n,
                   slice & AKT_SLICE_CALLS ? "call" : "instruction",
                   n == 1 ? "" : "s");
}

static void add_held(struct akt_node *node, const struct akt_mark *m,
                     struct akt_buf *out)
{
    if (is_arrivals(m->instead))
        akt_buf_puts(out, "news for ");
    add_who(node, m->instead, m->instead_for, out);
    akt_buf_printf(out, " waits for %" PRIu32 " steps", m->hold);
}

static void add_mark(struct akt_node *node, const struct akt_mark *m,
                     struct akt_buf *out)
{
    bool other = m->who != m->instead;
    if (m->hold) {
        add_held(node, m, out);
        return;
    }
    if (m->who == AKT_WHO_CLOCK) {
        akt_buf_puts(out, "late: time has passed");
    } else if (is_arrivals(m->who)) {
        akt_buf_puts(out, "after news for ");
        add_who(node, m->who, m->who_for, out);
    } else if (other) {
        akt_buf_puts(out, is_arrivals(m->instead) ? "before news for "
                                                  : "instead of ");
        add_who(node, m->instead, m->instead_for, out);
    }
    if (m->slice != AKT_SLICE) {
        akt_buf_puts(out, other ? ", " : "");
        add_slice(m->slice, out);
    }
}

static bool is_at(const struct trace *t, const struct akt_mark *m,
                  const struct line *l)
{
    return (m->turn & 0xffffff) == (l->turn.number & 0xffffff) &&
           node_of(t->home, m->who) == l->node;
}

static const struct akt_mark *mark_of(const struct trace *t,
                                      const struct line *l)
{
    for (uint32_t i = 0; t->marks && i < t->marks->len; i++)
        if (is_at(t, &t->marks->list[i], l))
            return &t->marks->list[i];
    return NULL;
}

static void add_marks(const struct trace *t, const struct line *l,
                      struct akt_buf *out)
{
    const struct akt_mark *m = mark_of(t, l);
    const struct akt_mark *end = t->marks->list + t->marks->len;
    akt_buf_puts(out, "  <-- ");
    for (const struct akt_mark *at = m; at < end && is_at(t, at, l); at++) {
        akt_buf_puts(out, at > m ? "; " : "");
        add_mark(t->home, at, out);
    }
}

/* ---- turns ---- */

static const char *what_of(const struct akt_turn_seen *t)
{
    static const char *const words[] = {
        [AKT_TURN_MESSAGE] = "message",
        [AKT_TURN_INIT] = "starts",
        [AKT_TURN_RESUME] = "goes on",
        [AKT_TURN_UNWIND] = "is unwound",
        [AKT_TURN_TERMINATE] = "terminate",
        [AKT_TURN_PRE_RESTART] = "pre_restart",
        [AKT_TURN_POST_RESTART] = "post_restart",
        [AKT_TURN_UPGRADE] = "upgrade",
        [AKT_TURN_IDLE] = "idle",
        [AKT_TURN_WAKE] = "wakes",
        [AKT_TURN_HEALTH] = "health",
        [AKT_TURN_TASK] = "starts a task",
    };
    if (t->kind != AKT_TURN_MESSAGE)
        return words[t->kind];
    return t->type == AKT_MSG_DOWN   ? "down"
           : t->type == AKT_MSG_EXIT ? "exit"
                                     : t->tag;
}

static bool same(const struct akt_turn_seen *a, const struct akt_turn_seen *b)
{
    return akt_pid_eq(a->who, b->who) && a->kind == b->kind &&
           a->type == b->type && akt_pid_eq(a->from, b->from) &&
           strcmp(a->tag, b->tag) == 0;
}

static bool is_left_out(const struct line *l)
{
    return strncmp(l->turn.tag, PRIVATE, strlen(PRIVATE)) == 0 ||
           is_guardian(l->node, l->turn.who);
}

/* Without what nobody wants to see, and equal turns in a row as one. */
static void read_turns(struct trace *t, struct akt_node *node)
{
    struct akt_turn_seen turns[AKT_TURNS];
    size_t first = t->len;
    size_t n = akt_turns_read(&node->workers[0], turns, AKT_TURNS);
    for (size_t i = 0; i < n; i++) {
        struct line l = {.node = node, .turn = turns[i], .times = 1};
        struct line *last = t->len > first ? &t->lines[t->len - 1] : NULL;
        l.is_marked = mark_of(t, &l) != NULL;
        if (!l.is_marked && is_left_out(&l))
            continue;
        if (last && !l.is_marked && !last->is_marked &&
            same(&last->turn, &l.turn))
            last->times++;
        else
            t->lines[t->len++] = l;
    }
}

/* Behind all that are not older: lists of two nodes are each sorted. */
static void sort_lines(struct trace *t)
{
    for (size_t i = 1; i < t->len; i++) {
        struct line l = t->lines[i];
        size_t k = i;
        for (; k > 0 && t->lines[k - 1].turn.ms < l.turn.ms; k--)
            t->lines[k] = t->lines[k - 1];
        t->lines[k] = l;
    }
}

static void read_all(struct trace *t)
{
    for (struct akt_node *n = t->home->world->nodes; n; n = n->world_next)
        t->cap += AKT_TURNS;
    t->lines = akt_alloc(t->cap * sizeof *t->lines);
    for (struct akt_node *n = t->home->world->nodes; n; n = n->world_next)
        read_turns(t, n);
    sort_lines(t);
}

static void add_line(const struct trace *t, const struct line *l,
                     struct akt_buf *out)
{
    const struct akt_turn_seen *turn = &l->turn;
    akt_buf_printf(out, "%8" PRIu32 ".%03" PRIu32 " s  ", turn->ms / 1000,
                   turn->ms % 1000);
    size_t start = out->len;
    add_name(l->node, turn->who, out);
    size_t wide = out->len - start;
    akt_buf_printf(out, "%*s  %s", wide < 16 ? (int)(16 - wide) : 0, "",
                   what_of(turn));
    if (l->times > 1)
        akt_buf_printf(out, " (%" PRIu32 " times)", l->times);
    if (turn->kind == AKT_TURN_MESSAGE && !akt_pid_is_none(turn->from)) {
        akt_buf_puts(out, "  from ");
        add_name(l->node, turn->from, out);
    }
    if (l->is_marked)
        add_marks(t, l, out);
    akt_buf_putc(out, '\n');
}

/* The last lines, and before them those with a switch. */
void akt_trial_trace(struct akt_node *node, struct akt_buf *out)
{
    struct trace t = {.home = node, .marks = node->world->schedule.plan.marks};
    bool gap = false;
    read_all(&t);
    for (size_t i = t.len; i-- > 0;) {
        bool shown = i < SHOWN || t.lines[i].is_marked;
        if (shown && gap)
            akt_buf_puts(out, "         ...\n");
        if (shown)
            add_line(&t, &t.lines[i], out);
        gap = !shown && (gap || out->len > 0);
    }
    akt_free(t.lines, t.cap * sizeof *t.lines);
}
