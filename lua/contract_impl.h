/* SPDX-License-Identifier: MIT
 *
 * lua/contract_impl.h: a contract as contract_read.c makes it and contract.c
 * uses it. Immutable once it is read.
 */
#ifndef AKT_LUA_CONTRACT_IMPL_H
#define AKT_LUA_CONTRACT_IMPL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define AKT_CONTRACT_TAGS 64 /* that "did you mean" looks at */

enum {
    AKT_T_NIL = 1,
    AKT_T_BOOLEAN = 2,
    AKT_T_INTEGER = 4,
    AKT_T_FLOAT = 8,
    AKT_T_STRING = 16,
    AKT_T_TABLE = 32,
    AKT_T_PID = 64,
    AKT_T_REF = 128,
    AKT_T_SECRET = 256,
    AKT_T_ANY = 511
};

struct akt_field {
    struct akt_field *next;
    char *name;
    struct akt_type *type;
};

/* Any of: a value of one of `bits`, an array of one of `items`, a table with
 * `fields`. */
struct akt_type {
    struct akt_type *next; /* of the same list */
    unsigned bits;
    struct akt_type *items;
    struct akt_field *fields;
    char *text; /* as people read it */
};

/* Values in a row; variadic: the last one as often as there are values. */
struct akt_types {
    struct akt_type *types;
    uint32_t len;
    bool variadic;
};

struct akt_signature {
    struct akt_signature *next;
    char *tag;
    size_t tag_len;
    struct akt_types args;
    struct akt_types returns;
    bool has_returns;
};

struct akt_contract {
    _Atomic uint32_t refs;
    char *kind;
    struct akt_signature *signatures;
};

#endif
