/* SPDX-License-Identifier: MIT */
#include "cli/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/line.h"

struct dialog {
    const struct cli_prompt *p;
    struct cli_input *in; /* NULL: -e */
    struct akt_buf chunk; /* lines that are not complete yet */
    bool failed;          /* a line has */
    bool over;            /* there is nobody to talk to */
};

/* ---- answers ---- */

void cli_answer_fini(struct cli_answer *a)
{
    akt_buf_fini(&a->output);
    akt_buf_fini(&a->result);
}

static enum cli_answer_kind kind_of(const struct akt_session_answer *s)
{
    switch (s->code) {
    case AKT_OK:
        break;
    case AKT_TIMEOUT:
        return CLI_ANSWER_STUCK;
    case AKT_SHUTDOWN:
        return CLI_ANSWER_LOST;
    default:
        return CLI_ANSWER_GONE;
    }
    if (s->status_len == 4 && memcmp(s->status, "more", 4) == 0)
        return CLI_ANSWER_MORE;
    bool error = s->status_len == 5 && memcmp(s->status, "error", 5) == 0;
    return error ? CLI_ANSWER_ERROR : CLI_ANSWER_OK;
}

void cli_answer_set(struct cli_answer *a, const struct akt_session_answer *s)
{
    a->kind = kind_of(s);
    for (size_t i = 0; i < s->status_len && i < 4; i++) {
        if (s->status[i] >= '0' && s->status[i] <= '9')
            a->word = a->word * 10 + (uint32_t)(s->status[i] - '0');
    }
    akt_buf_add(&a->output, s->output, s->output_len);
    akt_buf_add(&a->result, s->result, s->result_len);
}

/* ---- printing ---- */

static void print_bytes(FILE *f, const struct akt_buf *b)
{
    if (b->len)
        fwrite(b->data, 1, b->len, f);
}

static void print_line(FILE *f, const struct akt_buf *b)
{
    print_bytes(f, b);
    if (b->len && b->data[b->len - 1] != '\n')
        putc('\n', f);
}

static const char *explain(enum cli_answer_kind kind)
{
    switch (kind) {
    case CLI_ANSWER_STUCK:
        return "error[stuck]: the line does not answer and cannot be "
               "interrupted where it is; it is given up";
    case CLI_ANSWER_GONE:
        return "error[noproc]: the session has ended";
    default:
        return "error[noconnection]: the node has ended";
    }
}

/* The terminal has shown ^C, at the beginning of a line or not. */
static bool is_interrupted(const struct cli_answer *a)
{
    static const char word[] = "error[interrupted]";
    return a->kind == CLI_ANSWER_ERROR && a->result.len >= sizeof word - 1 &&
           memcmp(a->result.data, word, sizeof word - 1) == 0;
}

static void print_answer(struct dialog *d, const struct cli_answer *a)
{
    d->failed = d->failed || a->kind != CLI_ANSWER_OK;
    if (cli_line_is_terminal(d->in) && is_interrupted(a))
        putchar('\n');
    print_bytes(stdout, &a->output);
    /* a result or a prompt begins on a line of its own */
    bool open_line = a->output.len && a->output.data[a->output.len - 1] != '\n';
    if (open_line && (a->result.len || cli_line_is_terminal(d->in)))
        putchar('\n');
    if (a->kind == CLI_ANSWER_OK)
        print_line(stdout, &a->result);
    fflush(stdout);
    if (a->kind == CLI_ANSWER_ERROR || a->kind == CLI_ANSWER_MORE)
        print_line(stderr, &a->result);
    else if (a->kind != CLI_ANSWER_OK)
        fprintf(stderr, "%s\n", explain(a->kind));
}

/* ---- sessions that end ---- */

static void open_again(struct dialog *d)
{
    struct cli_answer why = {0};
    if (d->p->link->open(d->p->link, &why)) {
        fputs("aktvm: a new session has been started; what the old one had "
              "defined is lost\n",
              stderr);
    } else {
        d->over = true;
        print_line(stderr, &why.result);
    }
    cli_answer_fini(&why);
}

static void evaluate(struct dialog *d, const char *code, size_t len, bool whole)
{
    struct cli_link *link = d->p->link;
    struct cli_question q = {AKT_SESSION_EVAL, code, len, d->p->timeout_ms};
    struct cli_answer a = {0};
    link->ask(link, &q, &a);
    if (a.kind == CLI_ANSWER_MORE && !whole) {
        cli_answer_fini(&a);
        return;
    }
    d->chunk.len = 0;
    print_answer(d, &a);
    d->over = a.kind == CLI_ANSWER_LOST;
    if (d->in && (a.kind == CLI_ANSWER_GONE || a.kind == CLI_ANSWER_STUCK))
        open_again(d);
    cli_answer_fini(&a);
}

/* ---- lines ---- */

static bool is_blank(const struct akt_buf *b)
{
    for (size_t i = 0; i < b->len; i++)
        if (!strchr(" \t\r\n", b->data[i]))
            return false;
    return true;
}

static bool is_exit(struct akt_buf *b)
{
    const char *text = akt_buf_cstr(b);
    const char *word = text + strspn(text, " \t");
    return strncmp(word, "exit", 4) == 0 &&
           word[4 + strspn(word + 4, " \t\r")] == 0;
}

static void take_line(struct dialog *d, struct akt_buf *line)
{
    cli_line_remember(d->in, akt_buf_cstr(line));
    if (d->chunk.len)
        akt_buf_putc(&d->chunk, '\n');
    akt_buf_add(&d->chunk, line->data, line->len);
    if (is_blank(&d->chunk)) {
        d->chunk.len = 0;
    } else if (d->chunk.len > AKT_SESSION_LINE) {
        fputs("error[too_large]: a line has at most 128 KiB\n", stderr);
        d->chunk.len = 0;
        d->failed = true;
    } else {
        evaluate(d, akt_buf_cstr(&d->chunk), d->chunk.len, false);
    }
}

/* False: the dialog is over. */
static bool step(struct dialog *d, struct akt_buf *line)
{
    line->len = 0;
    const char *prompt = d->chunk.len ? "... " : "> ";
    switch (cli_line_read(d->in, prompt, line)) {
    case CLI_LINE_OK:
        if (!d->chunk.len && is_exit(line))
            return false;
        take_line(d, line);
        return !d->over;
    case CLI_LINE_INTERRUPT:
        d->chunk.len = 0;
        d->failed = d->failed || !cli_line_is_terminal(d->in);
        return cli_line_is_terminal(d->in);
    case CLI_LINE_END:
        if (d->chunk.len) /* the rest never comes: say what is missing */
            evaluate(d, akt_buf_cstr(&d->chunk), d->chunk.len, true);
        return false;
    default:
        return false;
    }
}

static size_t complete(void *ctx, const char *text, size_t len,
                       struct akt_buf *names)
{
    struct cli_link *link = ctx;
    struct cli_question q = {AKT_SESSION_COMPLETE, text, len, 0};
    struct cli_answer a = {0};
    link->ask(link, &q, &a);
    if (a.kind == CLI_ANSWER_OK)
        akt_buf_add(names, a.output.data, a.output.len);
    cli_answer_fini(&a);
    return a.word;
}

static void talk(struct dialog *d)
{
    struct akt_buf line = AKT_BUF_INIT;
    d->in = cli_line_open(&d->p->link->fd, complete, d->p->link);
    if (cli_line_is_terminal(d->in) && d->p->greeting)
        puts(d->p->greeting);
    while (step(d, &line))
        ;
    d->failed = d->failed && !cli_line_is_terminal(d->in);
    cli_line_close(d->in);
    akt_buf_fini(&line);
}

int cli_prompt(const struct cli_prompt *p)
{
    struct dialog d = {.p = p};
    if (p->code)
        evaluate(&d, p->code, strlen(p->code), true);
    else
        talk(&d);
    akt_buf_fini(&d.chunk);
    return d.failed || d.over ? CLI_FAILED : CLI_OK;
}
