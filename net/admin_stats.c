/* SPDX-License-Identifier: MIT
 *
 * net/admin_stats.c: `stats`: the node's counters since its start.
 */
#include "net/admin_impl.h"

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
    akt_admin_result(call, out);
}

void akt_admin_add_stats(struct akt_admin *admin)
{
    akt_admin_add(admin, "stats", stats, NULL);
}
