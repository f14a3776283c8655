/* SPDX-License-Identifier: MIT
 *
 * lua/test_cluster.h: t.cluster: nodes beside that of a trial, in its world
 * (vm/world.h), linked over a simulated network (net/sim_net.h). Each runs the
 * test file as its main script, in which tests are not run, so that it has the
 * kinds of the file. What they write goes where the trial's output goes.
 *
 * The node of the trial is at place 0 of the network, the others at 1 to n.
 *
 * Ownership: of the test state. Threads: [worker], of the simulated world.
 */
#ifndef AKT_LUA_TEST_CLUSTER_H
#define AKT_LUA_TEST_CLUSTER_H

#include "lua/test_state.h"

#define AKT_CLUSTER_NODES 16 /* of one test, besides its own */

struct akt_test_cluster;

/* Adds functions to the table on top, which stdlib/test.lua gets. */
void akt_test_cluster_open(lua_State *L);
/* [start] Behind akt_node_run, before the node of the trial goes. */
void akt_test_cluster_end(struct akt_test_state *t);

#endif
