/* SPDX-License-Identifier: MIT
 *
 * lua/lib_provide.h: akt.provide and akt.use: things by name, for the whole
 * node or for an actor and those it starts.
 *
 * What is provided is kept as a code image, so it may be data, pids, functions,
 * kinds and tables of these; who uses it gets a copy of his own.
 *
 * What an actor has of its own is a list that is never changed: a child begins
 * with its parent's and puts more in front.
 *
 * Threads: as each line says.
 */
#ifndef AKT_LUA_LIB_PROVIDE_H
#define AKT_LUA_LIB_PROVIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include <lua.h>

#include "lua/image.h"

#define AKT_PROVIDED_MAX 1024 /* in a node */
#define AKT_USES_MAX 64       /* of an actor, with what it has inherited */
#define AKT_USE_NAME_MAX 64

struct akt_actor;
struct akt_spec;

struct akt_use {
    atomic_uint refs;
    struct akt_use *outer; /* counted */
    char *name;
    struct akt_image *image;
};

struct akt_provided {
    pthread_mutex_t lock;
    struct akt_use *first; /* by `outer`; each with one reference */
    uint32_t len;
};

void akt_provided_init(struct akt_provided *p);
void akt_provided_fini(struct akt_provided *p);
/* [any] NULL allowed. */
struct akt_use *akt_use_ref(struct akt_use *u);
void akt_use_unref(struct akt_use *u);
/* [owner] What spec->uses becomes: what the parent has (NULL: none), and in
 * front the fields of the table at idx. Raises; what was read is in the spec
 * then. */
void akt_use_read(lua_State *L, int idx, struct akt_spec *spec);

#endif
