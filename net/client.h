/* SPDX-License-Identifier: MIT
 *
 * net/client.h: talking to the actors of a node from a program that is none.
 * It needs nothing else of aktvm but the library aktclient.
 *
 *     struct akt_client_error e;
 *     struct akt_client *c = akt_client_open(
 *         &(struct akt_client_config){.address = "127.0.0.1:7001"}, &e);
 *     struct akt_client_reply r;
 *     struct akt_client_call call = {"counter", "\xa3inc\x02", 5};
 *     if (c && akt_client_ask(c, &call, &r, &e) == AKT_CLIENT_OK)
 *         use(r.bytes, r.len);
 *     akt_client_close(c);
 *
 * A run is what a message consists of: MessagePack values, one behind the
 * other, of which the first is the tag, a string. A reply is a run, too.
 *
 * A client is a node for the other side, with a name that nobody else has
 * ("client~" or the name of its certificate and "~", then a number), and
 * listens nowhere. Between two calls nobody reads its connection: the node
 * closes it after 10 s, and the next call makes another one.
 *
 * Invariants
 *   K1  What a call has said is said once: after `noconnection` or `timeout`
 *       nobody knows whether it was done, and it is not said again.
 *   K2  Each call ends at its deadline; only the name of a host is looked up
 *       for as long as the system likes.
 *
 * Ownership: the caller's; a reply is the client's, until the next call.
 * Threads:   a client: one at a time. Calls block in poll(2); no signal is
 *            raised, no thread started.
 */
#ifndef AKT_NET_CLIENT_H
#define AKT_NET_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct akt_client;

#define AKT_CLIENT_MS 5000 /* of a call, unless it says otherwise */

enum akt_client_code {
    AKT_CLIENT_OK,
    AKT_CLIENT_NOCONNECTION, /* nobody there, or not any more */
    AKT_CLIENT_TIMEOUT,
    AKT_CLIENT_REFUSED, /* by TLS, or by the node: another cluster, ... */
    AKT_CLIENT_NOPROC,  /* no actor has the name, or it ended meanwhile */
    AKT_CLIENT_FAILED,  /* the actor did: the error of the reply */
    AKT_CLIENT_INVALID  /* what the caller gave */
};
/* "noconnection" and so on, "ok". */
const char *akt_client_code_name(enum akt_client_code code);

struct akt_client_error {
    enum akt_client_code code;
    char text[256]; /* for people; bytes of the other side are visible ASCII */
};

struct akt_client_config {
    const char *address; /* HOST:PORT, [::1]:7001 */
    const char *cluster; /* NULL: "aktvm" */
    /* TLS 1.3: paths of PEM files, or of a file with the cluster's secret; all
     * NULL: plain text. */
    const char *tls_ca, *tls_cert, *tls_key;
    const char *secret;
    bool plain;          /* plain text also where it is not loopback */
    uint32_t timeout_ms; /* to connect; 0: AKT_CLIENT_MS */
};

struct akt_client_call {
    const char *name; /* of the actor; up to 255 bytes */
    const void *run;
    size_t len;
    uint32_t timeout_ms; /* 0: AKT_CLIENT_MS */
};

/* What the actor has returned; FAILED: its error, one value, and the word for
 * it ("crash", "overloaded", "unknown_message", ...). */
struct akt_client_reply {
    const char *bytes;
    size_t len;
    const char *word;
};

/* Connects. NULL: e says why. */
struct akt_client *akt_client_open(const struct akt_client_config *c,
                                   struct akt_client_error *e);
/* Says goodbye, for at most a second. NULL allowed. */
void akt_client_close(struct akt_client *c);
/* The name of the node, once one has answered. */
const char *akt_client_node(const struct akt_client *c);

/* OK: the node has it. Whether there is such an actor, nobody tells. */
enum akt_client_code akt_client_send(struct akt_client *c,
                                     const struct akt_client_call *call,
                                     struct akt_client_error *e);
/* The actor learns of the deadline. */
enum akt_client_code akt_client_ask(struct akt_client *c,
                                    const struct akt_client_call *call,
                                    struct akt_client_reply *out,
                                    struct akt_client_error *e);
/* There and back, without any actor. 0: AKT_CLIENT_MS. */
enum akt_client_code akt_client_ping(struct akt_client *c, uint32_t timeout_ms,
                                     double *seconds,
                                     struct akt_client_error *e);

/* Carries the bytes of a connection to the node's admin server between it and
 * `fd`, a socket, until one of them ends it: lines of JSON, docs/operate.md.
 * Nothing else may be called meanwhile. FAILED: the node has nobody who takes
 * them. */
enum akt_client_code akt_client_admin(struct akt_client *c, int fd,
                                      struct akt_client_error *e);

#ifdef __cplusplus
}
#endif

#endif
