/* SPDX-License-Identifier: MIT
 *
 * lua/lib_test.c: the C half of the module akt.test; stdlib/test.lua is the
 * other one and gets `core` and these functions.
 */
#include <string.h>

#include "lua/error.h"
#include "lua/lib_impl.h"
#include "lua/loading.h"
#include "lua/options.h"
#include "lua/report.h"
#include "lua/test_cluster.h"
#include "lua/test_state.h"
#include "vm/base/alloc.h"
#include "vm/fault.h"
#include "vm/send.h"
#include "vm/trace.h"

#define STACK_MAX 12 /* frames shown */

static struct akt_test_state *state_of(lua_State *L)
{
    return akt_test_state_of(akt_lua_of(L)->node);
}

/* ---- which test ---- */

/* mode() -> "list" | "run" | "inline" | "guest", the name of the test */
static int l_mode(lua_State *L)
{
    const struct akt_trial *trial = state_of(L)->trial;
    const char *mode = !trial ? "inline" : trial->test ? "run" : "list";
    lua_pushstring(L, state_of(L)->guest ? "guest" : mode);
    lua_pushstring(L, trial ? trial->test : NULL);
    return 2;
}

static uint32_t read_number(lua_State *L, const char *key, uint32_t max,
                            uint32_t otherwise)
{
    uint32_t n = otherwise;
    if (lua_getfield(L, 1, key) != LUA_TNIL) {
        lua_Integer given = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        if (given < 1 || given > max)
            akt_error_raise(L, "bad_option",
                            "explore: %s must be an integer from 1 to %d, not "
                            "%s",
                            key, (int)max, luaL_tolstring(L, -1, NULL));
        n = (uint32_t)given;
    }
    lua_pop(L, 1);
    return n;
}

static void read_first_seed(lua_State *L, struct akt_trial_wish *w)
{
    w->has_seed = lua_getfield(L, 1, "seed") != LUA_TNIL;
    if (w->has_seed && !lua_isinteger(L, -1))
        akt_error_raise(L, "bad_option",
                        "explore: seed must be an integer, not %s",
                        luaL_tolstring(L, -1, NULL));
    w->seed = (uint64_t)lua_tointeger(L, -1);
    lua_pop(L, 1);
}

/* wish(options of t.explore) -> text for add, how many runs */
static int l_wish(lua_State *L)
{
    static const char *const known[] = {"runs", "strategy", "depth",
                                        "seed", "late",     NULL};
    static const char *const strategies[] = {"random", "pct", NULL};
    struct akt_trial_wish w = {0};
    akt_options_check(L, 1, "explore", known);
    w.runs = read_number(L, "runs", AKT_TRIAL_RUNS_MAX, AKT_TRIAL_EXPLORE_RUNS);
    w.plan.explore = (enum akt_explore)akt_options_word(
        L, 1, "strategy", strategies, AKT_EXPLORE_RANDOM);
    w.plan.depth = read_number(L, "depth", AKT_PCT_DEPTH_MAX, 0);
    if (w.plan.depth && w.plan.explore != AKT_EXPLORE_PCT)
        return akt_error_raise(L, "bad_option",
                               "explore: depth is for the strategy \"pct\"");
    uint64_t late_ns = akt_options_duration(L, 1, "late", 0);
    if (late_ns > AKT_LATE_MS_MAX * 1000000ull)
        return akt_error_raise(L, "bad_option",
                               "explore: late must be at most %d s",
                               AKT_LATE_MS_MAX / 1000);
    w.plan.late_ms = (uint32_t)((late_ns + 999999) / 1000000);
    read_first_seed(L, &w);
    lua_pushlstring(L, (const char *)&w, sizeof w);
    lua_pushinteger(L, w.runs);
    return 2;
}

/* add(name, wish or nil): one more test of the file */
static int l_add(lua_State *L)
{
    struct akt_trial_result *r = state_of(L)->result;
    static const struct akt_trial_wish none;
    size_t len;
    const char *name = luaL_checklstring(L, 1, &len);
    const void *wish = luaL_optstring(L, 2, NULL);
    akt_buf_add(&r->names, name, len + 1);
    akt_buf_add(&r->wishes, wish ? wish : &none, sizeof none);
    return 0;
}

/* check_main(what): tests and what moves them on are for main's own code */
static int l_check_main(lua_State *L)
{
    const char *what = luaL_checkstring(L, 1);
    akt_check_effect(L, what);
    if (!akt_lua_self(L)->is_main)
        return akt_error_raise(L, "denied",
                               "%s is for the test file itself, not for an "
                               "actor",
                               what);
    akt_check_wait(L, what);
    return 0;
}

static void copy_string(lua_State *L, int idx, struct akt_buf *out)
{
    size_t len = 0;
    const char *s = lua_tolstring(L, idx, &len);
    out->len = 0;
    akt_buf_add(out, s, len);
}

/* finish(passed, message, file, line, code, stack): of a trial, whose node ends
 */
static int l_finish(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_test_state *t = state_of(L);
    struct akt_trial_result *r = t->result;
    lua_settop(L, 6);
    t->done = true;
    r->passed = lua_toboolean(L, 1);
    copy_string(L, 2, &r->message);
    copy_string(L, 3, &r->file);
    r->line = (int)lua_tointeger(L, 4);
    copy_string(L, 5, &r->code);
    copy_string(L, 6, &r->stack);
    if (!r->passed && h->iso->node->world->simulated)
        akt_trial_trace(h->iso->node, &r->trace);
    akt_node_exit(h->iso->node, 0);
    h->yield_op = AKT_Y_EXIT;
    return lua_yield(L, 0);
}

/* set_code(code): what the program will end with if nothing else decides */
static int l_set_code(lua_State *L)
{
    struct akt_node *node = akt_lua_of(L)->iso->node;
    /* relaxed: read when the workers have ended */
    atomic_store_explicit(&node->exit_code, (int)luaL_checkinteger(L, 1),
                          memory_order_relaxed);
    return 0;
}

/* ---- places ---- */

/* place() -> file, line of the innermost code of a script, its text */
static int l_place(lua_State *L)
{
    struct akt_place place;
    char text[160];
    if (!akt_place_find(L, &place))
        return 0;
    lua_pushstring(L, place.source);
    lua_pushinteger(L, place.line);
    bool has = akt_place_read_line(place.path, place.line, text, sizeof text);
    lua_pushstring(L, has ? text : NULL);
    return 3;
}

/* stack() -> "file:12 in f  <-  file:30", the script's frames only */
static int l_stack(lua_State *L)
{
    lua_Debug ar;
    struct akt_buf b = AKT_BUF_INIT;
    int shown = 0;
    for (int i = 0; shown < STACK_MAX && lua_getstack(L, i, &ar); i++) {
        lua_getinfo(L, "Sln", &ar);
        if (!akt_place_is_script(&ar))
            continue;
        akt_buf_printf(&b, "%s%s:%d", shown++ ? "  <-  " : "", ar.short_src,
                       ar.currentline);
        if (ar.name)
            akt_buf_printf(&b, " in %s", ar.name);
    }
    lua_pushlstring(L, b.data ? b.data : "", b.len);
    akt_buf_fini(&b);
    return 1;
}

/* drop_timers(): of main */
static int l_drop_timers(lua_State *L)
{
    struct akt_isolate *iso = akt_lua_of(L)->iso;
    akt_pending_close_type(iso, iso->current, AKT_P_TIMER);
    return 0;
}

/* ---- settle ---- */

bool akt_test_settled(struct akt_node *node)
{
    struct akt_test_state *t = akt_test_state_of(node->host_data);
    if (!t->settler_ask)
        return false;
    struct akt_msg *m = akt_msg_new(AKT_MSG_REPLY, 0);
    m->target = m->sender = node->main;
    m->ask = t->settler_ask;
    t->settler_ask = 0;
    akt_post(node, NULL, m);
    return true;
}

static int settle_k(lua_State *L, int status, lua_KContext id)
{
    (void)status;
    state_of(L)->settler_ask = 0;
    return akt_take_answer(L, "settle", (uint64_t)id);
}

/* settle(): simulated; back when nothing can happen before time passes */
static int l_settle(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_node *node = h->iso->node;
    struct akt_test_state *t = state_of(L);
    if (!node->on_idle) /* a program that runs with --sim */
        node->on_idle = akt_test_settled;
    struct akt_pending *p = akt_pending_open(
        h->iso, h->iso->current, AKT_P_CALL, akt_inherited_deadline(L));
    t->settler_ask = p->id;
    return akt_wait(L, p, settle_k);
}

/* is_quiet(): real; whether nothing is on its way, all other workers sleep and
 * no other actor has run since the last look. A look takes place in a turn of
 * main. */
static int l_is_quiet(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_node *node = h->iso->node;
    struct akt_test_state *t = state_of(L);
    uint64_t turns = 0;
    /* acquire: pairs with the release in akt_node_release; and with a sleeper's
     * when it counts itself, so that what it has queued is seen below. One that
     * has taken something from a queue is none */
    bool quiet =
        atomic_load_explicit(&node->external, memory_order_acquire) == 0 &&
        atomic_load_explicit(&node->sleepers, memory_order_acquire) + 1 ==
            node->workers_len &&
        atomic_load_explicit(&node->outside.len, memory_order_relaxed) == 0;
    for (uint32_t i = 0; i < node->workers_len; i++) {
        const struct akt_worker *w = &node->workers[i];
        /* relaxed: written before its worker went to sleep */
        turns += atomic_load_explicit(&w->turn_seq, memory_order_relaxed) >> 1;
        if (atomic_load_explicit(&w->queue.len, memory_order_relaxed) ||
            atomic_load_explicit(&w->next, memory_order_relaxed))
            quiet = false;
    }
    /* one turn since then is main's own */
    quiet = quiet && turns == t->seen_turns + 1;
    t->seen_turns = turns;
    lua_pushboolean(L, quiet);
    return 1;
}

/* ---- faults, stubs ---- */

/* crash(pid) */
static int l_crash(lua_State *L)
{
    struct akt_isolate *iso = akt_lua_of(L)->iso;
    akt_pid pid = akt_check_dest(L, 1);
    akt_check_effect(L, "fault.crash");
    enum akt_code code = akt_pid_is_none(pid)
                             ? AKT_NOPROC
                             : akt_fault_crash(iso, iso->current->self, pid);
    if (code == AKT_NOPROC)
        return akt_error_raise(L, "noproc",
                               "fault.crash: there is no such actor");
    if (code != AKT_OK)
        return akt_error_raise(L, "denied",
                               "fault.crash: not for main and the machine's "
                               "own actors");
    return 0;
}

/* stub(kind or name, table): false: it is too late */
static int l_stub(lua_State *L)
{
    struct akt_lua_node *n = akt_lua_of(L)->node;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    struct akt_lua_kind *k = akt_kind_at(L, 1);
    if (!k && lua_type(L, 1) == LUA_TSTRING) {
        pthread_mutex_lock(&n->lock);
        k = akt_kind_find(n, lua_tostring(L, 1));
        pthread_mutex_unlock(&n->lock);
    }
    if (!k)
        return akt_error_raise(L, "not_found",
                               "stub: there is no kind \"%s\"; require the "
                               "module that defines it first",
                               luaL_tolstring(L, 1, NULL));
    if (!akt_kind_stub(L, 2, k))
        return akt_error_raise(L, "frozen",
                               "stub: actors of kind %s have been spawned "
                               "already",
                               k->name);
    return 0;
}

/* ---- spies ---- */

static void keep_message(struct akt_spy *s, const struct akt_msg *m)
{
    if (s->ends.len / sizeof(uint32_t) >= AKT_SPY_MESSAGES ||
        s->bytes.len + m->size > AKT_SPY_BYTES) {
        s->dropped++;
        return;
    }
    uint64_t other = s->sent ? m->target.bits : m->sender.bits;
    akt_buf_add(&s->bytes, m->body, m->size);
    uint32_t end = (uint32_t)s->bytes.len;
    akt_buf_add(&s->ends, &end, sizeof end);
    akt_buf_add(&s->from, &other, sizeof other);
}

/* [worker] node->on_trace */
static void on_trace(struct akt_node *node, const struct akt_actor *a, int way,
                     const struct akt_msg *m)
{
    struct akt_test_state *t = akt_test_state_of(node->host_data);
    if (m->type != AKT_MSG_USER ||
        (way != AKT_TRACE_IN && way != AKT_TRACE_OUT))
        return;
    pthread_mutex_lock(&t->lock);
    for (uint32_t i = 0; i < t->spies_len; i++) {
        struct akt_spy *s = t->spies[i];
        if (akt_pid_eq(s->pid, a->self) && s->sent == (way == AKT_TRACE_OUT))
            keep_message(s, m);
    }
    pthread_mutex_unlock(&t->lock);
}

/* spy(pid, sent) -> its number */
static int l_spy(lua_State *L)
{
    struct akt_node *node = akt_lua_of(L)->iso->node;
    struct akt_test_state *t = state_of(L);
    akt_pid pid = akt_check_dest(L, 1);
    bool sent = lua_toboolean(L, 2);
    struct akt_actor *a = akt_actor_find(node->actors, pid);
    if (!a)
        return akt_error_raise(L, "noproc", "spy: there is no such actor");
    if (t->spies_len == AKT_SPIES)
        return akt_error_raise(L, "limit", "spy: at most %d in one node",
                               AKT_SPIES);
    struct akt_spy *s = akt_calloc(sizeof *s);
    s->pid = pid;
    s->sent = sent;
    pthread_mutex_lock(&t->lock);
    t->spies[t->spies_len++] = s;
    pthread_mutex_unlock(&t->lock);
    /* release: pairs with the acquire in vm/trace.c */
    atomic_store_explicit(&node->on_trace, on_trace, memory_order_release);
    /* relaxed: its owner sees it soon; a message that is on its way now may be
     * missed in the real world */
    atomic_store_explicit(&a->traced, true, memory_order_relaxed);
    lua_pushinteger(L, t->spies_len);
    return 1;
}

static struct akt_spy *check_spy(lua_State *L)
{
    struct akt_test_state *t = state_of(L);
    lua_Integer i = luaL_checkinteger(L, 1);
    if (i < 1 || i > (lua_Integer)t->spies_len)
        akt_error_arg(L, 1, "no such spy");
    return t->spies[i - 1];
}

/* spied(number) -> how many messages, how many more were not kept */
static int l_spied(lua_State *L)
{
    struct akt_test_state *t = state_of(L);
    const struct akt_spy *s = check_spy(L);
    pthread_mutex_lock(&t->lock);
    size_t n = s->ends.len / sizeof(uint32_t);
    uint32_t dropped = s->dropped;
    pthread_mutex_unlock(&t->lock);
    lua_pushinteger(L, (lua_Integer)n);
    lua_pushinteger(L, dropped);
    return 2;
}

/* Appends the bytes of message i to out; false: there is none. */
static bool copy_message(struct akt_test_state *t, const struct akt_spy *s,
                         size_t i, struct akt_buf *out, uint64_t *other)
{
    pthread_mutex_lock(&t->lock);
    const uint32_t *ends = (const void *)s->ends.data;
    const uint64_t *from = (const void *)s->from.data;
    bool found = i < s->ends.len / sizeof *ends;
    if (found) {
        size_t start = i ? ends[i - 1] : 0;
        akt_buf_add(out, s->bytes.data + start, ends[i] - start);
        *other = from[i];
    }
    pthread_mutex_unlock(&t->lock);
    return found;
}

/* spied_message(number, i) -> the other side, tag, ...; or nothing */
static int l_spied_message(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    const struct akt_spy *s = check_spy(L);
    lua_Integer i = luaL_checkinteger(L, 2);
    uint64_t other;
    h->scratch.len = 0;
    if (i < 1 ||
        !copy_message(state_of(L), s, (size_t)i - 1, &h->scratch, &other))
        return 0;
    akt_push_pid(L, (akt_pid){other});
    int n = akt_codec_decode(L, h->scratch.data, h->scratch.len);
    return n < 0 ? 0 : n + 1;
}

/* ---- open ---- */

static const luaL_Reg functions[] = {
    {"mode", l_mode},
    {"wish", l_wish},
    {"add", l_add},
    {"check_main", l_check_main},
    {"finish", l_finish},
    {"set_code", l_set_code},
    {"place", l_place},
    {"stack", l_stack},
    {"drop_timers", l_drop_timers},
    {"settle", l_settle},
    {"is_quiet", l_is_quiet},
    {"crash", l_crash},
    {"stub", l_stub},
    {"spy", l_spy},
    {"spied", l_spied},
    {"spied_message", l_spied_message},
    {NULL, NULL},
};

/* The loader of akt.test: stdlib/test.lua(core, functions) -> module */
static int l_load(lua_State *L)
{
    akt_loading_stdlib(L, "test");
    lua_getfield(L, LUA_REGISTRYINDEX, "akt.core");
    luaL_newlib(L, functions);
    akt_test_cluster_open(L);
    lua_call(L, 2, 1);
    return 1;
}

void akt_lib_test_open(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, l_load);
    lua_setfield(L, -2, "akt.test");
    lua_pop(L, 1);
}
