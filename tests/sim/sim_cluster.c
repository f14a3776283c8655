/* SPDX-License-Identifier: MIT
 *
 * Whole nodes in one world: two to five of them, with actors that send, ask and
 * monitor across, while links are cut, delayed and reset, and nodes crash,
 * start again under the same name, and are stopped for a while. Everything that
 * is delivered is compared with what was sent:
 *
 *   - of each session, what arrives from one sender at one receiver is a
 *     beginning of what was sent, in order;
 *   - what did not arrive is counted by the link that lost it;
 *   - each monitor is told once at most, and when its target or the session is
 *     gone, exactly once; behind all that came from there, and nothing of that
 *     session comes behind it;
 *   - each ask has an outcome, by its deadline;
 *   - nothing reaches the namesake of who it was meant for;
 *   - when all is healed the nodes find each other, and come to rest.
 */
#include "tests/sim/cluster.h"

#define CHAOS_MS 40000
#define REST_MS 20000

static struct akt_sim_net *net;
static struct akt_node *home;
static struct akt_later ticks[PLACES_MAX], fault;
static enum phase { CHAOS, HEALED, WELL, RESTING } phase;

/* ---- sending ---- */

static uint32_t any_player(uint32_t here, uint32_t index)
{
    uint32_t place = sim_below(places_len);
    if (place == here)
        return PLAYERS_MAX;
    if (sim_chance(5) && players_len) { /* one of old */
        uint32_t i = sim_below(players_len);
        return players[i].place == here ? PLAYERS_MAX : i;
    }
    return places[place].player[index];
}

static size_t any_size(void)
{
    uint32_t extra = sim_chance(98) ? sim_below(200) : sim_below(300000);
    return sizeof(struct label) + extra;
}

static struct akt_msg *new_message(const struct label *l, akt_pid from,
                                   akt_pid to)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, any_size());
    memset(m->body, 0, m->size);
    memcpy(m->body, l, sizeof *l);
    m->sender = from;
    m->target = to;
    return m;
}

static uint32_t me_of(const struct akt_actor *self)
{
    return (uint32_t)(uintptr_t)self->host_data;
}

/* `ask`: what waits for an answer; NULL: nothing. */
static void say(struct akt_isolate *iso, struct akt_actor *self, uint32_t to,
                struct akt_pending *ask)
{
    uint32_t me = me_of(self);
    struct akt_network_node n;
    enum akt_full full;
    uint32_t here = players[me].place;
    uint16_t index = link_index(here, &players[to], &n);
    if (!index) {
        if (ask)
            akt_pending_answer(iso, ask, NULL, AKT_NOCONNECTION);
        return;
    }
    struct pair *p = get_pair(me, to);
    struct label l = {ask ? ASK : SAY, me, to, session_now(&n), 0};
    l.nth = p->session == l.session ? p->sent : 0;
    struct akt_msg *m =
        new_message(&l, self->self, as_seen(&players[to], index));
    if (ask) {
        m->ask = ask->id;
        m->deadline_ns = ask->node.key;
        ask->target = m->target;
    }
    enum akt_code code = akt_send(iso, m, &full);
    if (code == AKT_OVERLOADED)
        akt_msg_free(m);
    if (code != AKT_OK)
        return;
    p->session = l.session;
    p->sent = l.nth + 1;
    p->all_sent++;
}

static void watch(struct akt_isolate *iso, struct akt_actor *self, uint32_t me,
                  uint32_t target)
{
    struct akt_network_node n;
    uint16_t index = link_index(players[me].place, &players[target], &n);
    if (!index || ties_len == TIES_MAX)
        return;
    struct tie *t = &ties[ties_len++];
    *t = (struct tie){0, me, target, session_now(&n), false};
    t->ref = akt_monitor(iso, self, as_seen(&players[target], index), false);
}

static enum akt_c_result ask(struct akt_isolate *iso, struct akt_actor *self,
                             uint32_t me)
{
    uint32_t to = any_player(players[me].place, sim_below(2));
    if (to == PLAYERS_MAX)
        return AKT_C_DONE;
    uint64_t due_ns = world.now_ns + (1 + sim_below(3000)) * SIM_MS;
    struct akt_pending *p = akt_pending_open(iso, self, AKT_P_CALL, due_ns);
    p->awaited = true;
    players[me].asking = true;
    players[me].ask_id = p->id;
    players[me].ask_due_ns = due_ns;
    players[me].ask_target = to;
    asked++;
    say(iso, self, to, p);
    return AKT_C_WAIT;
}

/* ---- receiving ---- */

static enum akt_c_result on_user(struct akt_isolate *iso,
                                 struct akt_actor *self, uint32_t me,
                                 struct akt_msg *m);

static enum akt_c_result on_message(struct akt_isolate *iso,
                                    struct akt_actor *self, struct akt_msg *m)
{
    uint32_t me = me_of(self);
    if (m->type == AKT_MSG_DOWN)
        on_down(me, m);
    return m->type == AKT_MSG_USER ? on_user(iso, self, me, m) : AKT_C_DONE;
}

/* What it does when it is its time: the last of a node asks, others talk. */
static enum akt_c_result act(struct akt_isolate *iso, struct akt_actor *self,
                             uint32_t me)
{
    uint32_t index = players[me].index;
    if (asks(&players[me]))
        return ask(iso, self, me);
    for (uint32_t n = sim_below(4); n > 0; n--) {
        uint32_t to = any_player(players[me].place, sim_below(PER_NODE - 1));
        if (to == PLAYERS_MAX)
            continue;
        if (sim_chance(30))
            watch(iso, self, me, to);
        else
            say(iso, self, to, NULL);
    }
    if (index != 2 || !sim_chance(20))
        return AKT_C_DONE;
    players[me].alive = false;
    return sim_chance(50) ? AKT_C_EXIT : AKT_C_FAIL;
}

static enum akt_c_result on_user(struct akt_isolate *iso,
                                 struct akt_actor *self, uint32_t me,
                                 struct akt_msg *m)
{
    struct label l;
    memcpy(&l, m->body, sizeof l);
    if (l.verb == TICK)
        return act(iso, self, me);
    check_order(me, &l);
    if (l.verb == ASK) {
        struct akt_msg *reply = akt_msg_new(AKT_MSG_REPLY, sizeof l);
        memcpy(reply->body, &l, sizeof l);
        akt_reply(iso, self->self, m, reply);
    }
    return AKT_C_DONE;
}

static enum akt_c_result on_resume(struct akt_isolate *iso,
                                   struct akt_actor *self)
{
    struct player *p = &players[me_of(self)];
    struct akt_pending *wait = akt_pending_find(iso, p->ask_id);
    SIM_CHECK(wait && wait->done);
    /* one that was stopped hears of it when it goes on */
    uint64_t late_ns = p->ask_due_ns, back_ns = places[p->place].paused_ns;
    late_ns = back_ns > late_ns ? back_ns : late_ns;
    if (world.now_ns > late_ns + 2 * SIM_MS)
        sim_fail("the outcome of an ask came %d ms late",
                 (int)((world.now_ns - late_ns) / SIM_MS));
    if (wait->msg && wait->msg->code == AKT_OK) {
        struct label l;
        memcpy(&l, wait->msg->body, sizeof l);
        SIM_CHECK(l.from == me_of(self) && l.to == p->ask_target);
        answered++;
    }
    akt_pending_close(iso, wait);
    p->asking = false;
    return AKT_C_DONE;
}

/* ---- the actors of a node ---- */

static enum akt_c_result on_init(struct akt_isolate *iso,
                                 struct akt_actor *self, struct akt_msg *args)
{
    uint32_t me;
    (void)iso;
    memcpy(&me, args->body, sizeof me);
    self->host_data = (void *)(uintptr_t)me;
    return AKT_C_DONE;
}

#define KIND(name, behaviour)                                      \
    {                                                              \
        name, &akt_c_host, false, AKT_HOOK_INIT,                   \
            {UINT32_MAX, 0, AKT_FULL_WAIT}, AKT_SUPERVISE_DEFAULT, \
            (void *)(uintptr_t) & (behaviour)                      \
    }

static const struct akt_c_behaviour player_behaviour = {
    .init = on_init, .message = on_message, .resume = on_resume};
static const struct akt_kind player_kind = KIND("player", player_behaviour);

static void cast(struct akt_isolate *iso, struct akt_actor *self,
                 uint32_t place, uint32_t index)
{
    SIM_CHECK(players_len < PLAYERS_MAX);
    uint32_t me = players_len++;
    struct player *p = &players[me];
    struct akt_spec *spec = akt_spec_new();
    spec->restart = AKT_TEMPORARY;
    spec->own_isolate = sim_chance(30);
    struct akt_spawn req = {
        .kind = &player_kind,
        .args = akt_msg_new(AKT_MSG_START, sizeof me),
        .spec = spec,
    };
    memcpy(req.args->body, &me, sizeof me);
    *p = (struct player){.place = place, .index = index};
    p->life = places[place].life;
    p->alive = true;
    places[place].player[index] = me;
    SIM_CHECK(akt_spawn(iso, self, &req, &p->pid) == AKT_OK);
}

static void cast_missing(struct akt_isolate *iso, struct akt_actor *self)
{
    uint32_t place = place_of(iso->node);
    for (uint32_t i = 0; i < PER_NODE; i++) {
        uint32_t p = places[place].player[i];
        if (p == PLAYERS_MAX || !players[p].alive)
            cast(iso, self, place, i);
    }
}

static enum akt_c_result guest_init(struct akt_isolate *iso,
                                    struct akt_actor *self,
                                    struct akt_msg *args)
{
    (void)args;
    cast_missing(iso, self);
    return AKT_C_DONE;
}

static enum akt_c_result guest_message(struct akt_isolate *iso,
                                       struct akt_actor *self,
                                       struct akt_msg *m)
{
    if (m->type == AKT_MSG_USER)
        cast_missing(iso, self);
    return AKT_C_DONE;
}

static const struct akt_c_behaviour guest = {.init = guest_init,
                                             .message = guest_message};
static const struct akt_kind guest_kind = KIND("guest", guest);

static void tell(struct akt_node *node, akt_pid to, enum verb verb)
{
    struct label l = {.verb = verb};
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, sizeof l);
    memcpy(m->body, &l, sizeof l);
    m->target = to;
    akt_post(node, NULL, m);
}

/* Each place has its own pace. */
static void on_tick(struct akt_later *self)
{
    struct place *p = &places[self - ticks];
    if (p->node && !p->paused) {
        tell(p->node, p->node->main, TICK);
        for (uint32_t i = 0; i < PER_NODE; i++) {
            uint32_t k = p->player[i];
            if (k != PLAYERS_MAX && players[k].alive && !players[k].asking)
                tell(p->node, players[k].pid, TICK);
        }
    }
    if (phase != RESTING)
        akt_world_at(&world, self, world.now_ns + (1 + sim_below(60)) * SIM_MS);
}

/* ---- nodes ---- */

static bool import(char *bytes, size_t len,
                   uint16_t (*rename)(void *ctx, uint16_t index), void *ctx)
{
    (void)bytes, (void)len, (void)rename, (void)ctx;
    return true;
}

/* All, or the first one only: the others hear of each other by it. */
static void open_network(uint32_t i, bool all)
{
    static char texts[PLACES_MAX][AKT_ADDRESS_MAX + 16];
    const char *connect[PLACES_MAX + 1] = {NULL};
    char address[AKT_ADDRESS_MAX + 1], why[100];
    uint32_t len = 0;
    for (uint32_t k = 0; k < (all ? places_len : 1); k++) {
        if (k == i)
            continue;
        akt_sim_net_address(k, address);
        snprintf(texts[k], sizeof texts[k], "%s@%s", places[k].name, address);
        connect[len++] = texts[k];
    }
    struct akt_network_config c = {.connect = connect, .import = import};
    c.transport = akt_sim_net_transport(net, i);
    c.incarnation = (uint64_t)(places[i].life * PLACES_MAX + i) * 2 + 1;
    places[i].network = akt_network_start(places[i].node, &c, why, sizeof why);
    SIM_CHECK(places[i].network);
}

static void start_node(uint32_t i)
{
    struct place *p = &places[i];
    struct akt_config config = {
        .simulated = true, .world = &world, .name = p->name};
    snprintf(p->name, sizeof p->name, "n%u", i + 1);
    for (uint32_t k = 0; k < PLACES_MAX; k++)
        seen[i][k] = seen[k][i] = 0;
    for (uint32_t k = 0; k < PER_NODE; k++)
        p->player[k] = PLAYERS_MAX;
    p->life++;
    p->paused = false;
    p->back_ns = 0;
    p->node = akt_node_create(&config);
    akt_node_main(p->node, &guest_kind, NULL, akt_msg_new(AKT_MSG_START, 0));
    open_network(i, sim_seed % 2);
}

static void stop_node(uint32_t i, bool politely, bool silently)
{
    struct place *p = &places[i];
    check_sense(p);
    if (silently)
        akt_sim_net_cut_off(net, i);
    if (politely)
        akt_network_stop(p->network);
    else
        akt_network_drop(p->network);
    akt_network_destroy(p->network);
    akt_node_destroy(p->node);
    p->node = NULL;
    p->network = NULL;
}

/* ---- faults ---- */

static void draw_link(uint32_t a, uint32_t b)
{
    struct akt_link_faults f = {.least_ns = sim_below(20) * SIM_MS};
    f.most_ns = f.least_ns + sim_below(40) * SIM_MS;
    f.cut = sim_chance(30);
    if (sim_chance(30))
        f.loss = sim_below(100) / 1000.0;
    if (a != b)
        akt_link_world_set(akt_sim_net_links(net), a, b, &f);
}

static void draw_partition(void)
{
    uint64_t all = (1ull << places_len) - 1;
    uint64_t these = 1 + sim_below((uint32_t)all);
    akt_link_world_cut(akt_sim_net_links(net), these, all & ~these,
                       sim_chance(50));
}

static void pause_node(uint32_t i, bool on)
{
    if (!places[i].node || places[i].paused == on)
        return;
    places[i].paused = on;
    if (!on)
        places[i].paused_ns = world.now_ns;
    akt_sim_net_pause(net, i, on);
}

static void heal(void)
{
    for (uint32_t a = 0; a < places_len; a++)
        for (uint32_t b = 0; b < places_len; b++)
            if (a != b)
                akt_link_world_set(
                    akt_sim_net_links(net), a, b,
                    &(struct akt_link_faults){.most_ns = 5 * SIM_MS});
}

static void one_fault(void)
{
    uint32_t i = sim_below(places_len), dice = sim_below(100);
    if (dice < 40)
        draw_link(i, sim_below(places_len));
    else if (dice < 55)
        draw_partition();
    else if (dice < 70)
        heal();
    else if (dice < 90)
        pause_node(i, !places[i].paused);
    else if (places[i].node) {
        crashes++;
        stop_node(i, sim_chance(30), sim_chance(30));
        places[i].back_ns = world.now_ns + sim_below(20000) * SIM_MS;
    }
}

static void on_fault(struct akt_later *self)
{
    for (uint32_t i = 0; i < places_len; i++)
        if (!places[i].node &&
            (world.now_ns >= places[i].back_ns || phase != CHAOS))
            start_node(i);
    if (phase != CHAOS) {
        heal();
        for (uint32_t i = 0; i < places_len; i++)
            pause_node(i, false);
        return;
    }
    one_fault();
    akt_world_at(&world, self, world.now_ns + sim_below(1500) * SIM_MS);
}

/* ---- home: the program that lasts for as long as all this ---- */

static enum akt_c_result nap(struct akt_isolate *iso, struct akt_actor *self,
                             uint64_t ms)
{
    struct akt_pending *p =
        akt_pending_open(iso, self, AKT_P_CALL, world.now_ns + ms * SIM_MS);
    p->awaited = true;
    return AKT_C_WAIT;
}

static enum akt_c_result home_message(struct akt_isolate *iso,
                                      struct akt_actor *self, struct akt_msg *m)
{
    (void)m;
    return nap(iso, self, CHAOS_MS);
}

static enum akt_c_result home_resume(struct akt_isolate *iso,
                                     struct akt_actor *self)
{
    switch (phase++) {
    case CHAOS:
        akt_world_at(&world, &fault, world.now_ns);
        break;
    case HEALED:
        read_sessions(false);
        break;
    case WELL:
        read_sessions(true);
        break;
    case RESTING:
        check_pairs();
        check_losses();
        check_ties();
        check_links();
        check_asks();
        return AKT_C_EXIT;
    }
    return nap(iso, self, REST_MS);
}

static const struct akt_c_behaviour home_behaviour = {.message = home_message,
                                                      .resume = home_resume};
static const struct akt_kind home_kind = KIND("home", home_behaviour);

static void begin(uint64_t seed)
{
    memset(places, 0, sizeof places);
    memset(seen, 0, sizeof seen);
    players_len = pairs_len = ties_len = 0;
    akt_map_init(&pair_of);
    phase = CHAOS;
    akt_world_simulated(&world, seed);
    struct akt_config config = {.simulated = true, .world = &world};
    home = akt_node_create(&config);
    akt_node_main(home, &home_kind, NULL, akt_msg_new(AKT_MSG_START, 0));
    tell(home, home->main, TICK);
    places_len = 2 + sim_below(PLACES_MAX - 1);
    net = akt_sim_net_create(&world, places_len);
    heal();
    for (uint32_t i = 0; i < places_len; i++)
        snprintf(places[i].name, sizeof places[i].name, "n%u", i + 1);
    for (uint32_t i = 0; i < places_len; i++) {
        start_node(i);
        ticks[i] = (struct akt_later){.fire = on_tick};
        akt_world_at(&world, &ticks[i], world.now_ns + SIM_MS);
    }
    fault = (struct akt_later){.fire = on_fault};
    akt_world_at(&world, &fault, world.now_ns + 3000 * SIM_MS);
}

static void end(void)
{
    for (uint32_t i = 0; i < places_len; i++) {
        akt_world_cancel(&world, &ticks[i]);
        if (places[i].node)
            stop_node(i, i % 2, false);
    }
    akt_world_cancel(&world, &fault);
    akt_sim_net_destroy(net);
    SIM_CHECK(akt_world_next_ns(&world) == 0);
    akt_node_destroy(home);
    akt_world_fini(&world);
    akt_map_fini(&pair_of);
    akt_free(pairs, pairs_cap * sizeof *pairs);
    pairs = NULL;
    pairs_cap = 0;
    akt_msg_pool_release();
    akt_msg_pool_fini();
}

static uint64_t run_once(uint64_t seed)
{
    akt_msg_pool_release();
    akt_msg_pool_fini();
    int64_t bytes = akt_alloc_total();
    begin(seed);
    SIM_CHECK(akt_node_run(home) == 0);
    uint64_t hash = world.trace_hash ^ world.now_ns;
    end();
    SIM_CHECK(akt_alloc_total() == bytes);
    return hash;
}

/* A seed is a run. */
static void run(uint64_t seed)
{
    uint64_t hash = run_once(seed);
    akt_random_seed(&sim_random, seed * 7919 + 1);
    SIM_CHECK(seed % 20 != 0 || run_once(seed) == hash);
}

int main(int argc, char **argv)
{
    int code;
    code = sim_main(argc, argv, 40, run);
    printf("%" PRIu64 " messages, %" PRIu64 " asks, %" PRIu64
           " answered, %" PRIu64 " downs, %" PRIu64 " crashes, %" PRIu64
           " connections again, %" PRIu64 " lost\n",
           delivered, asked, answered, downs, crashes, resumes, losses);
    return code;
}
