/* SPDX-License-Identifier: MIT
 *
 * Random actors send each other random messages, wait, yield, crash and end.
 * Whatever order the scheduler chooses:
 *
 *   - what one sends to another arrives in order;
 *   - every message is handled or a dead letter, once; only one that was in
 *     progress when its actor fell is both;
 *   - the same seed gives the same run.
 */
#include "tests/sim/sim.h"

#define MEMBERS 12
#define MESSAGES 4000

struct letter {
    uint32_t id; /* in `sent` */
    uint16_t from, to;
    uint32_t seq; /* of this pair */
    uint32_t hops;
};

struct fate {
    uint8_t handled, dead;
    uint8_t why;
};

static uint32_t members;
static akt_pid pids[MEMBERS];
static struct akt_kind kinds[MEMBERS];
static struct fate fates[MESSAGES];
static uint32_t sent;
static uint64_t totals[AKT_CODE_COUNT]; /* by fate, of all runs */
static uint32_t next_seq[MEMBERS][MEMBERS], last_seq[MEMBERS][MEMBERS];
static struct letter waits_with[MEMBERS]; /* sent when there is room */
static uint64_t wait_id[MEMBERS];

static uint32_t number(const struct akt_actor *a)
{
    for (uint32_t i = 0; i < members; i++)
        if (akt_pid_eq(pids[i], a->self))
            return i;
    sim_fail("an actor nobody knows runs");
}

static void fill(struct akt_msg *m, struct akt_actor *self,
                 const struct letter *l)
{
    memcpy(m->body, l, sizeof *l);
    m->sender = self->self;
    m->target = pids[l->to];
}

/* True: the sender must wait for room. */
static bool send_letter(struct akt_isolate *iso, struct akt_actor *self,
                        const struct letter *l)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, sizeof *l);
    enum akt_full full = AKT_FULL_WAIT;
    fill(m, self, l);
    if (akt_send(iso, m, &full) != AKT_OVERLOADED)
        return false;
    if (full == AKT_FULL_DROP_NEW)
        return false;
    akt_msg_free(m);
    if (full == AKT_FULL_ERROR || l->to == l->from) {
        fates[l->id].dead++; /* it was not sent */
        return false;
    }
    struct akt_pending *p = akt_pending_open(
        iso, self, AKT_P_CALL, akt_node_now(iso->node) + 50 * SIM_MS);
    p->awaited = true;
    wait_id[l->from] = p->id;
    m = akt_msg_new_ack(AKT_MSG_USER, sizeof *l);
    fill(m, self, l);
    akt_msg_ack_of(m)->id = p->id;
    akt_msg_ack_of(m)->deadline_ns = p->node.key;
    akt_send_wait(iso, m);
    return true;
}

/* Sends a few; true: it must wait. */
static bool send_some(struct akt_isolate *iso, struct akt_actor *self,
                      uint32_t hops)
{
    uint32_t me = number(self);
    uint32_t n = hops ? sim_below(4) : 0;
    for (uint32_t i = 0; i < n && sent < MESSAGES; i++) {
        uint16_t to = (uint16_t)sim_below(members);
        struct letter l = {sent++, (uint16_t)me, to, ++next_seq[me][to],
                           hops - 1};
        waits_with[me] = l;
        if (send_letter(iso, self, &l))
            return true;
    }
    return false;
}

static enum akt_c_result wait_a_little(struct akt_isolate *iso,
                                       struct akt_actor *self)
{
    struct akt_pending *p = akt_pending_open(iso, self, AKT_P_CALL,
                                             akt_node_now(iso->node) +
                                                 (1 + sim_below(20)) * SIM_MS);
    p->awaited = true;
    wait_id[number(self)] = p->id;
    return AKT_C_WAIT;
}

static enum akt_c_result what_now(struct akt_isolate *iso,
                                  struct akt_actor *self)
{
    uint32_t dice = sim_below(100);
    if (dice < 10)
        return wait_a_little(iso, self);
    if (dice < 20)
        return AKT_C_YIELD;
    if (dice < 22)
        return AKT_C_FAIL;
    if (dice < 23)
        return AKT_C_EXIT;
    return AKT_C_DONE;
}

static enum akt_c_result on_message(struct akt_isolate *iso,
                                    struct akt_actor *self, struct akt_msg *m)
{
    struct letter l;
    memcpy(&l, m->body, sizeof l);
    SIM_CHECK(akt_pid_eq(m->target, self->self));
    SIM_CHECK(akt_pid_eq(m->target, pids[l.to]));
    SIM_CHECK(l.seq > last_seq[l.from][l.to]);
    last_seq[l.from][l.to] = l.seq;
    SIM_CHECK(fates[l.id].handled == 0 && fates[l.id].dead == 0);
    fates[l.id].handled++;
    if (send_some(iso, self, l.hops))
        return AKT_C_WAIT;
    return what_now(iso, self);
}

static enum akt_c_result on_resume(struct akt_isolate *iso,
                                   struct akt_actor *self)
{
    uint32_t me = number(self);
    struct akt_pending *p = akt_pending_find(iso, wait_id[me]);
    if (p) {
        SIM_CHECK(p->done);
        akt_pending_close(iso, p);
    }
    return what_now(iso, self);
}

static void on_dead_letter(struct akt_node *node, const struct akt_msg *m,
                           enum akt_code why)
{
    (void)node;
    if (m->type != AKT_MSG_USER)
        return;
    struct letter l;
    memcpy(&l, m->body, sizeof l);
    if (l.to >= members)
        return; /* the one that starts main */
    struct fate *f = &fates[l.id];
    SIM_CHECK(f->dead == 0);
    SIM_CHECK(!f->handled || why == AKT_CRASHED || why == AKT_STOPPED);
    f->dead++;
    f->why = (uint8_t)why;
}

static const struct akt_c_behaviour member = {.message = on_message,
                                              .resume = on_resume};

static enum akt_c_result main_init(struct akt_isolate *iso,
                                   struct akt_actor *self, struct akt_msg *args)
{
    (void)args;
    for (uint32_t i = 0; i < members; i++) {
        struct akt_spec *spec = akt_spec_new();
        spec->restart = (enum akt_restart)sim_below(3);
        spec->own_isolate = sim_chance(30);
        struct akt_spawn req = {.kind = &kinds[i],
                                .args = akt_msg_new(AKT_MSG_START, 0),
                                .spec = spec};
        SIM_CHECK(akt_spawn(iso, self, &req, &pids[i]) == AKT_OK);
    }
    uint32_t first = 1 + sim_below(10);
    for (uint32_t i = 0; i < first; i++) {
        uint16_t to = (uint16_t)sim_below(members);
        /* as if the receiver had sent it to itself */
        struct letter l = {sent++, to, to, ++next_seq[to][to],
                           2 + sim_below(16)};
        struct akt_msg *m = akt_msg_new(AKT_MSG_USER, sizeof l);
        fill(m, self, &l);
        akt_post(iso->node, iso, m);
    }
    return AKT_C_DONE;
}

static const struct akt_c_behaviour main_behaviour = {.init = main_init};
static const struct akt_kind main_kind = {
    "main",
    &akt_c_host,
    false,
    0,
    {UINT32_MAX, 0, AKT_FULL_WAIT},
    {AKT_ONE_FOR_ONE, AKT_EXHAUSTED_PARK, 5, 10000, 10, 100},
    (void *)(uintptr_t)&main_behaviour};

static void before(struct akt_node *node)
{
    node->on_dead_letter = on_dead_letter;
    sent = 0;
    memset(fates, 0, sizeof fates);
    memset(wait_id, 0, sizeof wait_id);
    memset(next_seq, 0, sizeof next_seq);
    memset(last_seq, 0, sizeof last_seq);
    members = 2 + sim_below(MEMBERS - 1);
    for (uint32_t i = 0; i < members; i++) {
        uint32_t max = sim_chance(50) ? 1 + sim_below(5) : 1000;
        kinds[i] = (struct akt_kind){"member",
                                     &akt_c_host,
                                     false,
                                     0,
                                     {max, 1024, (enum akt_full)sim_below(4)},
                                     AKT_SUPERVISE_DEFAULT,
                                     (void *)(uintptr_t)&member};
    }
}

static void look(struct akt_node *node, int code)
{
    (void)node;
    SIM_CHECK(code == 0);
    for (uint32_t i = 0; i < sent; i++) {
        if (!fates[i].handled && !fates[i].dead)
            sim_fail("message %u of %u is lost", i, sent);
        totals[fates[i].handled ? AKT_OK : fates[i].why]++;
    }
}

static void run(uint64_t seed)
{
    struct akt_config config = {.simulated = true, .seed = seed};
    struct akt_random start = sim_random;
    uint64_t hash = sim_node(&config, &main_kind, before, look);
    if (seed % 8)
        return;
    sim_random = start;
    SIM_CHECK(sim_node(&config, &main_kind, before, look) == hash);
}

int main(int argc, char **argv)
{
    int result = sim_main(argc, argv, 10000, run);
    for (int i = 0; i < AKT_CODE_COUNT; i++)
        if (totals[i])
            printf("%12" PRIu64 " %s\n", totals[i],
                   akt_code_name((enum akt_code)i));
    return result;
}
