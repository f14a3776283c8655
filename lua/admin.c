/* SPDX-License-Identifier: MIT */
#include "lua/admin.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lua/reload.h"
#include "net/admin_parts.h"
#include "net/admin_path.h"
#include "vm/base/log.h"

/* Whoever adds commands. */
static void (*const parts[])(struct akt_admin *admin) = {
    akt_admin_add_status, akt_admin_add_ps,      akt_admin_add_tree,
    akt_admin_add_act,    akt_admin_add_stats,   akt_admin_add_events,
    akt_admin_add_trace,  akt_admin_add_profile, akt_admin_add_reload,
};

static void warn(const char *path, const char *why)
{
    char text[PATH_MAX + 200];
    int n = snprintf(text, sizeof text,
                     "aktvm: no admin socket%s%s: %s; the program runs without "
                     "it\n",
                     path[0] ? " at " : "", path, why);
    akt_log_write(text, (size_t)n);
}

struct akt_admin *akt_lua_admin_start(struct akt_node *node, const char *path)
{
    char usual[PATH_MAX] = "";
    const char *error = NULL;
    if (node->world.simulated || (path && strcmp(path, "off") == 0))
        return NULL;
    if (!path) {
        error = akt_admin_path(node->config.name, getpid(), usual);
        path = usual;
    }
    struct akt_admin *admin =
        error ? NULL : akt_admin_create(node, path, &error);
    if (!admin) {
        warn(path, error);
        return NULL;
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        parts[i](admin);
    akt_admin_start(admin);
    return admin;
}
