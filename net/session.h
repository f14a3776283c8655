/* SPDX-License-Identifier: MIT
 *
 * net/session.h: what two nodes say to each other, without sockets or clocks.
 *
 * A session outlives its connections: it numbers the frames it sends, keeps
 * them until the other side has them, and goes on over the next connection
 * where the last one broke. Bytes go in by akt_session_feed and come out by
 * akt_session_fill; the frames are drawn in net/PROTOCOL.md.
 *
 * Lanes. Control frames are written first and need no credit. Messages of up
 * to AKT_WHOLE_MAX bytes are written in order, as whole frames. Longer ones
 * (the bulk lane) are cut into fragments of AKT_FRAGMENT bytes which are
 * written in turn with the others, so that none waits for the whole of one.
 * While a message of a key (its sender) is in the bulk lane, later ones of the
 * same key go there too: order per key is kept over all lanes.
 *
 * Credit. The sender may be AKT_CREDIT_BYTES (of bodies) and
 * AKT_CREDIT_MESSAGES ahead of what the receiver has released; long messages
 * have as many bytes of their own, so that others need not wait until one of
 * them has been handled. What is exempt (replies, ends, ties) counts, but needs
 * none.
 *
 * Invariants
 *   S1  What on_message is called with is a beginning of what was sent: in
 *       order per key, without gap or double, however often the connection
 *       broke in between.
 *   S2  Memory is bounded: AKT_RETAIN_BYTES that are written and not
 *       acknowledged (then fill writes control frames only) and one message
 *       more, what has credit, one frame that was cut off, and one message
 *       being put together, which grows with the bytes that came and not with
 *       what is announced. Two pings without traffic give back what was kept
 *       for the next message.
 *   S3  Any bytes may be fed: they are taken, or refused with a reason; after a
 *       refusal the session is broken.
 *
 * Ownership: a session takes the blocks it sends; on_message borrows.
 * Threads:   one at a time; its link's lock (net/link.h).
 */
#ifndef AKT_NET_SESSION_H
#define AKT_NET_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct akt_msg;
struct akt_session;

#define AKT_FRAME_MAX (1u << 20)    /* bytes of a frame */
#define AKT_WHOLE_MAX (128u << 10)  /* bytes of a message in one frame */
#define AKT_FRAGMENT (64u << 10)    /* bytes of a piece of a longer one */
#define AKT_CREDIT_BYTES (8u << 20) /* and one message more, of each kind */
#define AKT_CREDIT_MESSAGES 65536u
#define AKT_RETAIN_BYTES (16u << 20)
#define AKT_HEAD_MAX 255  /* bytes in front of a message's body */
#define AKT_NODE_MAX 1024 /* bytes of akt_session_send_node */
/* Payload that comes out of one byte of zstd at most; nobody sends more. */
#define AKT_PACK_RATIO 250

/* Which bytes a message counts to. */
enum akt_credit { AKT_CREDIT_SHORT, AKT_CREDIT_LONG, AKT_CREDITS };

static inline enum akt_credit akt_credit_of(size_t body_len)
{
    return body_len > AKT_WHOLE_MAX ? AKT_CREDIT_LONG : AKT_CREDIT_SHORT;
}

/* What comes out of received bytes. Events may send, release, ping and say bye;
 * not feed, fill, resume or destroy. */
struct akt_session_events {
    void *ctx;
    /* A message: its head, and its body. Borrowed until it returns. */
    void (*on_message)(void *ctx, const char *head, size_t head_len,
                       const char *body, size_t body_len);
    /* The other side says which node its index means, before it uses it; the
     * bytes are the caller's (net/wire.h). False: refused, with why. */
    bool (*on_node)(void *ctx, const char *bytes, size_t len);
    /* The other side has released what had no credit. */
    void (*on_credit)(void *ctx);
    /* The answer to the last akt_session_ping: what was said then. */
    void (*on_pong)(void *ctx, uint64_t said);
    /* The other side ends the session; why is its word, of up to 255 bytes. */
    void (*on_bye)(void *ctx, const char *why, size_t len);
    /* As on_message, for one that came in fragments: in a block of its own,
     * which is the callee's. NULL: on_message is called for these, too. */
    void (*on_block)(void *ctx, const char *head, size_t head_len,
                     struct akt_msg *m);
};

struct akt_session_config {
    bool compress;                           /* both sides want zstd */
    const struct akt_session_events *events; /* borrowed */
};

struct akt_session *akt_session_create(const struct akt_session_config *c);
void akt_session_destroy(struct akt_session *s); /* NULL allowed */
/* For one that was made before its first connection: whether both sides know
 * zstd, and whether this one packs what it sends from now on. */
void akt_session_set_zstd(struct akt_session *s, bool both, bool packs);

/* ---- sending ---- */

/* Whether a message that is not exempt may be sent, however long: there is any
 * credit of its kind. on_credit says when there is some again. */
bool akt_session_has_credit(const struct akt_session *s, enum akt_credit kind);

struct akt_parcel {
    const char *head;  /* copied; NULL allowed if head_len is 0 */
    size_t head_len;   /* up to AKT_HEAD_MAX */
    struct akt_msg *m; /* its body follows; taken. NULL: no body */
    uint64_t key;      /* order is kept among those of one key */
};
/* After bye or a refusal it is dropped. */
void akt_session_send(struct akt_session *s, const struct akt_parcel *p);
/* Comes before all that is sent later. An index keeps its meaning as long as
 * the session: what is in the bulk lane may come after it. */
void akt_session_send_node(struct akt_session *s, const char *bytes,
                           size_t len);
void akt_session_ping(struct akt_session *s, uint64_t say);
/* The last frame, behind all that was sent; nothing else is written then. */
void akt_session_bye(struct akt_session *s, const char *why);
/* So much of what came by on_message is the receiver's burden no more: messages
 * of this kind, and bytes of their bodies. */
void akt_session_release(struct akt_session *s, enum akt_credit kind,
                         uint64_t messages, uint64_t bytes);

/* Up to `max` pieces to be written next, in order; they stay where they are
 * until akt_session_wrote, which may say less. In between one may send and feed
 * (so the bytes may be written without the link's lock), not fill again or
 * resume. 0: there is nothing. */
int akt_session_fill(struct akt_session *s, struct iovec *v, int max);
void akt_session_wrote(struct akt_session *s, size_t bytes);
/* Bytes that fill would give by and by. */
size_t akt_session_queued(const struct akt_session *s);
/* Whether fill would give something. */
bool akt_session_has_output(const struct akt_session *s);

/* ---- receiving ---- */

/* All of the bytes are taken; calls events. NULL: fine; else why it is broken,
 * a static text of net/PROTOCOL.md ("length", "sequence", "type", ...). At the
 * end of a batch there is an acknowledgement to be written if one is due. */
const char *akt_session_feed(struct akt_session *s, const char *p, size_t len);

/* ---- over to the next connection ---- */

uint64_t akt_session_received(const struct akt_session *s); /* frames */
/* Whether all that comes behind frame `received` can be sent again. */
bool akt_session_can_resume(const struct akt_session *s, uint64_t received);
/* Goes on behind frame `received`, on a new connection: frames that were begun
 * are begun again, and control frames that were lost are said again. */
void akt_session_resume(struct akt_session *s, uint64_t received);

struct akt_session_stats {
    uint64_t frames_out, frames_in, bytes_out, bytes_in;
    uint64_t messages_out, messages_in;
    uint64_t resent; /* frames */
    /* not written yet; fragments in line count as messages */
    uint64_t queued_bytes, queued_messages;
    uint64_t unacked_bytes;
    /* not known to have arrived, written or not: what may be lost when the
     * session ends now; fragments in line count as messages */
    uint64_t unsure_messages;
    uint64_t credit_bytes[AKT_CREDITS], credit_messages; /* left */
    uint64_t raw_bytes, packed_bytes; /* of what was compressed */
};
void akt_session_read(const struct akt_session *s,
                      struct akt_session_stats *out);

#endif
