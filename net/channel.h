/* SPDX-License-Identifier: MIT
 *
 * net/channel.h: one connection as bytes: a TCP socket, plain or inside TLS 1.3.
 *
 * TLS is mutual, by certificates of one authority (aktvm pki) or by a secret
 * that all nodes share (an external PSK with ephemeral Diffie-Hellman). There
 * is no other version, no session ticket and no early data.
 *
 * Invariants
 *   C1  Nothing blocks; SIGPIPE is never raised.
 *   C2  A channel that failed stays so, and has a reason.
 *
 * Ownership: a channel owns its socket; a context is the caller's and outlives
 *            its channels.
 * Threads:   a channel: one at a time. A context: any, once it is made.
 */
#ifndef AKT_NET_CHANNEL_H
#define AKT_NET_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

struct akt_channel;
struct akt_tls;

#define AKT_SECRET_MIN 16 /* bytes of a cluster's secret */
#define AKT_SECRET_MAX 1024

struct akt_tls_config {
    const char *ca, *cert, *key; /* paths of PEM files; or all NULL */
    const char *secret;          /* path of a file; or NULL */
};

/* NULL: text says what is wrong with which file. A secret's file must not be
 * readable by others; neither must a key's. */
struct akt_tls *akt_tls_create(const struct akt_tls_config *c, char *text,
                               size_t text_len);
void akt_tls_destroy(struct akt_tls *tls); /* NULL allowed */

/* Takes the socket, which is connected (or is connecting) and non-blocking. */
struct akt_channel *akt_channel_create(int fd, struct akt_tls *tls,
                                       bool opener);
void akt_channel_destroy(struct akt_channel *c); /* NULL allowed */
int akt_channel_fd(const struct akt_channel *c);

enum akt_channel_state {
    AKT_CHANNEL_OPEN,       /* the handshake is over; plain: at once */
    AKT_CHANNEL_WANTS_READ, /* it goes on when there is something to read */
    AKT_CHANNEL_WANTS_WRITE,
    AKT_CHANNEL_CLOSED, /* by the other side, in order */
    AKT_CHANNEL_FAILED
};
/* Goes on with the handshake. */
enum akt_channel_state akt_channel_shake(struct akt_channel *c);

/* Bytes read or written; 0: nothing now; -1: closed or failed. After 0,
 * akt_channel_wants_write says what to wait for (TLS may have to write before
 * it can read). */
ssize_t akt_channel_read(struct akt_channel *c, char *p, size_t len);
ssize_t akt_channel_write(struct akt_channel *c, const struct iovec *v, int n);
bool akt_channel_wants_write(const struct akt_channel *c);
/* Whether TLS has bytes that the socket does not show. */
bool akt_channel_has_pending(const struct akt_channel *c);
/* Why it failed, for people; "" while it has not. */
const char *akt_channel_error(const struct akt_channel *c);
/* The name in the other side's certificate, NULL: it has shown none. */
const char *akt_channel_identity(const struct akt_channel *c);
/* Whether its certificate has this role (aktvm pki issue --role). A secret
 * gives all roles, plain text too. */
bool akt_channel_has_role(const struct akt_channel *c, const char *role);

#endif
