/* SPDX-License-Identifier: MIT
 *
 * net/admin_trace.c: `trace`: the messages of one actor.
 *
 *     args    "pid"; "seconds": ends after so many (0: never)
 *     more    {"messages": [...], "dropped": n}
 *     result  {"end": "time"} or {"end": "noproc"}, the actor has ended
 */
#include "net/admin_stream.h"
#include "vm/base/alloc.h"
#include "vm/trace.h"

#define BEAT_MS 50
#define BATCH 64

struct tracing {
    struct akt_stream stream;
    struct akt_node *node;
    akt_pid pid;
    struct akt_trace *trace;
};

static size_t read_batch(struct tracing *t)
{
    struct akt_trace_entry entries[BATCH];
    uint64_t dropped;
    size_t n = akt_trace_read(t->node, t->trace, entries, BATCH, &dropped);
    if (!n && !dropped)
        return 0;
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        struct akt_buf b = AKT_BUF_INIT;
        akt_trace_show(&b, t->node, &entries[i]);
        json_array_append_new(list, akt_stream_json(&b));
        akt_buf_fini(&b);
    }
    akt_admin_more(t->stream.call, json_pack("{s:o,s:I}", "messages", list,
                                             "dropped", (json_int_t)dropped));
    return n;
}

static json_t *step(struct akt_stream *s)
{
    struct tracing *t = (struct tracing *)s;
    bool alive = akt_actor_find(t->node->actors, t->pid) != NULL;
    for (int i = 0; i < AKT_TRACE_RING / BATCH; i++)
        if (read_batch(t) < BATCH)
            break;
    if (!alive)
        return json_pack("{s:s}", "end", "noproc");
    bool over = s->end_ns && akt_node_now(t->node) >= s->end_ns;
    return over ? json_pack("{s:s}", "end", "time") : NULL;
}

static void fini(struct akt_stream *s)
{
    struct tracing *t = (struct tracing *)s;
    akt_trace_stop(t->node, t->trace);
    akt_free(t, sizeof *t);
}

static void trace(struct akt_admin_call *call, json_t *args, void *ctx)
{
    struct akt_node *node = akt_admin_node(call);
    struct akt_trace *trace = NULL;
    uint32_t seconds = 0;
    akt_pid pid;
    if (!akt_args_number(call, args, "seconds", 86400, &seconds) ||
        !akt_args_pid(call, args, &pid))
        return;
    enum akt_code code = akt_trace_start(node, pid, &trace);
    if (code != AKT_OK) {
        akt_admin_error(call, akt_code_name(code), "%s",
                        code == AKT_LIMIT ? "too many actors are traced"
                                          : "the actor has ended");
        return;
    }
    struct tracing *t = akt_calloc(sizeof *t);
    t->stream = (struct akt_stream){.call = call, .step = step, .fini = fini};
    t->node = node;
    t->pid = pid;
    t->trace = trace;
    if (seconds)
        t->stream.end_ns = akt_node_now(node) + seconds * 1000000000ull;
    akt_stream_begin(&t->stream, BEAT_MS);
}

void akt_admin_add_trace(struct akt_admin *admin)
{
    akt_admin_add_look(admin, "trace", trace, NULL);
}
