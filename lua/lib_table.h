/* SPDX-License-Identifier: MIT
 *
 * lua/lib_table.h: the functions of the table library that could keep a
 * worker for long, made preemptible.
 *
 *   sort    its comparator, or the __lt of the elements, may wait and be
 *           preempted; sorting itself pauses
 *   concat, insert, remove, move   pause every AKT_TABLE_PAUSE elements, so a
 *           table whose __len claims 2^53 elements keeps only its own actor
 *           busy
 *
 * None has a limit of its own. All behave as in Lua 5.4, messages of errors
 * included; pack and unpack stay stock (the size of the stack bounds them).
 *
 * Sorting is a merge sort on a copy:
 *   T1  The table is written only when the order is known: if a comparator
 *       raises, the table is as it was.
 *   T2  Whatever the comparator answers, sort ends, after at most
 *       n * ceil(log2(n)) + 1 comparisons, and the result is a permutation.
 *   T3  "invalid order function for sorting" is raised if the comparator says
 *       true to everything, which stock Lua notices too. It notices some
 *       other inconsistencies besides; here those only give some order.
 *   T4  Stock's sort needs no memory; this one needs 16 bytes an element where
 *       all are integers or all are floats and there is no comparator, else 32.
 *
 * Threads: [owner].
 */
#ifndef AKT_LUA_LIB_TABLE_H
#define AKT_LUA_LIB_TABLE_H

#include <lua.h>

/* 10 to 20 ns an element: about half a millisecond. */
#define AKT_TABLE_PAUSE 32768

/* With the stock table library on top of the stack: replaces functions in it
 * and leaves it there. */
void akt_lib_table_open(lua_State *L);

#endif
