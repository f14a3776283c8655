/* SPDX-License-Identifier: MIT
 *
 * lua/test_state.h: what the C half of akt.test (lua/lib_test.c) and a trial
 * (lua/trial.h) keep for one node.
 *
 * A test file runs in one of two ways. In a trial the node is made for one
 * test: that one runs, its result goes to whoever asked for the trial, and
 * what the node writes is captured. Otherwise (`aktvm file_test.lua`) the
 * tests run one after the other in the program's own node.
 *
 * Ownership: belongs to the akt_lua_node, made at first use, freed with it.
 * Threads:   as each line says.
 */
#ifndef AKT_LUA_TEST_STATE_H
#define AKT_LUA_TEST_STATE_H

#include "lua/capture.h"
#include "lua/cover.h"
#include "lua/kind.h"
#include "lua/trial.h"

#define AKT_SPY_MESSAGES 10000 /* of one spy; later ones are counted */
#define AKT_SPY_BYTES (16u << 20)
#define AKT_SPIES 64 /* of one node */

/* The messages of one actor, as they passed. */
struct akt_spy {
    akt_pid pid;
    bool sent; /* by it, else those that it took */
    struct akt_buf bytes;
    struct akt_buf ends; /* uint32_t of each message: where it ends in bytes */
    struct akt_buf from; /* uint64_t of each: the pid of the other side */
    uint32_t dropped;
};

struct akt_test_state {
    /* set before the node runs */
    const struct akt_trial *trial; /* NULL: none */
    struct akt_trial_result *result;
    _Atomic enum akt_log_level level; /* [any] */
    bool captures;
    bool guest;                 /* of t.cluster: it only has the kinds */
    struct akt_capture capture; /* [any] */
    struct akt_capture *sink;   /* where all goes: `capture`, or another's */
    _Atomic bool late;          /* a limit was reached */

    /* [owner] of main's isolate */
    bool done;      /* there is a result */
    bool passed_by; /* main's text has ended without the test */
    struct akt_test_cluster *cluster; /* lua/test_cluster.h; NULL: none */
    uint64_t settler_ask; /* the wait of t.settle; 0: nobody waits */
    uint64_t seen_turns;  /* for akt.test's look whether all is quiet */

    pthread_mutex_t lock;
    struct akt_spy *spies[AKT_SPIES]; /* under the lock */
    uint32_t spies_len;
};

/* [any] Makes it at the first call. */
struct akt_test_state *akt_test_state_of(struct akt_lua_node *n);
void akt_test_state_free(struct akt_lua_node *n); /* [start] */

/* [any] Where the node's output goes instead; NULL: it is written. */
static inline struct akt_capture *akt_captured(struct akt_lua_node *n)
{
    /* acquire: pairs with the release in akt_test_state_of */
    struct akt_test_state *t =
        atomic_load_explicit(&n->test, memory_order_acquire);
    return t && t->captures ? t->sink : NULL;
}

/* [any] Where the lines that run are counted; NULL: nowhere. */
static inline struct akt_cover *akt_covered(struct akt_lua_node *n)
{
    /* acquire: as above */
    struct akt_test_state *t =
        atomic_load_explicit(&n->test, memory_order_acquire);
    return t && t->trial ? t->trial->cover : NULL;
}

/* The module akt.test, as a loader in package.preload. */
void akt_lib_test_open(lua_State *L);

/* Simulated, from node->on_idle: whether t.settle was waiting for that. */
bool akt_test_settled(struct akt_node *node);

/* lua/trial_trace.c: [owner] of everything: the last turns of a node, a line
 * each, with the names of who took part; and where they left the plain order,
 * if the plan keeps marks. */
void akt_trial_trace(struct akt_node *node, struct akt_buf *out);

#endif
