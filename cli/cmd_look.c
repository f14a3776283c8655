/* SPDX-License-Identifier: MIT
 *
 * cli/cmd_look.c: what concerns one actor: inspect, heap, why, stop, kill,
 * restart; and shutdown and log.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/admin_client.h"
#include "cli/show.h"

/* Parses a PID and asks with it; NULL: *code. */
static json_t *ask_pid(const struct cli_command *self, int argc, char **argv,
                       struct cli_words *words, int *code)
{
    if (!cli_parse(self, argc, argv, NULL, 1, 1, words, code))
        return NULL;
    json_t *pid = json_string(words->words[0]);
    if (!pid) {
        fputs("aktvm: PID is no text\n", stderr);
        *code = CLI_USAGE;
        return NULL;
    }
    return cli_ask_once(words, self->name, json_pack("{s:o}", "pid", pid),
                        code);
}

static int flush(struct akt_buf *out)
{
    fwrite(out->data ? out->data : "", 1, out->len, stdout);
    akt_buf_fini(out);
    return CLI_OK;
}

int cli_cmd_inspect(const struct cli_command *self, int argc, char **argv)
{
    struct cli_words words;
    struct akt_buf out = AKT_BUF_INIT;
    int code;
    json_t *result = ask_pid(self, argc, argv, &words, &code);
    if (!result)
        return code;
    if (words.json)
        cli_print_json(result);
    else
        cli_show_value(result, &out, 0);
    json_decref(result);
    return flush(&out);
}

static void show_heap(json_t *r, struct akt_buf *out)
{
    static const char *const keys[] = {"self", "locals", "mailbox",
                                       "isolate_memory", "isolate_limit"};
    struct cli_table t;
    char text[16];
    size_t i;
    json_t *row;
    cli_table_init(&t, "rll");
    for (i = 0; i < 5; i++) {
        cli_bytes(cli_real(r, keys[i]), text);
        cli_table_add(&t, "%s", text);
        cli_table_add(&t, "%s", keys[i]);
        cli_table_add(&t, "%s", "");
    }
    json_array_foreach(json_object_get(r, "paths"), i, row)
    {
        cli_bytes(cli_real(row, "bytes"), text);
        cli_table_add(&t, "%s", text);
        cli_table_add(&t, "%s", cli_text(row, "type"));
        cli_table_add(&t, "%s", cli_text(row, "path"));
    }
    cli_table_print(&t, out, 0, false);
    cli_table_fini(&t);
    akt_buf_printf(out, "%" JSON_INTEGER_FORMAT " actors share the isolate%s\n",
                   cli_int(r, "isolate_actors"),
                   json_is_true(json_object_get(r, "complete"))
                       ? ""
                       : "; there is more than was weighed");
}

int cli_cmd_heap(const struct cli_command *self, int argc, char **argv)
{
    struct cli_words words;
    struct akt_buf out = AKT_BUF_INIT;
    int code;
    json_t *result = ask_pid(self, argc, argv, &words, &code);
    if (!result)
        return code;
    if (words.json)
        cli_print_json(result);
    else
        show_heap(result, &out);
    json_decref(result);
    return flush(&out);
}

/* ---- why ---- */

/* The innermost place that is a script's. */
static const char *place_of(json_t *link)
{
    size_t i;
    json_t *call;
    json_array_foreach(json_object_get(link, "stack"), i, call)
    {
        if (strcmp(cli_text(call, "place"), "[C]") != 0)
            return cli_text(call, "place");
    }
    return "";
}

static void show_handles(json_t *link, struct akt_buf *out)
{
    json_t *message =
        json_object_get(json_object_get(link, "handles"), "message");
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
    if (text) {
        akt_buf_puts(out, ", in the handler of ");
        cli_plain(out, text);
    }
    free(text);
}

static void show_link(json_t *link, struct akt_buf *out)
{
    cli_plain(out, cli_text(link, "actor"));
    akt_buf_putc(out, ' ');
    if (json_object_get(link, "no_answer")) {
        cli_plain(out, cli_text(link, "no_answer"));
        akt_buf_putc(out, '\n');
        return;
    }
    if (!json_object_get(link, "for")) {
        akt_buf_printf(out, "does not wait: it is %s", cli_text(link, "state"));
        show_handles(link, out);
        akt_buf_putc(out, '\n');
        return;
    }
    akt_buf_printf(out, "waits for %s", cli_text(link, "for"));
    if (json_object_get(link, "target")) {
        akt_buf_puts(out, " of ");
        cli_plain(out, cli_text(link, "target_name"));
    }
    if (json_object_get(link, "tag")) {
        akt_buf_puts(out, " to \"");
        cli_plain(out, cli_text(link, "tag"));
        akt_buf_putc(out, '"');
    }
    akt_buf_printf(out, " since %.1f s", cli_real(link, "since_ms") / 1e3);
    if (json_object_get(link, "until_ms"))
        akt_buf_printf(out, ", at most %.1f s more",
                       cli_real(link, "until_ms") / 1e3);
    if (place_of(link)[0]) {
        akt_buf_puts(out, ", at ");
        cli_plain(out, place_of(link));
    }
    show_handles(link, out);
    if (json_object_get(link, "in_progress"))
        akt_buf_printf(out, ", one of %" JSON_INTEGER_FORMAT " in progress",
                       cli_int(link, "in_progress"));
    akt_buf_putc(out, '\n');
}

int cli_cmd_why(const struct cli_command *self, int argc, char **argv)
{
    struct cli_words words;
    struct akt_buf out = AKT_BUF_INIT;
    int code;
    size_t i;
    json_t *link, *result = ask_pid(self, argc, argv, &words, &code);
    if (!result)
        return code;
    const char *end = cli_text(result, "end");
    json_array_foreach(json_object_get(result, "chain"), i, link)
        show_link(link, &out);
    if (strcmp(end, "circle") == 0)
        akt_buf_puts(&out, "these wait for each other in a circle\n");
    else if (strcmp(end, "dead") == 0)
        akt_buf_puts(&out, "which has ended\n");
    if (words.json) {
        out.len = 0;
        cli_print_json(result);
    }
    json_decref(result);
    return flush(&out);
}

/* ---- what changes something ---- */

/* Silent when it went well, like kill(1). */
static int finish(const struct cli_words *words, json_t *result, int code)
{
    if (!result)
        return code;
    if (words->json)
        cli_print_json(result);
    json_decref(result);
    return CLI_OK;
}

int cli_cmd_act(const struct cli_command *self, int argc, char **argv)
{
    struct cli_words words;
    int code;
    json_t *result = ask_pid(self, argc, argv, &words, &code);
    return finish(&words, result, code);
}

int cli_cmd_shutdown(const struct cli_command *self, int argc, char **argv)
{
    struct cli_words words;
    struct cli_conn conn;
    const char *with = NULL;
    const struct cli_flag flags[] = {{"--code", &with, NULL},
                                     {NULL, NULL, NULL}};
    int code;
    if (!cli_parse(self, argc, argv, flags, 0, 0, &words, &code) ||
        !cli_connect(&words, &conn, &code))
        return code;
    char *end = "";
    long n = with ? strtol(with, &end, 10) : 0;
    json_t *args = *end ? json_pack("{s:s}", "code", with)
                        : json_pack("{s:I}", "code", (json_int_t)n);
    json_t *result = cli_ask(&conn, "shutdown", args, &code);
    if (result)
        json_decref(cli_receive(&conn)); /* until it has gone away */
    cli_close(&conn);
    return finish(&words, result, code);
}

int cli_cmd_log(const struct cli_command *self, int argc, char **argv)
{
    struct cli_words words;
    int code;
    if (!cli_parse(self, argc, argv, NULL, 1, 1, &words, &code))
        return code;
    json_t *level = json_string(words.words[0]);
    json_t *args = json_object();
    json_object_set_new(args, "level", level ? level : json_null());
    json_t *result = cli_ask_once(&words, "log", args, &code);
    return finish(&words, result, code);
}
