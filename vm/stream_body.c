/* SPDX-License-Identifier: MIT
 *
 * vm/stream_body.c: an event as the table that scripts get.
 */
#include "vm/stream.h"

#include <inttypes.h>
#include <stdio.h>

#include "vm/cause.h"
#include "vm/pack.h"

static void pack_trace(struct akt_pack_map *m, const struct akt_msg *msg)
{
    char text[24];
    if (!msg->trace)
        return;
    snprintf(text, sizeof text, "%016" PRIx64, msg->trace);
    akt_pack_field(m, "trace", text);
}

/* { tag =, from = } of what caused the message. */
static void pack_cause(struct akt_pack_map *m, const struct akt_msg *msg)
{
    char tag[AKT_CAUSE_TAG];
    struct akt_parent parent = akt_cause_of(msg);
    akt_cause_tag(&parent, tag);
    if (!tag[0])
        return;
    akt_pack_key(m, "cause");
    struct akt_pack_map cause = akt_pack_map_begin(m->b);
    akt_pack_field(&cause, "tag", tag);
    akt_pack_field_pid(&cause, "from", msg->origin);
    akt_pack_map_end(&cause);
}

/* The tag, and the rest as far as it is not too much. */
static void pack_values(struct akt_pack_map *m, const struct akt_msg *msg)
{
    size_t tag = akt_pack_skip(msg->body, msg->size);
    if (tag == 0 || tag > AKT_STREAM_BYTES)
        return;
    akt_pack_key(m, "tag");
    akt_buf_add(m->b, msg->body, tag);
    akt_pack_key(m, "args");
    bool all = akt_pack_array_of(m->b, msg->body + tag, msg->size - tag,
                                 AKT_STREAM_BYTES);
    if (!all)
        akt_pack_field_number(m, "size", msg->size);
}

static void pack_message(struct akt_pack_map *m, const struct akt_msg *msg)
{
    pack_trace(m, msg);
    if (msg->type != AKT_MSG_USER)
        return;
    pack_values(m, msg);
    pack_cause(m, msg);
    if (msg->ask) {
        akt_pack_key(m, "ask");
        akt_pack_bool(m->b, true);
    }
}

/* As in `down`: the value it was given, or the word of its code. */
static void pack_reason(struct akt_pack_map *m, const struct akt_reason *r)
{
    size_t n = akt_pack_skip(r->bytes, r->len);
    if (n == 0 || n > AKT_STREAM_BYTES) {
        akt_pack_field(m, "reason", akt_code_name(r->code));
        return;
    }
    akt_pack_key(m, "reason");
    akt_buf_add(m->b, r->bytes, n);
}

static void pack_details(struct akt_pack_map *m,
                         const struct akt_event_details *d)
{
    if (d->msg)
        pack_message(m, d->msg);
    if (d->reason)
        pack_reason(m, d->reason);
    akt_pack_field(m, "text", d->text);
    akt_pack_field(m, "name", d->name);
}

/* Wall time now, less the age of the event. */
static double wall_time(struct akt_node *node, const struct akt_event *e)
{
    uint64_t age_ns = akt_node_now(node) - node->started_ns - e->us * 1000;
    return (double)(akt_node_wall(node) - age_ns) / 1e9;
}

static void pack_head(struct akt_pack_map *m, struct akt_node *node,
                      const struct akt_event *e)
{
    struct akt_actor *a = akt_actor_find(node->actors, e->who);
    akt_pack_field(m, "type", akt_event_name(e->kind));
    akt_pack_field(m, "severity",
                   akt_severity_name(akt_event_severity(e->kind, e->code)));
    akt_pack_key(m, "at");
    akt_pack_double(m->b, wall_time(node, e));
    akt_pack_field_number(m, "count", e->count);
    akt_pack_field_pid(m, "pid", e->who);
    akt_pack_field(m, "kind", a ? akt_actor_kind(a)->name : NULL);
    if (e->code != AKT_OK)
        akt_pack_field(m, "code", akt_code_name(e->code));
    if (akt_event_is_about(e->kind))
        akt_pack_field_pid(m, akt_event_other(e->kind), (akt_pid){e->other});
    else if (e->other)
        akt_pack_field_number(m, akt_event_other(e->kind), e->other);
}

void akt_event_pack(struct akt_buf *b, struct akt_node *node,
                    const struct akt_event *e,
                    const struct akt_event_details *d)
{
    struct akt_pack_map m = akt_pack_map_begin(b);
    pack_head(&m, node, e);
    if (d)
        pack_details(&m, d);
    akt_pack_map_end(&m);
}
