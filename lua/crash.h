/* SPDX-License-Identifier: MIT
 *
 * lua/crash.h: what a crash file (vm/crash.h) says of a Lua actor: the error,
 * its place and stack, and the actor's state.
 *
 * The state is walked with raw access only, so nothing of the script runs,
 * and is cut at AKT_STATE_BYTES of text. What akt.secret holds is not shown,
 * nor are fields that are called as secrets usually are.
 */
#ifndef AKT_LUA_CRASH_H
#define AKT_LUA_CRASH_H

#include "lua/host.h"

#define AKT_STATE_BYTES (16 * 1024)
#define AKT_STATE_DEPTH 6
#define AKT_STATE_ITEMS 200 /* of one table */

struct akt_crash_scene {
    int err; /* stack index of what was raised */
    const char *code;
    struct akt_actor *actor;
    lua_State *co; /* where it was raised */
};

/* [owner] Appends members of a JSON object. Raises when memory ends; *whole is
 * then the length that is good. */
void akt_crash_tell(lua_State *L, const struct akt_crash_scene *scene,
                    struct akt_buf *b, size_t *whole);
/* [owner] The value at idx as JSON, by the limits above. */
void akt_crash_value(lua_State *L, int idx, struct akt_buf *b);

#endif
