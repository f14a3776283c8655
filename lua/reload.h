/* SPDX-License-Identifier: MIT
 *
 * lua/reload.h: hot reload: the program's files are read again, and what has
 * changed in them takes the place of what runs.
 *
 * The main script and its modules are run for their definitions in a node of
 * its own (lua/definitions.h). Kinds whose code, captured values or modules
 * are different get a new version. Up to there nothing has changed, and any
 * mistake ends the reload. Then all new versions are published under one lock;
 * actors change between two messages (vm/upgrade.h), all of them in the
 * background and each one before its next message at the latest.
 *
 * Invariants
 *   R1  One reload at a time.
 *   R2  A reload that fails leaves versions, modules and actors as they were.
 *   R3  Kinds that share a changed module change together.
 *
 * Threads: [any] that runs no actor: a reload reads files, runs a script and
 *          waits.
 */
#ifndef AKT_LUA_RELOAD_H
#define AKT_LUA_RELOAD_H

#include <jansson.h>

#include "lua/kind.h"

#define AKT_RELOAD_MS 5000 /* how long it waits for actors to change */

struct akt_reload_request {
    const char *what; /* a kind, or a file of the program; NULL: all of it */
    bool dry_run;     /* only tell what would be done */
    bool rollback;    /* go back to the version before the last reload */
    uint32_t wait_ms; /* for actors to change; 0: only start it */
    akt_pid caller;   /* who waits for this, so it cannot change meanwhile */
};

/*
 * The report, the caller's:
 *
 *   { "kinds": [ { "kind", "from", "to", "file", "actors", "switched",
 *                  "refused", "waiting", "notes": [ text ] } ],
 *     "modules": [ name ], "notes": [ text ], "ms", "dry_run" }
 *
 * or { "error": { "code", "message" } }, and nothing has been changed. Codes:
 * not_found, no_file, bad_script, busy, no_version.
 */
json_t *akt_reload_run(struct akt_lua_node *n,
                       const struct akt_reload_request *request);

/* [any] { "kinds": [ { "kind", "number", "version", "hash", "file", "line",
 * "actors", "older": of them on older versions, "refused": of these, "drift":
 * the files are not what runs } ], "processes": n }. Reads the files. */
json_t *akt_reload_status(struct akt_lua_node *n);

/* The admin commands `reload` and `kinds`. [start] */
struct akt_admin;
void akt_admin_add_reload(struct akt_admin *admin);

#endif
