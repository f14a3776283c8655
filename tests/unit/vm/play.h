/* SPDX-License-Identifier: MIT
 *
 * tests/unit/vm/play.h: actors for tests of the VM, and a stage for them.
 *
 * A puppet is an actor that does what it is told: a message to it carries a
 * function that it runs. It writes what happens to it into one log of words,
 * and a test compares the log:
 *
 *     a:init b:init b:terminate(shutdown) a:terminate(stopped)
 *
 * The main actor is the director. It calls `scene` again and again, each time
 * after the milliseconds that the last call asked for; a negative number ends
 * the play. In the simulated world time passes only when nothing can run, so
 * all that one scene caused has happened before the next.
 *
 *     static int scene(struct akt_isolate *iso, struct akt_actor *self, int n)
 *     {
 *         switch (n) {
 *         case 0: play_cast(iso, self, &a); return 10;
 *         case 1: play_stop(iso, self, &a); return 10;
 *         default: return -1;
 *         }
 *     }
 *
 *     play_expect(scene, "a:init a:terminate(stopped)");
 */
#ifndef AKT_TESTS_PLAY_H
#define AKT_TESTS_PLAY_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"
#include "vm/cactor.h"
#include "vm/life.h"
#include "vm/names.h"
#include "vm/node.h"
#include "vm/send.h"
#include "vm/spawn.h"

#define PLAY_MS 1000000ull
#define PLAY_SEEDS 20
#define PLAY_WAITS (-2) /* a scene has begun to wait for something itself */
#define PLAY_KILL (-1)  /* values of puppet.shutdown */
#define PLAY_FOREVER (-2)

#define PLAY_ALL_HOOKS                                           \
    (AKT_HOOK_INIT | AKT_HOOK_TERMINATE | AKT_HOOK_PRE_RESTART | \
     AKT_HOOK_POST_RESTART | AKT_HOOK_DOWN)

/* What a puppet is, and what has become of it. Lives as long as the test. */
struct puppet {
    const char *name;
    const struct akt_kind *kind; /* NULL: play_plain */
    enum akt_restart restart;
    int shutdown; /* ms; 0: the default; PLAY_KILL, PLAY_FOREVER */
    bool link, monitor, detached, own_isolate, registered;
    bool quiet;                        /* its init is not logged */
    struct akt_mailbox_policy mailbox; /* max 0: the kind's */
    const char *on_error;              /* this code ... */
    enum akt_action action;            /* ... leads to this */
    uint64_t fails;                    /* bit i: the i-th init fails */
    int init_ms;                       /* init takes so long */
    uint64_t told; /* the ask that is answered when init has returned */

    akt_pid pid;
    enum akt_code spawned;
    uint64_t ref;
    uint64_t wait_id;
    const char *asked; /* logs what became of the wait */
    int inits, handled;
    akt_pid seen[4]; /* for tests to remember things */
    uint64_t count;
};

struct cmd;
typedef enum akt_c_result (*play_fn)(struct akt_isolate *iso,
                                     struct akt_actor *self, struct cmd *cmd);

/* The body of a message. */
struct cmd {
    play_fn fn;
    struct puppet *who;
    uint64_t n;
};

typedef int (*play_scene)(struct akt_isolate *iso, struct akt_actor *self,
                          int n);

struct play_outcome {
    int code;
    struct akt_node_stats stats;
    uint64_t began_ns, ended_ns;
    uint64_t hash;
};

static char play_log[1 << 16];
static size_t play_log_len;
static struct puppet *play_puppets[64];
static int play_puppets_len;
static play_scene play_now;
static int play_step;
static struct akt_node *play_node;

/* ---- the log ---- */

__attribute__((format(printf, 1, 2), unused)) static void
play_note(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    size_t left = sizeof play_log - play_log_len;
    int n = vsnprintf(play_log + play_log_len, left, fmt, ap);
    va_end(ap);
    if ((size_t)n + 2 >= left)
        return;
    play_log_len += (size_t)n;
    play_log[play_log_len++] = ' ';
    play_log[play_log_len] = 0;
}

static const char *play_name(akt_pid pid)
{
    for (int i = 0; i < play_puppets_len; i++)
        if (akt_pid_eq(play_puppets[i]->pid, pid))
            return play_puppets[i]->name;
    return akt_pid_is_none(pid) ? "nobody" : "main";
}

static const char *play_why(const struct akt_msg *m)
{
    return akt_code_name(akt_msg_reason(m)->code);
}

/* ---- puppets ---- */

__attribute__((unused)) static enum akt_c_result
play_wait(struct akt_isolate *iso, struct akt_actor *self, uint64_t ms)
{
    struct puppet *p = self->host_data;
    struct akt_pending *wait = akt_pending_open(
        iso, self, AKT_P_CALL, akt_node_now(iso->node) + ms * PLAY_MS);
    wait->awaited = true;
    p->wait_id = wait->id;
    p->asked = NULL;
    return AKT_C_WAIT;
}

static enum akt_c_result play_init(struct akt_isolate *iso,
                                   struct akt_actor *self, struct akt_msg *args)
{
    struct puppet *p;
    ck_assert_ptr_nonnull(args);
    memcpy(&p, args->body, sizeof p);
    self->host_data = p;
    if (!p->quiet)
        play_note("%s:init", p->name);
    bool fails = p->fails >> p->inits++ & 1;
    if (p->init_ms)
        return play_wait(iso, self, (uint64_t)p->init_ms);
    return fails ? AKT_C_FAIL : AKT_C_DONE;
}

/* A handler that is done and has not answered says nothing, as an answer. */
static enum akt_c_result play_answer(struct akt_isolate *iso,
                                     struct akt_actor *self,
                                     enum akt_c_result result)
{
    struct akt_msg *m = self->current;
    if (result == AKT_C_DONE && m && m->ask && m->type == AKT_MSG_USER)
        akt_reply(iso, self->self, m, akt_msg_new(AKT_MSG_REPLY, 0));
    return result;
}

static enum akt_c_result play_message(struct akt_isolate *iso,
                                      struct akt_actor *self, struct akt_msg *m)
{
    struct puppet *p = self->host_data;
    struct cmd cmd;
    if (m->type != AKT_MSG_USER) {
        play_note("%s:%s(%s,%s)", p->name,
                  m->type == AKT_MSG_EXIT ? "exit" : "down",
                  play_name(m->sender), play_why(m));
        return AKT_C_DONE;
    }
    memcpy(&cmd, m->body, sizeof cmd);
    p->handled++;
    return play_answer(iso, self, cmd.fn(iso, self, &cmd));
}

static enum akt_c_result play_resume(struct akt_isolate *iso,
                                     struct akt_actor *self)
{
    struct puppet *p = self->host_data;
    struct akt_pending *wait = akt_pending_find(iso, p->wait_id);
    if (wait) {
        ck_assert(wait->done);
        unsigned code = wait->msg ? wait->msg->code : wait->code;
        if (p->asked)
            play_note("%s:%s=%s", p->name, p->asked, akt_code_name(code));
        akt_pending_close(iso, wait);
    }
    p->asked = NULL;
    return play_answer(iso, self, AKT_C_DONE);
}

static void play_hook(struct akt_isolate *iso, struct akt_actor *self,
                      enum akt_turn_kind kind, struct akt_reason *reason)
{
    (void)iso;
    struct puppet *p = self->host_data;
    const char *word = kind == AKT_TURN_TERMINATE     ? "terminate"
                       : kind == AKT_TURN_PRE_RESTART ? "pre"
                                                      : "post";
    play_note("%s:%s(%s)", p->name, word,
              reason ? akt_code_name(reason->code) : "none");
}

static const struct akt_c_behaviour play_behaviour = {.init = play_init,
                                                      .message = play_message,
                                                      .resume = play_resume,
                                                      .hook = play_hook};

#define PLAY_KIND(hooks, ...)                                                  \
    {                                                                          \
        "puppet", &akt_c_host, false, (hooks),                                 \
            {AKT_MAILBOX_MAX, AKT_MAILBOX_MAX_KB, AKT_FULL_WAIT}, __VA_ARGS__, \
            (void *)(uintptr_t)&play_behaviour                                 \
    }

__attribute__((unused)) static const struct akt_kind play_plain =
    PLAY_KIND(AKT_HOOK_INIT, AKT_SUPERVISE_DEFAULT);
__attribute__((unused)) static const struct akt_kind play_hooked =
    PLAY_KIND(PLAY_ALL_HOOKS, AKT_SUPERVISE_DEFAULT);
__attribute__((unused)) static const struct akt_kind play_trap = PLAY_KIND(
    AKT_HOOK_INIT | AKT_HOOK_EXIT | AKT_HOOK_DOWN, AKT_SUPERVISE_DEFAULT);

/* One of many on several threads: it writes nothing down. */
static enum akt_c_result mass_message(struct akt_isolate *iso,
                                      struct akt_actor *self, struct akt_msg *m)
{
    struct cmd cmd;
    if (m->type != AKT_MSG_USER)
        return AKT_C_DONE;
    memcpy(&cmd, m->body, sizeof cmd);
    return cmd.fn(iso, self, &cmd);
}

static const struct akt_c_behaviour mass_behaviour = {.message = mass_message};
__attribute__((unused)) static const struct akt_kind play_mass = {
    "mass",
    &akt_c_host,
    false,
    0,
    {AKT_MAILBOX_MAX, AKT_MAILBOX_MAX_KB, AKT_FULL_WAIT},
    AKT_SUPERVISE_DEFAULT,
    (void *)(uintptr_t)&mass_behaviour};

/* ---- what scenes and puppets do ---- */

static struct akt_spec *play_spec(const struct puppet *p)
{
    struct akt_spec *spec = akt_spec_new();
    spec->restart = p->restart;
    if (p->shutdown)
        spec->shutdown_ms = p->shutdown == PLAY_KILL ? 0
                            : p->shutdown == PLAY_FOREVER
                                ? AKT_SHUTDOWN_FOREVER
                                : (uint32_t)p->shutdown;
    spec->own_isolate = p->own_isolate;
    spec->own_mailbox = p->mailbox.max != 0;
    spec->mailbox = p->mailbox;
    if (p->on_error) {
        spec->on_error = akt_calloc(sizeof *spec->on_error);
        spec->on_error->code = akt_strdup(p->on_error);
        spec->on_error->action = p->action;
    }
    return spec;
}

/* Spawns it as a child of `self`, the current actor. */
__attribute__((unused)) static akt_pid
play_cast(struct akt_isolate *iso, struct akt_actor *self, struct puppet *p)
{
    struct akt_msg *args = akt_msg_new(AKT_MSG_START, sizeof p);
    memcpy(args->body, &p, sizeof p);
    args->ask = p->told;
    args->sender = self->self;
    struct akt_spawn req = {.kind = p->kind ? p->kind : &play_plain,
                            .args = args,
                            .spec = play_spec(p),
                            .name = p->registered ? p->name : NULL,
                            .detached = p->detached,
                            .link = p->link,
                            .monitor = p->monitor};
    p->inits = p->handled = 0;
    p->count = 0;
    p->asked = NULL;
    akt_pid pid = AKT_PID_NONE;
    p->spawned = akt_spawn(iso, self, &req, &pid);
    p->pid = pid;
    p->ref = req.ref;
    bool known = false;
    for (int i = 0; i < play_puppets_len; i++)
        known |= play_puppets[i] == p;
    if (!known)
        play_puppets[play_puppets_len++] = p;
    return pid;
}

static struct puppet play_filler = {.name = "filler", .kind = &play_mass};

/* Spawns others until the next one would go to the isolate of `like`. */
__attribute__((unused)) static void play_fill(struct akt_isolate *iso,
                                              struct akt_actor *self,
                                              const struct puppet *like)
{
    struct akt_actor_table *actors = iso->node->actors;
    struct akt_isolate *want = akt_actor_find(actors, like->pid)->isolate;
    struct akt_isolate *at = NULL;
    for (int i = 0; i < 2 * AKT_HOMES_PER_WORKER; i++) {
        akt_pid pid = play_cast(iso, self, &play_filler);
        struct akt_isolate *last = at;
        at = akt_actor_find(actors, pid)->isolate;
        if (last && at->index == want->index) /* once round */
            break;
    }
    for (int i = 1; i < AKT_HOMES_PER_WORKER; i++)
        play_cast(iso, self, &play_filler);
}

__attribute__((unused)) static bool play_together(struct akt_node *node,
                                                  const struct puppet *p,
                                                  const struct puppet *q)
{
    return akt_actor_find(node->actors, p->pid)->isolate ==
           akt_actor_find(node->actors, q->pid)->isolate;
}

static struct akt_msg *play_msg(akt_pid from, akt_pid to, play_fn fn,
                                struct puppet *who, uint64_t n)
{
    struct cmd cmd = {fn, who, n};
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, sizeof cmd);
    memcpy(m->body, &cmd, sizeof cmd);
    m->sender = from;
    m->target = to;
    return m;
}

/* Within the bounds; a message that is refused is freed. */
__attribute__((unused)) static enum akt_code
play_tell(struct akt_isolate *iso, struct akt_actor *self, struct puppet *to,
          play_fn fn, struct puppet *who, uint64_t n)
{
    enum akt_full full = AKT_FULL_WAIT;
    struct akt_msg *m = play_msg(self->self, to->pid, fn, who, n);
    enum akt_code code = akt_send(iso, m, &full);
    if (code == AKT_OVERLOADED && full != AKT_FULL_DROP_NEW)
        akt_msg_free(m);
    return code;
}

/* A puppet asks; what it gets is logged as `a:what=code`. */
__attribute__((unused)) static enum akt_c_result
play_ask(struct akt_isolate *iso, struct akt_actor *self, const char *what,
         akt_pid to, play_fn fn, struct puppet *who, uint64_t n)
{
    struct puppet *p = self->host_data;
    play_wait(iso, self, 60000);
    p->asked = what;
    akt_pending_find(iso, p->wait_id)->target = to;
    struct akt_msg *m = play_msg(self->self, to, fn, who, n);
    m->ask = p->wait_id;
    akt_post(iso->node, iso, m);
    return AKT_C_WAIT;
}

__attribute__((unused)) static void play_stop(struct akt_isolate *iso,
                                              struct akt_actor *self,
                                              const struct puppet *p)
{
    akt_stop(iso, self->self, p->pid, akt_reason_of(AKT_STOPPED));
}

__attribute__((unused)) static void play_kill(struct akt_isolate *iso,
                                              struct akt_actor *self,
                                              const struct puppet *p)
{
    akt_kill(iso, self->self, p->pid);
}

/* ---- what puppets are told ---- */

#define PLAY_DO(name)                                      \
    __attribute__((unused)) static enum akt_c_result name( \
        struct akt_isolate *iso, struct akt_actor *self, struct cmd *cmd)

PLAY_DO(do_crash)
{
    (void)iso, (void)self, (void)cmd;
    return AKT_C_FAIL;
}

PLAY_DO(do_exit)
{
    (void)iso, (void)self, (void)cmd;
    return AKT_C_EXIT;
}

PLAY_DO(do_nothing)
{
    (void)iso, (void)self, (void)cmd;
    return AKT_C_DONE;
}

PLAY_DO(do_log)
{
    (void)iso;
    play_note("%s:%d", ((struct puppet *)self->host_data)->name, (int)cmd->n);
    return AKT_C_DONE;
}

PLAY_DO(do_wait)
{
    return play_wait(iso, self, cmd->n);
}

PLAY_DO(do_cast)
{
    play_cast(iso, self, cmd->who);
    return AKT_C_DONE;
}

PLAY_DO(do_link)
{
    enum akt_code code = akt_link(iso, self, cmd->who->pid);
    if (code != AKT_OK)
        play_note("%s:link=%s", ((struct puppet *)self->host_data)->name,
                  akt_code_name(code));
    return AKT_C_DONE;
}

PLAY_DO(do_unlink)
{
    akt_unlink(iso, self, cmd->who->pid);
    return AKT_C_DONE;
}

PLAY_DO(do_monitor)
{
    struct puppet *p = self->host_data;
    p->ref = akt_monitor(iso, self, cmd->who->pid, false);
    return AKT_C_DONE;
}

PLAY_DO(do_demonitor)
{
    struct puppet *p = self->host_data;
    akt_demonitor(iso, self, p->ref);
    return AKT_C_DONE;
}

PLAY_DO(do_ask_wait)
{
    return play_ask(iso, self, "ask", cmd->who->pid, do_wait, NULL, cmd->n);
}

PLAY_DO(do_ask_crash)
{
    return play_ask(iso, self, "ask", cmd->who->pid, do_crash, NULL, 0);
}

PLAY_DO(do_ask)
{
    return play_ask(iso, self, "ask", cmd->who->pid, do_log, NULL, cmd->n);
}

/* ---- the director ---- */

static struct puppet play_director = {.name = "main"};

static enum akt_c_result play_direct(struct akt_isolate *iso,
                                     struct akt_actor *self)
{
    int ms = play_now(iso, self, play_step++);
    if (ms == PLAY_WAITS)
        return AKT_C_WAIT;
    return ms < 0 ? AKT_C_DONE : play_wait(iso, self, (uint64_t)ms);
}

static enum akt_c_result director_init(struct akt_isolate *iso,
                                       struct akt_actor *self,
                                       struct akt_msg *args)
{
    (void)args;
    self->host_data = &play_director;
    play_director.pid = self->self;
    akt_post(iso->node, iso, play_msg(self->self, self->self, NULL, NULL, 0));
    return AKT_C_DONE;
}

static enum akt_c_result director_message(struct akt_isolate *iso,
                                          struct akt_actor *self,
                                          struct akt_msg *m)
{
    if (m->type == AKT_MSG_USER)
        return play_direct(iso, self);
    return AKT_C_DONE;
}

static enum akt_c_result director_resume(struct akt_isolate *iso,
                                         struct akt_actor *self)
{
    play_resume(iso, self);
    return play_direct(iso, self);
}

static const struct akt_c_behaviour director_behaviour = {
    .init = director_init,
    .message = director_message,
    .resume = director_resume};
static const struct akt_kind director_kind = {
    "main",
    &akt_c_host,
    false,
    0,
    {AKT_MAILBOX_MAX, AKT_MAILBOX_MAX_KB, AKT_FULL_WAIT},
    AKT_SUPERVISE_DEFAULT,
    (void *)(uintptr_t)&director_behaviour};

/* ---- playing ---- */

__attribute__((unused)) static struct play_outcome
play_with(play_scene scene, struct akt_config config)
{
    struct play_outcome out;
    play_log_len = 0;
    play_log[0] = 0;
    play_puppets_len = 0;
    play_step = 0;
    play_now = scene;
    akt_msg_pool_release();
    akt_msg_pool_fini();
    int64_t before = akt_alloc_total();
    struct akt_node *node = akt_node_create(&config);
    play_node = node;
    out.began_ns = akt_node_now(node);
    akt_node_main(node, &director_kind, NULL, akt_msg_new(AKT_MSG_START, 0));
    out.code = akt_node_run(node);
    out.ended_ns = akt_node_now(node);
    out.hash = node->world->trace_hash;
    akt_node_stats(node, &out.stats);
    akt_node_destroy(node);
    /* threads that ended took the last bytes of their counts with them */
    if (config.simulated)
        ck_assert_int_eq(akt_alloc_total(), before);
    return out;
}

__attribute__((unused)) static struct play_outcome play(play_scene scene,
                                                        uint64_t seed)
{
    return play_with(scene,
                     (struct akt_config){.simulated = true, .seed = seed});
}

/* With many seeds the log is always this. */
#define play_expect(scene, text)                                            \
    do {                                                                    \
        for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {               \
            play(scene, seed);                                              \
            if (play_log_len)                                               \
                play_log[play_log_len - 1] = 0;                             \
            ck_assert_msg(strcmp(play_log, text) == 0,                      \
                          "seed %d\n     got: %s\nexpected: %s", (int)seed, \
                          play_log, text);                                  \
        }                                                                   \
    } while (0)

#endif
