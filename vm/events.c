/* SPDX-License-Identifier: MIT */
#include "vm/events.h"

#include <pthread.h>
#include <stdlib.h>

#include "vm/base/alloc.h"
#include "vm/stream.h"

#define SAME_US 1000000 /* what repeats within this is one entry */

/* `seq` is the number of the event plus 1, cut to 32 bits; 0 while it is
 * being written. (It would be believed wrongly if a reader slept for exactly
 * four billion events.) */
struct entry {
    _Atomic uint32_t seq;
    _Atomic uint32_t count;
    _Atomic uint64_t stamp; /* us << 16 | kind << 8 | code */
    _Atomic uint64_t who;
    _Atomic uint64_t other;
};

struct ring {
    _Atomic uint64_t head; /* events ever */
    struct entry entries[AKT_EVENTS];
};

struct akt_events {
    pthread_mutex_t lock; /* of the last ring, for all threads but workers */
    uint32_t rings_len;
    struct ring *rings;
    struct akt_turns *turns;
};

const char *akt_event_name(enum akt_event_kind kind)
{
    static const char *const names[] = {
#define AKT_EVENT_WORD(id, word) word,
        AKT_EVENT_KINDS(AKT_EVENT_WORD)
#undef AKT_EVENT_WORD
    };
    return kind < AKT_EVENT_KIND_COUNT ? names[kind] : "?";
}

bool akt_event_is_about(enum akt_event_kind kind)
{
    return kind == AKT_EV_SPAWN || kind == AKT_EV_CRASH ||
           kind == AKT_EV_DEAD_LETTER || kind == AKT_EV_FULL;
}

const char *akt_event_other(enum akt_event_kind kind)
{
    switch (kind) {
    case AKT_EV_SPAWN:
        return "parent";
    case AKT_EV_CRASH:
    case AKT_EV_DEAD_LETTER:
    case AKT_EV_FULL:
        return "from";
    case AKT_EV_RESTART:
    case AKT_EV_RESTART_STORM:
        return "restarts";
    case AKT_EV_LONG_TURN:
        return "ms";
    case AKT_EV_GROWTH:
        return "messages";
    case AKT_EV_MEMORY:
        return "bytes";
    default:
        return "n";
    }
}

const char *akt_severity_name(enum akt_severity severity)
{
    static const char *const names[] = {"trace",   "debug", "info",
                                        "warning", "error", "critical"};
    return severity < AKT_SEV_COUNT ? names[severity] : "?";
}

enum akt_severity akt_event_severity(enum akt_event_kind kind,
                                     enum akt_code code)
{
    bool well = code == AKT_OK || code == AKT_NORMAL || code == AKT_SHUTDOWN;
    switch (kind) {
    case AKT_EV_PREEMPT:
    case AKT_EV_LINKS:
    case AKT_EV_MONITORS:
        return AKT_SEV_TRACE;
    case AKT_EV_SPAWN:
    case AKT_EV_START:
    case AKT_EV_REGISTER:
    case AKT_EV_PASSIVATED:
    case AKT_EV_WOKEN:
        return AKT_SEV_DEBUG;
    case AKT_EV_END:
        return well ? AKT_SEV_DEBUG : AKT_SEV_WARNING;
    case AKT_EV_RELOAD:
        return well ? AKT_SEV_INFO : AKT_SEV_ERROR;
    case AKT_EV_RESTART:
    case AKT_EV_DEAD_LETTER:
    case AKT_EV_FULL:
    case AKT_EV_LONG_TURN:
    case AKT_EV_GROWTH:
    case AKT_EV_OVERLOADED:
        return AKT_SEV_WARNING;
    case AKT_EV_CRASH:
    case AKT_EV_PARK:
    case AKT_EV_SUSPENDED:
    case AKT_EV_RESTART_STORM:
        return AKT_SEV_ERROR;
    case AKT_EV_MEMORY:
        return AKT_SEV_CRITICAL;
    default:
        return AKT_SEV_INFO;
    }
}

/* ---- create, destroy ---- */

/* On cache lines of its own, since each turn writes there. */
static void *zeroed(size_t size)
{
    void *p;
    if (posix_memalign(&p, 64, size) != 0)
        abort();
    return memset(p, 0, size);
}

struct akt_events *akt_events_create(struct akt_node *node)
{
    struct akt_events *e = akt_calloc(sizeof *e);
    pthread_mutex_init(&e->lock, NULL);
    e->rings_len = node->workers_len + 1;
    /* not akt_calloc: pages come when they are written, and a ring that is
     * hardly used must not count against the budget */
    e->rings = calloc(e->rings_len, sizeof *e->rings);
    if (!e->rings)
        abort();
    e->turns = zeroed(node->workers_len * sizeof *e->turns);
    for (uint32_t i = 0; i < node->workers_len; i++)
        node->workers[i].turns = &e->turns[i];
    return e;
}

void akt_events_destroy(struct akt_events *e)
{
    free(e->rings);
    free(e->turns);
    pthread_mutex_destroy(&e->lock);
    akt_free(e, sizeof *e);
}

/* ---- writing ---- */

static struct entry *entry_at(struct ring *r, uint64_t n)
{
    return &r->entries[n & (AKT_EVENTS - 1)];
}

/* The newest entry says the same and is not old: counts there. */
static bool repeats(struct ring *r, uint64_t head, const struct akt_event *e)
{
    if (head == 0)
        return false;
    struct entry *last = entry_at(r, head - 1);
    /* relaxed: written by this thread, or under the lock */
    uint64_t stamp = atomic_load_explicit(&last->stamp, memory_order_relaxed);
    bool same =
        (stamp & 0xffff) == ((uint32_t)e->kind << 8 | (uint32_t)e->code) &&
        e->us - (stamp >> 16) < SAME_US &&
        atomic_load_explicit(&last->who, memory_order_relaxed) == e->who.bits &&
        (akt_event_is_about(e->kind) ||
         atomic_load_explicit(&last->other, memory_order_relaxed) == e->other);
    if (!same)
        return false;
    uint32_t n = atomic_load_explicit(&last->count, memory_order_relaxed);
    /* relaxed: the one word of an entry that may change by itself */
    atomic_store_explicit(&last->count, n + (n < UINT32_MAX),
                          memory_order_relaxed);
    return true;
}

static void write_event(struct ring *r, const struct akt_event *e)
{
    /* relaxed: one writer */
    uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
    if (repeats(r, head, e))
        return;
    struct entry *to = entry_at(r, head);
    atomic_store_explicit(&to->seq, 0, memory_order_relaxed);
    /* release: a reader (acquire) that finds any of the new words and then
     * looks at `seq` again does not find the old number there */
    atomic_store_explicit(&to->count, 1, memory_order_release);
    atomic_store_explicit(
        &to->stamp, e->us << 16 | (uint64_t)e->kind << 8 | (uint64_t)e->code,
        memory_order_release);
    atomic_store_explicit(&to->who, e->who.bits, memory_order_release);
    atomic_store_explicit(&to->other, e->other, memory_order_release);
    /* release: who finds the number finds the words */
    atomic_store_explicit(&to->seq, (uint32_t)(head + 1), memory_order_release);
    /* release: pairs with the acquire of a reader, which then looks for an
     * entry that is there */
    atomic_store_explicit(&r->head, head + 1, memory_order_release);
}

static void note(struct akt_node *node, const struct akt_event *e)
{
    struct akt_events *events = node->events;
    struct akt_worker *w = akt_worker_self();
    if (w && w->node == node) {
        write_event(&events->rings[w->index], e);
        return;
    }
    pthread_mutex_lock(&events->lock);
    write_event(&events->rings[events->rings_len - 1], e);
    pthread_mutex_unlock(&events->lock);
}

void akt_event_told(struct akt_node *node, const struct akt_event *told,
                    const struct akt_event_details *d)
{
    struct akt_event e = *told;
    if (!node->events)
        return; /* the first actors of the node */
    e.us = (akt_world_mono_ns(node->world) - node->started_ns) / 1000;
    e.count = 1;
    note(node, &e);
    if (akt_event_wanted(node, e.kind))
        akt_stream_publish(node, &e, d);
}

void akt_event(struct akt_node *node, enum akt_event_kind kind, akt_pid who,
               enum akt_code code, uint64_t other)
{
    struct akt_event e = {
        .kind = kind, .code = code, .who = who, .other = other};
    akt_event_told(node, &e, NULL);
}

/* ---- reading ---- */

void akt_event_cursor_init(struct akt_event_cursor *c, struct akt_node *node,
                           bool oldest)
{
    struct akt_events *e = node->events;
    c->lost = 0;
    c->len = e->rings_len;
    c->next = akt_alloc(c->len * sizeof *c->next);
    for (uint32_t i = 0; i < c->len; i++) {
        /* acquire: pairs with the release in write_event */
        uint64_t head =
            atomic_load_explicit(&e->rings[i].head, memory_order_acquire);
        uint64_t first = head > AKT_EVENTS ? head - AKT_EVENTS : 0;
        c->next[i] = oldest ? first : head;
    }
}

void akt_event_cursor_fini(struct akt_event_cursor *c)
{
    akt_free(c->next, c->len * sizeof *c->next);
    c->next = NULL;
    c->len = 0;
}

/* False: it has been overwritten. */
static bool read_entry(struct ring *r, uint64_t n, struct akt_event *out)
{
    struct entry *e = entry_at(r, n);
    /* acquire: pairs with the release of the number */
    if (atomic_load_explicit(&e->seq, memory_order_acquire) !=
        (uint32_t)(n + 1))
        return false;
    /* acquire: pairs with the releases of the words; if one of them is of a
     * later event, the number below is no longer the old one */
    uint64_t stamp = atomic_load_explicit(&e->stamp, memory_order_acquire);
    out->count = atomic_load_explicit(&e->count, memory_order_acquire);
    out->who.bits = atomic_load_explicit(&e->who, memory_order_acquire);
    out->other = atomic_load_explicit(&e->other, memory_order_acquire);
    out->us = stamp >> 16;
    out->kind = (enum akt_event_kind)(stamp >> 8 & 0xff);
    out->code = (enum akt_code)(stamp & 0xff);
    return atomic_load_explicit(&e->seq, memory_order_relaxed) ==
           (uint32_t)(n + 1);
}

/* The next event of ring i that is still there. */
static bool peek(struct akt_events *e, struct akt_event_cursor *c, uint32_t i,
                 struct akt_event *out)
{
    struct ring *r = &e->rings[i];
    for (;;) {
        /* acquire: pairs with the release in write_event */
        uint64_t head = atomic_load_explicit(&r->head, memory_order_acquire);
        if (c->next[i] == head)
            return false;
        if (head - c->next[i] > AKT_EVENTS) {
            c->lost += head - AKT_EVENTS - c->next[i];
            c->next[i] = head - AKT_EVENTS;
        }
        if (read_entry(r, c->next[i], out)) {
            out->ring = i;
            return true;
        }
        c->lost++;
        c->next[i]++;
    }
}

static bool oldest_of(struct akt_events *e, struct akt_event_cursor *c,
                      struct akt_event *out)
{
    struct akt_event seen;
    bool found = false;
    for (uint32_t i = 0; i < c->len; i++) {
        if (!peek(e, c, i, &seen) || (found && seen.us >= out->us))
            continue;
        *out = seen;
        found = true;
    }
    if (found)
        c->next[out->ring]++;
    return found;
}

size_t akt_event_read(struct akt_node *node, struct akt_event_cursor *c,
                      struct akt_event *out, size_t max)
{
    size_t n = 0;
    while (n < max && oldest_of(node->events, c, &out[n]))
        n++;
    return n;
}

uint32_t akt_event_rings(const struct akt_node *node)
{
    return node->events->rings_len;
}

size_t akt_event_scan(struct akt_node *node, uint32_t ring,
                      bool (*wanted)(void *ctx, const struct akt_event *e),
                      void *ctx, struct akt_event *out, size_t max)
{
    struct ring *r = &node->events->rings[ring];
    /* acquire: pairs with the release in write_event */
    uint64_t head = atomic_load_explicit(&r->head, memory_order_acquire);
    uint64_t oldest = head > AKT_EVENTS ? head - AKT_EVENTS : 0;
    size_t n = 0;
    while (head-- > oldest && n < max) {
        if (!read_entry(r, head, &out[n]))
            break; /* so are all that are older */
        out[n].ring = ring;
        n += wanted(ctx, &out[n]);
    }
    return n;
}

/* ---- turns ---- */

/* The tag is a string at the beginning of MessagePack bytes. */
static void show_tag(const uint64_t words[2], char out[16])
{
    unsigned char bytes[16];
    memcpy(bytes, words, sizeof bytes);
    size_t len = 0, from = 1;
    if (bytes[0] >= 0xa0 && bytes[0] <= 0xbf) {
        len = bytes[0] & 31;
    } else if (bytes[0] == 0xd9) {
        len = bytes[1];
        from = 2;
    }
    if (len > sizeof bytes - from)
        len = sizeof bytes - from;
    memcpy(out, bytes + from, len);
    out[len] = 0;
}

static bool read_turn(struct akt_worker *w, uint32_t n,
                      struct akt_turn_seen *out)
{
    struct akt_turn_entry *e = &w->turns->entries[n & (AKT_TURNS - 1)];
    /* acquire: pairs with the releases in akt_turns_note */
    uint64_t what = atomic_load_explicit(&e->what, memory_order_acquire);
    uint64_t who = atomic_load_explicit(&e->who, memory_order_acquire);
    uint64_t tag[2] = {atomic_load_explicit(&e->tag[0], memory_order_acquire),
                       atomic_load_explicit(&e->tag[1], memory_order_acquire)};
    uint64_t from = atomic_load_explicit(&e->from, memory_order_acquire);
    uint32_t now = atomic_load_explicit(&w->turn_seq, memory_order_relaxed);
    if (who == 0 || (uint32_t)(what >> 40) != ((n + 1) & 0xffffff) ||
        (now >> 1) - n >= AKT_TURNS)
        return false;
    out->who.bits = who;
    out->from.bits = from;
    out->kind = (enum akt_turn_kind)(what >> 32 & 15);
    out->type = (enum akt_msg_type)(what >> 36 & 15);
    out->ms = (uint32_t)what;
    out->number = n;
    out->tag[0] = 0;
    if (out->type == AKT_MSG_USER) /* others have no tag */
        show_tag(tag, out->tag);
    return true;
}

bool akt_turns_find(struct akt_worker *w, uint32_t seq,
                    struct akt_turn_seen *out)
{
    return read_turn(w, seq >> 1, out);
}

size_t akt_turns_read(struct akt_worker *w, struct akt_turn_seen *out,
                      size_t max)
{
    uint32_t seq = atomic_load_explicit(&w->turn_seq, memory_order_relaxed);
    uint32_t newest = seq >> 1;
    size_t found = 0;
    for (uint32_t i = 0; i < AKT_TURNS && i <= newest && found < max; i++)
        if (read_turn(w, newest - i, &out[found]))
            found++;
    return found;
}
