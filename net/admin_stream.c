/* SPDX-License-Identifier: MIT */
#include "net/admin_stream.h"

static void on_timer_closed(uv_handle_t *timer)
{
    struct akt_stream *s = timer->data;
    s->fini(s);
}

static void end(struct akt_stream *s, json_t *result)
{
    if (s->ending) {
        json_decref(result);
        return;
    }
    s->ending = true;
    uv_timer_stop(&s->timer);
    akt_admin_result(s->call, result);
    uv_close((uv_handle_t *)&s->timer, on_timer_closed);
}

static void on_gone(struct akt_admin_call *call, void *ctx)
{
    (void)call;
    end(ctx, json_null());
}

static void on_beat(uv_timer_t *timer)
{
    struct akt_stream *s = timer->data;
    json_t *result = s->step(s);
    if (result)
        end(s, result);
}

void akt_stream_begin(struct akt_stream *s, uint64_t beat_ms)
{
    uv_timer_init(akt_admin_loop(s->call), &s->timer);
    s->timer.data = s;
    s->ending = false;
    uv_timer_start(&s->timer, on_beat, beat_ms, beat_ms);
    akt_admin_on_close(s->call, on_gone, s);
}

json_t *akt_stream_json(const struct akt_buf *text)
{
    json_t *value = json_loadb(text->data, text->len, JSON_DECODE_ANY, NULL);
    return value ? value : akt_admin_text(text->data, text->len);
}
