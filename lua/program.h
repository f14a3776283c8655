/* SPDX-License-Identifier: MIT
 *
 * lua/program.h: a Lua program from its text to its exit code; and the checks
 * that need no run.
 *
 * Threads: [start].
 */
#ifndef AKT_LUA_PROGRAM_H
#define AKT_LUA_PROGRAM_H

#include "vm/node.h"

struct akt_program {
    struct akt_config config;
    const char *path; /* NULL: no file (-e) */
    const char *text;
    size_t len;
    int argc;
    char **argv;
    bool crash_reports;
    int log_level;     /* 0 debug, 1 info, 2 warn, 3 error */
    bool watch;        /* reload when a file of the program changes */
    const char *admin; /* the admin socket's path; NULL: as
                        * net/admin_path.h says, "off": none */
};

/* Runs it to its end; returns the exit code. If work is left on other threads
 * that cannot be ended (a read that blocks), the process is ended here. */
int akt_program_run(const struct akt_program *p);

/* Prints what is wrong with a script to stderr, a line each: syntax errors,
 * assigned or undefined globals, kinds whose functions assign captured
 * variables. Returns the number of findings. */
int akt_program_check(const char *path, const char *text, size_t len);

#endif
