/* SPDX-License-Identifier: MIT
 *
 * net/admin_stream.h: a call that goes on: a step at each beat of a timer,
 * until a step ends it or its client goes away. All on the admin thread.
 *
 * A stream is the first member of what its command keeps for it.
 *
 * Ownership: begin takes the stream; `fini` gives it back, once, at the end.
 */
#ifndef AKT_NET_ADMIN_STREAM_H
#define AKT_NET_ADMIN_STREAM_H

#include "net/admin_impl.h"

struct akt_stream {
    struct akt_admin_call *call;
    /* Returns NULL to go on, or the result that ends it. */
    json_t *(*step)(struct akt_stream *s);
    void (*fini)(struct akt_stream *s);
    uint64_t end_ns; /* the step may look at it; 0: none */
    /* its own */
    uv_timer_t timer;
    bool ending;
};

void akt_stream_begin(struct akt_stream *s, uint64_t beat_ms);
/* JSON from text that is JSON; never NULL. */
json_t *akt_stream_json(const struct akt_buf *text);

#endif
