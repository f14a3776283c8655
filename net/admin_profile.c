/* SPDX-License-Identifier: MIT
 *
 * net/admin_profile.c: `profile`: where the workers spend their time.
 *
 *     args    "pid": one actor (default: all), "seconds": 1 to 3600 (10)
 *     result  {"folded": "kind;handler@file:1;... 12\n...", "samples": n}
 */
#include "net/admin_stream.h"
#include "vm/base/alloc.h"
#include "vm/profile.h"

#define SECONDS 10
#define SECONDS_MAX 3600
#define BEAT_MS 50

struct profiling {
    struct akt_stream stream;
    struct akt_node *node;
    bool stopped;
};

static json_t *step(struct akt_stream *s)
{
    struct profiling *p = (struct profiling *)s;
    if (akt_node_now(p->node) < s->end_ns)
        return NULL;
    struct akt_buf folded = AKT_BUF_INIT;
    json_int_t samples = (json_int_t)akt_profile_stop(p->node, &folded);
    p->stopped = true;
    json_t *result = json_pack(
        "{s:o,s:I}", "folded",
        akt_admin_text(akt_buf_cstr(&folded), folded.len), "samples", samples);
    akt_buf_fini(&folded);
    return result;
}

static void fini(struct akt_stream *s)
{
    struct profiling *p = (struct profiling *)s;
    struct akt_buf nobody = AKT_BUF_INIT;
    if (!p->stopped)
        akt_profile_stop(p->node, &nobody);
    akt_buf_fini(&nobody);
    akt_free(p, sizeof *p);
}

static void profile(struct akt_admin_call *call, json_t *args, void *ctx)
{
    struct akt_node *node = akt_admin_node(call);
    uint32_t seconds = SECONDS;
    akt_pid pid = AKT_PID_NONE;
    if (!akt_args_number(call, args, "seconds", SECONDS_MAX, &seconds))
        return;
    if (json_object_get(args, "pid") && !akt_args_pid(call, args, &pid))
        return;
    if (!akt_profile_start(node, pid)) {
        akt_admin_error(call, "busy", "a profile is being taken already");
        return;
    }
    struct profiling *p = akt_calloc(sizeof *p);
    p->stream = (struct akt_stream){.call = call, .step = step, .fini = fini};
    p->node = node;
    p->stream.end_ns = akt_node_now(node) + seconds * 1000000000ull;
    akt_stream_begin(&p->stream, BEAT_MS);
}

void akt_admin_add_profile(struct akt_admin *admin)
{
    akt_admin_add_look(admin, "profile", profile, NULL);
}
