/* SPDX-License-Identifier: MIT
 *
 * lua/trial_trace.c: what happened last, for people: who ran, when, what for.
 */
#include <inttypes.h>
#include <string.h>

#include "lua/test_state.h"
#include "vm/events.h"

#define SHOWN 30         /* lines; what a probe is asked is left out of them */
#define PRIVATE "$probe" /* tags of akt.test's own messages */

/* A name, also of one that has ended while its slot was not used again. Kinds
 * live until the node ends, but for versions that a reload has replaced. */
static void add_name(struct akt_node *node, akt_pid pid, struct akt_buf *out)
{
    struct akt_lua_node *n = node->host_data;
    struct akt_actor *a = akt_actor_slot(node->actors, pid);
    if (a && akt_pid_eq(akt_actor_pid(a), pid)) {
        akt_describe(node, pid, true, out);
        return;
    }
    /* relaxed: nobody runs */
    bool same = a && !n->reloads && akt_pid_is_none(akt_actor_pid(a)) &&
                atomic_load_explicit(&a->processed, memory_order_relaxed) ==
                    akt_pid_generation(pid) + 1;
    akt_buf_printf(out, "<%s#%" PRIu64 ">",
                   same ? akt_actor_kind(a)->name : "actor",
                   akt_pid_serial(pid));
}

static const char *what_of(const struct akt_turn_seen *t)
{
    static const char *const words[] = {
        [AKT_TURN_INIT] = "starts",
        [AKT_TURN_RESUME] = "goes on",
        [AKT_TURN_UNWIND] = "is unwound",
        [AKT_TURN_TERMINATE] = "terminate",
        [AKT_TURN_PRE_RESTART] = "pre_restart",
        [AKT_TURN_POST_RESTART] = "post_restart",
        [AKT_TURN_UPGRADE] = "upgrade",
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

static bool is_guardian(const struct akt_node *node, akt_pid pid)
{
    return akt_pid_eq(pid, node->root) || akt_pid_eq(pid, node->system) ||
           akt_pid_eq(pid, node->user);
}

/* What is left out, and equal turns in a row as one with their number. */
static size_t reduce(const struct akt_node *node, struct akt_turn_seen *t,
                     uint32_t *times, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (strncmp(t[i].tag, PRIVATE, strlen(PRIVATE)) == 0 ||
            is_guardian(node, t[i].who))
            continue;
        if (kept && same(&t[kept - 1], &t[i])) {
            times[kept - 1]++;
            continue;
        }
        t[kept] = t[i];
        times[kept++] = 1;
    }
    return kept;
}

static void add_turn(struct akt_node *node, const struct akt_turn_seen *t,
                     uint32_t times, struct akt_buf *out)
{
    akt_buf_printf(out, "%8" PRIu32 ".%03" PRIu32 " s  ", t->ms / 1000,
                   t->ms % 1000);
    size_t start = out->len;
    add_name(node, t->who, out);
    size_t wide = out->len - start;
    akt_buf_printf(out, "%*s  %s", wide < 16 ? (int)(16 - wide) : 0, "",
                   what_of(t));
    if (times > 1)
        akt_buf_printf(out, " (%" PRIu32 " times)", times);
    if (t->kind == AKT_TURN_MESSAGE && !akt_pid_is_none(t->from)) {
        akt_buf_puts(out, "  from ");
        add_name(node, t->from, out);
    }
    akt_buf_putc(out, '\n');
}

void akt_trial_trace(struct akt_node *node, struct akt_buf *out)
{
    struct akt_turn_seen turns[AKT_TURNS];
    uint32_t times[AKT_TURNS];
    size_t n = akt_turns_read(&node->workers[0], turns, AKT_TURNS);
    n = reduce(node, turns, times, n);
    for (size_t i = n < SHOWN ? n : SHOWN; i-- > 0;)
        add_turn(node, &turns[i], times[i], out);
}
