/* SPDX-License-Identifier: MIT
 *
 * net/clients.c: indexes of clients. Each program that asks something once is
 * another client, so their indexes are used again: that of the one that is gone
 * longest, and only when AKT_CLIENTS_GONE are gone. Its pid is drawn by the
 * client and its link takes no other (L5 in net/link.h), so what somebody still
 * has of the one before reaches nobody.
 */
#include <string.h>

#include "net/network_impl.h"

static void leave(struct akt_clients *c, struct akt_peer *p)
{
    *(p->gone_prev ? &p->gone_prev->gone_next : &c->first) = p->gone_next;
    *(p->gone_next ? &p->gone_next->gone_prev : &c->last) = p->gone_prev;
    p->gone_next = p->gone_prev = NULL;
    p->gone = false;
    c->gone--;
}

static void enter(struct akt_clients *c, struct akt_peer *p)
{
    p->gone_prev = c->last;
    *(c->last ? &c->last->gone_next : &c->first) = p;
    c->last = p;
    p->gone = true;
    c->gone++;
}

/* Under the lock: nothing leads to who had it. */
static void rename_peer(struct akt_network *n, struct akt_peer *p,
                        const struct akt_wire_node *who)
{
    uint64_t index, key = akt_network_key(p->who.name, strlen(p->who.name));
    if (akt_map_get(&n->by_name, key, &index) && index == p->who.index)
        akt_map_remove(&n->by_name, key);
    akt_map_remove(&n->by_identity, akt_network_identity(&p->who));
    index = p->who.index;
    p->who = *who;
    p->who.index = (uint16_t)index;
    p->dial = (struct akt_dial){0};
    p->older = false;
}

struct akt_peer *akt_clients_add(struct akt_network *n,
                                 const struct akt_wire_node *who)
{
    struct akt_clients *c = &n->clients;
    bool full = c->len == AKT_CLIENTS_MAX || c->gone > AKT_CLIENTS_GONE;
    struct akt_peer *p = full ? NULL : akt_network_add(n, who);
    c->len += p != NULL;
    if (p || !c->first)
        return p;
    p = c->first;
    leave(c, p);
    rename_peer(n, p, who);
    return p;
}

void akt_clients_keep(struct akt_network *n, struct akt_peer *p)
{
    if (p->gone)
        leave(&n->clients, p);
}

void akt_clients_look(struct akt_network *n, struct akt_peer *p)
{
    struct akt_link_stats was;
    if (p->gone || !akt_link_forget(&p->link, &was))
        return;
    enter(&n->clients, p);
    pthread_mutex_lock(&n->lock);
    akt_link_add_stats(&n->clients.past, &was);
    pthread_mutex_unlock(&n->lock);
}
