/* SPDX-License-Identifier: MIT
 *
 * net/admin_link.c: admin requests over links (net/tunnel.h). `link` makes a
 * client of the socket one of another node: what it says from then on goes
 * there, and what comes from there to it. What other nodes ask here is done by
 * the same handlers as for the socket, if the role of who is at the other end
 * of the link allows it. All on the admin thread.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/admin_client.h"
#include "net/admin_parts.h"
#include "net/network_impl.h"
#include "vm/base/alloc.h"

#define BATCH 256 /* frames, before the sockets have their turn */

struct tunnels {
    struct akt_admin *admin;
    struct akt_network *network;
    struct tunnel *list;
    uint32_t last_id;
    char why[400]; /* of the last refusal */
};

/* Of a client that is at another node (`asks` false), or of one at our socket
 * that is answered there. */
struct tunnel {
    struct tunnel *next;
    struct tunnels *all;
    struct akt_peer *peer;
    uint64_t session;
    uint32_t id;
    bool asks;
    bool dead;                       /* freed by and by */
    struct akt_admin_client *client; /* NULL: gone; CLOSE is to come */
    struct akt_buf out;              /* not sent, for lack of window */
    uint32_t window;                 /* may be sent */
    uint32_t owed;                   /* came, and was not granted yet */
    uint32_t taken;                  /* of that, to be granted next */
    /* answers */
    bool paused;
    /* asks */
    bool eof, end_said;
    size_t before; /* to be written to the client, in front of all that came */
    char last;     /* byte for the client */
};

static struct tunnel *new_tunnel(struct tunnels *all, struct akt_peer *peer,
                                 uint32_t id)
{
    struct tunnel *t = akt_calloc(sizeof *t);
    t->all = all;
    t->peer = peer;
    t->id = id;
    t->window = AKT_TUNNEL_WINDOW;
    t->next = all->list;
    all->list = t;
    return t;
}

static void free_tunnel(struct tunnel *t)
{
    akt_buf_fini(&t->out);
    akt_free(t, sizeof *t);
}

static void reap(struct tunnels *all)
{
    struct tunnel **at = &all->list;
    while (*at) {
        struct tunnel *t = *at;
        if (!t->dead) {
            at = &t->next;
            continue;
        }
        *at = t->next;
        free_tunnel(t);
    }
}

/* Whoever is on its stack may still look at it. */
static void bury(struct tunnel *t)
{
    t->dead = true;
    t->client = NULL;
    akt_admin_wake(t->all->admin);
}

/* ---- saying ---- */

static bool say(struct tunnel *t, enum akt_tunnel_step step, const char *bytes,
                size_t len)
{
    struct akt_tunnel_frame f = {.step = step,
                                 .answers = !t->asks,
                                 .id = t->id,
                                 .granted = t->taken,
                                 .bytes = bytes,
                                 .len = len};
    return akt_link_tell(&t->peer->link, &t->session, &f);
}

/* Returns how many bytes were sent. */
static size_t pump(struct tunnel *t)
{
    size_t at = 0;
    while (at < t->out.len && t->window > AKT_TUNNEL_COST) {
        size_t n = t->out.len - at, most = t->window - AKT_TUNNEL_COST;
        n = n < most ? n : most;
        n = n < AKT_TUNNEL_DATA ? n : AKT_TUNNEL_DATA;
        say(t, AKT_TUNNEL_BYTES, t->out.data + at, n);
        t->window -= (uint32_t)n + AKT_TUNNEL_COST;
        at += n;
    }
    if (at) {
        t->out.len -= at;
        memmove(t->out.data, t->out.data + at, t->out.len);
    }
    if (t->eof && !t->out.len && !t->end_said)
        t->end_said = say(t, AKT_TUNNEL_END, NULL, 0);
    return at;
}

static void grant(struct tunnel *t)
{
    if (t->dead || t->taken < AKT_TUNNEL_WINDOW / 4)
        return;
    say(t, AKT_TUNNEL_GRANT, NULL, 0);
    t->owed -= t->taken;
    t->taken = 0;
}

/* ---- a client at another node ---- */

static void way_write(void *ctx, struct akt_buf *bytes)
{
    struct tunnel *t = ctx;
    akt_buf_add(&t->out, bytes->data, bytes->len);
    akt_buf_fini(bytes);
    size_t sent = pump(t);
    if (sent)
        akt_admin_client_wrote(t->client, sent);
}

static void way_read(void *ctx, bool on)
{
    struct tunnel *t = ctx;
    t->paused = !on;
    if (on)
        t->taken = t->owed;
    grant(t);
}

static void way_close(void *ctx)
{
    struct tunnel *t = ctx;
    say(t, AKT_TUNNEL_CLOSE, NULL, 0);
    bury(t);
}

static const char *way_refuse(void *ctx, const char *command, bool looks)
{
    struct tunnel *t = ctx;
    struct tunnels *all = t->all;
    unsigned roles = akt_link_roles(&t->peer->link);
    unsigned needed = looks ? AKT_ROLE_OBSERVER : AKT_ROLE_ADMIN;
    const char *here = all->network->name, *who = t->peer->who.name;
    if (strcmp(command, "link") == 0)
        snprintf(all->why, sizeof all->why,
                 "%s: 'link' is for clients at this node's own socket", here);
    else if (!(roles & needed))
        snprintf(all->why, sizeof all->why,
                 "%s: '%s' needs the role %s, and the certificate of %.*s has "
                 "%s",
                 here, command, looks ? "observer or admin" : "admin",
                 (int)strcspn(who, "~"), who, /* a client's is of its user */
                 roles ? "only observer" : "no role");
    else
        return NULL;
    akt_link_denied(&t->peer->link);
    return all->why;
}

static const struct akt_admin_way way = {way_write, way_read, way_close,
                                         way_refuse};

static uint32_t count(const struct tunnels *all, const struct akt_peer *peer,
                      bool asks)
{
    uint32_t n = 0;
    for (const struct tunnel *t = all->list; t; t = t->next)
        n += !t->dead && t->asks == asks && (!peer || t->peer == peer);
    return n;
}

static void on_open(struct tunnels *all, struct akt_peer *peer,
                    const struct akt_tunnel_item *item)
{
    bool busy = count(all, peer, false) >= AKT_TUNNELS_LINK ||
                count(all, NULL, false) >= AKT_TUNNELS_MAX;
    struct tunnel *t = new_tunnel(all, peer, item->frame.id);
    t->session = item->session;
    if (busy) {
        say(t, AKT_TUNNEL_CLOSE, "busy", 4);
        t->dead = true;
    } else {
        t->client = akt_admin_client_create(all->admin, &way, t);
    }
}

/* ---- a client of ours ---- */

static bool relay_input(void *ctx, const char *bytes, size_t len)
{
    struct tunnel *t = ctx;
    if (t->out.len >= AKT_TUNNEL_WINDOW)
        return false;
    akt_buf_add(&t->out, bytes, len);
    pump(t);
    return true;
}

static void relay_eof(void *ctx)
{
    struct tunnel *t = ctx;
    t->eof = true;
    pump(t);
}

static void relay_wrote(void *ctx, size_t len)
{
    struct tunnel *t = ctx;
    size_t ours = len < t->before ? len : t->before;
    t->before -= ours;
    t->taken += (uint32_t)(len - ours);
    grant(t);
}

static void relay_close(void *ctx)
{
    struct tunnel *t = ctx;
    t->client = NULL;
    t->out.len = 0;
    if (!say(t, AKT_TUNNEL_CLOSE, NULL, 0))
        bury(t);
}

static const struct akt_admin_relay relay = {relay_input, relay_eof,
                                             relay_wrote, relay_close};

/* The last line for the client: why there is no more. */
static void tell_why(struct tunnel *t, const char *code, const char *text)
{
    const char *name = t->peer->who.name;
    json_t *message =
        json_sprintf("%s of %s to %s", text, t->all->network->name, name);
    json_t *line =
        json_pack("{s:i,s:i,s:{s:s,s:o}}", "v", AKT_ADMIN_VERSION, "id", 0,
                  "error", "code", code, "message", message);
    char *dump = json_dumps(line, JSON_COMPACT);
    if (t->last && t->last != '\n')
        akt_admin_client_output(t->client, "\n", 1);
    akt_admin_client_output(t->client, dump, strlen(dump));
    akt_admin_client_output(t->client, "\n", 1);
    json_decref(line);
    free(dump);
}

/* The other side has ended it; `code` NULL: in order. */
static void end_relay(struct tunnel *t, const char *code, const char *text)
{
    struct akt_admin_client *c = t->client;
    if (c && code)
        tell_why(t, code, text);
    bury(t);
    if (c)
        akt_admin_client_finish(c);
}

static void on_refused(struct tunnel *t, const struct akt_tunnel_frame *f)
{
    if (!f->len)
        end_relay(t, NULL, NULL);
    else if (f->len == 3 && memcmp(f->bytes, "off", 3) == 0)
        end_relay(t, "denied",
                  "nobody takes admin requests there (--admin off): the link");
    else
        end_relay(t, "busy", "too many admin requests are under way: the link");
}

/* ---- what comes ---- */

static struct tunnel *find(struct tunnels *all, const struct akt_peer *peer,
                           const struct akt_tunnel_item *item)
{
    for (struct tunnel *t = all->list; t; t = t->next)
        if (!t->dead && t->id == item->frame.id && t->peer == peer &&
            t->session == item->session && t->asks == item->frame.answers)
            return t;
    return NULL;
}

/* It takes more than it may. */
static void on_nonsense(struct tunnel *t)
{
    struct akt_admin_client *c = t->client;
    if (t->asks) {
        say(t, AKT_TUNNEL_CLOSE, NULL, 0);
        end_relay(t, "protocol", "what came makes no sense over the link");
    } else if (c) {
        akt_admin_client_close(c);
    }
}

static void on_bytes(struct tunnel *t, const struct akt_tunnel_frame *f)
{
    t->owed += akt_tunnel_cost(f);
    if (t->owed > AKT_TUNNEL_WINDOW) {
        on_nonsense(t);
    } else if (t->client && t->asks) {
        t->taken += AKT_TUNNEL_COST;
        t->last = f->bytes[f->len - 1];
        akt_admin_client_output(t->client, f->bytes, f->len);
    } else if (t->client) {
        akt_admin_client_input(t->client, f->bytes, f->len);
        if (!t->paused)
            t->taken = t->owed;
    }
    grant(t);
}

static void on_grant(struct tunnel *t, const struct akt_tunnel_frame *f)
{
    if (f->granted > AKT_TUNNEL_WINDOW - t->window) {
        on_nonsense(t);
        return;
    }
    t->window += f->granted;
    size_t sent = pump(t);
    if (t->client && t->asks)
        akt_admin_client_go_on(t->client);
    else if (t->client && sent)
        akt_admin_client_wrote(t->client, sent);
}

static void on_close(struct tunnel *t, const struct akt_tunnel_frame *f)
{
    if (t->asks)
        on_refused(t, f);
    else if (t->client)
        akt_admin_client_close(t->client);
}

static void on_frame(struct tunnel *t, const struct akt_tunnel_frame *f)
{
    switch (f->step) {
    case AKT_TUNNEL_OPEN:
        return; /* of one that there is */
    case AKT_TUNNEL_BYTES:
        on_bytes(t, f);
        return;
    case AKT_TUNNEL_GRANT:
        on_grant(t, f);
        return;
    case AKT_TUNNEL_END:
        if (t->client)
            akt_admin_client_eof(t->client);
        return;
    case AKT_TUNNEL_CLOSE:
        on_close(t, f);
        return;
    }
}

static void on_gone(struct tunnels *all, const struct akt_peer *peer,
                    uint64_t session)
{
    for (struct tunnel *t = all->list; t; t = t->next) {
        if (t->dead || t->peer != peer || t->session != session)
            continue;
        if (t->asks)
            end_relay(t, "noconnection", "the link has ended: that");
        else if (t->client)
            akt_admin_client_close(t->client);
    }
}

static void on_item(struct tunnels *all, const struct akt_tunnel_item *item)
{
    struct akt_peer *peer = akt_network_peer(all->network, item->link);
    struct tunnel *t = find(all, peer, item);
    if (item->gone)
        on_gone(all, peer, item->session);
    else if (t)
        on_frame(t, &item->frame);
    else if (item->frame.step == AKT_TUNNEL_OPEN)
        on_open(all, peer, item);
    if (!item->gone)
        akt_link_tunnel_taken(&peer->link, &item->frame);
}

static void on_wake(void *ctx)
{
    struct tunnels *all = ctx;
    struct akt_tunnel_item *item;
    for (int i = 0; i < BATCH; i++) {
        item = akt_tunnel_inbox_take(&all->network->inbox);
        if (!item)
            break;
        on_item(all, item);
        akt_tunnel_item_free(item);
        if (i == BATCH - 1)
            akt_admin_wake(all->admin);
    }
    reap(all);
}

/* ---- the command ---- */

static struct akt_peer *find_peer(struct tunnels *all,
                                  struct akt_admin_call *call, json_t *args)
{
    const char *name = json_string_value(json_object_get(args, "node"));
    struct akt_network *n = all->network;
    struct akt_peer *p = name ? akt_network_named(n, name, strlen(name)) : NULL;
    if (!name)
        akt_admin_error(call, "bad_argument", "\"node\" is the name of a node");
    else if (!p || akt_link_state(&p->link) == AKT_LINK_IDLE)
        akt_admin_error(call, "noconnection", "%s has no link to a node %.64s",
                        n->name, name);
    else if (count(all, p, true) >= AKT_TUNNELS_LINK)
        akt_admin_error(call, "busy", "%d requests to %s are under way",
                        AKT_TUNNELS_LINK, p->who.name);
    else
        return p;
    return NULL;
}

static void answer(struct tunnel *t, struct akt_admin_call *call)
{
    char incarnation[20];
    snprintf(incarnation, sizeof incarnation, "%016" PRIx64,
             t->peer->who.incarnation);
    akt_admin_result(call, json_pack("{s:s,s:s,s:s}", "node", t->peer->who.name,
                                     "incarnation", incarnation, "via",
                                     t->all->network->name));
    t->before = akt_admin_client_pending(t->client);
}

static void link_to(struct akt_admin_call *call, json_t *args, void *ctx)
{
    struct tunnels *all = ctx;
    struct akt_peer *peer = find_peer(all, call, args);
    if (!peer)
        return;
    struct tunnel *t = new_tunnel(all, peer, ++all->last_id);
    t->asks = true;
    bool said = say(t, AKT_TUNNEL_OPEN, NULL, 0);
    t->client = said ? akt_admin_client_relay(call, &relay, t) : NULL;
    if (t->client) {
        answer(t, call);
        return;
    }
    if (!said || !say(t, AKT_TUNNEL_CLOSE, NULL, 0))
        bury(t);
    akt_admin_error(call, said ? "bad_request" : "noconnection",
                    said ? "'link' is for a connection without other requests"
                         : "the link to it has just ended");
}

static void wake(void *ctx)
{
    akt_admin_wake(ctx);
}

static void fini(void *p)
{
    struct tunnels *all = p;
    akt_tunnel_inbox_attach(&all->network->inbox, NULL, NULL);
    for (struct tunnel *t; (t = all->list);) {
        all->list = t->next;
        free_tunnel(t);
    }
    akt_free(all, sizeof *all);
}

void akt_admin_add_link(struct akt_admin *admin, struct akt_network *network)
{
    struct tunnels *all = akt_calloc(sizeof *all);
    all->admin = admin;
    all->network = network;
    akt_admin_on_wake(admin, on_wake, all);
    akt_admin_own(admin, all, fini);
    akt_admin_add(admin, "link", link_to, all);
    akt_tunnel_inbox_attach(&network->inbox, wake, admin);
}
