/* SPDX-License-Identifier: MIT */
#include "cli/call.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/commands.h"
#include "net/admin.h"
#include "net/admin_path.h"

static int connect_to(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof addr.sun_path)
        return -1;
    strcpy(addr.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof addr) == 0)
        return fd;
    close(fd);
    return -1;
}

/* ---- finding the node ---- */

struct search {
    const char *node; /* NULL: any */
    int found, fd;
};

static bool is_meant(const struct search *s, const char *file)
{
    char name[AKT_ADMIN_NAME + 1], wanted[AKT_ADMIN_NAME + 1], digits[24];
    pid_t pid;
    if (!akt_admin_parse(file, name, &pid))
        return false;
    if (!s->node)
        return true;
    snprintf(digits, sizeof digits, "%ld", (long)pid);
    akt_admin_file_name(s->node, wanted);
    return strcmp(s->node, digits) == 0 || strcmp(wanted, name) == 0;
}

/* Sockets of dead nodes do not count: nobody listens there. */
static void search_dir(struct search *s, const char *dir)
{
    char path[PATH_MAX + NAME_MAX + 2];
    DIR *d = opendir(dir);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        if (!is_meant(s, e->d_name))
            continue;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        int fd = connect_to(path);
        if (fd < 0)
            continue;
        if (s->found++)
            close(fd);
        else
            s->fd = fd;
    }
    if (d)
        closedir(d);
}

static int search(struct search *s)
{
    static char dirs[AKT_ADMIN_DIRS][PATH_MAX];
    int n = akt_admin_dirs(dirs);
    for (int i = 0; i < n; i++)
        search_dir(s, dirs[i]);
    if (s->found == 1)
        return CLI_OK;
    if (s->found > 1)
        close(s->fd);
    if (s->found)
        fprintf(stderr,
                "aktvm: %d nodes run%s%s; say which: --node NAME, PID "
                "or SOCKET\n",
                s->found, s->node ? " as " : "", s->node ? s->node : "");
    else
        fprintf(stderr, "aktvm: no node%s%s runs here\n", s->node ? " " : "",
                s->node ? s->node : "");
    return CLI_FAILED;
}

int cli_call_open(struct cli_call *c, const char *node)
{
    struct search s = {.node = node, .fd = -1};
    if (node && strchr(node, '/')) {
        s.fd = connect_to(node);
        if (s.fd < 0) {
            fprintf(stderr, "aktvm: no node listens at %s: %s\n", node,
                    strerror(errno));
            return CLI_FAILED;
        }
    } else if (search(&s) != CLI_OK) {
        return CLI_FAILED;
    }
    c->fd = s.fd;
    c->in = fdopen(s.fd, "r");
    return CLI_OK;
}

void cli_call_close(struct cli_call *c)
{
    fclose(c->in);
}

/* ---- the call ---- */

int cli_call_send(struct cli_call *c, const char *cmd, json_t *args)
{
    json_t *request = json_pack("{s:i,s:i,s:s,s:o}", "v", AKT_ADMIN_VERSION,
                                "id", 1, "cmd", cmd, "args", args);
    char *text = json_dumps(request, JSON_COMPACT);
    size_t len = strlen(text);
    text[len++] = '\n'; /* in the place of its end */
    const char *p = text;
    while (len > 0) {
        ssize_t n = send(c->fd, p, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        p += n;
        len -= (size_t)n;
    }
    free(text);
    json_decref(request);
    if (len)
        fprintf(stderr, "aktvm: the node has closed the connection\n");
    return len ? CLI_FAILED : CLI_OK;
}

static json_t *read_line(struct cli_call *c)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len = getline(&line, &cap, c->in);
    json_t *answer = len > 0 ? json_loadb(line, (size_t)len, 0, NULL) : NULL;
    free(line);
    return answer;
}

json_t *cli_call_next(struct cli_call *c, bool *last)
{
    json_t *answer = read_line(c);
    json_t *error = json_object_get(answer, "error");
    json_t *more = json_object_get(answer, "more");
    json_t *result = more ? more : json_object_get(answer, "result");
    *last = !more;
    if (error)
        fprintf(stderr, "aktvm: %s\n",
                json_string_value(json_object_get(error, "message")));
    else if (!result)
        fprintf(stderr, "aktvm: the node has ended\n");
    json_incref(result);
    json_decref(answer);
    return error ? NULL : result;
}
