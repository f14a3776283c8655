/* SPDX-License-Identifier: MIT */
#include "lua/capture.h"

#include <string.h>

void akt_capture_init(struct akt_capture *c)
{
    memset(c, 0, sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
}

void akt_capture_fini(struct akt_capture *c)
{
    akt_buf_fini(&c->text);
    pthread_mutex_destroy(&c->lock);
}

void akt_capture_add(struct akt_capture *c, const char *text, size_t len)
{
    pthread_mutex_lock(&c->lock);
    size_t room = AKT_CAPTURE_MAX - c->text.len;
    size_t taken = len < room ? len : room;
    akt_buf_add(&c->text, text, taken);
    c->dropped += len - taken;
    pthread_mutex_unlock(&c->lock);
}

void akt_capture_show(struct akt_capture *c, struct akt_buf *out)
{
    pthread_mutex_lock(&c->lock);
    akt_buf_add(out, c->text.data, c->text.len);
    if (out->len && out->data[out->len - 1] != '\n')
        akt_buf_putc(out, '\n');
    if (c->dropped)
        akt_buf_printf(out, "... and %zu bytes more\n", c->dropped);
    pthread_mutex_unlock(&c->lock);
}
