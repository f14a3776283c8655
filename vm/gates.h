/* SPDX-License-Identifier: MIT
 *
 * vm/gates.h: the gates of a node: circuit breakers and rate limiters, which
 * many actors on many threads pass through. Scripts hold their numbers, which
 * can be sent and captured like any ref.
 *
 * A gate with a name lives as long as the node, and is found again by its name;
 * one without ends with the actor that made it.
 *
 * Invariants
 *   G1  A number is never used twice in a node, so a number that is kept too
 *       long finds no gate, and never another one.
 *   G2  There are at most AKT_GATES_MAX.
 *
 * Ownership: the node owns gates; records are kept until it ends.
 * Threads:   [any]. The table has a lock, for making and ending; each gate has
 *            one, for using it. A gate's is taken inside of the table's.
 */
#ifndef AKT_VM_GATES_H
#define AKT_VM_GATES_H

#include <pthread.h>

#include "vm/breaker.h"
#include "vm/limiter.h"

#define AKT_GATES_MAX 65536u
#define AKT_GATE_NAME_MAX 128 /* bytes; it is the label of metrics */

enum akt_gate_type { AKT_GATE_BREAKER, AKT_GATE_LIMITER };

/* What somebody else keeps with a gate. */
struct akt_gate_data {
    void *p;
    void (*fini)(void *p);
};

struct akt_gate {
    pthread_mutex_t lock;
    uint64_t id; /* 0: free */
    enum akt_gate_type type;
    char *name; /* or NULL; constant while there is a gate */
    union {
        struct akt_breaker breaker;
        struct akt_limiter limiter;
    };
    uint64_t timeout_ns; /* breaker: of each call; 0: none */
    struct akt_gate_data data;
    /* numbers of series, -1: none; constant */
    int metric_state, metric_opened, metric_rejected;
    /* under the table's lock */
    uint32_t index;
    uint32_t next;       /* index + 1: free list, or same hash of name */
    uint64_t next_owned; /* of the same actor */
};

struct akt_gate_spec {
    enum akt_gate_type type;
    const char *name; /* NULL: none */
    bool only_name;   /* whatever its options: find the one there is */
    struct akt_breaker_options breaker;
    struct akt_limiter_options limiter;
    uint64_t timeout_ns;
    uint64_t next_owned; /* the first one of its actor, 0: none */
};

enum akt_gate_error {
    AKT_GATE_OK,
    AKT_GATE_FULL,
    AKT_GATE_OTHER, /* the name is there with other options */
    AKT_GATE_NONE   /* a limiter is only named, and there is none */
};

struct akt_gates;
struct akt_metrics;

struct akt_gates *akt_gates_create(struct akt_metrics *metrics);
void akt_gates_destroy(struct akt_gates *g);
/* *id: of a new gate, or of the one that has this name, type and options. */
enum akt_gate_error akt_gates_open(struct akt_gates *g,
                                   const struct akt_gate_spec *spec,
                                   uint64_t now_ns, uint64_t *id);
/* Ends this one and those behind it in `next_owned`. */
void akt_gates_end(struct akt_gates *g, uint64_t first);
/* The gate, locked until akt_gate_release; NULL: there is none such. */
struct akt_gate *akt_gate_hold(struct akt_gates *g, uint64_t id,
                               enum akt_gate_type type);
void akt_gate_release(struct akt_gate *gate);
/* Held. Frees what was kept before. */
void akt_gate_keep(struct akt_gate *gate, struct akt_gate_data data);

#endif
