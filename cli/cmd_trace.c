/* SPDX-License-Identifier: MIT
 *
 * cli/cmd_trace.c: `aktvm trace`: the messages of one actor, a line each.
 */
#include "cli/diagnose.h"

#include <string.h>

static void show_message(const json_t *m)
{
    bool in = strcmp(cli_text(m, "way"), "in") == 0;
    printf("%11.3f s  %s ",
           json_number_value(json_object_get(m, "at_ms")) / 1e3,
           in ? "<-" : "->");
    cli_put(cli_text(m, in ? "from" : "to"));
    printf("  %s ", cli_text(m, "type"));
    if (json_object_get(m, "code"))
        printf("%s ", cli_text(m, "code"));
    cli_put_json(json_object_get(m, "values"));
    if (json_object_get(m, "trace"))
        printf("  trace %s", cli_text(m, "trace"));
    putchar('\n');
}

static int show(const struct cli_question *q, const json_t *answer)
{
    size_t i;
    json_t *m;
    json_int_t dropped = json_integer_value(json_object_get(answer, "dropped"));
    if (dropped)
        fprintf(stderr, "aktvm: %lld messages were not shown\n",
                (long long)dropped);
    json_array_foreach(json_object_get(answer, "messages"), i, m)
    {
        if (q->json)
            cli_put_json(m), putchar('\n');
        else
            show_message(m);
    }
    if (strcmp(cli_text(answer, "end"), "noproc") == 0)
        fprintf(stderr, "aktvm: the actor has ended\n");
    return CLI_OK;
}

int cli_trace(int argc, char **argv)
{
    struct cli_question q = {
        .command = "trace",
        .usage = "trace [--node NODE] [--seconds N] [--json] PID",
    };
    int code = cli_question_read(&q, argc, argv);
    if (code != CLI_OK)
        return code;
    if (!q.pid)
        return cli_usage("usage: aktvm %s", q.usage);
    return cli_question_ask(
        &q, json_pack("{s:s,s:i}", "pid", q.pid, "seconds", q.seconds), show);
}
