/* SPDX-License-Identifier: MIT
 *
 * vm/base/buf.h: a growing run of bytes.
 *
 * Ownership: the buffer owns `data`.
 * Threads:   none; a buffer belongs to who holds it.
 */
#ifndef AKT_BASE_BUF_H
#define AKT_BASE_BUF_H

#include <stddef.h>
#include <string.h>

struct akt_buf {
    char *data;
    size_t len;
    size_t cap;
};

#define AKT_BUF_INIT \
    {                \
        NULL, 0, 0   \
    }

void akt_buf_init(struct akt_buf *b);
void akt_buf_fini(struct akt_buf *b);
/* Makes room for `more` bytes after `len`; aborts when malloc fails. */
void akt_buf_grow(struct akt_buf *b, size_t more);
void akt_buf_printf(struct akt_buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static inline char *akt_buf_reserve(struct akt_buf *b, size_t more)
{
    if (b->cap - b->len < more)
        akt_buf_grow(b, more);
    return b->data + b->len;
}

static inline void akt_buf_add(struct akt_buf *b, const void *bytes, size_t n)
{
    if (n)
        memcpy(akt_buf_reserve(b, n), bytes, n);
    b->len += n;
}

static inline void akt_buf_putc(struct akt_buf *b, char c)
{
    *akt_buf_reserve(b, 1) = c;
    b->len++;
}

static inline void akt_buf_puts(struct akt_buf *b, const char *s)
{
    akt_buf_add(b, s, strlen(s));
}

/* A zero byte behind the contents, not counted in `len`. */
static inline const char *akt_buf_cstr(struct akt_buf *b)
{
    *akt_buf_reserve(b, 1) = 0;
    return b->data;
}

#endif
