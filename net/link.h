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
 *   L1  What is posted to a link with a session is in it or waits for credit,
 *       long messages in a line of their own, but all of one sender in one and
 *       in order; all else is bounced with `noconnection`.
 *   L2  Messages of a session are delivered in order, by one thread at a time,
 *       and akt_remote_gone comes behind all of them, once for each session;
 *       but those for names may come later, when the program has begun.
 *   L3  While `lock` is held nothing is posted to the machine.
 *   L4  Who accepts a new session writes nothing in it before the opener does,
 *       and the opener does at once. So when the answer to the opener is lost
 *       the session is nobody's, and all that waits in it goes into the next.
 *   L5  A client is one actor: of what is posted to another pid of its link,
 *       which may be of one that had the index before, nothing reaches it.
 *   L6  In a session an index of the other side means one node, and it tells of
 *       at most AKT_LINK_TOLD_MAX.
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
#include "vm/base/map.h"
#include "vm/remote.h"

struct akt_link;
struct akt_tunnel_inbox;

/* One connection. Its owner calls akt_link_input and akt_link_output. */
struct akt_pipe {
    /* Under the link's lock, on any thread. Bytes written, 0: not now, the
     * pipe will call akt_link_output; -1: it is broken. */
    ssize_t (*write)(struct akt_pipe *p, const struct iovec *v, int n);
    /* Under the link's lock: it is to call akt_link_output soon. */
    void (*again)(struct akt_pipe *p);
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
    /* The index here of a node that the other side has told of;
     * AKT_NODE_NOBODY: it cannot be reached from here. */
    uint16_t (*learn)(struct akt_link *l, const struct akt_wire_node *n);
    /* Fills n with node `index` here; false: there is none. */
    bool (*tell)(struct akt_link *l, uint16_t index, struct akt_wire_node *n);
};

struct akt_link_stats {
    struct akt_session_stats session; /* what only grows: of all sessions */
    uint64_t sessions, connections, lost_messages, refused_bodies;
    uint64_t refused_nodes;    /* that it told of: there are too many */
    uint64_t refused_sessions; /* ended by nonsense */
    uint64_t round_trip_ns;    /* of the last ping; 0: none yet */
    uint64_t denied;           /* admin requests, for want of a role */
    enum akt_link_state state;
    uint32_t waiting; /* senders without credit */
};

struct akt_link_line {
    struct akt_msg *first, *last;
};

/* What an admin request needs. */
enum akt_link_role { AKT_ROLE_OBSERVER = 1, AKT_ROLE_ADMIN = 2 };
#define AKT_ROLES_ALL 3u

struct akt_link {
    pthread_mutex_t lock;
    pthread_mutex_t read_lock;
    struct akt_node *node;
    const struct akt_link_ops *ops;
    void *network;
    uint16_t index; /* of the other node, here */
    bool client;    /* it is a client: L5 */
    /* under the lock */
    enum akt_link_state state;
    struct akt_session *session; /* NULL: IDLE */
    uint64_t session_id;         /* 0: never had a connection */
    /* The other side accepted nothing yet: it may not know of session_id, so
     * nothing is written in it before it speaks (L4). */
    bool offered;
    struct akt_pipe *pipe; /* UP */
    uint64_t until_ns;     /* WAITING: lost then; IDLE: not dialled before */
    uint64_t heard_ns, said_ns;
    uint64_t looked_ns; /* the last tick */
    uint32_t told;      /* nodes up to this index have been told of */
    uint16_t *names;    /* index there -> index here; 0: unknown */
    uint32_t names_len;
    uint32_t learned; /* nodes that the other side has told of */
    uint64_t only;    /* of a client: its pid without its node; 0: unknown */
    uint64_t epoch;   /* sessions, also those before akt_link_forget */
    struct akt_link_line lines[AKT_CREDITS]; /* who waits for credit */
    struct akt_map waits; /* sender -> how many of it, and in which line */
    uint64_t late_ns; /* the first of them gives up, or earlier; 0: none does */
    bool dirty;       /* on the list of a worker */
    struct akt_link *next_dirty;
    /* collected under the lock, delivered behind it */
    struct akt_msg *arrived_first, *arrived_last;
    /* The program has not begun: what comes for a name waits, with its credit;
     * replies do not, the program may wait for them to begin. */
    bool holds;
    struct akt_link_held *held_first, *held_last;
    struct akt_msg *own_first, *own_last;         /* answers to waiters */
    struct akt_msg *bounced_first, *bounced_last; /* each with its code */
    bool gone;                                    /* a session is over */
    const char *broken; /* why the session was fed nonsense */
    bool bye;
    bool spoke;    /* since the last tick */
    bool replaced; /* another incarnation has its name: never dialled */
    bool ending;   /* this node ends: nothing new is said */
    uint8_t roles; /* enum akt_link_role, of who is there */
    /* admin requests: net/tunnel.h */
    bool tunnels_over;              /* in this session */
    struct akt_tunnel_inbox *inbox; /* set once; NULL: nobody takes */
    _Atomic uint32_t tunnel_queued; /* cost of what waits in the inbox */
    struct akt_session_events events;
    struct akt_link_stats stats;
};

#define AKT_LINK_PING_NS 1000000000ull
/* Nothing was heard: another connection is tried; then the session is lost. */
#define AKT_LINK_DOUBT_NS 4000000000ull
#define AKT_LINK_SILENT_NS 9500000000ull
#define AKT_LINK_REST_NS 1000000000ull /* IDLE, before it dials again */
#define AKT_LINK_RESUME_NS 10000000000ull
#define AKT_LINK_DIAL_NS 5000000000ull /* for the first connection */
#define AKT_LINK_TOLD_MAX 4096         /* that one session may tell of */

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
    bool zstd;         /* both sides know it ... */
    bool compress;     /* ... and here it is worth it */
    uint8_t roles;     /* enum akt_link_role */
    const char *rest;  /* bytes that came behind the greeting */
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
/* The program has begun: what came for it is delivered, and from now on. */
void akt_link_serve(struct akt_link *l);
/* The node ends: the other side is told, and nothing is said to it later. */
void akt_link_bye(struct akt_link *l);
/* Says something, to see whether the connection is dead. */
void akt_link_poke(struct akt_link *l);
enum akt_link_state akt_link_state(struct akt_link *l);
bool akt_link_is_opener(struct akt_link *l); /* of the connection it has */
/* The other node is no more what it was. */
void akt_link_lose(struct akt_link *l);
/* Another one has its name now: IDLE until it connects by itself. */
void akt_link_replace(struct akt_link *l);
/* Looks at the time: pings, silence, ends of waiting. Returns the bytes that
 * wait to be written. */
size_t akt_link_tick(struct akt_link *l, uint64_t now_ns);
/* Of a client that is gone: the next one with this index begins anew, with no
 * figures. False: it is not gone. */
bool akt_link_forget(struct akt_link *l, struct akt_link_stats *was);
/* Adds what only grows. */
void akt_link_add_stats(struct akt_link_stats *all,
                        const struct akt_link_stats *s);
void akt_link_read(struct akt_link *l, struct akt_link_stats *out);

/* Admin requests: net/tunnel.h. [any] */

/* Says f, of the tunnels of one session; 0: there is no tunnel yet, which one
 * it is is written there. False: that session is over. */
struct akt_tunnel_frame;
bool akt_link_tell(struct akt_link *l, uint64_t *session,
                   const struct akt_tunnel_frame *f);
/* A frame of this link has left the inbox. */
void akt_link_tunnel_taken(struct akt_link *l,
                           const struct akt_tunnel_frame *f);
unsigned akt_link_roles(struct akt_link *l);
/* Counts a request that its roles do not allow. */
void akt_link_denied(struct akt_link *l);

#endif
