/* SPDX-License-Identifier: MIT
 *
 * net/admin.h: the admin socket, by which people look into a running node.
 *
 * A unix socket (mode 0600) served by a thread of its own that runs no Lua,
 * so that it answers while every worker spins. One request is one line of
 * JSON, and so is an answer:
 *
 *     -> {"v":1,"id":7,"cmd":"ps","args":{"sort":"mailbox"}}
 *     <- {"v":1,"id":7,"result":{...}}                  the last line of 7
 *     <- {"v":1,"id":7,"more":{...}}                    a stream goes on
 *     <- {"v":1,"id":7,"error":{"code":"noproc","message":"..."}}
 *
 * `id` is an integer of the client's choice. Several requests may be under way
 * on one connection. A client that closes its connection, or only its side of
 * it, ends its streams; what it has asked otherwise is still answered.
 *
 * Invariants
 *   A1  A handler answers each call once: result or error, any number of
 *       `more` before it.
 *   A2  Handlers never block. What must be asked of an actor goes through
 *       vm/outside.h and is answered later.
 *   A3  A client that does not read costs at most AKT_ADMIN_PENDING bytes and
 *       the results of AKT_ADMIN_CALLS calls: over that `more` lines are
 *       dropped and counted ("dropped":n in the next), and no further request
 *       is read.
 *
 * Threads: [admin] the admin thread, [any], [start] before or after the node
 *          runs.
 */
#ifndef AKT_NET_ADMIN_H
#define AKT_NET_ADMIN_H

#include <jansson.h>
#include <uv.h>

#include "vm/node.h"

#define AKT_ADMIN_VERSION 1
#define AKT_ADMIN_LINE (1u << 20)    /* bytes of a request, over that: closed */
#define AKT_ADMIN_PENDING (4u << 20) /* unread bytes of one client */
#define AKT_ADMIN_CLIENTS 64
#define AKT_ADMIN_CALLS 64 /* of one client that are not answered yet */

struct akt_admin;
struct akt_admin_call;

/* [admin] Answers now or later; `args` is borrowed, an object. */
typedef void (*akt_admin_handler)(struct akt_admin_call *call, json_t *args,
                                  void *ctx);

/* [start] Listens on `path`; NULL and *error (static text) when it cannot. A
 * stale socket of a dead process is replaced. */
struct akt_admin *akt_admin_create(struct akt_node *node, const char *path,
                                   const char **error);
/* [start] Starts the thread; commands are added before. */
void akt_admin_start(struct akt_admin *admin);
/* [start] While the thread runs: answers that were given are on their way. NULL
 * allowed. */
void akt_admin_settle(struct akt_admin *admin);
/* [start] Ends the thread, closes clients, removes the socket. The workers must
 * have ended (akt_node_run has returned), the node must still be there. */
void akt_admin_destroy(struct akt_admin *admin);
/* [start] `name` and ctx must outlive the admin. */
void akt_admin_add(struct akt_admin *admin, const char *name,
                   akt_admin_handler handler, void *ctx);

/* [start] The same for one that changes nothing: other nodes may have it done
 * by the role `observer`, not only by `admin`. */
void akt_admin_add_look(struct akt_admin *admin, const char *name,
                        akt_admin_handler handler, void *ctx);

/* [start] `fini` is called with p when the admin is destroyed, behind all
 * handlers. */
void akt_admin_own(struct akt_admin *admin, void *p, void (*fini)(void *p));

/* [admin] */
struct akt_node *akt_admin_node(struct akt_admin_call *call);
uv_loop_t *akt_admin_loop(struct akt_admin_call *call);
/* [any] The last line of a call. Takes `result`. A call whose client is gone
 * swallows it. After this (or error) the call must not be used. */
void akt_admin_result(struct akt_admin_call *call, json_t *result);
/* [any] The same for JSON text, which must be one whole value in one line. */
void akt_admin_result_text(struct akt_admin_call *call, const char *text,
                           size_t len);
/* [any] The last line of a call that failed; `code` is one word. */
void akt_admin_error(struct akt_admin_call *call, const char *code,
                     const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* [any] Calls `f` on the admin thread, once, at the latest at its end. */
void akt_admin_later(struct akt_admin_call *call, void (*f)(void *ctx),
                     void *ctx);
/* [any] A line of a stream. Takes `item`. False: the client is gone; the call
 * must still be ended by a result or an error. */
bool akt_admin_more(struct akt_admin_call *call, json_t *item);
/* [admin] `closed` is called on the admin thread when the client goes away
 * before the call has ended; the call must then be ended. A call for which this
 * was said may be ended on the admin thread only. */
void akt_admin_on_close(struct akt_admin_call *call,
                        void (*closed)(struct akt_admin_call *call, void *ctx),
                        void *ctx);
/* [any] A JSON string of any bytes: what is not UTF-8 becomes U+FFFD. */
json_t *akt_admin_text(const char *s, size_t len);

#endif
