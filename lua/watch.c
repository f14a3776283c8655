/* SPDX-License-Identifier: MIT */
#include "lua/watch.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lua/reload.h"
#include "vm/base/alloc.h"
#include "vm/base/hash.h"
#include "vm/base/log_line.h"

struct akt_watch {
    struct akt_lua_node *n;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ends;
    bool ending; /* under the lock */
};

/* Changes whenever a file does; a file that is being replaced may be missing
 * for a moment. */
static uint64_t fingerprint(struct akt_lua_node *n)
{
    uint64_t h = AKT_HASH_INIT;
    pthread_mutex_lock(&n->lock);
    for (const struct akt_module *m = n->modules.first; m; m = m->next) {
        struct stat st;
        if (stat(m->path, &st) != 0)
            memset(&st, 0, sizeof st);
        uint64_t one = akt_hash(AKT_HASH_INIT, m->path, strlen(m->path));
        one = akt_hash(one, &st.st_mtim, sizeof st.st_mtim);
        one = akt_hash(one, &st.st_size, sizeof st.st_size);
        h += akt_hash(one, &st.st_ino, sizeof st.st_ino);
    }
    pthread_mutex_unlock(&n->lock);
    return h;
}

static void line(enum akt_log_level level, struct akt_buf *text)
{
    struct akt_log_head head = {.level = level, .text = akt_buf_cstr(text)};
    struct akt_buf b = AKT_BUF_INIT;
    if (akt_log_reports_are_json()) {
        akt_log_begin(&b, &head);
        akt_log_end(&b);
    } else {
        akt_buf_printf(&b, "%s\n", head.text);
    }
    akt_log_write(b.data, b.len);
    akt_buf_fini(&b);
    text->len = 0;
}

static void say_kinds(const json_t *kinds, struct akt_buf *b)
{
    for (size_t i = 0; i < json_array_size(kinds); i++) {
        const json_t *k = json_array_get(kinds, i);
        const json_t *to = json_object_get(k, "to");
        akt_buf_printf(
            b,
            "reload: kind %s is version %lld now: %lld actors, %lld waiting, "
            "%lld refused",
            json_string_value(json_object_get(k, "kind")),
            (long long)json_integer_value(json_object_get(to, "number")),
            (long long)json_integer_value(json_object_get(k, "actors")),
            (long long)json_integer_value(json_object_get(k, "waiting")),
            (long long)json_integer_value(json_object_get(k, "refused")));
        line(AKT_LOG_INFO, b);
    }
}

static void say(const json_t *report)
{
    struct akt_buf b = AKT_BUF_INIT;
    const json_t *error = json_object_get(report, "error");
    if (error) {
        akt_buf_printf(&b, "reload: nothing was changed: %s",
                       json_string_value(json_object_get(error, "message")));
        line(AKT_LOG_ERROR, &b);
    } else {
        say_kinds(json_object_get(report, "kinds"), &b);
    }
    akt_buf_fini(&b);
}

/* False: somebody else was at it, so this has to be tried again. */
static bool reload(struct akt_lua_node *n)
{
    struct akt_reload_request request = {.wait_ms = AKT_RELOAD_MS};
    json_t *report = akt_reload_run(n, &request);
    const char *code = json_string_value(
        json_object_get(json_object_get(report, "error"), "code"));
    bool busy = code && strcmp(code, "busy") == 0;
    if (!busy)
        say(report);
    json_decref(report);
    return !busy;
}

/* True: it is time to end. */
static bool wait(struct akt_watch *w)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += AKT_WATCH_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&w->lock);
    if (!w->ending)
        pthread_cond_timedwait(&w->ends, &w->lock, &until);
    bool ending = w->ending;
    pthread_mutex_unlock(&w->lock);
    return ending;
}

/* Whoever writes several files, or one in parts, has until the next look. A
 * module that was loaded since looks like a change too; such a reload finds
 * nothing to do. */
static void *watch(void *arg)
{
    struct akt_watch *w = arg;
    uint64_t handled = fingerprint(w->n), seen = handled;
    while (!wait(w)) {
        uint64_t now = fingerprint(w->n);
        if (now != handled && now == seen && reload(w->n))
            handled = now;
        seen = now;
    }
    return NULL;
}

struct akt_watch *akt_watch_start(struct akt_lua_node *n)
{
    struct akt_watch *w = akt_calloc(sizeof *w);
    w->n = n;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->ends, NULL);
    if (pthread_create(&w->thread, NULL, watch, w) == 0)
        return w;
    akt_free(w, sizeof *w);
    return NULL;
}

void akt_watch_stop(struct akt_watch *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->ends);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->ends);
    pthread_mutex_destroy(&w->lock);
    akt_free(w, sizeof *w);
}
