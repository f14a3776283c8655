/* SPDX-License-Identifier: MIT
 *
 * cli/cmd_replay.c: a recording, run to its end or step by step.
 *
 * There is no way back in a run, so a step back is a new run from the start,
 * without output, to the step before; that is exact, since every run of a
 * recording is the same. Looking into an actor allocates in its isolate, so
 * what is run on after it is a new run too.
 */
#include "cli/command.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/show.h"
#include "lua/replay.h"
#include "vm/base/alloc.h"
#include "vm/replay.h"
#include "vm/tape.h"

#define LINE 256
#define STEPS_MAX (UINT64_MAX / 2)

struct session {
    const char *path;
    bool steps;
    FILE *in, *out; /* of the prompt */
    int real_out, real_err;
    uint64_t step;    /* how many are over */
    uint64_t target;  /* the prompt comes when so many are */
    uint64_t silent;  /* ... and nothing is shown before so many are */
    bool to_crash;    /* ... or an actor crashes */
    uint64_t crashes; /* seen */
    bool muted, looked, again, quit, broken;
};

static struct session *the_session; /* there is one thread, and one run */

static void complain(const char *path, const char *why)
{
    fprintf(stderr, "aktvm: cannot replay %s: %s\n", path, why);
}

/* ---- output ---- */

static void mute(struct session *s, bool muted)
{
    if (!s->steps || s->muted == muted)
        return;
    fflush(NULL);
    int null = muted ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    dup2(muted ? null : s->real_out, STDOUT_FILENO);
    dup2(muted ? null : s->real_err, STDERR_FILENO);
    if (null >= 0)
        close(null);
    s->muted = muted;
}

/* ---- commands ---- */

static const char help_text[] =
    "next [N]     go on by N steps (1): a step is a turn of an actor, or what\n"
    "             the machine does for it between two\n"
    "back [N]     back by N steps\n"
    "crash        go on to the next crash, or to the end\n"
    "where        the last turns\n"
    "inspect N    an actor: its number, as in <counter#12>\n"
    "quit         the first letters will do\n";

static void print_trace(struct session *s, struct akt_node *node, bool all)
{
    struct akt_buf b = AKT_BUF_INIT;
    akt_replay_trace(node, &b);
    const char *text = akt_buf_cstr(&b), *last = text;
    for (const char *p = text; *p; p++)
        if (*p == '\n' && p[1])
            last = p + 1;
    fprintf(s->out, "step %" PRIu64 "\n%s", s->step, all ? text : last);
    akt_buf_fini(&b);
}

static void inspect(struct session *s, struct akt_node *node, const char *word)
{
    struct akt_buf json = AKT_BUF_INIT, text = AKT_BUF_INIT;
    json_t *value = NULL;
    s->looked = true;
    if (akt_replay_inspect(node, strtoull(word, NULL, 10), &json))
        value = json_loads(akt_buf_cstr(&json), 0, NULL);
    if (value)
        cli_show_value(value, &text, 0);
    else
        akt_buf_printf(&text, "no actor %s now\n", word);
    fputs(akt_buf_cstr(&text), s->out);
    json_decref(value);
    akt_buf_fini(&json);
    akt_buf_fini(&text);
}

/* A run that begins anew shows nothing of what has been shown. */
static void set_target(struct session *s, uint64_t target)
{
    s->again = target <= s->step || s->looked;
    s->silent = target < s->step ? target : s->step;
    s->target = target;
}

/* A command, or its first letter. */
static bool is(const char *word, const char *command)
{
    return !strcmp(word, command) || (word[0] == command[0] && !word[1]);
}

/* One line; true: the run goes on, or begins anew. `node` NULL: it is over. */
static bool obey(struct session *s, struct akt_node *node, const char *line)
{
    char word[LINE] = "", arg[LINE] = "";
    sscanf(line, "%255s %255s", word, arg);
    uint64_t n = arg[0] ? strtoull(arg, NULL, 10) : 1;
    n = n > STEPS_MAX ? STEPS_MAX : n ? n : 1;
    if (is(word, "quit")) {
        s->quit = true;
        return true;
    }
    if (is(word, "back")) {
        set_target(s, s->step > n ? s->step - n : 1);
        s->again = true;
        s->to_crash = false;
        return true;
    }
    bool on = is(word, "next"), crash = is(word, "crash");
    if ((on || crash) && node) {
        s->to_crash = crash;
        set_target(s, crash ? STEPS_MAX : s->step + n);
        return true;
    }
    if (is(word, "where") && node)
        print_trace(s, node, true);
    else if (is(word, "inspect") && node && arg[0])
        inspect(s, node, arg);
    else if (word[0])
        fputs(node || on || crash ? help_text
                                  : "the recording has ended: b or q\n",
              s->out);
    return false;
}

/* False: the run ends here. */
static bool prompt(struct session *s, struct akt_node *node)
{
    char line[LINE];
    do {
        fputs("> ", s->out);
        fflush(s->out);
        if (!fgets(line, sizeof line, s->in)) {
            s->quit = true;
            return false;
        }
    } while (!obey(s, node, line));
    return !s->quit && !s->again;
}

/* ---- runs ---- */

static bool on_step(struct akt_node *node)
{
    struct session *s = the_session;
    uint64_t crashes = akt_replay_crashes(node);
    bool crashed = s->to_crash && s->step >= s->silent && crashes > s->crashes;
    s->step++;
    s->crashes = crashes;
    if (s->step >= s->silent)
        mute(s, false);
    if (s->step < s->target && !crashed)
        return true;
    fflush(stdout);
    print_trace(s, node, false);
    s->to_crash = false;
    return prompt(s, node);
}

static void start(struct akt_node *node, void *ctx)
{
    struct session *s = ctx;
    if (s->steps)
        node->on_step = on_step;
}

static void end(struct akt_node *node, void *ctx)
{
    (void)node;
    (void)ctx;
}

static struct akt_recording *open_recording(struct session *s)
{
    const char *error = NULL;
    struct akt_recording *rec = akt_recording_open(s->path, &error);
    if (rec)
        error = akt_replay_refusal(rec);
    if (!error)
        return rec;
    akt_recording_close(rec);
    complain(s->path, error);
    return NULL;
}

/* How it ended, where that is not as the program did. */
static int verdict(struct akt_recording *rec, int code)
{
    const char *fault = akt_recording_fault(rec);
    if (!akt_recording_ended(rec, &code)) {
        fprintf(stderr, "aktvm: the recording was cut off here\n");
        return code;
    }
    if (!fault)
        return code;
    fprintf(stderr, "aktvm: the replay has left the recording: %s\n", fault);
    return CLI_FAILED;
}

static int run_once(struct session *s)
{
    struct akt_recording *rec = open_recording(s);
    s->broken = !rec;
    if (!rec)
        return CLI_FAILED;
    struct akt_beside beside = {start, end, s};
    s->step = s->crashes = 0;
    s->again = s->looked = false;
    int code = akt_replay_run(rec, &beside);
    mute(s, false);
    if (!s->again && !s->quit)
        code = verdict(rec, code);
    akt_recording_close(rec);
    return code;
}

static int run_steps(struct session *s)
{
    int code;
    s->in = stdin;
    s->out = stdout;
    s->real_out = dup(STDOUT_FILENO);
    s->real_err = dup(STDERR_FILENO);
    s->target = 1;
    do {
        mute(s, s->silent > 0);
        code = run_once(s);
        if (s->broken)
            break;
        if (!s->again && !s->quit) {
            fprintf(s->out, "the recording ends behind step %" PRIu64 "\n",
                    s->step);
            prompt(s, NULL);
        }
    } while (s->again && !s->quit);
    close(s->real_out);
    close(s->real_err);
    return code;
}

int cli_cmd_replay(const struct cli_command *self, int argc, char **argv)
{
    struct session s = {0};
    struct cli_words w;
    int code;
    const struct cli_flag flags[] = {{"--step", NULL, &s.steps}, {0}};
    if (!cli_parse(self, argc, argv, flags, 1, 1, &w, &code))
        return code;
    s.path = w.words[0];
    the_session = &s;
    return s.steps ? run_steps(&s) : run_once(&s);
}
