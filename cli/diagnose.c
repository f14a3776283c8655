/* SPDX-License-Identifier: MIT */
#include "cli/diagnose.h"

#include <stdlib.h>
#include <string.h>

static bool take_flag(struct cli_question *q, const char *arg)
{
    if (strcmp(arg, "--json") == 0)
        q->json = true;
    else if (strcmp(arg, "--recent") == 0)
        q->recent = true;
    else
        return false;
    return true;
}

static bool take_value(struct cli_question *q, const char *arg,
                       const char *value)
{
    char *end;
    if (strcmp(arg, "--node") == 0) {
        q->node = value;
    } else if (strcmp(arg, "--out") == 0) {
        q->out = value;
    } else if (strcmp(arg, "--seconds") == 0) {
        long n = strtol(value, &end, 10);
        q->seconds = (int)n;
        return !*end && end != value && n >= 1 && n <= 86400;
    } else {
        return false;
    }
    return value[0] != 0;
}

int cli_question_read(struct cli_question *q, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (argv[i][0] != '-' && !q->pid) {
            q->pid = argv[i];
            continue;
        }
        if (take_flag(q, argv[i]))
            continue;
        if (i + 1 < argc && take_value(q, argv[i], argv[i + 1])) {
            i++;
            continue;
        }
        return cli_usage("usage: aktvm %s", q->usage);
    }
    return CLI_OK;
}

int cli_question_ask(const struct cli_question *q, json_t *args,
                     int (*show)(const struct cli_question *q,
                                 const json_t *answer))
{
    struct cli_call c;
    int code = cli_call_open(&c, q->node);
    if (code != CLI_OK) {
        json_decref(args);
        return code;
    }
    bool last = false;
    code = cli_call_send(&c, q->command, args);
    while (code == CLI_OK && !last) {
        json_t *answer = cli_call_next(&c, &last);
        code = answer ? show(q, answer) : CLI_FAILED;
        json_decref(answer);
        if (fflush(stdout) != 0)
            code = CLI_FAILED; /* nobody reads it */
    }
    cli_call_close(&c);
    return code;
}

void cli_put(const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c < ' ' || c == 127)
            printf("\\x%02x", c);
        else
            putchar(c);
    }
}

void cli_put_json(const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    cli_put(text ? text : "?");
    free(text);
}

const char *cli_text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "-";
}
