/* SPDX-License-Identifier: MIT
 *
 * vm/spawn.h: making an actor.
 *
 * The spawner makes the record and the pid, the owner of the new actor's
 * isolate starts it. The pid can be sent to at once: messages wait until init
 * has returned.
 */
#ifndef AKT_VM_SPAWN_H
#define AKT_VM_SPAWN_H

#include "vm/node.h"

struct akt_spawn {
    const struct akt_kind *kind;
    struct akt_msg *args;  /* block of type START, body: the arguments */
    struct akt_spec *spec; /* NULL: nothing special */
    const char *name;      /* NULL: none; copied */
    bool detached;         /* a child of `/user`, not of the spawner */
    bool link;
    bool monitor;
    uint64_t ref; /* out: of the monitor */
};

/* [any] How long a start may take, all retries included. */
uint64_t akt_spec_start_ms(const struct akt_spec *spec);
/* [owner] Takes args and spec in every case. `parent`: the spawner, which is
 * a.current of iso; args->ask: who is told that init has returned. Returns
 * AKT_OK and *pid, AKT_LIMIT or AKT_NAME_TAKEN. */
enum akt_code akt_spawn(struct akt_isolate *iso, struct akt_actor *parent,
                        struct akt_spawn *req, akt_pid *pid);
/* [start] Like akt_spawn before anything runs. `pid`: of a record that was
 * made before, or none; isolate NULL: one of its own. */
struct akt_actor *akt_spawn_first(struct akt_node *node, akt_pid pid,
                                  struct akt_isolate *isolate,
                                  struct akt_actor *parent,
                                  const struct akt_kind *kind,
                                  struct akt_spec *spec, struct akt_msg *args);

#endif
