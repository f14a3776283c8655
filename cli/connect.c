/* SPDX-License-Identifier: MIT */
#include "cli/connect.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/admin_path.h"
#include "vm/base/buf.h"

struct search {
    const char *which;
    int fd;              /* of the first one; -1: none yet */
    int found;           /* that answer */
    struct akt_buf list; /* of them, for the message */
};

static int connect_path(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static bool is_wanted(const struct search *s, const char *name, pid_t pid)
{
    char number[24], wanted[AKT_ADMIN_NAME + 1];
    if (!s->which)
        return true;
    snprintf(number, sizeof number, "%ld", (long)pid);
    akt_admin_file_name(s->which, wanted);
    return strcmp(number, s->which) == 0 || strcmp(name, wanted) == 0;
}

/* A file whose process has died without removing it does not count. */
static void try_file(struct search *s, const char *dir, const char *file)
{
    char name[AKT_ADMIN_NAME + 1], path[PATH_MAX];
    pid_t pid;
    if (!akt_admin_parse(file, name, &pid) || !is_wanted(s, name, pid))
        return;
    int n = snprintf(path, sizeof path, "%s/%s", dir, file);
    int fd = n < PATH_MAX ? connect_path(path) : -1;
    if (fd < 0)
        return;
    akt_buf_printf(&s->list, "  %s (process %ld)\n", name, (long)pid);
    if (s->found++ == 0)
        s->fd = fd;
    else
        close(fd);
}

static void search_folder(struct search *s, const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    while (d && (e = readdir(d)))
        try_file(s, dir, e->d_name);
    if (d)
        closedir(d);
}

static int connect_named(const char *which)
{
    struct search s = {.which = which, .fd = -1};
    char dirs[AKT_ADMIN_DIRS][PATH_MAX];
    int n = akt_admin_dirs(dirs);
    for (int i = 0; i < n; i++)
        search_folder(&s, dirs[i]);
    if (s.found == 0 && which)
        fprintf(stderr, "aktvm: no node '%s' runs here\n", which);
    else if (s.found == 0)
        fputs("aktvm: no node runs here\n", stderr);
    if (s.found > 1) {
        fprintf(stderr,
                "aktvm: several nodes run here; say which with "
                "--node NAME or --pid N:\n%s",
                akt_buf_cstr(&s.list));
        close(s.fd);
        s.fd = -1;
    }
    akt_buf_fini(&s.list);
    return s.fd;
}

int cli_connect_fd(const char *which)
{
    if (!which || !strchr(which, '/'))
        return connect_named(which);
    int fd = connect_path(which);
    if (fd < 0)
        fprintf(stderr, "aktvm: cannot reach %s: %s\n", which, strerror(errno));
    return fd;
}
