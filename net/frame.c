/* SPDX-License-Identifier: MIT */
#include "net/frame.h"

#include "net/session.h"

/* What the head of each type may say. */
struct rule {
    uint32_t min, max; /* payload; max 0: no such type in a session */
    uint8_t lanes;     /* bits */
    uint8_t flags;
};

#define LANE(x) (1u << (x))
#define PAYLOAD_MAX (AKT_FRAME_MAX - AKT_FRAME_HEAD)

static const struct rule rules[AKT_FRAME_TYPES] = {
    [AKT_FRAME_MESSAGE] = {1, PAYLOAD_MAX,
                           LANE(AKT_LANE_NORMAL) | LANE(AKT_LANE_BULK),
                           AKT_FRAME_ZSTD},
    [AKT_FRAME_FRAGMENT] = {1, PAYLOAD_MAX, LANE(AKT_LANE_BULK),
                            AKT_FRAME_ZSTD | AKT_FRAME_FIRST},
    [AKT_FRAME_NODE] = {1, AKT_NODE_MAX, LANE(AKT_LANE_NORMAL), 0},
    [AKT_FRAME_ACK] = {AKT_ACK_BYTES, AKT_ACK_BYTES, LANE(AKT_LANE_CONTROL), 0},
    [AKT_FRAME_PING] = {AKT_PING_BYTES, AKT_PING_BYTES, LANE(AKT_LANE_CONTROL),
                        0},
    [AKT_FRAME_PONG] = {AKT_PING_BYTES, AKT_PING_BYTES, LANE(AKT_LANE_CONTROL),
                        0},
    [AKT_FRAME_BYE] = {0, AKT_BYE_MAX, LANE(AKT_LANE_CONTROL), 0},
};

const char *akt_frame_check(const struct akt_frame *f)
{
    if (f->type >= AKT_FRAME_TYPES || rules[f->type].max == 0)
        return "type";
    const struct rule *r = &rules[f->type];
    if (f->len < r->min || f->len > r->max)
        return "length";
    if (f->lane > AKT_LANE_BULK || !(r->lanes & LANE(f->lane)))
        return "lane";
    if (f->flags & ~(unsigned)r->flags)
        return "flags";
    if (!akt_frame_is_sequenced(f->type) && f->seq != 0)
        return "sequence";
    return NULL;
}
