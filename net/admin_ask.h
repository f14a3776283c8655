/* SPDX-License-Identifier: MIT
 *
 * net/admin_ask.h: asking the owner of an actor (an INFO message with a word)
 * and saying why when it does not answer.
 *
 * Threads: [admin].
 */
#ifndef AKT_NET_ADMIN_ASK_H
#define AKT_NET_ADMIN_ASK_H

#include "net/admin_impl.h"
#include "vm/outside.h"

/* A slice is 1 ms; what takes longer than this is stuck. */
#define AKT_ADMIN_ASK_MS 1000

/* `done` as in vm/outside.h, on any thread. */
void akt_admin_ask(struct akt_node *node, akt_pid pid, const char *word,
                   akt_outside_done done, void *ctx);
/* "its isolate runs <x#5> since 800 ms, in C ...": why there is no answer. */
void akt_admin_why_not(struct akt_node *node, akt_pid pid, enum akt_code code,
                       struct akt_buf *out);
/* "<counter#12>" */
void akt_admin_describe(struct akt_node *node, akt_pid pid,
                        struct akt_buf *out);

#endif
