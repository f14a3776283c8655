/* SPDX-License-Identifier: MIT */
#include "vm/base/log_repeat.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SHOWN 120 /* bytes of the text that the sum shows */
#define SECOND_NS 1000000000u

struct place {
    uint64_t key;
    uint64_t since_ns;
    uint32_t written;
    uint64_t suppressed;
    enum akt_log_level level;
    char kind[65];
    char text[SHOWN + 1];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct place places[AKT_LOG_PLACES]; /* under lock */
/* relaxed: written under the lock, others look whether there is work */
static _Atomic uint32_t waiting; /* places that have a count to write */
static _Atomic uint64_t suppressed_ever;

/* The real clock in every world: it is people who read the lines. */
static uint64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
    return (uint64_t)ts.tv_sec * SECOND_NS + (uint64_t)ts.tv_nsec;
}

static uint64_t hash(uint64_t h, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)s[i]) * 0x100000001b3u; /* FNV-1a */
    return h;
}

static uint64_t key_of(const struct akt_log_head *head, const char *text,
                       size_t len)
{
    uint64_t h = 0xcbf29ce484222325u ^ (uint64_t)head->level;
    if (head->kind)
        h = hash(h, head->kind, strlen(head->kind) + 1);
    return hash(h, text, len);
}

/* Writes what was left out and starts a new second. */
static void sum_up(struct place *p)
{
    if (!p->suppressed)
        return;
    char text[64];
    snprintf(text, sizeof text, "repeated %llu times",
             (unsigned long long)p->suppressed);
    struct akt_log_head head = {
        .level = p->level, .kind = p->kind[0] ? p->kind : NULL, .text = text};
    struct akt_buf b = AKT_BUF_INIT;
    akt_log_begin(&b, &head);
    if (akt_log_format() == AKT_LOG_TEXT && p->kind[0])
        akt_log_add_string(&b, "kind", p->kind);
    akt_log_add_string(&b, "of", p->text);
    akt_log_add_integer(&b, "count", (int64_t)p->suppressed);
    akt_log_end(&b);
    akt_log_write(b.data, b.len);
    akt_buf_fini(&b);
    p->suppressed = 0;
    atomic_fetch_sub_explicit(&waiting, 1, memory_order_relaxed);
}

static void take_over(struct place *p, uint64_t key,
                      const struct akt_log_head *head, const char *text,
                      size_t len)
{
    sum_up(p);
    p->key = key;
    p->level = head->level;
    p->since_ns = 0;
    snprintf(p->kind, sizeof p->kind, "%s", head->kind ? head->kind : "");
    size_t n = len < SHOWN ? len : SHOWN;
    memcpy(p->text, text, n);
    p->text[n] = 0;
}

static bool count(struct place *p)
{
    uint64_t now = now_ns();
    if (now - p->since_ns >= SECOND_NS) {
        sum_up(p);
        p->since_ns = now;
        p->written = 0;
    }
    if (p->written < AKT_LOG_REPEATS) {
        p->written++;
        return true;
    }
    if (p->suppressed++ == 0)
        atomic_fetch_add_explicit(&waiting, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&suppressed_ever, 1, memory_order_relaxed);
    return false;
}

bool akt_log_repeat_pass(const struct akt_log_head *head, const char *text,
                         size_t len)
{
    uint64_t key = key_of(head, text, len);
    pthread_mutex_lock(&lock);
    struct place *p = &places[(key ^ key >> 32) % AKT_LOG_PLACES];
    if (p->key != key)
        take_over(p, key, head, text, len);
    bool pass = count(p);
    bool first = p->suppressed == 1;
    pthread_mutex_unlock(&lock);
    if (first)
        akt_log_poke();
    return pass;
}

void akt_log_repeat_flush(bool all)
{
    if (!akt_log_repeat_any())
        return;
    pthread_mutex_lock(&lock);
    uint64_t now = now_ns();
    for (int i = 0; i < AKT_LOG_PLACES; i++)
        if (all || now - places[i].since_ns >= SECOND_NS)
            sum_up(&places[i]);
    pthread_mutex_unlock(&lock);
}

bool akt_log_repeat_any(void)
{
    return atomic_load_explicit(&waiting, memory_order_relaxed) > 0;
}

uint64_t akt_log_suppressed(void)
{
    return atomic_load_explicit(&suppressed_ever, memory_order_relaxed);
}
