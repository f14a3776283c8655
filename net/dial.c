/* SPDX-License-Identifier: MIT
 *
 * net/dial.c: when to connect to whom. What an option says is tried until it
 * is linked, and whenever it is not; another node when its link has something
 * to say.
 */
#include <string.h>

#include "net/network_impl.h"

#define FIRST_NS 100000000ull /* to the next try, then doubled ... */
#define MOST_NS 5000000000ull /* ... up to this */
#define SOON_NS 500000000ull  /* ... or this, while a session waits for it */

static uint64_t now_of(const struct akt_network *n)
{
    return akt_world_mono_ns(n->node->world);
}

static void connect_to(struct akt_dial *d, const char *address)
{
    struct akt_listen_target t = {address, d->name, d};
    d->busy = true;
    d->network->transport->ops->connect(d->network->transport, &t);
}

static bool is_waited_for(const struct akt_dial *d)
{
    struct akt_peer *p =
        d->peer ? d->peer
                : akt_network_named(d->network, d->name, strlen(d->name));
    return p && akt_link_state(&p->link) == AKT_LINK_WAITING;
}

void akt_dial_done(struct akt_dial *d, bool linked)
{
    uint64_t most_ns = is_waited_for(d) ? SOON_NS : MOST_NS;
    d->busy = false;
    if (linked)
        d->said = 0;
    d->wait_ns = linked                     ? 0
                 : !d->wait_ns              ? FIRST_NS
                 : d->wait_ns * 2 > most_ns ? most_ns
                                            : d->wait_ns * 2;
    d->next_ns = now_of(d->network) + d->wait_ns;
}

/* Whether an option has its address. */
static bool is_said(const struct akt_network *n, const char *name)
{
    for (uint32_t i = 0; i < n->dials_len; i++)
        if (strcmp(n->dials[i].name, name) == 0)
            return true;
    return false;
}

static void dial_peer(struct akt_network *n, struct akt_peer *p,
                      uint64_t now_ns)
{
    struct akt_wire_node who;
    if (p->dial.busy || akt_link_state(&p->link) != AKT_LINK_WAITING ||
        is_said(n, p->who.name) || now_ns < p->dial.next_ns)
        return;
    if (!p->dial.network) {
        p->dial.network = n;
        p->dial.peer = p;
        strcpy(p->dial.name, p->who.name);
    }
    pthread_mutex_lock(&n->lock);
    who = p->who;
    pthread_mutex_unlock(&n->lock);
    if (who.address[0])
        connect_to(&p->dial, who.address);
}

static void dial_option(struct akt_dial *d, uint64_t now_ns)
{
    struct akt_peer *p =
        akt_network_named(d->network, d->name, strlen(d->name));
    if (!d->busy && now_ns >= d->next_ns &&
        (!p || akt_link_state(&p->link) != AKT_LINK_UP))
        connect_to(d, d->address);
}

void akt_network_dial_all(struct akt_network *n, uint64_t now_ns)
{
    for (uint32_t i = 0; i < n->dials_len; i++)
        dial_option(&n->dials[i], now_ns);
    for (uint32_t i = 2; i <= akt_network_len(n); i++)
        dial_peer(n, akt_network_peer(n, i), now_ns);
}

void akt_network_dial_wanted(void *network)
{
    struct akt_network *n = network;
    for (uint32_t i = 2; i <= akt_network_len(n); i++) {
        struct akt_peer *p = akt_network_peer(n, i);
        /* seq_cst: pairs with the one that set it */
        if (atomic_exchange_explicit(&p->wanted, false, memory_order_seq_cst))
            akt_network_dial_all(n, now_of(n));
    }
}
