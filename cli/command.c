/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#define PID_HELP                                                              \
    "PID is a number as in <counter#12>, a registered name, or a path like\n" \
    "/user/main/counter#12.\n"

#define CLIENT_HELP                                                          \
    "  HOST:PORT      where the node listens; NODE: its name, as for ps\n"   \
    "  ARG            JSON, or else a string; behind -- all are arguments\n" \
    "  --timeout S    to connect, and for the answer (default 5)\n"          \
    "  --json         print {\"v\":1,...} on one line\n"                     \
    "  --cluster NAME         the node's cluster (default aktvm)\n"          \
    "  --secret-file FILE     TLS with the secret of the cluster\n"          \
    "  --tls-ca FILE --tls-cert FILE --tls-key FILE\n"                       \
    "                         TLS with certificates ('aktvm pki')\n"         \
    "  --plain                no TLS, also where it is not loopback\n\n"     \
    "Exits with 0, 1 if the actor failed or did not answer, 2 if the\n"      \
    "command line is wrong, 3 if nobody is there, 4 if it was refused.\n"

static int check(const struct cli_command *self, int argc, char **argv)
{
    return cli_check(argc, argv);
}

static const struct cli_command commands[] = {
    {"run", "[options] FILE", "run a program",
     "  FILE [args...]        the script and its akt.args; \"-\": on stdin\n"
     "  -e CODE               the text of a script instead of FILE\n",
     cli_cmd_run},
    {"repl", "[options] [FILE]", "a prompt in a node of its own",
     "  FILE [args...]        a script that runs as main\n"
     "  -e CODE               run one line instead of the prompt\n"
     "  --timeout S           how long a line may run (default: no limit)\n",
     cli_cmd_repl},
    {"attach", "[options]", "a prompt in a node that runs",
     "  -e CODE        run one line instead\n"
     "  --timeout S    how long a line may run (default 5)\n",
     cli_cmd_attach, true},
    {"check", "FILE...", "find mistakes in scripts without running them", NULL,
     check},
    {"test", "[options] [PATH...]", "run tests, in virtual time",
     "  PATH           a file, or a folder (default: this one) in which files\n"
     "                 named *_test.lua and, below tests/, those that use\n"
     "                 akt.test are found\n"
     "  --filter P     tests with P in their name; if one has just this name,\n"
     "                 only that one\n"
     "  --seed N       of the first run of each test (default 1)\n"
     "  --runs K       runs of each test, with the seeds N, N + 1, ...\n"
     "                 (default 1)\n"
     "  --strategy S   how who runs next is chosen: random (default), pct (by\n"
     "                 priorities that change seldom) or plain\n"
     "  --depth N      of pct: priorities change N - 1 times in 200 turns\n"
     "                 (default 3, at most 16)\n"
     "  --late MS      turns may be that late, as on a busy machine\n"
     "  --switches LIST   the plain order, but for these turns: what is left\n"
     "                 of a failing run, as its replay command says\n"
     "  --no-shrink    tell a failing run as it was, not the smallest that\n"
     "                 fails alike\n"
     "  --real         in the real world: threads and the machine's clock\n"
     "  --workers N    tests at the same time, or with --real threads of the\n"
     "                 node of a test (default: one a core)\n"
     "  --turns N      a run is given up after (default 1000000)\n"
     "  --timeout S    seconds of processor time (with --real: of time) after\n"
     "                 which a run is given up (default 60)\n"
     "  --junit FILE   write the results there, as JUnit XML\n"
     "  --coverage FILE   which lines of the tested files have run, for lcov\n"
     "  --log-level L  of akt.log in tests: debug, info, warn or error\n"
     "                 (default info)\n"
     "  --verbose, -v  name the tests that pass, too\n\n"
     "Exits with 0 if all have passed, 1 if one has failed or there is none,\n"
     "2 if the command line is wrong.\n",
     cli_cmd_test},
    {"bench", "[options] FILE", "measure what a script does",
     "  FILE [args...]        a script that calls bench(name, fn), where\n"
     "                        local bench = require \"akt.bench\"\n"
     "  --time S              seconds for each, after the warm-up (default 1)\n"
     "  --warm-up S           seconds before that (default 0.2)\n"
     "  --filter P            only those with P in their name\n"
     "  --json                one JSON object a line instead of a table\n\n"
     "Exits with 0, 1 if the script fails or measures nothing, 2 if the\n"
     "command line is wrong. The options of run, but for --sim:\n",
     cli_cmd_bench},
    {"replay", "FILE", "run again what 'aktvm --record FILE' has recorded",
     "It prints what the program printed, and ends with the same code. It\n"
     "needs the same build of aktvm.\n",
     cli_cmd_replay},
    {"pki", "init|issue ...", "make the certificates of a cluster",
     "  init DIR --cluster NAME   an authority: DIR/ca.pem and DIR/ca.key\n"
     "  issue NODE --dir DIR      a certificate: DIR/NODE.pem and "
     "DIR/NODE.key\n\n"
     "  --role R       'admin' or 'observer': what it may ask of others by\n"
     "                 --node; other words are for you. Also several times\n"
     "  --days N       how long it is valid (default 365, an authority 3650)\n"
     "  --force        replace files that are there\n",
     cli_cmd_pki, .alone = true},
    {"ask", "NAME@HOST:PORT TAG [ARG...]",
     "ask an actor of a node, from anywhere", CLIENT_HELP, cli_cmd_ask,
     .alone = true},
    {"send", "NAME@HOST:PORT TAG [ARG...]",
     "send to an actor of a node, from anywhere", CLIENT_HELP, cli_cmd_send,
     .alone = true},
    {"ping", "HOST:PORT|NODE", "how far a node is", CLIENT_HELP, cli_cmd_ping,
     .alone = true},
    {"nodes", "", "which nodes run here", NULL, cli_cmd_nodes},
    {"status", "", "the node, and which version of each kind runs", NULL,
     cli_cmd_status},
    {"drift", "", "status; exits with 1 if the files are not what runs", NULL,
     cli_cmd_drift},
    {"reload", "[KIND|FILE]", "put changed code in the place of what runs",
     "Without KIND or FILE: all that has changed. Exits with 1 if actors did\n"
     "not take the new version.\n\n"
     "  --dry-run      only tell what would be done\n"
     "  --rollback     go back to the version before\n",
     cli_cmd_reload},
    {"ps", "[options]", "what runs: a row for each actor",
     "  --sort WORD    number (default), mailbox, growth, cpu, memory,\n"
     "                 restarts or processed; the largest first\n"
     "  --limit N      rows (default 50)\n"
     "  --kind KIND    only actors of this kind\n",
     cli_cmd_ps},
    {"tree", "[PID]", "who is whose child",
     "  --depth N      levels (default 32)\n"
     "  --width N      children of one actor (default 20)\n"
     "  --limit N      rows (default 500)\n",
     cli_cmd_tree},
    {"top", "", "workers, heaps and the busiest actors, live",
     "  --sort WORD    as in ps (default cpu); the keys m g c e r p choose it\n"
     "  --interval S   seconds between two frames (default 1)\n"
     "  --once         print one frame and end\n",
     cli_cmd_top},
    {"inspect", "PID", "state, mailbox, stack, ties and timers of one actor",
     PID_HELP, cli_cmd_inspect},
    {"heap", "PID", "what holds the memory of an actor", PID_HELP,
     cli_cmd_heap},
    {"why", "PID", "what an actor waits for, to the end of the chain", PID_HELP,
     cli_cmd_why},
    {"events", "[PID]", "what happens in a node, as it happens",
     "  --recent       begin with what is remembered\n", cli_cmd_events},
    {"trace", "PID", "the messages of one actor, in and out",
     "  --seconds N    end after so many\n", cli_cmd_trace},
    {"profile", "[PID]", "where the time goes: stacks and a flame graph",
     "  --seconds N    1 to 3600 (default 10)\n"
     "  --out NAME     writes NAME.folded and NAME.svg (default profile)\n",
     cli_cmd_profile},
    {"crash", "FILE", "show the file of a death", NULL, cli_cmd_crash},
    {"stop", "PID", "end an actor in order", PID_HELP, cli_cmd_act},
    {"kill", "PID", "end an actor at once", PID_HELP, cli_cmd_act},
    {"restart", "PID", "start an actor again with fresh state", PID_HELP,
     cli_cmd_act},
    {"reinstate", "PID", "let a parked or suspended actor go on", PID_HELP,
     cli_cmd_act},
    {"shutdown", "", "end the program in order, and wait for it",
     "  --code N       its exit code (default 0)\n", cli_cmd_shutdown},
    {"stats", "", "counters of the node since its start",
     "  --prometheus   all metrics, in the exposition format\n", cli_cmd_stats},
    {"log", "LEVEL", "log from this level on: debug, info, warn or error", NULL,
     cli_cmd_log},
};

#define COMMANDS (sizeof commands / sizeof *commands)

const struct cli_command *cli_command_find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

void cli_command_list(void)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        char head[40];
        snprintf(head, sizeof head, "%s %s", commands[i].name,
                 commands[i].args);
        if (commands[i].summary)
            printf("  %-21s %s\n", head, commands[i].summary);
    }
}

void cli_help(const struct cli_command *self)
{
    printf("usage: aktvm %s %s\n\n%s\n\n%s%s", self->name, self->args,
           self->summary, self->help ? self->help : "",
           self->help && strncmp(self->help, "PID", 3) == 0 ? "\n" : "");
    if (self->alone)
        return;
    printf("  --node NAME    the node of this name: here, or linked with one\n"
           "                 that runs here (default: the only one here)\n"
           "  --via NAME     which node here has the link\n"
           "  --node NAME@HOST:PORT  the node that listens there; with\n"
           "                 --cluster, --secret-file, --plain, --tls-ca,\n"
           "                 --tls-cert and --tls-key as of 'aktvm ask'\n"
           "  --pid N        the node of this process\n"
           "  --socket PATH  the node that listens there\n%s",
           self->talks ? ""
                       : "  --json         print {\"v\":1,...} on one line\n");
}

/* 1: taken, 0: not one of these, -1: no value. */
int cli_take_flag(const struct cli_flag *flags, int *i, int argc, char **argv)
{
    const char *arg = argv[*i];
    for (const struct cli_flag *f = flags; f->name; f++) {
        size_t n = strlen(f->name);
        if (strncmp(arg, f->name, n) != 0 || (arg[n] && arg[n] != '='))
            continue;
        if (f->on) {
            *f->on = true;
            return arg[n] ? -1 : 1;
        }
        const char *value = arg[n]          ? arg + n + 1
                            : *i + 1 < argc ? argv[++*i]
                                            : NULL;
        if (f->value)
            *f->value = value;
        else if (f->values->len < CLI_VALUES)
            f->values->of[f->values->len++] = value;
        else
            return -1;
        return value ? 1 : -1;
    }
    return 0;
}

static int complain(const struct cli_command *self, const char *what,
                    const char *word)
{
    fprintf(stderr, "aktvm %s: %s%s\ntry 'aktvm %s --help'\n", self->name, what,
            word, self->name);
    return CLI_USAGE;
}

static bool take_word(struct cli_words *out, int max, const char *word)
{
    if (out->words_len >= max || out->words_len >= CLI_WORDS)
        return false;
    out->words[out->words_len++] = word;
    return true;
}

bool cli_parse(const struct cli_command *self, int argc, char **argv,
               const struct cli_flag *flags, int min, int max,
               struct cli_words *out, int *code)
{
    *out = (struct cli_words){0};
    struct akt_client_config *k = &out->client;
    const struct cli_flag usual[] = {
        {"--node", &out->node, NULL},     {"--via", &out->via, NULL},
        {"--cluster", &k->cluster, NULL}, {"--secret-file", &k->secret, NULL},
        {"--tls-ca", &k->tls_ca, NULL},   {"--tls-cert", &k->tls_cert, NULL},
        {"--tls-key", &k->tls_key, NULL}, {"--plain", NULL, &k->plain},
        {"--pid", &out->pid, NULL},       {"--socket", &out->socket, NULL},
        {"--json", NULL, &out->json},     {NULL, NULL, NULL}};
    *code = CLI_USAGE;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            cli_help(self);
            *code = CLI_OK;
            return false;
        }
        int taken = flags ? cli_take_flag(flags, &i, argc, argv) : 0;
        if (!taken && !self->alone)
            taken = cli_take_flag(usual, &i, argc, argv);
        if (taken < 0)
            return complain(self, "a value is wrong or missing: ", argv[i]),
                   false;
        if (!taken && argv[i][0] == '-' && argv[i][1])
            return complain(self, "unknown option ", argv[i]), false;
        if (!taken && !take_word(out, max, argv[i]))
            return complain(self, "what is ", argv[i]), false;
    }
    if (self->talks && out->json)
        return complain(self, "unknown option ", "--json"), false;
    if (out->words_len < min)
        return complain(self, "missing: ", self->args), false;
    return true;
}
