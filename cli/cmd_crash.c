/* SPDX-License-Identifier: MIT
 *
 * cli/cmd_crash.c: `aktvm crash FILE`: a crash file (vm/crash.h) for reading.
 * The file may be anything: what it does not say is left out.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "vm/crash.h"

#define LINES_SHOWN 20 /* of turns, events and mailbox */

/* ---- fields ---- */

static const char *text_of(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static const char *or_none(const char *s)
{
    return s ? s : "-";
}

static long long number_of(const json_t *o, const char *key)
{
    return (long long)json_number_value(json_object_get(o, key));
}

/* Control characters of a file must not reach the terminal. */
static void put(const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '\n')
            fputs("\n            ", stdout);
        else if ((c < ' ' && c != '\t') || c == 127)
            printf("\\x%02x", c);
        else
            putchar(c);
    }
}

static void row(const char *label, const char *text)
{
    if (!text)
        return;
    printf("  %-9s ", label);
    put(text);
    putchar('\n');
}

static void put_json(const json_t *v)
{
    char *text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
    put(text ? text : "?");
    free(text);
}

/* ---- sections ---- */

static void show_head(const json_t *root)
{
    const json_t *actor = json_object_get(root, "actor");
    const json_t *error = json_object_get(root, "error");
    const char *handler = text_of(error, "handler");
    const char *name = text_of(actor, "name");
    printf("error[");
    put(or_none(text_of(error, "code")));
    printf("]: ");
    put(or_none(text_of(actor, "pid")));
    if (name) {
        printf(" \"");
        put(name);
        putchar('"');
    }
    printf(" died");
    if (handler) {
        printf(" in ");
        put(handler);
    }
    printf("\n  %-9s ", "when");
    put(or_none(text_of(root, "time")));
    printf(", node ");
    put(or_none(text_of(root, "node")));
    printf(", process %lld, aktvm ", number_of(root, "process"));
    put(or_none(text_of(root, "aktvm")));
    putchar('\n');
    row("message", text_of(error, "message"));
}

static void show_place(const json_t *root)
{
    const json_t *place = json_object_get(root, "place");
    if (!place)
        return;
    printf("  %-9s ", "place");
    put(or_none(text_of(place, "file")));
    printf(":%lld\n", number_of(place, "line"));
    row("", text_of(place, "source"));
}

static void show_actor(const json_t *root)
{
    const json_t *a = json_object_get(root, "actor");
    printf("  %-9s parent ", "actor");
    put(or_none(text_of(a, "parent")));
    printf(", %.3f s old, %lld messages, %lld restarts, %lld in its mailbox\n",
           (double)number_of(a, "age_ms") / 1e3, number_of(a, "processed"),
           number_of(a, "restarts"), number_of(a, "mailbox"));
}

static void show_stack(const json_t *root)
{
    size_t i;
    json_t *level;
    json_array_foreach(json_object_get(root, "stack"), i, level)
    {
        const char *function = text_of(level, "function");
        printf("  %-9s ", i ? "" : "stack");
        put(or_none(text_of(level, "file")));
        if (number_of(level, "line"))
            printf(":%lld", number_of(level, "line"));
        if (function) {
            printf(" in ");
            put(function);
        }
        putchar('\n');
    }
}

static void show_message(const json_t *m)
{
    const char *trace = text_of(m, "trace");
    const json_t *cause = json_object_get(m, "cause");
    put(or_none(text_of(m, "type")));
    putchar(' ');
    put_json(json_object_get(m, "values"));
    printf(" from ");
    put(or_none(text_of(m, "from")));
    printf(", waited %lld ms", number_of(m, "waited_ms"));
    if (trace) {
        printf(", trace ");
        put(trace);
    }
    if (cause) {
        printf(", caused by ");
        put(or_none(text_of(cause, "tag")));
    }
    if (cause && text_of(cause, "from")) {
        printf(" from ");
        put(text_of(cause, "from"));
    }
}

static void show_turn(const json_t *t)
{
    const char *tag = text_of(t, "tag");
    put(or_none(text_of(t, "pid")));
    putchar(' ');
    put(or_none(text_of(t, "turn")));
    if (tag) {
        putchar(' ');
        put(tag);
    }
    printf(", %lld ms before", number_of(t, "ago_ms"));
}

static void show_event(const json_t *e)
{
    const char *code = text_of(e, "code");
    printf("%.3f s  ", json_number_value(json_object_get(e, "at_ms")) / 1e3);
    put(or_none(text_of(e, "event")));
    putchar(' ');
    put(or_none(text_of(e, "pid")));
    if (code) {
        putchar(' ');
        put(code);
    }
    if (json_object_get(e, "n"))
        printf(" %lld", number_of(e, "n"));
    if (json_object_get(e, "count"))
        printf(", %lld times", number_of(e, "count"));
}

struct list {
    const char *key, *label;
    void (*show)(const json_t *item);
    bool newest_last;
};

static void show_list(const json_t *root, const struct list *list)
{
    const json_t *items = json_object_get(root, list->key);
    size_t n = json_array_size(items);
    size_t shown = n < LINES_SHOWN ? n : LINES_SHOWN;
    size_t first = list->newest_last ? n - shown : 0;
    for (size_t i = 0; i < shown; i++) {
        printf("  %-9s ", i ? "" : list->label);
        list->show(json_array_get(items, first + i));
        putchar('\n');
    }
    if (shown < n)
        printf("  %-9s (%zu more in the file)\n", "", n - shown);
}

static void show_state(const json_t *root)
{
    const json_t *state = json_object_get(root, "state");
    const char *key;
    json_t *value;
    bool first = true;
    if (state && !json_object_size(state)) {
        printf("  %-9s ", "state");
        put_json(state);
        putchar('\n');
    }
    json_object_foreach((json_t *)state, key, value)
    {
        printf("  %-9s ", first ? "state" : "");
        put(key);
        printf(" = ");
        put_json(value);
        putchar('\n');
        first = false;
    }
}

static void show(const json_t *root)
{
    static const struct list lists[] = {
        {"messages", "handled", show_message, false},
        {"mailbox", "mailbox", show_message, false},
        {"turns", "turns", show_turn, false},
        {"events", "events", show_event, true},
    };
    show_head(root);
    show_place(root);
    show_actor(root);
    show_stack(root);
    show_list(root, &lists[0]);
    show_state(root);
    for (size_t i = 1; i < sizeof lists / sizeof *lists; i++)
        show_list(root, &lists[i]);
    if (number_of(root, "left_out"))
        printf("  %-9s %lld deaths before this one have no file\n", "left out",
               number_of(root, "left_out"));
}

/* ---- the command ---- */

static int refuse(const char *path, const char *why)
{
    fprintf(stderr, "aktvm: %s is no crash file of aktvm: %s\n", path, why);
    return CLI_FAILED;
}

int cli_cmd_crash(const struct cli_command *self, int argc, char **argv)
{
    json_error_t error;
    struct cli_words words;
    int code;
    if (!cli_parse(self, argc, argv, NULL, 1, 1, &words, &code))
        return code;
    const char *path = words.words[0];
    json_t *root = json_load_file(path, 0, &error);
    if (!root && error.line < 0) {
        fprintf(stderr, "aktvm: %s\n", error.text);
        return CLI_FAILED;
    }
    if (!root)
        return refuse(path, error.text);
    code = CLI_OK;
    if (number_of(root, "format") != AKT_CRASH_FORMAT)
        code = refuse(path, "its format is not one that is known here");
    else if (words.json)
        json_dumpf(root, stdout, JSON_INDENT(2));
    else
        show(root);
    json_decref(root);
    return code;
}
