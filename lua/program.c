/* SPDX-License-Identifier: MIT */
#include "lua/program.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lua/admin.h"
#include "lua/error.h"
#include "lua/kind.h"
#include "lua/remote.h"
#include "lua/watch.h"
#include "net/otlp.h"
#include "vm/base/alloc.h"
#include "vm/base/log_line.h"
#include "vm/job.h"
#include "vm/tape.h"

#define LOG_WARN 2

/* main waits for what can never come; its stack says where. */
static void on_stuck(struct akt_node *node)
{
    struct akt_actor *a = akt_actor_slot(node->actors, node->main);
    lua_State *co = a->fiber;
    lua_Debug ar;
    char place[LUA_IDSIZE + 16] = "";
    for (int level = 0; co && lua_getstack(co, level, &ar); level++) {
        lua_getinfo(co, "Sl", &ar);
        if (ar.currentline > 0 && ar.source[0] != '=') {
            snprintf(place, sizeof place, "%s:%d: ", ar.short_src,
                     ar.currentline);
            break;
        }
    }
    char text[256];
    snprintf(text, sizeof text,
             "error[stuck]: <main#1> waits for ever\n"
             "  --> %snothing can happen any more, so what it waits "
             "for cannot come\n",
             place);
    akt_report_note(text);
}

/* [ticker] The watchdog has said before which turn it is. */
static void on_held(struct akt_node *node)
{
    akt_report_note("error[stuck]: a turn in C does not end\n"
                    "  --> the program ends without it\n");
    if (ftrylockfile(stdout) == 0)
        fflush(stdout);
    akt_log_stop();
    /* relaxed: the end has begun long ago */
    _exit(atomic_load_explicit(&node->exit_code, memory_order_relaxed));
}

static void on_warning(struct akt_node *node, const char *what,
                       const char *text)
{
    (void)node;
    struct akt_log_head head = {.level = AKT_LOG_WARN, .text = text};
    struct akt_buf b = AKT_BUF_INIT;
    if (akt_log_level() > AKT_LOG_WARN)
        return;
    if (akt_log_reports_are_json()) {
        akt_log_begin(&b, &head);
        akt_log_add_string(&b, "warning", what);
        akt_log_end(&b);
    } else {
        akt_buf_printf(&b, "warning[%s]: %s\n", what, text);
    }
    akt_log_write(b.data, b.len);
    akt_buf_fini(&b);
}

static void complete_config(const struct akt_program *p, struct akt_lua_node *n)
{
    n->script_path = p->path;
    n->script_text = p->text;
    n->script_len = p->len;
    n->argc = p->argc;
    n->argv = p->argv;
    n->crash_reports = p->crash_reports;
}

static struct akt_spec *main_spec(void)
{
    struct akt_spec *spec = akt_spec_new();
    spec->own_isolate = true;
    return spec;
}

static void record_program(const struct akt_program *p)
{
    struct akt_recording *rec = p->config.recording;
    struct akt_buf args = AKT_BUF_INIT;
    for (int i = 0; i < p->argc; i++)
        akt_buf_add(&args, p->argv[i], strlen(p->argv[i]) + 1);
    akt_recording_add(rec, "build", AKT_VERSION, strlen(AKT_VERSION));
    if (p->path)
        akt_recording_add(rec, "path", p->path, strlen(p->path));
    akt_recording_add(rec, "script", p->text, p->len);
    if (p->crash_reports)
        akt_recording_add(rec, "crash_reports", "", 0);
    akt_recording_add(rec, "args", args.data ? args.data : "", args.len);
    akt_buf_fini(&args);
}

#define CONNECT_MS 5000 /* main begins later, or when all are linked */

static bool start_network(const struct akt_program *p, struct akt_lua_node *n)
{
    char text[256];
    if (!p->network)
        return true;
    struct akt_network_config c = *p->network;
    c.import = akt_remote_import;
    c.holds = true; /* until main waits for something: akt_main_waits */
    n->network = akt_network_start(n->node, &c, text, sizeof text);
    if (!n->network) {
        fprintf(stderr, "aktvm: %s\n", text);
        return false;
    }
    akt_network_wait(n->network, CONNECT_MS);
    return true;
}

int akt_program_run(const struct akt_program *p)
{
    if (p->config.recording && !p->config.simulated)
        record_program(p);
    setenv("UV_THREADPOOL_SIZE", AKT_JOB_THREADS, 0);
    struct akt_buf name = AKT_BUF_INIT;
    if (p->path)
        akt_buf_printf(&name, "@%s", p->path);
    else
        akt_buf_puts(&name, "@(command line)");
    akt_log_set_level(p->log_level);
    akt_log_set_format(p->log_format, p->json_reports);
    if (!p->config.simulated)
        akt_log_start();
    struct akt_node *node = akt_node_create(&p->config);
    struct akt_lua_node *n = akt_lua_node_create(node);
    complete_config(p, n);
    n->script_name = akt_buf_cstr(&name);
    akt_lua_keep_script(n);
    node->on_report = akt_report_print;
    node->on_stuck = on_stuck;
    node->on_held = on_held;
    node->on_warning = on_warning;
    akt_preempt_init(node);
    akt_node_main(node, &n->main, main_spec(), akt_msg_new(AKT_MSG_START, 0));
    if (!start_network(p, n)) {
        akt_node_destroy(node);
        akt_lua_node_destroy(n);
        akt_buf_fini(&name);
        akt_log_stop();
        return 1;
    }
    struct akt_admin *admin = akt_lua_admin_start(node, n->network, p->admin);
    struct akt_watch *watch = p->watch ? akt_watch_start(n) : NULL;
    struct akt_otlp *otlp =
        p->config.simulated ? NULL : akt_otlp_start(node, p->otlp);
    if (p->beside.start)
        p->beside.start(node, p->beside.ctx);
    int code = akt_node_run(node);
    if (p->beside.start)
        p->beside.end(node, p->beside.ctx);
    akt_admin_settle(admin); /* answers to other nodes go over links */
    akt_network_stop(n->network);
    akt_otlp_stop(otlp);
    akt_watch_stop(watch);
    akt_admin_destroy(admin);
    akt_network_destroy(n->network);
    n->network = NULL;
    fflush(NULL);
    akt_log_stop();
    /* relaxed: the workers have ended */
    if (atomic_load_explicit(&node->external, memory_order_relaxed) > 0)
        _exit(code); /* a job still blocks a thread of the pool */
    akt_node_destroy(node);
    akt_lua_node_destroy(n);
    akt_buf_fini(&name);
    return code;
}
