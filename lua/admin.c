/* SPDX-License-Identifier: MIT */
#include "lua/admin.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lua/kind.h"
#include "lua/reload.h"
#include "net/admin_parts.h"
#include "net/admin_path.h"
#include "vm/base/log.h"

static void log_level(struct akt_admin_call *call, json_t *args, void *ctx)
{
    const char *word = json_string_value(json_object_get(args, "level"));
    enum akt_log_level level;
    if (!word || !akt_log_level_find(word, &level)) {
        akt_admin_error(call, "bad_argument",
                        "the level must be debug, info, warn or error");
        return;
    }
    akt_log_set_level(level);
    akt_admin_result(call, json_pack("{s:s}", "level", word));
}

static void add_log(struct akt_admin *admin)
{
    akt_admin_add(admin, "log", log_level, NULL);
}

/* Whoever adds commands. */
static void (*const parts[])(struct akt_admin *admin) = {
    akt_admin_add_status,  akt_admin_add_ps,
    akt_admin_add_tree,    akt_admin_add_act,
    akt_admin_add_stats,   akt_admin_add_inspect,
    akt_admin_add_why,     add_log,
    akt_admin_add_reload,  akt_admin_add_session,
    akt_admin_add_metrics, akt_admin_add_events,
    akt_admin_add_trace,   akt_admin_add_profile,
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

struct akt_admin *akt_lua_admin_start(struct akt_node *node,
                                      struct akt_network *network,
                                      const char *path)
{
    char usual[PATH_MAX] = "";
    const char *error = NULL;
    if (node->world->simulated || (path && strcmp(path, "off") == 0))
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
    if (network)
        akt_admin_add_link(admin, network);
    akt_admin_start(admin);
    return admin;
}
