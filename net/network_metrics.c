/* SPDX-License-Identifier: MIT
 *
 * net/network_metrics.c: figures of links and of the network, for
 * vm/metrics_read.h.
 *
 * A name of a node is one row, also over its incarnations. Names are others' to
 * choose, and clients have a new one each time: these are one row together, and
 * so is what comes behind the first LINKS names.
 */
#include <string.h>

#include "net/network_impl.h"
#include "vm/base/alloc.h"
#include "vm/metrics_read.h"

#define LINKS 64 /* that are shown one by one */

enum figure {
    UP,
    BYTES_IN,
    BYTES_OUT,
    FRAMES_IN,
    FRAMES_OUT,
    MESSAGES_IN,
    MESSAGES_OUT,
    QUEUED_BYTES,
    QUEUED_MESSAGES,
    UNACKED_BYTES,
    CREDIT_BYTES,
    CREDIT_MESSAGES,
    WAITING,
    ROUND_TRIP,
    RESENT,
    LOST,
    SESSIONS,
    CONNECTIONS,
    REFUSED,
    REFUSED_NODES,
    REFUSED_SESSIONS,
    DENIED,
    FIGURES
};

static const struct {
    enum akt_metric_type type;
    const char *name, *help;
} about[FIGURES] = {
    [UP] = {AKT_METRIC_GAUGE, "aktvm_link_up", "1: there is a connection"},
    [BYTES_IN] = {AKT_METRIC_COUNTER, "aktvm_link_bytes_in",
                  "Bytes received, before unpacking"},
    [BYTES_OUT] = {AKT_METRIC_COUNTER, "aktvm_link_bytes_out",
                   "Bytes written, packed"},
    [FRAMES_IN] = {AKT_METRIC_COUNTER, "aktvm_link_frames_in",
                   "Frames received"},
    [FRAMES_OUT] = {AKT_METRIC_COUNTER, "aktvm_link_frames_out",
                    "Frames written"},
    [MESSAGES_IN] = {AKT_METRIC_COUNTER, "aktvm_link_messages_in",
                     "Messages received"},
    [MESSAGES_OUT] = {AKT_METRIC_COUNTER, "aktvm_link_messages_out",
                      "Messages sent"},
    [QUEUED_BYTES] = {AKT_METRIC_GAUGE, "aktvm_link_queued_bytes",
                      "Bytes not written yet"},
    [QUEUED_MESSAGES] = {AKT_METRIC_GAUGE, "aktvm_link_queued_messages",
                         "Messages not written yet"},
    [UNACKED_BYTES] = {AKT_METRIC_GAUGE, "aktvm_link_unacked_bytes",
                       "Bytes written and not known to have arrived"},
    [CREDIT_BYTES] = {AKT_METRIC_GAUGE, "aktvm_link_credit_bytes",
                      "Bytes of messages that may still be sent"},
    [CREDIT_MESSAGES] = {AKT_METRIC_GAUGE, "aktvm_link_credit_messages",
                         "Messages that may still be sent"},
    [WAITING] = {AKT_METRIC_GAUGE, "aktvm_link_waiting",
                 "Sends that wait for credit"},
    [ROUND_TRIP] = {AKT_METRIC_GAUGE, "aktvm_link_round_trip_seconds",
                    "Of the last ping; 0 without one"},
    [RESENT] = {AKT_METRIC_COUNTER, "aktvm_link_resent",
                "Frames written again on another connection"},
    [LOST] = {AKT_METRIC_COUNTER, "aktvm_link_lost",
              "Messages that may be lost with a session that ended"},
    [SESSIONS] = {AKT_METRIC_COUNTER, "aktvm_link_sessions", "Sessions begun"},
    [CONNECTIONS] = {AKT_METRIC_COUNTER, "aktvm_link_connections",
                     "Connections made"},
    [REFUSED] = {AKT_METRIC_COUNTER, "aktvm_link_refused_messages",
                 "Messages received that make no sense"},
    [REFUSED_NODES] = {AKT_METRIC_COUNTER, "aktvm_link_refused_nodes",
                       "Nodes it told of for which there was no room"},
    [REFUSED_SESSIONS] = {AKT_METRIC_COUNTER, "aktvm_link_refused_sessions",
                          "Sessions ended by what makes no sense"},
    [DENIED] = {AKT_METRIC_COUNTER, "aktvm_link_admin_denied",
                "Admin requests refused for want of a role"},
};

struct row {
    char name[AKT_NODE_NAME_MAX + 1];
    bool used;
    double of[FIGURES];
};

struct rows {
    struct row names[LINKS], clients, others;
    uint32_t len;
};

static void add_session(double *of, const struct akt_session_stats *s)
{
    of[BYTES_IN] += (double)s->bytes_in;
    of[BYTES_OUT] += (double)s->bytes_out;
    of[FRAMES_IN] += (double)s->frames_in;
    of[FRAMES_OUT] += (double)s->frames_out;
    of[MESSAGES_IN] += (double)s->messages_in;
    of[MESSAGES_OUT] += (double)s->messages_out;
    of[QUEUED_BYTES] += (double)s->queued_bytes;
    of[QUEUED_MESSAGES] += (double)s->queued_messages;
    of[UNACKED_BYTES] += (double)s->unacked_bytes;
    of[CREDIT_BYTES] += (double)(s->credit_bytes[AKT_CREDIT_SHORT] +
                                 s->credit_bytes[AKT_CREDIT_LONG]);
    of[CREDIT_MESSAGES] += (double)s->credit_messages;
    of[RESENT] += (double)s->resent;
}

static void add_link(struct row *r, const struct akt_link_stats *s)
{
    double *of = r->of, trip = (double)s->round_trip_ns / 1e9;
    bool up = s->state == AKT_LINK_UP;
    r->used = true;
    add_session(of, &s->session);
    of[UP] += up;
    if (up && trip > of[ROUND_TRIP]) /* of several: the longest */
        of[ROUND_TRIP] = trip;
    of[WAITING] += s->waiting;
    of[LOST] += (double)s->lost_messages;
    of[SESSIONS] += (double)s->sessions;
    of[CONNECTIONS] += (double)s->connections;
    of[REFUSED] += (double)s->refused_bodies;
    of[REFUSED_NODES] += (double)s->refused_nodes;
    of[REFUSED_SESSIONS] += (double)s->refused_sessions;
    of[DENIED] += (double)s->denied;
}

static struct row *row_of(struct rows *all, const char *name)
{
    if (strchr(name, '~'))
        return &all->clients;
    for (uint32_t i = 0; i < all->len; i++)
        if (strcmp(all->names[i].name, name) == 0)
            return &all->names[i];
    if (all->len == LINKS)
        return &all->others;
    struct row *r = &all->names[all->len++];
    strcpy(r->name, name);
    return r;
}

static void collect(struct akt_network *n, struct rows *all)
{
    struct akt_network_node node;
    strcpy(all->clients.name, "(clients)");
    strcpy(all->others.name, "(others)");
    for (uint16_t i = 2; i <= akt_network_len(n); i++)
        if (akt_network_read(n, i, &node) && node.link.sessions)
            add_link(row_of(all, node.name), &node.link);
    akt_network_past_clients(n, &node.link);
    if (node.link.sessions)
        add_link(&all->clients, &node.link);
}

static void show(struct akt_metric *m, const struct row *r, enum figure f,
                 const struct akt_metrics_sink *to)
{
    struct akt_label peer = {"peer", r->name};
    if (!r->used)
        return;
    m->labels = &peer;
    m->labels_len = 1;
    m->value = r->of[f];
    to->visit(to->ctx, m);
    m->first = false;
}

static void visit_links(struct akt_network *n,
                        const struct akt_metrics_sink *to)
{
    struct rows *all = akt_calloc(sizeof *all);
    collect(n, all);
    for (int f = 0; f < FIGURES; f++) {
        struct akt_metric m = {.name = about[f].name,
                               .help = about[f].help,
                               .type = about[f].type,
                               .first = true};
        for (uint32_t i = 0; i < all->len; i++)
            show(&m, &all->names[i], (enum figure)f, to);
        show(&m, &all->clients, (enum figure)f, to);
        show(&m, &all->others, (enum figure)f, to);
    }
    akt_free(all, sizeof *all);
}

static void visit_refused(struct akt_network *n,
                          const struct akt_metrics_sink *to)
{
    struct akt_metric m = {.name = "aktvm_connections_refused",
                           .help = "Connections of others, by reason",
                           .type = AKT_METRIC_COUNTER,
                           .first = true};
    for (int why = AKT_REFUSED_NONE + 1; why < AKT_REFUSAL_COUNT; why++) {
        struct akt_label reason = {"reason",
                                   akt_refusal_name((enum akt_refusal)why)};
        m.labels = &reason;
        m.labels_len = 1;
        m.value = (double)akt_network_refused(n, (enum akt_refusal)why);
        to->visit(to->ctx, &m);
        m.first = false;
    }
}

static void visit_overfull(struct akt_network *n,
                           const struct akt_metrics_sink *to)
{
    to->visit(to->ctx, &(struct akt_metric){
                           .name = "aktvm_sessions_overfull",
                           .help = "Sessions lost as too much waited for them",
                           .type = AKT_METRIC_COUNTER,
                           .first = true,
                           .value = (double)akt_network_overfull(n)});
}

void akt_network_metrics(struct akt_remote *r,
                         const struct akt_metrics_sink *to)
{
    struct akt_network *n = (struct akt_network *)(void *)r;
    visit_links(n, to);
    visit_refused(n, to);
    visit_overfull(n, to);
}
