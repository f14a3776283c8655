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
