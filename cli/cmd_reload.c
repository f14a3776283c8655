/* SPDX-License-Identifier: MIT
 *
 * cli/cmd_reload.c: reload, status and drift: which code runs, and other code.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/admin_client.h"
#include "cli/show.h"

/* ---- reload ---- */

/* "1 (v2a)" */
static void add_version(struct cli_table *t, const json_t *version)
{
    const char *label = json_string_value(json_object_get(version, "version"));
    struct akt_buf text = AKT_BUF_INIT;
    if (version)
        akt_buf_printf(&text, "%" JSON_INTEGER_FORMAT,
                       cli_int((json_t *)(uintptr_t)version, "number"));
    else
        akt_buf_puts(&text, "-");
    if (label)
        akt_buf_printf(&text, " (%s)", label);
    cli_table_add(t, "%s", akt_buf_cstr(&text));
    akt_buf_fini(&text);
}

static void show_changes(json_t *kinds, struct akt_buf *out)
{
    static const char *const counts[] = {"actors", "switched", "waiting",
                                         "refused"};
    struct cli_table t;
    size_t i;
    json_t *k;
    cli_table_init(&t, "lllrrrr");
    cli_table_add(&t, "KIND");
    cli_table_add(&t, "FROM");
    cli_table_add(&t, "TO");
    cli_table_add(&t, "ACTORS");
    cli_table_add(&t, "SWITCHED");
    cli_table_add(&t, "WAITING");
    cli_table_add(&t, "REFUSED");
    json_array_foreach(kinds, i, k)
    {
        cli_table_add(&t, "%s", cli_text(k, "kind"));
        add_version(&t, json_object_get(k, "from"));
        add_version(&t, json_object_get(k, "to"));
        for (size_t c = 0; c < 4; c++)
            cli_table_add(&t, "%" JSON_INTEGER_FORMAT, cli_int(k, counts[c]));
    }
    cli_table_print(&t, out, 0, cli_colour());
    cli_table_fini(&t);
}

static void show_notes(const char *before, json_t *notes, struct akt_buf *out)
{
    size_t i;
    json_t *note;
    json_array_foreach(notes, i, note)
    {
        akt_buf_printf(out, "note: %s", before);
        cli_plain(out, json_string_value(note));
        akt_buf_puts(out, "\n");
    }
}

static void show_report(json_t *report, struct akt_buf *out)
{
    json_t *kinds = json_object_get(report, "kinds");
    json_t *modules = json_object_get(report, "modules");
    bool dry_run = json_is_true(json_object_get(report, "dry_run"));
    size_t i;
    json_t *item;
    if (json_array_size(kinds))
        show_changes(kinds, out);
    json_array_foreach(modules, i, item)
        akt_buf_printf(out, "module %s\n", json_string_value(item));
    json_array_foreach(kinds, i, item)
    {
        struct akt_buf name = AKT_BUF_INIT;
        akt_buf_printf(&name, "%s: ", cli_text(item, "kind"));
        show_notes(akt_buf_cstr(&name), json_object_get(item, "notes"), out);
        akt_buf_fini(&name);
    }
    show_notes("", json_object_get(report, "notes"), out);
    if (!json_array_size(kinds) && !json_array_size(modules))
        akt_buf_puts(out, "nothing has changed\n");
    else if (dry_run)
        akt_buf_puts(out, "dry run: nothing was done\n");
    else
        akt_buf_printf(out, "done in %.1f ms\n", cli_real(report, "ms"));
}

/* Actors that are not on the new version are a finding. */
static int reload_code(json_t *report)
{
    size_t i;
    json_t *k;
    if (json_is_true(json_object_get(report, "dry_run")))
        return CLI_OK;
    json_array_foreach(json_object_get(report, "kinds"), i,
                       k) if (cli_int(k, "waiting") ||
                              cli_int(k, "refused")) return CLI_FAILED;
    return CLI_OK;
}

int cli_cmd_reload(const struct cli_command *self, int argc, char **argv)
{
    struct cli_words words;
    struct akt_buf out = AKT_BUF_INIT;
    char file[PATH_MAX];
    bool dry_run = false, rollback = false;
    const struct cli_flag flags[] = {{"--dry-run", NULL, &dry_run},
                                     {"--rollback", NULL, &rollback},
                                     {NULL, NULL, NULL}};
    int code;
    if (!cli_parse(self, argc, argv, flags, 0, 1, &words, &code))
        return code;
    const char *what = words.words_len ? words.words[0] : NULL;
    /* the node may have another working directory */
    if (what && strchr(what, '.') && realpath(what, file))
        what = file;
    json_t *args = json_pack("{s:b, s:b, s:s?}", "dry_run", (int)dry_run,
                             "rollback", (int)rollback, "what", what);
    if (!args)
        return cli_usage("%s", "reload: the name is no text");
    json_t *report = cli_ask_once(&words, "reload", args, &code);
    if (!report)
        return code;
    if (words.json)
        code = cli_print_json(report);
    else
        show_report(report, &out);
    fwrite(out.data ? out.data : "", 1, out.len, stdout);
    akt_buf_fini(&out);
    code = reload_code(report);
    json_decref(report);
    return code;
}

/* ---- status, drift ---- */

static void show_kinds(json_t *kinds, struct akt_buf *out)
{
    struct cli_table t;
    size_t i;
    json_t *k;
    cli_table_init(&t, "lllrrrl");
    cli_table_add(&t, "KIND");
    cli_table_add(&t, "VERSION");
    cli_table_add(&t, "HASH");
    cli_table_add(&t, "ACTORS");
    cli_table_add(&t, "OLDER");
    cli_table_add(&t, "REFUSED");
    cli_table_add(&t, "FILE");
    json_array_foreach(kinds, i, k)
    {
        cli_table_add(&t, "%s", cli_text(k, "kind"));
        add_version(&t, k);
        cli_table_add(&t, "%.8s", cli_text(k, "hash"));
        cli_table_add(&t, "%" JSON_INTEGER_FORMAT, cli_int(k, "actors"));
        cli_table_add(&t, "%" JSON_INTEGER_FORMAT, cli_int(k, "older"));
        cli_table_add(&t, "%" JSON_INTEGER_FORMAT, cli_int(k, "refused"));
        cli_table_add(&t, "%s:%" JSON_INTEGER_FORMAT "%s", cli_text(k, "file"),
                      cli_int(k, "line"),
                      json_is_true(json_object_get(k, "drift"))
                          ? " (differs from the file)"
                          : "");
    }
    cli_table_print(&t, out, 0, cli_colour());
    cli_table_fini(&t);
}

static void show_status(json_t *r, struct akt_buf *out)
{
    char age[16];
    cli_age(cli_real(r, "uptime"), age);
    akt_buf_puts(out, "node ");
    cli_plain(out, cli_text(r, "name"));
    akt_buf_printf(
        out,
        " (pid %" JSON_INTEGER_FORMAT ", aktvm %s), up %s, "
        "%" JSON_INTEGER_FORMAT " workers, %" JSON_INTEGER_FORMAT " actors%s\n",
        cli_int(r, "pid"), cli_text(r, "version"), age, cli_int(r, "workers"),
        cli_int(r, "actors"),
        json_is_true(json_object_get(r, "ending")) ? ", ending" : "");
    show_kinds(json_object_get(r, "kinds"), out);
    if (cli_int(r, "processes"))
        akt_buf_printf(out,
                       "%" JSON_INTEGER_FORMAT
                       " process actors, which are not reloadable\n",
                       cli_int(r, "processes"));
}

/* Both answers in one; NULL: said why. */
static json_t *ask_status(const struct cli_words *words, int *code)
{
    struct cli_conn conn;
    if (!cli_connect(words, &conn, code))
        return NULL;
    json_t *r = cli_ask(&conn, "status", NULL, code);
    json_t *kinds = r ? cli_ask(&conn, "kinds", NULL, code) : NULL;
    cli_close(&conn);
    if (kinds)
        json_object_update(r, kinds);
    json_decref(kinds);
    if (kinds)
        return r;
    json_decref(r);
    return NULL;
}

static bool drifts(json_t *status)
{
    size_t i;
    json_t *k;
    json_array_foreach(json_object_get(status, "kinds"), i,
                       k) if (json_is_true(json_object_get(k, "drift")) ||
                              cli_int(k, "older")) return true;
    return false;
}

static int status_of(const struct cli_command *self, int argc, char **argv,
                     bool drift)
{
    struct cli_words words;
    struct akt_buf out = AKT_BUF_INIT;
    int code;
    if (!cli_parse(self, argc, argv, NULL, 0, 0, &words, &code))
        return code;
    json_t *r = ask_status(&words, &code);
    if (!r)
        return code;
    if (words.json)
        cli_print_json(r);
    else
        show_status(r, &out);
    fwrite(out.data ? out.data : "", 1, out.len, stdout);
    akt_buf_fini(&out);
    code = drift && drifts(r) ? CLI_FAILED : CLI_OK;
    json_decref(r);
    return code;
}

int cli_cmd_status(const struct cli_command *self, int argc, char **argv)
{
    return status_of(self, argc, argv, false);
}

int cli_cmd_drift(const struct cli_command *self, int argc, char **argv)
{
    return status_of(self, argc, argv, true);
}
