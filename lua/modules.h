/* SPDX-License-Identifier: MIT
 *
 * lua/modules.h: the texts of the modules that the node has loaded.
 *
 * A module is loaded once in every isolate that uses it, at different times.
 * All of them must get the same text, whatever happens to the file meanwhile:
 * the first one that loads it reads the file, the others take what is here. A
 * reload (lua/reload.h) replaces texts; isolates then forget the module and
 * load it again when it is next needed.
 *
 * Invariants
 *   M1  The text of a name changes only with `generation`.
 *   M2  An isolate whose `modules_seen` is the generation has loaded no text
 *       that has been replaced.
 *
 * Ownership: texts are counted and immutable.
 * Threads:   [any]; a struct akt_modules is under the lock of its
 *            struct akt_lua_node, which the functions take that are given the
 *            node.
 */
#ifndef AKT_LUA_MODULES_H
#define AKT_LUA_MODULES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#include "vm/base/buf.h"

struct akt_lua;
struct akt_lua_node;

#define AKT_MODULE_NAME_MAX 200 /* bytes; longer ones are not kept here */

struct akt_text {
    _Atomic uint32_t refs;
    uint64_t hash;
    size_t len;
    char bytes[];
};

struct akt_module {
    struct akt_module *next;
    char *name;
    char *path;
    struct akt_text *text;
    struct akt_text *previous; /* before the last reload; or NULL */
    uint64_t replaced;         /* the generation of that */
    uint64_t
        generation; /* of the last change of what it requires, or its own */
    struct akt_buf requires; /* names, zero-ended */
};

struct akt_modules {
    struct akt_module *first;
    _Atomic uint64_t generation; /* written under the lock */
};

/* NULL: errno says why it cannot be read. */
struct akt_text *akt_text_read(const char *path);
struct akt_text *akt_text_new(const char *bytes, size_t len);
struct akt_text *akt_text_ref(struct akt_text *t);
void akt_text_unref(struct akt_text *t); /* NULL allowed */

void akt_modules_fini(struct akt_modules *ms);
/* The module's text and, if `path` is not NULL, a copy of its path to be
 * freed with akt_strfree; NULL when it is not there. The caller's reference. */
struct akt_text *akt_modules_get(struct akt_lua_node *n, const char *name,
                                 char **path);
/* Takes text; returns what is there now, the caller's reference: another
 * isolate may have been first. */
struct akt_text *akt_modules_put(struct akt_lua_node *n, const char *name,
                                 const char *path, struct akt_text *text);
/* While `name` loads it requires `other`. */
void akt_modules_require(struct akt_lua_node *n, const char *name,
                         const char *other);
/* Under the lock. */
struct akt_module *akt_modules_find(const struct akt_modules *ms,
                                    const char *name);
/* Under the lock: `text` (a reference of the caller's) takes the place of
 * what is there. Whatever requires it is forgotten as well. */
void akt_modules_replace(struct akt_modules *ms, struct akt_module *m,
                         struct akt_text *text);
/* Adds a name to a list of zero-ended ones, once. */
void akt_modules_note(struct akt_buf *names, const char *name);
/* Under the lock: adds all that the named ones require, and so on. */
void akt_modules_close(const struct akt_modules *ms, struct akt_buf *names);
/* Under the lock: `h` mixed with the texts of the named modules and of all
 * that they require; the order of the names does not matter. */
uint64_t akt_modules_hash(const struct akt_modules *ms,
                          const struct akt_buf *names, uint64_t h);
/* [owner] Forgets the modules that have changed since the last call. */
void akt_modules_sync(struct akt_lua *h, lua_State *L);

/* for (name = akt_modules_first(b); name; name = akt_modules_next(b, name)) */
const char *akt_modules_first(const struct akt_buf *names);
const char *akt_modules_next(const struct akt_buf *names, const char *name);

#endif
