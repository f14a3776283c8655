/* SPDX-License-Identifier: MIT
 *
 * net/link.h: the link to one other node: what the machine posts to it, and
 * what comes from there. Connections come and go beneath (struct akt_pipe),
 * the session goes on over the next one; when it cannot, the other node is
 * gone for all who have to do with it (vm/remote.h).
 *
 *     IDLE       no session; the first message asks for a connection
 *     WAITING    messages are kept while a connection is being made, or made
 *                again
 *     UP         there is a connection
 *
 * WAITING has an end: `until_ns`. From there, or when the other node says
 * goodbye, the session is lost: the link is IDLE again, and counts.
 *
 * Invariants
 *   L1  What is posted to a link with a session is in it or waits in order for
 *       credit; all else is bounced with `noconnection`.
 *   L2  Messages of a session are delivered in order, by one thread at a time,
 *       and akt_remote_gone comes behind all of them, once for each session.
 *   L3  While `lock` is held nothing is posted to the machine.
 *   L4  Who accepts a new session writes nothing in it before the opener does,
 *       and the opener does at once. So when the answer to the opener is lost
 *       the session is nobody's, and all that waits in it goes into the next.
 *
 * Ownership: the network (net/network.h) owns links; none is freed before it
 *            ends. A link owns its pipe.
 * Threads:   as each line says. Locks: read_lock before lock; of two links
 *            never both.
 */
#ifndef AKT_NET_LINK_H
#define AKT_NET_LINK_H

#include <pthread.h>

#include "net/hello.h"
#include "net/session.h"
#include "net/wire.h"
#include "vm/remote.h"

struct akt_link;

/* One connection. Its owner calls akt_link_input and akt_link_output. */
struct akt_pipe {
    /* Under the link's lock, on any thread. Bytes written, 0: not now, the
     * pipe will call akt_link_output; -1: it is broken. */
    ssize_t (*write)(struct akt_pipe *p, const struct iovec *v, int n);
    /* Not used any more; freed when its owner sees to it. */
    void (*close)(struct akt_pipe *p);
    bool opener; /* this node has opened it */
};

enum akt_link_state { AKT_LINK_IDLE, AKT_LINK_WAITING, AKT_LINK_UP };

struct akt_link_rename {
    uint16_t (*rename)(void *ctx, uint16_t index);
    void *ctx;
};

/* What links ask of the network. [any], under the link's lock. */
struct akt_link_ops {
    /* A connection is wanted, now. */
    void (*dial)(struct akt_link *l);
    /* What the host does to a body: akt_codec_import. */
    bool (*import)(struct akt_link *l, char *bytes, size_t len,
                   const struct akt_link_rename *r);
    /* The index here of a node that the other side has told of; 0: refused. */
    uint16_t (*learn)(struct akt_link *l, const struct akt_wire_node *n);
    /* Fills n with node `index` here; false: there is none. */
    bool (*tell)(struct akt_link *l, uint16_t index, struct akt_wire_node *n);
};

struct akt_link_stats {
    struct akt_session_stats session;
    uint64_t sessions, connections, lost_messages, refused_bodies;
    uint64_t round_trip_ns; /* of the last ping; 0: none yet */
    enum akt_link_state state;
    uint32_t waiting; /* senders without credit */
};

struct akt_link {
    pthread_mutex_t lock;
    pthread_mutex_t read_lock;
    struct akt_node *node;
    const struct akt_link_ops *ops;
    void *network;
    uint16_t index; /* of the other node, here */
    /* under the lock */
    enum akt_link_state state;
    struct akt_session *session; /* NULL: IDLE */
    uint64_t session_id;         /* 0: never had a connection */
    /* The other side accepted nothing yet: it may not know of session_id, so
     * nothing is written in it before it speaks (L4). */
    bool offered;
    struct akt_pipe *pipe; /* UP */
    bool compress;
    uint64_t until_ns; /* WAITING: lost then; IDLE: not dialled before */
    uint64_t heard_ns, said_ns;
    uint32_t told;   /* nodes up to this index have been told of */
    uint16_t *names; /* index there -> index here; 0: unknown */
    uint32_t names_len;
    struct akt_msg *wait_first, *wait_last; /* for credit */
    bool dirty;                             /* on the list of a worker */
    struct akt_link *next_dirty;
    /* collected under the lock, delivered behind it */
    struct akt_msg *arrived_first, *arrived_last;
    struct akt_msg *own_first, *own_last;         /* answers to waiters */
    struct akt_msg *bounced_first, *bounced_last; /* each with its code */
    bool gone;                                    /* a session is over */
    const char *broken; /* why the session was fed nonsense */
    bool bye;
    bool spoke;    /* since the last tick */
    bool replaced; /* another incarnation has its name: never dialled */
    struct akt_session_events events;
    struct akt_link_stats stats;
};

#define AKT_LINK_PING_NS 1000000000ull
#define AKT_LINK_SILENT_NS 9500000000ull /* nothing was heard: lost */
#define AKT_LINK_REST_NS 1000000000ull   /* IDLE, before it dials again */
#define AKT_LINK_RESUME_NS 10000000000ull
#define AKT_LINK_DIAL_NS 5000000000ull  /* for the first connection */
#define AKT_LINK_QUEUE_MAX (512u << 20) /* bytes not written: lost */

void akt_link_init(struct akt_link *l);
/* [start] */
void akt_link_fini(struct akt_link *l);

/* The machine's side: as in vm/remote.h. */
void akt_link_post(struct akt_link *l, struct akt_isolate *from,
                   struct akt_msg *m);
enum akt_code akt_link_send(struct akt_link *l, struct akt_isolate *iso,
                            struct akt_msg *m);
void akt_link_wait(struct akt_link *l, struct akt_isolate *iso,
                   struct akt_msg *m);
/* [worker] Writes all that the worker has sent. */
void akt_link_flush(struct akt_worker *w);
/* As in struct akt_remote; the low 16 bits of a token are the link's index. */
void akt_link_released(struct akt_link *l, uint64_t token, uint32_t size);

/* The connection's side. [any] */

/* Another connection is there for it: the last one is not read any more, so
 * that what a hello says of the session stays true until akt_link_up. */
void akt_link_hold(struct akt_link *l);
/* For a hello: the session there is, and how far it has come; 0, 0. */
void akt_link_describe(struct akt_link *l, uint64_t *session,
                       uint64_t *received);
/* Whether a session that the other side has at `received` goes on. */
bool akt_link_can_resume(struct akt_link *l, uint64_t session,
                         uint64_t received);
/* A connection over which both sides speak now. */
struct akt_link_greeting {
    struct akt_pipe *pipe; /* taken */
    uint64_t session;
    bool resumes;
    uint64_t received; /* resumes: by the other side */
    bool compress;
    const char *rest; /* bytes that came behind the greeting */
    size_t rest_len;
};
void akt_link_up(struct akt_link *l, const struct akt_link_greeting *g);
/* Bytes of this pipe, which may be one that is not used any more. */
void akt_link_input(struct akt_link *l, struct akt_pipe *p, const char *bytes,
                    size_t len);
/* It can be written again. */
void akt_link_output(struct akt_link *l, struct akt_pipe *p);
/* It is broken; WAITING for at most so long. */
void akt_link_broke(struct akt_link *l, struct akt_pipe *p, uint64_t ns);
/* WAITING: no connection can be made. */
void akt_link_give_up(struct akt_link *l);
/* The node ends: the other side is told. */
void akt_link_bye(struct akt_link *l);
/* Says something, to see whether the connection is dead. */
void akt_link_poke(struct akt_link *l);
enum akt_link_state akt_link_state(struct akt_link *l);
bool akt_link_is_opener(struct akt_link *l); /* of the connection it has */
/* The other node is no more what it was. */
void akt_link_lose(struct akt_link *l);
/* Another one has its name now: IDLE until it connects by itself. */
void akt_link_replace(struct akt_link *l);
/* Looks at the time: pings, silence, ends of waiting. */
void akt_link_tick(struct akt_link *l, uint64_t now_ns);
void akt_link_read(struct akt_link *l, struct akt_link_stats *out);

#endif
