/* SPDX-License-Identifier: MIT */
#include "net/session_impl.h"

#include "vm/base/alloc.h"
#include "vm/message.h"

void akt_session_set_zstd(struct akt_session *s, bool both, bool packs)
{
    s->compress = both;
    s->packs = both && packs;
}

struct akt_session *akt_session_create(const struct akt_session_config *c)
{
    struct akt_session *s = akt_calloc(sizeof *s);
    akt_session_set_zstd(s, c->compress, c->compress);
    s->events = c->events;
    akt_buf_init(&s->cut);
    akt_map_init(&s->bulk.keys);
    return s;
}

void akt_session_destroy(struct akt_session *s)
{
    if (!s)
        return;
    akt_session_fini_out(s);
    akt_session_fini_in(s);
    akt_session_fini_pack(s);
    akt_free(s, sizeof *s);
}

void akt_session_trim(struct akt_session *s)
{
    akt_sendbuf_trim(&s->out);
    akt_session_trim_pack(s);
    s->trim_due = false;
    if (s->cut.len > 0)
        return;
    akt_buf_fini(&s->cut);
    akt_buf_init(&s->cut);
}

bool akt_session_can_resume(const struct akt_session *s, uint64_t received)
{
    return !s->broken && !s->bye_in && received >= s->out.acked &&
           received <= s->out.given;
}

void akt_session_resume(struct akt_session *s, uint64_t received)
{
    assert(akt_session_can_resume(s, received));
    uint64_t begun = akt_sendbuf_frame(&s->out);
    bool partly = akt_sendbuf_rest(&s->out) > 0;
    akt_sendbuf_seek(&s->out, received);
    /* received more than we know to be written: nothing is sent again */
    if (begun + partly > received + 1)
        s->stats.resent += begun + partly - (received + 1);
    s->cut.len = 0;
    akt_session_say_again(s);
}

static uint64_t queued_messages(const struct akt_session *s)
{
    return s->out.last + 1 - akt_sendbuf_frame(&s->out) + s->bulk.len;
}

size_t akt_session_queued(const struct akt_session *s)
{
    return akt_sendbuf_unwritten(&s->out) + s->bulk.bytes;
}

void akt_session_read(const struct akt_session *s,
                      struct akt_session_stats *out)
{
    *out = s->stats;
    uint64_t behind = akt_sendbuf_frame(&s->out) - 1;
    out->frames_out += behind + s->stats.resent;
    out->messages_out = s->sent.messages;
    out->queued_bytes = akt_session_queued(s);
    out->queued_messages = queued_messages(s);
    out->unacked_bytes = s->out.written - s->out.freed;
    out->unsure_messages = s->out.last - s->out.acked + s->bulk.len;
    uint64_t messages = s->sent.messages - s->released.messages;
    for (int i = 0; i < AKT_CREDITS; i++) {
        uint64_t bytes = s->sent.bytes[i] - s->released.bytes[i];
        out->credit_bytes[i] =
            bytes < AKT_CREDIT_BYTES ? AKT_CREDIT_BYTES - bytes : 0;
    }
    out->credit_messages =
        messages < AKT_CREDIT_MESSAGES ? AKT_CREDIT_MESSAGES - messages : 0;
}
