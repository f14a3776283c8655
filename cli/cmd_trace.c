/* SPDX-License-Identifier: MIT
 *
 * cli/cmd_trace.c: `aktvm trace`: the messages of one actor, a line each.
 */
#include "cli/diagnose.h"

#include <string.h>

#define SECONDS_MAX 86400

static void show_cause(const json_t *cause)
{
    if (!cause)
        return;
    printf(" <- ");
    cli_put(cli_string(cause, "tag"));
    if (json_object_get(cause, "from")) {
        printf(" from ");
        cli_put(cli_string(cause, "from"));
    }
}

static void show_message(const json_t *m)
{
    bool in = strcmp(cli_string(m, "way"), "in") == 0;
    printf("%11.3f s  %s ",
           json_number_value(json_object_get(m, "at_ms")) / 1e3,
           in ? "<-" : "->");
    cli_put(cli_string(m, in ? "from" : "to"));
    printf("  %s ", cli_string(m, "type"));
    if (json_object_get(m, "code"))
        printf("%s ", cli_string(m, "code"));
    cli_put_json(json_object_get(m, "values"));
    if (json_object_get(m, "trace"))
        printf("  trace %s", cli_string(m, "trace"));
    show_cause(json_object_get(m, "cause"));
    putchar('\n');
}

static int show(const struct cli_question *q, json_t *answer)
{
    size_t i;
    json_t *m;
    json_int_t dropped = json_integer_value(json_object_get(answer, "dropped"));
    if (dropped)
        fprintf(stderr, "aktvm: %lld messages were not shown\n",
                (long long)dropped);
    json_array_foreach(json_object_get(answer, "messages"), i, m)
    {
        if (q->words.json)
            cli_put_json(m), putchar('\n');
        else
            show_message(m);
    }
    if (strcmp(cli_string(answer, "end"), "noproc") == 0)
        fprintf(stderr, "aktvm: the actor has ended\n");
    return CLI_OK;
}

int cli_cmd_trace(const struct cli_command *self, int argc, char **argv)
{
    struct cli_question q = {0};
    const char *seconds = NULL;
    const struct cli_flag flags[] = {{"--seconds", &seconds, NULL},
                                     {NULL, NULL, NULL}};
    int code;
    if (!cli_parse(self, argc, argv, flags, 1, 1, &q.words, &code))
        return code;
    if (!cli_question_seconds(&q, seconds, SECONDS_MAX))
        return CLI_USAGE;
    return cli_question_ask(&q, "trace",
                            json_pack("{s:i}", "seconds", q.seconds), show);
}
