/* SPDX-License-Identifier: MIT
 *
 * cli/attach.c: `aktvm attach`: the prompt over the admin socket of a node
 * (net/admin.h; the commands are those of lua/admin_session.c).
 */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/line.h"
#include "cli/prompt.h"

#define TIMEOUT_MS 5000

struct attach {
    struct cli_link link; /* first; its fd is the socket */
    struct cli_conn conn;
    const struct cli_words *words; /* which node */
    json_int_t session;
};

/* ---- lines of the protocol ---- */

/* Takes `args`; returns the id of the call, or 0: the node is gone. */
static json_int_t call(struct attach *t, const char *cmd, json_t *args)
{
    return cli_send(&t->conn, cmd, args) ? t->conn.last_id : 0;
}

/* Ctrl-C ends the line that runs; its own answer tells how. */
static void interrupt(struct attach *t)
{
    call(t, "interrupt", json_pack("{s:I}", "session", t->session));
}

/* More of what the node says; false: it is gone. */
static bool wait_more(struct attach *t)
{
    struct pollfd fds[] = {{t->conn.fd, POLLIN, 0}};
    int got = cli_wait(fds, 1, -1);
    if (got < 0 && errno == EINTR)
        interrupt(t);
    return got <= 0 || cli_fill(&t->conn);
}

/* The next line about call `id`; NULL: the node is gone, or is none. */
static json_t *wait_line(struct attach *t, json_int_t id)
{
    json_t *line;
    while (id) {
        if (!cli_take(&t->conn, &line)) {
            if (!wait_more(t))
                return NULL;
            continue;
        }
        json_int_t of = json_integer_value(json_object_get(line, "id"));
        if (!line || of == id || of == 0) /* 0: about the connection */
            return line;
        json_decref(line);
    }
    return NULL;
}

/* ---- answers ---- */

static void add_text(struct akt_buf *b, const json_t *o, const char *key)
{
    json_t *text = json_object_get(o, key);
    if (json_is_string(text))
        akt_buf_add(b, json_string_value(text), json_string_length(text));
}

static bool has_code(const json_t *error, const char *code)
{
    const char *text = json_string_value(json_object_get(error, "code"));
    return text && strcmp(text, code) == 0;
}

static void set_error(struct cli_answer *a, const json_t *error)
{
    a->kind = has_code(error, "timeout")  ? CLI_ANSWER_STUCK
              : has_code(error, "noproc") ? CLI_ANSWER_GONE
              : has_code(error, "shutdown") || has_code(error, "noconnection")
                  ? CLI_ANSWER_LOST
                  : CLI_ANSWER_ERROR;
    akt_buf_puts(&a->result, "error[");
    add_text(&a->result, error, "code");
    akt_buf_puts(&a->result, "]: ");
    add_text(&a->result, error, "message");
}

static void set_result(struct cli_answer *a, const json_t *result)
{
    struct akt_buf status = AKT_BUF_INIT;
    add_text(&status, result, "status");
    add_text(&status, result, "word");
    struct akt_session_answer s = {.code = AKT_OK,
                                   .status = akt_buf_cstr(&status),
                                   .status_len = status.len};
    cli_answer_set(a, &s);
    add_text(&a->output, result, "output");
    add_text(&a->output, result, "names");
    add_text(&a->result, result, "result");
    akt_buf_fini(&status);
}

static void take_answer(struct cli_answer *a, json_t *line)
{
    json_t *result = json_object_get(line, "result");
    json_t *error = json_object_get(line, "error");
    if (result)
        set_result(a, result);
    else if (error)
        set_error(a, error);
    else
        a->kind = CLI_ANSWER_LOST;
    json_decref(line);
}

static void ask(struct cli_link *link, const struct cli_question *q,
                struct cli_answer *answer)
{
    struct attach *t = (struct attach *)link;
    bool eval = q->what == AKT_SESSION_EVAL;
    json_t *args = json_object();
    json_object_set_new(args, "session", json_integer(t->session));
    if (eval)
        json_object_set_new(args, "timeout_ms",
                            json_integer((json_int_t)q->timeout_ms));
    json_t *text = json_stringn(q->text, q->len);
    if (!text) {
        json_decref(args);
        answer->kind = CLI_ANSWER_ERROR;
        akt_buf_puts(&answer->result, "error[syntax]: the line is not UTF-8");
        return;
    }
    json_object_set_new(args, eval ? "code" : "text", text);
    take_answer(answer,
                wait_line(t, call(t, eval ? "eval" : "complete", args)));
}

/* ---- sessions ---- */

/* A connection has one session, so a new one takes a new connection. *code is
 * for exit. */
static bool dial(struct attach *t, int *code)
{
    cli_close(&t->conn);
    bool ok = cli_connect(t->words, &t->conn, code);
    t->link.fd = t->conn.fd;
    return ok;
}

static bool ask_session(struct attach *t, struct cli_answer *answer)
{
    json_t *line = wait_line(t, call(t, "session_open", json_object()));
    json_t *more = json_object_get(line, "more");
    json_t *session = json_object_get(more, "session");
    bool ok = json_is_integer(session);
    t->session = json_integer_value(session);
    if (!ok)
        take_answer(answer, json_incref(line));
    if (!ok && !answer->result.len)
        akt_buf_puts(&answer->result, "aktvm: the node does not answer");
    json_decref(line);
    return ok;
}

static bool open_session(struct cli_link *link, struct cli_answer *answer)
{
    struct attach *t = (struct attach *)link;
    int code;
    return dial(t, &code) && ask_session(t, answer);
}

/* ---- the command ---- */

static int talk(struct attach *t, struct cli_prompt *prompt)
{
    struct cli_answer why = {0};
    int code;
    if (!dial(t, &code))
        return code;
    code = CLI_UNREACHABLE;
    if (ask_session(t, &why))
        code = cli_prompt(prompt);
    else if (why.result.len)
        fprintf(stderr, "%s\n", akt_buf_cstr(&why.result));
    cli_answer_fini(&why);
    return code;
}

int cli_cmd_attach(const struct cli_command *self, int argc, char **argv)
{
    struct cli_words words;
    struct attach t = {
        .link = {-1, ask, open_session}, .conn = {.fd = -1}, .words = &words};
    struct cli_prompt prompt = {
        .link = &t.link,
        .greeting = "Attached. Ctrl-D leaves, the node goes on.",
        .timeout_ms = TIMEOUT_MS,
    };
    const char *timeout = NULL;
    const struct cli_flag flags[] = {{"-e", &prompt.code, NULL},
                                     {"--timeout", &timeout, NULL},
                                     {NULL, NULL, NULL}};
    int code;
    if (!cli_parse(self, argc, argv, flags, 0, 0, &words, &code))
        return code;
    if (timeout && !cli_seconds(timeout, &prompt.timeout_ms))
        return cli_usage("attach: --timeout: bad value '%s'", timeout);
    cli_hold_interrupts();
    code = talk(&t, &prompt);
    cli_close(&t.conn);
    return code;
}
