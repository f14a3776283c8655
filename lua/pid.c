/* SPDX-License-Identifier: MIT
 *
 * lua/pid.c: pids and refs as light userdata. All light userdata share one
 * metatable, so a value that is neither (another library's NULL, for one) is
 * told apart by its top bits: a pid's node index is never 0, a ref has bit 63
 * set.
 */
#include <inttypes.h>

#include "lua/error.h"
#include "lua/host.h"
#include "vm/remote.h"

#define REF_BIT (1ull << 63)

void akt_push_pid(lua_State *L, akt_pid pid)
{
    if (akt_pid_is_none(pid))
        lua_pushnil(L);
    else
        lua_pushlightuserdata(L, (void *)(uintptr_t)pid.bits);
}

akt_pid akt_check_pid(lua_State *L, int arg)
{
    akt_pid pid;
    if (!akt_to_pid(L, arg, &pid))
        akt_error_arg(L, arg, "pid expected, got %s", luaL_typename(L, arg));
    return pid;
}

void akt_push_ref(lua_State *L, uint64_t ref)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)ref);
}

uint64_t akt_check_ref(lua_State *L, int arg)
{
    uint64_t bits = (uintptr_t)lua_touserdata(L, arg);
    if (lua_type(L, arg) != LUA_TLIGHTUSERDATA || !(bits & REF_BIT))
        akt_error_arg(L, arg, "ref expected, got %s", luaL_typename(L, arg));
    return bits;
}

static const char *kind_name(struct akt_node *node, akt_pid pid)
{
    struct akt_actor *a = akt_actor_find_now(node->actors, pid);
    bool gone = akt_input_rare(!a);
    if (!a && !gone) { /* in a replay it may have ended sooner than it had */
        a = akt_actor_slot(node->actors, pid);
        gone = !akt_actor_was(a, pid);
    }
    return gone ? "actor" : akt_actor_kind(a)->name;
}

/* One of another node: <#12@n2>, or with its index where that has no name. */
static void describe_remote(struct akt_node *node, akt_pid pid, char *out,
                            size_t len)
{
    char name[65];
    uint32_t index = akt_pid_node(pid);
    if (!node->remote ||
        !node->remote->name(node->remote, index, name, sizeof name))
        snprintf(name, sizeof name, "%" PRIu32, index);
    if (akt_pid_slot(pid) == AKT_SLOT_NAMED)
        snprintf(out, len, "<node %s>", name);
    else
        snprintf(out, len, "<#%" PRIu64 "@%s>", akt_pid_serial(pid), name);
}

void akt_describe(struct akt_node *node, akt_pid pid, bool name,
                  struct akt_buf *out)
{
    const char *kind = kind_name(node, pid);
    char text[96];
    if (akt_pid_is_remote(pid)) {
        describe_remote(node, pid, text, sizeof text);
        akt_buf_puts(out, text);
        return;
    }
    if (kind[0] == '/') {
        akt_buf_printf(out, "<%s>", kind);
        return;
    }
    akt_buf_printf(out, "<%s#%" PRIu64, kind, akt_pid_serial(pid));
    struct akt_actor *a = akt_actor_find(node->actors, pid);
    /* only the owner may read the name */
    if (name && a && a->ext && a->ext->name)
        akt_buf_printf(out, " \"%s\"", a->ext->name);
    akt_buf_puts(out, ">");
}

void akt_path(struct akt_node *node, akt_pid pid, struct akt_buf *out)
{
    struct akt_actor *a = akt_actor_find(node->actors, pid);
    if (!a)
        return;
    const char *kind = akt_actor_kind(a)->name;
    if (kind[0] == '/') {
        akt_buf_puts(out, kind);
        return;
    }
    /* relaxed: set before the pid was published */
    akt_pid parent = {atomic_load_explicit(&a->parent, memory_order_relaxed)};
    akt_path(node, parent, out);
    if (akt_pid_eq(pid, node->main))
        akt_buf_puts(out, "/main");
    else
        akt_buf_printf(out, "/%s#%" PRIu64, kind, akt_pid_serial(pid));
}

static int tostring(lua_State *L)
{
    akt_pid pid;
    uint64_t bits = (uintptr_t)lua_touserdata(L, 1);
    if (akt_to_pid(L, 1, &pid)) {
        char text[96];
        struct akt_node *node = akt_lua_of(L)->iso->node;
        const char *kind = kind_name(node, pid);
        if (akt_pid_is_remote(pid))
            describe_remote(node, pid, text, sizeof text);
        else if (kind[0] == '/')
            snprintf(text, sizeof text, "<%s>", kind);
        else
            snprintf(text, sizeof text, "<%.64s#%" PRIu64 ">", kind,
                     akt_pid_serial(pid));
        lua_pushstring(L, text);
    } else if (bits & REF_BIT) {
        lua_pushfstring(L, "<ref#%I>", (LUAI_UACINT)(bits & ~(3ull << 62)));
    } else {
        lua_pushfstring(L, "lightuserdata: %p", lua_touserdata(L, 1));
    }
    return 1;
}

/* With the table of methods on top; leaves it there. */
void akt_pid_open(lua_State *L)
{
    lua_pushlightuserdata(L, NULL);
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "pid");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}
