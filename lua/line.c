/* SPDX-License-Identifier: MIT */
#include "lua/line.h"

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "vm/base/alloc.h"
#include "vm/names.h"

#define NAMES_AT_ONCE 256 /* walked under the lock of the names */
#define NAMES_MAX 10000   /* bytes of all names told */
#define INTERRUPTED 1 /* a deadline that has passed whatever the clock says */

static struct akt_line *line_of(struct akt_lua *h)
{
    const struct akt_actor *a = h->iso->current;
    const struct akt_lua_actor *la = a ? a->host_data : NULL;
    return la ? la->line : NULL;
}

void akt_line_free(struct akt_line *line)
{
    if (!line)
        return;
    akt_buf_fini(&line->output);
    akt_free(line, sizeof *line);
}

/* ---- the end of a line ---- */

bool akt_line_over(struct akt_lua *h)
{
    const struct akt_line *line = line_of(h);
    if (!line || !line->deadline_ns || !h->chain || !h->chain->outer)
        return false;
    return line->deadline_ns <= akt_node_now(h->iso->node);
}

void akt_line_raise(struct akt_lua *h, lua_State *L)
{
    const struct akt_line *line = line_of(h);
    /* A pcall in the coroutine that resumed this one must not go on either:
     * all but the session's own are hooked, and stay so. */
    for (struct akt_chain *c = h->chain; c->outer; c = c->outer)
        lua_sethook(c->L, lua_gethook(L), LUA_MASKCOUNT, 1);
    akt_mark(L, AKT_DEAF, true); /* as for `stuck` */
    if (line->interrupted)
        akt_error_raise(L, "interrupted", "interrupted");
    akt_error_raise(L, "timeout", "the time of the line is over");
}

bool akt_line_interrupt(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_lua_actor *la = a->host_data;
    if (!akt_line_deadline(la))
        return false;
    la->line->deadline_ns = INTERRUPTED;
    la->line->interrupted = true;
    struct akt_pending *next;
    for (struct akt_pending *p = a->pendings; p; p = next) {
        next = p->next;
        if (p->type != AKT_P_CALL || !p->awaited || p->done)
            continue;
        p->period_ns = 1; /* a sleep then knows that it was cut short */
        akt_pending_answer(iso, p, NULL, AKT_TIMEOUT);
    }
    return true;
}

/* ---- output ---- */

bool akt_line_print(struct akt_lua *h, const char *text, size_t len)
{
    struct akt_line *line = line_of(h);
    if (!line || !line->captures)
        return false;
    size_t room = AKT_LINE_OUTPUT - line->output.len;
    size_t taken = len < room ? len : room;
    akt_buf_add(&line->output, text, taken);
    line->dropped += len - taken;
    return true;
}

/* ---- core of stdlib/session.lua ---- */

/* core.line_open(captures) */
static int l_line_open(lua_State *L)
{
    struct akt_lua_actor *la = akt_lua_actor(akt_lua_self(L));
    if (!la->line)
        la->line = akt_calloc(sizeof *la->line);
    la->line->captures = lua_toboolean(L, 1);
    return 0;
}

static struct akt_line *check_line(lua_State *L)
{
    struct akt_line *line = line_of(akt_lua_of(L));
    if (!line)
        akt_error_raise(L, "denied", "only a session has lines");
    return line;
}

/* core.line_begin(seconds) */
static int l_line_begin(lua_State *L)
{
    struct akt_line *line = check_line(L);
    line->deadline_ns =
        akt_node_now(akt_lua_of(L)->iso->node) + akt_check_seconds(L, 1);
    line->interrupted = false;
    return 0;
}

/* core.line_end() -> whether it was interrupted. What the line could not
 * close because it was ended is put right. */
static int l_line_end(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_line *line = check_line(L);
    lua_pushboolean(L, line->interrupted);
    line->deadline_ns = 0;
    line->interrupted = false;
    akt_lua_actor(h->iso->current)->deadline_ns = 0;
    h->loading = h->node->definition;
    return 1;
}

/* core.line_write(text) -> false: it is not captured */
static int l_line_write(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    lua_pushboolean(L, akt_line_print(akt_lua_of(L), text, len));
    return 1;
}

/* core.line_output() -> what was printed, and how many bytes were dropped */
static int l_line_output(lua_State *L)
{
    struct akt_line *line = check_line(L);
    lua_pushlstring(L, line->output.len ? line->output.data : "",
                    line->output.len);
    lua_pushinteger(L, (lua_Integer)line->dropped);
    line->output.len = 0;
    line->dropped = 0;
    return 2;
}

/* core.line_main() -> the pid of main */
static int l_line_main(lua_State *L)
{
    akt_push_pid(L, akt_lua_of(L)->iso->node->main);
    return 1;
}

struct names {
    struct akt_buf text;
    const char *prefix;
};

static void add_name(void *ctx, const char *name, akt_pid pid)
{
    struct names *n = ctx;
    (void)pid;
    bool fits = n->text.len + strlen(name) < NAMES_MAX;
    if (fits && strncmp(name, n->prefix, strlen(n->prefix)) == 0)
        akt_buf_printf(&n->text, "%s\n", name);
}

/* core.line_names(prefix) -> registered names, a line each */
static int l_line_names(lua_State *L)
{
    struct names n = {AKT_BUF_INIT, luaL_checkstring(L, 1)};
    uint32_t cursor = 0;
    while (akt_names_walk(akt_lua_of(L)->iso->node->names, &cursor,
                          NAMES_AT_ONCE, add_name, &n))
        ;
    struct akt_lua *h = akt_lua_of(L);
    h->in_vm = true; /* nothing raises before the buffer is freed */
    lua_pushlstring(L, akt_buf_cstr(&n.text), n.text.len);
    h->in_vm = false;
    akt_buf_fini(&n.text);
    return 1;
}

static const luaL_Reg functions[] = {
    {"line_open", l_line_open},     {"line_begin", l_line_begin},
    {"line_end", l_line_end},       {"line_write", l_line_write},
    {"line_output", l_line_output}, {"line_names", l_line_names},
    {"line_main", l_line_main},     {NULL, NULL},
};

void akt_lib_line_open(lua_State *L, int core)
{
    lua_pushvalue(L, core);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
