/* SPDX-License-Identifier: MIT
 *
 * lua/reload_impl.h: a reload from its plan to its report, for reload*.c.
 */
#ifndef AKT_LUA_RELOAD_IMPL_H
#define AKT_LUA_RELOAD_IMPL_H

#include "lua/definitions.h"
#include "lua/reload.h"

/* A kind that is going to have another version. */
struct akt_change {
    struct akt_lua_kind *kind;          /* NULL: it is new */
    struct akt_lua_version *from;       /* NULL: likewise */
    const struct akt_lua_version *next; /* in the definitions, or `back` */
    struct akt_lua_version *to;         /* once committed */
    bool selected;
    bool again; /* no new version: for actors that are not on the current one */
    bool unspawned; /* it only gets an image: nothing to tell of */
    uint64_t actors, waiting, refused;
};

/* A module that is going to have another text. */
struct akt_module_change {
    const char *name;
    struct akt_text *text; /* a reference */
    bool selected;
};

struct akt_plan {
    struct akt_lua_node *n;
    const struct akt_reload_request *request;
    struct akt_definitions *defs; /* NULL: a rollback */
    struct akt_text *script;      /* the main script as it is on disk */
    struct akt_change *changes;
    uint32_t changes_len, changes_cap;
    struct akt_module_change *modules;
    uint32_t modules_len, modules_cap;
    uint64_t processes; /* process actors, main not counted */
    json_t *notes;
    json_t *error; /* what ends it */
};

/* lua/reload_plan.c: fills the plan; false: plan->error says why not. */
bool akt_plan_make(struct akt_plan *p);
bool akt_plan_rollback(struct akt_plan *p);
void akt_plan_fini(struct akt_plan *p);
bool akt_plan_fail(struct akt_plan *p, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Whether the file at `path` is the one the program knows as `known`. */
bool akt_same_file(const char *known, const char *path);

/* lua/reload_report.c */
json_t *akt_plan_report(const struct akt_plan *p);

#endif
