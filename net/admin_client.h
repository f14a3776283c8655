/* SPDX-License-Identifier: MIT
 *
 * net/admin_client.h: clients of the admin server that are not at its socket,
 * and those at its socket whom another node answers. net/admin_link.c makes
 * both of tunnels over links.
 *
 *     aktvm --> socket --> client -relay-> tunnel ==link== tunnel -way-> client
 *
 * Ownership: clients are the server's. Threads: [admin].
 */
#ifndef AKT_NET_ADMIN_CLIENT_H
#define AKT_NET_ADMIN_CLIENT_H

#include "net/admin.h"
#include "vm/base/buf.h"

struct akt_admin_client;

/* How a client that has no socket is reached. */
struct akt_admin_way {
    /* Takes the bytes; says by akt_admin_client_wrote when they are away. */
    void (*write)(void *ctx, struct akt_buf *bytes);
    /* Whether more of it is wanted: akt_admin_client_input. */
    void (*read)(void *ctx, bool on);
    /* The client is no more. */
    void (*close)(void *ctx);
    /* NULL: it may have this done; else why not. */
    const char *(*refuse)(void *ctx, const char *command, bool looks);
};

/* Who answers instead of this server. */
struct akt_admin_relay {
    /* False: not now; akt_admin_client_go_on says when. */
    bool (*input)(void *ctx, const char *bytes, size_t len);
    /* The client says nothing more. */
    void (*eof)(void *ctx);
    /* So much has been written to it. */
    void (*wrote)(void *ctx, size_t len);
    /* The client is no more. */
    void (*close)(void *ctx);
};

struct akt_admin_client *
akt_admin_client_create(struct akt_admin *admin,
                        const struct akt_admin_way *way, void *ctx);
void akt_admin_client_input(struct akt_admin_client *c, const char *bytes,
                            size_t len);
/* It says nothing more. */
void akt_admin_client_eof(struct akt_admin_client *c);
void akt_admin_client_wrote(struct akt_admin_client *c, size_t len);
void akt_admin_client_close(struct akt_admin_client *c);

/* From here on `relay` answers the client of this call, which must be its only
 * one, and is then to be ended. NULL: the client cannot have one. */
struct akt_admin_client *
akt_admin_client_relay(struct akt_admin_call *call,
                       const struct akt_admin_relay *relay, void *ctx);
/* Bytes that are not written to it yet. */
size_t akt_admin_client_pending(struct akt_admin_client *c);
void akt_admin_client_output(struct akt_admin_client *c, const char *bytes,
                             size_t len);
void akt_admin_client_go_on(struct akt_admin_client *c);
/* The relay has ended; the client is closed when all is written. */
void akt_admin_client_finish(struct akt_admin_client *c);

/* [start] Called whenever the server is woken by akt_admin_wake. */
void akt_admin_on_wake(struct akt_admin *admin, void (*f)(void *ctx),
                       void *ctx);
/* [any] Until the server is destroyed. */
void akt_admin_wake(struct akt_admin *admin);

#endif
