/* SPDX-License-Identifier: MIT
 *
 * cli/commands.h: the commands of aktvm. Each returns the exit code.
 */
#ifndef AKT_CLI_COMMANDS_H
#define AKT_CLI_COMMANDS_H

#include <stdbool.h>

#include "vm/node.h"

enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_BUG = 70 };

struct cli_options {
    struct akt_config config;
    const char *path; /* of the script, or */
    const char *code; /* its text */
    int argc;
    char **argv;
    bool crash_reports;
    int log_level;
    bool watch;
    const char *admin; /* NULL: the usual place */
};

int cli_run(const struct cli_options *o);
int cli_check(int argc, char **argv);
/* Prints a message (with `what` for its %s) and returns CLI_USAGE. */
int cli_usage(const char *fmt, const char *what);

#endif
