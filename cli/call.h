/* SPDX-License-Identifier: MIT
 *
 * cli/call.h: a call over the admin socket of a node (net/admin.h).
 */
#ifndef AKT_CLI_CALL_H
#define AKT_CLI_CALL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct cli_call {
    FILE *in;
    int fd;
};

/* Connects to a node: its name, its process, or the path of its socket; NULL:
 * the only one there is. Says what is wrong; a CLI_... code. */
int cli_call_open(struct cli_call *c, const char *node);
/* Sends the request. Takes args. */
int cli_call_send(struct cli_call *c, const char *cmd, json_t *args);
/* The next line: a `more` (then *last is false) or the result; the caller's.
 * NULL: an error, which is said, or the node is gone. */
json_t *cli_call_next(struct cli_call *c, bool *last);
void cli_call_close(struct cli_call *c);

#endif
