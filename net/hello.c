/* SPDX-License-Identifier: MIT */
#include "net/hello.h"

#include "net/frame.h"

/* In front of the names: magic, versions, features, incarnation, session,
 * received, flags. */
#define MAGIC "akvm"
#define FIXED 37
#define RESUMES 1 /* a flag */

static const char *const words[] = {
#define WORD(id, word) [AKT_REFUSED_##id] = word,
    AKT_REFUSALS(WORD)
#undef WORD
};

const char *akt_refusal_name(enum akt_refusal r)
{
    return (unsigned)r < AKT_REFUSAL_COUNT ? words[r] : "unknown";
}

/* ---- writing ---- */

static void put_text(struct akt_buf *out, const char *s)
{
    size_t len = strlen(s);
    akt_buf_putc(out, (char)len); /* up to AKT_ADDRESS_MAX */
    akt_buf_add(out, s, len);
}

/* Room for the head, which is filled in when the length is known. */
static size_t begin_frame(struct akt_buf *out)
{
    size_t at = out->len;
    akt_buf_reserve(out, AKT_FRAME_HEAD);
    out->len += AKT_FRAME_HEAD;
    return at;
}

static void end_frame(struct akt_buf *out, size_t at, enum akt_frame_type type)
{
    akt_frame_put(
        out->data + at,
        &(struct akt_frame){.len = (uint32_t)(out->len - at - AKT_FRAME_HEAD),
                            .type = (uint8_t)type});
}

void akt_hello_write(const struct akt_hello *h, bool answer,
                     struct akt_buf *out)
{
    size_t at = begin_frame(out);
    char *p = akt_buf_reserve(out, FIXED);
    memcpy(p, MAGIC, 4);
    akt_put16(p + 4, h->version_min);
    akt_put16(p + 6, h->version_max);
    akt_put32(p + 8, h->features);
    akt_put64(p + 12, h->incarnation);
    akt_put64(p + 20, h->session);
    akt_put64(p + 28, h->received);
    p[36] = h->resumes ? RESUMES : 0;
    out->len += FIXED;
    put_text(out, h->cluster);
    put_text(out, h->name);
    put_text(out, h->address);
    end_frame(out, at, answer ? AKT_FRAME_ANSWER : AKT_FRAME_HELLO);
}

void akt_hello_write_refusal(enum akt_refusal why, struct akt_buf *out)
{
    size_t at = begin_frame(out);
    put_text(out, akt_refusal_name(why));
    end_frame(out, at, AKT_FRAME_REFUSED);
}

/* ---- reading ---- */

struct reader {
    const char *p;
    size_t len;
};

/* Visible ASCII only: names go to logs and to terminals. */
static bool is_visible(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] <= ' ' || s[i] > '~')
            return false;
    return true;
}

/* A text of up to `max` bytes into max + 1. */
static bool get_text(struct reader *r, char *out, size_t max)
{
    size_t len = r->len > 0 ? (uint8_t)r->p[0] : 0;
    if (r->len < 1 + len || len > max || !is_visible(r->p + 1, len))
        return false;
    memcpy(out, r->p + 1, len);
    out[len] = 0;
    r->p += 1 + len;
    r->len -= 1 + len;
    return true;
}

/* What follows the address is of a later version, and nothing to us. */
static bool get_hello(struct reader r, struct akt_hello *h)
{
    if (r.len < FIXED || memcmp(r.p, MAGIC, 4) != 0)
        return false;
    h->version_min = akt_get16(r.p + 4);
    h->version_max = akt_get16(r.p + 6);
    h->features = akt_get32(r.p + 8);
    h->incarnation = akt_get64(r.p + 12);
    h->session = akt_get64(r.p + 20);
    h->received = akt_get64(r.p + 28);
    h->resumes = r.p[36] & RESUMES;
    r.p += FIXED;
    r.len -= FIXED;
    return get_text(&r, h->cluster, AKT_CLUSTER_NAME_MAX) &&
           get_text(&r, h->name, AKT_NODE_NAME_MAX) &&
           get_text(&r, h->address, AKT_ADDRESS_MAX);
}

/* A word that we do not know is NONE. */
static bool get_refusal(struct reader r, enum akt_refusal *why)
{
    char word[AKT_ADDRESS_MAX + 1];
    if (!get_text(&r, word, AKT_ADDRESS_MAX))
        return false;
    *why = AKT_REFUSED_NONE;
    for (int i = 0; i < AKT_REFUSAL_COUNT; i++)
        if (strcmp(word, words[i]) == 0)
            *why = (enum akt_refusal)i;
    return true;
}

/* Whether the head, or as much as there is of it, can be one of ours. */
static bool may_be_ours(const char *p, size_t len)
{
    char head[AKT_FRAME_HEAD] = {0};
    head[4] = AKT_FRAME_HELLO; /* what has not come yet is as it should be */
    if (len > 0)               /* p may be NULL */
        memcpy(head, p, len < sizeof head ? len : sizeof head);
    struct akt_frame f = akt_frame_get(head);
    return f.len <= AKT_HELLO_MAX - AKT_FRAME_HEAD &&
           f.type >= AKT_FRAME_HELLO && f.type <= AKT_FRAME_REFUSED &&
           f.lane == AKT_LANE_CONTROL && f.flags == 0 && f.seq == 0;
}

static void read_frame(const char *p, struct akt_hello_read *out)
{
    struct akt_frame f = akt_frame_get(p);
    struct reader r = {p + AKT_FRAME_HEAD, f.len};
    bool ok;
    out->len = AKT_FRAME_HEAD + (size_t)f.len;
    if (f.type == AKT_FRAME_REFUSED) {
        ok = get_refusal(r, &out->why);
        out->kind = AKT_HELLO_REFUSED;
    } else {
        ok = get_hello(r, &out->hello);
        out->kind =
            f.type == AKT_FRAME_HELLO ? AKT_HELLO_ASKED : AKT_HELLO_ANSWERED;
    }
    if (!ok)
        out->kind = AKT_HELLO_BAD;
}

struct akt_hello_read akt_hello_read(const char *p, size_t len)
{
    struct akt_hello_read out = {.kind = AKT_HELLO_MORE};
    if (!may_be_ours(p, len))
        out.kind = AKT_HELLO_BAD;
    else if (len >= AKT_FRAME_HEAD && len >= akt_frame_size(p))
        read_frame(p, &out);
    return out;
}

/* ---- judging ---- */

static bool is_name(const char *s)
{
    return s[0] && !strchr(s, '@'); /* "name@node" has to be readable */
}

enum akt_refusal akt_hello_judge(const struct akt_hello *mine,
                                 const struct akt_hello *theirs,
                                 uint16_t *version, uint32_t *features)
{
    uint16_t low = mine->version_min, high = mine->version_max;
    if (low < theirs->version_min)
        low = theirs->version_min;
    if (high > theirs->version_max)
        high = theirs->version_max;
    if (low > high)
        return AKT_REFUSED_VERSION;
    if (strcmp(mine->cluster, theirs->cluster) != 0)
        return AKT_REFUSED_CLUSTER;
    if (!is_name(theirs->name) || strcmp(mine->name, theirs->name) == 0)
        return AKT_REFUSED_NAME;
    *version = high;
    *features = mine->features & theirs->features;
    return AKT_REFUSED_NONE;
}

bool akt_hello_is_of(const char *name, const char *identity)
{
    size_t len = strlen(identity);
    return strncmp(name, identity, len) == 0 &&
           (!name[len] || name[len] == AKT_CLIENT_MARK);
}
