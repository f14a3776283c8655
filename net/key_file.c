/* SPDX-License-Identifier: MIT */
#include "net/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Why the file cannot be what was asked for; NULL: it can. */
static const char *fault_of(const struct stat *st, bool secret)
{
    if (!S_ISREG(st->st_mode))
        return "is no regular file";
    if (st->st_size > (off_t)AKT_KEY_FILE_MAX)
        return "is too long";
    if (!secret)
        return NULL;
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return "belongs to another user";
    if (st->st_mode & (S_IRWXO | S_IWGRP | S_IXGRP))
        return "is open to others (chmod 600)";
    if ((st->st_mode & S_IRGRP) && st->st_uid != 0)
        return "is open to its group (chmod 600)";
    return NULL;
}

/* 0, or an errno. */
static int read_all(int fd, struct akt_buf *out)
{
    char *p = akt_buf_reserve(out, AKT_KEY_FILE_MAX);
    while (out->len < AKT_KEY_FILE_MAX) {
        ssize_t n = read(fd, p + out->len, AKT_KEY_FILE_MAX - out->len);
        if (n == 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return errno;
        out->len += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

bool akt_key_file_read(const char *path, bool secret, struct akt_buf *out,
                       const struct akt_key_error *error)
{
    struct stat st;
    const char *why = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0)
        why = strerror(errno);
    else if (!(why = fault_of(&st, secret))) {
        int e = read_all(fd, out);
        why = e ? strerror(e) : NULL;
    }
    if (fd >= 0)
        close(fd);
    if (!why)
        return true;
    snprintf(error->text, error->len, "%s: %s", path, why);
    akt_key_file_wipe(out);
    return false;
}

void akt_key_file_wipe(struct akt_buf *b)
{
    if (b->data)
        OPENSSL_cleanse(b->data, b->cap);
    akt_buf_fini(b);
}
