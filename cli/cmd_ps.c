/* SPDX-License-Identifier: MIT
 *
 * cli/cmd_ps.c: ps, tree, nodes, status, stats.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/admin_client.h"
#include "cli/show.h"

/* A whole number of an option into args; false: it is none. */
static bool put_number(json_t *args, const char *key, const char *text)
{
    char *end;
    if (!text)
        return true;
    long n = strtol(text, &end, 10);
    if (end == text || *end)
        fprintf(stderr, "aktvm: --%s needs a whole number\n", key);
    else
        json_object_set_new(args, key, json_integer(n));
    return end != text && !*end;
}

static void put_text(json_t *args, const char *key, const char *text)
{
    if (text)
        json_object_set_new(args, key, json_string(text));
}

/* Prints a result by `show`, or as JSON. */
static int print(const struct cli_words *words, json_t *result, int code,
                 void (*show)(json_t *result, struct akt_buf *out))
{
    struct akt_buf out = AKT_BUF_INIT;
    if (!result)
        return code;
    if (words->json)
        cli_print_json(result);
    else
        show(result, &out);
    fwrite(out.data ? out.data : "", 1, out.len, stdout);
    akt_buf_fini(&out);
    json_decref(result);
    return CLI_OK;
}

/* ---- ps ---- */

static void show_ps(json_t *result, struct akt_buf *out)
{
    json_t *actors = json_object_get(result, "actors");
    json_int_t matched = cli_int(result, "matched");
    cli_show_actors(actors, out, 0, cli_colour());
    if ((size_t)matched > json_array_size(actors))
        akt_buf_printf(out, "%zu of %" JSON_INTEGER_FORMAT " actors\n",
                       json_array_size(actors), matched);
}

/* Rates need two looks. */
static bool look_twice(struct cli_conn *conn, const char *sort, int *code)
{
    if (!sort || (strcmp(sort, "growth") != 0 && strcmp(sort, "cpu") != 0))
        return true;
    json_t *first = cli_ask(conn, "ps", json_pack("{s:i}", "limit", 0), code);
    json_decref(first);
    if (first)
        cli_pause_ms(500);
    return first != NULL;
}

int cli_cmd_ps(const struct cli_command *self, int argc, char **argv)
{
    struct cli_words words;
    struct cli_conn conn;
    const char *sort = NULL, *limit = NULL, *kind = NULL;
    const struct cli_flag flags[] = {{"--sort", &sort, NULL},
                                     {"--limit", &limit, NULL},
                                     {"--kind", &kind, NULL},
                                     {NULL, NULL, NULL}};
    int code;
    if (!cli_parse(self, argc, argv, flags, 0, 0, &words, &code))
        return code;
    json_t *args = json_object(), *result = NULL;
    put_text(args, "sort", sort);
    put_text(args, "kind", kind);
    if (!put_number(args, "limit", limit)) {
        json_decref(args);
        return CLI_USAGE;
    }
    if (cli_connect(&words, &conn, &code) && look_twice(&conn, sort, &code))
        result = cli_ask(&conn, "ps", json_incref(args), &code);
    cli_close(&conn);
    json_decref(args);
    return print(&words, result, code, show_ps);
}

/* ---- tree ---- */

static void show_tree(json_t *result, struct akt_buf *out)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(result, "actors"), i, row)
    {
        int depth = (int)cli_int(row, "depth");
        json_int_t hidden = cli_int(row, "hidden");
        akt_buf_printf(out, "%*s", depth * 2, "");
        cli_show_name(row, out);
        akt_buf_printf(out, "  %s", cli_text(row, "state"));
        if (cli_int(row, "mailbox"))
            akt_buf_printf(out, ", mailbox %" JSON_INTEGER_FORMAT,
                           cli_int(row, "mailbox"));
        if (cli_int(row, "restarts"))
            akt_buf_printf(out, ", restarts %" JSON_INTEGER_FORMAT,
                           cli_int(row, "restarts"));
        if (hidden)
            akt_buf_printf(out, ", and %" JSON_INTEGER_FORMAT " more children",
                           hidden);
        akt_buf_putc(out, '\n');
    }
}

int cli_cmd_tree(const struct cli_command *self, int argc, char **argv)
{
    struct cli_words words;
    const char *depth = NULL, *width = NULL, *limit = NULL;
    const struct cli_flag flags[] = {{"--depth", &depth, NULL},
                                     {"--width", &width, NULL},
                                     {"--limit", &limit, NULL},
                                     {NULL, NULL, NULL}};
    int code;
    if (!cli_parse(self, argc, argv, flags, 0, 1, &words, &code))
        return code;
    json_t *args = json_object();
    put_text(args, "pid", words.words[0]);
    if (!put_number(args, "depth", depth) ||
        !put_number(args, "width", width) ||
        !put_number(args, "limit", limit)) {
        json_decref(args);
        return CLI_USAGE;
    }
    json_t *result = cli_ask_once(&words, "tree", args, &code);
    return print(&words, result, code, show_tree);
}

/* ---- the node ---- */

static void show_fields(json_t *result, struct akt_buf *out)
{
    cli_show_value(result, out, 0);
}

static void show_text(json_t *result, struct akt_buf *out)
{
    akt_buf_puts(out, cli_text(result, "text"));
}

static void add_link(struct cli_table *t, const char *name, json_t *link)
{
    char in[16], out[16], queued[16], credit[16];
    cli_bytes(cli_real(link, "bytes_in"), in);
    cli_bytes(cli_real(link, "bytes_out"), out);
    cli_bytes(cli_real(link, "queued_bytes"), queued);
    cli_bytes(cli_real(link, "credit_bytes"), credit);
    cli_table_add(t, "%s", name);
    cli_table_add(t, "%" JSON_INTEGER_FORMAT, cli_int(link, "up"));
    cli_table_add(t, "%s", in);
    cli_table_add(t, "%s", out);
    cli_table_add(t, "%s", queued);
    cli_table_add(t, "%s", credit);
    cli_table_add(t, "%" JSON_INTEGER_FORMAT, cli_int(link, "waiting"));
    cli_table_add(t, "%.3f ms", cli_real(link, "round_trip_seconds") * 1e3);
    cli_table_add(t, "%" JSON_INTEGER_FORMAT, cli_int(link, "resent"));
    cli_table_add(t, "%" JSON_INTEGER_FORMAT, cli_int(link, "lost"));
    cli_table_add(t, "%" JSON_INTEGER_FORMAT, cli_int(link, "sessions"));
}

static void show_links(json_t *links, struct akt_buf *out)
{
    static const char *const heads[] = {
        "LINK",    "UP",         "IN",     "OUT",  "QUEUED",  "CREDIT",
        "WAITING", "ROUND TRIP", "RESENT", "LOST", "SESSIONS"};
    struct cli_table t;
    const char *name;
    json_t *link;
    cli_table_init(&t, "lrrrrrrrrrr");
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        cli_table_add(&t, "%s", heads[i]);
    json_object_foreach(links, name, link) add_link(&t, name, link);
    cli_table_print(&t, out, 0, cli_colour());
    cli_table_fini(&t);
}

static void show_stats(json_t *result, struct akt_buf *out)
{
    json_t *links = json_incref(json_object_get(result, "links"));
    json_object_del(result, "links");
    show_fields(result, out);
    if (json_object_size(links))
        show_links(links, out);
    json_decref(links);
}

int cli_cmd_stats(const struct cli_command *self, int argc, char **argv)
{
    struct cli_words words;
    bool prometheus = false;
    const struct cli_flag flags[] = {{"--prometheus", NULL, &prometheus},
                                     {NULL, NULL, NULL}};
    int code;
    if (!cli_parse(self, argc, argv, flags, 0, 0, &words, &code))
        return code;
    json_t *result =
        cli_ask_once(&words, prometheus ? "metrics" : "stats", NULL, &code);
    return print(&words, result, code, prometheus ? show_text : show_stats);
}

static void show_nodes(json_t *result, struct akt_buf *out)
{
    struct cli_table t;
    size_t i;
    json_t *row;
    cli_table_init(&t, "lrl");
    cli_table_add(&t, "NODE");
    cli_table_add(&t, "PID");
    cli_table_add(&t, "SOCKET");
    json_array_foreach(json_object_get(result, "nodes"), i, row)
    {
        cli_table_add(&t, "%s", cli_text(row, "name"));
        cli_table_add(&t, "%" JSON_INTEGER_FORMAT, cli_int(row, "pid"));
        cli_table_add(&t, "%s", cli_text(row, "socket"));
    }
    cli_table_print(&t, out, 0, cli_colour());
    cli_table_fini(&t);
}

int cli_cmd_nodes(const struct cli_command *self, int argc, char **argv)
{
    struct cli_words words;
    struct cli_node *list;
    int code;
    if (!cli_parse(self, argc, argv, NULL, 0, 0, &words, &code))
        return code;
    json_t *rows = json_array();
    int len = cli_nodes(&list);
    for (int i = 0; i < len; i++)
        json_array_append_new(
            rows, json_pack("{s:s,s:I,s:s}", "name", list[i].name, "pid",
                            (json_int_t)list[i].pid, "socket", list[i].path));
    free(list);
    return print(&words, json_pack("{s:o}", "nodes", rows), CLI_OK, show_nodes);
}
