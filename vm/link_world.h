/* SPDX-License-Identifier: MIT
 *
 * vm/link_world.h: the network between simulated nodes. Bytes go from one node
 * to another over connections, of which a pair may have several: in order and
 * whole, after a delay, or not at all.
 *
 * What can go wrong is set for each direction of a pair. A connection does not
 * lose bytes in the middle: what is lost breaks it, as a reset would, and all
 * that is on its way is gone; then both ends are told. A datagram
 * (akt_link_world_cast) may be lost, doubled and overtaken.
 *
 *     delay     drawn evenly between two times, for each message
 *     loss      a share of the messages: breaks a connection, drops a datagram
 *     doubling  a share of the datagrams arrives twice
 *     cut       nothing arrives, and nobody is told: a silent partition. What
 *               a connection carries waits and arrives when it is healed
 *     pause     of a node: nothing arrives at it until it goes on
 *
 * A node may leave as a process ends (its connections break, and who connects
 * is refused) or as a host does: nothing is ever heard of it, until one joins
 * in its place and resets what it knows nothing of.
 *
 * It draws from the world's random numbers and stands on its clock: all that
 * is on its way is an akt_later of the world.
 *
 * Invariants
 *   K1  What arrives by a connection is a beginning of what was sent, in order.
 *   K2  Each end hears of its end at most once, behind all that arrived, and
 *       exactly once if nobody has left as a host does; the one that closes it
 *       hears nothing.
 *
 * Ownership: sends copy the bytes.
 * Threads:   one, that of the world.
 */
#ifndef AKT_VM_LINK_WORLD_H
#define AKT_VM_LINK_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct akt_world;
struct akt_link_world;

#define AKT_LINK_NODES_MAX 64
#define AKT_LINK_BUFFER (16u << 20) /* bytes on their way in one direction */

/* What a node hears; between turns. All may send, open and close. */
struct akt_link_end {
    void *ctx;
    void (*on_open)(void *ctx, uint32_t from, uint32_t conn);
    void (*on_bytes)(void *ctx, uint32_t conn, const char *p, size_t len);
    void (*on_closed)(void *ctx, uint32_t conn);
    void (*on_cast)(void *ctx, uint32_t from, const char *p, size_t len);
};

/* Of one direction; all zero: at once, and nothing goes wrong. */
struct akt_link_faults {
    uint64_t least_ns, most_ns;
    double loss, doubling; /* from 0 to 1 */
    bool cut;
};

struct akt_link_world_stats {
    uint64_t sent, arrived, lost, doubled, broken;
};

/* The world is borrowed. */
struct akt_link_world *akt_link_world_create(struct akt_world *world,
                                             uint32_t nodes);
void akt_link_world_destroy(struct akt_link_world *n); /* NULL allowed */
void akt_link_world_join(struct akt_link_world *n, uint32_t node,
                         const struct akt_link_end *end);
/* A node that is gone: it hears nothing more. `silently`: as a host. */
void akt_link_world_leave(struct akt_link_world *n, uint32_t node,
                          bool silently);
void akt_link_world_pause(struct akt_link_world *n, uint32_t node, bool pause);

/* Opens a connection, and says its number, never 0: the other end hears on_open
 * after the delay of one way, this one after both; or on_closed, if nobody is
 * there. Numbers are not used again. */
uint32_t akt_link_world_open(struct akt_link_world *n, uint32_t from,
                             uint32_t to);
/* No-op for one that is closed here already. */
void akt_link_world_close(struct akt_link_world *n, uint32_t at, uint32_t conn);
/* False: it is not open here, or AKT_LINK_BUFFER bytes are on their way. What
 * is sent to an end that is no more is lost. */
bool akt_link_world_send(struct akt_link_world *n, uint32_t at, uint32_t conn,
                         const char *p, size_t len);
/* How many bytes are on their way from `at`. */
size_t akt_link_world_sent(struct akt_link_world *n, uint32_t at,
                           uint32_t conn);
void akt_link_world_cast(struct akt_link_world *n, uint32_t from, uint32_t to,
                         const char *p, size_t len);

void akt_link_world_set(struct akt_link_world *n, uint32_t from, uint32_t to,
                        const struct akt_link_faults *faults);
/* Both directions between each of one set and each of the other; bit i is
 * node i. */
void akt_link_world_cut(struct akt_link_world *n, uint64_t these,
                        uint64_t those, bool cut);
void akt_link_world_read(const struct akt_link_world *n,
                         struct akt_link_world_stats *out);

#endif
