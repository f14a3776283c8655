/* SPDX-License-Identifier: MIT */
#include "vm/base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "vm/base/buf.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t thread;
static bool running, stopping; /* under lock */
static struct akt_buf queue;   /* under lock */
static uint64_t dropped;       /* under lock */

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
    if (dropped)
        akt_buf_printf(out, "aktvm: %llu lines of log were dropped\n",
                       (unsigned long long)dropped);
    dropped = 0;
}

static void *log_main(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&lock);
    while (!stopping || queue.len) {
        if (!queue.len) {
            pthread_cond_wait(&changed, &lock);
            continue;
        }
        add_dropped(&queue);
        struct akt_buf out = queue;
        akt_buf_init(&queue);
        pthread_mutex_unlock(&lock);
        write_all(out.data, out.len);
        akt_buf_fini(&out);
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
    } else {
        akt_buf_add(&queue, text, len);
        pthread_cond_signal(&changed);
    }
    pthread_mutex_unlock(&lock);
}
