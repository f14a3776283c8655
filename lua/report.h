/* SPDX-License-Identifier: MIT
 *
 * lua/report.h: where a script is, for reports and crash files. [owner]
 */
#ifndef AKT_LUA_REPORT_H
#define AKT_LUA_REPORT_H

#include "lua/host.h"

struct akt_place {
    char source[LUA_IDSIZE];
    char path[512]; /* empty: not a file */
    int line;
};

/* Whether this level is in a script's own function. */
bool akt_place_is_script(const lua_Debug *ar);
/* The innermost place of co in a script. */
bool akt_place_find(lua_State *co, struct akt_place *p);
/* Copies the n-th line of a file, without the indent. */
bool akt_place_read_line(const char *path, int n, char *out, size_t size);
/* "on.inc", "init", ...: what actor a runs. */
void akt_handler_name(const struct akt_actor *a, char *out, size_t size);

#endif
