/* SPDX-License-Identifier: MIT
 *
 * net/frame.h: the 12 bytes in front of everything that nodes say to each
 * other. Numbers are little endian, whatever the machine is.
 *
 *     0        4      5      6        8            12
 *     +--------+------+------+--------+------------+---------
 *     | length | type | lane | flags  | sequence   | payload
 *     +--------+------+------+--------+------------+---------
 *
 * Length is that of the payload. Sequenced frames are numbered from 1 on, as
 * they are written; the low 32 bits travel. The others have 0 there.
 *
 * Threads: any; plain functions.
 */
#ifndef AKT_NET_FRAME_H
#define AKT_NET_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define AKT_FRAME_HEAD 12

enum akt_frame_type {
    /* before the session: net/hello.h */
    AKT_FRAME_HELLO = 1,
    AKT_FRAME_ANSWER = 2,
    AKT_FRAME_REFUSED = 3,
    /* sequenced */
    AKT_FRAME_MESSAGE = 16,
    AKT_FRAME_FRAGMENT = 17,
    AKT_FRAME_NODE = 18,
    /* control */
    AKT_FRAME_ACK = 32,
    AKT_FRAME_PING = 33,
    AKT_FRAME_PONG = 34,
    AKT_FRAME_BYE = 35,
    AKT_FRAME_TYPES
};

enum akt_frame_lane { AKT_LANE_CONTROL, AKT_LANE_NORMAL, AKT_LANE_BULK };

enum akt_frame_flags {
    AKT_FRAME_ZSTD = 1,  /* the payload is one zstd frame */
    AKT_FRAME_FIRST = 2, /* a fragment: the first one of its message */
};

#define AKT_ACK_BYTES 32
#define AKT_PING_BYTES 8
#define AKT_BYE_MAX 255

struct akt_frame {
    uint32_t len; /* of the payload */
    uint8_t type, lane;
    uint16_t flags;
    uint32_t seq;
};

static inline void akt_put16(char *p, uint16_t v)
{
    p[0] = (char)v;
    p[1] = (char)(v >> 8);
}

static inline void akt_put32(char *p, uint32_t v)
{
    akt_put16(p, (uint16_t)v);
    akt_put16(p + 2, (uint16_t)(v >> 16));
}

static inline void akt_put64(char *p, uint64_t v)
{
    akt_put32(p, (uint32_t)v);
    akt_put32(p + 4, (uint32_t)(v >> 32));
}

static inline uint16_t akt_get16(const char *p)
{
    return (uint16_t)((uint8_t)p[0] | (uint8_t)p[1] << 8);
}

static inline uint32_t akt_get32(const char *p)
{
    return (uint32_t)akt_get16(p) | (uint32_t)akt_get16(p + 2) << 16;
}

static inline uint64_t akt_get64(const char *p)
{
    return (uint64_t)akt_get32(p) | (uint64_t)akt_get32(p + 4) << 32;
}

static inline void akt_frame_put(char *p, const struct akt_frame *f)
{
    akt_put32(p, f->len);
    p[4] = (char)f->type;
    p[5] = (char)f->lane;
    akt_put16(p + 6, f->flags);
    akt_put32(p + 8, f->seq);
}

static inline struct akt_frame akt_frame_get(const char *p)
{
    return (struct akt_frame){.len = akt_get32(p),
                              .type = (uint8_t)p[4],
                              .lane = (uint8_t)p[5],
                              .flags = akt_get16(p + 6),
                              .seq = akt_get32(p + 8)};
}

/* Of a frame whose head stands there, head and payload. */
static inline uint64_t akt_frame_size(const char *p)
{
    return (uint64_t)akt_get32(p) + AKT_FRAME_HEAD;
}

/* NULL: a head that a session may receive; else why not ("type", "length",
 * "lane", "flags", "sequence"). */
const char *akt_frame_check(const struct akt_frame *f);

static inline bool akt_frame_is_sequenced(uint8_t type)
{
    return type < AKT_FRAME_ACK;
}

#endif
