/* SPDX-License-Identifier: MIT
 *
 * net/link_impl.h: what the files of a link share.
 *
 *     link.c        the link: sessions, connections, what the machine says
 *     link_in.c     what comes
 *     link_line.c   senders that wait for credit
 *     link_tunnel.c admin requests
 *     link_read.c   what there is to see
 *
 * Threads: all under the link's lock, but for what says otherwise.
 */
#ifndef AKT_NET_LINK_IMPL_H
#define AKT_NET_LINK_IMPL_H

#include "net/link.h"

#define AKT_ACTOR_BITS (UINT64_MAX >> 16) /* of a pid: all but its node */

static inline void akt_link_append(struct akt_msg **first,
                                   struct akt_msg **last, struct akt_msg *m)
{
    m->next = NULL;
    if (*first)
        (*last)->next = m;
    else
        *first = m;
    *last = m;
}

/* What came before the program had begun; its name is looked up then. */
struct akt_link_held {
    struct akt_link_held *next;
    struct akt_msg *m;
    uint64_t epoch; /* of its session, which may be over */
    size_t name_len;
    char name[];
};
/* Those of the first session to what has arrived; which one that was. */
uint64_t akt_link_let_go(struct akt_link *l);
void akt_link_free_held(struct akt_link *l);

/* Events of its session. */
void akt_link_on_message(void *ctx, const char *head, size_t head_len,
                         const char *body, size_t body_len);
void akt_link_on_block(void *ctx, const char *head, size_t head_len,
                       struct akt_msg *m);
bool akt_link_on_node(void *ctx, const char *bytes, size_t len);

/* ---- link.c ---- */
/* Into the session, which takes it. */
void akt_link_put(struct akt_link *l, struct akt_msg *m);
void akt_link_write_now(struct akt_link *l);

/* ---- link_line.c ---- */
bool akt_link_must_wait(const struct akt_link *l, const struct akt_msg *m);
/* A message of akt_msg_new_ack. */
void akt_link_wait_in_line(struct akt_link *l, struct akt_msg *m);
/* All that have credit now; an event of the session. */
void akt_link_let_in(void *link);
/* Those who gave up, wherever they stand. */
void akt_link_drop_late(struct akt_link *l, uint64_t now_ns);
/* All that wait, as a list. */
struct akt_msg *akt_link_take_lines(struct akt_link *l);
/* It is bounced behind the lock. */
void akt_link_drop(struct akt_link *l, struct akt_msg *m, enum akt_code why);

/* ---- link_read.c ---- */
/* Adds what only grows. */
void akt_link_count(struct akt_session_stats *all,
                    const struct akt_session_stats *s);

/* ---- link_tunnel.c ---- */
/* A message whose head begins with AKT_TUNNEL. */
void akt_link_on_tunnel(struct akt_link *l, const struct akt_wire_in *in);
/* Tells who takes the frames that there are no more of this session. Under the
 * lock or not. */
void akt_link_tunnels_gone(struct akt_link *l, uint64_t session);

#endif
