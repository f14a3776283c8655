/* SPDX-License-Identifier: MIT
 *
 * lua/where.c: naming the place in which a script is.
 *
 * Why a signal handler may look at all: lua_getstack and lua_getinfo, asked
 * for names and lines, allocate nothing and write nothing but their result.
 * The chain of calls is in order whenever Lua has called a C function that
 * runs for long. What could be wrong is the stack, in the instant in which
 * that function (or the collector, which it may run) moves it; then pointers
 * into the old one are read. Reading may fault, and nothing else: a fault
 * brings it back here, and the place is not told.
 */
#include "lua/where.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lua/report.h"
#include "vm/profile.h"

static _Thread_local sigjmp_buf fault;
static _Thread_local volatile sig_atomic_t guarded;
static struct sigaction old_segv, old_bus;

bool akt_place_is_script(const lua_Debug *ar)
{
    return ar->currentline > 0 && ar->source[0] != '=';
}

void akt_where(lua_State *L, char *out, size_t size)
{
    lua_Debug ar, top;
    char inside[80] = "";
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, level == 0 ? "Sln" : "Sl", &ar);
        if (level == 0) {
            top = ar;
            if (strcmp(top.what, "C") == 0)
                snprintf(inside, sizeof inside, ", in the C function '%.40s'",
                         top.name ? top.name : "?");
        }
        if (!akt_place_is_script(&ar))
            continue;
        snprintf(out, size, "%s:%d%s", ar.short_src, ar.currentline, inside);
        return;
    }
    snprintf(out, size, "%s", inside[0] ? inside + 2 : "outside of scripts");
}

/* ---- stacks ---- */

/* Text that is built from its end. */
struct backwards {
    char *start, *p;
};

/* A frame and a separator; what would mislead a reader of lines becomes '_'.
 * False: there is no room. */
static bool push_frame(struct backwards *b, const char *text)
{
    size_t n = strlen(text);
    if ((size_t)(b->p - b->start) < n + 1)
        return false;
    *--b->p = ';';
    b->p -= n;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        b->p[i] = c <= ' ' || c == ';' || c == 127 ? '_' : (char)c;
    }
    return true;
}

/* `handler`: what the outermost function is, which has no name of its own. */
static void name_frame(const lua_Debug *ar, const char *handler, char *out,
                       size_t size)
{
    if (strcmp(ar->what, "C") == 0)
        snprintf(out, size, "%.60s", ar->name ? ar->name : "(C)");
    else if (strcmp(ar->what, "main") == 0)
        snprintf(out, size, "main_chunk@%s", ar->short_src);
    else
        snprintf(out, size, "%.60s@%s:%d",
                 handler    ? handler
                 : ar->name ? ar->name
                            : "function",
                 ar->short_src, ar->linedefined);
}

/* The driver of the turns, a C function that nobody has named. */
static bool is_driver(const lua_Debug *ar)
{
    return strcmp(ar->what, "C") == 0 && !ar->name;
}

/* The level of the handler; -1: it is deeper than what is shown. */
static int handler_level(lua_State *L)
{
    lua_Debug ar;
    int found = -1;
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        if (level == AKT_PROFILE_FRAMES)
            return -1;
        lua_getinfo(L, "Sl", &ar);
        if (akt_place_is_script(&ar))
            found = level;
    }
    return found;
}

static void push_frames(lua_State *L, const char *handler, struct backwards *b)
{
    lua_Debug ar;
    char text[LUA_IDSIZE + 100];
    int outermost = handler_level(L);
    bool room = true;
    for (int level = 0; room && lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Slnt", &ar);
        if (level == 0 && ar.currentline > 0) {
            snprintf(text, sizeof text, "%s:%d", ar.short_src, ar.currentline);
            push_frame(b, text);
        }
        if (is_driver(&ar))
            continue;
        bool is_handler = level == outermost && !ar.istailcall;
        name_frame(&ar, is_handler ? handler : NULL, text, sizeof text);
        room = level < AKT_PROFILE_FRAMES && push_frame(b, text);
    }
    if (!room)
        push_frame(b, "...");
}

void akt_where_stack(lua_State *L, const struct akt_actor *a, char *out,
                     size_t size)
{
    struct backwards b = {out + 80, out + size}; /* room for the kind */
    char handler[64];
    akt_handler_name(a, handler, sizeof handler);
    *--b.p = 0;
    push_frames(L, handler, &b);
    if (b.p[0])
        out[size - 2] = 0; /* the last separator */
    b.start = out;
    char kind[70];
    snprintf(kind, sizeof kind, "%.60s", akt_actor_kind(a)->name);
    bool any = b.p[0] != 0;
    push_frame(&b, kind);
    if (!any)
        out[size - 2] = 0;
    memmove(out, b.p, strlen(b.p) + 1);
}

/* ---- from a signal ---- */

bool akt_where_in_signal(lua_State *L, char *out, size_t size)
{
    if (sigsetjmp(fault, 1) != 0) {
        guarded = 0;
        return false;
    }
    guarded = 1;
    akt_where(L, out, size);
    guarded = 0;
    return true;
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    if (guarded)
        siglongjmp(fault, 1);
    /* not ours: it happens again, to whoever was there before */
    sigaction(number, number == SIGSEGV ? &old_segv : &old_bus, NULL);
}

void akt_where_init(void)
{
    struct sigaction action = {0}, now;
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, NULL, &now);
    if (now.sa_flags & SA_SIGINFO && now.sa_sigaction == on_fault)
        return; /* a second node in this process */
    sigaction(SIGSEGV, &action, &old_segv);
    sigaction(SIGBUS, &action, &old_bus);
}
