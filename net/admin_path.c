/* SPDX-License-Identifier: MIT */
#include "net/admin_path.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int akt_admin_dirs(char dirs[AKT_ADMIN_DIRS][PATH_MAX])
{
    const char *own = getenv("AKTVM_RUNTIME_DIR");
    const char *xdg = getenv("XDG_RUNTIME_DIR");
    int n = 0;
    if (own && own[0]) {
        snprintf(dirs[0], PATH_MAX, "%s", own);
        return 1;
    }
    if (xdg && xdg[0] == '/')
        snprintf(dirs[n++], PATH_MAX, "%s/aktvm", xdg);
    snprintf(dirs[n++], PATH_MAX, "/tmp/aktvm-%ld", (long)geteuid());
    return n;
}

/* Somebody else could put a socket of his own into a folder that is not ours
 * alone, or look into ours. */
static const char *make_dir(const char *dir)
{
    struct stat st;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return "its folder cannot be made";
    if (lstat(dir, &st) != 0 || !S_ISDIR(st.st_mode))
        return "its folder is no folder";
    if (st.st_uid != geteuid())
        return "its folder is another user's";
    if (st.st_mode & 077)
        return "its folder is open to other users (chmod 700 it)";
    return NULL;
}

void akt_admin_file_name(const char *name, char out[AKT_ADMIN_NAME + 1])
{
    size_t i = 0;
    for (; name[i] && i < AKT_ADMIN_NAME; i++) {
        unsigned char c = (unsigned char)name[i];
        bool plain = c < 0x80 && (isalnum(c) || c == '_' || c == '-');
        out[i] = plain ? (char)c : '_';
    }
    out[i] = 0;
}

const char *akt_admin_path(const char *name, pid_t pid, char out[PATH_MAX])
{
    char dirs[AKT_ADMIN_DIRS][PATH_MAX];
    char plain[AKT_ADMIN_NAME + 1];
    const char *error = NULL;
    int n = akt_admin_dirs(dirs);
    akt_admin_file_name(name, plain);
    for (int i = 0; i < n; i++) {
        error = make_dir(dirs[i]);
        if (error)
            continue;
        int len = snprintf(out, PATH_MAX, "%s/%s.%ld.sock", dirs[i], plain,
                           (long)pid);
        return len < PATH_MAX ? NULL : "its path is too long";
    }
    return error;
}

bool akt_admin_parse(const char *file, char name[AKT_ADMIN_NAME + 1],
                     pid_t *pid)
{
    const char *dot = strchr(file, '.');
    if (!dot || dot == file || dot - file > AKT_ADMIN_NAME)
        return false;
    char *end;
    errno = 0;
    long n = strtol(dot + 1, &end, 10);
    if (errno || n <= 0 || n > INT_MAX || strcmp(end, ".sock") != 0)
        return false;
    memcpy(name, file, (size_t)(dot - file));
    name[dot - file] = 0;
    *pid = (pid_t)n;
    return true;
}
