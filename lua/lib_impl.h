/* SPDX-License-Identifier: MIT
 *
 * lua/lib_impl.h: what the files of the module akt share. Each `open` adds
 * its functions to the table `akt`, which scripts see, and `core`, which only
 * stdlib/akt.lua sees.
 */
#ifndef AKT_LUA_LIB_IMPL_H
#define AKT_LUA_LIB_IMPL_H

#include "lua/host.h"
#include "lua/image.h"

void akt_lib_message_open(lua_State *L, int akt, int core);
void akt_lib_future_open(lua_State *L, int akt, int core);
void akt_lib_actor_open(lua_State *L, int akt, int core);
void akt_lib_receive_open(lua_State *L, int core);
void akt_lib_info_open(lua_State *L, int akt);
void akt_lib_node_open(lua_State *L, int akt, int core);
void akt_lib_life_open(lua_State *L, int akt, int core);
void akt_lib_log_open(lua_State *L, int akt);
void akt_lib_metrics_open(lua_State *L, int akt);
void akt_lib_events_open(lua_State *L, int akt);
void akt_lib_trace_open(lua_State *L, int akt, int core);
void akt_lib_task_open(lua_State *L, int akt);
void akt_lib_io_open(lua_State *L);
void akt_lib_topic_open(lua_State *L, int akt);
void akt_lib_reload_open(lua_State *L, int core);
/* What only parts of stdlib/ use, and few isolates need: core.lib(name) makes a
 * table of one of these. */
extern const luaL_Reg akt_lib_gates[], akt_lib_timers[], akt_lib_provide[],
    akt_lib_shared[];
void akt_lib_fault_open(lua_State *L, int core);
void akt_lib_sim_open(lua_State *L); /* time and files, simulated */
/* akt_disk_load of the world's files. */
int akt_sim_load(lua_State *L, const char *path, struct akt_buf *out);
/* Kind.log of the table at idx: the level of that kind; raises. */
void akt_log_read_level(lua_State *L, int idx, const struct akt_kind *kind);

void akt_refuse_effect(lua_State *L, const char *what);
/* Raises effect_at_load while a module loads; ends the run in definition
 * mode. */
static inline void akt_check_effect(lua_State *L, const char *what)
{
    if (akt_lua_of(L)->loading)
        akt_refuse_effect(L, what);
}
/* Ends the run in definition mode: for what has an effect outside of actors,
 * or waits. */
void akt_check_definition(lua_State *L);
/* Raises `limit` when the node is short of memory: for what the machine must
 * remember outside of any isolate. */
void akt_check_room(lua_State *L, const char *what);
/* Pushes a fresh copy of what the image holds; takes the reference, also when
 * it raises. */
void akt_push_image(lua_State *L, struct akt_image *image);
/* "32MB", "512kB", "1GB" or a number of bytes, 256 kB at least; raises. */
size_t akt_check_memory(lua_State *L, int idx, const char *what);
/* Sends the request at 1 and behind; the pending waits for the answer. `waits`:
 * so will the actor, at once; then nothing is sent when that closes a circle,
 * and it raises. NULL: see lua/look.h, akt_look_many. */
struct akt_pending *akt_start_ask(lua_State *L, const char *what, bool waits);
/* Publishes whom this actor is about to wait for; raises when that closes a
 * circle. */
void akt_check_circle(lua_State *L, struct akt_pending *p);
/* [owner] What it does, in the words of akt.info. */
const char *akt_actor_state_name(const struct akt_actor *a);
/* The host's answer to AKT_MSG_INFO. */
void akt_lua_info(struct akt_isolate *iso, struct akt_actor *a,
                  struct akt_msg *m);
/* Pushes "<counter#12>" and returns it. */
const char *akt_pid_text(lua_State *L, akt_pid pid);

#endif
