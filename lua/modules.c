/* SPDX-License-Identifier: MIT */
#include "lua/modules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lua/kind.h"
#include "vm/base/alloc.h"
#include "vm/base/hash.h"
#include "vm/tape.h"

/* ---- texts ---- */

struct akt_text *akt_text_new(const char *bytes, size_t len)
{
    struct akt_text *t = akt_alloc(sizeof *t + len);
    atomic_store_explicit(&t->refs, 1, memory_order_relaxed);
    t->len = len;
    if (len)
        memcpy(t->bytes, bytes, len);
    t->hash = akt_hash(AKT_HASH_INIT, bytes, len);
    return t;
}

struct akt_text *akt_text_read(const char *path)
{
    struct akt_buf b = AKT_BUF_INIT;
    struct akt_text *t = NULL;
    struct stat st;
    /* a pipe or a device may block for ever, or never end */
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        return NULL;
    }
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    size_t n;
    do {
        n = fread(akt_buf_reserve(&b, 16384), 1, 16384, f);
        b.len += n;
    } while (n > 0);
    if (!ferror(f))
        t = akt_text_new(b.data, b.len);
    fclose(f);
    akt_buf_fini(&b);
    return t;
}

struct akt_text *akt_text_ref(struct akt_text *t)
{
    /* relaxed: the caller's own reference keeps it alive */
    atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    return t;
}

void akt_text_unref(struct akt_text *t)
{
    /* release pairs with the acquire half of the last one: all reads happen
     * before it is freed */
    if (t && atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) == 1)
        akt_free(t, sizeof *t + t->len);
}

/* ---- lists of names ---- */

const char *akt_modules_first(const struct akt_buf *names)
{
    return names->len ? names->data : NULL;
}

const char *akt_modules_next(const struct akt_buf *names, const char *name)
{
    name += strlen(name) + 1;
    return name < names->data + names->len ? name : NULL;
}

void akt_modules_note(struct akt_buf *names, const char *name)
{
    for (const char *s = akt_modules_first(names); s;
         s = akt_modules_next(names, s))
        if (strcmp(s, name) == 0)
            return;
    akt_buf_add(names, name, strlen(name) + 1);
}

/* ---- the store ---- */

struct akt_module *akt_modules_find(const struct akt_modules *ms,
                                    const char *name)
{
    struct akt_module *m = ms->first;
    while (m && strcmp(m->name, name) != 0)
        m = m->next;
    return m;
}

static void free_module(struct akt_module *m)
{
    akt_strfree(m->name);
    akt_strfree(m->path);
    akt_text_unref(m->text);
    akt_text_unref(m->previous);
    akt_buf_fini(&m->requires);
    akt_free(m, sizeof *m);
}

void akt_modules_fini(struct akt_modules *ms)
{
    while (ms->first) {
        struct akt_module *m = ms->first;
        ms->first = m->next;
        free_module(m);
    }
}

struct akt_text *akt_modules_get(struct akt_lua_node *n, const char *name,
                                 char **path)
{
    pthread_mutex_lock(&n->lock);
    akt_input_ticket();
    struct akt_module *m = akt_modules_find(&n->modules, name);
    struct akt_text *t = m ? akt_text_ref(m->text) : NULL;
    if (m && path)
        *path = akt_strdup(m->path);
    pthread_mutex_unlock(&n->lock);
    return t;
}

struct akt_text *akt_modules_put(struct akt_lua_node *n, const char *name,
                                 const char *path, struct akt_text *text)
{
    if (strlen(name) > AKT_MODULE_NAME_MAX)
        return text;
    pthread_mutex_lock(&n->lock);
    akt_input_ticket();
    struct akt_module *m = akt_modules_find(&n->modules, name);
    if (m) {
        akt_text_unref(text);
    } else {
        m = akt_calloc(sizeof *m);
        m->name = akt_strdup(name);
        m->path = akt_strdup(path);
        m->text = text;
        m->next = n->modules.first;
        n->modules.first = m;
    }
    text = akt_text_ref(m->text);
    pthread_mutex_unlock(&n->lock);
    return text;
}

void akt_modules_require(struct akt_lua_node *n, const char *name,
                         const char *other)
{
    pthread_mutex_lock(&n->lock);
    akt_input_ticket();
    struct akt_module *m = akt_modules_find(&n->modules, name);
    if (m && strlen(other) <= AKT_MODULE_NAME_MAX)
        akt_modules_note(&m->requires, other);
    pthread_mutex_unlock(&n->lock);
}

void akt_modules_close(const struct akt_modules *ms, struct akt_buf *names)
{
    for (size_t at = 0; at < names->len; at += strlen(names->data + at) + 1) {
        struct akt_module *m = akt_modules_find(ms, names->data + at);
        for (const char *s = m ? akt_modules_first(&m->requires) : NULL; s;
             s = akt_modules_next(&m->requires, s))
            akt_modules_note(names, s);
    }
}

static bool requires(const struct akt_modules *ms, const struct akt_module *m,
                     const char *name)
{
    struct akt_buf all = AKT_BUF_INIT;
    bool found = false;
    akt_buf_add(&all, m->requires.data, m->requires.len);
    akt_modules_close(ms, &all);
    for (const char *s = akt_modules_first(&all); s && !found;
         s = akt_modules_next(&all, s))
        found = strcmp(s, name) == 0;
    akt_buf_fini(&all);
    return found;
}

void akt_modules_replace(struct akt_modules *ms, struct akt_module *m,
                         struct akt_text *text)
{
    akt_text_unref(m->previous);
    m->previous = m->text;
    m->text = text;
    /* relaxed: the lock orders it for all but the early look in sync */
    uint64_t now =
        1 + atomic_load_explicit(&ms->generation, memory_order_relaxed);
    m->replaced = m->generation = now;
    for (struct akt_module *user = ms->first; user; user = user->next)
        if (requires(ms, user, m->name))
            user->generation = now;
    atomic_store_explicit(&ms->generation, now, memory_order_relaxed);
}

uint64_t akt_modules_hash(const struct akt_modules *ms,
                          const struct akt_buf *names, uint64_t h)
{
    struct akt_buf all = AKT_BUF_INIT;
    akt_buf_add(&all, names->data, names->len);
    akt_modules_close(ms, &all);
    for (const char *s = akt_modules_first(&all); s;
         s = akt_modules_next(&all, s)) {
        struct akt_module *m = akt_modules_find(ms, s);
        uint64_t one = akt_hash(AKT_HASH_INIT, s, strlen(s));
        if (m)
            h += akt_hash(one, &m->text->hash, sizeof m->text->hash);
    }
    akt_buf_fini(&all);
    return h;
}

/* ---- an isolate's side ---- */

/* The name of the i-th module that is newer than what h has seen. */
static bool changed_name(struct akt_lua *h, uint32_t i, char *name)
{
    pthread_mutex_lock(&h->node->lock);
    akt_input_ticket();
    struct akt_module *m = h->node->modules.first;
    for (; m; m = m->next)
        if (m->generation > h->modules_seen && i-- == 0)
            break;
    if (m)
        snprintf(name, AKT_MODULE_NAME_MAX + 1, "%s", m->name);
    pthread_mutex_unlock(&h->node->lock);
    return m != NULL;
}

void akt_modules_sync(struct akt_lua *h, lua_State *L)
{
    char name[AKT_MODULE_NAME_MAX + 1];
    /* relaxed: an early look; what is new is read under the lock */
    uint64_t now = atomic_load_explicit(&h->node->modules.generation,
                                        memory_order_relaxed);
    if (h->modules_seen == now)
        return;
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    /* no lock is held while Lua may raise */
    for (uint32_t i = 0; changed_name(h, i, name); i++) {
        lua_pushnil(L);
        lua_setfield(L, -2, name);
    }
    lua_pop(L, 1);
    h->modules_seen = now;
}
