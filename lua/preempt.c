/* SPDX-License-Identifier: MIT
 *
 * lua/preempt.c: taking the thread away from a script that runs too long.
 *
 * Usually there is no hook. The ticker signals the worker's thread when a
 * turn is over its slice; the handler sets a count hook of 1 on the coroutine
 * that runs; the hook yields it to the scheduler. Where it may not yield (a C
 * function that calls back) it gives up and is set again at the next tick;
 * after AKT_STUCK_TICKS it raises `stuck` at every instruction until that C
 * function is left.
 *
 * TSan delivers no signal inside a tight Lua loop, and the simulated world
 * wants every choice to be the seed's: there each coroutine has a permanent
 * count hook instead, which looks whether the slice is over. In simulation a
 * slice is a number of instructions that came with the choice of the turn
 * (vm/schedule.h); the hook is set to where it ends.
 *
 * Threads: the signal handler runs on the worker's thread, between any two
 *          instructions of it; lua_sethook is made for that.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include "lua/error.h"
#include "lua/host.h"
#include "lua/line.h"
#include "lua/test_state.h"
#include "lua/where.h"
#include "vm/profile.h"
#include "vm/tape.h"
#include "vm/watchdog.h"

#define AKT_STUCK_TICKS 100
#define REARM_TICKS 16
#define COUNT_REAL 1000 /* instructions between two looks, count-hook mode */
#define COUNT_SIM 1000  /* the same in simulation; more often if need be */
#define SIM_RETRY 50 /* instructions to the next try where it may not yield */
#define SIM_SLICE_NS                                                   \
    200000 /* what a whole slice took: else no timer would ever be due \
            * beside an endless loop */
#define SIM_STUCK 1000000 /* instructions in a row where it may not yield */

#if defined(__SANITIZE_THREAD__)
#define COUNT_MODE 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define COUNT_MODE 1
#endif
#endif
#ifndef COUNT_MODE
#define COUNT_MODE 0
#endif

/* Signals since a hook was last called: how long no Lua has run. */
static _Thread_local volatile sig_atomic_t unheard;

/* In a hook, where everything may be looked at. */
static void tell_where(struct akt_worker *w, lua_State *L)
{
    if (!akt_where_wanted(w))
        return;
    akt_where(L, w->where_text, sizeof w->where_text);
    akt_where_ready(w);
}

/* Likewise. */
static void answer_profile(struct akt_lua *h, lua_State *L)
{
    static _Thread_local char stack[AKT_PROFILE_TEXT];
    struct akt_actor *a = h->iso->current;
    if (!a || !akt_has_samples(h->iso->worker))
        return;
    akt_where_stack(L, a, stack, sizeof stack);
    akt_profile_answer(h->iso->worker, a, stack);
}

static void disarm(lua_State *L)
{
    lua_sethook(L, NULL, 0, 0);
}

static uint32_t over_ticks(struct akt_lua *h)
{
    struct akt_worker *w = h->iso->worker;
    return atomic_load_explicit(&w->over_ticks, memory_order_relaxed);
}

static void give_way(struct akt_lua *h, lua_State *L)
{
    h->yield_op = AKT_Y_PREEMPT;
    lua_yield(L, 0);
}

/* The place where it is stuck is outside the loop that swallows errors only
 * once the C function is left, so this is raised again and again. */
static void raise_stuck(lua_State *L)
{
    akt_mark(L, AKT_DEAF, true); /* until a hook is called on it again */
    akt_error_raise(L, "stuck",
                    "ran for %d ms where it cannot be preempted (inside a "
                    "function called from C)",
                    AKT_STUCK_TICKS);
}

/* The signal-armed hook. */
static void on_armed(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    struct akt_lua *h = akt_lua_of(L);
    uint32_t over = over_ticks(h);
    unheard = 0;
    tell_where(h->iso->worker, L);
    answer_profile(h, L);
    akt_mark(L, AKT_DEAF, false);
    if (h->chain && h->chain->L == L && akt_line_over(h))
        akt_line_raise(h, L); /* and stays armed */
    bool wanted = over > 0 || akt_turn_gives_way(h->iso);
    if (!wanted || !h->chain || h->chain->L != L) {
        disarm(L);
        return;
    }
    if (akt_can_wait(L)) {
        disarm(L);
        give_way(h, L);
    } else if (over >= AKT_STUCK_TICKS) {
        raise_stuck(L); /* and stays armed */
    } else {
        disarm(L);
    }
}

static void on_count(lua_State *L, lua_Debug *ar);

/* The next look is after so many instructions. */
static void look_after(lua_State *L, uint32_t n)
{
    int others = lua_gethookmask(L) & ~LUA_MASKCOUNT;
    lua_sethook(L, on_count, others | LUA_MASKCOUNT, (int)n);
}

/* ... where the slice ends, or before. */
static void aim(const struct akt_world *world, lua_State *L)
{
    uint32_t left = world->slice_left ? world->slice_left : 1;
    look_after(L, left < COUNT_SIM ? left : COUNT_SIM);
}

static void cannot_yield(struct akt_lua *h, lua_State *L, uint32_t ran)
{
    struct akt_worker *w = h->iso->worker;
    struct akt_world *world = h->iso->node->world;
    uint32_t n = over_ticks(h) + ran;
    /* relaxed: there is one thread */
    atomic_store_explicit(&w->over_ticks, n, memory_order_relaxed);
    if (n > SIM_STUCK) {
        look_after(L, 1);
        raise_stuck(L);
    }
    world->slice_left = SIM_RETRY;
    aim(world, L);
}

/* There is no hook but where it was preempted: hooks take stack. */
static void look_replayed(struct akt_lua *h, lua_State *L)
{
    if (!akt_tape || !akt_tape_is_preempted(akt_tape)) {
        disarm(L);
    } else if (akt_can_wait(L)) {
        disarm(L);
        give_way(h, L);
    }
}

void akt_preempt_replayed(lua_State *L)
{
    if (akt_tape && akt_tape_is_preempted(akt_tape))
        look_after(L, 1);
}

static void look_simulated(struct akt_lua *h, lua_State *L)
{
    struct akt_world *world = h->iso->node->world;
    uint32_t ran = (uint32_t)lua_gethookcount(L);
    if (world->replay) {
        look_replayed(h, L);
        return;
    }
    world->slice_left -= ran < world->slice_left ? ran : world->slice_left;
    if (world->slice_left) {
        aim(world, L);
    } else if (!akt_can_wait(L)) {
        cannot_yield(h, L, ran);
    } else {
        if (world->slice >= AKT_SLICE)
            world->now_ns += SIM_SLICE_NS;
        look_after(L, COUNT_SIM);
        give_way(h, L);
    }
}

void akt_preempt_called(lua_State *L)
{
    struct akt_world *world = akt_lua_of(L)->iso->node->world;
    if (!world->slice_calls || --world->slice_calls)
        return;
    world->slice = world->slice_left = 1; /* at the next instruction */
    aim(world, L);
}

void akt_preempt_resumed(struct akt_lua *h, lua_State *L)
{
    const struct akt_world *world = h->iso->node->world;
    if (world->replay) {
        akt_preempt_replayed(L);
        return;
    }
    if (!h->chain->outer)
        atomic_store_explicit(&h->iso->worker->over_ticks, 0,
                              memory_order_relaxed);
    if (world->slice_left < COUNT_SIM || lua_gethookcount(L) != COUNT_SIM)
        aim(world, L);
}

/* There is no ticker: each look is a sample. */
static void sample_simulated(struct akt_lua *h, lua_State *L)
{
    struct akt_worker *w = h->iso->worker;
    if (!akt_is_profiled(h->iso->node))
        return;
    atomic_store_explicit(
        &w->sampled_seq,
        atomic_load_explicit(&w->turn_seq, memory_order_relaxed),
        memory_order_relaxed);
    atomic_store_explicit(&w->samples, 1, memory_order_relaxed);
    answer_profile(h, L);
}

void akt_preempt_give_way(struct akt_isolate *iso)
{
    lua_State *L =
        atomic_load_explicit(&iso->worker->running, memory_order_relaxed);
    if (L && !COUNT_MODE)
        lua_sethook(L, on_armed, LUA_MASKCOUNT, 1);
}

/* The permanent hook. */
static void on_count(lua_State *L, lua_Debug *ar)
{
    struct akt_lua *h = akt_lua_of(L);
    if (ar->event == LUA_HOOKLINE) {
        akt_cover_hook(akt_covered(h->node), L, ar);
        return;
    }
    akt_mark(L, AKT_DEAF, false);
    if (!h->chain || h->chain->L != L)
        return;
    if (akt_line_over(h))
        akt_line_raise(h, L);
    if (h->iso->node->world->simulated) {
        sample_simulated(h, L);
        look_simulated(h, L);
        return;
    }
    tell_where(h->iso->worker, L);
    answer_profile(h, L);
    uint32_t over = over_ticks(h);
    if (over == 0 && !akt_turn_gives_way(h->iso))
        return;
    if (akt_can_wait(L))
        give_way(h, L);
    else if (over >= AKT_STUCK_TICKS)
        raise_stuck(L);
}

void akt_preempt_prepare(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    bool simulated = h->iso->node->world->simulated;
    bool counts = simulated ? !h->iso->node->world->replay : COUNT_MODE;
    if (counts)
        lua_sethook(L, on_count,
                    akt_covered(h->node) ? LUA_MASKCOUNT | LUA_MASKLINE
                                         : LUA_MASKCOUNT,
                    simulated ? COUNT_SIM : COUNT_REAL);
    else
        disarm(L); /* a coroutine inherits its maker's armed hook */
}

/* lua_sethook walks all calls in progress, which in a deep recursion takes
 * longer than a tick; one arming is enough, but for the rare case that Lua was
 * just about to clear the trap of the running function. */
static bool must_arm(struct akt_worker *w, lua_State *L)
{
    uint32_t over = atomic_load_explicit(&w->over_ticks, memory_order_relaxed);
    return lua_gethook(L) != on_armed || over % REARM_TICKS == 0;
}

static void on_signal(int number)
{
    (void)number;
    int saved = errno;
    struct akt_worker *w = akt_worker_self();
    lua_State *L =
        w ? atomic_load_explicit(&w->running, memory_order_relaxed) : NULL;
    if (w) /* relaxed: the watchdog compares two looks */
        atomic_fetch_add_explicit(&w->heard, 1, memory_order_relaxed);
    if (L && must_arm(w, L))
        lua_sethook(L, on_armed, LUA_MASKCOUNT, 1);
    if (L && ++unheard > REARM_TICKS + 1 && akt_where_wanted(w) &&
        akt_where_in_signal(L, w->where_text, sizeof w->where_text))
        akt_where_ready(w);
    errno = saved;
}

/* In a replay, from within a call that is no call of the machine. */
static void preempt_replayed(void)
{
    struct akt_worker *w = akt_worker_self();
    lua_State *L = atomic_load_explicit(&w->running, memory_order_relaxed);
    if (L)
        look_after(L, 1);
}

/* [ticker] */
static void preempt(struct akt_worker *w)
{
    pthread_kill(w->thread, SIGURG);
}

void akt_preempt_init(struct akt_node *node)
{
    if (node->world->replay)
        akt_tape_on_preempted(node->recording, preempt_replayed);
    if (node->world->simulated || COUNT_MODE)
        return;
    struct sigaction action = {0};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    akt_where_init();
    sigaction(SIGURG, &action, NULL);
    for (uint32_t i = 0; i < node->workers_len; i++)
        node->workers[i].preempt = preempt;
}
