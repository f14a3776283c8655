/* SPDX-License-Identifier: MIT
 *
 * A whole network on real sockets, and what peers may and may not do to it.
 */
#include "net/network.h"

#include "tests/unit/net/peer.h"
#include "vm/outside.h"

/* What is known of the node that has this name now. */
static struct akt_network_node known(const char *name)
{
    struct akt_network_node n = {.name = ""};
    for (uint16_t i = 2; i <= akt_network_len(stage_network); i++)
        if (akt_network_read(stage_network, i, &n) && !strcmp(n.name, name))
            return n;
    return (struct akt_network_node){.name = ""};
}

/* ---- clients ---- */

static struct akt_client *open_client(void)
{
    struct akt_client_config c = {.address =
                                      akt_network_address(stage_network)};
    struct akt_client_error e;
    struct akt_client *client = akt_client_open(&c, &e);
    ck_assert_msg(client != NULL, "%s", e.text);
    return client;
}

static enum akt_client_code ask_main(struct akt_client *c, const char *body,
                                     const char **word)
{
    struct akt_client_call call = {"main", body, 1, 20000};
    struct akt_client_reply reply;
    struct akt_client_error e;
    enum akt_client_code code = akt_client_ask(c, &call, &reply, &e);
    *word = reply.word;
    return code;
}

static void come_and_go(unsigned n)
{
    const char *word;
    for (unsigned i = 0; i < n; i++) {
        struct akt_client *c = open_client();
        ck_assert_int_eq(ask_main(c, "e", &word), AKT_CLIENT_OK);
        akt_client_close(c);
    }
}

/* With 40,000 at hand: AKT_TEST_CLIENTS=40000. */
START_TEST(clients_use_indexes_again)
{
    const char *often = getenv("AKT_TEST_CLIENTS");
    unsigned n = often ? (unsigned)atoi(often) : 3000;
    /* those that go between two looks are not known to be gone */
    unsigned most = 2 * AKT_CLIENTS_GONE;
    come_and_go(most);
    int64_t before = akt_alloc_total();
    come_and_go(n - most);
    int64_t more = akt_alloc_total() - before;
    if (often)
        printf("%u clients: %d indexes, %lld bytes more\n", n,
               akt_network_len(stage_network), (long long)more);
    ck_assert_uint_lt(akt_network_len(stage_network), most);
    ck_assert_int_lt(more, 1 << 20);
}
END_TEST

/* Others are told that there is somebody, not who. */
START_TEST(clients_are_not_told_of)
{
    const char *word;
    struct akt_client *c = open_client();
    ck_assert_int_eq(ask_main(c, "e", &word), AKT_CLIENT_OK);
    uint32_t index = akt_pid_node((akt_pid){atomic_load(&stage_asker)});
    struct peer *p = peer_open("p", 1, "");
    ck_assert(peer_ask(p, 'e', AKT_OK));
    ck_assert_str_eq(p->told[index], "~");
    peer_close(p);
    akt_client_close(c);
}
END_TEST

/* The peer could not answer it. */
START_TEST(the_ask_of_a_client_goes_no_further)
{
    const char *word;
    struct peer *p = peer_open("p", 1, "");
    ck_assert(peer_ask(p, 'e', AKT_OK));
    atomic_store(&stage_other, atomic_load(&stage_asker));
    struct akt_client *c = open_client();
    ck_assert_int_eq(ask_main(c, "f", &word), AKT_CLIENT_FAILED);
    ck_assert_str_eq(word, "noconnection");
    akt_client_close(c);
    peer_close(p);
}
END_TEST

/* ---- what peers tell of others ---- */

static struct akt_link_stats link_of(const char *name)
{
    return known(name).link;
}

struct wanted_figure {
    const char *name, *peer; /* NULL: of the whole network */
    double value;            /* -1: there is none */
};

static void look_at_figure(void *ctx, const struct akt_metric *m)
{
    struct wanted_figure *f = ctx;
    const char *peer = m->labels_len ? m->labels[0].value : NULL;
    if (strcmp(m->name, f->name) == 0 && !peer == !f->peer &&
        (!peer || strcmp(peer, f->peer) == 0))
        f->value = m->value;
}

static int figure(const char *name, const char *peer)
{
    struct wanted_figure f = {name, peer, -1};
    akt_network_metrics((struct akt_remote *)(void *)stage_network,
                        &(struct akt_metrics_sink){look_at_figure, &f});
    return (int)f.value;
}

START_TEST(nodes_that_are_told_of_are_bounded)
{
    char name[16];
    struct peer *p = peer_open("p", 1, "");
    for (unsigned i = 0; i < AKT_LINK_TOLD_MAX; i++) {
        snprintf(name, sizeof name, "t%u", i);
        peer_tell(p, 2 + i, name, "127.0.0.1:1");
    }
    ck_assert(peer_sync(p));
    peer_tell(p, 2, "t0", "127.0.0.1:1"); /* nothing new */
    peer_tell(p, 30000, "~", "");         /* nobody */
    ck_assert(peer_sync(p));
    ck_assert_uint_eq(link_of("p").refused_sessions, 0);
    peer_tell(p, 30001, "one-more", "127.0.0.1:1");
    ck_assert(!peer_sync(p));
    ck_assert_uint_eq(link_of("p").refused_sessions, 1);
    peer_close(p);
}
END_TEST

/* Whoever comes itself still finds room. */
START_TEST(hearsay_does_not_fill_the_table)
{
    char name[16];
    struct peer *p[3];
    for (unsigned i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "p%u", i);
        p[i] = peer_open(name, 1, "");
        for (unsigned k = 0; k < AKT_LINK_TOLD_MAX; k++) {
            snprintf(name, sizeof name, "t%u.%u", i, k);
            peer_tell(p[i], 2 + k, name, "127.0.0.1:1");
        }
        ck_assert(peer_sync(p[i]));
    }
    ck_assert_int_eq(figure("aktvm_link_refused_nodes", "p1"), 0);
    ck_assert_int_eq(figure("aktvm_link_refused_nodes", "p2"),
                     AKT_LINK_TOLD_MAX);
    ck_assert_uint_eq(akt_network_len(stage_network), 1 + 3 + AKT_HEARD_MAX);
    peer_close(peer_open("t0.0", 7, "")); /* one of them comes itself */
    for (unsigned i = 0; i < 3; i++)
        peer_close(p[i]);
}
END_TEST

START_TEST(an_index_means_one_node)
{
    struct peer *p = peer_open("p", 1, "");
    peer_tell(p, 5, "x", "127.0.0.1:1");
    peer_tell(p, 5, "x", "127.0.0.1:2");
    ck_assert(peer_sync(p));
    ck_assert_int_eq(figure("aktvm_link_refused_sessions", "p"), 0);
    peer_tell(p, 5, "y", "127.0.0.1:1");
    ck_assert(!peer_sync(p));
    ck_assert_int_eq(figure("aktvm_link_refused_sessions", "p"), 1);
    peer_close(p);
}
END_TEST

START_TEST(an_address_is_what_its_node_says)
{
    struct peer *p = peer_open("p", 1, "");
    peer_tell(p, 5, "x", "127.0.0.1:5");
    ck_assert(peer_sync(p));
    ck_assert_str_eq(known("x").address, "127.0.0.1:5");
    struct peer *x = peer_open("x", 7, "127.0.0.1:6");
    ck_assert_str_eq(known("x").address, "127.0.0.1:6");
    peer_tell(p, 6, "x", "127.0.0.1:7");
    ck_assert(peer_sync(p));
    ck_assert_str_eq(known("x").address, "127.0.0.1:6");
    peer_close(x);
    peer_close(p);
}
END_TEST

/* ---- ties ---- */

/* Its n-th actor monitors main, or does not any more. */
static void monitor(struct peer *p, enum akt_msg_type type, unsigned n,
                    uint64_t ref)
{
    struct akt_msg *m = akt_msg_new(type, 0);
    m->sender = akt_pid_make(AKT_PID_NODE_SELF, n, 1);
    m->target = stage_main;
    m->ask = ref;
    peer_send(p, m);
}

START_TEST(monitors_of_a_peer_are_bounded)
{
    unsigned too_many = 20;
    struct peer *p = peer_open("p", 1, "");
    for (unsigned i = 0; i < AKT_REMOTE_TIES_MAX; i++)
        monitor(p, AKT_MSG_MONITOR, 1 + i % 100, 1 + i);
    ck_assert(peer_ask(p, 'e', AKT_OK));
    ck_assert_uint_eq(stage_watchers, AKT_REMOTE_TIES_MAX);
    ck_assert_uint_eq(p->downs, 0);
    for (unsigned i = 0; i < too_many; i++)
        monitor(p, AKT_MSG_MONITOR, 1, 1 + AKT_REMOTE_TIES_MAX + i);
    ck_assert(peer_ask(p, 'e', AKT_OK));
    ck_assert_uint_eq(stage_watchers, AKT_REMOTE_TIES_MAX);
    ck_assert_uint_eq(p->downs, too_many);
    ck_assert_uint_eq(p->why, AKT_LIMIT);
    /* another one is not concerned */
    struct peer *q = peer_open("q", 1, "");
    monitor(q, AKT_MSG_MONITOR, 1, 1ull << 50);
    ck_assert(peer_ask(q, 'e', AKT_OK));
    ck_assert_uint_eq(q->downs, 0);
    peer_close(q);
    peer_close(p);
}
END_TEST

START_TEST(a_ref_is_of_who_made_it)
{
    struct peer *p = peer_open("p", 1, ""), *q = peer_open("q", 1, "");
    monitor(p, AKT_MSG_MONITOR, 1, 9);
    monitor(p, AKT_MSG_MONITOR, 1, 9);
    ck_assert(peer_ask(p, 'e', AKT_OK));
    monitor(q, AKT_MSG_MONITOR, 1, 9);
    monitor(q, AKT_MSG_DEMONITOR, 1, 9);
    ck_assert(peer_ask(q, 'e', AKT_OK));
    ck_assert_uint_eq(q->downs, 1);
    ck_assert_uint_eq(stage_watchers, 1);
    monitor(p, AKT_MSG_DEMONITOR, 1, 9);
    ck_assert(peer_ask(p, 'e', AKT_OK));
    ck_assert_uint_eq(p->downs, 0);
    ck_assert_uint_eq(stage_watchers, 0);
    peer_close(q);
    peer_close(p);
}
END_TEST

/* p ties an actor of q. */
START_TEST(ties_are_of_the_node_that_asks_for_them)
{
    struct peer *p = peer_open("p", 1, "");
    struct akt_msg *m = akt_msg_new(AKT_MSG_MONITOR, 0);
    peer_tell(p, 5, "q", "127.0.0.1:1");
    m->sender = akt_pid_make(5, 1, 1);
    m->target = stage_main;
    m->ask = 9;
    peer_send(p, m);
    ck_assert(peer_ask(p, 'e', AKT_OK));
    ck_assert_uint_eq(stage_watchers, 0);
    ck_assert_uint_eq(link_of("p").refused_bodies, 1);
    peer_close(p);
}
END_TEST

/* ---- asks by threads that run no actor ---- */

static _Atomic int outside_code = -1;

static void outside_done(void *ctx, enum akt_code code, struct akt_msg *reply)
{
    (void)ctx;
    akt_msg_free(reply);
    atomic_store(&outside_code, (int)code);
}

/* Asks the actor of a peer. */
static void ask_outside(akt_pid to)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 0);
    m->target = to;
    atomic_store(&outside_code, -1);
    akt_outside_ask(stage_node, m,
                    &(struct akt_outside_ask){60000, outside_done, NULL});
}

/* The peer's answer to the ask that came last. */
static void answer(struct peer *p, uint64_t ask)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_REPLY, 0);
    m->target = AKT_WIRE_OUTSIDE;
    m->ask = ask;
    peer_send(p, m);
}

START_TEST(asks_from_outside)
{
    struct peer *p = peer_open("p", 1, ""), *q = peer_open("q", 1, "");
    ck_assert(peer_ask(p, 'e', AKT_OK));
    akt_pid to = {atomic_load(&stage_asker)};
    ask_outside(to);
    while (p->type != AKT_MSG_USER)
        peer_hear(p);
    ck_assert(akt_pid_eq(p->sender, AKT_WIRE_OUTSIDE));
    answer(q, p->ask); /* it was not asked */
    ck_assert(peer_ask(q, 'e', AKT_OK));
    ck_assert_int_eq(outside_code, -1);
    answer(p, p->ask);
    ck_assert(peer_ask(p, 'e', AKT_OK));
    ck_assert_int_eq(outside_code, AKT_OK);
    ask_outside(to); /* and then it goes */
    while (p->type != AKT_MSG_USER)
        peer_hear(p);
    peer_close(p);
    while (outside_code < 0)
        ck_assert(peer_sync(q));
    ck_assert_int_eq(outside_code, AKT_NOCONNECTION);
    ask_outside(to);
    ck_assert_int_eq(outside_code, AKT_NOCONNECTION);
    peer_close(q);
}
END_TEST

/* ---- before the program has begun ---- */

START_TEST(what_is_for_a_name_waits_for_the_program)
{
    stage_close();
    stage_open_with(
        (struct akt_network_config){.listen = "127.0.0.1:0", .holds = true});
    struct peer *gone = peer_open("p", 1, "");
    for (int i = 0; i < 3; i++)
        peer_ask_only(gone, 'e');
    ck_assert(peer_sync(gone));
    peer_close(gone);
    struct peer *p = peer_open("p", 1, "");
    for (int i = 0; i < 2; i++)
        peer_ask_only(p, 'e');
    monitor(p, AKT_MSG_MONITOR, 1, 9); /* not to a name */
    ck_assert(peer_sync(p));
    ck_assert_uint_eq(p->replies, 0);
    akt_network_serve(stage_network);
    while (p->replies < 5) /* three are late */
        peer_hear(p);
    ck_assert(peer_ask(p, 'e', AKT_OK));
    ck_assert_uint_eq(p->replies, 6);
    ck_assert_uint_eq(stage_watchers, 1);
    ck_assert_uint_eq(stage_handled, 6);
    peer_close(p);
}
END_TEST

/* ---- one that does not read ---- */

#define BUDGET ((size_t)160 << 20)

START_TEST(who_does_not_read_loses_the_session)
{
    stage_close();
    stage_memory = BUDGET;
    stage_open();
    struct peer *p = peer_open("p", 1, ""), *q = peer_open("q", 1, "");
    for (size_t left = BUDGET / 2 + 2 * STAGE_BIG; left; left -= STAGE_BIG)
        peer_ask_only(p, 'b');
    ck_assert_int_eq(figure("aktvm_sessions_overfull", NULL), 0);
    while (!akt_network_overfull(stage_network))
        ck_assert(peer_sync(q));
    ck_assert_int_ge(figure("aktvm_sessions_overfull", NULL), 1);
    while (!p->closed)
        peer_hear(p);
    ck_assert_uint_eq(link_of("p").state, AKT_LINK_IDLE);
    ck_assert(peer_ask(q, 'b', AKT_OK));
    peer_close(p);
    peer_close(q);
}
END_TEST

/* ---- where the node says it listens ---- */

/* What a peer hears that comes to 127.0.0.1. */
static void is_told(const char *listen, const char *advertise,
                    const char *address)
{
    char text[AKT_ADDRESS_MAX + 1];
    stage_close();
    stage_open_with((struct akt_network_config){
        .listen = listen, .advertise = advertise, .plain = true});
    struct peer *p = peer_open("p", 1, "");
    snprintf(text, sizeof text, address, stage_port());
    ck_assert_str_eq(p->node.address, text);
    peer_close(p);
}

START_TEST(of_all_addresses_the_one_that_works_is_told)
{
    is_told("127.0.0.1:0", NULL, "127.0.0.1:%d");
    is_told("0.0.0.0:0", NULL, "127.0.0.1:%d");
    is_told(":0", NULL, "127.0.0.1:%d");
    is_told("0.0.0.0:0", "n1.example:7001", "n1.example:7001");
}
END_TEST

/* What it was cannot be reached, so it costs others no index. */
START_TEST(older_incarnations_are_not_told_of)
{
    struct peer *old = peer_open("x", 7, "127.0.0.1:1");
    ck_assert(peer_ask(old, 'e', AKT_OK));
    uint32_t index = akt_pid_node((akt_pid){atomic_load(&stage_asker)});
    struct peer *x = peer_open("x", 8, "127.0.0.1:1");
    struct peer *p = peer_open("p", 1, "");
    ck_assert(peer_ask(p, 'e', AKT_OK));
    ck_assert_str_eq(p->told[index], "~");
    ck_assert_str_eq(p->told[index + 1], "x");
    peer_close(p);
    peer_close(x);
    peer_close(old);
}
END_TEST

CHECK_MAIN_FIXTURE("network", stage_open, stage_close,
                   clients_use_indexes_again, clients_are_not_told_of,
                   the_ask_of_a_client_goes_no_further,
                   nodes_that_are_told_of_are_bounded,
                   hearsay_does_not_fill_the_table, an_index_means_one_node,
                   an_address_is_what_its_node_says,
                   monitors_of_a_peer_are_bounded, a_ref_is_of_who_made_it,
                   ties_are_of_the_node_that_asks_for_them, asks_from_outside,
                   what_is_for_a_name_waits_for_the_program,
                   who_does_not_read_loses_the_session,
                   of_all_addresses_the_one_that_works_is_told,
                   older_incarnations_are_not_told_of)
