/* SPDX-License-Identifier: MIT
 *
 * net/link_read.c: what there is to see of a link.
 */
#include "net/link.h"

enum akt_link_state akt_link_state(struct akt_link *l)
{
    pthread_mutex_lock(&l->lock);
    enum akt_link_state state = l->state;
    pthread_mutex_unlock(&l->lock);
    return state;
}

bool akt_link_is_opener(struct akt_link *l)
{
    pthread_mutex_lock(&l->lock);
    bool is = l->pipe && l->pipe->opener;
    pthread_mutex_unlock(&l->lock);
    return is;
}

void akt_link_read(struct akt_link *l, struct akt_link_stats *out)
{
    pthread_mutex_lock(&l->lock);
    *out = l->stats;
    out->state = l->state;
    if (l->session)
        akt_session_read(l->session, &out->session);
    pthread_mutex_unlock(&l->lock);
}
