/* SPDX-License-Identifier: MIT */
#include "vm/base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "vm/base/alloc.h"

void akt_buf_init(struct akt_buf *b)
{
    *b = (struct akt_buf)AKT_BUF_INIT;
}

void akt_buf_fini(struct akt_buf *b)
{
    akt_free(b->data, b->cap);
    akt_buf_init(b);
}

void akt_buf_grow(struct akt_buf *b, size_t more)
{
    size_t cap = b->cap ? b->cap * 2 : 64;
    while (cap < b->len + more)
        cap *= 2;
    b->data = akt_resize(b->data, b->cap, cap);
    b->cap = cap;
}

void akt_buf_printf(struct akt_buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0)
        return;
    va_start(args, fmt);
    vsnprintf(akt_buf_reserve(b, (size_t)n + 1), (size_t)n + 1, fmt, args);
    va_end(args);
    b->len += (size_t)n;
}
