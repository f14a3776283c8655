/* SPDX-License-Identifier: MIT */
#include "lua/cover.h"

#include <lauxlib.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lua/bytecode.h"
#include "vm/base/alloc.h"

struct file {
    char *path;
    uint32_t *hits; /* by line - 1 */
    size_t len;
};

struct akt_cover {
    pthread_mutex_t lock; /* of all */
    struct file *files;
    size_t len;
    size_t last; /* which one was hit last */
};

struct akt_cover *akt_cover_create(void)
{
    struct akt_cover *c = akt_calloc(sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void akt_cover_destroy(struct akt_cover *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->len; i++) {
        akt_strfree(c->files[i].path);
        akt_free(c->files[i].hits, c->files[i].len * sizeof(uint32_t));
    }
    akt_free(c->files, c->len * sizeof *c->files);
    pthread_mutex_destroy(&c->lock);
    akt_free(c, sizeof *c);
}

/* ---- counting ---- */

/* Under the lock. */
static struct file *file_of(struct akt_cover *c, const char *path)
{
    if (c->last < c->len && strcmp(c->files[c->last].path, path) == 0)
        return &c->files[c->last];
    for (size_t i = 0; i < c->len; i++) {
        if (strcmp(c->files[i].path, path) == 0) {
            c->last = i;
            return &c->files[i];
        }
    }
    size_t old = c->len * sizeof *c->files;
    c->files = akt_resize(c->files, old, old + sizeof *c->files);
    c->last = c->len;
    c->files[c->len++] = (struct file){.path = akt_strdup(path)};
    return &c->files[c->last];
}

static void grow(struct file *f, size_t line)
{
    size_t len = f->len ? f->len * 2 : 256;
    while (len < line)
        len *= 2;
    f->hits =
        akt_resize(f->hits, f->len * sizeof *f->hits, len * sizeof *f->hits);
    memset(f->hits + f->len, 0, (len - f->len) * sizeof *f->hits);
    f->len = len;
}

void akt_cover_hook(struct akt_cover *c, lua_State *L, lua_Debug *ar)
{
    lua_getinfo(L, "S", ar);
    size_t line = (size_t)ar->currentline;
    if (ar->source[0] != '@' || ar->currentline < 1 || line > AKT_COVER_LINES)
        return;
    pthread_mutex_lock(&c->lock);
    struct file *f = file_of(c, ar->source + 1);
    if (line > f->len)
        grow(f, line);
    if (f->hits[line - 1] < UINT32_MAX)
        f->hits[line - 1]++;
    pthread_mutex_unlock(&c->lock);
}

/* ---- telling ---- */

static void on_line(int line, void *ctx)
{
    struct file *could = ctx;
    if (line < 1 || line > AKT_COVER_LINES)
        return;
    if ((size_t)line > could->len)
        grow(could, (size_t)line);
    could->hits[line - 1] = 1;
}

/* Marks the lines of the file that hold code; false: it cannot be read or
 * compiled any more. */
static bool find_lines(const char *path, struct file *could)
{
    struct akt_buf dump = AKT_BUF_INIT;
    lua_State *L = luaL_newstate();
    bool ok = L && luaL_loadfilex(L, path, "t") == LUA_OK &&
              akt_bytecode_dump(L, -1, &dump) &&
              akt_bytecode_lines(dump.data, dump.len, on_line, could) == 0;
    if (L)
        lua_close(L);
    akt_buf_fini(&dump);
    return ok;
}

static void write_file(const struct file *f, FILE *out)
{
    struct file could = {0};
    size_t found = 0, hit = 0;
    if (find_lines(f->path, &could)) {
        bool dot = strncmp(f->path, "./", 2) == 0;
        fprintf(out, "TN:\nSF:%s\n", f->path + (dot ? 2 : 0));
        for (size_t i = 0; i < could.len; i++) {
            if (!could.hits[i])
                continue;
            uint32_t times = i < f->len ? f->hits[i] : 0;
            fprintf(out, "DA:%zu,%u\n", i + 1, times);
            found++;
            hit += times > 0;
        }
        fprintf(out, "LF:%zu\nLH:%zu\nend_of_record\n", found, hit);
    }
    akt_free(could.hits, could.len * sizeof *could.hits);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->path,
                  ((const struct file *)b)->path);
}

void akt_cover_write(struct akt_cover *c, FILE *out,
                     bool (*skip)(const char *path, void *ctx), void *ctx)
{
    pthread_mutex_lock(&c->lock);
    if (c->len)
        qsort(c->files, c->len, sizeof *c->files, by_path);
    for (size_t i = 0; i < c->len; i++)
        if (!skip(c->files[i].path, ctx))
            write_file(&c->files[i], out);
    pthread_mutex_unlock(&c->lock);
}
