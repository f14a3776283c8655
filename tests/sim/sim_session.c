/* SPDX-License-Identifier: MIT
 *
 * Two nodes speak over a simulated network that delays, breaks and cuts their
 * connections; sometimes one of them forgets all. Both send what their credit
 * allows, small and long, for many senders; a glue of a few lines opens
 * connections, says hello and resumes. A history of all that was sent says
 *
 *   - what is delivered is, for each sender of a session, a beginning of what
 *     was sent: nothing twice, nothing left out, bytes as they were;
 *   - what is not delivered in the end was of a session whose end was seen by
 *     its sender;
 *   - no session keeps more than S2 of net/session.h says, nor has a receiver
 *     more to bear than the credit;
 *   - a small message never waits for the whole of a long one.
 *
 * One seed of 16 sends messages of up to 60 MB.
 */
#include "net/hello.h"
#include "net/session.h"
#include "tests/sim/sim.h"
#include "vm/link_world.h"

#define KEYS 12
#define LIGHT 6 /* keys below send no long message */
#define SESSIONS 400
#define HELD 70000
#define FAULTS_MS 1500
#define SILENT_MS 1000  /* then a connection is given up */
#define FORGET_MS 1500  /* without a connection: then the session */
#define SETTLE_MS 60000 /* until all is delivered, without faults */
#define HUGE_BYTES (60u << 20)
/* A small message that is sent while so much is queued comes before the last
 * long one: whole frames are 8 MiB of credit and what is exempt, at most, and
 * as many bytes of fragments have their turn with them. */
#define LONG_QUEUE (40u << 20)
#define EXEMPT_MAX 1000 /* bytes; they need no credit */

/* In front of every body. */
struct label {
    uint64_t session, number, key, size;
    uint64_t before;  /* comes in front of this long one; 0: any */
    uint64_t is_long; /* its number; 0: it is not */
};

/* What one end has sent in one session. */
struct history {
    uint64_t sent[KEYS], delivered[KEYS];
    bool told[KEYS]; /* the node of this key, to the other side */
    bool known[KEYS];
    uint64_t longs, longs_delivered;
    bool broken; /* its sender has seen the end */
};

struct end {
    uint32_t me, other, conn;
    struct akt_later tick; /* fires */
    struct akt_session *s;
    uint64_t session; /* 0: none */
    bool open, greeted;
    struct akt_buf hello; /* until it is whole */
    uint64_t heard_ms, lost_ms, opens_ms, ping_ms, pongs;
    uint32_t held[HELD]; /* sizes of what was not released yet */
    uint32_t held_first, held_len;
    uint64_t held_bytes, exempt_in;
    bool bye;
};

static struct akt_world world;
static struct akt_link_world *net;
static struct end ends[2];
static struct history histories[SESSIONS][2];
static uint64_t sessions; /* made so far */
static bool compress, huge, sending;
static uint32_t rate; /* bytes a flush writes at most */
static uint64_t overtakes, breaks, resumes, longest;

static uint64_t now_ms(void)
{
    return world.now_ns / SIM_MS;
}

static struct history *history_of(uint64_t session, uint32_t sender)
{
    SIM_CHECK(session > 0 && session < SESSIONS);
    return &histories[session][sender];
}

/* ---- messages ---- */

static uint64_t word(const struct label *l, size_t i)
{
    return (l->session * 31 + l->key * 7 + l->number + i) *
           UINT64_C(0x9e3779b97f4a7c15);
}

static void write_body(char *p, const struct label *l)
{
    size_t words = l->size / 8;
    for (size_t i = 0; i < words; i++) {
        /* something for zstd, too */
        uint64_t w = compress && i % 4 ? l->key : word(l, i);
        memcpy(p + i * 8, &w, 8);
    }
    memset(p + words * 8, (int)l->key, l->size % 8);
}

static void check_body(const char *p, const struct label *l)
{
    size_t words = l->size / 8;
    for (size_t i = 0; i < words; i++) {
        uint64_t w, expected = compress && i % 4 ? l->key : word(l, i);
        memcpy(&w, p + i * 8, 8);
        if (w != expected)
            sim_fail("byte %zu of %" PRIu64 " is wrong", i * 8, l->size);
    }
    for (size_t i = words * 8; i < l->size; i++)
        SIM_CHECK(p[i] == (char)l->key);
}

static uint64_t draw_size(uint64_t key)
{
    if (key < LIGHT || sim_chance(90))
        return sim_below(sim_chance(90) ? 300 : 9000);
    if (huge && sim_chance(5))
        return HUGE_BYTES - sim_below(1000);
    return sim_below(sim_chance(50) ? 100000 : 1000000);
}

static void send_one(struct end *e)
{
    struct label l = {.session = e->session, .key = sim_below(KEYS)};
    l.size = draw_size(l.key);
    bool exempt = l.size < EXEMPT_MAX && sim_chance(3);
    if (!akt_session_has_credit(e->s, akt_credit_of(l.size)) && !exempt)
        return;
    struct history *h = history_of(e->session, e->me);
    struct akt_session_stats st;
    akt_session_read(e->s, &st);
    if (l.key < LIGHT && st.queued_bytes > LONG_QUEUE)
        l.before = h->longs;
    if (l.size > AKT_WHOLE_MAX)
        l.is_long = ++h->longs;
    l.number = h->sent[l.key]++;
    if (!h->told[l.key]) {
        char node = (char)l.key;
        akt_session_send_node(e->s, &node, 1);
        h->told[l.key] = true;
    }
    struct akt_msg *m =
        l.size ? akt_msg_new(AKT_MSG_USER, (size_t)l.size) : NULL;
    if (m)
        write_body(m->body, &l);
    akt_session_send(
        e->s, &(struct akt_parcel){(const char *)&l, sizeof l, m, l.key});
}

/* ---- what comes out ---- */

static void hold(struct end *e, size_t size)
{
    SIM_CHECK(e->held_len < HELD);
    e->held[(e->held_first + e->held_len++) % HELD] = (uint32_t)size;
    e->held_bytes += size;
    /* nobody may put more on us than the credit, and one more */
    SIM_CHECK(e->held_bytes < 2 * AKT_CREDIT_BYTES + HUGE_BYTES + (1u << 20));
}

static void release_some(struct end *e)
{
    uint32_t n = sim_below(e->held_len + 1), i;
    if (sim_chance(30))
        return;
    for (i = 0; i < n; i++) {
        uint32_t size = e->held[e->held_first];
        e->held_first = (e->held_first + 1) % HELD;
        e->held_bytes -= size;
        akt_session_release(e->s, akt_credit_of(size), 1, size);
    }
    e->held_len -= n;
}

static void on_message(void *ctx, const char *head, size_t head_len,
                       const char *body, size_t body_len)
{
    struct end *e = ctx;
    struct label l;
    SIM_CHECK(head_len == sizeof l);
    memcpy(&l, head, sizeof l);
    if (l.session != e->session)
        sim_fail("a message of session %" PRIu64 " in %" PRIu64, l.session,
                 e->session);
    SIM_CHECK(l.key < KEYS && l.size == body_len);
    struct history *h = history_of(e->session, e->other);
    SIM_CHECK(h->known[l.key]);
    if (l.number != h->delivered[l.key])
        sim_fail("%" PRIu64 " of key %" PRIu64 " instead of %" PRIu64, l.number,
                 l.key, h->delivered[l.key]);
    h->delivered[l.key]++;
    if (l.before > 0 && l.before <= h->longs_delivered)
        sim_fail("a small one waited for long message %" PRIu64, l.before);
    overtakes += l.before > 0;
    if (l.is_long) {
        SIM_CHECK(l.is_long == h->longs_delivered + 1);
        h->longs_delivered++;
    }
    longest = body_len > longest ? body_len : longest;
    check_body(body, &l);
    hold(e, body_len);
}

static void on_block(void *ctx, const char *head, size_t head_len,
                     struct akt_msg *m)
{
    on_message(ctx, head, head_len, m->body, m->size);
    akt_msg_free(m);
}

static bool on_node(void *ctx, const char *bytes, size_t len)
{
    struct end *e = ctx;
    SIM_CHECK(len == 1 && bytes[0] < KEYS);
    history_of(e->session, e->other)->known[(int)bytes[0]] = true;
    return true;
}

static void on_credit(void *ctx)
{
    struct end *e = ctx;
    SIM_CHECK(akt_session_has_credit(e->s, AKT_CREDIT_SHORT) ||
              akt_session_has_credit(e->s, AKT_CREDIT_LONG));
}

static void on_pong(void *ctx, uint64_t said)
{
    struct end *e = ctx;
    SIM_CHECK(said <= now_ms());
    e->pongs++;
}

static void on_bye(void *ctx, const char *why, size_t len)
{
    struct end *e = ctx;
    SIM_CHECK(len == 4 && memcmp(why, "done", 4) == 0);
    e->bye = true;
}

static const struct akt_session_events events[2] = {
    {&ends[0], on_message, on_node, on_credit, on_pong, on_bye, on_block},
    {&ends[1], on_message, on_node, on_credit, on_pong, on_bye, NULL}};

/* ---- sessions ---- */

static void forget(struct end *e)
{
    if (!e->session)
        return;
    history_of(e->session, e->me)->broken = true;
    akt_session_destroy(e->s);
    e->s = NULL;
    e->session = 0;
    e->held_len = 0;
    e->held_bytes = 0;
    breaks++;
}

static void begin(struct end *e, uint64_t session)
{
    forget(e);
    e->session = session;
    e->s = akt_session_create(
        &(struct akt_session_config){compress, &events[e->me]});
}

static struct akt_hello hello_of(const struct end *e)
{
    struct akt_hello h = {.version_min = AKT_PROTOCOL_MIN,
                          .version_max = AKT_PROTOCOL_MAX,
                          .session = e->session};
    snprintf(h.name, sizeof h.name, "n%u", e->me);
    if (e->session)
        h.received = akt_session_received(e->s);
    return h;
}

static void send_hello(struct end *e, const struct akt_hello *h, bool answer)
{
    struct akt_buf b = AKT_BUF_INIT;
    akt_hello_write(h, answer, &b);
    /* false: the end of this connection is on its way to us */
    (void)akt_link_world_send(net, e->me, e->conn, b.data, b.len);
    akt_buf_fini(&b);
}

static void resume(struct end *e, uint64_t received)
{
    akt_session_resume(e->s, received);
    resumes++;
}

/* The second node decides. */
static void on_asked(struct end *e, const struct akt_hello *theirs)
{
    bool goes_on = e->session && e->session == theirs->session &&
                   akt_session_can_resume(e->s, theirs->received);
    if (goes_on)
        resume(e, theirs->received);
    else
        begin(e, ++sessions);
    struct akt_hello h = hello_of(e);
    h.resumes = goes_on;
    send_hello(e, &h, true);
}

static void on_answered(struct end *e, const struct akt_hello *theirs)
{
    if (theirs->resumes) {
        SIM_CHECK(theirs->session == e->session);
        SIM_CHECK(akt_session_can_resume(e->s, theirs->received));
        resume(e, theirs->received);
    } else {
        begin(e, theirs->session);
    }
}

/* ---- connections ---- */

static void close_connection(struct end *e)
{
    akt_link_world_close(net, e->me, e->conn);
    e->open = e->greeted = false;
    e->lost_ms = now_ms();
    e->opens_ms = now_ms() + sim_below(100);
}

static void on_open(void *ctx, uint32_t from, uint32_t conn)
{
    struct end *e = ctx;
    (void)from;
    if (e->me == 0 && conn != e->conn)
        return; /* a dial that was given up */
    e->conn = conn;
    e->open = true;
    e->greeted = false;
    e->heard_ms = now_ms();
    e->hello.len = 0;
    if (e->me == 0) {
        struct akt_hello h = hello_of(e);
        send_hello(e, &h, false);
    }
}

static void on_closed(void *ctx, uint32_t conn)
{
    struct end *e = ctx;
    if (conn != e->conn)
        return; /* there is another one already */
    e->open = e->greeted = false;
    e->lost_ms = now_ms();
    e->opens_ms = now_ms() + sim_below(100);
}

static void feed(struct end *e, const char *p, size_t len)
{
    while (len > 0) {
        size_t n = sim_chance(80) ? len : 1 + sim_below((uint32_t)len);
        const char *why = akt_session_feed(e->s, p, n);
        if (why)
            sim_fail("refused: %s", why);
        p += n;
        len -= n;
    }
}

static void on_bytes(void *ctx, uint32_t conn, const char *p, size_t len)
{
    struct end *e = ctx;
    if (!e->open || conn != e->conn)
        return; /* of a connection that we have given up */
    e->heard_ms = now_ms();
    if (e->greeted) {
        feed(e, p, len);
        return;
    }
    akt_buf_add(&e->hello, p, len);
    struct akt_hello_read r = akt_hello_read(e->hello.data, e->hello.len);
    SIM_CHECK(r.kind == (e->me ? AKT_HELLO_ASKED : AKT_HELLO_ANSWERED));
    struct akt_hello mine = hello_of(e);
    uint16_t version;
    uint32_t features;
    SIM_CHECK(!akt_hello_judge(&mine, &r.hello, &version, &features));
    e->greeted = true;
    if (e->me)
        on_asked(e, &r.hello);
    else
        on_answered(e, &r.hello);
    feed(e, e->hello.data + r.len, e->hello.len - r.len);
}

static void on_cast(void *ctx, uint32_t from, const char *p, size_t len)
{
    (void)ctx, (void)from, (void)p, (void)len;
    sim_fail("nobody casts");
}

/* ---- writing ---- */

/* One packet; false: there is no more, or no room. */
static bool write_some(struct end *e, size_t *budget)
{
    static char packet[1 << 20];
    struct iovec v[64];
    size_t len = 0;
    bool has = akt_session_has_output(e->s);
    int n = akt_session_fill(e->s, v, 1 + (int)sim_below(64));
    SIM_CHECK(has == (n > 0));
    for (int i = 0; i < n && len < sizeof packet; i++) {
        size_t part = v[i].iov_len;
        SIM_CHECK(part > 0);
        part = part < sizeof packet - len ? part : sizeof packet - len;
        memcpy(packet + len, v[i].iov_base, part);
        len += part;
    }
    len = len < *budget ? len : *budget;
    if (len > 0 && sim_chance(30))
        len = 1 + sim_below((uint32_t)len);
    if (sending && sim_chance(20))
        send_one(e); /* while the bytes are being written */
    if (len == 0 || !akt_link_world_send(net, e->me, e->conn, packet, len))
        return false;
    akt_session_wrote(e->s, len);
    *budget -= len;
    return true;
}

static void check_bounds(struct end *e)
{
    struct akt_session_stats st;
    akt_session_read(e->s, &st);
    SIM_CHECK(st.unacked_bytes <= AKT_RETAIN_BYTES + AKT_FRAME_MAX);
    /* heads are no part of the credit; 65,536 of them */
    SIM_CHECK(st.queued_bytes < AKT_CREDIT_BYTES + HUGE_BYTES + (9u << 20));
    SIM_CHECK(st.queued_messages <= AKT_CREDIT_MESSAGES + 3000);
}

static void tick(struct end *e)
{
    size_t budget = rate;
    if (e->session) {
        for (uint32_t n = sending ? sim_below(60) : 0; n > 0; n--)
            send_one(e);
        release_some(e);
        check_bounds(e);
    }
    if (e->greeted) {
        if (now_ms() >= e->ping_ms) {
            akt_session_ping(e->s, now_ms());
            e->ping_ms = now_ms() + 200;
        }
        while (budget > 0 && e->greeted && write_some(e, &budget))
            ;
    }
    if (e->open && now_ms() > e->heard_ms + SILENT_MS)
        close_connection(e);
    if (!e->open && e->session && now_ms() > e->lost_ms + FORGET_MS)
        forget(e);
    if (sending && sim_below(20000) == 0) {
        forget(e); /* as a new incarnation would */
        if (e->open)
            close_connection(e);
    }
    if (!e->open && e->me == 0 && now_ms() >= e->opens_ms) {
        e->conn = akt_link_world_open(net, 0, 1);
        e->opens_ms = now_ms() + SILENT_MS;
    }
}

static void on_tick(struct akt_later *self)
{
    struct end *e =
        (struct end *)(void *)((char *)self - offsetof(struct end, tick));
    tick(e);
    akt_world_at(&world, &e->tick, world.now_ns + (1 + sim_below(5)) * SIM_MS);
}

/* ---- faults ---- */

static void change_weather(void)
{
    for (uint32_t i = 0; i < 2; i++) {
        struct akt_link_faults f = {.least_ns = sim_below(10) * SIM_MS};
        f.most_ns = f.least_ns + sim_below(30) * SIM_MS;
        if (sim_chance(40))
            f.loss = sim_below(100) / 2000.0;
        f.cut = sim_chance(15);
        akt_link_world_set(net, i, 1 - i, &f);
    }
    if (sim_chance(10))
        close_connection(&ends[sim_below(2)]);
}

static void heal(void)
{
    struct akt_link_faults f = {.most_ns = 2 * SIM_MS};
    akt_link_world_set(net, 0, 1, &f);
    akt_link_world_set(net, 1, 0, &f);
}

/* Until then, or until what is waited for. */
static bool pass(uint64_t ms, bool (*is_done)(void))
{
    uint64_t until = world.now_ns + ms * SIM_MS, next;
    while ((next = akt_world_next_ns(&world)) && next <= until) {
        world.now_ns = next > world.now_ns ? next : world.now_ns;
        akt_world_fire(&world);
        if (is_done && is_done())
            return true;
    }
    world.now_ns = until;
    return false;
}

/* ---- the end ---- */

static bool has_arrived(uint64_t session, uint32_t sender)
{
    const struct history *h = history_of(session, sender);
    return memcmp(h->sent, h->delivered, sizeof h->sent) == 0;
}

static bool all_arrived(void)
{
    return ends[0].session && ends[0].session == ends[1].session &&
           has_arrived(ends[0].session, 0) && has_arrived(ends[0].session, 1);
}

static bool both_said_bye(void)
{
    return ends[0].bye && ends[1].bye;
}

static void check_history(void)
{
    for (uint64_t id = 1; id <= sessions; id++)
        for (uint32_t i = 0; i < 2; i++)
            if (!has_arrived(id, i) && !history_of(id, i)->broken)
                sim_fail("session %" PRIu64 " lost messages of %u silently", id,
                         i);
}

static void start_end(uint32_t i)
{
    static const struct akt_later none;
    struct end *e = &ends[i];
    memset(e, 0, sizeof *e);
    e->me = i;
    e->other = 1 - i;
    e->tick = none;
    e->tick.fire = on_tick;
    akt_buf_init(&e->hello);
    akt_link_world_join(
        net, i,
        &(struct akt_link_end){e, on_open, on_bytes, on_closed, on_cast});
    akt_world_at(&world, &e->tick, SIM_MS);
}

static void stop(void)
{
    for (uint32_t i = 0; i < 2; i++) {
        akt_session_destroy(ends[i].s);
        akt_buf_fini(&ends[i].hello);
        akt_world_cancel(&world, &ends[i].tick);
    }
    akt_link_world_destroy(net);
    akt_world_fini(&world);
    akt_msg_pool_release();
    akt_msg_pool_fini();
}

static void run(uint64_t seed)
{
    akt_msg_pool_release();
    akt_msg_pool_fini();
    int64_t bytes = akt_alloc_total();
    akt_world_simulated(&world, seed);
    net = akt_link_world_create(&world, 2);
    memset(histories, 0, sizeof histories);
    sessions = 0;
    compress = sim_chance(30);
    huge = seed % 16 == 0;
    rate = huge ? 1 << 20 : 1 << (12 + sim_below(8));
    sending = true;
    start_end(0);
    start_end(1);
    for (uint64_t ms = 0; ms < FAULTS_MS; ms += 100) {
        if (!huge || ms % 1000 == 900)
            change_weather();
        pass(100, NULL);
    }
    heal();
    sending = false;
    if (!pass(SETTLE_MS, all_arrived))
        sim_fail("not all has arrived after %d s", SETTLE_MS / 1000);
    akt_session_bye(ends[0].s, "done");
    akt_session_bye(ends[1].s, "done");
    SIM_CHECK(pass(1000, both_said_bye));
    check_history();
    stop();
    SIM_CHECK(akt_alloc_total() == bytes);
}

int main(int argc, char **argv)
{
    int code = sim_main(argc, argv, 40, run);
    printf("%" PRIu64 " small ones before a long one, %" PRIu64
           " resumes, %" PRIu64 " sessions broken, longest message %" PRIu64
           "\n",
           overtakes, resumes, breaks, longest);
    return code;
}
