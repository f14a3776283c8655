/* SPDX-License-Identifier: MIT */
#include "lua/definitions.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lua/error.h"
#include "vm/base/alloc.h"

/* Of a crash: its place and message. */
static void on_report(struct akt_node *node, const char *text, size_t len,
                      const char *fate)
{
    (void)fate;
    const char *at = memmem(text, len, "--> ", 4);
    const char *from = at ? at + 4 : text;
    size_t left = len - (size_t)(from - text);
    const char *end = memchr(from, '\n', left);
    akt_lua_finding(node->host_data, from, end ? (size_t)(end - from) : left);
}

static void on_late(struct akt_node *node)
{
    static const char text[] = "the script does not come to an end";
    akt_lua_finding(node->host_data, text, sizeof text - 1);
}

static void make_node(struct akt_definitions *d, const struct akt_script *s,
                      const char *chunkname)
{
    struct akt_config config = {
        .workers = 1, .guest = true, .max_run_ms = AKT_DEFINITIONS_MS};
    d->node = akt_node_create(&config);
    d->lua = akt_lua_node_create(d->node);
    d->lua->script_path = s->path;
    d->lua->script_name = chunkname;
    d->lua->script_text = s->text;
    d->lua->script_len = s->len;
    d->lua->argc = s->argc;
    d->lua->argv = s->argv;
    akt_lua_keep_script(d->lua);
    d->lua->definition = true;
    d->node->on_report = on_report;
    d->node->on_late = on_late;
    akt_preempt_init(d->node);
    struct akt_spec *spec = akt_spec_new();
    spec->own_isolate = true;
    akt_node_main(d->node, &d->lua->main, spec, akt_msg_new(AKT_MSG_START, 0));
}

static void *run(void *node)
{
    akt_node_run(node);
    return NULL;
}

struct akt_definitions *akt_definitions_run(const struct akt_script *script)
{
    struct akt_definitions *d = akt_calloc(sizeof *d);
    struct akt_buf name = AKT_BUF_INIT;
    pthread_t thread;
    akt_buf_printf(&name, "@%s", script->path);
    make_node(d, script, akt_buf_cstr(&name));
    /* a thread of its own: this one may be a worker of another node */
    if (pthread_create(&thread, NULL, run, d->node) == 0)
        pthread_join(thread, NULL);
    else
        on_late(d->node);
    d->findings = d->lua->findings;
    akt_buf_add(&d->text, d->lua->findings_text.data,
                d->lua->findings_text.len);
    akt_buf_fini(&name);
    return d;
}

void akt_definitions_free(struct akt_definitions *d)
{
    akt_node_destroy(d->node);
    akt_lua_node_destroy(d->lua);
    akt_buf_fini(&d->text);
    akt_free(d, sizeof *d);
}

/* ---- inside: checking what has been defined ---- */

static int freeze_protected(lua_State *L)
{
    akt_kind_freeze(L, 1);
    return 0;
}

/* "file:line: ..." */
static bool has_place(const char *text)
{
    int end = 0;
    return sscanf(text, "%*[^:\n]:%*d:%n", &end) >= 0 && end > 0;
}

/* The error on top; one that has no place is about the kind at `kind`. */
static void find_fault(lua_State *L, int kind)
{
    struct akt_lua_node *n = akt_lua_of(L)->node;
    struct akt_lua_kind *k = akt_kind_at(L, kind);
    akt_error_message(L, -1);
    const char *text = lua_tostring(L, -1);
    pthread_mutex_lock(&n->lock);
    const char *path = k->source + (k->source[0] == '@');
    struct akt_buf b = AKT_BUF_INIT;
    if (!has_place(text))
        akt_buf_printf(&b, "%s:%d: kind \"%s\": ", path, k->line, k->name);
    pthread_mutex_unlock(&n->lock);
    akt_buf_puts(&b, text);
    akt_lua_finding(n, b.data, b.len);
    akt_buf_fini(&b);
    lua_pop(L, 1);
}

void akt_definitions_check(lua_State *L)
{
    luaL_checkstack(L, 8, "check");
    luaL_getsubtable(L, LUA_REGISTRYINDEX, AKT_KINDS_DEFINED);
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_pushcfunction(L, freeze_protected);
        lua_rawgeti(L, -2, i);
        if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
            lua_rawgeti(L, -2, i);
            lua_insert(L, -2);
            find_fault(L, -2);
            lua_pop(L, 2);
        }
    }
    lua_pop(L, 1);
}
