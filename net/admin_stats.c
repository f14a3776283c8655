/* SPDX-License-Identifier: MIT
 *
 * net/admin_stats.c: `stats`: the node's counters since its start, and the
 * figures of its links.
 */
#include <math.h>
#include <string.h>

#include "net/admin_impl.h"
#include "vm/metrics_read.h"
#include "vm/remote.h"

static void put_of_link(json_t *links, const struct akt_metric *m,
                        json_t *value)
{
    const char *name = m->labels[0].value;
    json_t *link = json_object_get(links, name);
    if (!link)
        json_object_set_new(links, name, link = json_object());
    json_object_set_new(link, m->name + strlen("aktvm_link_"), value);
}

/* "aktvm_link_bytes_in" of peer "n2" is links.n2.bytes_in; what has a reason is
 * refused.reason, unless it is 0; "aktvm_x" of the network is x. */
static void put_figure(void *ctx, const struct akt_metric *m)
{
    json_t *out = ctx;
    json_t *value = m->value == floor(m->value)
                        ? json_integer((json_int_t)m->value)
                        : json_real(m->value);
    if (!m->labels_len)
        json_object_set_new(out, m->name + strlen("aktvm_"), value);
    else if (strcmp(m->labels[0].key, "peer") == 0)
        put_of_link(json_object_get(out, "links"), m, value);
    else if (m->value > 0)
        json_object_set_new(json_object_get(out, "refused"), m->labels[0].value,
                            value);
    else
        json_decref(value);
}

static void add_links(struct akt_node *node, json_t *out)
{
    struct akt_remote *r = node->remote;
    if (!r || !r->metrics)
        return;
    json_object_set_new(out, "links", json_object());
    json_object_set_new(out, "refused", json_object());
    r->metrics(r, &(struct akt_metrics_sink){put_figure, out});
}

#define COUNTER(field) \
    json_object_set_new(out, #field, json_integer((json_int_t)s.field))

static void stats(struct akt_admin_call *call, json_t *args, void *ctx)
{
    struct akt_node *node = akt_admin_node(call);
    struct akt_node_stats s;
    json_t *out = json_object(), *dead = json_object();
    akt_node_stats(node, &s);
    COUNTER(actors);
    COUNTER(isolates);
    COUNTER(workers);
    COUNTER(team);
    COUNTER(turns);
    COUNTER(visits);
    COUNTER(steals);
    COUNTER(collections);
    COUNTER(sleeps);
    COUNTER(preempts);
    COUNTER(sent);
    COUNTER(replies);
    COUNTER(crashes);
    COUNTER(restarts);
    COUNTER(spawned);
    COUNTER(ended);
    COUNTER(expired);
    COUNTER(tasks_dropped);
    COUNTER(passivated);
    COUNTER(woken);
    COUNTER(away);
    COUNTER(memory_bytes);
    for (int i = 0; i < AKT_CODE_COUNT; i++)
        if (s.dead_letters[i])
            json_object_set_new(dead, akt_code_name((enum akt_code)i),
                                json_integer((json_int_t)s.dead_letters[i]));
    json_object_set_new(out, "dead_letters", dead);
    add_links(node, out);
    akt_admin_result(call, out);
}

void akt_admin_add_stats(struct akt_admin *admin)
{
    akt_admin_add_look(admin, "stats", stats, NULL);
}
