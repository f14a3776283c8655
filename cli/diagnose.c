/* SPDX-License-Identifier: MIT */
#include "cli/diagnose.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

bool cli_question_seconds(struct cli_question *q, const char *text, int max)
{
    char *end;
    if (!text)
        return true;
    long n = strtol(text, &end, 10);
    bool ok = end != text && !*end && n >= 1 && n <= max;
    if (ok)
        q->seconds = (int)n;
    else
        fprintf(stderr, "aktvm: --seconds must be a whole number of 1 to %d\n",
                max);
    return ok;
}

/* One line of the node; *last: it was the last one. */
static int take(const struct cli_question *q, json_t *line, bool *last,
                int (*show)(const struct cli_question *q, json_t *answer))
{
    json_t *error = json_object_get(line, "error");
    json_t *more = json_object_get(line, "more");
    *last = !more;
    if (!line)
        fprintf(stderr, "aktvm: the node has ended\n");
    if (error)
        return cli_error(error);
    return line ? show(q, more ? more : json_object_get(line, "result"))
                : CLI_FAILED;
}

/* A stream may be silent for as long as nothing happens. */
static void wait_for_ever(struct cli_conn *conn)
{
    struct timeval none = {0};
    setsockopt(conn->fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
}

int cli_question_ask(const struct cli_question *q, const char *cmd,
                     json_t *args,
                     int (*show)(const struct cli_question *q, json_t *answer))
{
    struct cli_conn conn;
    bool last = false;
    int code;
    if (q->words.words_len)
        json_object_set_new(args, "pid", json_string(q->words.words[0]));
    if (!cli_connect(&q->words, &conn, &code)) {
        json_decref(args);
        return code;
    }
    wait_for_ever(&conn);
    code = cli_send(&conn, cmd, args) ? CLI_OK : CLI_FAILED;
    while (code == CLI_OK && !last) {
        json_t *line = cli_receive(&conn);
        code = take(q, line, &last, show);
        json_decref(line);
        if (fflush(stdout) != 0)
            code = CLI_FAILED; /* nobody reads it */
    }
    cli_close(&conn);
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

const char *cli_string(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "-";
}
