/* SPDX-License-Identifier: MIT
 *
 * cli/test_tell.c: what came of tests, for people and for other programs.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/test.h"
#include "cli/xml.h"
#include "lua/cover.h"

#define LINES_SHOWN                                          \
    60 /* of output; a file of --junit has all that was kept \
        */

static const char *name_of(const struct cli_test *test)
{
    return test->name ? test->name : "(the file itself)";
}

static const char *text_of(const struct akt_buf *b)
{
    return b->len ? akt_buf_cstr((struct akt_buf *)(uintptr_t)b) : "";
}

/* ---- for people ---- */

/* What a script wrote must not reach the terminal as a control sequence. */
static void put_text(FILE *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        bool control = (c < ' ' && c != '\t') || c == 127;
        fputc(control ? '?' : c, out);
    }
}

/* Each line of text behind `before`; of very many the first ones. */
static void put_lines(FILE *out, const struct akt_buf *text, const char *before)
{
    const char *p = text->data, *end = p + text->len;
    for (int shown = 0; p < end; shown++) {
        if (shown == LINES_SHOWN) {
            fprintf(out, "%s... (%zu bytes more)\n", before, (size_t)(end - p));
            return;
        }
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((stop ? stop : end) - p);
        fputs(before, out);
        put_text(out, p, n);
        fputc('\n', out);
        p += n + 1;
    }
}

/* A word for a shell. */
static void put_quoted(FILE *out, const char *s)
{
    fputc('\'', out);
    for (; *s; s++) {
        if (*s == '\'')
            fputs("'\\''", out);
        else
            fputc(*s, out);
    }
    fputc('\'', out);
}

static void put_word(FILE *out, const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
    if (*s && s[strspn(s, plain)] == 0)
        fputs(s, out);
    else
        put_quoted(out, s);
}

static void put_list(FILE *out, const struct akt_switches *s)
{
    struct akt_buf list = AKT_BUF_INIT;
    akt_switches_show(s, &list);
    fprintf(out, " --switches %.*s", (int)list.len, list.data);
    akt_buf_fini(&list);
}

/* Which run: the seed, and all that differs from a run of a plain t.test. */
static void put_schedule(FILE *out, const struct cli_test *test,
                         const struct cli_test_options *o)
{
    const struct akt_sim_plan *plan = &test->plan;
    const struct akt_switches *s = plan->replay        ? plan->replay
                                   : test->shrunk.done ? &test->shrunk.left
                                                       : NULL;
    enum akt_explore explore = s ? AKT_EXPLORE_PLAIN : plan->explore;
    fprintf(out, " --seed %" PRIu64, test->seed + test->failed);
    if (o->max_turns)
        fprintf(out, " --turns %" PRIu64, o->max_turns);
    if (plan->late_ms)
        fprintf(out, " --late %" PRIu32, plan->late_ms);
    if (s && s->len) {
        put_list(out, s);
        return;
    }
    if (o->no_shrink)
        fputs(" --no-shrink", out);
    if (test->explored || explore != AKT_EXPLORE_RANDOM)
        fprintf(out, " --strategy %s", cli_strategies[explore]);
    if (explore == AKT_EXPLORE_PCT && plan->depth)
        fprintf(out, " --depth %" PRIu32, plan->depth);
    if (test->explored)
        fputs(" --runs 1", out);
}

static void put_replay(FILE *out, const struct cli_test *test,
                       const struct cli_test_options *o)
{
    fputs("  replay   aktvm test ", out);
    put_word(out, test->file->path);
    if (test->name) {
        fputs(" --filter ", out);
        put_quoted(out, test->name);
    }
    if (o->real)
        fputs(" --real", out);
    else
        put_schedule(out, test, o);
    fputc('\n', out);
}

/* Which seed, and how many of its choices make the run special. */
static void put_run(FILE *out, const struct cli_test *test)
{
    const struct cli_shrunk *s = &test->shrunk;
    fprintf(out, "  seed     %" PRIu64 ", run %" PRIu32 " of %" PRIu32 "\n",
            test->seed + test->failed, test->failed + 1, test->runs);
    if (s->done && s->left.len == 0)
        fputs("  switches none: it fails in the plain order as well\n", out);
    else if (s->done)
        fprintf(out,
                "  switches %" PRIu32 " of %" PRIu32 " are left after %" PRIu32
                " runs; <-- in the trace\n",
                s->left.len, s->before, s->runs);
    else if (s->unsteady)
        fputs("  switches unknown: with this seed it does not fail again in "
              "this way, so it depends on something outside of its world\n",
              out);
    else if (test->plan.replay)
        fprintf(out, "  switches %" PRIu32 " given; <-- in the trace\n",
                test->plan.replay->len);
}

static void put_message(FILE *out, const struct akt_trial_result *r)
{
    const char *text = text_of(&r->message);
    size_t first = strcspn(text, "\n");
    fputs("  --> ", out);
    if (r->file.len)
        fprintf(out, "%s:%d: ", text_of(&r->file), r->line);
    put_text(out, text, first);
    fputc('\n', out);
    struct akt_buf rest = {.data = r->message.data + first + 1,
                           .len = r->message.len - first - 1};
    if (text[first])
        put_lines(out, &rest, "      ");
    if (r->code.len)
        put_lines(out, &r->code, "      ");
}

static void put_failure(FILE *out, const struct cli_test *test,
                        const struct cli_test_options *o)
{
    const struct akt_trial_result *r = &test->result;
    fprintf(out, "FAIL %s: %s\n", test->file->path, name_of(test));
    put_message(out, r);
    if (r->stack.len)
        fprintf(out, "  stack    %s\n", text_of(&r->stack));
    if (!o->real)
        put_run(out, test);
    if (r->output.len) {
        fputs("  output\n", out);
        put_lines(out, &r->output, "    | ");
    }
    if (r->trace.len) {
        fputs("  trace    the last turns, in virtual time\n", out);
        put_lines(out, &r->trace, "  ");
    }
    put_replay(out, test, o);
}

void cli_test_tell(const struct cli_test *test,
                   const struct cli_test_options *o, FILE *out)
{
    if (test->failed != UINT32_MAX)
        put_failure(out, test, o);
    else if (o->verbose)
        fprintf(out, "ok   %s: %s\n", test->file->path, name_of(test));
    fflush(out);
}

/* ---- JUnit ---- */

static void put_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    cli_put_xml(out, value, strlen(value));
    fputc('"', out);
}

static void put_element(FILE *out, const char *name, const struct akt_buf *text)
{
    if (!text->len)
        return;
    fprintf(out, "<%s>", name);
    cli_put_xml(out, text->data, text->len);
    fprintf(out, "</%s>\n", name);
}

static void put_case(FILE *out, const struct cli_test *test)
{
    const struct akt_trial_result *r = &test->result;
    fputs("<testcase", out);
    put_attribute(out, "classname", test->file->path);
    put_attribute(out, "name", name_of(test));
    fprintf(out, " time=\"%.6f\">\n", (double)test->wall_us / 1e6);
    if (test->failed != UINT32_MAX) {
        fputs("<failure", out);
        put_attribute(out, "message", text_of(&r->message));
        fputc('>', out);
        if (r->file.len) {
            cli_put_xml(out, r->file.data, r->file.len);
            fprintf(out, ":%d&#10;", r->line);
        }
        cli_put_xml(out, r->trace.data, r->trace.len);
        fputs("</failure>\n", out);
        put_element(out, "system-out", &r->output);
    }
    fputs("</testcase>\n", out);
}

/* The tests of one file follow one another. */
static size_t put_suite(FILE *out, const struct cli_tests *t, size_t from)
{
    size_t end = from, failed = 0;
    const struct cli_test_file *file = t->list[from].file;
    for (; end < t->len && t->list[end].file == file; end++)
        failed += t->list[end].failed != UINT32_MAX;
    fputs("<testsuite", out);
    put_attribute(out, "name", file->path);
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n", end - from,
            failed);
    for (size_t i = from; i < end; i++)
        put_case(out, &t->list[i]);
    fputs("</testsuite>\n", out);
    return end;
}

bool cli_tests_junit(const struct cli_tests *t, const char *path)
{
    FILE *out = fopen(path, "w");
    if (!out)
        return false;
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites tests=\"%zu\" failures=\"%zu\">\n",
            t->len, t->failed);
    for (size_t i = 0; i < t->len;)
        i = put_suite(out, t, i);
    fputs("</testsuites>\n", out);
    bool ok = !ferror(out);
    return fclose(out) == 0 && ok;
}

/* ---- coverage ---- */

/* Of the files that were tested, not of the tests. */
static bool is_test(const char *path, void *ctx)
{
    const struct cli_tests *t = ctx;
    for (size_t i = 0; i < t->files_len; i++)
        if (strcmp(t->files[i].path, path) == 0)
            return true;
    return false;
}

bool cli_tests_coverage(struct cli_tests *t, const struct cli_test_options *o)
{
    FILE *out = fopen(o->coverage, "w");
    if (!out)
        return false;
    akt_cover_write(o->cover, out, is_test, t);
    bool ok = !ferror(out);
    return fclose(out) == 0 && ok;
}
