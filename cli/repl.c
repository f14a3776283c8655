/* SPDX-License-Identifier: MIT
 *
 * cli/repl.c: `aktvm repl`: a node whose main does nothing (or is a script),
 * and a thread beside it that talks to a session in it.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/line.h"
#include "cli/prompt.h"
#include "lua/program.h"
#include "vm/message.h"
#include "vm/outside.h"

#define EXPIRE_MS 100 /* between two looks for asks that are over */

struct repl {
    struct cli_link link; /* first; its fd tells that the node has ended */
    struct cli_prompt prompt;
    struct akt_node *node;
    akt_pid session;
    pthread_t thread;
    int code;  /* of the prompt */
    int ready; /* eventfd: an answer has come */
    pthread_mutex_t lock;
    /* under the lock */
    struct cli_answer *answer; /* that of the question which is asked */
    bool answered;
};

static void wake(int fd)
{
    uint64_t one = 1;
    (void)!write(fd, &one, sizeof one);
}

/* ---- the link ---- */

/* [worker] */
static void on_answer(void *ctx, const struct akt_session_answer *answer)
{
    struct repl *r = ctx;
    pthread_mutex_lock(&r->lock);
    cli_answer_set(r->answer, answer);
    r->answered = true;
    wake(r->ready);
    pthread_mutex_unlock(&r->lock);
}

static bool is_answered(struct repl *r)
{
    pthread_mutex_lock(&r->lock);
    bool answered = r->answered;
    pthread_mutex_unlock(&r->lock);
    return answered;
}

static void wait_answer(struct repl *r)
{
    struct pollfd fds[] = {{r->ready, POLLIN, 0}};
    uint64_t n;
    while (!is_answered(r)) {
        int got = cli_wait(fds, 1, EXPIRE_MS);
        if (got < 0 && errno == EINTR)
            akt_session_interrupt(r->node, r->session);
        else if (got > 0)
            (void)!read(r->ready, &n, sizeof n);
        akt_outside_expire(r->node, akt_node_now(r->node));
    }
}

static void ask(struct cli_link *link, const struct cli_question *q,
                struct cli_answer *answer)
{
    struct repl *r = (struct repl *)link;
    struct akt_session_ask ask = {
        .what = q->what,
        .text = q->text,
        .len = q->len,
        .timeout_ms = q->timeout_ms,
        .done = on_answer,
        .ctx = r,
    };
    r->answer = answer;
    r->answered = false;
    akt_session_ask(r->node, r->session, &ask);
    wait_answer(r);
    fflush(stdout); /* what io.write has written */
}

static bool open_session(struct cli_link *link, struct cli_answer *answer)
{
    struct repl *r = (struct repl *)link;
    enum akt_code code = akt_session_open(r->node, false, &r->session);
    if (code == AKT_OK)
        return true;
    akt_buf_printf(&answer->result, "error[%s]: no session can be started",
                   akt_code_name(code));
    return false;
}

/* ---- the thread ---- */

static void *run(void *arg)
{
    struct repl *r = arg;
    struct cli_answer why = {0};
    if (open_session(&r->link, &why)) {
        r->code = cli_prompt(&r->prompt);
        akt_session_close(r->node, r->session);
    } else {
        fprintf(stderr, "%s\n", akt_buf_cstr(&why.result));
        r->code = CLI_FAILED;
    }
    cli_answer_fini(&why);
    akt_node_exit(r->node, r->code);
    akt_node_release(r->node);
    akt_msg_pool_release();
    return NULL;
}

static void start(struct akt_node *node, void *ctx)
{
    struct repl *r = ctx;
    r->node = node;
    akt_node_hold(node); /* the program goes on while somebody may type */
    pthread_create(&r->thread, NULL, run, r);
}

static void end(struct akt_node *node, void *ctx)
{
    struct repl *r = ctx;
    (void)node;
    wake(r->link.fd);
    pthread_join(r->thread, NULL);
}

static void init(struct repl *r, const struct cli_options *o)
{
    r->ready = eventfd(0, EFD_CLOEXEC);
    r->link = (struct cli_link){eventfd(0, EFD_CLOEXEC), ask, open_session};
    r->prompt.link = &r->link;
    r->prompt.code = o->code;
    r->prompt.greeting = "aktvm " AKT_VERSION ", Lua 5.4. Ctrl-D ends it.";
    r->prompt.timeout_ms =
        o->timeout_ms ? o->timeout_ms : AKT_SESSION_FOREVER_MS;
    pthread_mutex_init(&r->lock, NULL);
}

static int talk(const struct cli_options *o)
{
    struct repl r = {0};
    struct cli_options program = *o;
    init(&r, o);
    program.code = o->path ? NULL : "";
    program.config.keep_sigint = true;
    program.beside = (struct akt_beside){start, end, &r};
    cli_hold_interrupts();
    int code = cli_run(&program);
    close(r.link.fd);
    close(r.ready);
    pthread_mutex_destroy(&r.lock);
    return code;
}

int cli_cmd_repl(const struct cli_command *self, int argc, char **argv)
{
    struct cli_options o = {0};
    if (cli_options_help(self, argc, argv))
        return CLI_OK;
    if (!cli_take_options(&o, argc, argv))
        return CLI_USAGE;
    if (o.config.simulated)
        return cli_usage("%s", "repl: the simulated world has no prompt");
    if (o.bench.given)
        return cli_usage("repl: %s is for bench", o.bench.given);
    if (o.code && o.argc > 0) { /* repl -e CODE FILE */
        o.path = *o.argv++;
        o.argc--;
    }
    return talk(&o);
}
