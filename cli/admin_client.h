/* SPDX-License-Identifier: MIT
 *
 * cli/admin_client.h: finding a running node and asking it (net/admin.h).
 */
#ifndef AKT_CLI_ADMIN_CLIENT_H
#define AKT_CLI_ADMIN_CLIENT_H

#include <jansson.h>
#include <limits.h>
#include <pthread.h>
#include <sys/types.h>

#include "cli/command.h"

enum { CLI_UNREACHABLE = 3, CLI_DENIED = 4 };

#define CLI_NODES_MAX 256
#define CLI_LINE_MAX \
    (64u << 20) /* bytes of one line of a node; over: its end */

struct cli_node {
    char path[PATH_MAX];
    char name[64]; /* as in its file's name */
    pid_t pid;
};

struct cli_conn {
    int fd;
    json_int_t last_id;
    char *in; /* what has been read and is no whole line yet */
    size_t in_len, in_cap;
    pthread_t carrier; /* of a direct connection */
    bool carried;
    size_t in_seen; /* so many of them hold no end of a line */
};

/* Those that accept a connection. Sockets of dead programs are removed.
 * Returns how many; *list is to be freed. */
int cli_nodes(struct cli_node **list);
/* Connects to the one that is meant; false: said why, *code is for exit. */
bool cli_connect(const struct cli_words *words, struct cli_conn *conn,
                 int *code);
void cli_close(struct cli_conn *conn);
/* conn->fd goes to words->node, NAME@HOST:PORT; what is wrong comes as a line.
 * False, and errno: there can be none. */
bool cli_dial_direct(const struct cli_words *words, struct cli_conn *conn);

/* Sends a request; takes args (NULL: none). False: they are no UTF-8. That
 * nobody is there any more is seen by who receives. */
bool cli_send(struct cli_conn *conn, const char *cmd, json_t *args);
/* For those that wait by themselves: takes a whole line out of what has been
 * read, NULL if it is no JSON; false: there is none. */
bool cli_take(struct cli_conn *conn, json_t **line);
/* Reads more, and waits for it; false: the node has gone away. */
bool cli_fill(struct cli_conn *conn);
/* The next line, or NULL when the node has gone away. */
json_t *cli_receive(struct cli_conn *conn);
/* One request and its result, a new reference; NULL: said why, with *code. */
json_t *cli_ask(struct cli_conn *conn, const char *cmd, json_t *args,
                int *code);
/* connect, ask, close. */
json_t *cli_ask_once(const struct cli_words *words, const char *cmd,
                     json_t *args, int *code);
/* What an error of the node means for the exit code; prints it. */
int cli_error(json_t *error);
/* Prints {"v":1,...} on one line; returns CLI_OK. */
int cli_print_json(json_t *result);

#endif
