/* SPDX-License-Identifier: MIT
 *
 * net/client_impl.h: what the files of a client share.
 *
 *     client.c        connecting; calls of actors
 *     client_admin.c  admin requests
 */
#ifndef AKT_NET_CLIENT_IMPL_H
#define AKT_NET_CLIENT_IMPL_H

#include "net/address.h"
#include "net/channel.h"
#include "net/client.h"
#include "net/hello.h"
#include "net/session.h"
#include "vm/base/buf.h"
#include "vm/pid.h"
#include "vm/reason.h"

#define MS 1000000ull
#define AKT_CLIENT_READ (64u << 10)

struct akt_tunnel_frame;

struct akt_client {
    struct akt_address address;
    char cluster[AKT_CLUSTER_NAME_MAX + 1];
    char name[AKT_NODE_NAME_MAX + 1];
    char node[AKT_NODE_NAME_MAX + 1];
    uint64_t incarnation;
    akt_pid self;   /* drawn, so that no two clients have the same */
    uint64_t count; /* of asks and pings; begins anywhere */
    struct akt_tls *tls;
    bool plain;
    /* NULL both, or there is a connection */
    struct akt_channel *channel;
    struct akt_session *session;
    struct akt_session_events events;
    bool bye; /* the node said so */
    char why[AKT_ADDRESS_TEXT];
    /* of the call that runs */
    uint64_t until_ns;
    struct akt_client_error *error;
    uint64_t ask, ping; /* what is waited for; 0: nothing, or it came */
    enum akt_code code; /* of the reply */
    struct akt_buf reply;
    /* Frames of net/tunnel.h; NULL: they are of no use. */
    void (*on_tunnel)(struct akt_client *c, const struct akt_tunnel_frame *f);
    void *tunnel;
    uint64_t heard_ns; /* something of the node */
    char buffer[AKT_CLIENT_READ];
};

/* False: c->error says why, and there is no connection. */
bool akt_client_fail(struct akt_client *c, enum akt_client_code code,
                     const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool akt_client_link(struct akt_client *c, uint32_t timeout_ms,
                     struct akt_client_error *e);
/* Reads all that is there. */
bool akt_client_hear(struct akt_client *c);
/* Writes what the socket takes. */
bool akt_client_speak(struct akt_client *c);
bool akt_client_wants_out(const struct akt_client *c);
void akt_client_hang_up(struct akt_client *c);
uint64_t akt_client_now(void);

#endif
