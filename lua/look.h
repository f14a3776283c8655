/* SPDX-License-Identifier: MIT
 *
 * lua/look.h: sending to an actor whose senders must look at it first
 * (AKT_LOAD_LOOK): a router, whose messages go to a routee, or one whose kind
 * has a contract.
 *
 * All of it happens in the sender's turn. Nothing here is on the path of a
 * message to any other actor.
 *
 * Threads: [owner] of the sender.
 */
#ifndef AKT_LUA_LOOK_H
#define AKT_LUA_LOOK_H

#include "lua/contract.h"
#include "lua/host.h"
#include "vm/deadlock.h"

struct akt_look {
    int first;             /* the tag on the stack; the values up to the top */
    struct akt_msg *m;     /* its target: who is looked at */
    struct akt_pending *p; /* an ask; or NULL */
    bool waits;            /* ... and its actor will, at once */
    bool passes;           /* nobody here could wait or ask again */
    bool many;             /* out: the strategy is not for one routee */
    akt_pid to;            /* out: who got it */
    akt_pid chain[AKT_CHAIN_MAX]; /* out: with AKT_DEADLOCK */
    uint32_t chain_len;
    char text[AKT_CONTRACT_TEXT]; /* why the contract is broken */
};

/* Sends m as akt_send does; its codes, and these:
 * AKT_NOROUTEE     taken, a dead letter: the router has none
 * AKT_BAD_MESSAGE  taken; the error to raise is on the top of the stack
 * AKT_DEADLOCK     not taken: the ask would close a circle
 * AKT_DENIED       not taken: `many`, for akt_look_many (if it `passes`, it
 *                  goes to the router's own mailbox instead) */
enum akt_code akt_look_send(lua_State *L, struct akt_look *look,
                            enum akt_full *full);
/* [owner] Whether the values from `first` to `last` (tag, ...) are a message
 * that a accepts; false: `text` says why not. Raises nothing, if the stack has
 * AKT_CONTRACT_SLOTS free. */
bool akt_look_accepts(lua_State *L, const struct akt_actor *a, int first,
                      int last, char text[AKT_CONTRACT_TEXT]);
/* For what is sent later: raises bad_contract now. */
void akt_look_check(lua_State *L, akt_pid to, int first);
/* The values from `first` to the top as the answer of this actor to a message
 * with this tag; likewise. Never raises for an actor without contract. */
bool akt_look_answers(lua_State *L, int first, const char *body, size_t size,
                      char text[AKT_CONTRACT_TEXT]);
/* Tail: does `op` ("send", "ask") with the stack's arguments, in Lua. */
int akt_look_many(lua_State *L, const char *op);

/* Reads { strategy =, key =, within =, interval = } at idx; raises. */
struct akt_route_config;
void akt_look_read_route(lua_State *L, int idx, struct akt_route_config *out);
/* Adds what stdlib/_router.lua needs to `core`. */
void akt_lib_route_open(lua_State *L, int core);

#endif
