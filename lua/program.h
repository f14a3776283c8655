/* SPDX-License-Identifier: MIT
 *
 * lua/program.h: a Lua program from its text to its exit code; and the checks
 * that need no run.
 *
 * Threads: [start].
 */
#ifndef AKT_LUA_PROGRAM_H
#define AKT_LUA_PROGRAM_H

#include "vm/base/log.h"
#include "net/network.h"
#include "vm/node.h"

/* What goes on beside the workers, in threads of its own: started before the
 * node runs; `end` is called when it has run, and waits for them. */
struct akt_beside {
    void (*start)(struct akt_node *node, void *ctx); /* NULL: nothing */
    void (*end)(struct akt_node *node, void *ctx);
    void *ctx;
};

struct akt_program {
    struct akt_config config;
    const char *path; /* NULL: no file (-e) */
    const char *text;
    size_t len;
    int argc;
    char **argv;
    bool crash_reports;
    enum akt_log_level log_level;
    enum akt_log_format log_format;
    bool json_reports; /* crash reports and warnings as well */
    const char *otlp;  /* where figures are sent; NULL: nowhere */
    bool watch;        /* reload when a file of the program changes */
    const char *admin; /* the admin socket's path; NULL: as
                        * net/admin_path.h says, "off": none */
    const struct akt_network_config *network; /* NULL: no other nodes */
    struct akt_beside beside;
};

/* Runs it to its end; returns the exit code. If work is left on other threads
 * that cannot be ended (a read that blocks), the process is ended here. */
int akt_program_run(const struct akt_program *p);

/* Prints what is wrong with a script to stderr, a line each: syntax errors,
 * assigned or undefined globals, kinds whose functions assign captured
 * variables. Returns the number of findings. */
int akt_program_check(const char *path, const char *text, size_t len);

#endif
