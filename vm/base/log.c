/* SPDX-License-Identifier: MIT */
#include "vm/base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vm/base/buf.h"
#include "vm/base/log_line.h"
#include "vm/base/log_repeat.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t thread;
static bool running, stopping; /* under lock */
static struct akt_buf queue;   /* under lock */
static uint64_t dropped;       /* under lock */
static uint64_t dropped_ever;  /* under lock */

/* relaxed everywhere: a line more or less when they are changed */
static _Atomic int the_level = AKT_LOG_INFO;
static _Atomic int the_format = AKT_LOG_TEXT;
static _Atomic bool json_reports;

enum akt_log_level akt_log_level(void)
{
    return (enum akt_log_level)atomic_load_explicit(&the_level,
                                                    memory_order_relaxed);
}

void akt_log_set_level(enum akt_log_level level)
{
    atomic_store_explicit(&the_level, level, memory_order_relaxed);
}

enum akt_log_format akt_log_format(void)
{
    return (enum akt_log_format)atomic_load_explicit(&the_format,
                                                     memory_order_relaxed);
}

void akt_log_set_format(enum akt_log_format to, bool json)
{
    atomic_store_explicit(&the_format, to, memory_order_relaxed);
    atomic_store_explicit(&json_reports, json, memory_order_relaxed);
}

bool akt_log_reports_are_json(void)
{
    return atomic_load_explicit(&json_reports, memory_order_relaxed);
}

static const char *const level_names[AKT_LOG_LEVELS] = {"debug", "info", "warn",
                                                        "error"};

const char *akt_log_level_name(enum akt_log_level level)
{
    return level_names[level];
}

bool akt_log_level_find(const char *name, enum akt_log_level *level)
{
    for (int i = 0; i < AKT_LOG_LEVELS; i++) {
        if (strcmp(level_names[i], name) == 0) {
            *level = (enum akt_log_level)i;
            return true;
        }
    }
    return false;
}

static void write_all(const char *p, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDERR_FILENO, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return; /* nobody reads it */
        p += n;
        len -= (size_t)n;
    }
}

static void add_dropped(struct akt_buf *out)
{
    if (!dropped)
        return;
    struct akt_log_head head = {.level = AKT_LOG_WARN,
                                .text = "lines of log were dropped"};
    akt_log_begin(out, &head);
    akt_log_add_integer(out, "count", (int64_t)dropped);
    akt_log_end(out);
    dropped = 0;
}

/* Under the lock. Sums of repeated lines are due even when nobody writes. */
static void wait_for_lines(void)
{
    struct timespec until;
    if (!akt_log_repeat_any()) {
        pthread_cond_wait(&changed, &lock);
        return;
    }
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    pthread_cond_timedwait(&changed, &lock, &until);
}

/* Under the lock, which it leaves meanwhile. */
static void write_out(void)
{
    add_dropped(&queue);
    struct akt_buf out = queue;
    akt_buf_init(&queue);
    pthread_mutex_unlock(&lock);
    write_all(out.data, out.len);
    akt_buf_fini(&out);
    pthread_mutex_lock(&lock);
}

static void *log_main(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&lock);
    while (!stopping || queue.len) {
        if (queue.len) {
            write_out();
            continue;
        }
        wait_for_lines();
        pthread_mutex_unlock(&lock);
        akt_log_repeat_flush(false);
        pthread_mutex_lock(&lock);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

void akt_log_start(void)
{
    running = true;
    stopping = false;
    pthread_create(&thread, NULL, log_main, NULL);
}

void akt_log_stop(void)
{
    akt_log_repeat_flush(true);
    pthread_mutex_lock(&lock);
    bool was = running;
    stopping = true;
    running = false;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    if (was)
        pthread_join(thread, NULL);
}

void akt_log_write(const char *text, size_t len)
{
    pthread_mutex_lock(&lock);
    if (!running) {
        pthread_mutex_unlock(&lock);
        write_all(text, len);
        return;
    }
    if (queue.len + len > AKT_LOG_QUEUE) {
        dropped++;
        dropped_ever++;
    } else {
        akt_buf_add(&queue, text, len);
        pthread_cond_signal(&changed);
    }
    pthread_mutex_unlock(&lock);
}

void akt_log_poke(void)
{
    pthread_mutex_lock(&lock);
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

uint64_t akt_log_dropped(void)
{
    pthread_mutex_lock(&lock);
    uint64_t n = dropped_ever;
    pthread_mutex_unlock(&lock);
    return n;
}
