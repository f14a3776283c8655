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

#include "lua/contract.h"
#include "lua/host.h"
#include "lua/image.h"
#include "lua/lib_provide.h"
#include "lua/modules.h"
#include "lua/shared.h"

struct akt_network;
struct akt_test_state;

/* One version of a kind: what its actors point to. Immutable once frozen. */
struct akt_lua_version {
    struct akt_kind kind; /* first: kind.data points here */
    struct akt_lua_kind *family;
    uint64_t serial;         /* never used twice in a node */
    uint32_t id;             /* of the classes of isolates; used again */
    uint32_t number;         /* 1, 2, ... */
    struct akt_image *image; /* under the lock; NULL: not frozen */
    _Atomic bool frozen;     /* any: it has had one; set with it */
    struct akt_buf modules;  /* names of those it refers to, zero-ended */
    uint64_t hash;           /* of its code and those modules */
    char *label;             /* Kind.version as text, or NULL */
    struct akt_buf tags;     /* of its handlers, zero-ended */
    bool has_unknown;
    struct akt_contract *contract; /* Kind.accepts, or NULL */
    struct akt_text *text;         /* of the file that defines it; or NULL */
    bool seen;       /* under the lock: by a scan, in some actor */
    uint32_t unused; /* ... by how many scans it was not, in a row */
    struct akt_lua_version *older;
    struct akt_lua_version *back; /* what a rollback goes to; or NULL */
    uint64_t commit;              /* the reload that made it; 0: none */
    uint64_t modules_from;        /* generations its commit has made: above */
    uint64_t modules_to;          /* ... this one, up to this one */
};

/* A name and all its versions. */
struct akt_lua_kind {
    char *name;
    char *source; /* the chunk that defined it; it and line: under the lock */
    int line;
    struct akt_lua_version *_Atomic current;
    struct akt_lua_version *versions; /* under the lock; newest first */
    struct akt_isolate *definer;
    struct akt_lua_kind *next;
    struct akt_lua_kind *same_hash;
};

/* What the host keeps for the node (node->host_data). */
struct akt_lua_node {
    struct akt_node *node;
    pthread_mutex_t lock;
    struct akt_lua_kind *kinds;
    _Atomic bool reloading;
    uint64_t reloads; /* the rest is under the lock */
    uint64_t versions_made;
    uint32_t ids_len;
    struct akt_buf ids_free;      /* of versions that are gone */
    struct akt_modules modules;   /* under the lock */
    struct akt_map kinds_by_name; /* under the lock: hash -> same_hash list */
    struct akt_map kept;          /* under the lock: number -> image */
    struct akt_kind process;      /* of plain process actors */
    struct akt_kind main;
    struct akt_kind session; /* lua/session.h */
    /* the program */
    struct akt_network *network; /* NULL: none */
    struct akt_shareds shareds;
    struct akt_provided provided;
    const char *script_path; /* NULL: -e */
    const char *script_name; /* chunk name */
    const char *script_text;
    size_t script_len;
    int argc;
    char **argv;
    bool crash_reports;
    bool definition;              /* lua/definitions.c: only kinds matter */
    int findings;                 /* ... and what is wrong with them */
    struct akt_buf findings_text; /* under the lock, like findings */
    /* lua/test_state.h; NULL: no tests. Set once, under the lock. */
    struct akt_test_state *_Atomic test;
};

/* [start] */
struct akt_lua_node *akt_lua_node_create(struct akt_node *node);
void akt_lua_node_destroy(struct akt_lua_node *n);

/* [start] The main script is a module without a name. */
void akt_lua_keep_script(struct akt_lua_node *n);
/* Definition mode: one more line of what is wrong. */
void akt_lua_finding(struct akt_lua_node *n, const char *text, size_t len);

/* Registry: tables of the kinds that are defined here, by name; in definition
 * mode also as a list. */
#define AKT_KINDS_DEFINED "akt.defined"

/* akt.actor(name): pushes the table of a new kind, or that of one which the
 * same text has defined before. */
int akt_kind_define(lua_State *L);
/* Under the lock. */
struct akt_lua_kind *akt_kind_find(struct akt_lua_node *n, const char *name);
struct akt_lua_kind *akt_kind_add(struct akt_lua_node *n, const char *name,
                                  const char *source, int line);
/* One more version of k, not frozen and not current. */
struct akt_lua_version *akt_version_new(struct akt_lua_node *n,
                                        struct akt_lua_kind *k);
void akt_version_free(struct akt_lua_version *v);
/* Forgets which tags are reentrant. */
void akt_kind_free_tags(struct akt_kind *kind);
/* From now on it is what new actors get, and what others change to. */
void akt_kind_publish(struct akt_lua_version *v);
/* [any] */
struct akt_lua_version *akt_kind_current(const struct akt_lua_kind *k);

/* The kind whose table is at idx, or NULL. */
struct akt_lua_kind *akt_kind_at(lua_State *L, int idx);
/* Makes the table on top that of kind k. */
void akt_kind_set_metatable(lua_State *L, struct akt_lua_kind *k);
/* [any] Whether the current version has its image. */
bool akt_kind_is_frozen(const struct akt_lua_kind *k);
/* Makes the image of the kind at idx if there is none; raises. */
void akt_kind_freeze(lua_State *L, int idx);
/* For tests: actors of k are made from the table at idx instead of the kind's
 * own. False: too late, one has been spawned. Raises as akt_kind_freeze. */
bool akt_kind_stub(lua_State *L, int idx, struct akt_lua_kind *k);
/* The image of the function at idx, or NULL. The kinds it mentions are frozen,
 * since it will spawn them; that may raise. */
struct akt_image *akt_kind_image(lua_State *L, int idx,
                                 struct akt_image_error *err);
/* [owner] The isolate's copy; made on first use; raises. */
struct akt_class *akt_class_of(struct akt_lua *h, lua_State *L,
                               const struct akt_kind *kind);
/* Reads { max =, full =, ... } at idx; replaces what is in *rules. */
void akt_check_mailbox(lua_State *L, int idx, struct akt_mailbox_policy *out,
                       struct akt_mailbox_rules *rules);
/* Reads `priority` of the table at idx; false: it has none. */
bool akt_check_class(lua_State *L, int idx, enum akt_priority_class *out);
/* Reads { strategy =, ... } at idx. */
void akt_check_supervise(lua_State *L, int idx, struct akt_supervise *out);
/* Reads { timeout =, retries =, backoff = } at idx. */
void akt_check_init(lua_State *L, int idx, struct akt_init *out);
/* Reads { every =, timeout =, fails = } at idx. */
void akt_check_health(lua_State *L, int idx, struct akt_health_policy *out);
/* Reads { after =, messages = } at idx, or false: never. */
void akt_check_passivate(lua_State *L, int idx, struct akt_passivate *out);
/* Pushes the table of a kind by name; raises. */
void akt_kind_push(lua_State *L, const char *name);
/* [any] Keeps an image (whose reference it takes) under a number until the
 * node ends; the same image again has the same number. */
uint64_t akt_lua_keep_image(struct akt_lua_node *n, struct akt_image *image);
struct akt_image *akt_lua_kept_image(struct akt_lua_node *n, uint64_t id);
/* Names for images: kinds, then modules. */
extern const struct akt_image_names akt_kind_names;

#endif
