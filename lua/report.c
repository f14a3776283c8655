/* SPDX-License-Identifier: MIT
 *
 * lua/report.c: what a crash looks like to the one who reads the terminal.
 */
#include "lua/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/sim_state.h"
#include "vm/base/alloc.h"
#include "vm/base/log_line.h"
#include "vm/cause.h"
#include "vm/life.h"
#include "vm/strand.h"
#include "vm/tape.h"

#define SHOWN_LINE 160  /* of the source line */
#define SHOWN_TEXT 4096 /* of what was raised */
#define SHOWN_VALUE 60  /* of one shown argument */
#define STACK_MAX 8     /* levels shown */

/* ---- the place ---- */

bool akt_place_find(lua_State *co, struct akt_place *p)
{
    lua_Debug ar;
    for (int level = 0; lua_getstack(co, level, &ar); level++) {
        lua_getinfo(co, "Sl", &ar);
        if (!akt_place_is_script(&ar))
            continue;
        snprintf(p->source, sizeof p->source, "%s", ar.short_src);
        snprintf(p->path, sizeof p->path, "%s",
                 ar.source[0] == '@' ? ar.source + 1 : "");
        p->line = ar.currentline;
        return true;
    }
    return false;
}

bool akt_place_read_line(const char *path, int n, char *out, size_t size)
{
    FILE *f = path[0] ? fopen(path, "r") : NULL;
    bool ok = false;
    char line[1024];
    if (!f)
        return false;
    while (n > 0 && fgets(line, sizeof line, f)) {
        bool whole = strchr(line, '\n') || feof(f);
        if (--n > 0) {
            while (!whole && fgets(line, sizeof line, f))
                whole = strchr(line, '\n') || feof(f);
            continue;
        }
        line[strcspn(line, "\r\n")] = 0;
        snprintf(out, size, "%s", line + strspn(line, " \t"));
        ok = true;
    }
    fclose(f);
    return ok;
}

/* ---- values ---- */

static void add_string(struct akt_buf *b, const char *s, size_t len)
{
    akt_buf_putc(b, '"');
    for (size_t i = 0; i < len; i++) {
        if (i == SHOWN_VALUE) {
            akt_buf_puts(b, "...");
            break;
        }
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\')
            akt_buf_printf(b, "\\%c", c);
        else if (c < ' ' || c == 127)
            akt_buf_printf(b, "\\%d", c);
        else
            akt_buf_putc(b, (char)c);
    }
    akt_buf_putc(b, '"');
}

static void add_value(lua_State *L, struct akt_lua *h, int idx,
                      struct akt_buf *b)
{
    akt_pid pid;
    size_t len;
    switch (lua_type(L, idx)) {
    case LUA_TSTRING: {
        const char *s = lua_tolstring(L, idx, &len);
        add_string(b, s, len);
        break;
    }
    case LUA_TTABLE:
        akt_buf_puts(b, "{...}");
        break;
    case LUA_TLIGHTUSERDATA:
        if (akt_to_pid(L, idx, &pid))
            akt_describe(h->iso->node, pid, false, b);
        else
            akt_buf_puts(b, "<ref>");
        break;
    default: {
        const char *s = akt_tolstring(L, idx, &len);
        akt_buf_add(b, s, len);
        lua_pop(L, 1);
    }
    }
}

/* parse("x") from <main#1>, waited 0 ms */
static bool add_call(lua_State *L, struct akt_lua *h, struct akt_buf *b,
                     const struct akt_msg *m)
{
    int top = lua_gettop(L);
    int n = akt_codec_decode(L, m->body, m->size);
    if (n < 1) {
        lua_settop(L, top);
        return false;
    }
    const char *tag = lua_tostring(L, top + 1);
    akt_buf_printf(b, "%s(", tag ? tag : "?");
    for (int i = 2; i <= n && i < 10; i++) {
        if (i > 2)
            akt_buf_puts(b, ", ");
        add_value(L, h, top + i, b);
    }
    akt_buf_puts(b, ")");
    lua_settop(L, top);
    if (!akt_pid_is_none(m->sender)) {
        akt_buf_puts(b, " from ");
        akt_describe(h->iso->node, m->sender, false, b);
        uint32_t tick =
            atomic_load_explicit(&h->iso->node->tick, memory_order_relaxed);
        akt_buf_printf(b, ", waited %" PRIu32 " ms", tick - m->sent_tick);
    }
    return true;
}

static void add_message(lua_State *L, struct akt_lua *h, struct akt_buf *b,
                        const struct akt_msg *m)
{
    size_t start = b->len;
    akt_buf_puts(b, "  message  ");
    if (add_call(L, h, b, m))
        akt_buf_puts(b, "\n");
    else
        b->len = start;
}

/* A tag; what would disturb a terminal is left out. */
static void add_word(struct akt_buf *b, const char *s, size_t len)
{
    for (size_t i = 0; i < len && i < SHOWN_VALUE; i++)
        akt_buf_putc(b, (unsigned char)s[i] < ' ' || s[i] == 127 ? '?' : s[i]);
}

/* Its chain, if there is more of it than the line above says. */
static void add_chain(struct akt_lua *h, struct akt_buf *b,
                      const struct akt_msg *m)
{
    char cause[AKT_CAUSE_TAG];
    const char *tag;
    size_t len;
    struct akt_parent parent = akt_cause_of(m);
    akt_cause_tag(&parent, cause);
    if (!cause[0] || !akt_codec_tag(m->body, m->size, &tag, &len))
        return;
    akt_buf_printf(b, "  trace    %016" PRIx64 "  ", m->trace);
    add_word(b, tag, len);
    akt_buf_puts(b, " from ");
    akt_describe(h->iso->node, m->sender, false, b);
    akt_buf_puts(b, " <- ");
    add_word(b, cause, strlen(cause));
    if (!akt_pid_is_none(m->origin)) {
        akt_buf_puts(b, " from ");
        akt_describe(h->iso->node, m->origin, false, b);
    }
    akt_buf_puts(b, "\n");
}

/* ---- the stack ---- */

static void add_function(const lua_Debug *ar, struct akt_buf *b)
{
    if (ar->name)
        akt_buf_printf(b, " in %s", ar->name);
    else if (strcmp(ar->what, "main") == 0)
        akt_buf_puts(b, " in main chunk");
    else
        akt_buf_printf(b, " in function <%s:%d>", ar->short_src,
                       ar->linedefined);
}

static void add_frames(lua_State *co, const char *handler, struct akt_buf *b)
{
    lua_Debug ar, next;
    int shown = 0;
    for (int level = 0; shown < STACK_MAX && lua_getstack(co, level, &ar);
         level++) {
        lua_getinfo(co, "Slnt", &ar);
        if (!akt_place_is_script(&ar))
            continue;
        if (shown++)
            akt_buf_puts(b, "  <-  ");
        akt_buf_printf(b, "%s:%d", ar.short_src, ar.currentline);
        /* the outermost script function is the handler itself */
        bool outermost = true;
        for (int up = level + 1; outermost && lua_getstack(co, up, &next);
             up++) {
            lua_getinfo(co, "Sl", &next);
            if (akt_place_is_script(&next))
                outermost = false;
        }
        if (outermost && handler)
            akt_buf_printf(b, " in %s", handler);
        else
            add_function(&ar, b);
    }
}

static void add_stack(lua_State *co, const char *handler, struct akt_buf *b)
{
    size_t start = b->len;
    akt_buf_puts(b, "  stack    ");
    size_t empty = b->len;
    add_frames(co, handler, b);
    if (b->len > empty)
        akt_buf_puts(b, "\n");
    else
        b->len = start;
}

/* ---- the report ---- */

void akt_handler_name(const struct akt_actor *a, char *out, size_t size)
{
    const struct akt_kind *kind = akt_actor_kind(a);
    const char *tag;
    size_t len;
    if (a->current && a->current->type == AKT_MSG_TASK)
        snprintf(out, size, "a task");
    else if (kind->process)
        snprintf(out, size, "%s", a->is_main ? "main chunk" : "its function");
    else if (a->upgrading)
        snprintf(out, size, "upgrade");
    else if (a->aside)
        snprintf(out, size, "%s",
                 a->aside == AKT_ASIDE_IDLE     ? "idle"
                 : a->aside == AKT_ASIDE_HEALTH ? "health"
                                                : "init or wake");
    else if (a->state == AKT_A_INIT)
        snprintf(out, size, "init");
    else if (a->state == AKT_A_POST)
        snprintf(out, size, "post_restart");
    else if (a->state == AKT_A_HOOK)
        snprintf(out, size, "%s",
                 a->goal == AKT_GOAL_RESTART ? "pre_restart" : "terminate");
    else if (a->current && a->current->type == AKT_MSG_DOWN)
        snprintf(out, size, "%s",
                 a->current->flags & AKT_MSG_RESTARTED ? "restarted" : "down");
    else if (a->current && a->current->type == AKT_MSG_EXIT)
        snprintf(out, size, "exit");
    else if (a->current && a->current->type == AKT_MSG_SIGNAL)
        snprintf(out, size, "%s",
                 a->current->code == AKT_OVERLOADED ? "overloaded"
                                                    : "recovered");
    else if (a->current &&
             akt_codec_tag(a->current->body, a->current->size, &tag, &len))
        snprintf(out, size, "on.%.*s", len < 40 ? (int)len : 40, tag);
    else
        snprintf(out, size, "a handler");
}

/* "worker.lua:12: cannot parse" without the place, when it says the same. */
static const char *without_place(const char *text, const struct akt_place *p)
{
    char prefix[LUA_IDSIZE + 16];
    int n = snprintf(prefix, sizeof prefix, "%s:%d: ", p->source, p->line);
    return strncmp(text, prefix, (size_t)n) == 0 ? text + n : text;
}

/* An error may be as long as memory; a report is for reading. */
static void add_text(struct akt_buf *b, const char *before, const char *text)
{
    size_t len = strlen(text);
    bool cut = len > SHOWN_TEXT;
    akt_buf_puts(b, before);
    akt_buf_add(b, text, cut ? SHOWN_TEXT : len);
    if (cut)
        akt_buf_printf(b, "... (%zu bytes)", len);
    akt_buf_puts(b, "\n");
}

static void add_place(struct akt_buf *b, const struct akt_place *p,
                      const char *text)
{
    char line[SHOWN_LINE];
    akt_buf_printf(b, "  --> %s:%d: ", p->source, p->line);
    add_text(b, "", without_place(text, p));
    if (akt_place_read_line(p->path, p->line, line, sizeof line))
        akt_buf_printf(b, "      %s\n", line);
}

/* ---- the same as one line of JSON, but for its end ---- */

static void json_cause(lua_State *L, const struct akt_msg *m, struct akt_buf *b)
{
    char cause[AKT_CAUSE_TAG];
    if (!m)
        return;
    struct akt_parent parent = akt_cause_of(m);
    akt_cause_tag(&parent, cause);
    if (cause[0])
        akt_log_add_string(b, "cause", cause);
    if (cause[0] && !akt_pid_is_none(m->origin)) {
        akt_log_add_string(b, "cause_from", akt_pid_text(L, m->origin));
        lua_pop(L, 1);
    }
}

/* One line for the eyes that ends in "crashed in on.parse". */
static void json_begin(lua_State *L, struct akt_actor *a, const char *handler,
                       struct akt_buf *b)
{
    char text[96];
    struct akt_log_head head = {.level = AKT_LOG_ERROR, .text = text};
    snprintf(text, sizeof text, "crashed in %s", handler);
    head.actor = akt_pid_text(L, a->self);
    head.kind = akt_actor_kind(a)->name;
    head.trace = akt_cause_trace(akt_lua_of(L)->iso, a);
    head.wall_ns = akt_world_wall_ns(akt_lua_of(L)->iso->node->world);
    akt_log_begin(b, &head);
    lua_pop(L, 1);
    if (a->ext && a->ext->name)
        akt_log_add_string(b, "name", a->ext->name);
    json_cause(L, a->current, b);
}

/* The scratch buffer, since what is called here may raise. */
static void json_scratch(struct akt_lua *h, const char *key, struct akt_buf *b)
{
    if (h->scratch.len)
        akt_log_add_string(b, key, akt_buf_cstr(&h->scratch));
    h->scratch.len = 0;
}

struct crash {
    struct akt_actor *actor;
    lua_State *co;
    const char *code;
    const char *text;
    const char *handler;
};

static void report_json(lua_State *L, const struct crash *c, struct akt_buf *b)
{
    struct akt_lua *h = akt_lua_of(L);
    const struct akt_msg *m = c->actor->current;
    struct akt_place place;
    json_begin(L, c->actor, c->handler, b);
    akt_log_add_string(b, "code", c->code);
    akt_log_add_string(b, "message", c->text);
    if (akt_place_find(c->co, &place)) {
        akt_log_add_string(b, "file", place.source);
        akt_log_add_integer(b, "line", place.line);
    }
    h->scratch.len = 0;
    if (m && m->type == AKT_MSG_USER && add_call(L, h, &h->scratch, m))
        json_scratch(h, "handling", b);
    add_frames(c->co, c->handler, &h->scratch);
    json_scratch(h, "stack", b);
}

/* What is text although JSON is wanted: "error[code]: ..." and a second line
 * that says more. */
static void json_of_text(const char *text, struct akt_buf *b)
{
    char code[64] = "crash";
    int skip = 0;
    if (sscanf(text, "error[%63[^]]]: %n", code, &skip) < 1)
        skip = 0;
    struct akt_log_head head = {.level = AKT_LOG_ERROR, .text = text + skip};
    head.text_len = strcspn(head.text, "\n");
    akt_log_begin(b, &head);
    akt_log_add_string(b, "code", code);
    const char *more = strstr(text, "\n  --> ");
    if (more && akt_log_add_key(b, "message", 7))
        akt_log_add_value(b, more + 7, strcspn(more + 7, "\n"));
}

/* What waits beside the one that has crashed, and mostly goes with it. */
static void add_others(const struct akt_actor *a, struct akt_buf *b)
{
    bool task = akt_strand_is_task(a);
    uint32_t handlers = akt_strand_handlers(a) - !task;
    uint32_t tasks = akt_strand_tasks(a) - task;
    if (handlers || tasks)
        akt_buf_printf(b,
                       "  beside   %" PRIu32 " handlers and %" PRIu32
                       " tasks that wait\n",
                       handlers, tasks);
}

void akt_report_crash(lua_State *L, int err, struct akt_actor *a, lua_State *co,
                      int status, struct akt_buf *b)
{
    struct akt_lua *h = akt_lua_of(L);
    const char *code = akt_error_normalize(L, err, status);
    char handler[64];
    akt_handler_name(a, handler, sizeof handler);
    if (strcmp(code, "error") == 0)
        code = "crash";
    if (akt_log_reports_are_json()) {
        akt_error_message(L, err);
        struct crash c = {a, co, code, lua_tostring(L, -1), handler};
        report_json(L, &c, b);
        lua_pop(L, 1);
        return;
    }
    akt_buf_printf(b, "error[%s]: ", code);
    akt_describe(h->iso->node, a->self, true, b);
    akt_buf_printf(b, " crashed in %s\n", handler);
    akt_error_message(L, err);
    const char *text = lua_tostring(L, -1);
    struct akt_place place;
    if (akt_place_find(co, &place))
        add_place(b, &place, text);
    else
        add_text(b, "  --> ", text);
    lua_pop(L, 1);
    if (a->current && a->current->type == AKT_MSG_USER)
        add_message(L, h, b, a->current);
    if (a->current && a->current->type == AKT_MSG_USER)
        add_chain(h, b, a->current);
    add_stack(co, handler, b);
    add_others(a, b);
}

/* The line in b, which is text or JSON without its end, becomes whole. */
static void end_json(struct akt_buf *b, const char *fate)
{
    if (b->len && b->data[0] != '{') {
        struct akt_buf text = *b;
        akt_buf_init(b);
        json_of_text(akt_buf_cstr(&text), b);
        akt_buf_fini(&text);
    }
    if (b->len && b->data[b->len - 1] == '\n')
        b->len--;
    if (fate)
        akt_log_add_string(b, "restart", fate);
    akt_log_end(b);
}

void akt_report_print(struct akt_node *node, const char *text, size_t len,
                      const char *fate)
{
    struct akt_lua_node *n = node->host_data;
    akt_input_ticket(); /* a replay prints in the same order */
    if (!n->crash_reports)
        return;
    len = strnlen(text, len);
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_add(&b, text, len);
    if (akt_log_reports_are_json())
        end_json(&b, fate);
    else
        akt_buf_printf(&b, "  restart  %s\n", fate);
    akt_log_write(b.data, b.len);
    akt_buf_fini(&b);
}

void akt_report_note(const char *text)
{
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_puts(&b, text);
    if (akt_log_reports_are_json())
        end_json(&b, NULL);
    akt_log_write(b.data, b.len);
    akt_buf_fini(&b);
}
