/* SPDX-License-Identifier: MIT
 *
 * lua/image.h: how functions and tables of functions travel from one isolate
 * to another.
 *
 * A message carries data only. A kind, or the function of a process actor,
 * is more: code with captured variables. An image is a copy of such a value
 * in bytes: the dumped code of each function with names and lines, the values
 * of its captured variables, and the tables these reach. What every isolate
 * has anyway (modules, other kinds, the globals) is written as a name.
 *
 * Invariants
 *   I1  No script code runs while an image is made: tables are read raw.
 *   I2  Identity is kept. Two references to one table, function or captured
 *       variable in the source are two references to one copy; cycles and
 *       recursion are allowed. Metatables travel like other tables.
 *   I3  The same value made twice gives the same bytes, so images of the same
 *       text have the same hash in one process. (Exempt: tables that use
 *       several unnamed objects as keys.)
 *   I4  Every load gives private copies; only what is named is shared.
 *   I5  Nothing here recurses in C, so how deep tables are nested is limited
 *       by memory only.
 *
 * Ownership: an image is immutable and counted; whoever made or ref'd it
 *            must unref it.
 * Threads:   ref, unref, hash, size [any]; make and load [owner], the thread
 *            that runs the isolate. One image may be loaded by several
 *            threads at the same time.
 */
#ifndef AKT_LUA_IMAGE_H
#define AKT_LUA_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#include "vm/base/buf.h"

struct akt_image;

/* Why a value cannot travel: one line without a full stop. */
struct akt_image_error {
    char text[512];
};

/* How values that exist in every isolate are told and found again. */
struct akt_image_names {
    /*
     * Asked once for each table, function and full userdata, the value the
     * image is made of included, before it is looked into. Either appends a
     * name to the empty `name` and returns true, or leaves the value to be
     * copied and returns false. So who makes the image of a named thing must
     * decline that thing. May raise; the image is then not made. Must leave
     * the stack as it was and must not change any table of the script.
     */
    bool (*name_of)(lua_State *L, int idx, struct akt_buf *name, void *ctx);
    /* Pushes the value of a name, or raises. May run script code. */
    void (*resolve)(lua_State *L, const char *name, size_t len, void *ctx);
    void *ctx;
};

/*
 * [owner] The image of the value at `idx`: nil, booleans, numbers, strings,
 * light userdata (pids), tables and Lua functions; anything else must have a
 * name. `names` may be NULL. Variables captured from a coroutine that still
 * runs are copied with their value of now.
 *
 * NULL when the value holds something that cannot travel or when the isolate
 * has no memory left; `err` then says what, and how it is reached. Raises
 * nothing. The caller owns the image.
 */
struct akt_image *akt_image_make(lua_State *L, int idx,
                                 const struct akt_image_names *names,
                                 struct akt_image_error *err);

/*
 * [owner] Pushes a fresh copy of the value. Raises on lack of memory and
 * whatever `resolve` raises; nothing is leaked then. The caller keeps `image`
 * alive during the call.
 */
void akt_image_load(lua_State *L, const struct akt_image *image,
                    const struct akt_image_names *names);

/*
 * [owner] The same for an image made of an unnamed table, but that table's
 * copy is filled into the one at `idx`. So a kind can be entered under its
 * name before its image is loaded, and kinds may name one another. Pushes
 * nothing; raises as above, the table may then be half filled.
 */
void akt_image_load_into(lua_State *L, const struct akt_image *image,
                         const struct akt_image_names *names, int idx);

/* [any] Returns its argument. */
struct akt_image *akt_image_ref(struct akt_image *image);
/* [any] NULL allowed. The last one frees. */
void akt_image_unref(struct akt_image *image);

/* [any] A hash of the contents, not for use outside this process. */
uint64_t akt_image_hash(const struct akt_image *image);
/* [any] The same without lines and names of local variables: equal for code
 * that does the same and has captured the same. */
uint64_t akt_image_code_hash(const struct akt_image *image);
/* [any] Bytes of the contents. */
size_t akt_image_size(const struct akt_image *image);

#endif
