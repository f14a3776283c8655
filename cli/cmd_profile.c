/* SPDX-License-Identifier: MIT
 *
 * cli/cmd_profile.c: `aktvm profile`: samples a node for some seconds and
 * writes OUT.folded (a line for each stack) and OUT.svg (a flame graph).
 */
#include "cli/diagnose.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "cli/flame.h"

#define SECONDS 10
#define SECONDS_MAX 3600

static FILE *open_out(const struct cli_question *q, const char *suffix,
                      char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s%s", q->out, suffix);
    FILE *f = fopen(path, "w");
    if (!f)
        fprintf(stderr, "aktvm: cannot write %s: %s\n", path, strerror(errno));
    return f;
}

static int close_out(FILE *f, const char *path)
{
    if (fclose(f) == 0)
        return CLI_OK;
    fprintf(stderr, "aktvm: cannot write %s: %s\n", path, strerror(errno));
    return CLI_FAILED;
}

static int show(const struct cli_question *q, json_t *answer)
{
    char path[PATH_MAX], title[300];
    const char *folded = cli_string(answer, "folded");
    long long samples =
        (long long)json_integer_value(json_object_get(answer, "samples"));
    FILE *f = open_out(q, ".folded", path);
    if (!f)
        return CLI_FAILED;
    fputs(folded, f);
    if (close_out(f, path) != CLI_OK || !(f = open_out(q, ".svg", path)))
        return CLI_FAILED;
    snprintf(title, sizeof title, "%s %.200s, %d s, %lld samples",
             q->words.words_len ? "actor" : "all",
             q->words.words_len ? q->words.words[0] : "actors", q->seconds,
             samples);
    cli_flame_write(f, folded, title);
    if (close_out(f, path) != CLI_OK)
        return CLI_FAILED;
    printf("%lld samples in %d s: %s.folded, %s.svg\n", samples, q->seconds,
           q->out, q->out);
    return CLI_OK;
}

int cli_cmd_profile(const struct cli_command *self, int argc, char **argv)
{
    struct cli_question q = {.out = "profile", .seconds = SECONDS};
    const char *seconds = NULL;
    const struct cli_flag flags[] = {{"--seconds", &seconds, NULL},
                                     {"--out", &q.out, NULL},
                                     {NULL, NULL, NULL}};
    int code;
    if (!cli_parse(self, argc, argv, flags, 0, 1, &q.words, &code))
        return code;
    if (!cli_question_seconds(&q, seconds, SECONDS_MAX))
        return CLI_USAGE;
    return cli_question_ask(&q, "profile",
                            json_pack("{s:i}", "seconds", q.seconds), show);
}
