/* SPDX-License-Identifier: MIT */
#include "lua/kind.h"

#include <stdlib.h>
#include <string.h>

#include "lua/bytecode.h"
#include "lua/error.h"
#include "lua/image_names.h"
#include "lua/lib_impl.h"
#include "lua/registry.h"
#include "vm/base/alloc.h"
#include "vm/priorities.h"
#include "vm/tape.h"

#define KIND_PREFIX "kind:"
#define NAME_MAX_LEN 64
#define KIND_BOX "akt.kind"

/* ---- the table of a kind ---- */

struct akt_lua_kind *akt_kind_at(lua_State *L, int idx)
{
    if (lua_type(L, idx) != LUA_TTABLE || !lua_getmetatable(L, idx))
        return NULL;
    lua_rawgeti(L, -1, 1);
    struct akt_lua_kind **box = lua_touserdata(L, -1);
    int pushed = 2 + (box && lua_getmetatable(L, -1));
    bool ours = pushed == 3 && lua_topointer(L, -1) == akt_lua_of(L)->kind_box;
    lua_pop(L, pushed);
    return ours ? *box : NULL;
}

static int kind_tostring(lua_State *L)
{
    struct akt_lua_kind *k = akt_kind_at(L, 1);
    lua_pushfstring(L, "kind %s", k ? k->name : "?");
    return 1;
}

void akt_kind_set_metatable(lua_State *L, struct akt_lua_kind *k)
{
    lua_createtable(L, 1, 4);
    /* a userdata of our own type: a script cannot make one up */
    struct akt_lua_kind **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = k;
    if (luaL_newmetatable(L, KIND_BOX)) {
        akt_lua_of(L)->kind_box = lua_topointer(L, -1);
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
    lua_rawseti(L, -2, 1);
    lua_pushliteral(L, "kind");
    lua_setfield(L, -2, "__name");
    lua_pushcfunction(L, kind_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_setmetatable(L, -2);
}

static void push_new_table(lua_State *L, struct akt_lua_kind *k)
{
    lua_createtable(L, 0, 4);
    lua_newtable(L);
    lua_setfield(L, -2, "on");
    akt_kind_set_metatable(L, k);
}

static const char *check_kind_name(lua_State *L)
{
    size_t len;
    const char *name = luaL_checklstring(L, 1, &len);
    if (len == 0 || len > NAME_MAX_LEN)
        akt_error_arg(L, 1, "a kind's name has 1 to %d bytes", NAME_MAX_LEN);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)name[i];
        if (c <= ' ' || c == '/' || c == '#' || c == '<' || c == '>' ||
            c == '"' || c == 127)
            akt_error_arg(L, 1,
                          "a kind's name has no spaces and none of / # < > "
                          "\": \"%s\"",
                          name);
    }
    return name;
}

/* The line of the script, also when a function of the library makes the kind
 * for it; not so the library's own kinds, in the main chunk of a module. */
static void find_definition(lua_State *L, lua_Debug *ar)
{
    bool found = false;
    for (int level = 1; !found && lua_getstack(L, level, ar); level++) {
        lua_getinfo(L, "Sl", ar);
        /* most of the library is stripped: it has no lines */
        found = *ar->what == 'm' ||
                (ar->currentline >= 0 && strcmp(ar->source, "=akt") != 0);
    }
}

int akt_kind_define(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    const char *name = check_kind_name(L);
    akt_check_room(L, "actor");
    lua_Debug ar = {0};
    find_definition(L, &ar);
    const char *source = ar.source ? ar.source : "?";
    pthread_mutex_lock(&h->node->lock);
    akt_input_ticket();
    struct akt_lua_kind *k = akt_kind_find(h->node, name);
    bool known = k != NULL;
    bool same = known && k->line == ar.currentline &&
                strcmp(k->source, source) == 0 && k->definer != h->iso;
    if (!known) {
        k = akt_kind_add(h->node, name, source, ar.currentline);
        k->definer = h->iso;
    }
    int line = k->line;
    pthread_mutex_unlock(&h->node->lock);
    if (known && !same)
        return akt_error_raise(
            L, "kind_exists",
            "a kind named \"%s\" is defined already, at "
            "%s:%d",
            name, k->source[0] == '@' ? k->source + 1 : k->source, line);
    push_new_table(L, k);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, AKT_KINDS_DEFINED);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, name); /* lua/lib_remote.c finds it */
    lua_pop(L, 1);
    if (h->node->definition) {
        luaL_getsubtable(L, LUA_REGISTRYINDEX, AKT_KINDS_DEFINED);
        lua_pushvalue(L, -2);
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
        lua_pop(L, 1);
    }
    return 1;
}

/* ---- names in images ---- */

/* `ctx`: where the names of modules are noted, or NULL. */
static bool name_of_module(lua_State *L, int idx, struct akt_buf *name,
                           void *ctx)
{
    if (!akt_image_names_find(L, idx, name, NULL))
        return false;
    if (ctx)
        akt_modules_note(ctx,
                         akt_buf_cstr(name) + strlen(AKT_IMAGE_NAMES_PREFIX));
    return true;
}

static bool name_of(lua_State *L, int idx, struct akt_buf *name, void *ctx)
{
    struct akt_lua_kind *k = akt_kind_at(L, idx);
    if (!k)
        return name_of_module(L, idx, name, ctx);
    akt_buf_puts(name, KIND_PREFIX);
    akt_buf_puts(name, k->name);
    if (!akt_kind_current(k)->image) { /* it has to be frozen too */
        lua_pushvalue(L, idx);
        lua_rawgetp(L, LUA_REGISTRYINDEX, AKT_KEY_FREEZING);
        if (lua_type(L, -1) == LUA_TTABLE) {
            lua_insert(L, -2);
            lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
            lua_pop(L, 1);
        } else {
            lua_pop(L, 2);
        }
    }
    return true;
}

void akt_kind_push(lua_State *L, const char *name)
{
    struct akt_lua *h = akt_lua_of(L);
    pthread_mutex_lock(&h->node->lock);
    akt_input_ticket();
    struct akt_lua_kind *k = akt_kind_find(h->node, name);
    bool frozen = k && akt_kind_current(k)->image;
    pthread_mutex_unlock(&h->node->lock);
    if (!frozen)
        akt_error_raise(L, "not_found",
                        "kind \"%s\" has not been spawned "
                        "and cannot be used here",
                        name);
    struct akt_class *c = akt_class_of(h, L, &akt_kind_current(k)->kind);
    lua_rawgeti(L, LUA_REGISTRYINDEX, c->table);
}

static void resolve(lua_State *L, const char *name, size_t len, void *ctx)
{
    (void)ctx;
    size_t prefix = strlen(KIND_PREFIX);
    char text[NAME_MAX_LEN + 1];
    if (len < prefix || memcmp(name, KIND_PREFIX, prefix) != 0) {
        akt_image_names_resolve(L, name, len, NULL);
        return;
    }
    snprintf(text, sizeof text, "%.*s", (int)(len - prefix), name + prefix);
    akt_kind_push(L, text);
}

const struct akt_image_names akt_kind_names = {name_of, resolve, NULL};

/* ---- freezing ---- */

struct found {
    char text[256];
    bool any;
};

static void on_access(const struct akt_bytecode_access *access, void *ctx)
{
    struct found *f = ctx;
    if (access->what != AKT_BYTECODE_SET_CAPTURED || f->any)
        return;
    f->any = true;
    size_t skip = access->source_len && access->source[0] == '@' ? 1 : 0;
    snprintf(f->text, sizeof f->text,
             "%.*s:%d: assigns the captured variable '%.*s', which all actors "
             "of the kind in one isolate would share: move it to self",
             (int)(access->source_len - skip), access->source + skip,
             access->line, (int)access->name_len, access->name);
}

/* Refuses a function on top that assigns what it captured. */
static void check_function(lua_State *L, const char *kind)
{
    struct akt_buf dump = AKT_BUF_INIT;
    struct found f = {{0}, false};
    if (akt_bytecode_dump(L, -1, &dump))
        akt_bytecode_stores(dump.data, dump.len, on_access, &f);
    akt_buf_fini(&dump);
    if (f.any)
        akt_error_raise(L, "bad_kind", "kind \"%s\": %s", kind, f.text);
}

/* Whether the value on top belongs to a module, which may have variables of
 * its own. */
static bool is_named(lua_State *L)
{
    struct akt_buf name = AKT_BUF_INIT;
    bool is = akt_image_names_find(L, -1, &name, NULL);
    akt_buf_fini(&name);
    return is;
}

/* Pops a value; a script's function that is not in the list yet goes there. */
static void list_function(lua_State *L, int list)
{
    bool ours = lua_type(L, -1) == LUA_TFUNCTION && !lua_iscfunction(L, -1);
    if (ours) {
        lua_pushvalue(L, -1);
        ours = lua_rawget(L, list) == LUA_TNIL;
        lua_pop(L, 1);
    }
    if (ours) {
        lua_pushvalue(L, -1);
        lua_pushboolean(L, 1);
        lua_rawset(L, list);
        lua_rawseti(L, list, (lua_Integer)lua_rawlen(L, list) + 1);
    } else {
        lua_pop(L, 1);
    }
}

/* Of the table at idx and all that its functions call by captured variables:
 * that is part of the kind too. */
static void check_functions(lua_State *L, int idx, const char *kind)
{
    idx = lua_absindex(L, idx);
    lua_newtable(L);
    int list = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, idx))
        list_function(L, list);
    for (lua_Integer i = 1; lua_rawgeti(L, list, i) != LUA_TNIL; i++) {
        check_function(L, kind);
        for (int n = 1; lua_getupvalue(L, list + 1, n); n++) {
            if (is_named(L))
                lua_pop(L, 1);
            else
                list_function(L, list);
        }
        lua_pop(L, 1);
    }
    lua_settop(L, list - 1);
}

static void check_handlers(lua_State *L, int idx, const char *kind)
{
    idx = lua_absindex(L, idx);
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            akt_error_raise(L, "bad_kind",
                            "kind \"%s\": a key of 'on' is a string, not a %s",
                            kind, luaL_typename(L, -2));
        if (lua_type(L, -1) != LUA_TFUNCTION)
            akt_error_raise(L, "bad_kind",
                            "kind \"%s\": on.%s must be a function, not a %s",
                            kind, lua_tostring(L, -2), luaL_typename(L, -1));
        lua_pop(L, 1);
    }
}

static uint32_t hook_of(lua_State *L, int idx, const char *key, uint32_t bit)
{
    lua_pushstring(L, key);
    lua_rawget(L, idx);
    int type = lua_type(L, -1);
    lua_pop(L, 1);
    if (type != LUA_TNIL && type != LUA_TFUNCTION)
        akt_error_raise(L, "bad_kind", "%s must be a function, not a %s", key,
                        lua_typename(L, type));
    return type == LUA_TFUNCTION ? bit : 0;
}

static void read_reentrant(lua_State *L, int idx, struct akt_kind *kind)
{
    akt_kind_free_tags(kind); /* of a freeze that failed */
    lua_getfield(L, idx, "reentrant");
    akt_check_reentrant(L, -1, &kind->reentrant);
    lua_pop(L, 1);
}

/* Kind.priority; a method of this name is one like any other. */
static void read_class(lua_State *L, int idx, struct akt_kind *kind)
{
    int type = lua_getfield(L, idx, "priority");
    lua_pop(L, 1);
    if (type != LUA_TFUNCTION)
        (void)akt_check_class(L, idx, &kind->class);
}

/* The table on top. A function in it is part of the kind. */
static void read_mailbox(lua_State *L, struct akt_kind *kind)
{
    akt_check_mailbox(L, -1, &kind->mailbox, &kind->rules);
    check_functions(L, -1, kind->name);
}

static void read_kind(lua_State *L, int idx, struct akt_kind *kind)
{
    kind->hooks = hook_of(L, idx, "init", AKT_HOOK_INIT) |
                  hook_of(L, idx, "terminate", AKT_HOOK_TERMINATE) |
                  hook_of(L, idx, "pre_restart", AKT_HOOK_PRE_RESTART) |
                  hook_of(L, idx, "post_restart", AKT_HOOK_POST_RESTART) |
                  hook_of(L, idx, "exit", AKT_HOOK_EXIT) |
                  hook_of(L, idx, "down", AKT_HOOK_DOWN) |
                  hook_of(L, idx, "upgrade", AKT_HOOK_UPGRADE) |
                  hook_of(L, idx, "overloaded", AKT_HOOK_OVERLOADED) |
                  hook_of(L, idx, "recovered", AKT_HOOK_RECOVERED) |
                  hook_of(L, idx, "idle", AKT_HOOK_IDLE) |
                  hook_of(L, idx, "wake", AKT_HOOK_WAKE) |
                  hook_of(L, idx, "health", AKT_HOOK_HEALTH);
    read_class(L, idx, kind);
    hook_of(L, idx, "unknown", 0);
    hook_of(L, idx, "restarted", 0);
    akt_log_read_level(L, idx, kind);
    if (lua_getfield(L, idx, "mailbox") != LUA_TNIL)
        read_mailbox(L, kind);
    if (lua_getfield(L, idx, "supervise") != LUA_TNIL)
        akt_check_supervise(L, -1, &kind->supervise);
    if (lua_getfield(L, idx, "passivate") != LUA_TNIL)
        akt_check_passivate(L, -1, &kind->passivate);
    read_reentrant(L, idx, kind);
    if (lua_getfield(L, idx, "on") != LUA_TTABLE)
        akt_error_raise(L, "bad_kind", "kind \"%s\": 'on' must be a table",
                        kind->name);
    check_handlers(L, -1, kind->name);
    check_functions(L, -1, kind->name);
    lua_pop(L, 4);
    check_functions(L, idx, kind->name);
}

static int frozen_newindex(lua_State *L)
{
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
    const struct akt_lua_kind *k = lua_touserdata(L, lua_upvalueindex(1));
    return akt_error_raise(L, "frozen",
                           "kind %s cannot be changed: an actor of it has "
                           "been spawned (field '%s')",
                           k->name, key);
}

/* Moves the contents of the table on top behind a read-only view. */
static void lock_table(lua_State *L, struct akt_lua_kind *k)
{
    int view = lua_gettop(L);
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, view)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, view + 1);
    }
    lua_pushnil(L);
    while (lua_next(L, view)) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, view);
    }
    if (!lua_getmetatable(L, view)) {
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setmetatable(L, view);
    }
    lua_pushvalue(L, view + 1);
    lua_setfield(L, -2, "__index");
    lua_pushlightuserdata(L, k);
    lua_pushcclosure(L, frozen_newindex, 1);
    lua_setfield(L, -2, "__newindex");
    lua_settop(L, view);
}

/* Kind.version: for `upgrade` and for people. */
static void read_label(lua_State *L, int idx, struct akt_lua_version *v)
{
    lua_pushliteral(L, "version");
    int type = lua_rawget(L, idx);
    akt_strfree(v->label); /* of a freeze that failed */
    v->label = NULL;
    if (type == LUA_TNUMBER || type == LUA_TSTRING)
        v->label = akt_strdup(luaL_tolstring(L, -1, NULL));
    else if (type != LUA_TNIL)
        akt_error_raise(L, "bad_kind",
                        "kind \"%s\": version is a number or a string, not a "
                        "%s",
                        v->kind.name, luaL_typename(L, -1));
    lua_settop(L, idx);
}

static void read_contract(lua_State *L, int idx, struct akt_lua_version *v)
{
    akt_contract_unref(v->contract); /* of a freeze that failed */
    v->contract = NULL;
    v->contract = akt_contract_read(L, idx, v->kind.name);
    v->kind.looked_at = v->contract != NULL;
}

static void read_tags(lua_State *L, int idx, struct akt_lua_version *v)
{
    v->tags.len = 0;
    lua_pushliteral(L, "on");
    lua_rawget(L, idx);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        akt_modules_note(&v->tags, lua_tostring(L, -1));
    }
    lua_pushliteral(L, "unknown");
    v->has_unknown = lua_rawget(L, idx) != LUA_TNIL;
    lua_settop(L, idx);
}

/* Under the lock: a reference to the text that defines k, or NULL. */
static struct akt_text *text_of(const struct akt_lua_node *n,
                                const struct akt_lua_kind *k)
{
    const struct akt_module *m = n->modules.first;
    while (m && (k->source[0] != '@' || strcmp(m->path, k->source + 1) != 0))
        m = m->next;
    return m ? akt_text_ref(m->text) : NULL;
}

/* The image of a copy without the metatable, which must not travel. */
static struct akt_image *image_of_kind(lua_State *L, int idx,
                                       struct akt_lua_version *v)
{
    struct akt_image_names names = {name_of, resolve, &v->modules};
    struct akt_image_error err;
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
    v->modules.len = 0;
    struct akt_image *image = akt_image_make(L, -1, &names, &err);
    if (!image)
        akt_error_raise(L, "bad_kind", "kind \"%s\": %s", v->kind.name,
                        err.text);
    lua_pop(L, 1);
    return image;
}

/* The table at idx becomes what actors of k are made from. */
static void take_contents(lua_State *L, int idx, struct akt_lua_kind *k)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_lua_version *v = akt_kind_current(k);
    akt_image_names_index(L);
    read_kind(L, idx, &v->kind);
    read_label(L, idx, v);
    read_tags(L, idx, v);
    read_contract(L, idx, v);
    struct akt_image *image = image_of_kind(L, idx, v);
    pthread_mutex_lock(&h->node->lock);
    akt_input_ticket();
    v->hash = akt_modules_hash(&h->node->modules, &v->modules,
                               akt_image_code_hash(image));
    v->image = image;
    /* release: pairs with the acquire in akt_kind_is_frozen */
    atomic_store_explicit(&v->frozen, true, memory_order_release);
    v->text = text_of(h->node, k);
    pthread_mutex_unlock(&h->node->lock);
}

static void freeze_one(lua_State *L, int idx)
{
    struct akt_lua_kind *k = akt_kind_at(L, idx);
    take_contents(L, idx, k);
    lua_getfield(L, idx, "on");
    lock_table(L, k);
    lua_pop(L, 1);
    lua_pushvalue(L, idx);
    lock_table(L, k);
    lua_pop(L, 1);
}

/* Kinds that are met in images from here on are put on a list, on the top of
 * the stack. */
static int begin_freezing(lua_State *L)
{
    luaL_checkstack(L, 20, "kind");
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, AKT_KEY_FREEZING);
    return lua_gettop(L);
}

static void freeze_list(lua_State *L, int list)
{
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, list); i++) {
        lua_rawgeti(L, list, i);
        if (!akt_kind_current(akt_kind_at(L, -1))->image)
            freeze_one(L, lua_gettop(L));
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, AKT_KEY_FREEZING);
    lua_settop(L, list - 1);
}

struct akt_image *akt_kind_image(lua_State *L, int idx,
                                 struct akt_image_error *err)
{
    int list = begin_freezing(L);
    struct akt_image *image = akt_image_make(L, idx, &akt_kind_names, err);
    bool found = image && lua_rawlen(L, list) > 0;
    if (found) /* freezing may raise, so nothing is held meanwhile */
        akt_image_unref(image);
    freeze_list(L, list);
    return found ? akt_image_make(L, idx, &akt_kind_names, err) : image;
}

bool akt_kind_is_frozen(const struct akt_lua_kind *k)
{
    /* acquire: pairs with the release in take_contents; what was read from
     * the kind may be used */
    return !akt_input_rare(!atomic_load_explicit(&akt_kind_current(k)->frozen,
                                                 memory_order_acquire));
}

void akt_kind_freeze(lua_State *L, int idx)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_lua_kind *k = akt_kind_at(L, idx);
    if (akt_kind_is_frozen(k))
        return;
    pthread_mutex_lock(&h->node->lock);
    akt_input_ticket();
    bool done = akt_kind_current(k)->image != NULL;
    pthread_mutex_unlock(&h->node->lock);
    if (done)
        return;
    int list = begin_freezing(L);
    lua_pushvalue(L, idx);
    lua_rawseti(L, list, 1);
    freeze_list(L, list);
}

bool akt_kind_stub(lua_State *L, int idx, struct akt_lua_kind *k)
{
    struct akt_lua_node *n = akt_lua_of(L)->node;
    pthread_mutex_lock(&n->lock);
    akt_input_ticket();
    bool frozen = akt_kind_current(k)->image != NULL;
    pthread_mutex_unlock(&n->lock);
    if (frozen)
        return false;
    int list = begin_freezing(L);
    take_contents(L, idx, k);
    freeze_list(L, list);
    return true;
}
