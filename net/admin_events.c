/* SPDX-License-Identifier: MIT
 *
 * net/admin_events.c: `events`: what happens in the node, while it happens.
 *
 *     args    "recent": true begins with what is remembered; "follow": false
 *             ends there; "pid": only what is about this actor
 *     more    {"events": [...], "lost": n}    n were overwritten before
 */
#include "net/admin_stream.h"
#include "vm/base/alloc.h"
#include "vm/events.h"

#define BEAT_MS 100
#define BATCH 256
#define BATCHES 16 /* of one beat: other calls wait meanwhile */

struct follow {
    struct akt_stream stream;
    struct akt_event_cursor cursor;
    akt_pid pid; /* none: all */
};

static bool is_wanted(const struct follow *f, const struct akt_event *e)
{
    return akt_pid_is_none(f->pid) || akt_pid_eq(f->pid, e->who) ||
           (akt_event_is_about(e->kind) && e->other == f->pid.bits);
}

/* Up to a batch as JSON; false: there is nothing new. */
static bool read_batch(struct follow *f, struct akt_node *node, json_t *list)
{
    struct akt_event events[BATCH];
    size_t n = akt_event_read(node, &f->cursor, events, BATCH);
    for (size_t i = 0; i < n; i++) {
        struct akt_buf b = AKT_BUF_INIT;
        if (!is_wanted(f, &events[i]))
            continue;
        akt_event_show(&b, node, &events[i]);
        json_array_append_new(list, akt_stream_json(&b));
        akt_buf_fini(&b);
    }
    return n > 0;
}

static json_t *take_lost(struct follow *f)
{
    uint64_t lost = f->cursor.lost;
    f->cursor.lost = 0;
    return json_integer((json_int_t)lost);
}

static json_t *step(struct akt_stream *s)
{
    struct follow *f = (struct follow *)s;
    bool more = true;
    for (int i = 0; more && i < BATCHES; i++) {
        json_t *list = json_array();
        more = read_batch(f, akt_admin_node(s->call), list);
        if (json_array_size(list) || f->cursor.lost)
            akt_admin_more(s->call, json_pack("{s:o,s:o}", "events", list,
                                              "lost", take_lost(f)));
        else
            json_decref(list);
    }
    return NULL;
}

static void fini(struct akt_stream *s)
{
    struct follow *f = (struct follow *)s;
    akt_event_cursor_fini(&f->cursor);
    akt_free(f, sizeof *f);
}

static void answer_now(struct follow *f, struct akt_admin_call *call)
{
    json_t *list = json_array();
    for (int i = 0; i < BATCHES; i++)
        if (!read_batch(f, akt_admin_node(call), list))
            break;
    akt_admin_result(
        call, json_pack("{s:o,s:o}", "events", list, "lost", take_lost(f)));
    fini(&f->stream);
}

static void events(struct akt_admin_call *call, json_t *args, void *ctx)
{
    akt_pid pid = AKT_PID_NONE;
    json_t *follow = json_object_get(args, "follow");
    if (json_object_get(args, "pid") && !akt_args_pid(call, args, &pid))
        return;
    struct follow *f = akt_calloc(sizeof *f);
    bool once = json_is_false(follow);
    f->pid = pid;
    f->stream = (struct akt_stream){.call = call, .step = step, .fini = fini};
    akt_event_cursor_init(&f->cursor, akt_admin_node(call),
                          once ||
                              json_is_true(json_object_get(args, "recent")));
    if (once)
        answer_now(f, call);
    else
        akt_stream_begin(&f->stream, BEAT_MS);
}

void akt_admin_add_events(struct akt_admin *admin)
{
    akt_admin_add_look(admin, "events", events, NULL);
}
