/* SPDX-License-Identifier: MIT
 *
 * net/channel.h: one connection as bytes: a TCP socket, plain or inside
 * TLS 1.3.
 *
 * TLS is mutual, by certificates of one authority (aktvm pki) or by a secret
 * that all nodes share (an external PSK with ephemeral Diffie-Hellman). There
 * is no other version, no session ticket and no early data. Who is there is
 * the CN of the certificate's subject; its roles are the OUs.
 *
 * What akt_channel_write has taken is on its way: of TLS the channel may keep
 * up to AKT_CHANNEL_KEPT bytes that the socket did not take. Then it wants to
 * write, takes no more, and sends them when it is called again, also with
 * nothing new (n = 0).
 *
 * Invariants
 *   C1  Nothing blocks; SIGPIPE is never raised.
 *   C2  A channel that failed stays so, and has a reason.
 *   C3  Before the first whole record of the other side (at most
 *       AKT_CHANNEL_FIRST bytes) an accepted one has no TLS state: one that
 *       says nothing costs its struct, under 1 KB, and no more than
 *       AKT_CHANNEL_FIRST for what it said.
 *
 * Ownership: a channel owns its socket; a context is the caller's and outlives
 *            its channels.
 * Threads:   a channel: one at a time. A context: any, once it is made.
 */
#ifndef AKT_NET_CHANNEL_H
#define AKT_NET_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct akt_channel;
struct akt_tls;

#define AKT_SECRET_MIN 16 /* bytes of a cluster's secret, without a newline */
#define AKT_SECRET_MAX 1024
#define AKT_CHANNEL_KEPT (128u << 10)
#define AKT_CHANNEL_FIRST 2048
/* TLS records written before the key is changed: AES-GCM is safe for 2^24.5
 * of them (RFC 8446, 5.5). */
#define AKT_CHANNEL_REKEY (1u << 23)

struct akt_tls_config {
    const char *ca, *cert, *key; /* paths of PEM files; or all NULL */
    const char *secret;          /* path of a file; or NULL */
    uint32_t rekey;              /* records; 0: AKT_CHANNEL_REKEY */
};

/* NULL: text says what is wrong with which file. A key's or a secret's file
 * must not be readable by others: net/key_file.h. The certificate must be one
 * of the authority, and be valid today. */
struct akt_tls *akt_tls_create(const struct akt_tls_config *c, char *text,
                               size_t text_len);
void akt_tls_destroy(struct akt_tls *tls); /* NULL allowed */
/* The name in our own certificate, of up to 64 bytes and their end; false:
 * there is none. */
bool akt_tls_name(const struct akt_tls *tls, char *out);

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
/* Goes on with the connection and the handshake. Reading and writing begin when
 * it says OPEN. A client that is OPEN is not yet accepted: what is wrong with
 * its certificate it hears when it reads. */
enum akt_channel_state akt_channel_shake(struct akt_channel *c);

/* Whether the socket is; what fails before has not reached anybody. */
bool akt_channel_is_connected(const struct akt_channel *c);
/* Whether it has failed because nobody listens at the address. */
bool akt_channel_is_refused(const struct akt_channel *c);
/* Whether it has TLS state: C3. */
bool akt_channel_has_begun(const struct akt_channel *c);

/* Bytes read or written; 0: nothing now; -1: closed or failed, which
 * akt_channel_state tells apart. Writing takes 120 KB of stack, so that an idle
 * channel needs no buffer. */
ssize_t akt_channel_read(struct akt_channel *c, char *p, size_t len);
ssize_t akt_channel_write(struct akt_channel *c, const struct iovec *v, int n);
/* Whether the socket took less than it was given: call akt_channel_write when
 * it takes more. TLS may want that after a read, too. */
bool akt_channel_wants_write(const struct akt_channel *c);
/* Whether there may be more to read that the socket does not show; never after
 * a read of 0. */
bool akt_channel_has_pending(const struct akt_channel *c);
/* Nothing more is written: the other side will read that it is closed. What
 * the channel has kept must be gone (not wants_write), else it is lost. */
void akt_channel_end(struct akt_channel *c);
enum akt_channel_state akt_channel_state(const struct akt_channel *c);
/* Why it failed, for people; "" while it has not. */
const char *akt_channel_error(const struct akt_channel *c);
/* The name in the other side's certificate, NULL: it has shown none. */
const char *akt_channel_identity(const struct akt_channel *c);
/* Whether its certificate has this role (aktvm pki issue --role). A secret
 * gives all roles, plain text too. */
bool akt_channel_has_role(const struct akt_channel *c, const char *role);

#endif
