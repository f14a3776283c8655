/* SPDX-License-Identifier: MIT
 *
 * cli/diagnose.h: what `aktvm events`, `trace` and `profile` share.
 */
#ifndef AKT_CLI_DIAGNOSE_H
#define AKT_CLI_DIAGNOSE_H

#include "cli/call.h"
#include "cli/commands.h"

struct cli_question {
    const char *command; /* "events" */
    const char *usage;
    const char *node, *pid, *out;
    int seconds; /* 0: not said */
    bool json, recent;
};

/* Reads options and at most one actor; a CLI_... code. */
int cli_question_read(struct cli_question *q, int argc, char **argv);
/* Asks, and gives each answer to `show` until the last one. */
int cli_question_ask(const struct cli_question *q, json_t *args,
                     int (*show)(const struct cli_question *q,
                                 const json_t *answer));
/* A string of the node, with nothing that a terminal would obey. */
void cli_put(const char *s);
void cli_put_json(const json_t *value);
/* answer[key] of strings; "-" for none. */
const char *cli_text(const json_t *o, const char *key);

#endif
