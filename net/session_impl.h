/* SPDX-License-Identifier: MIT
 *
 * net/session_impl.h: what the parts of a session share.
 *
 *     send -> [bulk queue] -> send buffer -> fill        session_out.c
 *                             control  ------^
 *     feed -> [cut frame] -> take -> events              session_in.c
 *             [one long message]
 *     zstd, both ways                                    session_pack.c
 *
 * Whole frames get their place in the send buffer, and their number, when they
 * are sent; a fragment gets it when its turn has come. So what is written is
 * always the send buffer from front to back, with control frames between two
 * of its frames.
 */
#ifndef AKT_NET_SESSION_IMPL_H
#define AKT_NET_SESSION_IMPL_H

#include "net/frame.h"
#include "net/sendbuf.h"
#include "net/session.h"
#include "vm/base/buf.h"
#include "vm/base/map.h"

/* Control frames that are written at once: ACK, PING, PONG, BYE. */
#define AKT_CONTROL_MAX \
    (4 * AKT_FRAME_HEAD + AKT_ACK_BYTES + 2 * AKT_PING_BYTES + AKT_BYE_MAX)

/* A message that waits in the bulk lane; the first one has been begun. */
struct akt_bulk {
    struct akt_bulk *next;
    struct akt_msg *m; /* until the send buffer has it */
    uint64_t key;
    uint32_t done; /* bytes of the body that are in the send buffer */
    uint8_t head_len;
    char head[];
};

struct akt_bulk_queue {
    struct akt_bulk *first, *last;
    struct akt_map keys; /* key -> how many of it wait */
    uint64_t bytes;      /* that wait */
    uint32_t len;
    uint32_t turn; /* bytes of whole frames since the last fragment */
};

/* Cumulative, of all that came in; what an ACK says. */
struct akt_totals {
    uint64_t frames, messages, bytes[AKT_CREDITS];
};

struct akt_control {
    char bytes[AKT_CONTROL_MAX]; /* being written */
    uint32_t len, done;
    size_t before; /* bytes of the send buffer that go first */
    bool ack_due, ping_due, pong_due, pinging;
    bool bye, bye_out; /* was asked for; is written or in `bytes` */
    uint64_t ping, pong;
    struct akt_totals said;
    uint8_t why_len;
    char why[AKT_BYE_MAX];
};

/* A long message that is put together in its block. */
struct akt_whole {
    struct akt_msg *m;
    uint32_t len, total; /* bytes that came, and will */
    uint8_t head_len;
    char head[AKT_HEAD_MAX];
};

struct akt_pack; /* contexts and room of zstd */

struct akt_session {
    const struct akt_session_events *events;
    bool compress; /* the other side may pack ... */
    bool packs;    /* ... and this one does */
    bool bye_in;
    bool trim_due;      /* by the next fill: an event may be borrowing */
    const char *broken; /* why, or NULL */
    /* out */
    struct akt_sendbuf out;
    struct akt_bulk_queue bulk;
    struct akt_control control;
    struct akt_totals sent, released; /* by us, by the other side */
    /* in */
    struct akt_totals in, freed; /* came; released by our side */
    uint64_t in_bytes_said;      /* of stats.bytes_in, when we last said ACK */
    struct akt_buf cut;          /* the frame that was cut off at the end */
    struct akt_whole whole;
    struct akt_pack *pack; /* NULL until it is needed */
    struct akt_session_stats stats;
};

/* ---- session_out.c ---- */
void akt_session_fini_out(struct akt_session *s);
/* What is lost with a connection is said again. */
void akt_session_say_again(struct akt_session *s);

/* ---- session_in.c ---- */
void akt_session_fini_in(struct akt_session *s);

/* ---- session_pack.c ---- */
/* The two as one zstd frame; false: it would not be smaller. The bytes stay
 * until the next call. */
struct akt_pair {
    const char *a, *b;
    size_t a_len, b_len;
};
bool akt_session_pack(struct akt_session *s, const struct akt_pair *in,
                      struct akt_pair *out);
/* NULL: *raw and *len are what was in it, until the next call; else why it is
 * refused. */
const char *akt_session_unpack(struct akt_session *s, const char *p,
                               size_t *len, const char **raw);
void akt_session_trim_pack(struct akt_session *s);
void akt_session_fini_pack(struct akt_session *s);

/* ---- session.c ---- */
/* Gives back what was kept for the next messages, when none came. */
void akt_session_trim(struct akt_session *s);

#endif
