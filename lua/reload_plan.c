/* SPDX-License-Identifier: MIT
 *
 * lua/reload_plan.c: what a reload is going to change.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/reload_impl.h"
#include "vm/base/alloc.h"

#define MESSAGE_MAX 4096

bool akt_plan_fail(struct akt_plan *p, const char *code, const char *fmt, ...)
{
    char text[MESSAGE_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    json_decref(p->error);
    p->error =
        json_pack("{s:s, s:s%}", "code", code, "message", text, strlen(text));
    if (!p->error) /* it is no UTF-8 */
        p->error = json_pack("{s:s, s:s}", "code", code, "message",
                             "the message cannot be shown");
    return false;
}

void akt_plan_fini(struct akt_plan *p)
{
    for (uint32_t i = 0; i < p->modules_len; i++)
        akt_text_unref(p->modules[i].text);
    akt_free(p->modules, p->modules_cap * sizeof *p->modules);
    akt_free(p->changes, p->changes_cap * sizeof *p->changes);
    akt_text_unref(p->script);
    if (p->defs)
        akt_definitions_free(p->defs);
    json_decref(p->notes);
    json_decref(p->error);
}

bool akt_same_file(const char *known, const char *path)
{
    char a[PATH_MAX], b[PATH_MAX];
    if (strcmp(known, path) == 0)
        return true;
    return realpath(known, a) && realpath(path, b) && strcmp(a, b) == 0;
}

static const char *file_of(const struct akt_lua_kind *k)
{
    return k->source[0] == '@' ? k->source + 1 : k->source;
}

static struct akt_change *add_change(struct akt_plan *p)
{
    if (p->changes_len == p->changes_cap) {
        uint32_t cap = p->changes_cap ? p->changes_cap * 2 : 8;
        p->changes = akt_resize(p->changes, p->changes_cap * sizeof *p->changes,
                                cap * sizeof *p->changes);
        p->changes_cap = cap;
    }
    struct akt_change *c = &p->changes[p->changes_len++];
    memset(c, 0, sizeof *c);
    return c;
}

/* Takes the reference. */
static void add_module(struct akt_plan *p, const char *name,
                       struct akt_text *text)
{
    if (p->modules_len == p->modules_cap) {
        uint32_t cap = p->modules_cap ? p->modules_cap * 2 : 8;
        p->modules = akt_resize(p->modules, p->modules_cap * sizeof *p->modules,
                                cap * sizeof *p->modules);
        p->modules_cap = cap;
    }
    p->modules[p->modules_len++] =
        (struct akt_module_change){name, text, false};
}

/* ---- what has changed: all under the node's lock ---- */

/* The text of a module as it is now: what the definitions have loaded, or the
 * file. NULL: it cannot be read. */
static struct akt_text *text_now(struct akt_plan *p, const struct akt_module *m)
{
    const struct akt_module *fresh =
        akt_modules_find(&p->defs->lua->modules, m->name);
    if (m->name[0] == 0)
        return akt_text_ref(p->script);
    return fresh ? akt_text_ref(fresh->text) : akt_text_read(m->path);
}

static void find_modules(struct akt_plan *p)
{
    for (struct akt_module *m = p->n->modules.first; m; m = m->next) {
        struct akt_text *now = text_now(p, m);
        if (!now)
            json_array_append_new(
                p->notes, json_sprintf("module %s keeps its text: %s: %s",
                                       m->name, m->path, strerror(errno)));
        if (now && now->hash != m->text->hash)
            add_module(p, m->name, now);
        else
            akt_text_unref(now);
    }
}

/* One that was never spawned has no image to compare with, but others may
 * mention it from now on: it gets one. */
static bool is_changed(const struct akt_lua_kind *k,
                       const struct akt_lua_version *next)
{
    const struct akt_lua_version *v = akt_kind_current(k);
    return !v->image || v->hash != next->hash;
}

static void find_changes(struct akt_plan *p)
{
    for (struct akt_lua_kind *k = p->defs->lua->kinds; k; k = k->next) {
        const struct akt_lua_version *next = akt_kind_current(k);
        struct akt_lua_kind *live = akt_kind_find(p->n, k->name);
        bool changed = !live || is_changed(live, next);
        if (!next->image || (!changed && !akt_kind_current(live)->older))
            continue;
        struct akt_change *c = add_change(p);
        c->kind = live;
        c->from = live ? akt_kind_current(live) : NULL;
        c->again = !changed;
        c->unspawned = live && !c->from->image;
        c->next = changed ? next : c->from;
    }
}

/* Kinds that run and that the script does not define any more, as far as it
 * was run. */
static void find_missing(struct akt_plan *p)
{
    for (struct akt_lua_kind *k = p->n->kinds; k; k = k->next) {
        if (akt_kind_find(p->defs->lua, k->name) ||
            strncmp(k->source, "@", 1) != 0 || strcmp(k->source, "@akt") == 0)
            continue;
        json_array_append_new(
            p->notes,
            json_sprintf(
                "kind %s is not defined by %s any more, or only behind "
                "its first effect (a spawn, a send, ...): it stays as "
                "it is",
                k->name, file_of(k)));
    }
}

/* ---- what of it is wanted ---- */

static bool uses(const struct akt_modules *ms, const struct akt_lua_version *v,
                 const char *module)
{
    bool found = false;
    struct akt_buf all = AKT_BUF_INIT;
    akt_buf_add(&all, v->modules.data, v->modules.len);
    akt_modules_close(ms, &all);
    for (const char *s = akt_modules_first(&all); s && !found;
         s = akt_modules_next(&all, s))
        found = strcmp(s, module) == 0;
    akt_buf_fini(&all);
    return found;
}

static bool change_uses(const struct akt_plan *p, const struct akt_change *c,
                        const char *module)
{
    const struct akt_module *m = akt_modules_find(&p->n->modules, module);
    return (m && strcmp(m->path, file_of(c->next->family)) == 0) ||
           (c->from && c->from->image &&
            uses(&p->n->modules, c->from, module)) ||
           (p->defs && uses(&p->defs->lua->modules, c->next, module));
}

/* What shares a module with something selected is selected too (R3). */
static void spread_selection(struct akt_plan *p)
{
    bool more = true;
    while (more) {
        more = false;
        for (uint32_t i = 0; i < p->modules_len; i++) {
            for (uint32_t j = 0; j < p->changes_len; j++) {
                struct akt_module_change *m = &p->modules[i];
                struct akt_change *c = &p->changes[j];
                if (m->selected == c->selected || !m->name[0] ||
                    !change_uses(p, c, m->name))
                    continue;
                m->selected = c->selected = more = true;
            }
        }
    }
}

static void select_all(struct akt_plan *p)
{
    for (uint32_t i = 0; i < p->changes_len; i++)
        p->changes[i].selected = true;
    for (uint32_t i = 0; i < p->modules_len; i++)
        p->modules[i].selected = true;
}

static void select_kind(struct akt_plan *p, const struct akt_lua_kind *k)
{
    for (uint32_t i = 0; i < p->changes_len; i++)
        p->changes[i].selected = p->changes[i].kind == k;
}

/* False: no file of the program. */
static bool select_file(struct akt_plan *p, const char *path)
{
    bool known = false;
    for (const struct akt_module *m = p->n->modules.first; m; m = m->next) {
        if (!akt_same_file(m->path, path))
            continue;
        known = true;
        for (uint32_t i = 0; i < p->modules_len; i++)
            if (strcmp(p->modules[i].name, m->name) == 0)
                p->modules[i].selected = true;
    }
    for (uint32_t i = 0; i < p->changes_len; i++) {
        struct akt_change *c = &p->changes[i];
        c->selected = c->kind && akt_same_file(file_of(c->kind), path);
        if (!c->kind) /* new ones come with their file */
            c->selected = akt_same_file(file_of(c->next->family), path);
    }
    return known;
}

static bool not_found(struct akt_plan *p, const char *what)
{
    struct akt_buf known = AKT_BUF_INIT;
    for (const struct akt_module *m = p->n->modules.first; m; m = m->next)
        akt_buf_printf(&known, "%s%s", known.len ? ", " : "", m->path);
    akt_plan_fail(p, "not_found",
                  "%s is no kind and no file of this program, whose files are "
                  "%.2000s",
                  what, known.len ? akt_buf_cstr(&known) : "none");
    akt_buf_fini(&known);
    return false;
}

/* The main script is what its kinds were made from. */
static void select_script(struct akt_plan *p)
{
    bool any = false;
    for (uint32_t i = 0; i < p->changes_len; i++)
        any |=
            p->changes[i].selected &&
            strcmp(file_of(p->changes[i].next->family), p->n->script_path) == 0;
    for (uint32_t i = 0; i < p->modules_len; i++)
        if (!p->modules[i].name[0])
            p->modules[i].selected |= any;
}

static bool select_wanted(struct akt_plan *p)
{
    const char *what = p->request->what;
    const struct akt_lua_kind *k = what ? akt_kind_find(p->n, what) : NULL;
    if (!what)
        select_all(p);
    else if (k)
        select_kind(p, k);
    else if (!select_file(p, what))
        return not_found(p, what);
    for (uint32_t i = 0; i < p->changes_len; i++)
        p->changes[i].selected |= p->changes[i].unspawned;
    spread_selection(p);
    select_script(p);
    return true;
}

/* ---- plans ---- */

static bool read_script(struct akt_plan *p)
{
    const char *path = p->n->script_path;
    if (!path || strcmp(path, "-") == 0)
        return akt_plan_fail(p, "no_file",
                             "the program was not read from a file");
    p->script = akt_text_read(path);
    if (!p->script)
        return akt_plan_fail(p, "not_found", "cannot read %s: %s", path,
                             strerror(errno));
    return true;
}

static bool run_definitions(struct akt_plan *p)
{
    struct akt_script script = {.path = p->n->script_path,
                                .text = p->script->bytes,
                                .len = p->script->len,
                                .argc = p->n->argc,
                                .argv = p->n->argv};
    p->defs = akt_definitions_run(&script);
    if (!p->defs->findings)
        return true;
    int len = (int)(p->defs->text.len ? p->defs->text.len - 1 : 0);
    return akt_plan_fail(p, "bad_script", "%.*s", len, p->defs->text.data);
}

bool akt_plan_make(struct akt_plan *p)
{
    if (!read_script(p) || !run_definitions(p))
        return false;
    pthread_mutex_lock(&p->n->lock);
    find_modules(p);
    find_changes(p);
    find_missing(p);
    bool ok = select_wanted(p);
    pthread_mutex_unlock(&p->n->lock);
    return ok;
}

/* Modules that the version's commit has changed, and nothing since. */
static void find_older_modules(struct akt_plan *p,
                               const struct akt_lua_version *v)
{
    for (struct akt_module *m = p->n->modules.first; m; m = m->next) {
        bool there = false;
        for (uint32_t i = 0; i < p->modules_len; i++)
            there |= p->modules[i].name == m->name;
        if (!there && m->previous && m->replaced > v->modules_from &&
            m->replaced <= v->modules_to)
            add_module(p, m->name, akt_text_ref(m->previous));
    }
}

static void add_back(struct akt_plan *p, struct akt_lua_kind *k)
{
    struct akt_change *c = add_change(p);
    c->kind = k;
    c->from = akt_kind_current(k);
    c->next = c->from->back;
    c->selected = true;
    find_older_modules(p, c->from);
}

static bool is_in(const struct akt_plan *p, const struct akt_lua_kind *k)
{
    for (uint32_t i = 0; i < p->changes_len; i++)
        if (p->changes[i].kind == k)
            return true;
    return false;
}

/* Kinds that came with the same modules go back as well (R3). */
static void add_sharers(struct akt_plan *p)
{
    for (struct akt_lua_kind *k = p->n->kinds; k; k = k->next) {
        struct akt_lua_version *v = akt_kind_current(k);
        bool shares = false;
        for (uint32_t i = 0; i < p->modules_len && !shares; i++)
            shares = v->back && uses(&p->n->modules, v, p->modules[i].name);
        if (shares && !is_in(p, k))
            add_back(p, k);
    }
}

static bool find_back(struct akt_plan *p)
{
    uint64_t last = 0; /* without a name: the kinds of the last reload */
    const char *what = p->request->what;
    for (struct akt_lua_kind *k = p->n->kinds; k && !what; k = k->next)
        if (akt_kind_current(k)->back && akt_kind_current(k)->commit > last)
            last = akt_kind_current(k)->commit;
    for (struct akt_lua_kind *k = p->n->kinds; k; k = k->next) {
        struct akt_lua_version *v = akt_kind_current(k);
        bool wanted =
            what ? strcmp(k->name, what) == 0 || akt_same_file(file_of(k), what)
                 : v->commit == last;
        if (wanted && v->back)
            add_back(p, k);
    }
    add_sharers(p);
    return p->changes_len > 0;
}

bool akt_plan_rollback(struct akt_plan *p)
{
    pthread_mutex_lock(&p->n->lock);
    bool found = find_back(p);
    for (uint32_t i = 0; i < p->modules_len; i++)
        p->modules[i].selected = true;
    pthread_mutex_unlock(&p->n->lock);
    if (found)
        return true;
    return akt_plan_fail(p, "no_version",
                         "there is no earlier version of %s to go back to",
                         p->request->what ? p->request->what : "any kind");
}
