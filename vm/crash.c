/* SPDX-License-Identifier: MIT
 *
 * vm/crash.c: what of a death is known without its host. How it comes to be a
 * file is in vm/crash_file.c.
 */
#include "vm/crash.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "vm/cause.h"
#include "vm/crash_impl.h"
#include "vm/events.h"
#include "vm/node.h"
#include "vm/show.h"

#define MESSAGE_TEXT 8192 /* of the message that was being handled */
#define MAIL_TEXT 1024    /* of each one that waited */
#define MAIL_SHOWN 10
#define TURNS_SHOWN 64
#define EVENTS_SHOWN 64

static uint64_t age_ms(struct akt_node *node)
{
    return (akt_world_mono_ns(node->world) - node->started_ns) / 1000000;
}

/* ---- actors ---- */

static void add_self(struct akt_buf *b, struct akt_isolate *iso,
                     const struct akt_actor *a)
{
    akt_pid parent = {atomic_load_explicit(&a->parent, memory_order_relaxed)};
    akt_show_key(b, "actor");
    akt_buf_putc(b, '{');
    akt_show_pid(b, "pid", iso->node, a->self);
    akt_show_number(b, "id", akt_pid_serial(a->self));
    akt_show_field(b, "kind", akt_actor_kind(a)->name);
    akt_show_field(b, "name", a->ext ? a->ext->name : NULL);
    akt_show_pid(b, "parent", iso->node, parent);
    /* relaxed: its own figures */
    akt_show_number(b, "processed",
                    atomic_load_explicit(&a->processed, memory_order_relaxed));
    akt_show_number(b, "restarts",
                    atomic_load_explicit(&a->restarts, memory_order_relaxed));
    akt_show_number(b, "age_ms",
                    age_ms(iso->node) - atomic_load_explicit(
                                            &a->born_ms, memory_order_relaxed));
    akt_show_number(b, "mailbox", akt_actor_queued(a));
    akt_show_number(b, "worker", iso->worker ? iso->worker->index : 0);
    akt_show_number(b, "isolate", iso->index);
    akt_buf_putc(b, '}');
}

/* ---- messages ---- */

static void add_hex(struct akt_buf *b, const char *key, uint64_t n)
{
    char text[24];
    snprintf(text, sizeof text, "%016" PRIx64, n);
    akt_show_field(b, key, n ? text : NULL);
}

static const char *type_name(const struct akt_msg *m)
{
    switch ((enum akt_msg_type)m->type) {
    case AKT_MSG_EXIT:
        return "exit";
    case AKT_MSG_DOWN:
        return m->flags & AKT_MSG_RESTARTED ? "restarted" : "down";
    case AKT_MSG_USER:
        return m->flags & AKT_MSG_TICK ? "timer" : m->ask ? "ask" : "send";
    case AKT_MSG_TASK:
        return "task";
    default:
        return "other";
    }
}

static void add_message(struct akt_buf *b, struct akt_node *node,
                        const struct akt_msg *m, size_t max)
{
    uint32_t tick = atomic_load_explicit(&node->tick, memory_order_relaxed);
    akt_buf_putc(b, '{');
    akt_show_field(b, "type", type_name(m));
    akt_show_pid(b, "from", node, m->sender);
    akt_show_number(b, "waited_ms", tick - m->sent_tick);
    akt_show_number(b, "bytes", m->size);
    add_hex(b, "trace", m->trace);
    struct akt_parent parent = akt_cause_of(m);
    akt_cause_show(b, node, &parent, m->origin);
    akt_show_key(b, "values");
    if (m->type == AKT_MSG_USER)
        akt_show_values(b, m->body, m->size, max);
    else
        akt_buf_puts(b, "[]");
    akt_buf_putc(b, '}');
}

/* The message in progress, and what was taken inside of its handler. */
static void add_current(struct akt_buf *b, struct akt_node *node,
                        const struct akt_actor *a)
{
    bool any = false;
    akt_show_key(b, "messages");
    akt_buf_putc(b, '[');
    for (const struct akt_msg *m = a->current; m; m = m->next, any = true) {
        if (any)
            akt_buf_putc(b, ',');
        add_message(b, node, m, any ? MAIL_TEXT : MESSAGE_TEXT);
    }
    akt_buf_putc(b, ']');
}

static void add_mailbox(struct akt_buf *b, struct akt_node *node,
                        const struct akt_actor *a)
{
    const struct akt_msg *m = a->mail_first;
    akt_show_key(b, "mailbox");
    akt_buf_putc(b, '[');
    for (int i = 0; m && i < MAIL_SHOWN; i++, m = m->next) {
        if (i)
            akt_buf_putc(b, ',');
        add_message(b, node, m, MAIL_TEXT);
    }
    akt_buf_putc(b, ']');
}

/* ---- what happened before ---- */

static const char *turn_name(enum akt_turn_kind kind)
{
    static const char *const names[] = {
        "init",      "message",     "resume",       "unwind",
        "terminate", "pre_restart", "post_restart", "upgrade",
        "idle",      "wake",        "health",       "task"};
    return kind < sizeof names / sizeof *names ? names[kind] : "?";
}

/* Newest first; of the worker on which it died. */
static void add_turns(struct akt_buf *b, struct akt_isolate *iso)
{
    struct akt_turn_seen turns[TURNS_SHOWN];
    size_t n = akt_turns_read(iso->worker, turns, TURNS_SHOWN);
    uint64_t now_ms = age_ms(iso->node);
    akt_show_key(b, "turns");
    akt_buf_putc(b, '[');
    for (size_t i = 0; i < n; i++) {
        akt_buf_puts(b, i ? ",{" : "{");
        akt_show_pid(b, "pid", iso->node, turns[i].who);
        akt_show_field(b, "turn", turn_name(turns[i].kind));
        akt_show_field(b, "tag", turns[i].tag[0] ? turns[i].tag : NULL);
        bool past = now_ms > turns[i].ms;
        akt_show_number(b, "ago_ms", past ? now_ms - turns[i].ms : 0);
        akt_buf_putc(b, '}');
    }
    akt_buf_putc(b, ']');
}

void akt_event_show(struct akt_buf *b, struct akt_node *node,
                    const struct akt_event *e)
{
    akt_buf_putc(b, '{');
    akt_show_key(b, "at_ms");
    akt_buf_printf(b, "%" PRIu64 ".%03u", e->us / 1000,
                   (unsigned)(e->us % 1000));
    akt_show_field(b, "event", akt_event_name(e->kind));
    akt_show_pid(b, "pid", node, e->who);
    if (e->code != AKT_OK)
        akt_show_field(b, "code", akt_code_name(e->code));
    if (akt_event_is_about(e->kind))
        akt_show_pid(b, e->kind == AKT_EV_SPAWN ? "parent" : "from", node,
                     (akt_pid){e->other});
    else if (e->other)
        akt_show_number(b, "n", e->other);
    if (e->count > 1)
        akt_show_number(b, "count", e->count);
    akt_buf_putc(b, '}');
}

/* The last ones of all workers, newest last. */
static void add_events(struct akt_buf *b, struct akt_node *node)
{
    struct akt_event_cursor c;
    struct akt_event e[EVENTS_SHOWN];
    akt_event_cursor_init(&c, node, false);
    for (uint32_t i = 0; i < c.len; i++)
        c.next[i] -= c.next[i] < EVENTS_SHOWN ? c.next[i] : EVENTS_SHOWN;
    /* a window over what all have: the last that fit are kept */
    size_t total = 0;
    size_t max = (size_t)c.len * EVENTS_SHOWN; /* others go on writing */
    while (total < max && akt_event_read(node, &c, &e[total % EVENTS_SHOWN], 1))
        total++;
    akt_event_cursor_fini(&c);
    size_t first = total > EVENTS_SHOWN ? total - EVENTS_SHOWN : 0;
    akt_show_key(b, "events");
    akt_buf_putc(b, '[');
    for (size_t i = first; i < total; i++) {
        if (i > first)
            akt_buf_putc(b, ',');
        akt_event_show(b, node, &e[i % EVENTS_SHOWN]);
    }
    akt_buf_putc(b, ']');
}

/* ---- the whole ---- */

static void add_time(struct akt_buf *b, uint64_t wall_ns)
{
    time_t s = (time_t)(wall_ns / 1000000000u);
    struct tm tm;
    gmtime_r(&s, &tm);
    akt_show_key(b, "time");
    akt_buf_printf(b, "\"%04d-%02d-%02dT%02d:%02d:%02d.%03uZ\"",
                   tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                   tm.tm_min, tm.tm_sec, (unsigned)(wall_ns / 1000000 % 1000));
}

static void add_error(struct akt_buf *b, const struct akt_crash *crash)
{
    if (crash->details && crash->details->len) {
        akt_buf_putc(b, ',');
        akt_buf_add(b, crash->details->data, crash->details->len);
        return;
    }
    akt_show_key(b, "error");
    akt_buf_putc(b, '{');
    akt_show_field(b, "code", crash->code);
    akt_show_field(b, "message", crash->message);
    akt_buf_putc(b, '}');
}

void akt_crash_dump(struct akt_isolate *iso, const struct akt_actor *a,
                    const struct akt_crash *crash, struct akt_buf *path)
{
    struct akt_node *node = iso->node;
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_putc(&b, '{');
    akt_show_number(&b, "format", AKT_CRASH_FORMAT);
    akt_show_field(&b, "aktvm", AKT_VERSION);
    akt_show_field(&b, "node", node->config.name);
    akt_show_number(&b, "process", (uint64_t)getpid());
    add_time(&b, akt_world_wall_ns(node->world));
    akt_show_number(&b, "left_out", akt_crashes_left_out(node->crashes));
    add_self(&b, iso, a);
    add_error(&b, crash);
    add_current(&b, node, a);
    add_mailbox(&b, node, a);
    add_turns(&b, iso);
    add_events(&b, node);
    akt_buf_puts(&b, "}\n");
    akt_crashes_add(node->crashes, &b, path);
}

bool akt_crash_wanted(struct akt_isolate *iso, const struct akt_actor *a)
{
    struct akt_node *node = iso->node;
    return node->crashes &&
           akt_crashes_may(node->crashes, akt_actor_kind(a)->name,
                           akt_world_mono_ns(node->world));
}

void akt_crash_note(struct akt_isolate *iso, const struct akt_actor *a,
                    enum akt_code code, const char *message)
{
    struct akt_crash crash = {akt_code_name(code), message, NULL};
    if (akt_crash_wanted(iso, a))
        akt_crash_dump(iso, a, &crash, NULL);
}
