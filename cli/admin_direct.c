/* SPDX-License-Identifier: MIT
 *
 * cli/admin_direct.c: `--node NAME@HOST:PORT`: a connection to a node of
 * another machine that is like one to a socket here. A thread carries the
 * bytes.
 */
#include "cli/admin_client.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/admin.h"
#include "net/client.h"

struct direct {
    const struct cli_words *words; /* these live as long as the command */
    int fd;                        /* the thread's end */
};

/* As a node says what is wrong with a connection: with the id 0. */
static void tell(int fd, const char *code, const char *text)
{
    json_t *line = json_pack("{s:i,s:i,s:{s:s,s:s}}", "v", AKT_ADMIN_VERSION,
                             "id", 0, "error", "code", code, "message", text);
    char *dump = json_dumps(line, JSON_COMPACT);
    if (dump && send(fd, "\n", 1, MSG_NOSIGNAL) == 1 &&
        send(fd, dump, strlen(dump), MSG_NOSIGNAL) > 0)
        (void)!send(fd, "\n", 1, MSG_NOSIGNAL);
    free(dump);
    json_decref(line);
}

static struct akt_client *open_client(const struct cli_words *w,
                                      struct akt_client_error *e)
{
    const char *at = strchr(w->node, '@');
    struct akt_client_config config = w->client;
    config.address = at + 1;
    struct akt_client *c = akt_client_open(&config, e);
    const char *name = c ? akt_client_node(c) : "";
    size_t len = (size_t)(at - w->node);
    if (!c || (strlen(name) == len && memcmp(name, w->node, len) == 0))
        return c;
    e->code = AKT_CLIENT_NOCONNECTION;
    snprintf(e->text, sizeof e->text, "%s: it has the name '%s'", w->node,
             name);
    akt_client_close(c);
    return NULL;
}

static void *carry(void *arg)
{
    struct direct *d = arg;
    struct akt_client_error e;
    struct akt_client *c = open_client(d->words, &e);
    if (!c || akt_client_admin(c, d->fd, &e) != AKT_CLIENT_OK)
        tell(d->fd, akt_client_code_name(e.code), e.text);
    close(d->fd);
    akt_client_close(c);
    free(d);
    return NULL;
}

/* Signals are for the command. */
static bool start(struct direct *d, pthread_t *thread)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    bool ok = pthread_create(thread, NULL, carry, d) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return ok;
}

bool cli_dial_direct(const struct cli_words *words, struct cli_conn *conn)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return false;
    struct direct *d = malloc(sizeof *d);
    if (!d)
        abort();
    *d = (struct direct){words, fds[1]};
    conn->carried = start(d, &conn->carrier);
    if (conn->carried) {
        conn->fd = fds[0];
        return true;
    }
    free(d);
    close(fds[0]);
    close(fds[1]);
    return false;
}
