/* SPDX-License-Identifier: MIT */
#include "cli/show.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INLINE 100 /* characters of a table that stands on one line */

json_int_t cli_int(json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

double cli_real(json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

const char *cli_text(json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

void cli_pause_ms(int ms)
{
    struct timespec t = {.tv_sec = ms / 1000,
                         .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

void cli_show_name(json_t *row, struct akt_buf *out)
{
    const char *kind = cli_text(row, "kind"), *name = cli_text(row, "name");
    akt_buf_putc(out, '<');
    cli_plain(out, kind);
    if (kind[0] != '/')
        akt_buf_printf(out, "#%" JSON_INTEGER_FORMAT, cli_int(row, "number"));
    if (name[0]) {
        akt_buf_puts(out, " \"");
        cli_plain(out, name);
        akt_buf_putc(out, '"');
    }
    akt_buf_putc(out, '>');
}

static void add_rate(struct cli_table *t, json_t *row, const char *key,
                     const char *fmt)
{
    char text[32] = "-";
    if (json_is_number(json_object_get(row, key)))
        snprintf(text, sizeof text, fmt, cli_real(row, key));
    cli_table_add(t, "%s", text);
}

static void add_actor(struct cli_table *t, json_t *row)
{
    char text[16];
    cli_table_add(t, "%" JSON_INTEGER_FORMAT, cli_int(row, "number"));
    cli_table_add(t, "%s", cli_text(row, "kind"));
    cli_table_add(t, "%s", cli_text(row, "name"));
    const char *health = cli_text(row, "health");
    bool well = !health[0] || strcmp(health, "ok") == 0;
    cli_table_add(t, "%s%s%s", cli_text(row, "state"), well ? "" : ", ",
                  well ? "" : health);
    cli_table_add(t, "%" JSON_INTEGER_FORMAT, cli_int(row, "mailbox"));
    add_rate(t, row, "growth", "%+.0f");
    add_rate(t, row, "cpu", "%.1f");
    cli_bytes(cli_real(row, "memory"), text);
    cli_table_add(t, "%s", text);
    cli_table_add(t, "%" JSON_INTEGER_FORMAT, cli_int(row, "processed"));
    cli_table_add(t, "%" JSON_INTEGER_FORMAT, cli_int(row, "restarts"));
    cli_age(cli_real(row, "age"), text);
    cli_table_add(t, "%s", text);
}

void cli_show_actors(json_t *actors, struct akt_buf *out, size_t max_width,
                     bool bold)
{
    static const char *const heads[] = {"NUMBER",  "KIND",     "NAME", "STATE",
                                        "MAILBOX", "GROWTH",   "CPU%", "MEMORY",
                                        "HANDLED", "RESTARTS", "AGE"};
    struct cli_table t;
    size_t i;
    json_t *row;
    cli_table_init(&t, "rlllrrrrrrr");
    for (i = 0; i < sizeof heads / sizeof *heads; i++)
        cli_table_add(&t, "%s", heads[i]);
    json_array_foreach(actors, i, row) add_actor(&t, row);
    cli_table_print(&t, out, max_width, bold);
    cli_table_fini(&t);
}

/* ---- any value ---- */

static void add_plain(json_t *value, struct akt_buf *out)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS |
                                       JSON_REAL_PRECISION(10));
    cli_plain(out, json_is_string(value) ? json_string_value(value) : text);
    free(text);
}

static bool fits(json_t *value)
{
    if (!json_is_object(value) && !json_is_array(value))
        return true;
    char *text = json_dumps(value, JSON_SORT_KEYS);
    bool yes = text && strlen(text) <= INLINE;
    free(text);
    return yes;
}

static void add_field(json_t *value, struct akt_buf *out, int indent)
{
    if (fits(value)) {
        akt_buf_putc(out, ' ');
        add_plain(value, out);
        akt_buf_putc(out, '\n');
    } else {
        akt_buf_putc(out, '\n');
        cli_show_value(value, out, indent + 2);
    }
}

void cli_show_value(json_t *value, struct akt_buf *out, int indent)
{
    const char *key;
    size_t i;
    json_t *item;
    json_object_foreach(value, key, item)
    {
        akt_buf_printf(out, "%*s", indent, "");
        cli_plain(out, key);
        akt_buf_putc(out, ':');
        add_field(item, out, indent);
    }
    json_array_foreach(value, i, item)
    {
        akt_buf_printf(out, "%*s-", indent, "");
        add_field(item, out, indent);
    }
}
