/* SPDX-License-Identifier: MIT
 *
 * lua/check.c: what can be found wrong with a script without running it. The
 * text is compiled and its code looked through for globals; then it is run for
 * what it defines (lua/definitions.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/bytecode.h"
#include "lua/definitions.h"
#include "lua/loading.h"
#include "lua/program.h"
#include "vm/base/alloc.h"

static const char *const known[] = {
    "_G",       "_VERSION",     "assert",   "collectgarbage", "coroutine",
    "debug",    "dofile",       "error",    "getmetatable",   "io",
    "ipairs",   "load",         "loadfile", "math",           "next",
    "os",       "package",      "pairs",    "pcall",          "print",
    "rawequal", "rawget",       "rawlen",   "rawset",         "require",
    "select",   "setmetatable", "string",   "table",          "tonumber",
    "tostring", "type",         "utf8",     "warn",           "xpcall",
    NULL};

static bool is_known(const char *name, size_t len)
{
    for (int i = 0; known[i]; i++)
        if (strlen(known[i]) == len && memcmp(known[i], name, len) == 0)
            return true;
    return false;
}

static void on_access(const struct akt_bytecode_access *a, void *ctx)
{
    int *findings = ctx;
    bool stored = a->what == AKT_BYTECODE_SET_GLOBAL;
    bool undefined = a->what == AKT_BYTECODE_GET_GLOBAL &&
                     !is_known(a->name, a->name_len) &&
                     !(a->name_len == 1 && a->name[0] == '?');
    if (!stored && !undefined)
        return;
    (*findings)++;
    size_t skip = a->source_len && a->source[0] == '@' ? 1 : 0;
    fprintf(stderr, "%.*s:%d: %s '%.*s'%s\n", (int)(a->source_len - skip),
            a->source + skip, a->line,
            stored ? "assigns the global" : "undefined global",
            (int)a->name_len, a->name,
            stored ? ": globals are read-only, declare it local" : "");
}

static int check_text(const char *chunkname, const char *text, size_t len)
{
    int findings = 0;
    lua_State *L = luaL_newstate();
    if (!akt_loading_text(L, text, len, chunkname, false)) {
        fprintf(stderr, "%s\n", lua_tostring(L, -1));
        findings = 1;
    } else {
        struct akt_buf dump = AKT_BUF_INIT;
        if (akt_bytecode_dump(L, -1, &dump))
            akt_bytecode_stores(dump.data, dump.len, on_access, &findings);
        akt_buf_fini(&dump);
    }
    lua_close(L);
    return findings;
}

static int check_definitions(const char *path, const char *text, size_t len)
{
    struct akt_script script = {.path = path, .text = text, .len = len};
    struct akt_definitions *d = akt_definitions_run(&script);
    int findings = d->findings;
    fputs(akt_buf_cstr(&d->text), stderr);
    akt_definitions_free(d);
    return findings;
}

int akt_program_check(const char *path, const char *text, size_t len)
{
    struct akt_buf name = AKT_BUF_INIT;
    akt_buf_printf(&name, "@%s", path);
    const char *chunkname = akt_buf_cstr(&name);
    int findings = check_text(chunkname, text, len);
    if (!findings)
        findings = check_definitions(path, text, len);
    akt_buf_fini(&name);
    return findings;
}
