/* SPDX-License-Identifier: MIT
 *
 * lua/lib_life.c: what scripts say about the life of actors beside spawning
 * and ending them: akt.passivate, akt.reinstate.
 */
#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/options.h"
#include "vm/outside.h"
#include "vm/passivate.h"

/* akt.passivate(word?) -> true, or false and why not */
static int l_passivate(lua_State *L)
{
    static const char *const words[] = {"now", "pause", "resume", NULL};
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    akt_check_effect(L, "passivate");
    if (akt_actor_kind(a)->process)
        return akt_error_raise(L, "denied",
                               "passivate: a process cannot be passivated: "
                               "its function is its state; make it a kind");
    int word = luaL_checkoption(L, 1, "now", words);
    const char *why = word == 0 ? akt_passivate_why_not(h->iso, a) : NULL;
    lua_pushboolean(L, !why);
    if (why) {
        lua_pushstring(L, why);
        return 2;
    }
    if (word == 0)
        akt_passivate_asked(h->iso, a);
    else
        akt_passivate_pause(h->iso, a, word == 1);
    return 1;
}

/* akt.reinstate(pid) -> whether it is there */
static int l_reinstate(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_pid to = akt_check_dest(L, 1);
    akt_check_effect(L, "reinstate");
    enum akt_code code = akt_outside_reinstate(h->iso->node, to);
    if (code == AKT_DENIED)
        return akt_error_raise(L, "denied",
                               "reinstate: %s is the machine's or main",
                               akt_pid_text(L, to));
    lua_pushboolean(L, code == AKT_OK);
    return 1;
}

static const luaL_Reg public[] = {
    {"passivate", l_passivate},
    {"reinstate", l_reinstate},
    {NULL, NULL},
};

void akt_lib_life_open(lua_State *L, int akt, int core_table)
{
    (void)core_table;
    lua_pushvalue(L, akt);
    luaL_setfuncs(L, public, 0);
    lua_pop(L, 1);
}
