/* SPDX-License-Identifier: MIT */
#include "vm/tape.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm/base/alloc.h"
#include "vm/message.h"
#include "vm/world.h"

#define MAGIC 0x54524b41u /* "AKRT" */
#define GROW (16u << 20)  /* bytes the file grows by */
#define HEAD (sizeof(struct akt_tape_chunk) / sizeof(uint32_t))
#define WORDS (AKT_TAPE_CHUNK / sizeof(uint32_t))

struct akt_recording {
    int fd;
    bool replays;
    uint64_t limit;
    pthread_mutex_t texts_lock;
    pthread_mutex_t lock; /* of what follows, to `texts` */
    uint64_t used, size;  /* of the file */
    struct akt_tape **tapes;
    uint32_t tapes_len, tapes_cap;
    struct akt_tape *texts;
    _Atomic bool full;
    _Atomic uint64_t tickets; /* replay: the next one */
    char *fault;
    void (*preempted)(void);
};

_Thread_local struct akt_tape *akt_tape
    __attribute__((tls_model("initial-exec")));

/* ---- chunks ---- */

/* Under the lock: the offset of a new chunk, or -1. */
static int64_t reserve(struct akt_recording *rec)
{
    if (rec->used + AKT_TAPE_CHUNK > rec->limit)
        return -1;
    if (rec->used + AKT_TAPE_CHUNK > rec->size) {
        if (ftruncate(rec->fd, (off_t)(rec->size + GROW)) != 0)
            return -1;
        rec->size += GROW;
    }
    uint64_t at = rec->used;
    rec->used += AKT_TAPE_CHUNK;
    return (int64_t)at;
}

static void *map_chunk(struct akt_recording *rec)
{
    pthread_mutex_lock(&rec->lock);
    int64_t at = reserve(rec);
    pthread_mutex_unlock(&rec->lock);
    if (at < 0)
        return NULL;
    void *p = mmap(NULL, AKT_TAPE_CHUNK, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_POPULATE, rec->fd, (off_t)at);
    return p == MAP_FAILED ? NULL : p;
}

static void unmap(struct akt_tape *t)
{
    if (t->chunk)
        munmap(t->chunk, AKT_TAPE_CHUNK);
    t->chunk = NULL;
}

static void use_scratch(struct akt_tape *t)
{
    t->at = t->unused;
    t->end = t->unused + AKT_TAPE_UNUSED;
}

static void next_chunk(struct akt_tape *t)
{
    struct akt_recording *rec = t->rec;
    unmap(t);
    /* relaxed: it never becomes false again */
    if (atomic_load_explicit(&rec->full, memory_order_relaxed)) {
        use_scratch(t);
        return;
    }
    t->chunk = map_chunk(rec);
    if (!t->chunk) {
        if (!atomic_exchange_explicit(&rec->full, true, memory_order_relaxed))
            fprintf(stderr, "aktvm: warning: the recording is full: what "
                            "follows is not recorded\n");
        use_scratch(t);
        return;
    }
    struct akt_tape_chunk head = {MAGIC, t->index, t->chunks++, 0};
    memcpy(t->chunk, &head, sizeof head);
    t->at = (uint32_t *)t->chunk + HEAD;
    t->end = (uint32_t *)t->chunk + WORDS;
}

static inline void put(struct akt_tape *t, uint32_t word)
{
    if (__builtin_expect(t->at == t->end, 0))
        next_chunk(t);
    *t->at++ = word;
}

/* ---- reading ---- */

void akt_tape_fail(struct akt_tape *t, const char *format, ...)
{
    if (t->rec->fault)
        return;
    struct akt_buf b = AKT_BUF_INIT;
    char text[160];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    akt_buf_printf(&b, "isolate %u, word %td: %s", t->index, t->at - t->words,
                   text);
    t->rec->fault = akt_strdup(akt_buf_cstr(&b));
    akt_buf_fini(&b);
}

const char *akt_recording_fault(const struct akt_recording *rec)
{
    return rec->fault;
}

bool akt_tape_is_preempted(const struct akt_tape *t)
{
    return t->at < t->end && AKT_WORD_KIND(*t->at) == AKT_W_PREEMPT &&
           t->calls >= AKT_WORD_N(*t->at);
}

void akt_tape_on_preempted(struct akt_recording *rec, void (*call)(void))
{
    rec->preempted = call;
}

static void advance(struct akt_tape *t, int words)
{
    t->at += words;
    if (t->rec->preempted && akt_tape_is_preempted(t))
        t->rec->preempted();
}

static uint64_t read_value(struct akt_tape *t, uint64_t otherwise)
{
    if (t->end - t->at < 3 || AKT_WORD_KIND(*t->at) != AKT_W_VALUE) {
        akt_tape_fail(t, "a value was expected");
        return otherwise;
    }
    uint64_t value = t->at[1] | (uint64_t)t->at[2] << 32;
    advance(t, 3);
    return value;
}

/* ---- entries ---- */

uint64_t akt_tape_value(struct akt_tape *t, uint64_t value)
{
    if (t->replays)
        return read_value(t, value);
    put(t, AKT_W_VALUE);
    put(t, (uint32_t)value);
    put(t, (uint32_t)(value >> 32));
    return value;
}

bool akt_tape_rare(struct akt_tape *t, bool yes)
{
    t->rares++;
    if (!t->replays) {
        if (yes)
            put(t, AKT_WORD(AKT_W_RARE, t->rares));
        return yes;
    }
    yes = t->at < t->end && *t->at == AKT_WORD(AKT_W_RARE, t->rares);
    if (yes)
        advance(t, 1);
    return yes;
}

void akt_tape_ticket(struct akt_tape *t)
{
    /* relaxed: ordered by the lock of the table, and numbers only */
    uint64_t n =
        atomic_fetch_add_explicit(&t->rec->tickets, 1, memory_order_relaxed);
    if (!t->replays) {
        put(t, AKT_WORD(AKT_W_TICKET, n));
        return;
    }
    if (t->at == t->end || AKT_WORD_KIND(*t->at) != AKT_W_TICKET)
        akt_tape_fail(t, "a ticket was expected");
    else
        advance(t, 1);
}

static void begin_event(struct akt_tape *t)
{
    t->rares = 0;
    t->calls = 0;
}

void akt_tape_step(struct akt_tape *t, uint32_t slot)
{
    begin_event(t);
    if (!t->replays)
        put(t, AKT_WORD(AKT_W_STEP, slot));
}

/* What it takes to make a block again that no isolate has sent. */
static void put_outside(struct akt_tape *t, const struct akt_msg *m)
{
    put(t, m->type | (uint32_t)m->flags << 8 | (uint32_t)m->code << 16);
    put(t, (uint32_t)m->target.bits);
    put(t, (uint32_t)(m->target.bits >> 32));
    put(t, (uint32_t)m->ask);
    put(t, (uint32_t)(m->ask >> 32));
}

void akt_tape_arrive(struct akt_tape *t, struct akt_msg *list)
{
    uint32_t n = 0;
    begin_event(t);
    for (const struct akt_msg *m = list; m; m = m->next)
        n++;
    put(t, AKT_WORD(AKT_W_ARRIVE, n));
    for (struct akt_msg *m = list; m; m = m->next) {
        put(t, m->stamp);
        if (m->stamp == AKT_TAPE_OUTSIDE)
            put_outside(t, m);
        m->stamp = 0;
    }
}

void akt_tape_mark(struct akt_msg *m)
{
    m->stamp = akt_tape ? akt_tape->index + 1 : AKT_TAPE_OUTSIDE;
}

void akt_tape_fire(struct akt_tape *t, uint64_t now_ns)
{
    begin_event(t);
    put(t, AKT_W_FIRE);
    put(t, (uint32_t)now_ns);
    put(t, (uint32_t)(now_ns >> 32));
}

void akt_tape_close(struct akt_tape *t)
{
    begin_event(t);
    put(t, AKT_W_CLOSE);
}

void akt_tape_preempted(struct akt_tape *t)
{
    uint32_t calls =
        t->calls < AKT_TAPE_CALLS_MAX ? t->calls : AKT_TAPE_CALLS_MAX;
    if (!t->replays)
        put(t, AKT_WORD(AKT_W_PREEMPT, calls));
    else if (t->at == t->end || AKT_WORD_KIND(*t->at) != AKT_W_PREEMPT)
        akt_tape_fail(t, "a turn was preempted that went on");
    else
        t->at++;
}

/* ---- tapes ---- */

static struct akt_tape *new_tape(struct akt_recording *rec, uint32_t index)
{
    struct akt_tape *t = akt_calloc(sizeof *t);
    t->rec = rec;
    t->index = index;
    t->replays = rec->replays;
    return t;
}

/* Under the lock. */
static struct akt_tape *tape_of(struct akt_recording *rec, uint32_t index)
{
    if (index == AKT_TAPE_TEXTS)
        return rec->texts;
    if (index >= rec->tapes_cap) {
        uint32_t cap = rec->tapes_cap ? rec->tapes_cap : 16;
        while (cap <= index)
            cap *= 2;
        rec->tapes = akt_resize(rec->tapes, rec->tapes_cap * sizeof *rec->tapes,
                                cap * sizeof *rec->tapes);
        memset(rec->tapes + rec->tapes_cap, 0,
               (cap - rec->tapes_cap) * sizeof *rec->tapes);
        rec->tapes_cap = cap;
    }
    if (index >= rec->tapes_len)
        rec->tapes_len = index + 1;
    if (!rec->tapes[index])
        rec->tapes[index] = new_tape(rec, index);
    return rec->tapes[index];
}

struct akt_tape *akt_recording_tape(struct akt_recording *rec, uint32_t index)
{
    pthread_mutex_lock(&rec->lock);
    struct akt_tape *t = tape_of(rec, index);
    pthread_mutex_unlock(&rec->lock);
    return t;
}

static struct akt_recording *new_recording(int fd, bool replays)
{
    struct akt_recording *rec = akt_calloc(sizeof *rec);
    rec->fd = fd;
    rec->replays = replays;
    pthread_mutex_init(&rec->lock, NULL);
    pthread_mutex_init(&rec->texts_lock, NULL);
    rec->texts = new_tape(rec, AKT_TAPE_TEXTS);
    return rec;
}

struct akt_recording *
akt_recording_create(const char *path, uint64_t limit_bytes, const char **error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        *error = strerror(errno);
        return NULL;
    }
    struct akt_recording *rec = new_recording(fd, false);
    rec->limit = limit_bytes ? limit_bytes : AKT_RECORD_LIMIT;
    next_chunk(rec->texts);
    if (rec->texts->chunk)
        return rec;
    *error = "it cannot be mapped, or the limit is under 64 kB";
    akt_recording_close(rec);
    return NULL;
}

static void free_blocks(struct akt_msg *m)
{
    while (m) {
        struct akt_msg *next = m->next;
        akt_msg_free(m);
        m = next;
    }
}

static void free_tape(struct akt_tape *t)
{
    if (!t)
        return;
    unmap(t);
    if (t->words)
        akt_free(t->words, (size_t)(t->end - t->words) * sizeof *t->words);
    free_blocks(t->waiting);
    free_blocks(t->arrived);
    akt_free(t, sizeof *t);
}

void akt_recording_close(struct akt_recording *rec)
{
    if (!rec)
        return;
    for (uint32_t i = 0; i < rec->tapes_len; i++)
        free_tape(rec->tapes[i]);
    free_tape(rec->texts);
    /* what was added ahead of use; if that fails, the file is longer */
    if (!rec->replays && ftruncate(rec->fd, (off_t)rec->used) != 0)
        fprintf(stderr, "aktvm: warning: cannot end the recording: %s\n",
                strerror(errno));
    close(rec->fd);
    akt_free(rec->tapes, rec->tapes_cap * sizeof *rec->tapes);
    pthread_mutex_destroy(&rec->lock);
    pthread_mutex_destroy(&rec->texts_lock);
    akt_strfree(rec->fault);
    akt_free(rec, sizeof *rec);
}

uint32_t akt_recording_ticket(const struct akt_recording *rec)
{
    uint64_t n = atomic_load_explicit(&rec->tickets, memory_order_relaxed);
    return AKT_WORD_N(AKT_WORD(AKT_W_TICKET, n));
}

/* ---- texts ---- */

static void put_bytes(struct akt_tape *t, const char *p, size_t len)
{
    for (size_t at = 0; at < len; at += sizeof(uint32_t)) {
        uint32_t word = 0;
        size_t n = len - at < sizeof word ? len - at : sizeof word;
        memcpy(&word, p + at, n);
        put(t, word);
    }
}

static size_t words_of(size_t bytes)
{
    return (bytes + sizeof(uint32_t) - 1) / sizeof(uint32_t);
}

void akt_recording_add(struct akt_recording *rec, const char *name,
                       const char *bytes, size_t len)
{
    struct akt_tape *t = rec->texts;
    /* its own lock: a chunk that is full takes the other one */
    pthread_mutex_lock(&rec->texts_lock);
    put(t, AKT_WORD(AKT_W_TEXT, strlen(name)));
    put(t, (uint32_t)len);
    put_bytes(t, name, strlen(name));
    put_bytes(t, bytes, len);
    pthread_mutex_unlock(&rec->texts_lock);
}

void akt_recording_end(struct akt_recording *rec, int code)
{
    /* relaxed: the workers have ended */
    if (!atomic_load_explicit(&rec->full, memory_order_relaxed))
        akt_recording_add(rec, "end", (const char *)&code, sizeof code);
}

bool akt_recording_ended(struct akt_recording *rec, int *code)
{
    const char *bytes;
    size_t len;
    if (!akt_recording_find(rec, "end", &bytes, &len) || len != sizeof *code)
        return false;
    memcpy(code, bytes, sizeof *code);
    return true;
}

/* The text that begins at word `at`; the next one begins behind it. */
struct text {
    const char *name, *bytes;
    size_t name_len, len, next;
};

static bool read_text(const struct akt_tape *t, size_t at, struct text *out)
{
    size_t all = (size_t)(t->end - t->words);
    if (at + 2 > all || AKT_WORD_KIND(t->words[at]) != AKT_W_TEXT)
        return false;
    out->name_len = AKT_WORD_N(t->words[at]);
    out->len = t->words[at + 1];
    size_t name_at = at + 2, bytes_at = name_at + words_of(out->name_len);
    out->next = bytes_at + words_of(out->len);
    out->name = (const char *)(t->words + name_at);
    out->bytes = (const char *)(t->words + bytes_at);
    return out->next <= all;
}

bool akt_recording_find(struct akt_recording *rec, const char *name,
                        const char **bytes, size_t *len)
{
    struct text text;
    size_t n = strlen(name);
    for (size_t at = 0; read_text(rec->texts, at, &text); at = text.next) {
        if (text.name_len != n || memcmp(text.name, name, n) != 0)
            continue;
        *bytes = text.bytes;
        *len = text.len;
        return true;
    }
    return false;
}

struct start {
    uint64_t seed, mono_ns;
};

void akt_tape_world(struct akt_recording *rec, struct akt_world *world)
{
    struct start start;
    const char *bytes;
    size_t len;
    world->taped = true;
    world->replay = rec->replays;
    if (!rec->replays) {
        start.seed = world->seed = akt_world_random(world);
        start.mono_ns = akt_world_mono_ns(world);
        akt_recording_add(rec, "start", (char *)&start, sizeof start);
    } else if (akt_recording_find(rec, "start", &bytes, &len) &&
               len == sizeof start) {
        memcpy(&start, bytes, sizeof start);
        world->seed = start.seed;
        world->now_ns = world->busy_ns = start.mono_ns;
    }
}

/* ---- opening ---- */

static void append(struct akt_tape *t, const uint32_t *from, size_t n)
{
    size_t had = t->words ? (size_t)(t->end - t->words) : 0;
    t->words =
        akt_resize(t->words, had * sizeof *from, (had + n) * sizeof *from);
    memcpy(t->words + had, from, n * sizeof *from);
    t->at = t->words;
    t->end = t->words + had + n;
}

/* Chunks of a tape stand in its order, since it takes one after the other. */
static bool take_chunk(struct akt_recording *rec, const uint32_t *p)
{
    struct akt_tape_chunk head;
    memcpy(&head, p, sizeof head);
    bool known = head.tape == AKT_TAPE_TEXTS || head.tape < AKT_TAPES_MAX;
    if (head.magic != MAGIC || !known)
        return false;
    struct akt_tape *t = tape_of(rec, head.tape);
    if (head.number != t->chunks++)
        return false;
    append(t, p + HEAD, WORDS - HEAD);
    return true;
}

static const char *take_chunks(struct akt_recording *rec, const char *p,
                               size_t size)
{
    if (size < AKT_TAPE_CHUNK)
        return "it is no recording";
    for (size_t at = 0; at + AKT_TAPE_CHUNK <= size; at += AKT_TAPE_CHUNK) {
        uint32_t magic;
        memcpy(&magic, p + at, sizeof magic);
        if (magic == 0)
            continue; /* added ahead of use, and the process was killed */
        if (!take_chunk(rec, (const uint32_t *)(const void *)(p + at)))
            return at ? "it is damaged" : "it is no recording";
    }
    return rec->texts->words ? NULL : "it is no recording";
}

struct akt_recording *akt_recording_open(const char *path, const char **error)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        *error = strerror(errno);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    struct akt_recording *rec = new_recording(fd, true);
    size_t size = (size_t)st.st_size;
    char *p =
        size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    *error = p == MAP_FAILED ? "it is no recording" : take_chunks(rec, p, size);
    if (p != MAP_FAILED)
        munmap(p, size);
    if (!*error)
        return rec;
    akt_recording_close(rec);
    return NULL;
}
