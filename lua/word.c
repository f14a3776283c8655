/* SPDX-License-Identifier: MIT */
#include "lua/word.h"

#include <lauxlib.h>

#include "vm/base/alloc.h"

/* The string on top takes the slot. */
static void keep(lua_State *L, struct akt_word_slot *slot,
                 const struct akt_word *w)
{
    lua_pushvalue(L, -1);
    if (slot->ref)
        lua_rawseti(L, LUA_REGISTRYINDEX, slot->ref);
    else
        slot->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    slot->word = *w; /* last: the above may raise */
}

void akt_words_miss(lua_State *L, struct akt_word_slot *slot,
                    const struct akt_word *w, const char *bytes)
{
    uint32_t h = akt_word_hash(w);
    lua_pushlstring(L, bytes, w->len);
    if (slot->missed == h)
        keep(L, slot, w);
    slot->missed = h;
}

void akt_words_init(struct akt_words *words)
{
    words->slots = akt_calloc(AKT_WORDS * sizeof *words->slots);
}

void akt_words_free(struct akt_words *words)
{
    akt_free(words->slots, AKT_WORDS * sizeof *words->slots);
    words->slots = NULL;
}
