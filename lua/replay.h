/* SPDX-License-Identifier: MIT
 *
 * lua/replay.h: a recording (vm/tape.h) as a program, and looks into it
 * between two of its steps.
 *
 * Threads: [start], and from node->on_step.
 */
#ifndef AKT_LUA_REPLAY_H
#define AKT_LUA_REPLAY_H

#include "lua/program.h"

struct akt_recording;

/* Why it cannot be run, in a few words; NULL: it can. */
const char *akt_replay_refusal(struct akt_recording *rec);
/* Runs it to its end; returns what the program's exit code is then. */
int akt_replay_run(struct akt_recording *rec, const struct akt_beside *beside);
/* The last turns, a line each. */
void akt_replay_trace(struct akt_node *node, struct akt_buf *out);
/* What `aktvm inspect` tells, as JSON. False: there is no such actor. It
 * allocates in the actor's isolate. */
bool akt_replay_inspect(struct akt_node *node, uint64_t serial,
                        struct akt_buf *out);
/* So many turns have failed. */
uint64_t akt_replay_crashes(struct akt_node *node);

#endif
