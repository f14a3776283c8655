/* SPDX-License-Identifier: MIT */
#include "vm/node.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm/base/alloc.h"
#include "vm/base/arena.h"
#include "vm/cactor.h"
#include "vm/cause.h"
#include "vm/crash.h"
#include "vm/events.h"
#include "vm/evict.h"
#include "vm/inject.h"
#include "vm/life.h"
#include "vm/gates.h"
#include "vm/metrics.h"
#include "vm/names.h"
#include "vm/topic.h"
#include "vm/outside.h"
#include "vm/profile.h"
#include "vm/ready.h"
#include "vm/remote.h"
#include "vm/sched_impl.h"
#include "vm/tape.h"
#include "vm/send.h"
#include "vm/spawn.h"
#include "vm/stream.h"
#include "vm/trace.h"
#include "vm/watchdog.h"
#include "vm/zone.h"

/* ---- how much there is ---- */

static uint64_t read_number(const char *path)
{
    FILE *f = fopen(path, "r");
    unsigned long long n = 0;
    if (f) {
        if (fscanf(f, "%llu", &n) != 1)
            n = 0;
        fclose(f);
    }
    return n;
}

static uint64_t machine_memory(void)
{
    uint64_t ram =
        (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t cgroup = read_number("/sys/fs/cgroup/memory.max");
    return cgroup && cgroup < ram ? cgroup : ram;
}

static uint32_t machine_cores(void)
{
    int n = (int)uv_available_parallelism();
    return n < 1 ? 1 : n > AKT_WORKERS_MAX ? AKT_WORKERS_MAX : (uint32_t)n;
}

static void complete(struct akt_config *c)
{
    if (c->simulated)
        c->workers = 1;
    if (!c->workers)
        c->workers = machine_cores();
    if (c->workers > AKT_WORKERS_MAX)
        c->workers = AKT_WORKERS_MAX;
    if (!c->max_actors)
        c->max_actors = AKT_ACTORS_DEFAULT;
    if (!c->memory_bytes)
        c->memory_bytes = c->simulated
                              ? AKT_ARENA_MAX
                              : machine_memory() / 100 * AKT_MEMORY_PERCENT;
    if (!c->name)
        c->name = "aktvm";
}

/* ---- guardians: `/`, `/system` and `/user` ---- */

/* A guardian has nothing to say to messages. */
static enum akt_c_result guardian_message(struct akt_isolate *iso,
                                          struct akt_actor *self,
                                          struct akt_msg *m)
{
    akt_reply_error(iso->node, iso, self->self, m, AKT_UNKNOWN_MESSAGE,
                    akt_reason_of(AKT_UNKNOWN_MESSAGE));
    akt_dead_letter(iso->node, m, AKT_UNKNOWN_MESSAGE);
    return AKT_C_DONE;
}

static const struct akt_c_behaviour guardian = {.message = guardian_message};

#define GUARDIAN(word)                                               \
    {                                                                \
        word, &akt_c_host, false, 0, {UINT32_MAX, 0, AKT_FULL_WAIT}, \
            AKT_SUPERVISE_DEFAULT, (void *)(uintptr_t)&guardian      \
    }

static const struct akt_kind root_kind = GUARDIAN("/");
static const struct akt_kind system_kind = GUARDIAN("/system");
static const struct akt_kind user_kind = GUARDIAN("/user");

static struct akt_actor *make_guardian(struct akt_node *node,
                                       struct akt_isolate *iso,
                                       struct akt_actor *parent,
                                       const struct akt_kind *kind)
{
    struct akt_actor *a = akt_spawn_first(node, AKT_PID_NONE, iso, parent, kind,
                                          NULL, akt_msg_new(AKT_MSG_START, 0));
    a->guardian = true;
    return a;
}

/* main has the number 1, so its record is made first and filled later. */
static void make_tree(struct akt_node *node)
{
    akt_actor_alloc(node->actors, &node->main);
    struct akt_isolate *iso = akt_isolate_own(node, &akt_c_host, 3, 0);
    struct akt_actor *root = make_guardian(node, iso, NULL, &root_kind);
    node->root = root->self;
    node->system = make_guardian(node, iso, root, &system_kind)->self;
    node->user = make_guardian(node, iso, root, &user_kind)->self;
}

akt_pid akt_node_main(struct akt_node *node, const struct akt_kind *kind,
                      struct akt_spec *spec, struct akt_msg *args)
{
    struct akt_actor *user = akt_actor_slot(node->actors, node->user);
    struct akt_actor *a =
        akt_spawn_first(node, node->main, NULL, user, kind, spec, args);
    a->is_main = true;
    return node->main;
}

/* ---- create, destroy ---- */

static struct akt_node *the_node; /* whose signals are caught */

static void enter_world(struct akt_node *node, const struct akt_config *config)
{
    node->world = config->world ? config->world : &node->own_world;
    if (!config->world && config->simulated)
        akt_world_planned(node->world, config->seed, &config->plan);
    else if (!config->world)
        akt_world_real(node->world);
    if (config->simulated)
        akt_world_join(node->world, node);
}

static void leave_world(struct akt_node *node)
{
    akt_inject_destroy(node->faults);
    if (node->world->simulated)
        akt_world_leave(node->world, node);
    akt_world_fini(&node->own_world);
}

struct akt_node *akt_node_create(const struct akt_config *config)
{
    struct akt_node *node = akt_calloc(sizeof *node);
    node->config = *config;
    complete(&node->config);
    enter_world(node, config);
    node->recording = config->recording;
    if (node->recording)
        akt_tape_world(node->recording, node->world);
    node->started_ns = akt_world_mono_ns(node->world);
    node->actors = akt_actor_table_create(node->config.max_actors);
    akt_sides_init(&node->sides);
    node->names = akt_names_create();
    node->topics = akt_topics_create();
    node->outside_asks = akt_outside_create();
    pthread_mutex_init(&node->isolates_lock, NULL);
    pthread_mutex_init(&node->sleep_lock, NULL);
    pthread_mutex_init(&node->alarm_lock, NULL);
    sem_init(&node->ticker_sem, 0, 0);
    akt_queue_init(&node->outside);
    node->workers_len = node->config.workers;
    akt_team_init(&node->team, node->workers_len);
    atomic_init(&node->team_len, node->team.active);
    size_t size = node->workers_len * sizeof *node->workers;
    if (posix_memalign((void **)&node->workers, 64, size) != 0)
        abort();
    memset(node->workers, 0, size);
    node->metrics = akt_metrics_create(node->workers_len);
    node->gates = akt_gates_create(node->metrics);
    node->zones = akt_zones_create();
    for (uint32_t i = 0; i < node->workers_len; i++) {
        akt_worker_init(&node->workers[i], node, i);
        node->workers[i].shard = node->metrics->shards[i];
        node->workers[i].sample_left = AKT_SAMPLE;
    }
    akt_traces_begin(node);
    node->stream = akt_stream_create();
    node->events = akt_events_create(node);
    node->watchdog = akt_watchdog_create();
    node->evictor = akt_evictor_create();
    node->traces = akt_traces_create();
    node->profile = akt_profile_create();
    if (config->crash_dir)
        node->crashes = akt_crashes_create(node, config->crash_dir);
    make_tree(node);
    return node;
}

/* What is left when the program was ended by force. */
static void free_record(struct akt_actor *a)
{
    akt_life_discard(atomic_load_explicit(&a->isolate, memory_order_relaxed),
                     a);
}

static void free_isolate(struct akt_isolate *iso)
{
    struct akt_msg *m = akt_inbox_take(&iso->inbox);
    while (m) {
        struct akt_msg *next = m->next;
        akt_life_free_note(m);
        m = next;
    }
    if (iso->host_data)
        iso->host->close(iso);
    akt_pendings_fini(&iso->pendings);
    akt_ready_free(iso);
    akt_remote_fini(iso);
    free(iso);
}

void akt_node_destroy(struct akt_node *node)
{
    akt_outside_close(node); /* of a node that never ran */
    uint32_t slots = akt_actor_slots(node->actors);
    for (uint32_t i = 1; i < slots; i++) {
        akt_pid pid = akt_pid_make(AKT_PID_NODE_SELF, i, 0);
        struct akt_actor *a = akt_actor_slot(node->actors, pid);
        if (a->state != AKT_A_FREE)
            free_record(a);
    }
    for (uint32_t i = 0; i < node->isolates_len; i++)
        free_isolate(node->isolates[i]);
    akt_free(node->isolates, node->isolates_cap * sizeof *node->isolates);
    akt_free(node->homes, node->homes_cap * sizeof *node->homes);
    for (uint32_t i = 0; i < node->workers_len; i++)
        akt_worker_fini(&node->workers[i]);
    free(node->workers);
    akt_gates_destroy(node->gates);
    akt_zones_destroy(node->zones);
    akt_metrics_destroy(node->metrics);
    akt_queue_fini(&node->outside);
    akt_heap_fini(&node->alarms);
    akt_actor_table_destroy(node->actors);
    akt_names_destroy(node->names);
    akt_sides_fini(&node->sides);
    akt_topics_destroy(node->topics);
    akt_crashes_destroy(node->crashes);
    akt_watchdog_destroy(node->watchdog);
    akt_stream_destroy(node->stream);
    akt_evictor_destroy(node->evictor);
    akt_traces_destroy(node->traces);
    akt_profile_destroy(node->profile);
    akt_events_destroy(node->events);
    akt_outside_destroy(node->outside_asks);
    leave_world(node);
    sem_destroy(&node->ticker_sem);
    pthread_mutex_destroy(&node->isolates_lock);
    pthread_mutex_destroy(&node->sleep_lock);
    pthread_mutex_destroy(&node->alarm_lock);
    akt_msg_pool_release();
    akt_msg_pool_fini();
    akt_free(node, sizeof *node);
}

/* ---- signals ---- */

static void on_signal(int number)
{
    struct akt_node *node = the_node;
    if (!node)
        return;
    int none = 0;
    /* relaxed: the ticker reads it; the semaphore wakes it */
    if (!atomic_compare_exchange_strong_explicit(&node->signals, &none, number,
                                                 memory_order_relaxed,
                                                 memory_order_relaxed))
        _exit(128 + number); /* the second one ends at once */
    sem_post(&node->ticker_sem);
}

static void catch_signals(struct akt_node *node)
{
    the_node = node;
    struct sigaction action = {0};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    if (!node->config.keep_sigint)
        sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* ---- the end ---- */

int akt_node_run(struct akt_node *node)
{
    if (node->world->simulated) {
        akt_sched_run_simulated(node);
    } else {
        if (!node->config.guest)
            catch_signals(node);
        akt_sched_run(node);
        if (!node->config.guest)
            the_node = NULL;
    }
    if (node->crashes) /* the process may end before the node is destroyed */
        akt_crashes_flush(node->crashes);
    akt_outside_close(node);
    return atomic_load_explicit(&node->exit_code, memory_order_relaxed);
}

void akt_node_exit(struct akt_node *node, int code)
{
    /* acq_rel: one call decides the code */
    if (atomic_exchange_explicit(&node->exiting, true, memory_order_acq_rel))
        return;
    atomic_store_explicit(&node->exit_code, code, memory_order_relaxed);
    atomic_store_explicit(&node->exit_deadline_ns,
                          akt_node_now(node) + AKT_EXIT_MS * 1000000ull,
                          memory_order_relaxed);
    struct akt_msg *m =
        akt_msg_with_reason(AKT_MSG_STOP, akt_reason_of(AKT_SHUTDOWN));
    m->target = node->user;
    akt_post(node, NULL, m);
    if (!node->world->simulated)
        akt_sched_poke_ticker(node);
}

void akt_node_exit_fails(struct akt_node *node)
{
    int well = 0;
    /* main that ends by itself has not called akt_node_exit yet */
    akt_node_exit(node, 1);
    /* relaxed: read when all workers have ended */
    atomic_compare_exchange_strong_explicit(
        &node->exit_code, &well, 1, memory_order_relaxed, memory_order_relaxed);
}

/* A worker has not left its loop: it is in a turn that cannot be cut off. */
static void check_held(struct akt_node *node, uint64_t deadline_ns)
{
    bool over = !node->world->simulated &&
                akt_node_now(node) > deadline_ns + AKT_HELD_MS * 1000000ull;
    if (over && node->on_held)
        node->on_held(node);
}

void akt_node_check_exit(struct akt_node *node)
{
    /* relaxed: looked at again and again */
    int number = atomic_load_explicit(&node->signals, memory_order_relaxed);
    if (number)
        akt_node_exit(node, 128 + number);
    uint64_t deadline =
        atomic_load_explicit(&node->exit_deadline_ns, memory_order_relaxed);
    if (node->config.max_run_ms && !node->late &&
        akt_node_now(node) - node->started_ns >
            node->config.max_run_ms * 1000000ull) {
        node->late = true;
        if (node->on_late)
            node->on_late(node);
        akt_sched_stop(node);
    }
    if (deadline && akt_node_now(node) > deadline) {
        akt_sched_stop(node); /* whatever still runs is cut off */
        check_held(node, deadline);
    }
}

/* A main that still waits can wait for ever: that is an error in the
 * program, and the host says where. */
static void quiet(struct akt_node *node)
{
    struct akt_actor *main = akt_actor_find(node->actors, node->main);
    bool stuck = main && !main->finished && main->busy;
    if (stuck && node->on_stuck)
        node->on_stuck(node);
    akt_node_exit(node, stuck ? 1 : 0);
}

bool akt_node_all_asleep(struct akt_node *node)
{
    /* the alarms first: whoever takes one off holds the node until it is on a
     * queue */
    bool alarms = akt_alarm_any(node);
    /* acquire: pairs with the release in akt_node_release, the message that
     * the outside caused has been pushed */
    bool external =
        atomic_load_explicit(&node->external, memory_order_acquire) > 0;
    if (external || alarms || akt_queue_len(&node->outside))
        return akt_queue_len(&node->outside) > 0;
    if (akt_sched_is_queued_any(node))
        return false; /* somebody is about to wake up */
    if (atomic_load_explicit(&node->exiting, memory_order_relaxed))
        return false; /* something hangs; the deadline will cut it off */
    /* the sleep lock is held: what this posts is queued without waking */
    quiet(node);
    return true;
}

void akt_node_hold(struct akt_node *node)
{
    /* relaxed: the holder runs, so nobody decides now */
    atomic_fetch_add_explicit(&node->external, 1, memory_order_relaxed);
}

void akt_node_release(struct akt_node *node)
{
    /* All under the sleep lock: once the counter is 0 the program may end,
     * and the node must not be destroyed while this thread still looks for a
     * worker to tell. What the caller has pushed is seen by whoever decides
     * under the same lock. */
    pthread_mutex_lock(&node->sleep_lock);
    if (atomic_fetch_sub_explicit(&node->external, 1, memory_order_release) ==
        1)
        akt_sched_wake_one_locked(node);
    pthread_mutex_unlock(&node->sleep_lock);
}

uint64_t akt_node_now(struct akt_node *node)
{
    return akt_input(akt_world_mono_ns(node->world));
}

uint64_t akt_node_soon(struct akt_node *node)
{
    return akt_input(akt_world_soon_ns(node->world));
}

bool akt_node_is_exiting(struct akt_node *node)
{
    /* relaxed: seen a little late is fine */
    return akt_input_rare(
        atomic_load_explicit(&node->exiting, memory_order_relaxed));
}

uint64_t akt_node_wall(struct akt_node *node)
{
    return akt_input(akt_world_wall_ns(node->world));
}

/* ---- figures ---- */

#define SUM(field) \
    out->field += atomic_load_explicit(&s->field, memory_order_relaxed)

void akt_node_stats(struct akt_node *node, struct akt_node_stats *out)
{
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < node->workers_len; i++) {
        const struct akt_worker_stats *s = &node->workers[i].stats;
        SUM(turns);
        SUM(visits);
        SUM(steals);
        SUM(collections);
        SUM(sleeps);
        SUM(preempts);
        SUM(sent);
        SUM(replies);
        SUM(crashes);
        SUM(restarts);
        SUM(spawned);
        SUM(ended);
        SUM(expired);
        SUM(tasks_dropped);
        SUM(passivated);
        SUM(woken);
    }
    for (int i = 0; i < AKT_CODE_COUNT; i++)
        out->dead_letters[i] =
            atomic_load_explicit(&node->dead_letters[i], memory_order_relaxed);
    out->actors = akt_actor_count(node->actors);
    out->away = atomic_load_explicit(&node->away, memory_order_relaxed);
    out->isolates =
        atomic_load_explicit(&node->isolates_open, memory_order_relaxed);
    out->workers = node->workers_len;
    out->team = atomic_load_explicit(&node->team_len, memory_order_relaxed);
    out->memory_bytes = akt_node_memory(node);
}

int64_t akt_node_memory(const struct akt_node *node)
{
    const struct akt_arena *arena = node->world->arena;
    return arena ? (int64_t)akt_arena_bytes(arena) : akt_alloc_total();
}
