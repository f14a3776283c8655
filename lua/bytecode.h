/* SPDX-License-Identifier: MIT
 *
 * lua/bytecode.h: what a function does to variables that are not its own,
 * read from the bytes lua_dump writes.
 *
 * A code image shares captured variables between the actors of an isolate,
 * and globals are read-only, so the machine must know, before a function
 * runs, where it assigns either of them. Lua's public interface does not
 * tell; the dumped code does. Nested functions are looked into as well.
 *
 * Lua promises nothing about this format. So the header of a dump is compared
 * with what the Lua we are built against writes, an unknown one is refused,
 * and tests/unit/lua/test_bytecode.c checks the opcode numbers by compiling
 * known text.
 *
 * Invariants
 *   Y1  No byte outside the dump is read, whatever the dump contains.
 *   Y2  A variable is called captured only if it is an upvalue of the
 *       outermost function; what nested functions share among themselves
 *       lives and dies with one call and is nobody else's business.
 *
 * Threads: [any]; nothing is kept between calls.
 */
#ifndef AKT_LUA_BYTECODE_H
#define AKT_LUA_BYTECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#include "vm/base/buf.h"

#define AKT_BYTECODE_EFORMAT (-1)   /* not written by this Lua */
#define AKT_BYTECODE_EDAMAGED (-2)  /* ends early or contradicts itself */
#define AKT_BYTECODE_ESTRIPPED (-3) /* without names and lines */

enum akt_bytecode_what {
    AKT_BYTECODE_SET_CAPTURED, /* `v = x`, v captured by the outermost */
    AKT_BYTECODE_SET_FIELD,    /* `v.k = x` or `v[k] = x`, v captured */
    AKT_BYTECODE_SET_GLOBAL,   /* `g = x`, or `_ENV[k] = x` */
    AKT_BYTECODE_GET_GLOBAL,   /* `g` is read */
};

/*
 * One place in the code. `name` is that of the captured variable or of the
 * global ("?" where the key is computed); `source` is the chunk's name as
 * Lua keeps it, with its '@' or '='. Neither ends in a zero byte.
 */
struct akt_bytecode_access {
    enum akt_bytecode_what what;
    const char *name;
    size_t name_len;
    const char *source;
    size_t source_len;
    int line;
};

typedef void akt_bytecode_fn(const struct akt_bytecode_access *access,
                             void *ctx);

/*
 * [any] Calls `fn` for every such place, outer functions first, each from its
 * first instruction to its last. Global means: through the outermost
 * function's upvalue named _ENV, whatever table that is. Stores through a
 * copy of a captured table (`local t = v; t.k = x`) are seen only where the
 * copy is a register that was loaded in the same function and not written
 * since.
 *
 * 0, or AKT_BYTECODE_E...; after EDAMAGED `fn` may have been called already.
 * The strings given to `fn` lie in `dump`.
 */
int akt_bytecode_stores(const char *dump, size_t len, akt_bytecode_fn *fn,
                        void *ctx);

/*
 * [any] Calls `fn` for every line that an instruction of the function, or of a
 * nested one, stands for: several times for some. What Lua adds at the end of
 * each function is left out, since it is reached only if nothing else returns.
 * 0, or AKT_BYTECODE_E...
 */
int akt_bytecode_lines(const char *dump, size_t len,
                       void (*fn)(int line, void *ctx), void *ctx);

/*
 * [any] A hash of what the function does: instructions and constants, nested
 * functions included, but neither lines nor names. 0 when the dump is
 * damaged. Not for use outside this process.
 */
uint64_t akt_bytecode_hash(const char *dump, size_t len);

/* One sentence without a full stop for an AKT_BYTECODE_E...; static. */
const char *akt_bytecode_error(int code);

/* [owner] Appends the dump of the function at `idx`, names and lines
 * included. False for what is not a Lua function. Raises nothing. */
bool akt_bytecode_dump(lua_State *L, int idx, struct akt_buf *out);

#endif
