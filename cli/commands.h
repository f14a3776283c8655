/* SPDX-License-Identifier: MIT
 *
 * cli/commands.h: the commands of aktvm. Each returns the exit code.
 */
#ifndef AKT_CLI_COMMANDS_H
#define AKT_CLI_COMMANDS_H

#include <stdbool.h>

#include "lua/program.h"
#include "net/network.h"
#include "vm/base/log.h"

enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_BUG = 70 };

/* Of `aktvm bench`. */
struct cli_bench {
    const char *given; /* the last option of these, for a complaint; or NULL */
    double time, warm_up; /* seconds; 0: the default */
    const char *filter;
    bool json;
};

struct cli_options {
    struct akt_config config;
    const char *path; /* of the script, or */
    const char *code; /* its text */
    int argc;
    char **argv;
    bool crash_reports;
    bool watch;
    uint64_t timeout_ms; /* of a line of a session; 0: the default */
    struct akt_beside beside;
    enum akt_log_level log_level;
    enum akt_log_format log_format;
    bool json_reports;
    const char *otlp;
    const char *admin;     /* NULL: the usual place */
    const char *record;    /* the file; NULL: not recorded */
    uint64_t record_bytes; /* 0: the default */
    struct akt_network_config network;
    const char *connect[AKT_PEERS_MAX + 1]; /* ends with NULL */
    int connect_len;
    struct cli_bench bench;
};

/* What is wrong with the options about other nodes, or NULL. */
const char *cli_network_fault(const struct cli_options *o);
bool cli_has_network(const struct cli_options *o);

int cli_run(const struct cli_options *o);

int cli_check(int argc, char **argv);
/* Prints a message (with `what` for its %s) and returns CLI_USAGE. */
int cli_usage(const char *fmt, const char *what);
/* A time above 0 like "0.5" as milliseconds; false: it is none. */
bool cli_seconds(const char *text, uint64_t *ms);

#endif
