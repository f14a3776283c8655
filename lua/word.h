/* SPDX-License-Identifier: MIT
 *
 * lua/word.h: short strings as numbers, and the strings of a Lua state that
 * messages hold again and again.
 *
 * A run of 1 to 16 bytes is told from every other one by two 64-bit numbers
 * and its length, so words are compared without a loop and without a call.
 *
 * akt_words remembers the Lua strings of words that were decoded before: tags
 * and the keys of tables come in every message, and making Lua's string of
 * them anew means to hash and to search. Each word has one slot where it may
 * be; it gets it when it misses there twice in a row, so that strings which
 * come once (names, texts) do not drive out those that come often.
 *
 * Bounded: AKT_WORDS strings of AKT_WORD_MAX bytes, held in the registry.
 *
 * Ownership: the table is the caller's, freed with akt_words_free; the strings
 *            are the Lua state's, so free it no earlier than that is closed.
 * Threads:   [owner] the thread that runs the isolate.
 */
#ifndef AKT_LUA_WORD_H
#define AKT_LUA_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <lua.h>

#define AKT_WORD_MAX 16
#define AKT_WORDS_BITS 8
#define AKT_WORDS (1u << AKT_WORDS_BITS)

struct akt_word {
    uint64_t head, tail;
    uint32_t len; /* 0: none */
};

struct akt_word_slot {
    struct akt_word word;
    uint32_t missed; /* the hash of what was looked for in vain */
    int ref;         /* registry; 0: none yet */
};

/* All zero: nothing is remembered. The slots are made on first use. */
struct akt_words {
    struct akt_word_slot *slots;
};

/* Whether a string can be a word. */
static inline bool akt_word_fits(size_t len)
{
    return len - 1 < AKT_WORD_MAX;
}

/* Reads nothing outside of the `len` bytes, which must fit. */
static inline struct akt_word akt_word_of(const char *bytes, size_t len)
{
    struct akt_word w = {.len = (uint32_t)len};
    if (len >= 8) {
        memcpy(&w.head, bytes, 8);
        memcpy(&w.tail, bytes + len - 8, 8);
    } else if (len >= 4) {
        memcpy(&w.head, bytes, 4);
        memcpy(&w.tail, bytes + len - 4, 4);
    } else {
        w.head = (unsigned char)bytes[0];
        w.tail = (uint64_t)(unsigned char)bytes[len / 2] << 8 |
                 (unsigned char)bytes[len - 1];
    }
    return w;
}

static inline bool akt_word_eq(const struct akt_word *a,
                               const struct akt_word *b)
{
    return a->head == b->head && a->tail == b->tail && a->len == b->len;
}

/* Of all bits of the word; the upper ones are the best. */
static inline uint32_t akt_word_hash(const struct akt_word *w)
{
    uint64_t bits = (w->head ^ w->len) * 0x9e3779b97f4a7c15u;
    bits = (bits ^ bits >> 32 ^ w->tail) * 0xd6e8feb86659fd93u;
    return (uint32_t)(bits >> 32);
}

void akt_words_init(struct akt_words *words);
void akt_words_free(struct akt_words *words);

/* Pushes the string, which was not in its slot. */
void akt_words_miss(lua_State *L, struct akt_word_slot *slot,
                    const struct akt_word *w, const char *bytes);

/* Pushes the Lua string of `len` bytes. Needs two slots of stack; raises Lua's
 * memory error. */
static inline void akt_words_push(lua_State *L, struct akt_words *words,
                                  const char *bytes, size_t len)
{
    if (!akt_word_fits(len)) {
        lua_pushlstring(L, bytes, len);
        return;
    }
    if (!words->slots)
        akt_words_init(words);
    struct akt_word w = akt_word_of(bytes, len);
    struct akt_word_slot *slot =
        &words->slots[akt_word_hash(&w) >> (32 - AKT_WORDS_BITS)];
    if (akt_word_eq(&slot->word, &w))
        lua_rawgeti(L, LUA_REGISTRYINDEX, slot->ref);
    else
        akt_words_miss(L, slot, &w, bytes);
}

#endif
