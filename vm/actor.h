/* SPDX-License-Identifier: MIT
 *
 * vm/actor.h: what the VM knows of one actor, and the table of all of them.
 *
 * A record is never given back to malloc while the node lives: any thread may
 * look at the slot of any pid, and finds either that actor or another pid.
 *
 * Invariants
 *   A1  `pid` is the actor's pid from spawn until its end is announced, then
 *       0; a slot is used again with another generation only.
 *   A2  An actor is on its isolate's ready list or not at all, and when it
 *       has work (todo, or messages it may take) it is on it.
 *   A3  The slot is freed by the owner of the parent, which has taken the
 *       actor off its list of children first; a parent outlives its children.
 *
 * Threads: each group of fields says who may touch it. "owner" is the worker
 *          that runs the actor's isolate, "parent" the one that runs its
 *          parent's.
 */
#ifndef AKT_VM_ACTOR_H
#define AKT_VM_ACTOR_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/base/heap.h"
#include "vm/base/map.h"
#include "vm/message.h"
#include "vm/pid.h"
#include "vm/reason.h"
#include "vm/tape.h"

struct akt_isolate;
struct akt_node;
struct akt_host;
struct akt_order;
struct akt_pending;
struct akt_priorities;
struct akt_route;

/* What happens to a message for which there is no room. LOOK is never a
 * policy, but an answer of akt_send: see AKT_LOAD_LOOK. */
enum akt_full {
    AKT_FULL_WAIT,
    AKT_FULL_DROP_NEW,
    AKT_FULL_DROP_OLD,
    AKT_FULL_ERROR,
    AKT_FULL_LOOK
};

/* How many messages and bytes may wait; UINT32_MAX messages: unbounded. */
struct akt_mailbox_policy {
    uint32_t max;
    uint32_t max_kb;
    enum akt_full full;
};

/* In which order messages are taken, and which are not taken at all. Owned by
 * a kind or a spec. */
struct akt_mailbox_rules {
    struct akt_priorities *tags; /* vm/priorities.h; one reference, or NULL */
    bool by_function;            /* host->priority says the level */
    bool fair;                   /* by turns among senders */
    uint32_t ttl_ms;             /* older ones are dropped; 0: never */
    uint32_t signal;             /* so many are too many; 0: the bound */
};

#define AKT_MAILBOX_MAX 65536
#define AKT_MAILBOX_MAX_KB (64 * 1024)

/* Which actors of an isolate run first: vm/ready.h. */
enum akt_priority_class {
    AKT_CLASS_NORMAL,
    AKT_CLASS_HIGH,
    AKT_CLASS_LOW,
    AKT_CLASS_DEADLINE
};

/* Which isolates run first: vm/sched.h. 0 also: it is on no queue. */
enum akt_rank { AKT_RANK_HIGH, AKT_RANK_NORMAL, AKT_RANK_LOW, AKT_RANKS };

enum akt_restart { AKT_TEMPORARY, AKT_TRANSIENT, AKT_PERMANENT };
enum akt_strategy { AKT_ONE_FOR_ONE, AKT_ONE_FOR_ALL, AKT_REST_FOR_ONE };
enum akt_exhausted {
    AKT_EXHAUSTED_ESCALATE,
    AKT_EXHAUSTED_STOP,
    AKT_EXHAUSTED_PARK
};
enum akt_action {
    AKT_ACT_DEFAULT,
    AKT_ACT_RESUME,
    AKT_ACT_RESTART,
    AKT_ACT_STOP,
    AKT_ACT_ESCALATE,
    AKT_ACT_SUSPEND /* the state stays, and no message is taken */
};

/* How an actor supervises its children. */
struct akt_supervise {
    enum akt_strategy strategy;
    enum akt_exhausted exhausted;
    uint32_t max;            /* restarts ... */
    uint32_t within_ms;      /* ... in this time, over that: exhausted */
    uint32_t backoff_ms;     /* before the second restart, then doubled ... */
    uint32_t backoff_max_ms; /* ... up to this */
};

#define AKT_SUPERVISE_DEFAULT                                         \
    {                                                                 \
        AKT_ONE_FOR_ONE, AKT_EXHAUSTED_ESCALATE, 5, 10000, 100, 30000 \
    }

/* What may start while a handler waits: vm/strand.h. */
enum akt_reentry { AKT_RE_NONE, AKT_RE_ALL, AKT_RE_TAGS };

/* The beginnings of messages that may: each two bytes of length, in the
 * machine's order, and so many bytes of a body. */
struct akt_tags {
    uint32_t size;
    char bytes[];
};

#define AKT_IN_FLIGHT 1000

struct akt_reentrant {
    enum akt_reentry mode;
    uint32_t max; /* handlers in progress; over that, messages wait */
    struct akt_tags *tags;
};

/* When an actor is passivated (vm/passivate.h); both 0: never. */
struct akt_passivate {
    uint32_t after_ms; /* without a message */
    uint32_t messages; /* handled since its start or waking */
};

enum akt_hook {
    AKT_HOOK_INIT = 1,
    AKT_HOOK_TERMINATE = 2,
    AKT_HOOK_PRE_RESTART = 4,
    AKT_HOOK_POST_RESTART = 8,
    AKT_HOOK_EXIT = 16, /* traps exits */
    AKT_HOOK_DOWN = 32,
    AKT_HOOK_UPGRADE = 64,
    AKT_HOOK_OVERLOADED = 128,
    AKT_HOOK_RECOVERED = 256,
    AKT_HOOK_IDLE = 512,
    AKT_HOOK_WAKE = 1024,
    AKT_HOOK_HEALTH = 2048
};

/* A behaviour. Immutable once actors of it exist, but for `newer`: the version
 * its actors change to (vm/upgrade.h). Lives as long as the node.
 * `process`: one function from start to end instead of handlers. */
struct akt_kind {
    const char *name;
    const struct akt_host *host;
    bool process;
    uint32_t hooks; /* enum akt_hook */
    struct akt_mailbox_policy mailbox;
    struct akt_supervise supervise;
    void *data;       /* the host's */
    uint32_t metrics; /* its number: vm/metrics.h */
    const struct akt_kind *_Atomic newer;
    struct akt_reentrant reentrant; /* max 0: AKT_IN_FLIGHT */
    struct akt_mailbox_rules rules;
    bool looked_at; /* its actors carry AKT_LOAD_LOOK: it has a contract */
    struct akt_passivate passivate;
    enum akt_priority_class class;
};

struct akt_on_error {
    char *code; /* "*": any other */
    enum akt_action action;
    struct akt_on_error *next;
};

#define AKT_SHUTDOWN_MS 5000
#define AKT_SHUTDOWN_FOREVER UINT32_MAX /* 0: kill at once */
#define AKT_INIT_MS 5000

/* How the first start may go; a failed one at a restart is a crash. */
struct akt_init {
    uint32_t timeout_ms; /* of each try, at restarts too */
    uint32_t retries;
    uint32_t backoff_ms;     /* before the first retry, then doubled ... */
    uint32_t backoff_max_ms; /* ... up to this */
};

#define AKT_INIT_DEFAULT                 \
    {                                    \
        AKT_INIT_MS, 0, 100, AKT_INIT_MS \
    }
#define AKT_INIT_RETRIES_MAX 1000

/* vm/health.h */
struct akt_health_policy {
    uint32_t every_ms; /* 0: it is not checked */
    uint32_t timeout_ms;
    uint32_t fails; /* so many in a row are a crash */
};

#define AKT_HEALTH_DEFAULT \
    {                      \
        5000, 1000, 3      \
    }

/* What was said at spawn beyond kind and arguments; an actor that said
 * nothing has none. Owned by the actor's record. */
struct akt_spec {
    enum akt_restart restart;
    uint32_t shutdown_ms;
    struct akt_on_error *on_error;
    bool own_mailbox;
    struct akt_mailbox_policy mailbox;
    struct akt_mailbox_rules rules; /* with own_mailbox */
    bool own_supervise;
    struct akt_supervise supervise;
    struct akt_health_policy health;
    struct akt_init init;
    uint32_t init_tried; /* how many first starts have failed */
    bool own_passivate;
    struct akt_passivate passivate;
    bool own_class;
    enum akt_priority_class class;
    bool own_isolate;
    uint32_t cpu_percent;    /* of its isolate; 0: no limit */
    size_t memory_bytes;     /* 0: the default of the isolate */
    void *code;              /* the host's, released by host->spec_fini */
    void *priority;          /* likewise, if the rules say by_function */
    void *uses;              /* likewise: what it finds by name */
    struct akt_route *route; /* of a router; until its record has it */
};

struct akt_spec *akt_spec_new(void); /* the defaults */
void akt_spec_free(struct akt_spec *spec, const struct akt_host *host);

enum akt_state {
    AKT_A_FREE,
    AKT_A_NEW,  /* its start is on the way or queued */
    AKT_A_INIT, /* init runs */
    AKT_A_RUNNING,
    AKT_A_DOWN,      /* failed; the parent decides (or has parked it) */
    AKT_A_FINISHING, /* a stop waits for the handler in progress */
    AKT_A_CHILDREN,  /* children are being stopped */
    AKT_A_HOOK,      /* terminate or pre_restart runs */
    AKT_A_HALTED,    /* state dropped; waits for the word to start again */
    AKT_A_DELAY,     /* backoff */
    AKT_A_POST,      /* post_restart runs */
    AKT_A_ENDING,    /* telling the others */
    AKT_A_AWAY,      /* passivated: no state until a message comes */
    AKT_A_SUSPENDED  /* failed, and waits with its state for a reinstate */
};

enum akt_todo {
    AKT_DO_START = 1,
    AKT_DO_RESUME = 2,   /* what its handler waited for has come */
    AKT_DO_LIFE = 4,     /* its life-cycle has a step to take */
    AKT_DO_UNWIND = 8,   /* a waiting process is stopped */
    AKT_DO_UPGRADE = 16, /* once it is not busy; so are those that follow */
    AKT_DO_IDLE = 32,    /* it is to be passivated */
    AKT_DO_HEALTH = 64,  /* a health check is due */
    AKT_DO_STRAND = 128  /* another strand may go on, or start */
};
#define AKT_DO_ASIDE (AKT_DO_UPGRADE | AKT_DO_IDLE | AKT_DO_HEALTH)

/* Which of the turns that no message causes is in progress. */
enum akt_aside {
    AKT_ASIDE_NONE,
    AKT_ASIDE_WAKE, /* with init */
    AKT_ASIDE_IDLE, /* from here on: they do not keep the program alive */
    AKT_ASIDE_HEALTH
};

/* What a RUNNING actor does when it is not the one that runs on its worker. */
enum akt_activity {
    AKT_IDLE,
    AKT_WAITING,   /* its handler waits */
    AKT_PREEMPTED, /* its handler would go on */
    AKT_DONE_MAIN  /* main, at the end of its text */
};

/* What makes the messages of an actor take a longer way. One byte, looked at
 * where a message enters a mailbox and where it leaves it, is all that these
 * cost an actor that has none of them. */
enum akt_extra {
    AKT_X_ORDER = 1,     /* its mailbox is not first in, first out */
    AKT_X_TTL = 2,       /* messages get too old */
    AKT_X_SIGNALS = 4,   /* somebody wants to hear when it is overloaded */
    AKT_X_PASSIVATE = 8, /* it leaves when it is not used */
    AKT_X_STRANDS = 16,  /* several handlers may be in progress */
    AKT_X_CLASS = 32,    /* its priority is not the normal one */
    AKT_X_RECEIVES = 64, /* it has looked through its mailbox (ext->scan) */
    AKT_X_WAITERS = 128  /* somebody waits for room (ext->over_first) */
};
/* ... and where an actor that is not busy takes its next message, a longer
 * one: the order of messages, which of them, or who has to hear of it. */
#define AKT_X_TAKING \
    (AKT_X_ORDER | AKT_X_TTL | AKT_X_SIGNALS | AKT_X_STRANDS | AKT_X_RECEIVES)

/* What the parent knows of a child. */
enum akt_child_state {
    AKT_C_UP,
    AKT_C_FAILED,
    AKT_C_HALTING,
    AKT_C_HALTED,
    AKT_C_STARTING,
    AKT_C_STOPPING,
    AKT_C_PARKED
};

/* Rarely needed things of an actor, made on first use. */
struct akt_actor_ext {
    char *name;
    struct akt_map links;            /* pid -> 1 */
    struct akt_map watchers;         /* ref -> pid: who monitors me */
    struct akt_map restart_watchers; /* those who want to hear of restarts */
    struct akt_map watching;         /* ref -> pid: whom I monitor */
    struct akt_map deferred;         /* ask id -> pid: replies I still owe */
    struct akt_msg *stash_first, *stash_last;
    uint64_t trace;       /* set by hand while no message is handled; 0: none */
    uint64_t stash_load;  /* of AKT_LOAD */
    struct akt_msg *lost; /* crashed the actor; for pre_restart */
    struct akt_msg *over_first, *over_last; /* let in when there is room */
    uint32_t over_count;
    struct akt_msg *scan;    /* in the mailbox: a receive looks behind it */
    struct akt_msg *scan_at; /* what it looks at now; NULL: it is gone */
    bool scan_again;         /* something new stands in front of `scan` */
    struct akt_order *order; /* vm/order.h */
    bool overloaded, signal_queued, signal_told; /* vm/overload.c */
    struct akt_strands *strands;                 /* vm/strand.h */
    /* as a supervisor */
    uint64_t *restarts_ns; /* ring: when, in the window that counts */
    uint32_t restarts_cap, restarts_len, restarts_pos;
    bool group_active, group_starting;
    uint64_t group_delay_ns; /* before the first of the group starts */
    uint32_t end_cursor;     /* how far the end has got in a map */
    uint32_t storm_restarts; /* vm/watchdog.h */
    uint64_t storm_from_ns;
    struct akt_health *health; /* vm/health.h; or NULL */
    /* ready, of the class deadline */
    struct akt_heap_node due;
    struct akt_actor *due_of;
    uint64_t restart_delay_ns; /* of the restart in progress */
    /* placement of children */
    struct akt_isolate *home;
    uint32_t home_left;
    uint32_t children;
};

/* Values that are kept encoded: spawn arguments, a fraction of the block they
 * came in, or what idle() returned. */
struct akt_args {
    uint32_t len;
    char bytes[];
};

struct akt_args *akt_args_new(const char *bytes, uint32_t len);
void akt_args_free(struct akt_args *args); /* NULL allowed */

/* Of a spawn, for a restart: the lowest byte is 2 * length + 1 and the bytes
 * are above it, or it is a struct akt_args; 0: none. */
struct akt_start_args {
    uint64_t word;
};

/* What a message touches comes first, in two lines of the cache of those that
 * few others fit beside: a ring of a million actors waits for memory. */
struct akt_actor {
    /* any thread reads; written as said */
    _Atomic uint64_t pid;
    struct akt_isolate *_Atomic isolate; /* before the pid is published */
    const struct akt_kind *_Atomic kind; /* owner: the version it has now */
    _Atomic uint64_t load_here;          /* owner: messages in the mailbox */
    _Atomic uint64_t load_away; /* messages on the way from other isolates */
    _Atomic uint64_t limit;     /* the mailbox policy, packed; as `isolate` */
    _Atomic uint64_t processed; /* owner: a figure */
    _Atomic uint8_t shown;      /* owner: `state` */
    _Atomic uint8_t activity;   /* owner: enum akt_activity */
    _Atomic bool full_noted;    /* any sets, the owner clears: vm/overload.c */
    _Atomic bool joined;        /* any: it may be in lists of vm/topic.h */
    _Atomic uint8_t health;     /* owner: enum akt_health_status */
    uint8_t class;       /* enum akt_priority_class; set at spawn, for life */
    _Atomic bool traced; /* any: vm/trace.h */
    _Atomic bool held_back; /* it refused the newer version of its kind */

    /* owner */
    struct akt_actor *next_ready;
    akt_pid self; /* like `pid`, but to the very end */
    struct akt_msg *mail_first, *mail_last;
    struct akt_msg *current; /* being handled, innermost first by `next` */
    struct akt_actor_ext *ext;
    void *host_data;    /* the host's */
    uint32_t self_ref;  /* the host's */
    uint8_t state;      /* enum akt_state; set by akt_actor_set_state */
    uint8_t todo;       /* enum akt_todo */
    uint8_t extras;     /* enum akt_extra */
    bool ready : 1;     /* on the ready list */
    bool busy : 1;      /* a handler is in progress */
    bool finished : 1;  /* main: its text has run to the end */
    uint8_t goal : 2;   /* 0, or where a stop in steps leads: vm/life.h */
    bool parked : 1;    /* its handler waits, see `wait_any` */
    bool receiving : 1; /* ... for a message */
    bool traps_exit : 1;
    /* what follows is for few messages */
    struct akt_pending *pendings;
    void *fiber; /* the host's: its handler in progress */
    struct akt_spec *spec;
    struct akt_msg *start;      /* until init has returned: who spawned it */
    struct akt_start_args args; /* for a restart */
    struct akt_reason *end_reason;
    struct akt_passivation *passivation; /* vm/passivate.h; or NULL */
    struct akt_actor *youngest;          /* children, by order of start */
    uint32_t since_tick;                 /* when its handler began to wait */
    uint32_t slices; /* of the handler in progress, since it last waited */
    uint8_t aside;   /* enum akt_aside */
    uint8_t weight;
    bool is_main : 1;
    bool guardian : 1; /* `/`, `/system`, `/user` */
    bool preempted : 1;
    bool killed : 1;      /* no terminate, no closing */
    bool started : 1;     /* init has returned once */
    bool grouped : 1;     /* the parent wants to hear each step */
    bool wants_hook : 1;  /* a terminate turn, whatever its kind says */
    bool exit_queued : 1; /* an EXIT in its mailbox must end it */
    bool upgrading : 1;   /* its handler in progress is an upgrade */
    bool retrying : 1;    /* its first init has failed and is tried again */

    /* parent */
    uint8_t child_state;  /* enum akt_child_state */
    bool in_group;        /* is restarted together with others */
    uint8_t restart_type; /* set at spawn, read by child and parent */
    uint32_t shutdown_ms; /* likewise */
    struct akt_actor *older, *younger; /* siblings */
    uint64_t last_restart_ns;
    uint16_t restarts_in_row;

    /* any thread reads; akt_actor_free leaves them from here on */
    _Atomic bool subscribed;         /* any: vm/stream.h */
    _Atomic uint32_t restarts;       /* owner: a figure */
    _Atomic uint64_t edge;           /* vm/deadlock.h */
    _Atomic uint64_t parent;         /* pid; as `isolate` */
    struct akt_route *_Atomic route; /* of a router: vm/route.h; likewise */
    _Atomic uint64_t cpu_us;         /* ticker: sampled once a tick */
    _Atomic uint32_t born_ms;        /* at spawn; after the start of the node */
    _Atomic uint32_t idle_ms; /* owner: since when, on the node's clock; 0:
                               * it is not passivated */
};

/* load words: messages in the upper bits, bytes in the lower ones */
#define AKT_LOAD_BYTES_BITS 36
/* Marks in load_here, a word that every sender reads anyway. WAITERS: senders
 * wait for room, whoever comes now waits behind them. LOOK: who sends must
 * look at the receiver first (it is a router, or has a contract); set before
 * the pid is published, and changed only by an upgrade of its kind. */
#define AKT_LOAD_WAITERS (1ull << 63)
#define AKT_LOAD_LOOK (1ull << 62)
#define AKT_LOAD_MARKS (AKT_LOAD_WAITERS | AKT_LOAD_LOOK)
/* An unbounded mailbox is full at this; more would run into the marks. */
#define AKT_LOAD_MAX (1u << 25)
#define AKT_LOAD(bytes) ((1ull << AKT_LOAD_BYTES_BITS) + (bytes))

static inline akt_pid akt_actor_pid(const struct akt_actor *a)
{
    /* relaxed: the owner and the parent know the actor to be there */
    return (akt_pid){atomic_load_explicit(&a->pid, memory_order_relaxed)};
}

static inline void akt_actor_set_state(struct akt_actor *a,
                                       enum akt_state state)
{
    a->state = (uint8_t)state;
    /* relaxed: a figure for others */
    atomic_store_explicit(&a->shown, (uint8_t)state, memory_order_relaxed);
}

static inline void akt_actor_set_activity(struct akt_actor *a,
                                          enum akt_activity activity)
{
    /* relaxed: a figure for others */
    atomic_store_explicit(&a->activity, (uint8_t)activity,
                          memory_order_relaxed);
}

static inline void akt_actor_count_message(struct akt_actor *a)
{
    /* relaxed: one writer, and a reader may see an old figure */
    atomic_store_explicit(
        &a->processed,
        atomic_load_explicit(&a->processed, memory_order_relaxed) + 1,
        memory_order_relaxed);
}

static inline uint32_t akt_actor_queued(const struct akt_actor *a)
{
    /* relaxed: a figure that may be old by the time it is used */
    uint64_t load = atomic_load_explicit(&a->load_here, memory_order_relaxed) +
                    atomic_load_explicit(&a->load_away, memory_order_relaxed);
    return (uint32_t)((load & ~AKT_LOAD_MARKS) >> AKT_LOAD_BYTES_BITS);
}

/* [any] What its isolate counts as while a message to it waits there. */
static inline enum akt_rank akt_actor_rank(const struct akt_actor *a)
{
    return a->class == AKT_CLASS_NORMAL ? AKT_RANK_NORMAL
           : a->class == AKT_CLASS_LOW  ? AKT_RANK_LOW
                                        : AKT_RANK_HIGH;
}

static inline const struct akt_kind *akt_actor_kind(const struct akt_actor *a)
{
    /* relaxed: kinds are immutable and published with a release */
    return atomic_load_explicit(&a->kind, memory_order_relaxed);
}

/* [any] "normal", "high", "low", "deadline" */
const char *akt_class_name(const struct akt_actor *a);

struct akt_actor_ext *akt_actor_ext(struct akt_actor *a); /* [owner] */
/* The policy as one word that any thread may read. */
uint64_t akt_mailbox_pack(const struct akt_mailbox_policy *p);
void akt_mailbox_unpack(uint64_t limit, struct akt_mailbox_policy *p);
/* A function is the same as any other: nothing is known of it here. */
bool akt_mailbox_rules_same(const struct akt_mailbox_rules *a,
                            const struct akt_mailbox_rules *b);
const struct akt_supervise *akt_actor_supervise(const struct akt_actor *a);
const struct akt_mailbox_rules *akt_actor_rules(const struct akt_actor *a);
const struct akt_passivate *akt_actor_passivate(const struct akt_actor *a);

/* [owner] Few bytes take no memory of their own. */
struct akt_start_args akt_start_args_of(const char *bytes, uint32_t len);
/* The bytes, in `near` if they are few; *len gets how many. */
const char *akt_start_args_bytes(struct akt_start_args args, char near[8],
                                 uint32_t *len);
void akt_start_args_free(struct akt_start_args *args); /* none from then on */

#define AKT_SLAB 1024u
#define AKT_SLABS ((AKT_PID_SLOT_MAX + 1u) / AKT_SLAB)
#define AKT_ACTORS_DEFAULT (1u << 22)

/* vm/actor.c's, but for `slabs`, which each message looks at. */
struct akt_actor_table {
    struct akt_actor *_Atomic slabs[AKT_SLABS];
    pthread_mutex_t lock;
    /* under lock */
    uint32_t max;
    uint32_t used;  /* slots ever handed out */
    uint32_t *free; /* ring of free slots */
    uint32_t free_cap, free_head, free_len;
    _Atomic uint32_t count;
};

struct akt_actor_table *akt_actor_table_create(uint32_t max_actors);
/* All actors must have ended or never run again. */
void akt_actor_table_destroy(struct akt_actor_table *t);
/* [any] A zeroed record with a new pid that is not published yet (`pid` is
 * 0; *pid gets it), or NULL when there are max_actors. */
struct akt_actor *akt_actor_alloc(struct akt_actor_table *t, akt_pid *pid);
/* [parent] */
void akt_actor_free(struct akt_actor_table *t, struct akt_actor *a,
                    akt_pid pid);
/* [any] The record of the slot, whoever is in it; NULL for a slot never
 * used or a pid of another node. In line, as the next one is: each message
 * comes here twice. */
static inline struct akt_actor *akt_actor_slot(struct akt_actor_table *t,
                                               akt_pid pid)
{
    if (akt_pid_node(pid) != AKT_PID_NODE_SELF)
        return NULL;
    uint32_t slot = akt_pid_slot(pid);
    /* acquire: pairs with the release in need_slab, the slab is zeroed */
    struct akt_actor *slab =
        atomic_load_explicit(&t->slabs[slot / AKT_SLAB], memory_order_acquire);
    return slab ? &slab[slot % AKT_SLAB] : NULL;
}

/* [any] The same, only if that very actor is alive; now, whatever a tape says.
 */
static inline struct akt_actor *akt_actor_find_now(struct akt_actor_table *t,
                                                   akt_pid pid)
{
    struct akt_actor *a = akt_actor_slot(t, pid);
    /* acquire: pairs with the release when the pid is published; what was
     * set before it (isolate, kind, parent) may be read */
    bool alive =
        a && atomic_load_explicit(&a->pid, memory_order_acquire) == pid.bits;
    return alive ? a : NULL;
}

static inline struct akt_actor *akt_actor_find(struct akt_actor_table *t,
                                               akt_pid pid)
{
    struct akt_actor *a = akt_actor_find_now(t, pid);
    return akt_input_rare(!a) ? NULL : a;
}
/* Whether that actor has ended, and its slot (NULL: never used) was not used
 * again: its kind still stands there. Where nobody else runs. */
bool akt_actor_was(const struct akt_actor *a, akt_pid pid);
uint32_t akt_actor_count(struct akt_actor_table *t);
uint32_t akt_actor_slots(struct akt_actor_table *t); /* ever used */

#endif
