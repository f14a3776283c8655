/* SPDX-License-Identifier: MIT
 *
 * cli/diagnose.h: what `aktvm events`, `trace` and `profile` share: a call
 * whose answer comes in parts.
 */
#ifndef AKT_CLI_DIAGNOSE_H
#define AKT_CLI_DIAGNOSE_H

#include "cli/admin_client.h"

struct cli_question {
    struct cli_words words; /* words.words[0]: the actor, or NULL */
    const char *out;        /* of profile */
    int seconds;            /* 0: not said */
};

/* Reads --seconds; false: it is no number of 1 to max, which has been said. */
bool cli_question_seconds(struct cli_question *q, const char *text, int max);
/* Asks, and gives each answer to `show` until the last one. Takes args, to
 * which it adds the actor. */
int cli_question_ask(const struct cli_question *q, const char *cmd,
                     json_t *args,
                     int (*show)(const struct cli_question *q, json_t *answer));
/* A string of the node, with nothing that a terminal would obey. */
void cli_put(const char *s);
void cli_put_json(const json_t *value);
/* o[key], a string; "-" for none. */
const char *cli_string(const json_t *o, const char *key);

#endif
