/* SPDX-License-Identifier: MIT
 *
 * net/hello.h: the first words of a connection, as pure functions: who is
 * there, and whether a session goes on, begins, or is refused.
 *
 * Who has opened the connection says HELLO; the other side judges it and
 * answers with its own, which has the verdict, or with REFUSED and a reason,
 * and closes. Without TLS both are said on loopback only, or where plain text
 * was asked for by name.
 *
 * Invariants
 *   H1  Bytes are taken one frame at a time; no more than AKT_HELLO_MAX are
 *       kept for one that has said nothing whole yet.
 *
 * Threads: any; plain functions.
 */
#ifndef AKT_NET_HELLO_H
#define AKT_NET_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/base/buf.h"

#define AKT_PROTOCOL_MIN 1
#define AKT_PROTOCOL_MAX 1
#define AKT_HELLO_MAX 1024 /* bytes of the frame */
#define AKT_NODE_NAME_MAX 64
#define AKT_CLUSTER_NAME_MAX 64
#define AKT_ADDRESS_MAX 255
#define AKT_FEATURE_ZSTD 1u

/* Why a connection is refused; each is counted and has a name. */
#define AKT_REFUSALS(X)                                             \
    X(NONE, "none")                                                 \
    X(BAD_HELLO, "bad_hello") /* not whole, too long, no HELLO */   \
    X(SLOW, "slow")           /* said nothing whole in time */      \
    X(VERSION, "version")     /* no common version */               \
    X(CLUSTER, "cluster")     /* another cluster */                 \
    X(NAME, "name")           /* no name, or ours */                \
    X(IDENTITY, "identity")   /* not the name of its certificate */ \
    X(DUPLICATE, "duplicate") /* there is a connection already */   \
    X(TLS, "tls")             /* certificate or secret */           \
    X(LIMIT, "limit")         /* of connections or nodes */         \
    X(PROTOCOL, "protocol")   /* a session was fed nonsense */      \
    X(ENDING, "ending")       /* the node ends */

enum akt_refusal {
#define AKT_REFUSAL_ENUM(id, word) AKT_REFUSED_##id,
    AKT_REFUSALS(AKT_REFUSAL_ENUM)
#undef AKT_REFUSAL_ENUM
        AKT_REFUSAL_COUNT
};
const char *akt_refusal_name(enum akt_refusal r);

struct akt_hello {
    uint16_t version_min, version_max;
    uint32_t features;
    char cluster[AKT_CLUSTER_NAME_MAX + 1];
    char name[AKT_NODE_NAME_MAX + 1];
    uint64_t incarnation;
    char address[AKT_ADDRESS_MAX + 1]; /* where it listens; "": nowhere */
    /* of the last session with this incarnation of the other; 0: none */
    uint64_t session;
    uint64_t received; /* frames of it */
    /* answer only */
    bool resumes; /* session goes on; else `session` is a new one */
};

/* Appends the frame. */
void akt_hello_write(const struct akt_hello *h, bool answer,
                     struct akt_buf *out);
void akt_hello_write_refusal(enum akt_refusal why, struct akt_buf *out);

enum akt_hello_kind {
    AKT_HELLO_MORE, /* not whole yet */
    AKT_HELLO_ASKED,
    AKT_HELLO_ANSWERED,
    AKT_HELLO_REFUSED,
    AKT_HELLO_BAD
};
struct akt_hello_read {
    enum akt_hello_kind kind;
    size_t len; /* of the frame, if it is whole */
    struct akt_hello hello;
    enum akt_refusal why;
};
struct akt_hello_read akt_hello_read(const char *p, size_t len);

/* Whether these two may speak: NONE, VERSION, CLUSTER, NAME; the version and
 * the features that both have go to *version, *features. */
enum akt_refusal akt_hello_judge(const struct akt_hello *mine,
                                 const struct akt_hello *theirs,
                                 uint16_t *version, uint32_t *features);

/* A client (net/client.h) is "NAME~NUMBER"; no node's name has a '~'. */
#define AKT_CLIENT_MARK '~'
/* Whether the certificate of `identity` is right for who says `name`. */
bool akt_hello_is_of(const char *name, const char *identity);

#endif
