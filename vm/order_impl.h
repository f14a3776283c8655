/* SPDX-License-Identifier: MIT
 *
 * vm/order_impl.h: what the two ways to order a mailbox share.
 */
#ifndef AKT_VM_ORDER_IMPL_H
#define AKT_VM_ORDER_IMPL_H

#include "vm/order.h"

/* Levels that are not empty, and the last message of each. */
struct akt_levels {
    uint64_t used[AKT_LEVELS / 64];
    struct akt_msg *tails[AKT_LEVELS];
};

struct akt_rounds {
    uint64_t now;           /* the round of the last message taken */
    struct akt_msg *front;  /* last of those in front of all rounds, or NULL */
    struct akt_map tails;   /* round -> its last message */
    struct akt_map round;   /* message -> round */
    struct akt_map senders; /* pid -> struct sender */
};

struct akt_order {
    struct akt_msg *last; /* sorted; NULL: none is */
    uint32_t len;         /* sorted ones */
    uint32_t pass;        /* of the intake, to be sorted before one is taken */
    bool fair;
    union {
        struct akt_levels levels;
        struct akt_rounds rounds;
    };
};

/* vm/order_fair.c. Where a message goes: behind the one returned, or first
 * (NULL). It counts as being there from then on. */
struct akt_msg *akt_rounds_enter(struct akt_rounds *r, struct akt_msg *m);
struct akt_msg *akt_rounds_enter_front(struct akt_rounds *r, struct akt_msg *m);
void akt_rounds_leave(struct akt_rounds *r, const struct akt_msg *m,
                      struct akt_msg *prev);
void akt_rounds_fini(struct akt_rounds *r);
/* 0: in front of all rounds. */
uint64_t akt_rounds_of(const struct akt_rounds *r, const struct akt_msg *m);
/* A key for the sender, never 0. */
uint64_t akt_rounds_sender(const struct akt_msg *m);

#endif
