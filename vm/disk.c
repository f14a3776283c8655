/* SPDX-License-Identifier: MIT */
#include "vm/disk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm/base/alloc.h"
#include "vm/base/buf.h"
#include "vm/base/hash.h"
#include "vm/base/map.h"

struct data {
    struct akt_buf bytes;
    uint32_t refs;
};

/* A name the program has written to or removed. */
struct name {
    struct name *next; /* with the same hash */
    struct data *data; /* NULL: there is no such file */
    char path[];
};

struct akt_disk {
    struct akt_map names; /* hash -> struct name */
    uint64_t used;        /* bytes of all files */
    uint32_t temporary;
};

struct akt_disk_handle {
    struct akt_disk *disk;
    struct data *data;
    uint64_t at;
    bool reads, writes, appends;
};

/* ---- bytes ---- */

static struct data *new_data(void)
{
    struct data *data = akt_calloc(sizeof *data);
    data->refs = 1;
    return data;
}

static void unref(struct akt_disk *d, struct data *data)
{
    if (!data || --data->refs)
        return;
    d->used -= data->bytes.len;
    akt_buf_fini(&data->bytes);
    akt_free(data, sizeof *data);
}

static void truncate_data(struct akt_disk *d, struct data *data)
{
    d->used -= data->bytes.len;
    akt_buf_fini(&data->bytes);
}

/* Grows to `len`, with zeros. */
static int extend(struct akt_disk *d, struct data *data, uint64_t len)
{
    if (len <= data->bytes.len)
        return 0;
    uint64_t more = len - data->bytes.len;
    if (len > AKT_DISK_MAX || d->used + more > AKT_DISK_MAX)
        return -ENOSPC;
    memset(akt_buf_reserve(&data->bytes, more), 0, more);
    data->bytes.len = len;
    d->used += more;
    return 0;
}

/* ---- names ---- */

/* Appends the parts of `path`; `..` takes one away. */
static void add_parts(struct akt_buf *out, const char *path)
{
    while (*path) {
        size_t n = strcspn(path, "/");
        if (n == 2 && path[0] == '.' && path[1] == '.') {
            while (out->len && out->data[--out->len] != '/')
                ;
        } else if (n > 1 || (n == 1 && path[0] != '.')) {
            akt_buf_putc(out, '/');
            akt_buf_add(out, path, n);
        }
        path += n + (path[n] == '/');
    }
}

static const char *plain_path(const char *path, struct akt_buf *out)
{
    char cwd[4096];
    if (path[0] != '/' && getcwd(cwd, sizeof cwd))
        add_parts(out, cwd);
    add_parts(out, path);
    if (!out->len)
        akt_buf_putc(out, '/');
    akt_buf_putc(out, 0);
    return out->data;
}

static uint64_t hash_of(const char *path)
{
    uint64_t h = akt_hash(AKT_HASH_INIT, path, strlen(path));
    return h && h != AKT_MAP_GONE ? h : 1; /* the map's own */
}

static struct name *find(const struct akt_disk *d, const char *path)
{
    uint64_t at;
    if (!akt_map_get(&d->names, hash_of(path), &at))
        return NULL;
    struct name *n = (struct name *)(uintptr_t)at;
    while (n && strcmp(n->path, path) != 0)
        n = n->next;
    return n;
}

static struct name *find_or_add(struct akt_disk *d, const char *path)
{
    struct name *n = find(d, path);
    uint64_t first = 0;
    if (n)
        return n;
    n = akt_calloc(sizeof *n + strlen(path) + 1);
    strcpy(n->path, path);
    (void)akt_map_get(&d->names, hash_of(path), &first);
    n->next = (struct name *)(uintptr_t)first;
    akt_map_put(&d->names, hash_of(path), (uintptr_t)n);
    return n;
}

/* Takes the reference. */
static void bind_name(struct akt_disk *d, const char *path, struct data *data)
{
    struct name *n = find_or_add(d, path);
    unref(d, n->data);
    n->data = data;
}

/* ---- the machine's files ---- */

static bool is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool has_directory(const char *path)
{
    char parent[4096];
    size_t n = (size_t)(strrchr(path, '/') - path);
    if (n >= sizeof parent)
        return false;
    memcpy(parent, path, n);
    parent[n] = 0;
    return n == 0 || is_directory(parent);
}

static int read_all(struct akt_disk *d, FILE *f, struct data *data)
{
    char block[16384];
    size_t n;
    while ((n = fread(block, 1, sizeof block, f)) > 0) {
        size_t before = data->bytes.len;
        int error = extend(d, data, before + n);
        if (error)
            return error;
        memcpy(data->bytes.data + before, block, n);
    }
    return ferror(f) ? -EIO : 0;
}

/* A copy of the machine's file. */
static int copy_in(struct akt_disk *d, const char *path, struct data **out)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
    FILE *f = fopen(path, "rb");
    if (!f)
        return -errno;
    struct data *data = new_data();
    int error = read_all(d, f, data);
    fclose(f);
    if (error)
        unref(d, data);
    else
        *out = data;
    return error;
}

/* The file of this name, a copy if it is the machine's. */
static int own(struct akt_disk *d, const char *path, struct data **out)
{
    struct name *n = find(d, path);
    if (n) {
        *out = n->data;
        return n->data ? 0 : -ENOENT;
    }
    int error = copy_in(d, path, out);
    if (!error)
        bind_name(d, path, *out);
    return error;
}

static int own_or_make(struct akt_disk *d, const char *path, bool empty,
                       struct data **out)
{
    if (is_directory(path))
        return -EISDIR;
    struct name *n = find(d, path);
    int error = empty && !(n && n->data) ? -ENOENT : own(d, path, out);
    if (error == -ENOENT && has_directory(path)) {
        *out = new_data();
        bind_name(d, path, *out);
        return 0;
    }
    if (!error && empty)
        truncate_data(d, *out);
    return error;
}

/* ---- handles ---- */

static struct akt_disk_handle *new_handle(struct akt_disk *d, struct data *data,
                                          const char *mode)
{
    struct akt_disk_handle *h = akt_calloc(sizeof *h);
    bool both = strchr(mode, '+') != NULL;
    h->disk = d;
    h->data = data;
    data->refs++;
    h->reads = mode[0] == 'r' || both;
    h->writes = mode[0] != 'r' || both;
    h->appends = mode[0] == 'a';
    return h;
}

/* What is no file but a way out, or the machine's noise. */
static bool is_device(const char *path)
{
    static const char *const devices[] = {"/dev/stdin", "/dev/stdout",
                                          "/dev/stderr", "/dev/null", NULL};
    for (int i = 0; devices[i]; i++)
        if (strcmp(devices[i], path) == 0)
            return true;
    return false;
}

static int open_plain(struct akt_disk *d, const char *path, const char *mode,
                      struct akt_disk_handle **out)
{
    struct data *data = NULL;
    int error;
    if (is_device(path))
        return AKT_DISK_ELSEWHERE;
    if (strcmp(mode, "r") == 0 || strcmp(mode, "rb") == 0) {
        struct name *n = find(d, path);
        if (!n)
            return AKT_DISK_ELSEWHERE;
        data = n->data;
        error = data ? 0 : -ENOENT;
    } else if (mode[0] == 'r') {
        error = own(d, path, &data);
    } else {
        error = own_or_make(d, path, mode[0] == 'w', &data);
    }
    if (!error)
        *out = new_handle(d, data, mode);
    return error;
}

int akt_disk_open(struct akt_disk *d, const char *path, const char *mode,
                  struct akt_disk_handle **out)
{
    struct akt_buf plain = AKT_BUF_INIT;
    int error = open_plain(d, plain_path(path, &plain), mode, out);
    akt_buf_fini(&plain);
    return error;
}

struct akt_disk_handle *akt_disk_open_nameless(struct akt_disk *d)
{
    struct data *data = new_data();
    struct akt_disk_handle *h = new_handle(d, data, "w+");
    data->refs--;
    return h;
}

void akt_disk_close(struct akt_disk_handle *h)
{
    unref(h->disk, h->data);
    akt_free(h, sizeof *h);
}

ssize_t akt_disk_read(struct akt_disk_handle *h, char *to, size_t len)
{
    const struct akt_buf *b = &h->data->bytes;
    if (!h->reads)
        return -EBADF;
    size_t left = h->at < b->len ? b->len - h->at : 0;
    size_t n = len < left ? len : left;
    if (n)
        memcpy(to, b->data + h->at, n);
    h->at += n;
    return (ssize_t)n;
}

ssize_t akt_disk_write(struct akt_disk_handle *h, const char *from, size_t len)
{
    if (!h->writes)
        return -EBADF;
    if (h->appends)
        h->at = h->data->bytes.len;
    if (len > AKT_DISK_MAX)
        return -ENOSPC;
    int error = extend(h->disk, h->data, h->at + len);
    if (error)
        return error;
    if (len)
        memcpy(h->data->bytes.data + h->at, from, len);
    h->at += len;
    return (ssize_t)len;
}

int akt_disk_seek(struct akt_disk_handle *h, int64_t *offset, int whence)
{
    int64_t base = whence == SEEK_CUR   ? (int64_t)h->at
                   : whence == SEEK_END ? (int64_t)h->data->bytes.len
                                        : 0;
    /* far beyond the limit a write fails in any case */
    if (*offset > (int64_t)1 << 60 || base + *offset < 0)
        return -EINVAL;
    h->at = (uint64_t)(base + *offset);
    *offset = (int64_t)h->at;
    return 0;
}

/* ---- what is done to names ---- */

static bool exists(const struct akt_disk *d, const char *path)
{
    struct stat st;
    const struct name *n = find(d, path);
    return n ? n->data != NULL : stat(path, &st) == 0;
}

static int remove_plain(struct akt_disk *d, const char *path)
{
    if (!exists(d, path))
        return -ENOENT;
    if (is_directory(path))
        return -EISDIR;
    bind_name(d, path, NULL);
    return 0;
}

int akt_disk_remove(struct akt_disk *d, const char *path)
{
    struct akt_buf plain = AKT_BUF_INIT;
    int error = remove_plain(d, plain_path(path, &plain));
    akt_buf_fini(&plain);
    return error;
}

static int rename_plain(struct akt_disk *d, const char *from, const char *to)
{
    struct data *data;
    int error = own(d, from, &data);
    if (error)
        return error;
    if (is_directory(to))
        return -EISDIR;
    if (!has_directory(to))
        return -ENOENT;
    data->refs++;
    bind_name(d, from, NULL);
    bind_name(d, to, data);
    return 0;
}

int akt_disk_rename(struct akt_disk *d, const char *from, const char *to)
{
    struct akt_buf a = AKT_BUF_INIT, b = AKT_BUF_INIT;
    int error = rename_plain(d, plain_path(from, &a), plain_path(to, &b));
    akt_buf_fini(&a);
    akt_buf_fini(&b);
    return error;
}

void akt_disk_tmpname(struct akt_disk *d, struct akt_buf *name)
{
    do {
        name->len = 0;
        akt_buf_printf(name, "/tmp/lua_%06u", ++d->temporary);
        akt_buf_putc(name, 0);
        name->len--;
    } while (exists(d, name->data));
    bind_name(d, name->data, new_data());
}

int akt_disk_load(struct akt_disk *d, const char *path, struct akt_buf *out)
{
    struct akt_buf plain = AKT_BUF_INIT;
    const struct name *n = find(d, plain_path(path, &plain));
    akt_buf_fini(&plain);
    if (!n)
        return AKT_DISK_ELSEWHERE;
    if (!n->data)
        return -ENOENT;
    akt_buf_add(out, n->data->bytes.data, n->data->bytes.len);
    return 0;
}

/* ---- create, destroy ---- */

struct akt_disk *akt_disk_create(void)
{
    struct akt_disk *d = akt_calloc(sizeof *d);
    akt_map_init(&d->names);
    return d;
}

void akt_disk_destroy(struct akt_disk *d)
{
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    if (!d)
        return;
    while ((e = akt_map_next(&d->names, &cursor))) {
        struct name *n = (struct name *)(uintptr_t)e->value, *next;
        for (; n; n = next) {
            next = n->next;
            unref(d, n->data);
            akt_free(n, sizeof *n + strlen(n->path) + 1);
        }
    }
    akt_map_fini(&d->names);
    akt_free(d, sizeof *d);
}
