/* SPDX-License-Identifier: MIT
 *
 * Random trees with random policies, in which actors crash, end, are killed,
 * stopped and restarted at random times. At any time:
 *
 *   L1  a child has ended before its parent's terminate runs;
 *   L2  who watches an actor hears of its end after the pid is dead and the
 *       name free, and after all that the actor sent it;
 *   L3  every message is handled, or a dead letter, once;
 *   Q1  also when its receiver is passivated, and woken, meanwhile;
 *
 * and init, the restart hooks and terminate run in an order that makes sense,
 * the node ends in time, and all memory is given back.
 */
#include "tests/sim/sim.h"
#include "vm/passivate.h"

#define ACTORS 60
#define LETTERS 3000
#define KINDS 6

enum op { OP_SPAWN, OP_WORK, OP_CRASH, OP_EXIT, OP_YIELD, OP_REPORT };

struct letter {
    uint32_t id;
    enum op op;
    uint32_t who, n;
};

struct one {
    akt_pid pid;
    uint32_t parent; /* ACTORS: main */
    uint32_t depth;
    char name[16];
    bool named, up, ended, old_state;
    uint32_t kept; /* what its last idle has returned; 0: nothing */
    uint32_t reports_sent, reports_seen;
    uint32_t downs;
    bool watched;
};

static struct one ones[ACTORS + 1]; /* and main */
static uint32_t ones_len, letters_len;
static uint8_t handled[LETTERS], dead[LETTERS];
static struct akt_kind kinds[KINDS];
static akt_pid watcher;
static uint32_t steps, step_now;
static bool over;          /* the end of the program has begun */
static uint64_t totals[8]; /* inits, restarts, ends, downs, ... of all runs */

static uint32_t number_of(akt_pid pid)
{
    for (uint32_t i = 0; i < ones_len; i++)
        if (akt_pid_eq(ones[i].pid, pid))
            return i;
    return ACTORS;
}

/* ---- letters ---- */

static void post(struct akt_isolate *iso, akt_pid from, akt_pid to, enum op op,
                 uint32_t who, uint32_t n)
{
    if (letters_len == LETTERS)
        return;
    struct letter l = {letters_len++, op, who, n};
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, sizeof l);
    memcpy(m->body, &l, sizeof l);
    m->sender = from;
    m->target = to;
    akt_post(iso->node, iso, m);
}

static void on_dead_letter(struct akt_node *node, const struct akt_msg *m,
                           enum akt_code why)
{
    (void)node;
    struct letter l;
    if (m->type != AKT_MSG_USER || m->size != sizeof l)
        return;
    memcpy(&l, m->body, sizeof l);
    SIM_CHECK(!dead[l.id]);
    SIM_CHECK(!handled[l.id] || why == AKT_CRASHED || why == AKT_STOPPED);
    dead[l.id] = 1;
}

/* ---- actors ---- */

static struct akt_spec *random_spec(void)
{
    struct akt_spec *spec = akt_spec_new();
    static const uint32_t times[] = {0, 50, 5000, AKT_SHUTDOWN_FOREVER};
    spec->restart = (enum akt_restart)sim_below(3);
    spec->shutdown_ms = times[sim_below(4)];
    spec->own_isolate = sim_chance(10);
    spec->init.retries = sim_chance(20) ? sim_below(3) : 0;
    spec->init.backoff_ms = sim_below(50);
    if (sim_chance(20))
        spec->health = (struct akt_health_policy){
            1 + sim_below(40), 1 + sim_below(20), 1 + sim_below(3)};
    if (sim_chance(15)) {
        spec->on_error = akt_calloc(sizeof *spec->on_error);
        spec->on_error->code = akt_strdup("error");
        spec->on_error->action = (enum akt_action)sim_below(6);
    }
    return spec;
}

static void spawn(struct akt_isolate *iso, struct akt_actor *self,
                  uint32_t parent)
{
    if (ones_len == ACTORS)
        return;
    uint32_t i = ones_len++;
    struct one *o = &ones[i];
    memset(o, 0, sizeof *o);
    bool detached = sim_chance(5);
    o->parent = detached ? ACTORS : parent;
    o->named = sim_chance(30);
    snprintf(o->name, sizeof o->name, "one%u", i);
    struct akt_msg *args = akt_msg_new(AKT_MSG_START, sizeof i);
    memcpy(args->body, &i, sizeof i);
    struct akt_spawn req = {.kind = &kinds[sim_below(KINDS)],
                            .args = args,
                            .spec = random_spec(),
                            .name = o->named ? o->name : NULL,
                            .detached = detached,
                            .link = sim_chance(10)};
    enum akt_code code = akt_spawn(iso, self, &req, &o->pid);
    if (code != AKT_OK) {
        SIM_CHECK(code == AKT_DENIED);
        o->ended = true;
        return;
    }
    if (!detached)
        o->parent = parent;
}

static enum akt_c_result wait_a_little(struct akt_isolate *iso,
                                       struct akt_actor *self, uint32_t ms)
{
    struct akt_pending *p = akt_pending_open(
        iso, self, AKT_P_CALL, akt_node_now(iso->node) + ms * SIM_MS);
    p->awaited = true;
    return AKT_C_WAIT;
}

static enum akt_c_result on_init(struct akt_isolate *iso,
                                 struct akt_actor *self, struct akt_msg *args)
{
    uint32_t i = number_of(self->self);
    SIM_CHECK(args != NULL);
    if (akt_actor_kind(self)->hooks & AKT_HOOK_INIT) /* else they may be gone */
        SIM_CHECK(memcmp(args->body, &i, sizeof i) == 0);
    SIM_CHECK(i < ACTORS);
    SIM_CHECK(!ones[i].ended);
    SIM_CHECK(!ones[i].old_state); /* the old one was forgotten */
    ones[i].old_state = true;
    totals[0]++;
    if (!over && sim_chance(10))
        spawn(iso, self, i);
    if (sim_chance(5))
        return AKT_C_FAIL;
    if (sim_chance(10))
        return wait_a_little(iso, self, 1 + sim_below(50));
    return AKT_C_DONE;
}

static enum akt_c_result on_message(struct akt_isolate *iso,
                                    struct akt_actor *self, struct akt_msg *m)
{
    uint32_t me = number_of(self->self);
    struct letter l;
    if (m->type != AKT_MSG_USER)
        return AKT_C_DONE;
    SIM_CHECK(me < ACTORS);
    SIM_CHECK(ones[me].old_state && !ones[me].ended);
    memcpy(&l, m->body, sizeof l);
    SIM_CHECK(!handled[l.id] && !dead[l.id]);
    handled[l.id] = 1;
    if (sim_chance(30)) {
        ones[me].reports_sent++;
        post(iso, self->self, watcher, OP_REPORT, me, ones[me].reports_sent);
    }
    switch (l.op) {
    case OP_SPAWN:
        for (uint32_t k = 0; k < l.n; k++)
            spawn(iso, self, me);
        return AKT_C_DONE;
    case OP_WORK:
        return wait_a_little(iso, self, l.n);
    case OP_CRASH:
        return AKT_C_FAIL;
    case OP_EXIT:
        return AKT_C_EXIT;
    case OP_YIELD:
        return AKT_C_YIELD;
    default:
        return AKT_C_DONE;
    }
}

static enum akt_c_result on_resume(struct akt_isolate *iso,
                                   struct akt_actor *self)
{
    (void)iso, (void)self;
    return sim_chance(10) ? AKT_C_FAIL : AKT_C_DONE;
}

static void on_hook(struct akt_isolate *iso, struct akt_actor *self,
                    enum akt_turn_kind kind, struct akt_reason *reason)
{
    uint32_t me = number_of(self->self);
    (void)iso;
    SIM_CHECK(me < ACTORS);
    SIM_CHECK(ones[me].old_state && !ones[me].ended);
    if (kind == AKT_TURN_POST_RESTART)
        return;
    SIM_CHECK(reason != NULL);
    for (uint32_t i = 0; i < ones_len; i++)
        if (ones[i].parent == me)
            SIM_CHECK(ones[i].ended); /* L1 */
}

static enum akt_c_result on_idle(struct akt_isolate *iso,
                                 struct akt_actor *self, struct akt_args **data)
{
    uint32_t me = number_of(self->self);
    (void)iso;
    SIM_CHECK(me < ACTORS);
    SIM_CHECK(ones[me].old_state && !ones[me].ended && !self->youngest);
    if (sim_chance(10))
        return AKT_C_FAIL;
    ones[me].kept = sim_chance(20) ? 0 : 1 + sim_below(1000);
    if (ones[me].kept)
        *data = akt_args_new((char *)&ones[me].kept, sizeof ones[me].kept);
    totals[6]++;
    return AKT_C_DONE;
}

static enum akt_c_result on_wake(struct akt_isolate *iso,
                                 struct akt_actor *self,
                                 const struct akt_args *data)
{
    uint32_t me = number_of(self->self);
    bool idles = akt_actor_kind(self)->hooks & AKT_HOOK_IDLE;
    (void)iso;
    SIM_CHECK(me < ACTORS);
    SIM_CHECK(ones[me].old_state);
    if (idles && ones[me].kept)
        SIM_CHECK(data && memcmp(data->bytes, &ones[me].kept, 4) == 0);
    else
        SIM_CHECK(!data);
    totals[7]++;
    return sim_chance(10) ? AKT_C_FAIL : AKT_C_DONE;
}

static enum akt_c_result on_health(struct akt_isolate *iso,
                                   struct akt_actor *self)
{
    uint32_t me = number_of(self->self);
    (void)iso;
    SIM_CHECK(me < ACTORS);
    SIM_CHECK(ones[me].old_state && !ones[me].ended && !self->current);
    return sim_chance(30) ? AKT_C_FAIL : AKT_C_DONE;
}

static void on_forget(struct akt_isolate *iso, struct akt_actor *self,
                      bool final)
{
    (void)iso;
    uint32_t me = number_of(self->self);
    SIM_CHECK(me < ACTORS);
    SIM_CHECK(!ones[me].ended);
    for (uint32_t i = 0; i < ones_len; i++)
        if (ones[i].parent == me)
            SIM_CHECK(ones[i].ended);
    ones[me].old_state = false;
    ones[me].ended = final;
    totals[final ? 2 : 1]++;
}

static const struct akt_c_behaviour behaviour = {.init = on_init,
                                                 .message = on_message,
                                                 .resume = on_resume,
                                                 .hook = on_hook,
                                                 .idle = on_idle,
                                                 .wake = on_wake,
                                                 .health = on_health,
                                                 .forget = on_forget};

/* ---- who watches ---- */

static void on_down(struct akt_isolate *iso, const struct akt_msg *m)
{
    uint32_t i = number_of(m->sender);
    SIM_CHECK(i < ACTORS);
    SIM_CHECK(akt_actor_find(iso->node->actors, ones[i].pid) == NULL);
    if (ones[i].named)
        SIM_CHECK(!akt_pid_eq(akt_names_find(iso->node->names, ones[i].name),
                              ones[i].pid));
    SIM_CHECK(ones[i].reports_seen == ones[i].reports_sent);
    SIM_CHECK(ones[i].downs++ == 0);
    totals[3]++;
}

static enum akt_c_result watcher_message(struct akt_isolate *iso,
                                         struct akt_actor *self,
                                         struct akt_msg *m)
{
    (void)self;
    if (m->type == AKT_MSG_DOWN) {
        on_down(iso, m);
        return AKT_C_DONE;
    }
    struct letter l;
    memcpy(&l, m->body, sizeof l);
    handled[l.id] = 1;
    if (l.op == OP_REPORT) {
        SIM_CHECK(ones[l.who].reports_seen < l.n);
        ones[l.who].reports_seen = l.n;
        return AKT_C_DONE;
    }
    for (uint32_t i = 0; i < ones_len; i++) { /* look who is new */
        if (ones[i].watched || akt_pid_is_none(ones[i].pid))
            continue;
        ones[i].watched = true;
        akt_monitor(iso, self, ones[i].pid, false);
    }
    return AKT_C_DONE;
}

static const struct akt_c_behaviour watcher_behaviour = {.message =
                                                             watcher_message};
static const struct akt_kind watcher_kind = {
    "watcher",
    &akt_c_host,
    false,
    0,
    {UINT32_MAX, 0, AKT_FULL_WAIT},
    AKT_SUPERVISE_DEFAULT,
    (void *)(uintptr_t)&watcher_behaviour};

/* ---- main ---- */

static void order(struct akt_isolate *iso, struct akt_actor *self)
{
    uint32_t i = sim_below(ones_len);
    akt_pid to = ones[i].pid;
    struct akt_msg *m;
    switch (sim_below(14)) {
    case 12:
    case 13:
        m = akt_msg_new(AKT_MSG_REINSTATE, 0);
        m->target = to;
        akt_post(iso->node, iso, m);
        break;
    case 10:
    case 11:
        m = akt_msg_new(AKT_MSG_PASSIVATE, 0);
        m->target = to;
        akt_post(iso->node, iso, m);
        break;
    case 0:
        akt_kill(iso, self->self, to);
        break;
    case 1:
        akt_stop(iso, self->self, to, akt_reason_of(AKT_STOPPED));
        break;
    case 2:
        m = akt_msg_new(AKT_MSG_RESTART_ASKED, 0);
        m->target = to;
        akt_post(iso->node, iso, m);
        break;
    case 3:
    case 4:
        post(iso, self->self, to, OP_CRASH, 0, 0);
        break;
    case 5:
        post(iso, self->self, to, OP_EXIT, 0, 0);
        break;
    case 6:
        post(iso, self->self, to, OP_WORK, 0, 1 + sim_below(60));
        break;
    case 7:
        post(iso, self->self, to, OP_YIELD, 0, 0);
        break;
    default:
        post(iso, self->self, to, OP_SPAWN, 0, 1 + sim_below(4));
        break;
    }
}

static enum akt_c_result next_step(struct akt_isolate *iso,
                                   struct akt_actor *self)
{
    /* a detached one may have escalated to `/user`, which ends the program */
    if (step_now++ == steps || iso->node->exiting) {
        over = true;
        return AKT_C_DONE;
    }
    if (sim_chance(20) || step_now == 1)
        spawn(iso, self, ACTORS);
    post(iso, self->self, watcher, OP_SPAWN, 0, 0);
    for (uint32_t n = 1 + sim_below(12); n; n--)
        order(iso, self);
    return wait_a_little(iso, self, sim_chance(20) ? 3000 : sim_below(30));
}

static enum akt_c_result main_init(struct akt_isolate *iso,
                                   struct akt_actor *self, struct akt_msg *args)
{
    (void)args;
    struct akt_spawn req = {.kind = &watcher_kind,
                            .args = akt_msg_new(AKT_MSG_START, 0)};
    SIM_CHECK(akt_spawn(iso, self, &req, &watcher) == AKT_OK);
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 0);
    m->target = self->self;
    akt_post(iso->node, iso, m);
    return AKT_C_DONE;
}

static enum akt_c_result main_message(struct akt_isolate *iso,
                                      struct akt_actor *self, struct akt_msg *m)
{
    if (m->type == AKT_MSG_USER && m->size == 0)
        return next_step(iso, self);
    return AKT_C_DONE;
}

static const struct akt_c_behaviour main_behaviour = {
    .init = main_init, .message = main_message, .resume = next_step};
static const struct akt_kind main_kind = {
    "main",
    &akt_c_host,
    false,
    AKT_HOOK_EXIT,
    {UINT32_MAX, 0, AKT_FULL_WAIT},
    {AKT_ONE_FOR_ONE, AKT_EXHAUSTED_PARK, 5, 10000, 100, 30000},
    (void *)(uintptr_t)&main_behaviour};

static void before(struct akt_node *node)
{
    node->on_dead_letter = on_dead_letter;
    ones_len = letters_len = step_now = 0;
    over = false;
    steps = 1 + sim_below(25);
    memset(ones, 0, sizeof ones);
    memset(handled, 0, sizeof handled);
    memset(dead, 0, sizeof dead);
    for (uint32_t i = 0; i < KINDS; i++) {
        uint32_t hooks = sim_chance(50) ? AKT_HOOK_INIT : 0;
        hooks |= sim_chance(60) ? AKT_HOOK_TERMINATE : 0;
        hooks |= sim_chance(60) ? AKT_HOOK_PRE_RESTART : 0;
        hooks |= sim_chance(60) ? AKT_HOOK_POST_RESTART : 0;
        hooks |= sim_chance(60) ? AKT_HOOK_IDLE : 0;
        hooks |= sim_chance(60) ? AKT_HOOK_WAKE : 0;
        kinds[i] = (struct akt_kind){
            "one",
            &akt_c_host,
            false,
            hooks,
            {UINT32_MAX, 0, AKT_FULL_WAIT},
            {(enum akt_strategy)sim_below(3), (enum akt_exhausted)sim_below(3),
             sim_below(6), 100 + sim_below(10000), sim_below(200), 300},
            (void *)(uintptr_t)&behaviour};
        if (sim_chance(40))
            kinds[i].passivate.after_ms = 1 + sim_below(50);
        if (sim_chance(20))
            kinds[i].passivate.messages = 1 + sim_below(4);
    }
}

static void look(struct akt_node *node, int code)
{
    uint64_t deadline_ns = node->exit_deadline_ns;
    SIM_CHECK(deadline_ns && akt_node_now(node) <= deadline_ns);
    if (code == 0)
        SIM_CHECK(step_now == steps + 1);
    for (uint32_t i = 0; i < ones_len; i++)
        if (!ones[i].ended)
            sim_fail("actor %u has not ended", i);
    for (uint32_t i = 0; i < letters_len; i++)
        if (!handled[i] && !dead[i])
            sim_fail("message %u is lost", i);
    SIM_CHECK(akt_actor_count(node->actors) <= 3); /* the guardians */
    SIM_CHECK(node->away == 0);
    totals[4] += letters_len;
    totals[5] += code != 0;
}

static void run(uint64_t seed)
{
    struct akt_config config = {.simulated = true, .seed = seed};
    sim_node(&config, &main_kind, before, look);
}

int main(int argc, char **argv)
{
    int result = sim_main(argc, argv, 10000, run);
    printf("%" PRIu64 " inits, %" PRIu64 " restarts, %" PRIu64 " ends, %" PRIu64
           " downs, %" PRIu64 " messages, %" PRIu64 " exits with 1, %" PRIu64
           " idle, %" PRIu64 " woken\n",
           totals[0], totals[1], totals[2], totals[3], totals[4], totals[5],
           totals[6], totals[7]);
    return result;
}
