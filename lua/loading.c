/* SPDX-License-Identifier: MIT */
#include "lua/loading.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lua/bytecode.h"
#include "lua/error.h"
#include "lua/host.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "stdlib/embedded.h"
#include "vm/base/alloc.h"
#include "vm/disk.h"
#include "vm/tape.h"

#define STDLIB_MAX 64 /* embedded modules */

/* ---- text ---- */

struct global_store {
    lua_Debug chunk;
    char text[256];
    bool any;
};

static void on_global(const struct akt_bytecode_access *access, void *ctx)
{
    struct global_store *g = ctx;
    if (access->what != AKT_BYTECODE_SET_GLOBAL || g->any)
        return;
    g->any = true;
    snprintf(g->text, sizeof g->text,
             "%s:%d: assigns the global '%.*s', but globals are read-only: "
             "declare it local",
             g->chunk.short_src, access->line, (int)access->name_len,
             access->name);
}

/* A byte order mark and a first line that starts with # are no Lua. */
static size_t skip_prelude(const char *text, size_t len)
{
    size_t at = 0;
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        at = 3;
    if (at < len && text[at] == '#')
        while (at < len && text[at] != '\n')
            at++;
    return at;
}

bool akt_loading_text(lua_State *L, const char *text, size_t len,
                      const char *chunkname, bool refuse_globals)
{
    size_t at = skip_prelude(text, len);
    if (at < len && text[at] == LUA_SIGNATURE[0]) {
        lua_pushnil(L);
        lua_pushfstring(L, "%s%sonly text is loaded, not compiled Lua",
                        chunkname[0] == '@' ? chunkname + 1 : "",
                        chunkname[0] == '@' ? ": " : "");
        return false;
    }
    if (luaL_loadbufferx(L, text + at, len - at, chunkname, "t") != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return false;
    }
    if (!refuse_globals)
        return true;
    struct akt_buf dump = AKT_BUF_INIT;
    struct global_store found = {.any = false};
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &found.chunk);
    if (akt_bytecode_dump(L, -1, &dump))
        akt_bytecode_stores(dump.data, dump.len, on_global, &found);
    akt_buf_fini(&dump);
    if (!found.any)
        return true;
    lua_pop(L, 1);
    lua_pushnil(L);
    lua_pushstring(L, found.text);
    return false;
}

static bool read_file(lua_State *L, const char *path, struct akt_buf *out)
{
    int found = akt_sim_load(L, path, out);
    if (found != AKT_DISK_ELSEWHERE)
        return found == 0;
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    size_t n;
    do {
        n = fread(akt_buf_reserve(out, 16384), 1, 16384, f);
        out->len += n;
    } while (n > 0);
    bool ok = !ferror(f);
    fclose(f);
    return ok;
}

static int load_file(lua_State *L, const char *path)
{
    struct akt_buf text = AKT_BUF_INIT;
    if (!read_file(L, path, &text)) {
        akt_buf_fini(&text);
        lua_pushnil(L);
        lua_pushfstring(L, "cannot read %s", path);
        return 2;
    }
    lua_pushfstring(L, "@%s", path);
    const char *chunkname = lua_tostring(L, -1);
    int name = lua_gettop(L);
    bool ok = akt_loading_text(L, text.data ? text.data : "", text.len,
                               chunkname, true);
    akt_buf_fini(&text);
    lua_remove(L, name);
    return ok ? 1 : 2;
}

/* load(text | function, chunkname, mode, env): text only */
static int l_load(lua_State *L)
{
    const char *chunkname = luaL_optstring(L, 2, "=(load)");
    bool has_env = !lua_isnone(L, 4);
    if (lua_type(L, 1) == LUA_TFUNCTION) {
        luaL_Buffer b;
        lua_settop(L, 4);
        luaL_buffinit(L, &b);
        for (;;) {
            lua_pushvalue(L, 1);
            lua_call(L, 0, 1);
            size_t len;
            const char *piece = lua_tolstring(L, -1, &len);
            if (!piece || len == 0) {
                lua_pop(L, 1);
                break;
            }
            luaL_addvalue(&b);
        }
        luaL_pushresult(&b);
        lua_replace(L, 1);
    }
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    if (!lua_isstring(L, 2))
        chunkname = text;
    if (!akt_loading_text(L, text, len, chunkname, !has_env))
        return 2;
    if (has_env) {
        lua_pushvalue(L, 4);
        if (!lua_setupvalue(L, -2, 1))
            lua_pop(L, 1);
    }
    return 1;
}

static int call_k(lua_State *L, int status, lua_KContext first)
{
    (void)status;
    return lua_gettop(L) - (int)first;
}

static int l_dofile(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    lua_settop(L, 1);
    if (load_file(L, path) != 1)
        return akt_error_raise(L, "bad_file", "%s", lua_tostring(L, -1));
    lua_callk(L, 0, LUA_MULTRET, 1, call_k);
    return call_k(L, LUA_OK, 1);
}

static int l_loadfile(lua_State *L)
{
    return load_file(L, luaL_checkstring(L, 1));
}

/* ---- modules ---- */

/* A replay needs no files: their texts stand in the recording. */
static bool find_recorded(struct akt_recording *rec, const char *path,
                          const char **bytes, size_t *len)
{
    struct akt_buf name = AKT_BUF_INIT;
    akt_buf_printf(&name, "file:%s", path);
    bool found = akt_recording_find(rec, akt_buf_cstr(&name), bytes, len);
    akt_buf_fini(&name);
    return found;
}

static void add_recorded(struct akt_recording *rec, const char *path,
                         const struct akt_text *text)
{
    struct akt_buf name = AKT_BUF_INIT;
    akt_buf_printf(&name, "file:%s", path);
    akt_recording_add(rec, akt_buf_cstr(&name), text->bytes, text->len);
    akt_buf_fini(&name);
}

static struct akt_text *read_module(struct akt_node *node, const char *path)
{
    const char *bytes;
    size_t len;
    if (node->world->replay) {
        errno = ENOENT;
        return find_recorded(node->recording, path, &bytes, &len)
                   ? akt_text_new(bytes, len)
                   : NULL;
    }
    struct akt_text *text = akt_text_read(path);
    if (text && node->recording)
        add_recorded(node->recording, path, text);
    return text;
}

/* core.load_module(name, path) -> function, or nil, error */
static int l_load_module(lua_State *L)
{
    struct akt_lua_node *n = akt_lua_of(L)->node;
    const char *name = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
    struct akt_text *text = akt_modules_get(n, name, NULL);
    if (!text) {
        text = read_module(n->node, path);
        if (!text) {
            lua_pushnil(L);
            lua_pushfstring(L, "cannot read %s: %s", path, strerror(errno));
            return 2;
        }
        text = akt_modules_put(n, name, path, text);
    }
    lua_pushfstring(L, "@%s", path);
    bool ok =
        akt_loading_text(L, text->bytes, text->len, lua_tostring(L, -1), true);
    akt_text_unref(text);
    return ok ? 1 : 2;
}

/* core.module_path(name) -> where the node has it from, or nil */
static int l_module_path(lua_State *L)
{
    char *path = NULL;
    struct akt_text *text =
        akt_modules_get(akt_lua_of(L)->node, luaL_checkstring(L, 1), &path);
    akt_text_unref(text);
    lua_pushstring(L, path);
    akt_strfree(path);
    return 1;
}

/* core.is_file(path): a regular one; opening another kind could block */
static int l_is_file(lua_State *L)
{
    struct akt_node *node = akt_lua_of(L)->iso->node;
    const char *bytes;
    size_t len;
    if (node->world->replay) {
        lua_pushboolean(L, find_recorded(node->recording,
                                         luaL_checkstring(L, 1), &bytes, &len));
        return 1;
    }
    struct stat st;
    lua_pushboolean(L, stat(luaL_checkstring(L, 1), &st) == 0 &&
                           S_ISREG(st.st_mode));
    return 1;
}

/* core.module_sync(): forgets what a reload has changed */
static int l_module_sync(lua_State *L)
{
    akt_modules_sync(akt_lua_of(L), L);
    return 0;
}

/* core.module_requires(name, other): while it loads */
static int l_module_requires(lua_State *L)
{
    akt_modules_require(akt_lua_of(L)->node, luaL_checkstring(L, 1),
                        luaL_checkstring(L, 2));
    return 0;
}

/* core.loading(delta): effects are refused while a module loads */
static int l_loading(lua_State *L)
{
    akt_lua_of(L)->loading += (int)luaL_checkinteger(L, 1);
    return 0;
}

/* Whether the actor on top, or nil, loads a module now; one that was killed
 * while it did does not. */
static bool is_loading(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_pid pid;
    if (!akt_to_pid(L, -1, &pid))
        return false;
    struct akt_actor *a = akt_actor_find(h->iso->node->actors, pid);
    if (a == h->iso->current)
        return h->loading > h->node->definition;
    const struct akt_lua_actor *la = a ? a->host_data : NULL;
    return la && la->loading > h->node->definition;
}

/* core.begin_loading(loading, guard, anyway) -> whether guard.actor is now the
 * one that loads guard.name: false while another is, unless anyway. In C, so
 * that nobody comes in between. */
static int l_begin_loading(lua_State *L)
{
    lua_getfield(L, 2, "name");
    lua_pushvalue(L, -1);
    lua_rawget(L, 1);
    bool mine = lua_toboolean(L, 3) || !is_loading(L);
    lua_pop(L, 1);
    if (mine) {
        lua_getfield(L, 2, "actor");
        lua_rawset(L, 1); /* may raise; the rest does not */
        lua_pushboolean(L, true);
        lua_setfield(L, 2, "mine");
        akt_lua_of(L)->loading++;
    }
    lua_pushboolean(L, mine);
    return 1;
}

/* The embedded modules, compiled at their first use by any isolate: loading
 * the code again is a fifth of the work of compiling the text. */
static pthread_mutex_t compiled_lock = PTHREAD_MUTEX_INITIALIZER;
static struct akt_buf compiled[STDLIB_MAX]; /* under the lock */

static int add_piece(lua_State *L, const void *p, size_t len, void *ud)
{
    (void)L;
    akt_buf_add(ud, p, len);
    return 0;
}

/* Under the lock; raises nothing. The code is kept without lines and names:
 * what fails in it is reported at the script's own line. */
static bool compile_module(const struct akt_stdlib_module *m,
                           struct akt_buf *out)
{
    /* in a state of its own: whether an isolate is the first to need a module
     * must make no difference to its memory */
    lua_State *L = luaL_newstate();
    bool ok = L &&
              luaL_loadbufferx(L, m->text, m->len, "=akt", "t") == LUA_OK &&
              lua_dump(L, add_piece, out, 1) == 0;
    if (L)
        lua_close(L);
    return ok;
}

/* Pushes the function of module i. */
static void push_module(lua_State *L, size_t i)
{
    const struct akt_stdlib_module *m = &akt_stdlib_modules[i];
    pthread_mutex_lock(&compiled_lock);
    bool ok = compiled[i].len || compile_module(m, &compiled[i]);
    struct akt_buf code = compiled[i]; /* it is never changed again */
    pthread_mutex_unlock(&compiled_lock);
    if (!ok)
        luaL_error(L, "cannot compile %s", m->name);
    if (luaL_loadbufferx(L, code.data, code.len, "=akt", "b") != LUA_OK)
        lua_error(L);
}

bool akt_loading_stdlib(lua_State *L, const char *name)
{
    for (size_t i = 0; i < akt_stdlib_count && i < STDLIB_MAX; i++) {
        if (strcmp(akt_stdlib_modules[i].name, name) == 0) {
            push_module(L, i);
            return true;
        }
    }
    return false;
}

/* core.stdlib(name) -> function of an embedded module, or nil */
static int l_stdlib(lua_State *L)
{
    return akt_loading_stdlib(L, luaL_checkstring(L, 1));
}

const luaL_Reg akt_loading_base[] = {{"load", l_load},
                                     {"dofile", l_dofile},
                                     {"loadfile", l_loadfile},
                                     {NULL, NULL}};

const luaL_Reg akt_loading_core[] = {{"load_module", l_load_module},
                                     {"module_path", l_module_path},
                                     {"module_requires", l_module_requires},
                                     {"module_sync", l_module_sync},
                                     {"is_file", l_is_file},
                                     {"loading", l_loading},
                                     {"begin_loading", l_begin_loading},
                                     {"stdlib", l_stdlib},
                                     {NULL, NULL}};
