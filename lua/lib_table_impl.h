/* SPDX-License-Identifier: MIT
 *
 * lua/lib_table_impl.h: what the files of the table library share.
 *
 * Threads: [owner].
 */
#ifndef AKT_LUA_LIB_TABLE_IMPL_H
#define AKT_LUA_LIB_TABLE_IMPL_H

#include <lua.h>

/* What is done with an argument, and so must have if it is no table. */
enum {
    AKT_TABLE_READ = 1,
    AKT_TABLE_WRITE = 2,
    AKT_TABLE_LENGTH = 4,
};

/* The argument's length; raises where it can neither be measured nor be used
 * as said. */
lua_Integer akt_table_check_length(lua_State *L, int arg, int use);

/* table.sort. Upvalue 1 is as lua/pause.h wants it. */
int akt_table_sort(lua_State *L);

#endif
