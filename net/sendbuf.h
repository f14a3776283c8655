/* SPDX-License-Identifier: MIT
 *
 * net/sendbuf.h: the send buffer of a session: frames in the order in which
 * they are written, kept until the other side has them.
 *
 * Bytes stand in segments. A segment is a part of a chunk, with whole frames
 * or the head of a last one, or (behind such a head) a part of a message's
 * block, which is not copied:
 *
 *     [ chunk: frame frame frame head ][ block: body ][ chunk: frame ...
 *       ^ freed: acknowledged    ^ at: written up to here        end ^
 *
 * Invariants
 *   B1  Bytes do not move, and are not freed in front of the write position.
 *   B2  A segment of a chunk begins with a frame; a frame that does not end in
 *       it ends with the segment behind it.
 *
 * Ownership: it owns chunks, and a block from the segment on that has it.
 * Threads:   those of its session.
 */
#ifndef AKT_NET_SENDBUF_H
#define AKT_NET_SENDBUF_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct akt_msg;

/* Room for some hundred small messages; what an idle link may hold on to. */
#define AKT_SENDBUF_CHUNK (32u << 10)

struct akt_sendbuf_chunk {
    uint32_t refs; /* segments, and one while it is `chunk` */
    uint32_t used, cap;
    char bytes[];
};

struct akt_sendbuf_seg {
    struct akt_sendbuf_seg *next;
    struct akt_sendbuf_chunk *chunk; /* NULL: a part of a block */
    struct akt_msg *m;               /* freed with this segment, or NULL */
    const char *p;
    uint32_t len;
    uint64_t first; /* frame that begins in it; of a chunk */
    uint64_t last;  /* frame that has bytes in it */
};

struct akt_sendbuf {
    struct akt_sendbuf_seg *head, *tail;
    struct akt_sendbuf_seg *open;    /* the tail, if it is of `chunk` */
    struct akt_sendbuf_chunk *chunk; /* is being appended to */
    struct akt_sendbuf_chunk *spare;
    struct akt_sendbuf_seg *spare_seg;
    uint64_t last;  /* frame appended */
    uint64_t given; /* frame that may have been written */
    uint64_t acked; /* frame that the other side has */
    uint64_t end;   /* positions in all bytes ever appended */
    uint64_t freed;
    uint64_t written;
    /* the write position again */
    struct akt_sendbuf_seg *at; /* NULL: there are no segments */
    uint32_t off;
    uint32_t frame; /* not behind off; a frame begins there (at: a chunk) */
};

struct akt_sendbuf_place { /* in front of a byte to be written */
    struct akt_sendbuf_seg *at;
    uint32_t off;
};

void akt_sendbuf_fini(struct akt_sendbuf *b); /* all zero is a new one */

/* A segment that has room for `n` bytes of a frame. */
void akt_sendbuf_open(struct akt_sendbuf *b, size_t n);

/* Room for `n` bytes, with which a frame begins. */
static inline char *akt_sendbuf_reserve(struct akt_sendbuf *b, size_t n)
{
    if (!b->open || b->chunk->cap - b->chunk->used < n)
        akt_sendbuf_open(b, n);
    return b->chunk->bytes + b->chunk->used;
}

/* So many of them are frame `last` + 1, or how it begins. */
static inline void akt_sendbuf_commit(struct akt_sendbuf *b, size_t n)
{
    b->chunk->used += (uint32_t)n;
    b->open->len += (uint32_t)n;
    b->open->last = ++b->last;
    b->end += n;
}

/* The rest of the frame that was committed last. */
struct akt_sendbuf_part {
    const char *p;
    size_t len;
    struct akt_msg *m; /* is freed with it; NULL: somebody else's */
};
void akt_sendbuf_add_part(struct akt_sendbuf *b,
                          const struct akt_sendbuf_part *part);

/* Bytes from the write position to the end of the frame that was begun. */
size_t akt_sendbuf_rest(struct akt_sendbuf *b);
struct akt_sendbuf_place akt_sendbuf_place(const struct akt_sendbuf *b);
/* Up to `max` pieces with up to `bytes` bytes from there on; moves it. */
int akt_sendbuf_gather(struct akt_sendbuf *b, struct akt_sendbuf_place *from,
                       size_t bytes, struct iovec *v, int max);
void akt_sendbuf_wrote(struct akt_sendbuf *b, size_t n);
static inline uint64_t akt_sendbuf_unwritten(const struct akt_sendbuf *b)
{
    return b->end - b->written;
}
/* The frame the write position stands in or in front of. */
uint64_t akt_sendbuf_frame(const struct akt_sendbuf *b);

/* False: it was never written, or acknowledged before. */
bool akt_sendbuf_ack(struct akt_sendbuf *b, uint64_t frame);
/* Writes again from behind this frame on, which is from `acked` to `given`. */
void akt_sendbuf_seek(struct akt_sendbuf *b, uint64_t frame);
/* Gives back what is kept for the next message. */
void akt_sendbuf_trim(struct akt_sendbuf *b);

#endif
