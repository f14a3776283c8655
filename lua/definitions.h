/* SPDX-License-Identifier: MIT
 *
 * lua/definitions.h: what a script defines, found by running it in a node of
 * its own where nothing has an effect: what it prints is discarded, and the
 * first spawn, send, ask, ... ends the run. `aktvm check` reports what is
 * wrong with it, a reload takes the images of its kinds.
 *
 * Threads: [any] that runs no actor; the call takes as long as the script.
 */
#ifndef AKT_LUA_DEFINITIONS_H
#define AKT_LUA_DEFINITIONS_H

#include "lua/kind.h"

#define AKT_DEFINITIONS_MS 5000 /* a script that takes longer is at fault */

struct akt_definitions {
    struct akt_node *node;
    struct akt_lua_node *lua; /* its kinds and modules */
    int findings;
    struct akt_buf text; /* a line each */
};

struct akt_script {
    const char *path;
    const char *text;
    size_t len;
    int argc;
    char **argv;
};

/* The caller's; nothing runs in it any more. */
struct akt_definitions *akt_definitions_run(const struct akt_script *script);
void akt_definitions_free(struct akt_definitions *d);

/* [owner] Inside of such a node: freezes all kinds defined so far, and notes
 * what is wrong with them. */
void akt_definitions_check(lua_State *L);

#endif
