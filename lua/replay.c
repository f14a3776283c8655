/* SPDX-License-Identifier: MIT */
#include "lua/replay.h"

#include <stdlib.h>
#include <string.h>

#include "lua/inspect.h"
#include "lua/test_state.h"
#include "vm/base/alloc.h"
#include "vm/tape.h"

/* A text as a string that free() takes; NULL: there is none. */
static char *text_of(struct akt_recording *rec, const char *name, size_t *len)
{
    const char *bytes;
    *len = 0;
    return akt_recording_find(rec, name, &bytes, len) ? strndup(bytes, *len)
                                                      : NULL;
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

int akt_replay_run(struct akt_recording *rec, const struct akt_beside *beside)
{
    size_t len, args_len;
    const char *bytes, *args = "";
    char *path = text_of(rec, "path", &len);
    char *text = NULL;
    if (akt_recording_find(rec, "script", &bytes, &len))
        text = strndup(bytes, len);
    akt_recording_find(rec, "args", &args, &args_len);
    struct akt_program p = {
        .config = {.simulated = true, .recording = rec},
        .path = path,
        .text = text ? text : "",
        .len = text ? strlen(text) : 0,
        .admin = "off",
        .beside = *beside,
    };
    size_t none;
    p.crash_reports = akt_recording_find(rec, "crash_reports", &bytes, &none);
    char *copy = akt_alloc(args_len + 1);
    memcpy(copy, args, args_len);
    p.argv = split_args(copy, args_len, &p.argc);
    int code = akt_program_run(&p);
    free(p.argv);
    akt_free(copy, args_len + 1);
    free(path);
    free(text);
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
