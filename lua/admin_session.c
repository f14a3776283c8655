/* SPDX-License-Identifier: MIT
 *
 * lua/admin_session.c: sessions over the admin socket.
 *
 *     session_open {}                           -> more {session}, no end
 *     eval {session, code, timeout_ms?}         -> {status, output, result}
 *     complete {session, text}                  -> {word, names}
 *     interrupt {session}                       -> {}
 *
 * A session lasts as long as the call that opened it: it is closed when the
 * client goes away. `status` is ok, error or more (the code is not complete).
 * `code` of an error: noproc (the session has ended), timeout (the line does
 * not answer, even though its time is over), shutdown.
 */
#include <string.h>

#include "lua/admin.h"
#include "lua/kind.h"
#include "lua/session.h"
#include "vm/base/alloc.h"

#define TIMEOUT_MS 5000

/* ---- open and close ---- */

struct opened {
    struct akt_node *node;
    akt_pid pid;
};

static void on_closed(struct akt_admin_call *call, void *ctx)
{
    struct opened *s = ctx;
    akt_session_close(s->node, s->pid);
    akt_free(s, sizeof *s);
    akt_admin_result(call, json_object());
}

static void session_open(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)args;
    (void)ctx;
    struct akt_node *node = akt_admin_node(call);
    akt_pid pid;
    enum akt_code code = akt_session_open(node, true, &pid);
    if (code != AKT_OK) {
        akt_admin_error(call, akt_code_name(code), "%s",
                        code == AKT_LIMIT
                            ? "the node has no room for one more actor"
                            : "the node is ending");
        return;
    }
    struct opened *s = akt_calloc(sizeof *s);
    *s = (struct opened){node, pid};
    akt_admin_more(call, json_pack("{s:I}", "session", (json_int_t)pid.bits));
    akt_admin_on_close(call, on_closed, s);
}

/* True: *pid is a session that is alive; else the call has been answered. */
static bool find_session(struct akt_admin_call *call, json_t *args,
                         akt_pid *pid)
{
    struct akt_node *node = akt_admin_node(call);
    struct akt_lua_node *n = node->host_data;
    json_t *id = json_object_get(args, "session");
    if (!json_is_integer(id)) {
        akt_admin_error(call, "bad_argument", "session: a number is expected");
        return false;
    }
    *pid = (akt_pid){(uint64_t)json_integer_value(id)};
    struct akt_actor *a = akt_actor_find(node->actors, *pid);
    if (a && akt_actor_kind(a) == &n->session)
        return true;
    akt_admin_error(call, "noproc", "the session has ended");
    return false;
}

/* ---- lines ---- */

/* [any] True: there is no answer, and that has been said. */
static bool answer_failed(struct akt_admin_call *call,
                          const struct akt_session_answer *a)
{
    if (a->code == AKT_OK)
        return false;
    const char *text = a->code == AKT_TIMEOUT    ? "the line does not answer"
                       : a->code == AKT_SHUTDOWN ? "the node has ended"
                                                 : "the session has ended";
    akt_admin_error(call, akt_code_name(a->code), "%s", text);
    return true;
}

static void evaluated(void *ctx, const struct akt_session_answer *a)
{
    struct akt_admin_call *call = ctx;
    if (answer_failed(call, a))
        return;
    akt_admin_result(
        call, json_pack("{s:o,s:o,s:o}", "status",
                        akt_admin_text(a->status, a->status_len), "output",
                        akt_admin_text(a->output, a->output_len), "result",
                        akt_admin_text(a->result, a->result_len)));
}

static void completed(void *ctx, const struct akt_session_answer *a)
{
    struct akt_admin_call *call = ctx;
    if (answer_failed(call, a))
        return;
    akt_admin_result(call, json_pack("{s:o,s:o}", "word",
                                     akt_admin_text(a->status, a->status_len),
                                     "names",
                                     akt_admin_text(a->output, a->output_len)));
}

/* False: it is none, or too long, and that has been said. */
static bool take_text(struct akt_admin_call *call, json_t *args,
                      const char *key, struct akt_session_ask *ask)
{
    json_t *text = json_object_get(args, key);
    bool fits = text && json_string_length(text) <= AKT_SESSION_LINE;
    if (!json_is_string(text) || !fits) {
        akt_admin_error(call, "bad_argument",
                        "%s: a string of at most %u bytes is expected", key,
                        AKT_SESSION_LINE);
        return false;
    }
    ask->text = json_string_value(text);
    ask->len = json_string_length(text);
    return true;
}

static bool take_timeout(struct akt_admin_call *call, json_t *args,
                         struct akt_session_ask *ask)
{
    json_t *ms = json_object_get(args, "timeout_ms");
    json_int_t n = ms ? json_integer_value(ms) : TIMEOUT_MS;
    if (n < 1 || (uint64_t)n > AKT_SESSION_FOREVER_MS) {
        akt_admin_error(call, "bad_argument",
                        "timeout_ms: a number from 1 on is expected");
        return false;
    }
    ask->timeout_ms = (uint64_t)n;
    return true;
}

static void eval(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)ctx;
    akt_pid pid;
    struct akt_session_ask ask = {
        .what = AKT_SESSION_EVAL, .done = evaluated, .ctx = call};
    if (find_session(call, args, &pid) && take_text(call, args, "code", &ask) &&
        take_timeout(call, args, &ask))
        akt_session_ask(akt_admin_node(call), pid, &ask);
}

static void complete(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)ctx;
    akt_pid pid;
    struct akt_session_ask ask = {
        .what = AKT_SESSION_COMPLETE, .done = completed, .ctx = call};
    if (find_session(call, args, &pid) && take_text(call, args, "text", &ask))
        akt_session_ask(akt_admin_node(call), pid, &ask);
}

static void interrupt(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)ctx;
    akt_pid pid;
    if (!find_session(call, args, &pid))
        return;
    akt_session_interrupt(akt_admin_node(call), pid);
    akt_admin_result(call, json_object());
}

void akt_admin_add_session(struct akt_admin *admin)
{
    akt_admin_add(admin, "session_open", session_open, NULL);
    akt_admin_add(admin, "eval", eval, NULL);
    akt_admin_add(admin, "complete", complete, NULL);
    akt_admin_add(admin, "interrupt", interrupt, NULL);
}
