/* SPDX-License-Identifier: MIT
 *
 * vm/evict.h: when a node has too many actors, or uses too many bytes, those
 * that may be passivated and are used least are told to leave.
 *
 * An actor under `/system` looks from time to time, and when there is too
 * much, at all slots of the table, a chunk a turn, so that others run in
 * between and a simulated run stays repeatable. It reads figures that any
 * thread may read; the actors chosen decide themselves whether they can leave
 * (vm/passivate.h), so nothing is lost.
 *
 * Threads: as each line says.
 */
#ifndef AKT_VM_EVICT_H
#define AKT_VM_EVICT_H

#include "vm/node.h"

enum akt_evict_by { AKT_EVICT_LRU, AKT_EVICT_LFU, AKT_EVICT_MRU };

struct akt_evict {
    uint64_t max_actors; /* live ones; 0: any number */
    uint64_t max_bytes;  /* of the node's memory; 0: any number */
    double share;        /* at least so much of the live ones at a time */
    uint32_t every_ms;
    enum akt_evict_by by;
};

/* [any] From now on; all 0: never. AKT_OK, or why its actor cannot start. */
enum akt_code akt_evict_set(struct akt_node *node,
                            const struct akt_evict *policy);

/* [start] */
struct akt_evictor *akt_evictor_create(void);
void akt_evictor_destroy(struct akt_evictor *e);

#endif
