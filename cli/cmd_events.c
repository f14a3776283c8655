/* SPDX-License-Identifier: MIT
 *
 * cli/cmd_events.c: `aktvm events`: what happens in a node, a line each.
 */
#include "cli/diagnose.h"

static void show_event(const json_t *e)
{
    printf("%11.3f s  %-14s ",
           json_number_value(json_object_get(e, "at_ms")) / 1e3,
           cli_string(e, "event"));
    cli_put(cli_string(e, "pid"));
    if (json_object_get(e, "code"))
        printf(" %s", cli_string(e, "code"));
    if (json_object_get(e, "parent")) {
        printf(" by ");
        cli_put(cli_string(e, "parent"));
    }
    if (json_is_string(json_object_get(e, "from"))) {
        printf(" from ");
        cli_put(cli_string(e, "from"));
    }
    if (json_object_get(e, "n")) {
        putchar(' ');
        cli_put_json(json_object_get(e, "n"));
    }
    if (json_object_get(e, "count")) {
        printf(", times ");
        cli_put_json(json_object_get(e, "count"));
    }
    putchar('\n');
}

static int show(const struct cli_question *q, json_t *answer)
{
    size_t i;
    json_t *e;
    json_int_t lost = json_integer_value(json_object_get(answer, "lost"));
    if (lost)
        fprintf(stderr,
                "aktvm: %lld events were overwritten before they "
                "could be read\n",
                (long long)lost);
    json_array_foreach(json_object_get(answer, "events"), i, e)
    {
        if (q->words.json)
            cli_put_json(e), putchar('\n');
        else
            show_event(e);
    }
    return CLI_OK;
}

int cli_cmd_events(const struct cli_command *self, int argc, char **argv)
{
    struct cli_question q = {0};
    bool recent = false;
    const struct cli_flag flags[] = {{"--recent", NULL, &recent},
                                     {NULL, NULL, NULL}};
    int code;
    if (!cli_parse(self, argc, argv, flags, 0, 1, &q.words, &code))
        return code;
    return cli_question_ask(&q, "events",
                            json_pack("{s:b}", "recent", (int)recent), show);
}
