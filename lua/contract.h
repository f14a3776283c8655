/* SPDX-License-Identifier: MIT
 *
 * lua/contract.h: what the messages of a kind must look like: Kind.accepts.
 *
 * A contract is read when its kind is frozen and then immutable. It belongs to
 * a version of the kind, so actors change it with their code.
 *
 * Ownership: counted references. Threads: [any], with the caller's own Lua
 *            state.
 */
#ifndef AKT_LUA_CONTRACT_H
#define AKT_LUA_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

#define AKT_CONTRACT_TEXT 256
#define AKT_CONTRACT_DEPTH 16 /* tables described inside tables */
/* Slots of the stack that a check may use. */
#define AKT_CONTRACT_SLOTS (3 * AKT_CONTRACT_DEPTH + 8)

struct akt_contract;

/* [owner] The contract of the kind whose table is at idx, or NULL when it has
 * none. Raises `bad_contract`. */
struct akt_contract *akt_contract_read(lua_State *L, int idx, const char *kind);
struct akt_contract *akt_contract_ref(struct akt_contract *c); /* NULL: NULL */
void akt_contract_unref(struct akt_contract *c); /* NULL allowed */

/* The values from `first` (the tag, a string) to `last` as a message; true: it
 * is one that the kind accepts. False: `text` says why not. Raises nothing;
 * the stack has AKT_CONTRACT_SLOTS free. */
bool akt_contract_check(const struct akt_contract *c, lua_State *L, int first,
                        int last, char text[AKT_CONTRACT_TEXT]);
/* The same for what answers a message with this tag. */
bool akt_contract_check_reply(const struct akt_contract *c, lua_State *L,
                              int first, int last, const char *tag, size_t len,
                              char text[AKT_CONTRACT_TEXT]);

#endif
