/* SPDX-License-Identifier: MIT
 *
 * lua/inspect.h: what an actor's owner tells of it, as JSON text.
 *
 * A question is an INFO message whose body is a word: `inspect`, `heap` or
 * `why`. It is answered between two turns, on the worker that runs the isolate,
 * so what is looked at stands still; each answer is bounded work.
 *
 * Threads: [owner].
 */
#ifndef AKT_LUA_INSPECT_H
#define AKT_LUA_INSPECT_H

#include "lua/host.h"

#define AKT_LOOK_NODES 2000  /* values of a state that are shown or weighed */
#define AKT_LOOK_KEYS 64     /* of one table that are shown */
#define AKT_LOOK_DEPTH 6     /* tables inside tables that are shown */
#define AKT_LOOK_HEAD 10     /* messages of a mailbox */
#define AKT_LOOK_BYTES 400   /* of one message's text */
#define AKT_LOOK_LIST 100    /* links, monitors, timers, children */
#define AKT_LOOK_STACK 32    /* calls */
#define AKT_HEAP_NODES 20000 /* values that `heap` weighs, then it says so */
#define AKT_HEAP_PATHS 20

/* Called protected, in the state of the isolate: (actor, buffer, word), all
 * light userdata. What is in the buffer when it raises is worth nothing. */
int akt_lua_look(lua_State *L);

/* lua/inspect_value.c: the value at idx as JSON, with at most *left values. */
void akt_look_value(lua_State *L, int idx, struct akt_buf *b, uint32_t *left);
/* lua/inspect_heap.c: the weights of the values in the table at idx. */
void akt_look_heap(lua_State *L, struct akt_actor *a, struct akt_buf *b);
/* Pushes the state of an actor, or nil. */
void akt_look_self(lua_State *L, const struct akt_actor *a);

#endif
