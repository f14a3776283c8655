/* SPDX-License-Identifier: MIT */
#include "cli/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void cli_table_init(struct cli_table *t, const char *align)
{
    memset(t, 0, sizeof *t);
    t->align = align;
    t->columns = (int)strlen(align);
}

void cli_table_fini(struct cli_table *t)
{
    akt_buf_fini(&t->cells);
}

/* The columns a terminal uses: one per character. */
static size_t width_of(const char *s)
{
    size_t n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

void cli_plain(struct akt_buf *out, const char *text)
{
    for (const unsigned char *s = (const unsigned char *)text; *s; s++) {
        /* C1 controls are two bytes in UTF-8: c2 80 to c2 9f */
        bool c1 = s[0] == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0;
        akt_buf_putc(out, *s < 0x20 || *s == 0x7f || c1 ? '?' : (char)*s);
        s += c1;
    }
}

void cli_table_add(struct cli_table *t, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    size_t at = t->cells.len;
    cli_plain(&t->cells, text);
    akt_buf_putc(&t->cells, 0);
    size_t *widest = &t->widths[t->cells_len++ % t->columns];
    size_t width = width_of(t->cells.data + at);
    *widest = width > *widest ? width : *widest;
}

static void pad(struct akt_buf *out, size_t n)
{
    while (n--)
        akt_buf_putc(out, ' ');
}

static void add_cell(struct akt_buf *out, const char *cell, size_t width,
                     char align)
{
    size_t gap = width - width_of(cell);
    if (align == 'r')
        pad(out, gap);
    akt_buf_puts(out, cell);
    if (align == 'l')
        pad(out, gap);
}

/* Cuts the line that begins at `from`, and takes off blanks at its end. */
static void trim(struct akt_buf *out, size_t from, size_t max_width)
{
    size_t n = 0, at = from;
    for (; max_width && at < out->len; at++) {
        n += ((unsigned char)out->data[at] & 0xc0) != 0x80;
        if (n > max_width) {
            out->len = at;
            break;
        }
    }
    while (out->len > from && out->data[out->len - 1] == ' ')
        out->len--;
}

void cli_table_print(const struct cli_table *t, struct akt_buf *out,
                     size_t max_width, bool bold)
{
    const char *cell = t->cells.data;
    struct akt_buf line = AKT_BUF_INIT;
    for (int i = 0; i < t->cells_len; i++) {
        int column = i % t->columns;
        if (column > 0)
            akt_buf_puts(&line, "  ");
        add_cell(&line, cell, t->widths[column], t->align[column]);
        cell += strlen(cell) + 1;
        if (column < t->columns - 1)
            continue;
        trim(&line, 0, max_width);
        bool head = bold && i < t->columns;
        akt_buf_puts(out, head ? "\033[1m" : "");
        akt_buf_add(out, line.data, line.len);
        akt_buf_puts(out, head ? "\033[0m\n" : "\n");
        line.len = 0;
    }
    akt_buf_fini(&line);
}

void cli_bytes(double bytes, char out[16])
{
    static const char units[] = "BKMGT";
    int i = 0;
    for (; bytes >= 1000 && i < 4; i++)
        bytes /= 1024;
    if (i == 0)
        snprintf(out, 16, "%.0f", bytes);
    else
        snprintf(out, 16, bytes < 10 ? "%.1f%c" : "%.0f%c", bytes, units[i]);
}

void cli_age(double seconds, char out[16])
{
    unsigned s = seconds > 0 && seconds < 4e9 ? (unsigned)seconds : 0;
    if (s < 60)
        snprintf(out, 16, "%us", s);
    else if (s < 3600)
        snprintf(out, 16, "%um%02us", s / 60, s % 60);
    else if (s < 86400)
        snprintf(out, 16, "%uh%02um", s / 3600, s / 60 % 60);
    else
        snprintf(out, 16, "%ud%02uh", s / 86400, s / 3600 % 24);
}

bool cli_colour(void)
{
    const char *no = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && !(no && no[0]) &&
           !(term && strcmp(term, "dumb") == 0);
}
