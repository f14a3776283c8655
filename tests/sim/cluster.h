/* SPDX-License-Identifier: MIT
 *
 * tests/sim/cluster.h: what sim_cluster knows of its nodes and actors, and what
 * it holds against them: who sent what to whom in which session, what came, and
 * which monitors are due. Nothing here changes what happens.
 */
#ifndef AKT_TESTS_CLUSTER_H
#define AKT_TESTS_CLUSTER_H

#include "tests/sim/sim.h"

#include "net/network.h"
#include "net/sim_net.h"
#include "vm/base/map.h"
#include "vm/sim.h"

#define PLACES_MAX 5
#define PLAYERS_MAX 4000
#define TIES_MAX 20000
#define PER_NODE 4 /* actors */
#define S_NEVER UINT32_MAX
/* While all is well: each incarnation that is no more is dialled at most once,
 * and who answers then goes on by that connection. */
#define RECONNECTS 12

/* An actor of one life of a node. */
struct player {
    uint32_t place, life, index;
    akt_pid pid;
    bool alive, asking;
    uint64_t ask_id, ask_due_ns;
    uint32_t ask_target; /* player */
    /* of the life of each place that it was told of: nothing that was sent in
     * a session before this one may come any more */
    uint32_t barred[PLACES_MAX], barred_life[PLACES_MAX];
};

/* A place and the node that has it now. */
struct place {
    struct akt_node *node;
    struct akt_network *network;
    uint32_t life;
    char name[16];
    uint32_t player[PER_NODE]; /* by index; PLAYERS_MAX: none */
    bool paused;
    uint64_t paused_ns; /* until when it last was */
    uint64_t back_ns;   /* crashed: it starts again then */
};

/* What one player sends to another. */
struct pair {
    uint32_t from, to;
    uint32_t session, sent; /* of the last session it sent in */
    uint32_t all_sent, all_got;
    uint32_t got_session, got;
    bool got_any;
};

/* A monitor. */
struct tie {
    uint64_t ref;
    uint32_t watcher, target; /* players */
    uint32_t session;         /* of the watcher's link */
    bool over;
};

enum verb { SAY, ASK, TICK, DIE };

struct label {
    uint32_t verb;
    uint32_t from, to; /* players */
    uint32_t session, nth;
};

static struct akt_world world;
static struct place places[PLACES_MAX];
static uint32_t places_len;
static struct player players[PLAYERS_MAX];
static uint32_t players_len;
static struct pair *pairs;
static uint32_t pairs_len, pairs_cap;
static struct akt_map pair_of; /* from << 32 | to -> index */
static struct tie ties[TIES_MAX];
static uint32_t ties_len;
/* [from place][to place]: the last session by which something arrived, in this
 * life of both. */
static uint32_t seen[PLACES_MAX][PLACES_MAX];
static uint64_t sessions[PLACES_MAX][PLACES_MAX]; /* when all is WELL */
static uint64_t connections[PLACES_MAX][PLACES_MAX];
static uint64_t delivered, asked, answered, crashes, downs, resumes, losses;

/* ---- who is who ---- */

static uint32_t place_of(const struct akt_node *node)
{
    for (uint32_t i = 0; i < places_len; i++)
        if (places[i].node == node)
            return i;
    sim_fail("a node that is nowhere");
}

static bool is_current(const struct player *p)
{
    return places[p->place].node && places[p->place].life == p->life;
}

/* And says nothing else; who is asked drops what has expired. */
static bool asks(const struct player *p)
{
    return p->index == PER_NODE - 1;
}

static struct pair *get_pair(uint32_t from, uint32_t to)
{
    uint64_t at, key = (uint64_t)from << 32 | to;
    if (akt_map_get(&pair_of, key, &at))
        return &pairs[at];
    if (pairs_len == pairs_cap) {
        uint32_t cap = pairs_cap ? pairs_cap * 2 : 256;
        pairs =
            akt_resize(pairs, pairs_cap * sizeof *pairs, cap * sizeof *pairs);
        pairs_cap = cap;
    }
    akt_map_put(&pair_of, key, pairs_len);
    pairs[pairs_len] = (struct pair){.from = from, .to = to};
    return &pairs[pairs_len++];
}

/* What `here` knows of the node at `there`, of the life that is told of. */
static uint16_t link_index(uint32_t here, const struct player *p,
                           struct akt_network_node *out)
{
    struct akt_network *n = places[here].network;
    for (uint16_t i = 2; i <= akt_network_len(n); i++)
        if (akt_network_read(n, i, out) &&
            strcmp(out->name, places[p->place].name) == 0 &&
            out->incarnation ==
                (uint64_t)(p->life * PLACES_MAX + p->place) * 2 + 1)
            return i;
    return 0;
}

/* In which session of the link something is that is sent now. */
static uint32_t session_now(const struct akt_network_node *n)
{
    bool idle = n->link.state == AKT_LINK_IDLE;
    return (uint32_t)n->link.sessions + (idle ? 1 : 0);
}

static akt_pid as_seen(const struct player *p, uint16_t index)
{
    akt_pid pid = {(p->pid.bits & (UINT64_MAX >> 16)) | (uint64_t)index << 48};
    return pid;
}

/* ---- as it happens ---- */

static void check_order(uint32_t me, const struct label *l)
{
    struct pair *p = get_pair(l->from, l->to);
    uint32_t from = players[l->from].place, to = players[me].place;
    if (l->to != me)
        sim_fail("a message for player %u came to %u", l->to, me);
    if (p->got_any && l->session < p->got_session)
        sim_fail("a message of session %u came behind one of session %u",
                 l->session, p->got_session);
    if (!p->got_any || l->session != p->got_session)
        p->got = 0;
    if (l->verb == ASK && l->nth > p->got)
        p->got = l->nth; /* the time of others was over when they came */
    if (l->nth != p->got)
        sim_fail("message %u of session %u came instead of %u", l->nth,
                 l->session, p->got);
    p->got_any = true;
    p->got_session = l->session;
    p->got++;
    p->all_got++;
    if (players[me].barred_life[from] == players[l->from].life &&
        l->session < players[me].barred[from])
        sim_fail("a message of session %u came behind its end", l->session);
    if (is_current(&players[l->from]) && l->session > seen[from][to])
        seen[from][to] = l->session;
    delivered++;
}

static void on_down(uint32_t me, const struct akt_msg *m)
{
    uint32_t i = 0;
    while (i < ties_len && (ties[i].ref != m->ask || ties[i].watcher != me))
        i++;
    if (i == ties_len)
        sim_fail("a down of a monitor nobody has");
    struct tie *t = &ties[i];
    const struct player *target = &players[t->target];
    if (t->over)
        sim_fail("a monitor was told twice");
    t->over = true;
    downs++;
    enum akt_code why = akt_msg_reason(m)->code;
    uint32_t from = target->place, to = players[me].place;
    if (why == AKT_NOCONNECTION) {
        if (is_current(target))
            players[me].barred[from] = seen[from][to] + 1;
        else
            players[me].barred[from] = S_NEVER;
        players[me].barred_life[from] = target->life;
        return;
    }
    if (target->alive)
        sim_fail("a monitor was told that a living one has ended: %s",
                 akt_code_name(why));
    /* all it said before its end in this session has come */
    struct akt_network_node n;
    const struct pair *p = get_pair(t->target, me);
    if (why == AKT_NOPROC || !is_current(target) ||
        !link_index(from, &players[me], &n) || n.link.sessions != p->session)
        return;
    uint32_t got = p->got_any && p->got_session == p->session ? p->got : 0;
    if (got != p->sent)
        sim_fail("a down (%s) came in front of %u messages of player %u to %u",
                 akt_code_name(why), p->sent - got, t->target, me);
}

/* Our own nodes understand each other. */
static void check_sense(const struct place *p)
{
    struct akt_network_node n;
    for (uint16_t k = 2; k <= akt_network_len(p->network); k++)
        if (akt_network_read(p->network, k, &n) && n.link.refused_sessions)
            sim_fail("%s refused what %s said", p->name, n.name);
}

/* Nothing breaks a session from now on; ticks go on. */
static void read_sessions(bool check)
{
    struct akt_network_node n;
    for (uint32_t a = 0; a < places_len; a++)
        for (uint32_t b = 0; b < places_len; b++) {
            const struct player *p = &players[places[b].player[0]];
            if (a == b || !link_index(a, p, &n))
                continue;
            if (check && sessions[a][b] && n.link.sessions != sessions[a][b])
                sim_fail("the session of %s to %s broke though all is well",
                         places[a].name, places[b].name);
            if (check && sessions[a][b] &&
                n.link.connections > connections[a][b] + RECONNECTS)
                sim_fail("%s and %s connect again and again", places[a].name,
                         places[b].name);
            sessions[a][b] = n.link.sessions;
            connections[a][b] = n.link.connections;
        }
}

/* ---- the end of it ---- */

static void check_pairs(void)
{
    struct akt_network_node n;
    for (uint32_t i = 0; i < pairs_len; i++) {
        const struct pair *p = &pairs[i];
        const struct player *from = &players[p->from], *to = &players[p->to];
        if (!is_current(from) || !is_current(to) || !to->alive || !p->sent ||
            !link_index(from->place, to, &n) || asks(from))
            continue;
        uint32_t got = p->got_session == p->session ? p->got : 0;
        if (n.link.state == AKT_LINK_UP && n.link.sessions == p->session &&
            got != p->sent)
            sim_fail("%u of %u messages of a session that goes on came", got,
                     p->sent);
    }
}

/* What one place has lost on its way to another, it has counted. */
static void check_losses(void)
{
    uint64_t lost[PLACES_MAX][PLACES_MAX] = {{0}};
    struct akt_network_node n;
    for (uint32_t i = 0; i < pairs_len; i++) {
        const struct pair *p = &pairs[i];
        const struct player *from = &players[p->from], *to = &players[p->to];
        if (!is_current(from) || !is_current(to) || !to->alive ||
            !link_index(from->place, to, &n) || asks(from))
            continue;
        uint64_t *sum = &lost[from->place][to->place];
        *sum += p->all_sent - p->all_got;
        if (*sum > n.link.lost_messages)
            sim_fail("%s lost %d messages to %s and counted %d", n.name,
                     (int)*sum, places[from->place].name,
                     (int)n.link.lost_messages);
        losses += p->all_sent - p->all_got;
    }
}

static void check_ties(void)
{
    struct akt_network_node n;
    for (uint32_t i = 0; i < ties_len; i++) {
        const struct tie *t = &ties[i];
        const struct player *w = &players[t->watcher];
        const struct player *target = &players[t->target];
        if (t->over || !is_current(w) || !w->alive)
            continue;
        if (!is_current(target) || !target->alive)
            sim_fail("a monitor was not told that its target is gone");
        if (!link_index(w->place, target, &n) || n.link.sessions != t->session)
            sim_fail("a monitor was not told that its session is gone");
    }
}

static void check_links(void)
{
    struct akt_network_node n;
    for (uint32_t a = 0; a < places_len; a++)
        for (uint32_t b = 0; b < places_len; b++) {
            const struct player *p = &players[places[b].player[0]];
            if (a == b)
                continue;
            if (!link_index(a, p, &n))
                sim_fail("%s never heard of %s", places[a].name,
                         places[b].name);
            bool must = sim_seed % 2 || !a || !b;
            if (must && n.link.state != AKT_LINK_UP)
                sim_fail("%s has no link to %s", places[a].name,
                         places[b].name);
            SIM_CHECK(n.link.session.queued_messages == 0);
            SIM_CHECK(n.link.waiting == 0);
            resumes += n.link.connections - (n.link.sessions > 0);
        }
}

static void check_asks(void)
{
    for (uint32_t i = 0; i < players_len; i++)
        if (is_current(&players[i]) && players[i].alive && players[i].asking)
            sim_fail("an ask has no outcome");
}

#endif
