/* SPDX-License-Identifier: MIT */
#include "lua/replay.h"

#include <stdlib.h>
#include <string.h>

#include "lua/inspect.h"
#include "lua/test_state.h"
#include "vm/base/alloc.h"
#include "vm/tape.h"

/* A copy of a text, with a 0 behind it; free it by akt_free(copy, *len + 1).
 * One that is missing is empty. */
static char *copy_of(struct akt_recording *rec, const char *name, size_t *len)
{
    const char *bytes = "";
    *len = 0;
    akt_recording_find(rec, name, &bytes, len);
    char *copy = akt_alloc(*len + 1);
    memcpy(copy, bytes, *len);
    copy[*len] = 0;
    return copy;
}

/* The arguments stand behind each other, each with its 0. */
static char **split_args(char *text, size_t len, int *n)
{
    *n = 0;
    for (size_t i = 0; i < len; i++)
        *n += text[i] == 0;
    char **list = calloc((size_t)*n + 1, sizeof *list);
    if (!list)
        abort();
    int i = 0;
    for (char *p = text; i < *n; p += strlen(p) + 1)
        list[i++] = p;
    return list;
}

const char *akt_replay_refusal(struct akt_recording *rec)
{
    const char *bytes;
    size_t len;
    if (!akt_recording_find(rec, "start", &bytes, &len) ||
        !akt_recording_find(rec, "script", &bytes, &len) ||
        !akt_recording_find(rec, "build", &bytes, &len))
        return "it is damaged";
    bool same = len == strlen(AKT_VERSION) && !memcmp(bytes, AKT_VERSION, len);
    return same ? NULL : "another version of aktvm has recorded it";
}

int akt_replay_run(struct akt_recording *rec, const struct akt_beside *beside)
{
    size_t path_len, len, args_len, none;
    const char *bytes;
    bool has_path = akt_recording_find(rec, "path", &bytes, &none);
    char *path = copy_of(rec, "path", &path_len);
    char *text = copy_of(rec, "script", &len);
    char *args = copy_of(rec, "args", &args_len);
    struct akt_program p = {
        .config = {.simulated = true, .recording = rec},
        .path = has_path ? path : NULL,
        .text = text,
        .len = len,
        .crash_reports =
            akt_recording_find(rec, "crash_reports", &bytes, &none),
        .admin = "off",
        .beside = *beside,
    };
    p.argv = split_args(args, args_len, &p.argc);
    int code = akt_program_run(&p);
    free(p.argv);
    akt_free(args, args_len + 1);
    akt_free(text, len + 1);
    akt_free(path, path_len + 1);
    return code;
}

void akt_replay_trace(struct akt_node *node, struct akt_buf *out)
{
    akt_trial_trace(node, out);
}

static struct akt_actor *find(struct akt_node *node, uint64_t serial)
{
    /* vm/pid.h: akt_pid_serial */
    uint32_t slot = (uint32_t)(serial & AKT_PID_SLOT_MAX);
    uint32_t generation = (uint32_t)(serial >> AKT_PID_SLOT_BITS);
    return akt_actor_find(node->actors,
                          akt_pid_make(AKT_PID_NODE_SELF, slot, generation));
}

bool akt_replay_inspect(struct akt_node *node, uint64_t serial,
                        struct akt_buf *out)
{
    struct akt_actor *a = find(node, serial);
    struct akt_isolate *iso =
        a ? atomic_load_explicit(&a->isolate, memory_order_relaxed) : NULL;
    struct akt_lua *h =
        iso && iso->host == &akt_lua_host ? iso->host_data : NULL;
    if (!h)
        return false;
    lua_pushcfunction(h->L, akt_lua_look);
    lua_pushlightuserdata(h->L, a);
    lua_pushlightuserdata(h->L, out);
    lua_pushlightuserdata(h->L, (void *)"inspect");
    bool ok = lua_pcall(h->L, 3, 0, 0) == LUA_OK;
    lua_settop(h->L, 0);
    return ok;
}

uint64_t akt_replay_crashes(struct akt_node *node)
{
    struct akt_node_stats stats;
    akt_node_stats(node, &stats);
    return stats.crashes;
}
