/* SPDX-License-Identifier: MIT
 *
 * cli/attach.c: `aktvm attach`: the prompt over the admin socket of a node
 * (net/admin.h; the commands are those of lua/admin_session.c).
 */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/line.h"
#include "cli/prompt.h"

#define TIMEOUT_MS 5000
#define ANSWER_MAX (16u << 20) /* bytes of one line from the node */

struct attach {
    struct cli_link link; /* first; its fd is the socket */
    const char *node;
    json_int_t session;
    json_int_t last_id;
    struct akt_buf in; /* read, not handled yet */
};

/* ---- lines of the protocol ---- */

static bool send_all(int fd, const char *p, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    return true;
}

/* Takes `args`; returns the id of the call, or 0: the node is gone. */
static json_int_t call(struct attach *t, const char *cmd, json_t *args)
{
    json_int_t id = ++t->last_id;
    json_t *o = json_pack("{s:i,s:I,s:s,s:o}", "v", 1, "id", id, "cmd", cmd,
                          "args", args);
    char *text = json_dumps(o, JSON_COMPACT);
    struct akt_buf line = AKT_BUF_INIT;
    akt_buf_printf(&line, "%s\n", text ? text : "{}");
    bool ok = o && text && send_all(t->link.fd, line.data, line.len);
    akt_buf_fini(&line);
    free(text);
    json_decref(o);
    return ok ? id : 0;
}

/* A whole line of what has been read, as JSON; NULL: there is none. */
static json_t *take_line(struct attach *t)
{
    char *end = t->in.len ? memchr(t->in.data, '\n', t->in.len) : NULL;
    if (!end)
        return NULL;
    size_t n = (size_t)(end - t->in.data) + 1;
    json_t *line = json_loadb(t->in.data, n, JSON_ALLOW_NUL, NULL);
    t->in.len -= n;
    memmove(t->in.data, t->in.data + n, t->in.len);
    return line ? line : json_object();
}

/* False: the node is gone, or is none. */
static bool read_more(struct attach *t)
{
    ssize_t n = recv(t->link.fd, akt_buf_reserve(&t->in, 65536), 65536, 0);
    if (n > 0)
        t->in.len += (size_t)n;
    return (n > 0 || (n < 0 && errno == EINTR)) && t->in.len < ANSWER_MAX;
}

/* Ctrl-C ends the line that runs; its own answer tells how. */
static void interrupt(struct attach *t)
{
    call(t, "interrupt", json_pack("{s:I}", "session", t->session));
}

/* The next line about call `id`; NULL: the node is gone. */
static json_t *wait_line(struct attach *t, json_int_t id)
{
    struct pollfd fds[] = {{t->link.fd, POLLIN, 0}};
    while (id) {
        json_t *line = take_line(t);
        if (line && json_integer_value(json_object_get(line, "id")) == id)
            return line;
        if (line) {
            json_decref(line);
            continue;
        }
        int got = cli_wait(fds, 1, -1);
        if (got < 0 && errno == EINTR)
            interrupt(t);
        else if (got != 0 && !read_more(t))
            return NULL;
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
    a->kind = has_code(error, "timeout")    ? CLI_ANSWER_STUCK
              : has_code(error, "noproc")   ? CLI_ANSWER_GONE
              : has_code(error, "shutdown") ? CLI_ANSWER_LOST
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

static void hang_up(struct attach *t)
{
    if (t->link.fd >= 0)
        close(t->link.fd);
    t->link.fd = -1;
    t->in.len = 0;
}

/* A connection has one session, so a new one takes a new connection. */
static bool open_session(struct cli_link *link, struct cli_answer *answer)
{
    struct attach *t = (struct attach *)link;
    hang_up(t);
    t->link.fd = cli_connect_fd(t->node);
    if (t->link.fd < 0)
        return false;
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

static int talk(struct attach *t, const struct cli_attach *o)
{
    struct cli_prompt prompt = {
        .link = &t->link,
        .code = o->code,
        .greeting = "Attached. Ctrl-D leaves, the node goes on.",
        .timeout_ms = o->timeout_ms ? o->timeout_ms : TIMEOUT_MS,
    };
    struct cli_answer why = {0};
    int code = CLI_UNREACHABLE;
    if (open_session(&t->link, &why))
        code = cli_prompt(&prompt);
    else if (why.result.len)
        fprintf(stderr, "%s\n", akt_buf_cstr(&why.result));
    cli_answer_fini(&why);
    return code;
}

int cli_attach(const struct cli_attach *o)
{
    struct attach t = {.link = {-1, ask, open_session}, .node = o->node};
    cli_hold_interrupts();
    int code = talk(&t, o);
    hang_up(&t);
    akt_buf_fini(&t.in);
    return code;
}
