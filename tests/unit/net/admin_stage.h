/* SPDX-License-Identifier: MIT
 *
 * tests/unit/net/admin_stage.h: an admin server at a socket of its own, beside
 * a node that does not run; commands and a client for tests.
 */
#ifndef AKT_TESTS_ADMIN_STAGE_H
#define AKT_TESTS_ADMIN_STAGE_H

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/admin_parts.h"
#include "tests/unit/check_main.h"
#include "tests/unit/idle_node.h"

static char dir[64], path[128];
static struct akt_node *node;
static struct akt_admin *admin;

static void echo(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)ctx;
    akt_admin_result(call, json_incref(args));
}

/* Lines of 64 KB, more than a client may leave unread, and then the end. */
static void flood(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)args, (void)ctx;
    char text[65536];
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 200; i++)
        akt_admin_more(call, json_stringn(text, sizeof text));
    akt_admin_result(call, json_true());
}

/* The node, and the server without commands, which is still to be started. */
static void stage_open(void)
{
    const char *error;
    signal(SIGPIPE, SIG_IGN);
    strcpy(dir, "/tmp/akt-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/sock", dir);
    node = idle_node(&(struct akt_config){.workers = 1, .name = "n1"});
    admin = akt_admin_create(node, path, &error);
    ck_assert_ptr_nonnull(admin);
}

static int dial(void)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(addr.sun_path, path);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    return fd;
}

#endif
