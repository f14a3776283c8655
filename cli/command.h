/* SPDX-License-Identifier: MIT
 *
 * cli/command.h: the commands of aktvm, and what those that talk to a running
 * node share.
 *
 * A new command is a function in a file of its own, a declaration here and a
 * row in cli/command.c.
 */
#ifndef AKT_CLI_COMMAND_H
#define AKT_CLI_COMMAND_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/commands.h"
#include "net/client.h"

struct cli_command {
    const char *name;
    const char *args;    /* behind the name in the usage */
    const char *summary; /* one line; NULL: not listed */
    const char *help;    /* its own options and more, or NULL */
    /* What is left of the arguments, behind the name. */
    int (*run)(const struct cli_command *self, int argc, char **argv);
    bool talks; /* its answer is a dialog: there is no --json */
    bool alone; /* it asks no node: there is no --node, ... */
};

/* NULL: there is none of this name. */
const struct cli_command *cli_command_find(const char *name);
void cli_command_list(void); /* for the usage, on stdout */

#define CLI_VALUES 16

struct cli_values {
    const char *of[CLI_VALUES];
    int len;
};

/* An option of a command: with a value, a switch, or with a value each time it
 * is said. */
struct cli_flag {
    const char *name;   /* "--sort" */
    const char **value; /* or */
    bool *on;           /* or */
    struct cli_values *values;
};

#define CLI_WORDS 4

struct cli_words {
    const char *node, *pid, *socket; /* which node */
    const char *via;                 /* the node here that is linked with it */
    struct akt_client_config client; /* for node NAME@HOST:PORT */
    bool json;
    const char *words[CLI_WORDS]; /* what is no option */
    int words_len;
};

/* Parses the options all commands have and those in `flags` (ended by a name
 * of NULL), and `min` to `max` words. Returns true, or false with *code: help
 * was printed, or something is wrong and has been said. */
bool cli_parse(const struct cli_command *self, int argc, char **argv,
               const struct cli_flag *flags, int min, int max,
               struct cli_words *out, int *code);

/* For commands that parse by themselves. 1: taken, 0: not one of these, -1: its
 * value is missing or wrong. */
int cli_take_flag(const struct cli_flag *flags, int *i, int argc, char **argv);
void cli_help(const struct cli_command *self);

int cli_cmd_ps(const struct cli_command *self, int argc, char **argv);
int cli_cmd_tree(const struct cli_command *self, int argc, char **argv);
int cli_cmd_top(const struct cli_command *self, int argc, char **argv);
int cli_cmd_inspect(const struct cli_command *self, int argc, char **argv);
int cli_cmd_heap(const struct cli_command *self, int argc, char **argv);
int cli_cmd_why(const struct cli_command *self, int argc, char **argv);
int cli_cmd_act(const struct cli_command *self, int argc, char **argv);
int cli_cmd_shutdown(const struct cli_command *self, int argc, char **argv);
int cli_cmd_log(const struct cli_command *self, int argc, char **argv);
int cli_cmd_stats(const struct cli_command *self, int argc, char **argv);
int cli_cmd_reload(const struct cli_command *self, int argc, char **argv);
int cli_cmd_drift(const struct cli_command *self, int argc, char **argv);
int cli_cmd_status(const struct cli_command *self, int argc, char **argv);
int cli_cmd_events(const struct cli_command *self, int argc, char **argv);
int cli_cmd_trace(const struct cli_command *self, int argc, char **argv);
int cli_cmd_profile(const struct cli_command *self, int argc, char **argv);
int cli_cmd_crash(const struct cli_command *self, int argc, char **argv);
/* cli/options.c, for run and repl: reads their options; what follows these is
 * the script and its arguments. False: wrong, and said so. */
bool cli_take_options(struct cli_options *o, int argc, char **argv);
/* Whether help was asked for, and printed. */
bool cli_options_help(const struct cli_command *self, int argc, char **argv);
extern const char cli_options_text[];
/* For run and test: --strategy, --depth, --late and --switches. 1: taken, 0:
 * none of these, -1: the value is wrong. */
int cli_plan_option(struct akt_sim_plan *plan, const char *name,
                    const char *value);
extern const char *const cli_strategies[]; /* by enum akt_explore; then NULL */

int cli_cmd_run(const struct cli_command *self, int argc, char **argv);
int cli_cmd_repl(const struct cli_command *self, int argc, char **argv);
int cli_cmd_attach(const struct cli_command *self, int argc, char **argv);
int cli_cmd_bench(const struct cli_command *self, int argc, char **argv);
int cli_cmd_test(const struct cli_command *self, int argc, char **argv);
int cli_cmd_replay(const struct cli_command *self, int argc, char **argv);
int cli_cmd_pki(const struct cli_command *self, int argc, char **argv);
int cli_cmd_ask(const struct cli_command *self, int argc, char **argv);
int cli_cmd_send(const struct cli_command *self, int argc, char **argv);
int cli_cmd_ping(const struct cli_command *self, int argc, char **argv);
int cli_cmd_nodes(const struct cli_command *self, int argc, char **argv);

#endif
