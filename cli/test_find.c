/* SPDX-License-Identifier: MIT
 *
 * cli/test_find.c: which files are tests: those named *_test.lua, and in a
 * folder named `tests` those that mention akt.test.
 */
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/test.h"
#include "vm/base/alloc.h"

static bool read_file(const char *path, struct akt_buf *text)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    size_t n;
    do {
        n = fread(akt_buf_reserve(text, 16384), 1, 16384, f);
        text->len += n;
    } while (n > 0);
    bool ok = !ferror(f);
    fclose(f);
    return ok;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n > m && strcmp(s + n - m, end) == 0;
}

/* Whether some folder on the way to the file is named tests. */
static bool is_in_tests(const char *path)
{
    return strncmp(path, "tests/", 6) == 0 || strstr(path, "/tests/");
}

static const char *without_dot(const char *path)
{
    return strncmp(path, "./", 2) == 0 && path[2] ? path + 2 : path;
}

static bool is_known(const struct cli_tests *t, const char *path)
{
    for (size_t i = 0; i < t->files_len; i++)
        if (strcmp(t->files[i].path, path) == 0)
            return true;
    return false;
}

static bool add_file(struct cli_tests *t, const char *path, bool named)
{
    static const char word[] = "akt.test";
    struct akt_buf text = AKT_BUF_INIT;
    bool ok = read_file(path, &text);
    bool wanted =
        ok && (named || ends_with(path, "_test.lua") ||
               memmem(text.data, text.len, word, sizeof word - 1) != NULL);
    path = without_dot(path);
    if (wanted && !is_known(t, path)) {
        size_t old = t->files_len * sizeof *t->files;
        t->files = akt_resize(t->files, old, old + sizeof *t->files);
        t->files[t->files_len++] =
            (struct cli_test_file){.path = akt_strdup(path), .len = text.len};
        char *copy = akt_alloc(text.len + 1);
        memcpy(copy, akt_buf_cstr(&text), text.len + 1);
        t->files[t->files_len - 1].text = copy;
    }
    akt_buf_fini(&text);
    return ok;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool complain(const char *path, int error)
{
    fprintf(stderr, "aktvm test: cannot read %s: %s\n", path, strerror(error));
    return false;
}

/* False: something cannot be read that may hold tests. */
static bool visit(struct cli_tests *t, FTS *fts, FTSENT *e)
{
    bool hidden = e->fts_level > 0 && e->fts_name[0] == '.';
    if (e->fts_info == FTS_D && hidden)
        fts_set(fts, e, FTS_SKIP);
    if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR)
        return hidden || complain(e->fts_path, e->fts_errno);
    if (e->fts_info != FTS_F || hidden || !ends_with(e->fts_name, ".lua"))
        return true;
    if (!ends_with(e->fts_name, "_test.lua") && !is_in_tests(e->fts_path))
        return true;
    return add_file(t, e->fts_path, false) || complain(e->fts_path, errno);
}

bool cli_tests_find(struct cli_tests *t, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return complain(path, errno);
    if (S_ISREG(st.st_mode))
        return add_file(t, path, true) || complain(path, errno);
    if (!S_ISDIR(st.st_mode))
        return complain(path, EINVAL); /* opening it could wait for ever */
    char *const roots[] = {(char *)(uintptr_t)path, NULL};
    FTS *fts =
        fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    if (!fts)
        return complain(path, errno);
    FTSENT *e;
    bool ok = true;
    while (ok && (e = fts_read(fts)))
        ok = visit(t, fts, e);
    fts_close(fts);
    return ok;
}

void cli_tests_fini(struct cli_tests *t)
{
    for (size_t i = 0; i < t->len; i++) {
        akt_trial_result_fini(&t->list[i].result);
        akt_switches_fini(&t->list[i].shrunk.left);
        akt_strfree(t->list[i].name);
    }
    for (size_t i = 0; i < t->files_len; i++) {
        akt_strfree(t->files[i].path);
        akt_free(t->files[i].text, t->files[i].len + 1);
    }
    akt_free(t->list, t->cap * sizeof *t->list);
    akt_free(t->files, t->files_len * sizeof *t->files);
}
