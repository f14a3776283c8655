/* SPDX-License-Identifier: MIT
 *
 * cli/table.h: aligned columns, and other text for people.
 *
 * What comes from scripts may hold anything: control characters are shown as
 * `?`, so that nobody's name can write on the terminal.
 */
#ifndef AKT_CLI_TABLE_H
#define AKT_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "vm/base/buf.h"

#define CLI_COLUMNS 16

/* `align`: a letter per column, l or r. */
struct cli_table {
    const char *align;
    int columns;
    size_t widths[CLI_COLUMNS];
    struct akt_buf cells; /* zero-ended, row by row; the first is the head */
    int cells_len;
};

void cli_table_init(struct cli_table *t, const char *align);
void cli_table_fini(struct cli_table *t);
/* The next cell; a row is full after as many as there are columns. */
void cli_table_add(struct cli_table *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints into a buffer, no line wider than max_width (0: any). `bold`: the
 * first row stands out. */
void cli_table_print(const struct cli_table *t, struct akt_buf *out,
                     size_t max_width, bool bold);

/* 1.2K, 34M: at most five characters. */
void cli_bytes(double bytes, char out[16]);
/* 12s, 3m20s, 4h05m, 2d03h */
void cli_age(double seconds, char out[16]);
/* Whether colour may be used on stdout. */
bool cli_colour(void);
/* Without control characters. */
void cli_plain(struct akt_buf *out, const char *text);

#endif
