/* SPDX-License-Identifier: MIT
 *
 * Random links, monitors and deaths. Main works in rounds: it ties actors to
 * each other and lets that settle, then some of them die, all at once, and it
 * compares what is left with a model.
 *
 *   - a monitor is told once, or never if it was given up or its owner fell;
 *   - a link is told once, and only to whom it was made with;
 *   - a death that is not normal takes along all that are linked, through
 *     those that do not trap exits and are not restarted, and nobody else.
 */
#include "tests/sim/sim.h"

#define MEMBERS 24
#define REFS 4000
#define ROUNDS 6

enum op {
    OP_LINK,
    OP_UNLINK,
    OP_MONITOR,
    OP_DEMONITOR,
    OP_CRASH,
    OP_EXIT,
    OP_NOTHING
};

struct order {
    enum op op;
    uint32_t who;
    uint64_t ref;
};

struct watch {
    uint64_t ref;
    uint32_t watcher, target;
    akt_pid target_pid;
    bool over; /* told, given up, or its watcher fell */
};

struct member {
    akt_pid pid;
    bool alive, traps, permanent;
    uint32_t deaths_told;
};

static struct member members[MEMBERS];
static bool linked[MEMBERS][MEMBERS];
static bool exit_due[MEMBERS][MEMBERS]; /* a trapping one must be told */
static struct watch watches[REFS];
static uint32_t watches_len;
static uint32_t members_len, step_now;
static bool doomed[MEMBERS];

static uint32_t number_of(akt_pid pid)
{
    for (uint32_t i = 0; i < members_len; i++)
        if (akt_pid_eq(members[i].pid, pid))
            return i;
    sim_fail("news of an actor nobody knows");
}

static void order(struct akt_isolate *iso, uint32_t to, enum op op,
                  uint32_t who, uint64_t ref)
{
    struct order o = {op, who, ref};
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, sizeof o);
    memcpy(m->body, &o, sizeof o);
    m->target = members[to].pid;
    akt_post(iso->node, iso, m);
}

/* ---- members ---- */

static void on_down(struct akt_actor *self, const struct akt_msg *m)
{
    for (uint32_t i = 0; i < watches_len; i++) {
        struct watch *w = &watches[i];
        if (w->ref != m->ask)
            continue;
        SIM_CHECK(!w->over);
        SIM_CHECK(akt_pid_eq(members[w->watcher].pid, self->self));
        SIM_CHECK(akt_pid_eq(w->target_pid, m->sender));
        w->over = true;
        return;
    }
    sim_fail("a down with an unknown ref");
}

static void on_exit_news(uint32_t me, const struct akt_msg *m)
{
    uint32_t from = number_of(m->sender);
    SIM_CHECK(members[me].traps);
    if (step_now > ROUNDS * 2)
        return; /* the end of the program */
    SIM_CHECK(exit_due[me][from]);
    exit_due[me][from] = false;
}

static void watch(struct akt_isolate *iso, struct akt_actor *self, uint32_t me,
                  uint32_t target)
{
    SIM_CHECK(watches_len < REFS);
    struct watch *w = &watches[watches_len++];
    *w = (struct watch){0, me, target, members[target].pid, false};
    w->ref = akt_monitor(iso, self, members[target].pid, false);
}

static void unwatch(struct akt_isolate *iso, struct akt_actor *self,
                    uint64_t ref)
{
    for (uint32_t i = 0; i < watches_len; i++) {
        if (watches[i].ref != ref || watches[i].over)
            continue;
        SIM_CHECK(akt_demonitor(iso, self, ref));
        watches[i].over = true;
        return;
    }
    SIM_CHECK(!akt_demonitor(iso, self, ref));
}

static enum akt_c_result on_message(struct akt_isolate *iso,
                                    struct akt_actor *self, struct akt_msg *m)
{
    uint32_t me = number_of(self->self);
    SIM_CHECK(akt_pid_eq(m->target, self->self));
    if (m->type == AKT_MSG_DOWN) {
        on_down(self, m);
        return AKT_C_DONE;
    }
    if (m->type == AKT_MSG_EXIT) {
        on_exit_news(me, m);
        return AKT_C_DONE;
    }
    struct order o;
    memcpy(&o, m->body, sizeof o);
    switch (o.op) {
    case OP_LINK:
        (void)akt_link(iso, self, members[o.who].pid);
        break;
    case OP_UNLINK:
        akt_unlink(iso, self, members[o.who].pid);
        break;
    case OP_MONITOR:
        watch(iso, self, me, o.who);
        break;
    case OP_DEMONITOR:
        unwatch(iso, self, o.ref);
        break;
    case OP_CRASH:
        return AKT_C_FAIL;
    case OP_EXIT:
        return AKT_C_EXIT;
    case OP_NOTHING:
        break;
    }
    return AKT_C_DONE;
}

/* Its own monitors end with it, and with each restart. */
static void on_forget(struct akt_isolate *iso, struct akt_actor *self,
                      bool final)
{
    (void)iso, (void) final;
    uint32_t me = number_of(self->self);
    for (uint32_t i = 0; i < watches_len; i++)
        if (watches[i].watcher == me)
            watches[i].over = true;
}

static const struct akt_c_behaviour plain = {.message = on_message,
                                             .forget = on_forget};
static const struct akt_kind plain_kind = {"plain",
                                           &akt_c_host,
                                           false,
                                           0,
                                           {UINT32_MAX, 0, AKT_FULL_WAIT},
                                           AKT_SUPERVISE_DEFAULT,
                                           (void *)(uintptr_t)&plain};
static const struct akt_kind trap_kind = {"trap",
                                          &akt_c_host,
                                          false,
                                          AKT_HOOK_EXIT,
                                          {UINT32_MAX, 0, AKT_FULL_WAIT},
                                          AKT_SUPERVISE_DEFAULT,
                                          (void *)(uintptr_t)&plain};

/* ---- the rounds ---- */

static void cast(struct akt_isolate *iso, struct akt_actor *self, uint32_t i)
{
    struct member *m = &members[i];
    m->alive = true;
    m->traps = sim_chance(25);
    m->permanent = !m->traps && sim_chance(25);
    struct akt_spec *spec = akt_spec_new();
    spec->restart = m->permanent ? AKT_PERMANENT : AKT_TEMPORARY;
    spec->own_isolate = sim_chance(30);
    struct akt_spawn req = {.kind = m->traps ? &trap_kind : &plain_kind,
                            .args = akt_msg_new(AKT_MSG_START, 0),
                            .spec = spec};
    SIM_CHECK(akt_spawn(iso, self, &req, &m->pid) == AKT_OK);
}

static uint32_t any_alive(void)
{
    uint32_t i = sim_below(members_len);
    while (!members[i].alive)
        i = (i + 1) % members_len;
    return i;
}

static void set_link(uint32_t a, uint32_t b, bool on)
{
    if (a != b)
        linked[a][b] = linked[b][a] = on;
}

/* Ties that only one of two makes, so that their order does not matter. */
static void tie(struct akt_isolate *iso)
{
    uint32_t n = sim_below(30);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t a = any_alive(), b = any_alive();
        if (a > b) { /* the smaller one acts */
            uint32_t c = a;
            a = b;
            b = c;
        }
        uint32_t dice = sim_below(10);
        if (dice < 4) {
            order(iso, a, OP_LINK, b, 0);
            set_link(a, b, true);
        } else if (dice < 5) {
            order(iso, a, OP_UNLINK, b, 0);
            set_link(a, b, false);
        } else {
            order(iso, any_alive(), OP_MONITOR, any_alive(), 0);
        }
    }
}

/* Who falls when `i` ends with a reason that is not normal. */
static void doom(uint32_t i)
{
    doomed[i] = true;
    for (uint32_t k = 0; k < members_len; k++) {
        if (!linked[i][k] || doomed[k] || !members[k].alive)
            continue;
        if (members[k].traps)
            exit_due[k][i] = true;
        else if (!members[k].permanent)
            doom(k);
    }
}

static void doom_normal(uint32_t i)
{
    doomed[i] = true;
    for (uint32_t k = 0; k < members_len; k++)
        if (linked[i][k] && members[k].traps)
            exit_due[k][i] = true;
}

/* One dies, so that the reason is clear; monitors come and go meanwhile. */
static void strike(struct akt_isolate *iso, struct akt_actor *self)
{
    memset(doomed, 0, sizeof doomed);
    uint32_t i = any_alive();
    uint32_t how = sim_below(4);
    bool restarts = members[i].permanent && how != 3;
    for (uint32_t k = 0; k < 6; k++) {
        uint32_t a = any_alive();
        if (watches_len && sim_chance(50)) {
            struct watch *w = &watches[sim_below(watches_len)];
            if (members[w->watcher].alive)
                order(iso, w->watcher, OP_DEMONITOR, 0, w->ref);
        } else {
            order(iso, a, OP_MONITOR, sim_chance(50) ? i : any_alive(), 0);
        }
    }
    if (how == 0)
        order(iso, i, OP_CRASH, 0, 0);
    else if (how == 1)
        order(iso, i, OP_EXIT, 0, 0);
    else if (how == 2)
        akt_kill(iso, self->self, members[i].pid);
    else
        akt_stop(iso, self->self, members[i].pid, akt_reason_of(AKT_STOPPED));
    for (uint32_t k = 0; k < 6; k++)
        order(iso, any_alive(), OP_MONITOR, sim_chance(50) ? i : any_alive(),
              0);
    if (restarts)
        return;
    if (how == 1)
        doom_normal(i);
    else
        doom(i);
}

static void verify(struct akt_isolate *iso)
{
    for (uint32_t i = 0; i < members_len; i++) {
        bool is = akt_actor_find(iso->node->actors, members[i].pid) != NULL;
        if (is != (members[i].alive && !doomed[i]))
            sim_fail("actor %u is %s", i, is ? "alive" : "dead");
        if (!is)
            members[i].alive = false;
        for (uint32_t k = 0; k < members_len; k++) {
            if (!is)
                linked[i][k] = linked[k][i] = false;
            if (members[i].alive && exit_due[i][k])
                sim_fail("%u was not told that %u ended", i, k);
            exit_due[i][k] = false;
        }
    }
    for (uint32_t i = 0; i < watches_len; i++) {
        const struct watch *w = &watches[i];
        bool target_is =
            akt_actor_find(iso->node->actors, w->target_pid) != NULL;
        if (!w->over && members[w->watcher].alive && !target_is)
            sim_fail("%u was not told that %u is down", w->watcher, w->target);
    }
    memset(doomed, 0, sizeof doomed);
}

/* Dead ones are replaced; their slots may be used again. */
static void replace(struct akt_isolate *iso, struct akt_actor *self)
{
    for (uint32_t i = 0; i < members_len; i++)
        if (!members[i].alive) {
            for (uint32_t k = 0; k < watches_len; k++)
                if (watches[k].watcher == i)
                    watches[k].over = true;
            cast(iso, self, i);
        }
}

static enum akt_c_result next_step(struct akt_isolate *iso,
                                   struct akt_actor *self)
{
    uint32_t step = step_now++;
    if (step == ROUNDS * 2)
        return AKT_C_DONE;
    if (step % 2 == 0) {
        if (step) {
            verify(iso);
            replace(iso, self);
        }
        tie(iso);
    } else {
        strike(iso, self);
    }
    struct akt_pending *p = akt_pending_open(
        iso, self, AKT_P_CALL, akt_node_now(iso->node) + 1000 * SIM_MS);
    p->awaited = true;
    return AKT_C_WAIT;
}

static enum akt_c_result main_init(struct akt_isolate *iso,
                                   struct akt_actor *self, struct akt_msg *args)
{
    (void)args;
    for (uint32_t i = 0; i < members_len; i++)
        cast(iso, self, i);
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 0);
    m->target = self->self;
    akt_post(iso->node, iso, m);
    return AKT_C_DONE;
}

static enum akt_c_result main_message(struct akt_isolate *iso,
                                      struct akt_actor *self, struct akt_msg *m)
{
    (void)m;
    return next_step(iso, self);
}

static const struct akt_c_behaviour main_behaviour = {
    .init = main_init, .message = main_message, .resume = next_step};
static const struct akt_kind main_kind = {
    "main",
    &akt_c_host,
    false,
    0,
    {UINT32_MAX, 0, AKT_FULL_WAIT},
    {AKT_ONE_FOR_ONE, AKT_EXHAUSTED_ESCALATE, 1000, 10000, 0, 0},
    (void *)(uintptr_t)&main_behaviour};

static void before(struct akt_node *node)
{
    (void)node;
    members_len = 3 + sim_below(MEMBERS - 2);
    watches_len = step_now = 0;
    memset(members, 0, sizeof members);
    memset(linked, 0, sizeof linked);
    memset(exit_due, 0, sizeof exit_due);
    memset(doomed, 0, sizeof doomed);
}

static void look(struct akt_node *node, int code)
{
    (void)node;
    SIM_CHECK(code == 0);
    SIM_CHECK(step_now == ROUNDS * 2 + 1);
}

static void run(uint64_t seed)
{
    struct akt_config config = {.simulated = true, .seed = seed};
    sim_node(&config, &main_kind, before, look);
}

int main(int argc, char **argv)
{
    return sim_main(argc, argv, 10000, run);
}
