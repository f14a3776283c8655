/* SPDX-License-Identifier: MIT
 *
 * lua/codec.h: Lua values to MessagePack bytes and back, straight between
 * the Lua stack and the bytes of a message.
 *
 * A run is a sequence of values, one behind the other, with nothing around
 * them: what one send carries.
 *
 *     Lua                            MessagePack
 *     nil, boolean                   nil, bool
 *     integer                        the shortest int or uint
 *     float                          float 64, also for 1.0, NaN and inf
 *     string                         str (any bytes); bin is read as well
 *     pid                            ext type 1, 8 bytes, big endian
 *     ref (light userdata, bit 63)   ext type 2, 8 bytes, big endian
 *     table with the keys 1..n, n>0  array, by index
 *     any other table                map, in the order of lua_next
 *
 * Metatables are not sent. A table that is found twice is sent twice.
 *
 * Invariants
 *   C1  What encode writes, decode accepts, and yields equal values: the
 *       integer 1 and the float 1.0 stay apart, also as values in tables.
 *   C2  The bytes are those that msgpack-c's packer writes.
 *   C3  Encoding raises no error, runs no metamethod and allocates no Lua
 *       object, so a caller may hold resources across it.
 *   C4  Decoding asserts nothing about the bytes, and memory reserved for
 *       announced items is bounded by the bytes that are there.
 *   C5  Decode accepts a run exactly if skip accepts its values one after
 *       the other, and they are within the two limits of a run.
 *
 * Ownership: encode appends to the caller's buffer; decode copies.
 * Threads:   [owner] the thread that runs the isolate; tag and skip [any].
 * Why it is built this way: lua/README.md, "Codec".
 */
#ifndef AKT_LUA_CODEC_H
#define AKT_LUA_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#include "vm/base/buf.h"

/* The bytes of one run; the limit of a message that users are told. */
#define AKT_CODEC_RUN_MAX ((size_t)64 * 1024 * 1024)
/* Values of one run; they all become arguments of one Lua call, and Lua's
 * own calls and returns end near 250 as well. */
#define AKT_CODEC_VALUES_MAX 250
/* Tables inside tables; it also ends cycles. */
#define AKT_CODEC_DEPTH_MAX 64

struct akt_codec_error {
    const char *code; /* "bad_message" or "too_large" */
    int index;        /* the stack index of the value that failed, or 0 */
    size_t where_len; /* the length of "argument 2: " at the start of text */
    char text[256];   /* argument 2: ["a"][3]: a function cannot be sent */
};

/* [owner] Appends the stack values `first`..`last` (absolute indexes; none
 * if last < first) to `out`. 0, or -1 with `err` filled and `out->len` as it
 * was: bad_message for a value that is not data or is nested too deep,
 * too_large for a run over its limits or when the Lua stack cannot grow. The
 * Lua stack is left as it was in both cases. */
int akt_codec_encode(lua_State *L, int first, int last, struct akt_buf *out,
                     struct akt_codec_error *err);

/* [owner] Pushes the values of a run and returns how many, or -1, with
 * nothing pushed, when the bytes are malformed or over a limit. Makes room
 * on the stack itself. Raises Lua's memory error, and a stack overflow when
 * the stack cannot grow: call it in protected mode. */
int akt_codec_decode(lua_State *L, const char *bytes, size_t len);
/* The same, with the strings that this state has met before (lua/word.h). */
struct akt_words;
int akt_codec_decode_words(lua_State *L, struct akt_words *words,
                           const char *bytes, size_t len);

/* [any] When the first value of the run is a string, points `tag` at it,
 * inside `bytes`, and returns the bytes that the value takes; else 0. */
size_t akt_codec_tag(const char *bytes, size_t len, const char **tag,
                     size_t *tag_len);

/* [any] A run that came from another node: whether decode would accept it. Each
 * pid in it gets another node index, in place; 0: there is no such node, and
 * the run is refused. */
struct akt_codec_rename {
    uint16_t (*rename)(void *ctx, uint16_t index);
    void *ctx;
};
bool akt_codec_import(char *bytes, size_t len,
                      const struct akt_codec_rename *rename);

/* [any] The bytes that the first value takes, or -1 when it is malformed or
 * there is none. */
ptrdiff_t akt_codec_skip(const char *bytes, size_t len);

#endif
