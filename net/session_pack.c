/* SPDX-License-Identifier: MIT */
#include "net/session_impl.h"

#include <zstd.h>

#include "vm/base/alloc.h"

#define LEVEL 1 /* links are fast; more costs more than it saves */
/* Of a payload that is packed, or came so: of a whole message. */
#define RAW_MAX (1 + AKT_HEAD_MAX + AKT_WHOLE_MAX)

struct akt_pack {
    ZSTD_CCtx *out_ctx;
    char *out_raw, *out_packed; /* of RAW_MAX bytes each */
    ZSTD_DCtx *in_ctx;
    char *in_raw; /* apart: an event that borrows it may send */
    bool used;    /* since the last trim */
};

static struct akt_pack *pack_of(struct akt_session *s)
{
    if (!s->pack)
        s->pack = akt_calloc(sizeof *s->pack);
    s->pack->used = true;
    return s->pack;
}

static bool open_out(struct akt_pack *k)
{
    if (k->out_ctx)
        return true;
    k->out_ctx = ZSTD_createCCtx();
    if (!k->out_ctx)
        return false;
    k->out_raw = akt_alloc(RAW_MAX);
    k->out_packed = akt_alloc(RAW_MAX);
    return true;
}

static bool open_in(struct akt_pack *k)
{
    if (k->in_ctx)
        return true;
    k->in_ctx = ZSTD_createDCtx();
    if (!k->in_ctx)
        return false;
    k->in_raw = akt_alloc(RAW_MAX);
    return true;
}

bool akt_session_pack(struct akt_session *s, const struct akt_pair *in,
                      struct akt_pair *out)
{
    size_t len = in->a_len + in->b_len;
    struct akt_pack *k = pack_of(s);
    if (len > RAW_MAX || !open_out(k))
        return false;
    memcpy(k->out_raw, in->a, in->a_len);
    if (in->b_len)
        memcpy(k->out_raw + in->a_len, in->b, in->b_len);
    /* one byte less: else it is not smaller, and that is an error */
    size_t n = ZSTD_compressCCtx(k->out_ctx, k->out_packed, len - 1, k->out_raw,
                                 len, LEVEL);
    if (ZSTD_isError(n) || len / n >= AKT_PACK_RATIO)
        return false;
    s->stats.raw_bytes += len;
    s->stats.packed_bytes += n;
    *out = (struct akt_pair){.a = k->out_packed, .a_len = n};
    return true;
}

const char *akt_session_unpack(struct akt_session *s, const char *p,
                               size_t *len, const char **raw)
{
    unsigned long long size = ZSTD_getFrameContentSize(p, *len);
    /* two of its values, for "unknown" and "wrong", are over that, too */
    if (size > RAW_MAX || size / *len > AKT_PACK_RATIO)
        return "compressed size";
    struct akt_pack *k = pack_of(s);
    if (!open_in(k))
        return "compressed";
    size_t n = ZSTD_decompressDCtx(k->in_ctx, k->in_raw, (size_t)size, p, *len);
    if (ZSTD_isError(n) || n != size)
        return "compressed";
    *raw = k->in_raw;
    *len = n;
    return NULL;
}

void akt_session_fini_pack(struct akt_session *s)
{
    struct akt_pack *k = s->pack;
    if (!k)
        return;
    ZSTD_freeCCtx(k->out_ctx);
    ZSTD_freeDCtx(k->in_ctx);
    akt_free(k->out_raw, k->out_raw ? RAW_MAX : 0);
    akt_free(k->out_packed, k->out_packed ? RAW_MAX : 0);
    akt_free(k->in_raw, k->in_raw ? RAW_MAX : 0);
    akt_free(k, sizeof *k);
    s->pack = NULL;
}

void akt_session_trim_pack(struct akt_session *s)
{
    if (s->pack && !s->pack->used)
        akt_session_fini_pack(s);
    else if (s->pack)
        s->pack->used = false;
}
