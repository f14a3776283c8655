/* SPDX-License-Identifier: MIT
 *
 * vm/pid.h: the identity of an actor.
 *
 * A pid is 64 bits: node index (16, never zero), slot in the node's actor
 * table (26), generation of that slot (22). The pid stays the same when the
 * actor is restarted; a stale pid never reaches another actor, because the
 * owner of a slot compares the whole pid, and a slot whose generation would
 * wrap is retired.
 *
 *     63          48 47                    22 21                  0
 *     [ node index ][         slot          ][     generation      ]
 *
 * Threads: [any]; plain values.
 */
#ifndef AKT_VM_PID_H
#define AKT_VM_PID_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t bits;
} akt_pid;

#define AKT_PID_GENERATION_BITS 22
#define AKT_PID_SLOT_BITS 26
#define AKT_PID_GENERATION_MAX ((1u << AKT_PID_GENERATION_BITS) - 1)
#define AKT_PID_SLOT_MAX ((1u << AKT_PID_SLOT_BITS) - 1)
#define AKT_PID_NODE_SELF 1u /* what a node calls itself */
#define AKT_PID_NONE ((akt_pid){0})

static inline akt_pid akt_pid_make(uint32_t node, uint32_t slot,
                                   uint32_t generation)
{
    uint64_t bits = (uint64_t)node << 48 |
                    (uint64_t)slot << AKT_PID_GENERATION_BITS | generation;
    return (akt_pid){bits};
}

static inline bool akt_pid_eq(akt_pid a, akt_pid b)
{
    return a.bits == b.bits;
}

static inline bool akt_pid_is_none(akt_pid p)
{
    return p.bits == 0;
}

static inline uint32_t akt_pid_node(akt_pid p)
{
    return (uint32_t)(p.bits >> 48);
}

static inline uint32_t akt_pid_slot(akt_pid p)
{
    return (uint32_t)(p.bits >> AKT_PID_GENERATION_BITS) & AKT_PID_SLOT_MAX;
}

static inline uint32_t akt_pid_generation(akt_pid p)
{
    return (uint32_t)p.bits & AKT_PID_GENERATION_MAX;
}

/* The number people see, `<counter#12>`: never used twice in a node. */
static inline uint64_t akt_pid_serial(akt_pid p)
{
    return (uint64_t)akt_pid_generation(p) << AKT_PID_SLOT_BITS |
           akt_pid_slot(p);
}

#endif
