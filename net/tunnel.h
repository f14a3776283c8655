/* SPDX-License-Identifier: MIT
 *
 * net/tunnel.h: admin connections over a link. A tunnel carries the lines of
 * one connection to an admin socket (net/admin.h), both ways; who asks opens
 * it, with an id that counts up.
 *
 *     who asks                       who answers
 *       OPEN, DATA..., END   ---->                  END: it says nothing more
 *                            <----   DATA...
 *                            <----   CLOSE          once, the last of a tunnel
 *       CLOSE                ---->                  it does not want more; is
 *                                                   answered by CLOSE
 *       GRANT                <--->   GRANT          so much more may be sent
 *
 * Each frame is a message of the session whose head is:
 *
 *     0  AKT_TUNNEL
 *     1  step       enum akt_tunnel_step
 *     2  side       0: who asks; 1: who answers
 *     3  id         4 bytes
 *     7  bytes      4 bytes, of GRANT only
 *
 * A side may send AKT_TUNNEL_WINDOW bytes, and what it is granted; each DATA
 * costs AKT_TUNNEL_COST more than its bytes. So who does not read holds up
 * nobody else, and what waits for the admin thread is bounded: of one link at
 * AKT_TUNNEL_QUEUE.
 *
 * Threads: any; an inbox has a lock of its own.
 */
#ifndef AKT_NET_TUNNEL_H
#define AKT_NET_TUNNEL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AKT_TUNNEL 0x80 /* no type of net/wire.h */
#define AKT_TUNNEL_HEAD_MAX 11
#define AKT_TUNNEL_DATA (64u << 10) /* bytes of one frame */
#define AKT_TUNNEL_WINDOW (256u << 10)
#define AKT_TUNNEL_COST 64u
#define AKT_TUNNEL_WHY 64   /* bytes of the word in CLOSE */
#define AKT_TUNNELS_LINK 16 /* of a link, each way */
#define AKT_TUNNELS_MAX 64  /* that a node answers */
#define AKT_TUNNEL_QUEUE \
    (2 * AKT_TUNNELS_LINK * (AKT_TUNNEL_WINDOW + 16 * AKT_TUNNEL_COST))

enum akt_tunnel_step {
    AKT_TUNNEL_OPEN = 1,
    AKT_TUNNEL_BYTES, /* DATA */
    AKT_TUNNEL_GRANT,
    AKT_TUNNEL_END,
    AKT_TUNNEL_CLOSE
};

struct akt_tunnel_frame {
    enum akt_tunnel_step step;
    bool answers; /* said by who answers */
    uint32_t id;
    uint32_t granted;
    const char *bytes; /* of DATA; of CLOSE: why, a word, or nothing */
    size_t len;
};

/* Returns the length of the head. */
size_t akt_tunnel_put(const struct akt_tunnel_frame *f,
                      char head[AKT_TUNNEL_HEAD_MAX]);
/* f->bytes, f->len are the body. False: nonsense. */
bool akt_tunnel_get(const char *head, size_t len, struct akt_tunnel_frame *f);

/* What came by links and waits for the admin thread. */
struct akt_tunnel_item {
    struct akt_tunnel_item *next;
    uint16_t link; /* its index */
    uint64_t session;
    bool gone; /* no frame: tunnels of this session are over */
    struct akt_tunnel_frame frame;
    char bytes[];
};

struct akt_tunnel_inbox {
    pthread_mutex_t lock;
    struct akt_tunnel_item *first, *last;
    void (*wake)(void *ctx); /* NULL: nobody takes */
    void *ctx;
};

void akt_tunnel_inbox_init(struct akt_tunnel_inbox *in);
void akt_tunnel_inbox_fini(struct akt_tunnel_inbox *in);
/* Who takes from here on; NULL: nobody, what there is is dropped. */
void akt_tunnel_inbox_attach(struct akt_tunnel_inbox *in,
                             void (*wake)(void *ctx), void *ctx);
/* False: nobody takes. Copies the item and the bytes of its frame. */
bool akt_tunnel_inbox_push(struct akt_tunnel_inbox *in,
                           const struct akt_tunnel_item *item);
/* The oldest, for akt_tunnel_item_free; NULL: there is none. */
struct akt_tunnel_item *akt_tunnel_inbox_take(struct akt_tunnel_inbox *in);
void akt_tunnel_item_free(struct akt_tunnel_item *item);
/* What it costs in the queue. */
static inline uint32_t akt_tunnel_cost(const struct akt_tunnel_frame *f)
{
    return (uint32_t)f->len + AKT_TUNNEL_COST;
}

#endif
