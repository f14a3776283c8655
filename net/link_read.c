/* SPDX-License-Identifier: MIT
 *
 * net/link_read.c: what there is to see of a link.
 */
#include "net/link_impl.h"

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

void akt_link_count(struct akt_session_stats *all,
                    const struct akt_session_stats *s)
{
    all->frames_out += s->frames_out;
    all->frames_in += s->frames_in;
    all->bytes_out += s->bytes_out;
    all->bytes_in += s->bytes_in;
    all->messages_out += s->messages_out;
    all->messages_in += s->messages_in;
    all->resent += s->resent;
    all->raw_bytes += s->raw_bytes;
    all->packed_bytes += s->packed_bytes;
}

void akt_link_add_stats(struct akt_link_stats *all,
                        const struct akt_link_stats *s)
{
    akt_link_count(&all->session, &s->session);
    all->sessions += s->sessions;
    all->connections += s->connections;
    all->lost_messages += s->lost_messages;
    all->refused_bodies += s->refused_bodies;
    all->refused_nodes += s->refused_nodes;
    all->refused_sessions += s->refused_sessions;
    all->denied += s->denied;
}

void akt_link_read(struct akt_link *l, struct akt_link_stats *out)
{
    struct akt_session_stats now;
    pthread_mutex_lock(&l->lock);
    *out = l->stats;
    out->state = l->state;
    if (l->session) {
        akt_session_read(l->session, &now);
        akt_link_count(&now, &l->stats.session);
        out->session = now;
    }
    pthread_mutex_unlock(&l->lock);
}
