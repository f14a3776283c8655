/* SPDX-License-Identifier: MIT
 *
 * stdlib/embedded.h: the Lua files of stdlib/ as text inside the binary.
 *
 * stdlib/embed.py writes the table at build time from the files listed in
 * stdlib/meson.build. The name of stdlib/a/b.lua is "a.b".
 *
 * Ownership: everything is constant and lives as long as the program.
 * Threads:   [any].
 */
#ifndef AKT_STDLIB_EMBEDDED_H
#define AKT_STDLIB_EMBEDDED_H

#include <stddef.h>

struct akt_stdlib_module {
    const char *name;
    const char *text; /* a zero byte follows, not counted in `len` */
    size_t len;
};

/* Sorted by name (strcmp); one more entry with name NULL ends the table. */
extern const struct akt_stdlib_module akt_stdlib_modules[];
extern const size_t akt_stdlib_count;

#endif
