/* SPDX-License-Identifier: MIT
 *
 * lua/kind.h: kinds, the named behaviours of a node.
 *
 * A script defines a kind as a table. At the first spawn it is frozen: its
 * policies are read, its functions are checked, and a code image is made.
 * From then on the table is read-only, and each isolate that hosts an actor
 * of the kind makes its own copy from the image, the defining one too.
 *
 * Ownership: kinds live as long as the node. Threads: as each line says.
 */
#ifndef AKT_LUA_KIND_H
#define AKT_LUA_KIND_H

#include <pthread.h>

#include "lua/host.h"
#include "lua/image.h"

struct akt_lua_kind {
    struct akt_kind kind; /* first: kind.data points here */
    uint32_t id;
    uint64_t text_hash; /* of the chunk that defined it */
    int line;
    char *source;
    struct akt_image *image; /* under the lock; NULL: not frozen */
    struct akt_isolate *definer;
    struct akt_lua_kind *next;
    struct akt_lua_kind *same_hash;
};

/* What the host keeps for the node (node->host_data). */
struct akt_lua_node {
    struct akt_node *node;
    pthread_mutex_t lock;
    struct akt_lua_kind *kinds;
    uint32_t kinds_len;
    struct akt_map kinds_by_name; /* under the lock: hash -> same_hash list */
    struct akt_map kept;          /* under the lock: number -> image */
    struct akt_kind process;      /* of plain process actors */
    struct akt_kind main;
    /* the program */
    const char *script_path; /* NULL: -e */
    const char *script_name; /* chunk name */
    const char *script_text;
    size_t script_len;
    int argc;
    char **argv;
    bool crash_reports;
    _Atomic int log_level; /* 0 debug, 1 info, 2 warn, 3 error */
    bool definition;       /* lua/check.c: only kinds matter */
    int findings;          /* ... and what is wrong with them */
};

/* [start] */
struct akt_lua_node *akt_lua_node_create(struct akt_node *node);
void akt_lua_node_destroy(struct akt_lua_node *n);

/* akt.actor(name): pushes the table of a new kind, or that of one which the
 * same text has defined before. */
int akt_kind_define(lua_State *L);
/* In definition mode: checks all kinds defined so far; prints and counts. */
void akt_kind_check_all(lua_State *L);
/* The kind whose table is at idx, or NULL. */
struct akt_lua_kind *akt_kind_at(lua_State *L, int idx);
/* Makes the image of the kind at idx if there is none; raises. */
void akt_kind_freeze(lua_State *L, int idx);
/* The image of the function at idx, or NULL. The kinds it mentions are frozen,
 * since it will spawn them; that may raise. */
struct akt_image *akt_kind_image(lua_State *L, int idx,
                                 struct akt_image_error *err);
/* [owner] The isolate's copy; made on first use; raises. */
struct akt_class *akt_class_of(struct akt_lua *h, lua_State *L,
                               const struct akt_kind *kind);
/* Reads { max =, full = } at idx. */
void akt_check_mailbox(lua_State *L, int idx, struct akt_mailbox_policy *out);
/* Reads { strategy =, ... } at idx. */
void akt_check_supervise(lua_State *L, int idx, struct akt_supervise *out);
/* Pushes the table of a kind by name; raises. */
void akt_kind_push(lua_State *L, const char *name);
/* [any] Keeps an image (whose reference it takes) under a number until the
 * node ends; the same image again has the same number. */
uint64_t akt_lua_keep_image(struct akt_lua_node *n, struct akt_image *image);
struct akt_image *akt_lua_kept_image(struct akt_lua_node *n, uint64_t id);
/* Names for images: kinds, then modules. */
extern const struct akt_image_names akt_kind_names;

#endif
