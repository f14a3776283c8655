/* SPDX-License-Identifier: MIT
 *
 * lua/reload_status.c: which versions run, and whether the files still say
 * the same.
 */
#include <stdio.h>
#include <string.h>

#include "lua/reload_impl.h"
#include "vm/base/alloc.h"
#include "vm/upgrade.h"

/* Under the lock. What is compared is read later, without it. */
struct row {
    struct akt_lua_kind *kind;
    struct akt_lua_version *version;
    uint64_t actors, older, refused;
};

struct rows {
    struct row *rows;
    uint32_t len;
    uint64_t processes; /* main not counted */
    akt_pid main;
};

static bool count_one(void *ctx, akt_pid pid, const struct akt_kind *kind,
                      bool held_back)
{
    struct rows *r = ctx;
    if (kind->host != &akt_lua_host)
        return false;
    if (kind->process) {
        r->processes += !akt_pid_eq(pid, r->main);
        return false;
    }
    const struct akt_lua_version *v = kind->data;
    for (uint32_t i = 0; i < r->len; i++) {
        struct row *row = &r->rows[i];
        if (row->kind != v->family)
            continue;
        row->actors++;
        row->older += v != row->version;
        row->refused += v != row->version && held_back;
    }
    return false;
}

/* Whether the file at `path` holds something else than `text`, or is gone. */
static bool differs(const char *path, const struct akt_text *text)
{
    struct akt_text *now = akt_text_read(path);
    bool differs = !now || now->hash != text->hash;
    akt_text_unref(now);
    return differs;
}

static bool modules_differ(const struct akt_lua_node *n,
                           const struct akt_lua_version *v)
{
    struct akt_buf all = AKT_BUF_INIT;
    bool any = false;
    akt_buf_add(&all, v->modules.data, v->modules.len);
    akt_modules_close(&n->modules, &all);
    for (const char *s = akt_modules_first(&all); s && !any;
         s = akt_modules_next(&all, s)) {
        const struct akt_module *m = akt_modules_find(&n->modules, s);
        any = m && differs(m->path, m->text);
    }
    akt_buf_fini(&all);
    return any;
}

static json_t *row_json(const struct akt_lua_node *n, const struct row *r)
{
    const struct akt_lua_kind *k = r->kind;
    const struct akt_lua_version *v = r->version;
    bool file = k->source[0] == '@';
    /* what has no image yet may be in the middle of being frozen */
    bool drift =
        v->image && ((file && v->text && differs(k->source + 1, v->text)) ||
                     modules_differ(n, v));
    char hash[20];
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)v->hash);
    json_t *o = json_pack(
        "{s:s, s:i, s:s, s:s, s:i, s:I, s:I, s:I, s:b}", "kind", k->name,
        "number", (int)v->number, "hash", v->image ? hash : "", "file",
        file ? k->source + 1 : k->source, "line", k->line, "actors",
        (json_int_t)r->actors, "older", (json_int_t)r->older, "refused",
        (json_int_t)r->refused, "drift", (int)drift);
    if (o && v->image && v->label)
        json_object_set_new(o, "version", json_string(v->label));
    return o ? o : json_pack("{s:s}", "kind", "a name that cannot be shown");
}

static void find_rows(struct akt_lua_node *n, struct rows *r)
{
    uint32_t i = 0;
    for (struct akt_lua_kind *k = n->kinds; k; k = k->next)
        r->len++;
    r->rows = akt_calloc((r->len + 1) * sizeof *r->rows);
    /* the newest is first in the list */
    for (struct akt_lua_kind *k = n->kinds; k; k = k->next, i++)
        r->rows[r->len - 1 - i] = (struct row){k, akt_kind_current(k), 0, 0, 0};
}

json_t *akt_reload_status(struct akt_lua_node *n)
{
    struct rows r = {.main = n->node->main};
    struct akt_upgrade_scan scan = {count_one, &r};
    json_t *kinds = json_array();
    /* no version goes while the lock is held */
    pthread_mutex_lock(&n->lock);
    find_rows(n, &r);
    akt_upgrade_scan(n->node, &scan);
    for (uint32_t i = 0; i < r.len; i++)
        json_array_append_new(kinds, row_json(n, &r.rows[i]));
    pthread_mutex_unlock(&n->lock);
    akt_free(r.rows, (r.len + 1) * sizeof *r.rows);
    return json_pack("{s:o, s:I}", "kinds", kinds, "processes",
                     (json_int_t)r.processes);
}
