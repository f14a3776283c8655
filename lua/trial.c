/* SPDX-License-Identifier: MIT */
#include "lua/trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lua/report.h"
#include "lua/test_cluster.h"
#include "lua/test_state.h"
#include "lua/where.h"
#include "vm/base/alloc.h"
#include "vm/sim.h"

#define MAIN "<main#1"

/* ---- the state of a node ---- */

struct akt_test_state *akt_test_state_of(struct akt_lua_node *n)
{
    /* acquire: pairs with the release below */
    struct akt_test_state *t =
        atomic_load_explicit(&n->test, memory_order_acquire);
    if (t)
        return t;
    pthread_mutex_lock(&n->lock);
    t = atomic_load_explicit(&n->test, memory_order_relaxed);
    if (!t) {
        t = akt_calloc(sizeof *t);
        t->level = AKT_LOG_INFO;
        akt_capture_init(&t->capture);
        t->sink = &t->capture;
        pthread_mutex_init(&t->lock, NULL);
        atomic_store_explicit(&n->test, t, memory_order_release);
    }
    pthread_mutex_unlock(&n->lock);
    return t;
}

void akt_test_state_free(struct akt_lua_node *n)
{
    /* relaxed: nobody runs any more */
    struct akt_test_state *t =
        atomic_load_explicit(&n->test, memory_order_relaxed);
    if (!t)
        return;
    for (uint32_t i = 0; i < t->spies_len; i++) {
        akt_buf_fini(&t->spies[i]->bytes);
        akt_buf_fini(&t->spies[i]->ends);
        akt_buf_fini(&t->spies[i]->from);
        akt_free(t->spies[i], sizeof *t->spies[i]);
    }
    akt_capture_fini(&t->capture);
    pthread_mutex_destroy(&t->lock);
    akt_free(t, sizeof *t);
}

void akt_trial_result_fini(struct akt_trial_result *r)
{
    akt_buf_fini(&r->names);
    akt_buf_fini(&r->wishes);
    akt_buf_fini(&r->message);
    akt_buf_fini(&r->file);
    akt_buf_fini(&r->code);
    akt_buf_fini(&r->stack);
    akt_buf_fini(&r->output);
    akt_buf_fini(&r->trace);
}

/* ---- what the node tells ---- */

static struct akt_test_state *state_of(struct akt_node *node)
{
    return akt_test_state_of(node->host_data);
}

/* What ended main is why there is no result: "file:line: message". Of main's
 * report, and so in its isolate; those of others may come from any thread. */
static void keep_main_crash(struct akt_test_state *t, const char *text,
                            size_t len)
{
    struct akt_trial_result *r = t->result;
    const char *end = memchr(text, '\n', len);
    const char *at = memmem(text, len, "--> ", 4);
    if (!end || !memmem(text, (size_t)(end - text), MAIN, strlen(MAIN)) ||
        t->done)
        return;
    const char *from = at ? at + 4 : text;
    size_t left = len - (size_t)(from - text);
    end = memchr(from, '\n', left);
    r->message.len = 0;
    akt_buf_add(&r->message, from, end ? (size_t)(end - from) : left);
}

/* Some reports end with a zero byte. */
static void on_report(struct akt_node *node, const char *text, size_t len,
                      const char *fate)
{
    struct akt_test_state *t = state_of(node);
    struct akt_buf b = AKT_BUF_INIT;
    len = strnlen(text, len);
    akt_buf_add(&b, text, len);
    akt_buf_printf(&b, "  restart  %s\n", fate);
    akt_capture_add(&t->capture, b.data, b.len);
    akt_buf_fini(&b);
    keep_main_crash(t, text, len);
}

static void on_warning(struct akt_node *node, const char *what,
                       const char *text)
{
    struct akt_test_state *t = state_of(node);
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_printf(&b, "warning[%s]: %s\n", what, text);
    akt_capture_add(&t->capture, b.data, b.len);
    akt_buf_fini(&b);
}

/* Where an actor stands that waits or was preempted. */
static void set_place(struct akt_trial_result *r, const struct akt_actor *a)
{
    struct akt_place place;
    if (!a || !a->fiber || !akt_place_find(a->fiber, &place))
        return;
    r->file.len = 0;
    akt_buf_puts(&r->file, place.source);
    r->line = place.line;
}

static void on_stuck(struct akt_node *node)
{
    struct akt_test_state *t = state_of(node);
    t->result->message.len = 0;
    akt_buf_puts(&t->result->message,
                 "waits for ever: nothing can happen any more");
    set_place(t->result, akt_actor_find(node->actors, node->main));
    akt_trial_trace(node, &t->result->trace);
}

static void add_runner(struct akt_node *node, struct akt_buf *b)
{
    akt_pid pid = {
        atomic_load_explicit(&node->workers[0].actor, memory_order_relaxed)};
    struct akt_actor *a = akt_actor_find(node->actors, pid);
    char where[200];
    if (!a || a->is_main)
        return;
    akt_buf_puts(b, "; the last turn was of ");
    akt_describe(node, pid, true, b);
    if (a->fiber) {
        akt_where(a->fiber, where, sizeof where);
        akt_buf_printf(b, " at %s", where);
    }
}

/* A limit is reached. Of the real world this is the ticker's thread: nothing
 * that moves may be looked at. */
static void on_late(struct akt_node *node)
{
    struct akt_test_state *t = state_of(node);
    struct akt_trial_result *r = t->result;
    /* relaxed: read when the node has ended */
    atomic_store_explicit(&t->late, true, memory_order_relaxed);
    if (!node->world->simulated || t->done)
        return;
    uint64_t turns = atomic_load_explicit(&node->workers[0].stats.turns,
                                          memory_order_relaxed);
    r->message.len = 0;
    akt_buf_printf(&r->message,
                   "does not end: given up after %" PRIu64
                   " turns and %.1f s of virtual time",
                   turns,
                   (double)(akt_node_now(node) - node->started_ns) / 1e9);
    add_runner(node, &r->message);
    set_place(r, akt_actor_find(node->actors, node->main));
    akt_trial_trace(node, &r->trace);
}

/* Main's text has ended without coming to the test, or the names are known:
 * what the file has started otherwise need not be waited for. */
static void end_if_finished(struct akt_node *node)
{
    struct akt_actor *main = akt_actor_find(node->actors, node->main);
    if (!main || !main->finished)
        return;
    state_of(node)->passed_by = true;
    akt_node_exit(node, 0);
}

static bool on_idle(struct akt_node *node)
{
    struct akt_test_state *t = state_of(node);
    bool exiting = atomic_load_explicit(&node->exiting, memory_order_relaxed);
    if (akt_test_settled(node))
        return true;
    if (exiting || t->done)
        return false;
    end_if_finished(node);
    return atomic_load_explicit(&node->exiting, memory_order_relaxed);
}

/* ---- the node ---- */

static struct akt_node *make_node(const struct akt_trial *trial)
{
    uint32_t max_ms = trial->max_ms ? trial->max_ms : AKT_TRIAL_MS;
    struct akt_config config = {
        .workers = trial->workers,
        .name = "test",
        .simulated = !trial->real,
        .seed = trial->seed,
        .plan = trial->plan,
        .max_turns = trial->max_turns ? trial->max_turns : AKT_TRIAL_TURNS,
        .max_cpu_ms = max_ms,
        .max_run_ms = trial->real ? max_ms : 0,
        .memory_bytes = trial->memory_bytes,
        .guest = true,
    };
    struct akt_node *node = akt_node_create(&config);
    node->on_report = on_report;
    node->on_stuck = on_stuck;
    node->on_late = on_late;
    node->on_warning = on_warning;
    node->on_idle = trial->real ? NULL : on_idle;
    return node;
}

static struct akt_lua_node *make_host(struct akt_node *node,
                                      const struct akt_trial *trial,
                                      struct akt_trial_result *result)
{
    struct akt_lua_node *n = akt_lua_node_create(node);
    struct akt_test_state *t = akt_test_state_of(n);
    n->script_path = trial->path;
    n->script_text = trial->text;
    n->script_len = trial->len;
    akt_lua_keep_script(n);
    t->trial = trial;
    t->result = result;
    t->level = trial->log_level;
    t->captures = true;
    return n;
}

static void add_main(struct akt_node *node, struct akt_lua_node *n)
{
    struct akt_spec *spec = akt_spec_new();
    spec->own_isolate = true;
    akt_preempt_init(node);
    akt_node_main(node, &n->main, spec, akt_msg_new(AKT_MSG_START, 0));
}

static void no_result(struct akt_node *node, const struct akt_test_state *t)
{
    struct akt_trial_result *r = t->result;
    int code = atomic_load_explicit(&node->exit_code, memory_order_relaxed);
    if (r->message.len)
        return;
    if (!t->trial->test && t->passed_by)
        r->passed = true;
    else if (t->passed_by)
        akt_buf_puts(&r->message, "the file ended before it came to this test");
    else
        akt_buf_printf(&r->message,
                       "the program ended with code %d before the test was "
                       "done",
                       code);
}

static void complete(struct akt_node *node, struct akt_test_state *t)
{
    struct akt_trial_result *r = t->result;
    bool late = atomic_load_explicit(&t->late, memory_order_relaxed);
    if (late && t->done && r->passed) {
        r->passed = false;
        akt_buf_puts(&r->message, "the test passed, but its actors do not end");
    } else if (late && !r->message.len) {
        akt_buf_puts(&r->message, "does not end: its time is over");
    } else if (!t->done) {
        no_result(node, t);
    }
    r->late = late;
    r->turns = atomic_load_explicit(&node->workers[0].stats.turns,
                                    memory_order_relaxed);
    r->cost = r->turns + atomic_load_explicit(&node->workers[0].stats.preempts,
                                              memory_order_relaxed) *
                             (AKT_SIM_LONG_TURN - 1);
    r->virtual_ms = (akt_node_now(node) - node->started_ns) / 1000000;
    r->hash = node->world->trace_hash;
    akt_capture_show(&t->capture, &r->output);
}

void akt_trial_run(const struct akt_trial *trial,
                   struct akt_trial_result *result)
{
    struct akt_buf name = AKT_BUF_INIT;
    memset(result, 0, sizeof *result);
    akt_buf_printf(&name, "@%s", trial->path);
    struct akt_node *node = make_node(trial);
    struct akt_lua_node *n = make_host(node, trial, result);
    n->script_name = akt_buf_cstr(&name);
    add_main(node, n);
    akt_node_run(node);
    akt_test_cluster_end(akt_test_state_of(n));
    complete(node, akt_test_state_of(n));
    /* relaxed: the workers have ended */
    result->unfinished =
        atomic_load_explicit(&node->external, memory_order_relaxed) > 0;
    if (result->unfinished)
        return;
    akt_node_destroy(node);
    akt_lua_node_destroy(n);
    akt_buf_fini(&name);
}
