/* SPDX-License-Identifier: MIT */
#include "cli/admin_client.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/admin.h"
#include "net/admin_path.h"

#define TIMEOUT_S 70 /* the longest chain of `why` that gets no answers */
#define LOOK_S 2     /* for a node that may have the link */

/* ---- finding nodes ---- */

/* A connected socket, or -1 and errno. */
static int dial(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof addr.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(addr.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof addr) != 0) {
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

/* Nobody listens, and its process is gone: it was killed. */
static void remove_dead(const struct cli_node *n)
{
    if (errno == ECONNREFUSED && kill(n->pid, 0) != 0 && errno == ESRCH)
        unlink(n->path);
}

static bool is_ours(const char *dir)
{
    struct stat st;
    return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
           st.st_uid == geteuid();
}

static void look_into(const char *dir, struct cli_node *list, int *len)
{
    DIR *d = is_ours(dir) ? opendir(dir) : NULL;
    if (!d)
        return;
    for (struct dirent *e; *len < CLI_NODES_MAX && (e = readdir(d));) {
        struct cli_node *n = &list[*len];
        if (!akt_admin_parse(e->d_name, n->name, &n->pid))
            continue;
        if (snprintf(n->path, sizeof n->path, "%s/%s", dir, e->d_name) >=
            (int)sizeof n->path)
            continue;
        int fd = dial(n->path);
        if (fd < 0) {
            remove_dead(n);
            continue;
        }
        close(fd);
        ++*len;
    }
    closedir(d);
}

int cli_nodes(struct cli_node **list)
{
    char dirs[AKT_ADMIN_DIRS][PATH_MAX];
    int len = 0, n = akt_admin_dirs(dirs);
    *list = calloc(CLI_NODES_MAX, sizeof **list);
    if (!*list)
        abort();
    for (int i = 0; i < n; i++)
        look_into(dirs[i], *list, &len);
    return len;
}

static bool has_name(const struct cli_node *n, const char *name)
{
    char plain[AKT_ADMIN_NAME + 1];
    akt_admin_file_name(name, plain);
    return strcmp(plain, n->name) == 0;
}

static bool is_meant(const struct cli_words *words, const struct cli_node *n)
{
    char pid[24];
    if (words->via || (words->node && !has_name(n, words->node)))
        return false;
    snprintf(pid, sizeof pid, "%ld", (long)n->pid);
    return !words->pid || strcmp(pid, words->pid) == 0;
}

static void say_none(const struct cli_words *words, int others)
{
    if (!words->node && !words->pid)
        fprintf(stderr, "aktvm: no node runs here (started with --admin off, "
                        "or by another user?)\n");
    else
        fprintf(stderr, "aktvm: no such node: %s; %d others run here%s\n",
                words->node ? words->node : words->pid, others,
                others ? ", see 'aktvm nodes'" : "");
}

static void say_several(const struct cli_words *words,
                        const struct cli_node *list, int len)
{
    fprintf(stderr, "aktvm: several nodes run here; say which by --node NAME "
                    "or --pid N:\n");
    for (int i = 0; i < len; i++)
        if (is_meant(words, &list[i]))
            fprintf(stderr, "  %s, pid %ld\n", list[i].name, (long)list[i].pid);
}

/* ---- connecting ---- */

static void set_limit(struct cli_conn *conn, int seconds)
{
    struct timeval limit = {.tv_sec = seconds};
    setsockopt(conn->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

static bool dial_here(const char *path, struct cli_conn *conn, int *code)
{
    conn->fd = dial(path);
    if (conn->fd >= 0) {
        set_limit(conn, TIMEOUT_S);
        return true;
    }
    *code = errno == EACCES ? CLI_DENIED : CLI_UNREACHABLE;
    fprintf(stderr, "aktvm: cannot reach the node at %s: %s\n", path,
            strerror(errno));
    return false;
}

/* What leads to the node that is meant, if it is at another machine. */
struct over_link {
    const struct cli_words *words;
    struct cli_conn conn; /* of the first that has a link */
    json_t *said;         /* by it */
    json_t *other;        /* by one that has a link to another one */
    json_t *error;        /* by one that may not */
};

static bool is_same(const json_t *a, const json_t *b)
{
    return json_equal(json_object_get(a, "incarnation"),
                      json_object_get(b, "incarnation"));
}

static bool is_unlinked(const json_t *error)
{
    const char *code = json_string_value(json_object_get(error, "code"));
    return !code || strcmp(code, "noconnection") == 0 ||
           strcmp(code, "unknown_command") == 0; /* it has no network */
}

/* From the answer on the connection is one to the other node. */
static void try_link(struct over_link *o, const struct cli_node *n)
{
    struct cli_conn conn = {.fd = dial(n->path)};
    if (conn.fd < 0)
        return;
    set_limit(&conn, LOOK_S);
    json_t *args = json_pack("{s:s}", "node", o->words->node);
    json_t *line =
        args && cli_send(&conn, "link", args) ? cli_receive(&conn) : NULL;
    json_t *said = json_object_get(line, "result");
    json_t *error = json_object_get(line, "error");
    if (said && !o->said) {
        o->said = json_incref(said);
        o->conn = conn;
        conn = (struct cli_conn){.fd = -1};
    } else if (said && !o->other && !is_same(said, o->said)) {
        o->other = json_incref(said);
    } else if (!o->error && !is_unlinked(error)) {
        o->error = json_incref(error);
    }
    json_decref(line);
    cli_close(&conn);
}

static void say_two(const struct over_link *o)
{
    fprintf(stderr,
            "aktvm: there are two nodes %s; say by --via NAME which is meant, "
            "that of %s or of %s\n",
            o->words->node, json_string_value(json_object_get(o->said, "via")),
            json_string_value(json_object_get(o->other, "via")));
}

static void say_unlinked(const struct cli_words *words, int asked)
{
    if (words->via && !asked)
        fprintf(stderr, "aktvm: no node %s runs here\n", words->via);
    else if (words->via)
        fprintf(stderr, "aktvm: no such node: %s has no link to %s\n",
                words->via, words->node);
    else
        fprintf(stderr,
                "aktvm: no such node: %s; %d others run here%s, none is linked "
                "with it\n",
                words->node, asked, asked ? ", see 'aktvm nodes'" : "");
}

static bool connect_over_link(const struct cli_words *words,
                              const struct cli_node *list, int len,
                              struct cli_conn *conn, int *code)
{
    struct over_link o = {.words = words, .conn = {.fd = -1}};
    int asked = 0;
    for (int i = 0; i < len; i++)
        if (!words->via || has_name(&list[i], words->via)) {
            try_link(&o, &list[i]);
            asked++;
        }
    bool ok = o.said && !o.other;
    if (ok)
        set_limit(&o.conn, TIMEOUT_S);
    else
        cli_close(&o.conn);
    if (o.other)
        say_two(&o);
    else if (!ok && o.error)
        *code = cli_error(o.error);
    else if (!ok)
        say_unlinked(words, asked);
    *conn = o.conn;
    json_decref(o.said);
    json_decref(o.other);
    json_decref(o.error);
    return ok;
}

static bool connect_direct(const struct cli_words *words, struct cli_conn *conn)
{
    bool ok = cli_dial_direct(words, conn);
    if (ok)
        set_limit(conn, TIMEOUT_S);
    else
        fprintf(stderr, "aktvm: cannot reach %s: %s\n", words->node,
                strerror(errno));
    return ok;
}

/* Here, if there is one of this name, else over a link. */
static bool connect_to(const struct cli_words *words,
                       const struct cli_node *list, int len,
                       struct cli_conn *conn, int *code)
{
    const struct cli_node *meant = NULL;
    int found = 0;
    for (int i = 0; i < len; i++)
        if (is_meant(words, &list[i]) && found++ == 0)
            meant = &list[i];
    if (found == 1)
        return dial_here(meant->path, conn, code);
    if (found > 1)
        say_several(words, list, len);
    else if (words->node && !words->pid && (len || words->via))
        return connect_over_link(words, list, len, conn, code);
    else
        say_none(words, len);
    return false;
}

bool cli_connect(const struct cli_words *words, struct cli_conn *conn,
                 int *code)
{
    struct cli_node *list;
    *conn = (struct cli_conn){.fd = -1};
    *code = CLI_UNREACHABLE;
    if (words->socket)
        return dial_here(words->socket, conn, code);
    if (words->node && strchr(words->node, '@'))
        return connect_direct(words, conn);
    int len = cli_nodes(&list);
    bool ok = connect_to(words, list, len, conn, code);
    free(list);
    return ok;
}

void cli_close(struct cli_conn *conn)
{
    if (conn->fd >= 0)
        close(conn->fd);
    if (conn->carried)
        pthread_join(conn->carrier, NULL);
    free(conn->in);
    *conn = (struct cli_conn){.fd = -1};
}

/* ---- talking ---- */

bool cli_send(struct cli_conn *conn, const char *cmd, json_t *args)
{
    json_t *request = json_pack("{s:i,s:I,s:s,s:o}", "v", AKT_ADMIN_VERSION,
                                "id", ++conn->last_id, "cmd", cmd, "args",
                                args ? args : json_object());
    char *text = json_dumps(request, JSON_COMPACT);
    size_t len = text ? strlen(text) : 0, at = 0;
    json_decref(request);
    if (!text)
        return false;
    text[len++] = '\n'; /* in the place of the zero byte */
    while (at < len) {
        ssize_t n = send(conn->fd, text + at, len - at, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        at += (size_t)n;
    }
    free(text);
    return true; /* what was said before it broke can still be read */
}

bool cli_fill(struct cli_conn *conn)
{
    if (conn->in_len > CLI_LINE_MAX)
        return false;
    if (conn->in_cap - conn->in_len < 65536) {
        conn->in_cap = conn->in_cap * 2 + 65536;
        conn->in = realloc(conn->in, conn->in_cap);
        if (!conn->in)
            abort();
    }
    ssize_t n;
    do
        n = read(conn->fd, conn->in + conn->in_len, 65536);
    while (n < 0 && errno == EINTR);
    conn->in_len += n > 0 ? (size_t)n : 0;
    return n > 0;
}

bool cli_take(struct cli_conn *conn, json_t **line)
{
    size_t fresh = conn->in_len - conn->in_seen;
    char *end = fresh ? memchr(conn->in + conn->in_seen, '\n', fresh) : NULL;
    conn->in_seen = conn->in_len;
    if (!end)
        return false;
    size_t len = (size_t)(end - conn->in) + 1;
    *line = json_loadb(conn->in, len, JSON_ALLOW_NUL, NULL);
    conn->in_len -= len;
    conn->in_seen = 0;
    memmove(conn->in, conn->in + len, conn->in_len);
    return true;
}

json_t *cli_receive(struct cli_conn *conn)
{
    json_t *line = NULL;
    while (!line) /* one that was cut off is none; another one says why */
        if (!cli_take(conn, &line) && !cli_fill(conn))
            return NULL;
    return line;
}

int cli_error(json_t *error)
{
    const char *code = json_string_value(json_object_get(error, "code"));
    const char *text = json_string_value(json_object_get(error, "message"));
    fprintf(stderr, "aktvm: %s: %s\n", code ? code : "error",
            text ? text : "?");
    if (!code)
        return CLI_FAILED;
    if (strcmp(code, "denied") == 0 || strcmp(code, "refused") == 0)
        return CLI_DENIED;
    if (strcmp(code, "bad_argument") == 0 || strcmp(code, "invalid") == 0)
        return CLI_USAGE;
    bool away = strcmp(code, "shutdown") == 0 || strcmp(code, "version") == 0 ||
                strcmp(code, "noconnection") == 0;
    return away ? CLI_UNREACHABLE : CLI_FAILED;
}

json_t *cli_ask(struct cli_conn *conn, const char *cmd, json_t *args, int *code)
{
    json_t *line = cli_send(conn, cmd, args) ? cli_receive(conn) : NULL;
    json_t *result = json_incref(json_object_get(line, "result"));
    *code = CLI_OK;
    if (!line) {
        fputs("aktvm: the node has gone away\n", stderr);
        *code = CLI_UNREACHABLE;
    } else if (!result) {
        *code = cli_error(json_object_get(line, "error"));
    }
    json_decref(line);
    return result;
}

json_t *cli_ask_once(const struct cli_words *words, const char *cmd,
                     json_t *args, int *code)
{
    struct cli_conn conn;
    if (!cli_connect(words, &conn, code)) {
        json_decref(args);
        return NULL;
    }
    json_t *result = cli_ask(&conn, cmd, args, code);
    cli_close(&conn);
    return result;
}

int cli_print_json(json_t *result)
{
    json_t *line = json_pack("{s:i}", "v", AKT_ADMIN_VERSION);
    if (json_is_object(result))
        json_object_update(line, result);
    else
        json_object_set(line, "result", result);
    json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(10));
    putchar('\n');
    json_decref(line);
    return CLI_OK;
}
