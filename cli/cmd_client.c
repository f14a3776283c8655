/* SPDX-License-Identifier: MIT
 *
 * cli/cmd_client.c: `aktvm send`, `ask` and `ping`: a client without a node.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/admin_client.h"
#include "cli/command.h"
#include "cli/values.h"
#include "net/client.h"
#include "vm/pack.h"

#define WORDS 128 /* arguments */
#define PINGS 5

struct order {
    const struct cli_command *self;
    struct akt_client_config config;
    const char *timeout;
    uint64_t ms;
    bool json;
    const char *words[WORDS];
    int words_len;
    char name[256];
    struct akt_client_error error;
};

static int usage(const struct order *o, const char *what, const char *word)
{
    fprintf(stderr, "aktvm %s: %s%s\ntry 'aktvm %s --help'\n", o->self->name,
            what, word, o->self->name);
    return CLI_USAGE;
}

/* Says what is wrong, as far as text of others may be shown. */
static int fail(const struct order *o)
{
    enum akt_client_code code = o->error.code;
    fprintf(stderr, "aktvm %s: %s: %s\n", o->self->name,
            akt_client_code_name(code), o->error.text);
    return code == AKT_CLIENT_NOCONNECTION ? CLI_UNREACHABLE
           : code == AKT_CLIENT_REFUSED    ? CLI_DENIED
           : code == AKT_CLIENT_INVALID    ? CLI_USAGE
                                           : CLI_FAILED;
}

/* ---- options ---- */

/* An argument may begin with '-': only what is known is an option, and nothing
 * behind "--". */
static int take_option(struct order *o, int argc, char **argv, int *i)
{
    const struct cli_flag flags[] = {{"--cluster", &o->config.cluster},
                                     {"--secret-file", &o->config.secret},
                                     {"--tls-ca", &o->config.tls_ca},
                                     {"--tls-cert", &o->config.tls_cert},
                                     {"--tls-key", &o->config.tls_key},
                                     {"--timeout", &o->timeout},
                                     {"--plain", NULL, &o->config.plain},
                                     {"--json", NULL, &o->json},
                                     {NULL}};
    return cli_take_flag(flags, i, argc, argv);
}

static bool read_words(struct order *o, int argc, char **argv, int *code)
{
    bool all = false;
    *code = CLI_USAGE;
    for (int i = 0; i < argc; i++) {
        int taken = 0;
        if (!all &&
            (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            cli_help(o->self);
            return *code = CLI_OK, false;
        }
        if (!all && strcmp(argv[i], "--") == 0) {
            all = true;
            continue;
        }
        if (!all)
            taken = take_option(o, argc, argv, &i);
        if (taken < 0)
            return usage(o, "a value is wrong or missing: ", argv[i]), false;
        if (!taken && !all && strncmp(argv[i], "--", 2) == 0)
            return usage(o, "unknown option ", argv[i]), false;
        if (!taken && o->words_len == WORDS)
            return usage(o, "too many arguments: ", argv[i]), false;
        if (!taken)
            o->words[o->words_len++] = argv[i];
    }
    return true;
}

static bool check(struct order *o, int least, int most)
{
    const struct akt_client_config *k = &o->config;
    bool some = k->tls_ca || k->tls_cert || k->tls_key;
    o->ms = AKT_CLIENT_MS;
    if (o->words_len < least)
        return usage(o, "missing: ", o->self->args), false;
    if (o->words_len > most)
        return usage(o, "what is ", o->words[most]), false;
    if (o->timeout && (!cli_seconds(o->timeout, &o->ms) || o->ms > UINT32_MAX))
        return usage(o, "--timeout is a number of seconds: ", o->timeout),
               false;
    if (some && !(k->tls_ca && k->tls_cert && k->tls_key))
        return usage(o, "--tls-ca, --tls-cert and --tls-key belong together",
                     ""),
               false;
    if (some && k->secret)
        return usage(o, "--secret-file and --tls-cert exclude each other", ""),
               false;
    o->config.timeout_ms = (uint32_t)o->ms;
    return true;
}

/* NAME@HOST:PORT */
static bool read_target(struct order *o)
{
    const char *at = strrchr(o->words[0], '@');
    size_t len = at ? (size_t)(at - o->words[0]) : 0;
    if (len == 0 || len >= sizeof o->name)
        return usage(o, "NAME@HOST:PORT is expected, not ", o->words[0]), false;
    memcpy(o->name, o->words[0], len);
    o->config.address = at + 1;
    return true;
}

/* The tag is a string, whatever it looks like. */
static bool read_run(struct order *o, struct akt_buf *run)
{
    akt_pack_string(run, o->words[1], strlen(o->words[1]));
    for (int i = 2; i < o->words_len; i++)
        if (!cli_pack_word(run, o->words[i]))
            return usage(o, "too many tables inside of tables: ", o->words[i]),
                   false;
    return true;
}

/* ---- answers ---- */

static void print_value(json_t *v, FILE *to)
{
    json_dumpf(v, to, JSON_ENCODE_ANY | JSON_COMPACT);
    fputc('\n', to);
}

static int print_values(const struct order *o, const struct akt_client_reply *r)
{
    struct cli_run run = {r->bytes, r->bytes + r->len};
    json_t *list = json_array(), *v;
    while ((v = cli_next_value(&run)))
        json_array_append_new(list, v);
    if (o->json) {
        json_t *all = json_pack("{s:i,s:O}", "v", 1, "values", list);
        print_value(all, stdout);
        json_decref(all);
    }
    size_t i;
    json_array_foreach(list, i, v) if (!o->json) print_value(v, stdout);
    json_decref(list);
    if (run.p == run.end)
        return CLI_OK;
    fprintf(stderr, "aktvm %s: the answer is no MessagePack\n", o->self->name);
    return CLI_FAILED;
}

/* The error of the actor, as JSON. */
static int print_failure(const struct order *o,
                         const struct akt_client_reply *r)
{
    struct cli_run run = {r->bytes, r->bytes + r->len};
    int code = fail(o);
    json_t *v = cli_next_value(&run);
    if (v)
        print_value(v, stderr);
    json_decref(v);
    return code;
}

/* ---- the commands ---- */

static int ask(struct order *o, struct akt_client *c,
               const struct akt_client_call *call)
{
    struct akt_client_reply r;
    if (akt_client_ask(c, call, &r, &o->error) == AKT_CLIENT_OK)
        return print_values(o, &r);
    return o->error.code == AKT_CLIENT_FAILED ? print_failure(o, &r) : fail(o);
}

static int send_to(struct order *o, struct akt_client *c,
                   const struct akt_client_call *call)
{
    bool ok = akt_client_send(c, call, &o->error) == AKT_CLIENT_OK;
    return ok ? CLI_OK : fail(o);
}

/* What happens while it connects means that nothing was reached. */
static struct akt_client *open_client(struct order *o, int *code)
{
    struct akt_client *c = akt_client_open(&o->config, &o->error);
    if (!c) {
        *code = fail(o);
        if (o->error.code == AKT_CLIENT_TIMEOUT)
            *code = CLI_UNREACHABLE;
    }
    return c;
}

static int run_call(struct order *o, bool asks)
{
    struct akt_buf run = AKT_BUF_INIT;
    struct akt_client *c = NULL;
    int code = CLI_USAGE;
    if (read_run(o, &run))
        c = open_client(o, &code);
    if (c) {
        struct akt_client_call call = {o->name, run.data, run.len,
                                       (uint32_t)o->ms};
        code = asks ? ask(o, c, &call) : send_to(o, c, &call);
        akt_client_close(c);
    }
    akt_buf_fini(&run);
    return code;
}

static int call(const struct cli_command *self, int argc, char **argv,
                bool asks)
{
    struct order o = {.self = self};
    int code;
    if (!read_words(&o, argc, argv, &code))
        return code;
    if (!check(&o, 2, WORDS) || !read_target(&o))
        return CLI_USAGE;
    return run_call(&o, asks);
}

int cli_cmd_send(const struct cli_command *self, int argc, char **argv)
{
    return call(self, argc, argv, false);
}

int cli_cmd_ask(const struct cli_command *self, int argc, char **argv)
{
    return call(self, argc, argv, true);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int show_pings(const struct order *o, const char *node, double s[PINGS])
{
    qsort(s, PINGS, sizeof *s, compare);
    if (o->json)
        printf("{\"v\":1,\"node\":\"%s\",\"min\":%.6f,\"median\":%.6f}\n", node,
               s[0], s[PINGS / 2]);
    else
        printf("%s  min %.3f ms  median %.3f ms\n", node, s[0] * 1e3,
               s[PINGS / 2] * 1e3);
    return CLI_OK;
}

static int ping(struct order *o, struct akt_client *c)
{
    double s[PINGS];
    for (int i = 0; i < PINGS; i++)
        if (akt_client_ping(c, (uint32_t)o->ms, &s[i], &o->error))
            return fail(o);
    return show_pings(o, akt_client_node(c), s);
}

static double seconds_now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* A node by its name, found as by the admin commands: by its socket, or over
 * the link of a node that runs here. */
static int ping_name(struct order *o)
{
    struct cli_words words = {.node = o->words[0]};
    struct cli_conn conn;
    double s[PINGS];
    int code;
    if (!cli_connect(&words, &conn, &code))
        return code;
    for (int i = 0; i < PINGS; i++) {
        double start = seconds_now();
        json_t *answer = cli_ask(&conn, "status", NULL, &code);
        if (!answer) {
            cli_close(&conn);
            return code;
        }
        s[i] = seconds_now() - start;
        json_decref(answer);
    }
    cli_close(&conn);
    return show_pings(o, o->words[0], s);
}

int cli_cmd_ping(const struct cli_command *self, int argc, char **argv)
{
    struct order o = {.self = self};
    int code;
    if (!read_words(&o, argc, argv, &code))
        return code;
    if (!check(&o, 1, 1))
        return CLI_USAGE;
    if (!strchr(o.words[0], ':'))
        return ping_name(&o);
    o.config.address = o.words[0];
    struct akt_client *c = open_client(&o, &code);
    if (c)
        code = ping(&o, c);
    akt_client_close(c);
    return code;
}
