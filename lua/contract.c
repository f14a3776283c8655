/* SPDX-License-Identifier: MIT */
#include "lua/contract.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/contract_impl.h"
#include "lua/host.h"
#include "lua/secret.h"
#include "vm/base/alloc.h"

#define PLACE 64 /* bytes of one step of a place */

/* ---- owning ---- */

static void free_type(struct akt_type *t)
{
    while (t) {
        struct akt_type *next = t->next;
        free_type(t->items);
        while (t->fields) {
            struct akt_field *f = t->fields;
            t->fields = f->next;
            free_type(f->type);
            akt_strfree(f->name);
            akt_free(f, sizeof *f);
        }
        akt_strfree(t->text);
        akt_free(t, sizeof *t);
        t = next;
    }
}

struct akt_contract *akt_contract_ref(struct akt_contract *c)
{
    if (c) /* relaxed: the caller has one */
        atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void akt_contract_unref(struct akt_contract *c)
{
    /* acq_rel: the last one sees all uses of the others behind it */
    if (!c || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) > 1)
        return;
    while (c->signatures) {
        struct akt_signature *s = c->signatures;
        c->signatures = s->next;
        free_type(s->args.types);
        free_type(s->returns.types);
        akt_strfree(s->tag);
        akt_free(s, sizeof *s);
    }
    akt_strfree(c->kind);
    akt_free(c, sizeof *c);
}

/* ---- checking ---- */

static unsigned bit_of(lua_State *L, int idx)
{
    akt_pid pid;
    switch (lua_type(L, idx)) {
    case LUA_TNIL:
    case LUA_TNONE:
        return AKT_T_NIL;
    case LUA_TBOOLEAN:
        return AKT_T_BOOLEAN;
    case LUA_TNUMBER:
        return lua_isinteger(L, idx) ? AKT_T_INTEGER : AKT_T_FLOAT;
    case LUA_TSTRING:
        return AKT_T_STRING;
    case LUA_TTABLE:
        return AKT_T_TABLE;
    case LUA_TLIGHTUSERDATA:
        return akt_to_pid(L, idx, &pid) ? AKT_T_PID : AKT_T_REF;
    default:
        return akt_is_secret(L, idx) ? AKT_T_SECRET : 0;
    }
}

static const char *name_of(lua_State *L, int idx)
{
    switch (bit_of(L, idx)) {
    case AKT_T_NIL:
        return lua_isnone(L, idx) ? "nothing" : "nil";
    case AKT_T_INTEGER:
        return "integer";
    case AKT_T_FLOAT:
        return "float";
    case AKT_T_PID:
        return "pid";
    case AKT_T_REF:
        return "ref";
    case AKT_T_SECRET:
        return "secret";
    default:
        return lua_typename(L, lua_type(L, idx));
    }
}

/* What is wrong and where, innermost first. */
struct fault {
    char where[96];
    const char *wanted;
    const char *got;
};

/* Puts a place in front of those inside it; what is too long is cut. */
static void put_where(struct fault *f, const char *place)
{
    size_t room = sizeof f->where - 1, n = strlen(place);
    size_t len = strlen(f->where);
    n = n < room ? n : room;
    len = len < room - n ? len : room - n;
    memmove(f->where + n, f->where, len);
    memcpy(f->where, place, n);
    f->where[n + len] = 0;
}

static bool fits(lua_State *L, int idx, const struct akt_type *t,
                 struct fault *f);

static bool wrong(lua_State *L, int idx, const struct akt_type *t,
                  struct fault *f)
{
    f->where[0] = 0;
    f->wanted = t->text;
    f->got = name_of(L, idx);
    return false;
}

/* The table at idx as an array of items of this type. */
static bool fits_items(lua_State *L, int idx, const struct akt_type *whole,
                       const struct akt_type *item, struct fault *f)
{
    lua_Unsigned count = 0, len = lua_rawlen(L, idx);
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_Integer i = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
        count++;
        if (i < 1 || (lua_Unsigned)i > len) {
            lua_pop(L, 2);
            return wrong(L, idx, whole, f);
        }
        if (!fits(L, lua_gettop(L), item, f)) {
            char place[PLACE];
            snprintf(place, sizeof place, ": item %lld", (long long)i);
            put_where(f, place);
            lua_pop(L, 2);
            return false;
        }
        lua_pop(L, 1);
    }
    return count == len || wrong(L, idx, whole, f);
}

static bool fits_fields(lua_State *L, int idx, const struct akt_type *t,
                        struct fault *f)
{
    for (const struct akt_field *field = t->fields; field;
         field = field->next) {
        lua_pushstring(L, field->name);
        lua_rawget(L, idx);
        bool good = fits(L, lua_gettop(L), field->type, f);
        lua_pop(L, 1);
        if (!good) {
            char place[PLACE];
            snprintf(place, sizeof place, ": field \"%.40s\"", field->name);
            put_where(f, place);
            return false;
        }
    }
    return true;
}

static bool fits(lua_State *L, int idx, const struct akt_type *t,
                 struct fault *f)
{
    if (t->bits & bit_of(L, idx))
        return true;
    if (!lua_istable(L, idx) || (!t->items && !t->fields))
        return wrong(L, idx, t, f);
    if (t->fields)
        return fits_fields(L, idx, t, f);
    /* the fault of the last of them is told */
    for (const struct akt_type *item = t->items; item; item = item->next)
        if (fits_items(L, idx, t, item, f))
            return true;
    return false;
}

struct place {
    const struct akt_contract *c;
    const char *tag;
    const char *what; /* "argument", "result" */
};

static bool tell(char *text, const struct place *p, int n,
                 const struct fault *f)
{
    snprintf(text, AKT_CONTRACT_TEXT,
             "kind \"%s\", message \"%s\": %s %d%s: %s expected, got %s",
             p->c->kind, p->tag, p->what, n, f->where, f->wanted, f->got);
    return false;
}

static bool too_many(char *text, const struct place *p, uint32_t takes, int got)
{
    snprintf(text, AKT_CONTRACT_TEXT,
             "kind \"%s\", message \"%s\": %u %s%s at most, got %d", p->c->kind,
             p->tag, (unsigned)takes, p->what, takes == 1 ? "" : "s", got);
    return false;
}

static bool check_list(lua_State *L, int first, int last,
                       const struct akt_types *types, const struct place *p,
                       char *text)
{
    const struct akt_type *t = types->types;
    struct fault f = {"", NULL, NULL};
    int n = 1;
    for (int i = first; t; i++, n++) {
        bool there = i <= last;
        if (!there && types->variadic && !t->next)
            break;
        /* an index behind the values: nothing */
        if (!fits(L, there ? i : last + AKT_CONTRACT_SLOTS, t, &f))
            return tell(text, p, n, &f);
        if (types->variadic && !t->next && i < last)
            continue; /* the last one again */
        t = t->next;
    }
    for (int i = first + n - 1; i <= last; i++)
        if (!lua_isnil(L, i))
            return too_many(text, p, types->len, last - first + 1);
    return true;
}

static const struct akt_signature *find(const struct akt_contract *c,
                                        const char *tag, size_t len)
{
    const struct akt_signature *s = c->signatures;
    while (s && (s->tag_len != len || memcmp(s->tag, tag, len) != 0))
        s = s->next;
    return s;
}

bool akt_contract_check(const struct akt_contract *c, lua_State *L, int first,
                        int last, char text[AKT_CONTRACT_TEXT])
{
    size_t len;
    const char *tag = lua_tolstring(L, first, &len);
    const struct akt_signature *s = find(c, tag, len);
    struct place p = {c, tag, "argument"};
    return !s || check_list(L, first + 1, last, &s->args, &p, text);
}

bool akt_contract_check_reply(const struct akt_contract *c, lua_State *L,
                              int first, int last, const char *tag, size_t len,
                              char text[AKT_CONTRACT_TEXT])
{
    const struct akt_signature *s = find(c, tag, len);
    if (!s || !s->has_returns)
        return true;
    struct place p = {c, s->tag, "result"};
    return check_list(L, first, last, &s->returns, &p, text);
}
