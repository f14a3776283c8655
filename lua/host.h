/* SPDX-License-Identifier: MIT
 *
 * lua/host.h: what runs Lua actors in an isolate.
 *
 * An isolate has one lua_State. Handlers run on coroutines of a pool. Each
 * coroutine runs the driver, a C function that takes turn after turn from
 * akt_turn_next and calls handlers, so that a handler which does not wait
 * costs one Lua call and no resume. When a handler waits (or is preempted),
 * the whole coroutine is yielded: it is then that actor's, and another one of
 * the pool drives on. When its handler has ended it drives again.
 *
 * Invariants
 *   H1  `chain` holds the coroutines that resumed one another, innermost
 *       first; its last one is the coroutine of the driver. A place may wait
 *       if every one of them is yieldable.
 *   H2  A coroutine is in the pool, or in some actor's `fiber`, or running.
 *   H3  A script may resume or close neither a driver's coroutine nor one of
 *       its own that waits for the scheduler: these are held.
 *   H4  `yield_op` is AKT_Y_NONE while Lua code runs; whoever yields to the
 *       scheduler sets it first, and the scheduler resets it.
 *
 * Threads: [owner], but for what says otherwise.
 */
#ifndef AKT_LUA_HOST_H
#define AKT_LUA_HOST_H

#include <lauxlib.h>
#include <lua.h>

#include "lua/codec.h"
#include "lua/codec_impl.h"
#include "lua/word.h"
#include "vm/base/random.h"
#include "vm/base/spare.h"
#include "vm/node.h"

struct akt_line;
struct akt_lua_kind;
struct akt_lua_node;

enum akt_yield { AKT_Y_NONE, AKT_Y_WAIT, AKT_Y_PREEMPT, AKT_Y_EXIT };

/* One resume that is in progress; lives in the C stack of who resumed. */
struct akt_chain {
    lua_State *L;
    struct akt_chain *outer;
};

/* A handler of a kind, found by the bytes of its tag without making a Lua
 * string of them. */
struct akt_handler {
    struct akt_word tag;
    int ref; /* registry */
};

#define AKT_HANDLERS 12 /* of a kind that are kept so; others go by `on` */

/* What one isolate knows of a kind: registry references, LUA_NOREF: none. */
struct akt_class {
    uint64_t serial; /* of the version; 0: none has been made */
    struct akt_handler handlers[AKT_HANDLERS];
    uint32_t handlers_len;
    uint8_t inits;  /* how many actors have been looked at, for: */
    uint8_t fields; /* which all of them had in self after init, at least */
    int on;
    int table;
    int meta;
    int init, terminate, pre_restart, post_restart, unknown, down, restarted,
        exit, upgrade, priority, overloaded, recovered, idle, wake, health;
};

/* What few actors need, made on first use. */
struct akt_lua_actor {
    struct akt_random random;
    bool random_seeded;
    uint64_t deadline_ns; /* of akt.within; 0: none */
    int handlers;         /* registry: stack of become tables; LUA_NOREF */
    int output;           /* registry: io.output of this actor */
    int on_shutdown;      /* registry: list of functions */
    int loading;          /* h->loading while the actor is suspended */
    bool testing;         /* a test of akt.when runs */
    int tasks;            /* registry: number -> task; LUA_NOREF */
    uint64_t tasks_made;
    uint64_t gates;        /* the newest one it has made: vm/gates.h; or 0 */
    int priority;          /* registry: of its own mailbox; LUA_NOREF */
    bool priority_failed;  /* it has been reported */
    bool priority_off;     /* it did not end: 0 for all */
    struct akt_line *line; /* of a session; or NULL */
};

struct akt_arena;

struct akt_lua {
    lua_State *L;
    struct akt_isolate *iso;
    struct akt_lua_node *node;
    struct akt_chain *chain;
    struct akt_turn *turn; /* taken, and not begun */
    enum akt_yield yield_op;
    int selves;                 /* registry: table of actors' states */
    uint32_t selves_len;        /* numbers ever used in it */
    struct akt_buf selves_free; /* those that are free, as uint32_t */
    const void *kind_box;       /* metatable of what marks kinds, or NULL */
    struct akt_class *classes;  /* by id of the version */
    uint32_t classes_len;
    lua_State **pool;
    uint32_t pool_len;
    struct akt_buf scratch;
    struct akt_words words;
    struct akt_spare spare; /* of the Lua heap */
    size_t memory_used;
    size_t memory_peak;
    bool memory_warned; /* vm/watchdog.h */
    bool gc_small;      /* it is collected as a small heap */
    bool in_vm;         /* allocations may overdraw the limit by a reserve */
    bool closing;       /* the state is being closed */
    bool simulated;     /* the world of its node */
    bool repeatable;    /* ... or it is recorded: lua/sim_state.h */
    struct akt_arena *arena; /* of a recorded one, its own */
    /* lua/sim_state.c: the block of a state that is being made */
    void *fresh;
    size_t fresh_size;
    lua_Alloc fresh_alloc;
    uint64_t modules_seen; /* generation of the modules that are loaded */
    bool asks_priority;    /* lua/priority.c: effects are refused */
    int loading; /* depth of modules being loaded: effects are refused */
};

#define AKT_POOL_COROUTINES 64
#define AKT_ASK_MS 5000
#define AKT_ROOM_MS 5000 /* a sender waits this long for a full mailbox */
#define AKT_MEMORY_RESERVE (256 * 1024)

extern const struct akt_host akt_lua_host;

/* The low bits of a coroutine's extra space; the rest of it is the host.
 * Held: only the scheduler may resume or close it.
 * Deaf: it ended by an error that a hook raised, and Lua calls no hook on it
 * any more. What runs there could not be preempted, so nothing may. */
#define AKT_HELD ((uintptr_t)1)
#define AKT_DEAF ((uintptr_t)2)

/* The host of the isolate that runs this state. */
static inline struct akt_lua *akt_lua_of(lua_State *L)
{
    uintptr_t bits = *(uintptr_t *)lua_getextraspace(L);
    return (struct akt_lua *)(bits & ~(AKT_HELD | AKT_DEAF));
}

static inline bool akt_has_mark(lua_State *co, uintptr_t mark)
{
    return *(uintptr_t *)lua_getextraspace(co) & mark;
}

static inline void akt_mark(lua_State *co, uintptr_t mark, bool on)
{
    uintptr_t *bits = lua_getextraspace(co);
    *bits = (*bits & ~mark) | (on ? mark : 0);
}

/* The actor whose turn it is. Never NULL while a script runs. */
static inline struct akt_actor *akt_lua_self(lua_State *L)
{
    return akt_lua_of(L)->iso->current;
}

struct akt_lua_actor *akt_lua_actor(struct akt_actor *a);

/* ---- waiting: lua/wait.c ---- */

/* Whether this place may wait. */
bool akt_can_wait(lua_State *L);
/* Raises { code = "cannot_wait" } if it may not; before anything is done. */
void akt_check_wait(lua_State *L, const char *what);
/* Main waits for others, or has returned: what they may ask of it is there. A
 * spawn or a file is no such wait. */
void akt_main_waits(lua_State *L);
/* When waits that start now must end: the earlier of what is inherited and,
 * without that, own_ns (seconds) from now or up to 10 ms later. 0: never
 * (own_ns 0 and nothing inherited). *inherited says which. */
uint64_t akt_wait_deadline(lua_State *L, uint64_t own_ns, bool *inherited);
uint64_t akt_inherited_deadline(lua_State *L); /* 0: none */
/* Whether it is that of the request being handled (not of akt.within). */
bool akt_is_inherited(lua_State *L, uint64_t deadline_ns);
/* Waits for p, then calls k with p's id as context; k must close it. */
int akt_wait(lua_State *L, struct akt_pending *p, lua_KFunction k);
/* Pushes the error of an answer that is none: see p->code and p->msg. */
void akt_push_failure(lua_State *L, const char *what, struct akt_pending *p);
/* Seconds of an argument as ns; raises on NaN, negative or no number. */
uint64_t akt_check_seconds(lua_State *L, int arg);
/* An answer's values are pushed and p is closed; raises on a failure. */
int akt_take_answer(lua_State *L, const char *what, uint64_t id);

/* ---- tasks: lua/lib_task.c ---- */

/* Pushes what the task of m calls; the number of arguments. */
int akt_task_push(lua_State *L, struct akt_actor *a, const struct akt_msg *m);
/* The current task has returned what is on the stack from `first`. */
void akt_task_done(lua_State *L, struct akt_actor *a, int first);
/* Pushes a table of what the task's future at idx has got; false: nothing, it
 * is not that of a task, or not done. */
bool akt_task_results(lua_State *L, int idx);
/* Pops that table, closes the pending, pushes the results; their number. */
int akt_task_take(lua_State *L, uint64_t id);
/* What is kept of each strand. */
void akt_lua_exchange(struct akt_actor *a, uint64_t host[2]);
/* Reads `reentrant` at idx; raises. `max` is kept. */
void akt_check_reentrant(lua_State *L, int idx, struct akt_reentrant *out);

/* ---- messages: lua/lib_message.c ---- */

/* The pid of a pid or name argument; none when nobody has the name. */
akt_pid akt_check_dest(lua_State *L, int arg);
/* Encodes the stack from `first` to the top into a block; raises. */
struct akt_msg *akt_encode(lua_State *L, int first, enum akt_msg_type type,
                           bool ack);
/* The same into h->scratch, which is there until the next message. */
void akt_encode_scratch(lua_State *L, int first);
/* The same for what answers an ask. */
struct akt_msg *akt_encode_answer(lua_State *L, int first);
/* A reason from the value at idx: a string is its own code if the machine
 * knows the word. */
struct akt_reason *akt_lua_reason(lua_State *L, int idx, enum akt_code code);
/* Pushes the value of a reason. */
void akt_push_reason(lua_State *L, const struct akt_reason *reason);
/* The reason of a crash by the error at idx; the stack is the caller's no
 * more but for the error, which is at 1 then. */
struct akt_reason *akt_crash_reason(lua_State *L, int idx);

/* ---- pids: lua/pid.c ---- */

void akt_push_pid(lua_State *L, akt_pid pid); /* nil for none */
/* Inline: on the path of every send. What is neither a pid nor a ref (another
 * library's NULL, for one) has other top bits: lua/codec_impl.h. */
static inline bool akt_to_pid(lua_State *L, int idx, akt_pid *pid)
{
    if (lua_type(L, idx) != LUA_TLIGHTUSERDATA)
        return false;
    uint64_t bits = (uintptr_t)lua_touserdata(L, idx);
    if (akt_codec_ext_of(bits) != AKT_CODEC_EXT_PID)
        return false;
    pid->bits = bits;
    return true;
}
akt_pid akt_check_pid(lua_State *L, int arg);
void akt_push_ref(lua_State *L, uint64_t ref);
uint64_t akt_check_ref(lua_State *L, int arg);
void akt_pid_open(lua_State *L);
/* "<counter#12>" or "<worker#8 \"w\">" */
void akt_describe(struct akt_node *node, akt_pid pid, bool name,
                  struct akt_buf *out);
/* "/user/main/counter#12" */
void akt_path(struct akt_node *node, akt_pid pid, struct akt_buf *out);

/* ---- preemption: lua/preempt.c ---- */

void akt_preempt_init(struct akt_node *node); /* [start] */
/* Every new coroutine goes through here. */
void akt_preempt_prepare(lua_State *L);
/* In simulation, when a coroutine is about to run: its slice. */
void akt_preempt_resumed(struct akt_lua *h, lua_State *L);
/* Likewise, when a script calls the machine: it may have been for so long. */
void akt_preempt_called(lua_State *L);
/* In a replay, when a call is over: it may be preempted here. */
void akt_preempt_replayed(lua_State *L);
/* As if the slice of the turn were over; for akt_host. */
void akt_preempt_give_way(struct akt_isolate *iso);
/* What runs now on this worker. */
static inline void akt_preempt_publish(struct akt_lua *h, lua_State *L)
{
    /* relaxed: read by a signal handler of this very thread */
    atomic_store_explicit(&h->iso->worker->running, L, memory_order_relaxed);
}

/* ---- coroutines: lua/lib_coroutine.c ---- */

void akt_coroutine_open(lua_State *L); /* pushes the table */
/* Closes what waits inside of co, innermost first. */
void akt_coroutine_unwind(struct akt_lua *h, lua_State *co);
/* Resumes with what is on L's stack above `nargs`; keeps `chain`. */
int akt_resume(struct akt_lua *h, lua_State *L, lua_State *from, int nargs,
               int *nres);

/* ---- the state of an isolate: lua/sandbox.c ---- */

lua_State *akt_sandbox_create(struct akt_lua *h);
/* How soon it is collected again, by how large it is now. */
void akt_sandbox_pace(struct akt_lua *h);

/* ---- mailboxes: lua/priority.c ---- */

int akt_lua_priority(struct akt_isolate *iso, struct akt_actor *a,
                     const struct akt_msg *m);

/* ---- reports: lua/report.c ---- */

/* Writes the text of a crash of `co`; what was raised is at `err` of L. Raises
 * when memory ends; what is in b then is still good. */
void akt_report_crash(lua_State *L, int err, struct akt_actor *a, lua_State *co,
                      int status, struct akt_buf *b);
void akt_report_print(struct akt_node *node, const char *text, size_t len,
                      const char *fate);

/* [any] Writes a text that begins with "error[code]: ", as JSON if wanted. */
void akt_report_note(const char *text);

#endif
