/* SPDX-License-Identifier: MIT
 *
 * cli/options.c: the options of `aktvm run` and `aktvm repl`.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/command.h"

const char cli_options_text[] =
    "  --workers N           threads that run actors (default: one a core)\n"
    "  --max-actors N        actors at the same time (default 4194304)\n"
    "  --memory SIZE         budget of the node, like 512MB or 4GB\n"
    "                        (default: 75 % of the machine or cgroup)\n"
    "  --name NODE           name of this node\n"
    "  --listen HOST:PORT    links with other nodes; port 0: any\n"
    "  --advertise HOST:PORT what other nodes are told instead\n"
    "  --connect NODE@HOST:PORT   a node to be linked with; again for more\n"
    "  --cluster NAME        only nodes of this cluster (default aktvm)\n"
    "  --secret-file FILE    TLS with a secret that all nodes have\n"
    "  --tls-ca FILE --tls-cert FILE --tls-key FILE\n"
    "                        TLS with certificates ('aktvm pki')\n"
    "  --plain               no TLS, also where it is not loopback\n"
    "  --watch               reload when a file of the program changes\n"
    "  --sim                 run in the simulated world: one thread, virtual\n"
    "                        time, every choice drawn from the seed\n"
    "  --seed N              of the simulated world (default 1)\n"
    "  --strategy S          how it chooses who runs next: random (default),\n"
    "                        pct (by priorities that change seldom) or plain\n"
    "  --depth N             of pct: priorities change N - 1 times in 200\n"
    "                        turns (default 3, at most 16)\n"
    "  --late MS             turns may be that late, as on a busy machine\n"
    "                        (default 0: time waits for all that can run)\n"
    "  --switches LIST       the plain order, but for these turns\n"
    "  --record FILE         write down what the run depends on, for\n"
    "                        'aktvm replay FILE'\n"
    "  --record-limit SIZE   of that file (default 1GB)\n"
    "  --crash-reports on|off   (default on)\n"
    "  --crash-dir DIR       write a file there for each actor that dies\n"
    "                        abnormally (default: $AKTVM_CRASH_DIR, or none)\n"
    "  --long-turn MS        warn of turns over this (default 100)\n"
    "  --log-level L         debug, info, warn or error (default info)\n"
    "  --log-format F        text, json or auto (default: text on a terminal,\n"
    "                        else json; AKTVM_LOG_FORMAT)\n"
    "  --otlp URL            send metrics there by OTLP/HTTP, like\n"
    "                        http://127.0.0.1:4318 (AKTVM_OTLP_ENDPOINT)\n"
    "  --admin PATH|off      the socket by which 'aktvm ps' and others look\n"
    "                        into this node (default: NAME.PID.sock in\n"
    "                        $XDG_RUNTIME_DIR/aktvm or /tmp/aktvm-UID)\n";

bool cli_options_help(const struct cli_command *self, int argc, char **argv)
{
    if (argc < 1 || (strcmp(argv[0], "--help") && strcmp(argv[0], "-h")))
        return false;
    printf("usage: aktvm %s %s\n\n%s\n\n%s%s", self->name, self->args,
           self->summary, self->help, cli_options_text);
    return true;
}

struct option {
    const char *name;
    bool (*set)(struct cli_options *o, const char *value);
};

static bool set_number(const char *value, long max, uint32_t *out)
{
    char *end;
    errno = 0;
    long n = strtol(value, &end, 10);
    if (errno || *end || end == value || n < 1 || n > max)
        return false;
    *out = (uint32_t)n;
    return true;
}

static bool set_workers(struct cli_options *o, const char *value)
{
    return set_number(value, AKT_WORKERS_MAX, &o->config.workers);
}

static bool set_max_actors(struct cli_options *o, const char *value)
{
    return set_number(value, AKT_PID_SLOT_MAX, &o->config.max_actors);
}

/* "512MB": at least `least` bytes. */
static bool set_size(const char *value, double least, uint64_t *out)
{
    char *end;
    double n = strtod(value, &end);
    double unit = !strcasecmp(end, "kb")   ? 1024.0
                  : !strcasecmp(end, "mb") ? 1024.0 * 1024
                  : !strcasecmp(end, "gb") ? 1024.0 * 1024 * 1024
                  : !*end                  ? 1.0
                                           : 0.0;
    n *= unit;
    if (end == value || !(n >= least) || n > 1e15)
        return false;
    *out = (uint64_t)n;
    return true;
}

static bool set_memory(struct cli_options *o, const char *value)
{
    uint64_t bytes;
    if (!set_size(value, 8.0 * 1024 * 1024, &bytes))
        return false;
    o->config.memory_bytes = (size_t)bytes;
    return true;
}

static bool set_record_limit(struct cli_options *o, const char *value)
{
    return set_size(value, 1024.0 * 1024, &o->record_bytes);
}

static bool set_record(struct cli_options *o, const char *value)
{
    o->record = value;
    return value[0] != 0;
}

static bool set_name(struct cli_options *o, const char *value)
{
    o->config.name = value;
    return value[0] != 0;
}

static bool set_seed(struct cli_options *o, const char *value)
{
    char *end;
    errno = 0;
    o->config.seed = strtoull(value, &end, 10);
    return !errno && value[0] >= '0' && value[0] <= '9' && !*end;
}

/* ---- who runs next in the simulated world ---- */

const char *const cli_strategies[] = {
    [AKT_EXPLORE_RANDOM] = "random",
    [AKT_EXPLORE_PCT] = "pct",
    [AKT_EXPLORE_PLAIN] = "plain",
    NULL,
};

static bool plan_strategy(struct akt_sim_plan *plan, const char *value)
{
    int i = 0;
    while (cli_strategies[i] && strcmp(cli_strategies[i], value) != 0)
        i++;
    plan->explore = (enum akt_explore)i;
    return cli_strategies[i] != NULL;
}

static bool plan_switches(struct akt_sim_plan *plan, const char *value)
{
    static struct akt_switches list; /* for the whole run */
    list.len = 0;
    plan->replay = &list;
    return akt_switches_parse(&list, value);
}

int cli_plan_option(struct akt_sim_plan *plan, const char *name,
                    const char *value)
{
    bool ok;
    if (strcmp(name, "--strategy") == 0)
        ok = plan_strategy(plan, value);
    else if (strcmp(name, "--depth") == 0)
        ok = set_number(value, AKT_PCT_DEPTH_MAX, &plan->depth);
    else if (strcmp(name, "--late") == 0)
        ok = set_number(value, AKT_LATE_MS_MAX, &plan->late_ms);
    else if (strcmp(name, "--switches") == 0)
        ok = plan_switches(plan, value);
    else
        return 0;
    return ok ? 1 : -1;
}

static bool set_strategy(struct cli_options *o, const char *value)
{
    return cli_plan_option(&o->config.plan, "--strategy", value) > 0;
}

static bool set_depth(struct cli_options *o, const char *value)
{
    return cli_plan_option(&o->config.plan, "--depth", value) > 0;
}

static bool set_late(struct cli_options *o, const char *value)
{
    return cli_plan_option(&o->config.plan, "--late", value) > 0;
}

static bool set_switches(struct cli_options *o, const char *value)
{
    return cli_plan_option(&o->config.plan, "--switches", value) > 0;
}

/* ---- */

static bool set_crash_reports(struct cli_options *o, const char *value)
{
    o->crash_reports = strcmp(value, "on") == 0;
    return o->crash_reports || strcmp(value, "off") == 0;
}

static bool set_crash_dir(struct cli_options *o, const char *value)
{
    o->config.crash_dir = value;
    return value[0] != 0;
}

static bool set_long_turn(struct cli_options *o, const char *value)
{
    return set_number(value, 1000000, &o->config.long_turn_ms);
}

static bool set_log_level(struct cli_options *o, const char *value)
{
    return akt_log_level_find(value, &o->log_level);
}

static bool set_log_format(struct cli_options *o, const char *value)
{
    bool text = strcmp(value, "text") == 0;
    bool is_auto = strcmp(value, "auto") == 0;
    if (is_auto)
        text = isatty(STDERR_FILENO);
    o->log_format = text ? AKT_LOG_TEXT : AKT_LOG_JSON;
    /* people look for crash reports, also in files: as JSON only if asked */
    o->json_reports = !text && !is_auto;
    return text || is_auto || strcmp(value, "json") == 0;
}

static bool set_otlp(struct cli_options *o, const char *value)
{
    o->otlp = value;
    return strncmp(value, "http://", 7) == 0 ||
           strncmp(value, "https://", 8) == 0;
}

static bool set_admin(struct cli_options *o, const char *value)
{
    o->admin = value;
    return value[0] != 0;
}

/* ---- other nodes ---- */

static bool is_node_name(const char *name, size_t len)
{
    size_t good = strspn(name, "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
    return len > 0 && len <= AKT_NODE_NAME_MAX && good >= len;
}

static bool is_address(const char *address)
{
    const char *colon = strrchr(address, ':');
    uint32_t port;
    return colon && colon > address && strlen(address) <= AKT_ADDRESS_MAX &&
           (strcmp(colon, ":0") == 0 || set_number(colon + 1, 65535, &port));
}

static bool set_listen(struct cli_options *o, const char *value)
{
    o->network.listen = value;
    return is_address(value);
}

static bool set_advertise(struct cli_options *o, const char *value)
{
    o->network.advertise = value;
    return is_address(value) && strcmp(strrchr(value, ':'), ":0") != 0;
}

static bool set_connect(struct cli_options *o, const char *value)
{
    const char *at = strchr(value, '@');
    if (!at || !is_node_name(value, (size_t)(at - value)) ||
        !is_address(at + 1) || o->connect_len == AKT_PEERS_MAX)
        return false;
    o->connect[o->connect_len++] = value;
    return true;
}

static bool set_cluster(struct cli_options *o, const char *value)
{
    o->network.cluster = value;
    return is_node_name(value, strlen(value));
}

static bool set_tls_ca(struct cli_options *o, const char *value)
{
    o->network.tls.ca = value;
    return value[0] != 0;
}

static bool set_tls_cert(struct cli_options *o, const char *value)
{
    o->network.tls.cert = value;
    return value[0] != 0;
}

static bool set_tls_key(struct cli_options *o, const char *value)
{
    o->network.tls.key = value;
    return value[0] != 0;
}

static bool set_secret(struct cli_options *o, const char *value)
{
    o->network.tls.secret = value;
    return value[0] != 0;
}

/* What is wrong with the options about other nodes, or NULL. */
const char *cli_network_fault(const struct cli_options *o)
{
    const struct akt_tls_config *t = &o->network.tls;
    bool on = cli_has_network(o);
    if (on && (!o->config.name ||
               !is_node_name(o->config.name, strlen(o->config.name))))
        return "--listen and --connect need --name NODE (letters, digits and "
               "_.-, up to 64)";
    if (on && (o->config.simulated || o->record))
        return "--listen and --connect are not for --sim and --record";
    if (o->network.advertise && !o->network.listen)
        return "--advertise needs --listen";
    if ((t->ca || t->cert || t->key) && !(t->ca && t->cert && t->key))
        return "--tls-ca, --tls-cert and --tls-key belong together";
    if (t->secret && t->ca)
        return "--secret-file and --tls-cert exclude each other";
    if (!on && (t->ca || t->secret || o->network.plain || o->network.cluster))
        return "what is said of a network needs --listen or --connect";
    return NULL;
}

bool cli_has_network(const struct cli_options *o)
{
    return o->network.listen || o->connect_len;
}

static bool set_code(struct cli_options *o, const char *value)
{
    o->code = value;
    return true;
}

bool cli_seconds(const char *text, uint64_t *ms)
{
    char *end;
    double s = strtod(text, &end);
    if (end == text || *end || !(s > 0) || s > 1e9)
        return false;
    *ms = (uint64_t)(s * 1000) + 1;
    return true;
}

static bool set_timeout(struct cli_options *o, const char *value)
{
    return cli_seconds(value, &o->timeout_ms);
}

/* ---- of bench ---- */

#define BENCH_SECONDS_MAX 3600

static bool bench_seconds(const char *value, double *seconds)
{
    char *end;
    *seconds = strtod(value, &end);
    return end > value && !*end && *seconds > 0 &&
           *seconds <= BENCH_SECONDS_MAX;
}

static bool set_time(struct cli_options *o, const char *value)
{
    o->bench.given = "--time";
    return bench_seconds(value, &o->bench.time);
}

static bool set_warm_up(struct cli_options *o, const char *value)
{
    o->bench.given = "--warm-up";
    return bench_seconds(value, &o->bench.warm_up);
}

static bool set_filter(struct cli_options *o, const char *value)
{
    o->bench.given = "--filter";
    o->bench.filter = value;
    return true;
}

static const struct option bench_options[] = {
    {"--time", set_time},
    {"--warm-up", set_warm_up},
    {"--filter", set_filter},
    {NULL, NULL},
};

static const struct option options[] = {
    {"--workers", set_workers},
    {"--max-actors", set_max_actors},
    {"--memory", set_memory},
    {"--name", set_name},
    {"--record", set_record},
    {"--record-limit", set_record_limit},
    {"--seed", set_seed},
    {"--strategy", set_strategy},
    {"--depth", set_depth},
    {"--late", set_late},
    {"--switches", set_switches},
    {"--crash-reports", set_crash_reports},
    {"--crash-dir", set_crash_dir},
    {"--long-turn", set_long_turn},
    {"--log-level", set_log_level},
    {"--log-format", set_log_format},
    {"--otlp", set_otlp},
    {"--admin", set_admin},
    {"--listen", set_listen},
    {"--connect", set_connect},
    {"--advertise", set_advertise},
    {"--cluster", set_cluster},
    {"--tls-ca", set_tls_ca},
    {"--tls-cert", set_tls_cert},
    {"--tls-key", set_tls_key},
    {"--secret-file", set_secret},
    {"-e", set_code},
    {"--timeout", set_timeout},
    {NULL, NULL},
};

/* NULL: none of these. */
static const struct option *find_option(const struct option *opt,
                                        const char *arg)
{
    size_t n = strcspn(arg, "=");
    while (opt->name && (strlen(opt->name) != n || strncmp(opt->name, arg, n)))
        opt++;
    return opt->name ? opt : NULL;
}

/* One option with a value, `--name value` or `--name=value`. 1: taken, 0: not
 * an option of ours, -1: wrong. */
static int take_option(struct cli_options *o, int *i, int argc, char **argv)
{
    const char *arg = argv[*i];
    const struct option *opt = find_option(options, arg);
    if (!opt)
        opt = find_option(bench_options, arg);
    if (!opt)
        return 0;
    size_t n = strlen(opt->name);
    const char *value = arg[n] == '=' ? arg + n + 1 : NULL;
    if (!value && *i + 1 < argc)
        value = argv[++*i];
    if (!value) {
        cli_usage("%s needs a value", opt->name);
        return -1;
    }
    if (!opt->set(o, value)) {
        fprintf(stderr, "aktvm: %s: bad value '%s'\n", opt->name, value);
        return -1;
    }
    return 1;
}

/* What options can change; false: a value is wrong. */
static bool read_environment(struct cli_options *o)
{
    static const struct option variables[] = {
        {"AKTVM_LOG_FORMAT", set_log_format},
        {"AKTVM_OTLP_ENDPOINT", set_otlp},
        {"AKTVM_CRASH_DIR", set_crash_dir},
        {NULL, NULL},
    };
    set_log_format(o, "auto");
    for (const struct option *v = variables; v->name; v++) {
        const char *value = getenv(v->name);
        if (value && *value && !v->set(o, value)) {
            fprintf(stderr, "aktvm: %s: bad value '%s'\n", v->name, value);
            return false;
        }
    }
    return true;
}

bool cli_take_options(struct cli_options *o, int argc, char **argv)
{
    int i = 0;
    o->crash_reports = true;
    o->log_level = AKT_LOG_INFO;
    o->config.seed = 1;
    if (!read_environment(o))
        return false;
    for (; i < argc && argv[i][0] == '-' && argv[i][1] && !o->code; i++) {
        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        if (strcmp(argv[i], "--sim") == 0) {
            o->config.simulated = true;
            continue;
        }
        if (strcmp(argv[i], "--plain") == 0) {
            o->network.plain = true;
            continue;
        }
        if (strcmp(argv[i], "--json") == 0) {
            o->bench.given = "--json";
            o->bench.json = true;
            continue;
        }
        if (strcmp(argv[i], "--watch") == 0) {
            o->watch = true;
            continue;
        }
        int taken = take_option(o, &i, argc, argv);
        if (!taken)
            cli_usage("unknown option '%s'", argv[i]);
        if (taken <= 0)
            return false;
    }
    if (!o->code && i < argc)
        o->path = argv[i++];
    o->argc = argc - i;
    o->argv = argv + i;
    return true;
}
