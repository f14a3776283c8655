/* SPDX-License-Identifier: MIT
 *
 * lua/secret.h: values that are not printed.
 *
 * A secret is a full userdata that holds one value. tostring, logs, reports
 * and errors show it as <secret>; only s:reveal() gives the value. It travels
 * in messages and as a captured variable, and is a secret there too.
 *
 * Threads: [owner].
 */
#ifndef AKT_LUA_SECRET_H
#define AKT_LUA_SECRET_H

#include <stdbool.h>

#include <lua.h>

bool akt_is_secret(lua_State *L, int idx);
/* Replaces the value on top by a secret that holds it. */
void akt_secret_wrap(lua_State *L);
/* Pushes the value of the secret at idx. */
void akt_secret_reveal(lua_State *L, int idx);
/* Pops a value and puts it into the secret at idx. */
void akt_secret_set(lua_State *L, int idx);
/* akt.secret(v): a secret stays as it is. */
int akt_secret_new(lua_State *L);

#endif
