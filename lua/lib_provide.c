/* SPDX-License-Identifier: MIT */
#include "lua/lib_provide.h"

#include <string.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/options.h"
#include "vm/base/alloc.h"
#include "vm/tape.h"

#define NAMES_SHOWN 64 /* looked at for "did you mean" */

/* ---- lists ---- */

struct akt_use *akt_use_ref(struct akt_use *u)
{
    if (u) /* relaxed: the caller has a reference */
        atomic_fetch_add_explicit(&u->refs, 1, memory_order_relaxed);
    return u;
}

static void free_use(struct akt_use *u)
{
    akt_image_unref(u->image);
    akt_strfree(u->name);
    akt_free(u, sizeof *u);
}

void akt_use_unref(struct akt_use *u)
{
    /* release pairs with the acquire half of the last one */
    while (u &&
           atomic_fetch_sub_explicit(&u->refs, 1, memory_order_acq_rel) == 1) {
        struct akt_use *outer = u->outer;
        free_use(u);
        u = outer;
    }
}

/* Takes both references. */
static struct akt_use *new_use(const char *name, struct akt_image *image,
                               struct akt_use *outer)
{
    struct akt_use *u = akt_calloc(sizeof *u);
    atomic_init(&u->refs, 1);
    u->name = akt_strdup(name);
    u->image = image;
    u->outer = outer;
    return u;
}

static struct akt_use *find(struct akt_use *u, const char *name)
{
    while (u && strcmp(u->name, name) != 0)
        u = u->outer;
    return u;
}

void akt_provided_init(struct akt_provided *p)
{
    pthread_mutex_init(&p->lock, NULL);
    p->first = NULL;
    p->len = 0;
}

void akt_provided_fini(struct akt_provided *p)
{
    akt_use_unref(p->first);
    pthread_mutex_destroy(&p->lock);
}

/* ---- reading ---- */

/* Keys of tables are no arguments: their type is looked at, not changed. */
static const char *check_name(lua_State *L, int idx, const char *what)
{
    size_t len = 0;
    const char *name =
        lua_type(L, idx) == LUA_TSTRING ? lua_tolstring(L, idx, &len) : "";
    if (len == 0 || len > AKT_USE_NAME_MAX || strlen(name) != len)
        akt_error_raise(L, "bad_argument",
                        "%s: a name is a string of 1 to %d bytes", what,
                        AKT_USE_NAME_MAX);
    return name;
}

static struct akt_image *image_of(lua_State *L, int idx, const char *name)
{
    struct akt_image_error err;
    struct akt_image *image = akt_kind_image(L, lua_absindex(L, idx), &err);
    if (!image)
        akt_error_raise(L, "bad_function", "\"%s\": %s", name, err.text);
    return image;
}

static uint32_t length(const struct akt_use *u)
{
    uint32_t n = 0;
    for (; u; u = u->outer)
        n++;
    return n;
}

void akt_use_read(lua_State *L, int idx, struct akt_spec *spec)
{
    if (lua_type(L, idx) != LUA_TTABLE)
        akt_error_raise(L, "bad_option",
                        "use must be a table of names and values, not %s",
                        luaL_typename(L, idx));
    uint32_t n = length(spec->uses);
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        const char *name = check_name(L, -2, "use");
        if (n++ >= AKT_USES_MAX)
            akt_error_raise(L, "limit",
                            "use: an actor has at most %d, with those of the "
                            "actors above it",
                            AKT_USES_MAX);
        spec->uses = new_use(name, image_of(L, -1, name), spec->uses);
        lua_pop(L, 1);
    }
}

/* ---- calls ---- */

static bool provide(struct akt_provided *p, const char *name,
                    struct akt_image *image, bool replace)
{
    struct akt_use *u = find(p->first, name);
    if (u && !replace)
        return false;
    if (u) {
        akt_image_unref(u->image);
        u->image = image;
        return true;
    }
    if (p->len == AKT_PROVIDED_MAX)
        return false;
    p->first = new_use(name, image, p->first);
    p->len++;
    return true;
}

/* core.provide(name, value, replace) */
static int l_provide(lua_State *L)
{
    struct akt_provided *p = &akt_lua_of(L)->node->provided;
    const char *name = check_name(L, 1, "provide");
    bool replace = lua_toboolean(L, 3);
    if (lua_isnoneornil(L, 2))
        akt_error_raise(L, "bad_argument",
                        "provide: a value is expected for \"%s\"", name);
    akt_check_effect(L, "provide");
    akt_check_room(L, "provide");
    struct akt_image *image = image_of(L, 2, name);
    pthread_mutex_lock(&p->lock);
    akt_input_ticket();
    bool taken = find(p->first, name);
    bool ok = provide(p, name, image, replace);
    pthread_mutex_unlock(&p->lock);
    if (ok)
        return 0;
    akt_image_unref(image);
    if (taken)
        return akt_error_raise(L, "name_taken",
                               "provide: \"%s\" is provided already; "
                               "{ replace = true } replaces it",
                               name);
    return akt_error_raise(L, "limit",
                           "provide: there are %d names, which is the limit",
                           AKT_PROVIDED_MAX);
}

static struct akt_image *look_up(lua_State *L, const char *name)
{
    struct akt_provided *p = &akt_lua_of(L)->node->provided;
    const struct akt_spec *spec = akt_lua_self(L)->spec;
    struct akt_use *own = spec ? find(spec->uses, name) : NULL;
    if (own)
        return akt_image_ref(own->image);
    pthread_mutex_lock(&p->lock);
    akt_input_ticket();
    struct akt_use *u = find(p->first, name);
    struct akt_image *image = u ? akt_image_ref(u->image) : NULL;
    pthread_mutex_unlock(&p->lock);
    return image;
}

/* Pushes names from a list; the pointers go to `names`. */
static int push_names(lua_State *L, const struct akt_use *u, const char **names,
                      int n)
{
    for (; u && n < NAMES_SHOWN; u = u->outer)
        names[n++] = lua_pushstring(L, u->name);
    return n;
}

static int not_found(lua_State *L, const char *name)
{
    struct akt_provided *p = &akt_lua_of(L)->node->provided;
    const struct akt_spec *spec = akt_lua_self(L)->spec;
    const char *names[NAMES_SHOWN + 1] = {NULL};
    luaL_checkstack(L, NAMES_SHOWN + 8, "use");
    int n = spec ? push_names(L, spec->uses, names, 0) : 0;
    pthread_mutex_lock(&p->lock);
    akt_input_ticket();
    struct akt_use *first = akt_use_ref(p->first);
    pthread_mutex_unlock(&p->lock);
    push_names(L, first, names, n);
    akt_use_unref(first);
    const char *near = akt_options_nearest(name, names);
    if (near)
        return akt_error_raise(L, "not_found",
                               "use: nothing is provided as \"%s\"; did you "
                               "mean \"%s\"?",
                               name, near);
    return akt_error_raise(L, "not_found", "use: nothing is provided as \"%s\"",
                           name);
}

/* core.use(name) -> a copy of what is provided */
static int l_use(lua_State *L)
{
    const char *name = check_name(L, 1, "use");
    struct akt_image *image = look_up(L, name);
    if (!image)
        return not_found(L, name);
    akt_push_image(L, image);
    return 1;
}

/* ---- images that are loaded once ---- */

static int image_gc(lua_State *L)
{
    akt_image_unref(*(struct akt_image **)lua_touserdata(L, 1));
    return 0;
}

/* Called protected: (light userdata of the image) */
static int push_image(lua_State *L)
{
    struct akt_image *image = lua_touserdata(L, 1);
    struct akt_image **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL; /* until it has a metatable that frees it */
    if (luaL_newmetatable(L, "akt.image")) {
        lua_pushcfunction(L, image_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    *box = akt_image_ref(image);
    return 1;
}

void akt_push_image(lua_State *L, struct akt_image *image)
{
    luaL_checkstack(L, 8, "image");
    lua_pushcfunction(L, push_image);
    lua_pushlightuserdata(L, image);
    int status = lua_pcall(L, 1, 1, 0);
    akt_image_unref(image); /* the box has one */
    if (status != LUA_OK)
        lua_error(L);
    akt_image_load(L, image, &akt_kind_names);
    lua_remove(L, -2);
}

const luaL_Reg akt_lib_provide[] = {
    {"provide", l_provide}, {"use", l_use}, {NULL, NULL}};
