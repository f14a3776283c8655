/* SPDX-License-Identifier: MIT */
#include "net/otlp.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vm/base/alloc.h"
#include "vm/base/log_line.h"

#define PATH "/v1/metrics"
#define SECOND_NS 1000000000u
#define INTERVAL_MAX_S 86400

struct akt_otlp {
    struct akt_node *node;
    char *url;
    uint64_t interval_ns;
    uint64_t start_ns; /* of the node, since 1970 */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;  /* by CLOCK_MONOTONIC */
    bool stopping;           /* under the lock */
    _Atomic uint64_t end_ns; /* monotonic: posts give up; 0: not yet */
    /* the thread's */
    CURL *curl;
    struct curl_slist *headers;
    bool failing;
    char error[CURL_ERROR_SIZE];
};

static uint64_t clock_ns(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (uint64_t)ts.tv_sec * SECOND_NS + (uint64_t)ts.tv_nsec;
}

/* ---- one post ---- */

/* Called by curl about once a second and when something moves. */
static int on_progress(void *ctx, curl_off_t down_max, curl_off_t down,
                       curl_off_t up_max, curl_off_t up)
{
    struct akt_otlp *o = ctx;
    /* relaxed: seen a little later or sooner */
    uint64_t end = atomic_load_explicit(&o->end_ns, memory_order_relaxed);
    return end && clock_ns(CLOCK_MONOTONIC) > end;
}

/* What the collector says is not needed. */
static size_t on_answer(char *data, size_t size, size_t n, void *ctx)
{
    return size * n;
}

static void log_change(struct akt_otlp *o, const char *why)
{
    if (o->failing == (why != NULL))
        return;
    o->failing = why != NULL;
    struct akt_log_head head = {
        .level = why ? AKT_LOG_WARN : AKT_LOG_INFO,
        .text = why ? "metrics cannot be sent" : "metrics are sent again",
    };
    if (akt_log_level() > head.level)
        return;
    struct akt_buf b = AKT_BUF_INIT;
    akt_log_begin(&b, &head);
    akt_log_add_string(&b, "url", o->url);
    if (why)
        akt_log_add_string(&b, "why", why);
    akt_log_end(&b);
    akt_log_write(b.data, b.len);
    akt_buf_fini(&b);
}

static void judge(struct akt_otlp *o, CURLcode result)
{
    char text[64];
    long status = 0;
    curl_easy_getinfo(o->curl, CURLINFO_RESPONSE_CODE, &status);
    if (result == CURLE_OK && status >= 200 && status < 300) {
        log_change(o, NULL);
        return;
    }
    snprintf(text, sizeof text, "the answer was HTTP status %ld", status);
    log_change(o, result == CURLE_OK ? text
                  : o->error[0]      ? o->error
                                     : curl_easy_strerror(result));
}

static void post(struct akt_otlp *o)
{
    json_t *body =
        akt_otlp_body(o->node, o->start_ns, clock_ns(CLOCK_REALTIME));
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    if (!text)
        return;
    o->error[0] = 0;
    curl_easy_setopt(o->curl, CURLOPT_POSTFIELDS, text);
    curl_easy_setopt(o->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(text));
    judge(o, curl_easy_perform(o->curl));
    free(text);
}

static void prepare(struct akt_otlp *o)
{
    o->headers = curl_slist_append(NULL, "Content-Type: application/json");
    curl_easy_setopt(o->curl, CURLOPT_URL, o->url);
    curl_easy_setopt(o->curl, CURLOPT_HTTPHEADER, o->headers);
    curl_easy_setopt(o->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(o->curl, CURLOPT_CONNECTTIMEOUT, (long)AKT_OTLP_CONNECT_S);
    curl_easy_setopt(o->curl, CURLOPT_TIMEOUT, (long)AKT_OTLP_POST_S);
    curl_easy_setopt(o->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(o->curl, CURLOPT_USERAGENT, "aktvm/" AKT_VERSION);
    curl_easy_setopt(o->curl, CURLOPT_ERRORBUFFER, o->error);
    curl_easy_setopt(o->curl, CURLOPT_WRITEFUNCTION, on_answer);
    curl_easy_setopt(o->curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(o->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(o->curl, CURLOPT_XFERINFODATA, o);
}

/* ---- the thread ---- */

/* Until the next post; true: it is the last one. */
static bool wait_for_next(struct akt_otlp *o)
{
    uint64_t due_ns = clock_ns(CLOCK_MONOTONIC) + o->interval_ns;
    struct timespec due = {.tv_sec = (time_t)(due_ns / SECOND_NS),
                           .tv_nsec = (long)(due_ns % SECOND_NS)};
    pthread_mutex_lock(&o->lock);
    int result = 0;
    while (!o->stopping && result != ETIMEDOUT)
        result = pthread_cond_timedwait(&o->changed, &o->lock, &due);
    bool last = o->stopping;
    pthread_mutex_unlock(&o->lock);
    return last;
}

static void *otlp_main(void *arg)
{
    struct akt_otlp *o = arg;
    bool last = false;
    while (!last) {
        last = wait_for_next(o);
        post(o);
    }
    return NULL;
}

/* Signals are for the threads that know what to do with them. */
static bool start_thread(struct akt_otlp *o)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int result = pthread_create(&o->thread, NULL, otlp_main, o);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return result == 0;
}

/* ---- start, stop ---- */

/* With PATH behind it, and one slash between. */
static char *whole_url(const char *url)
{
    size_t len = strlen(url), end = sizeof PATH - 1;
    if (len >= end && strcmp(url + len - end, PATH) == 0)
        return akt_strdup(url);
    while (len && url[len - 1] == '/')
        len--;
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_printf(&b, "%.*s%s", (int)len, url, PATH);
    char *whole = akt_strdup(akt_buf_cstr(&b));
    akt_buf_fini(&b);
    return whole;
}

/* Seconds from the environment; what makes no sense is as if not there. */
static uint64_t read_interval(void)
{
    const char *text = getenv("AKTVM_OTLP_INTERVAL");
    double seconds = text ? strtod(text, NULL) : 0;
    if (!(seconds >= 0.1 && seconds <= INTERVAL_MAX_S))
        seconds = AKT_OTLP_INTERVAL_S;
    return (uint64_t)(seconds * SECOND_NS);
}

static void destroy(struct akt_otlp *o)
{
    curl_easy_cleanup(o->curl);
    curl_slist_free_all(o->headers);
    curl_global_cleanup();
    pthread_cond_destroy(&o->changed);
    pthread_mutex_destroy(&o->lock);
    akt_strfree(o->url);
    akt_free(o, sizeof *o);
}

struct akt_otlp *akt_otlp_start(struct akt_node *node, const char *url)
{
    if (!url)
        return NULL;
    struct akt_otlp *o = akt_calloc(sizeof *o);
    o->node = node;
    o->url = whole_url(url);
    o->interval_ns = read_interval();
    o->start_ns = clock_ns(CLOCK_REALTIME);
    pthread_mutex_init(&o->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&o->changed, &attr);
    pthread_condattr_destroy(&attr);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    o->curl = curl_easy_init();
    if (o->curl)
        prepare(o);
    if (!o->curl || !start_thread(o)) {
        log_change(o, "there is no memory for it");
        destroy(o);
        return NULL;
    }
    return o;
}

void akt_otlp_stop(struct akt_otlp *o)
{
    if (!o)
        return;
    atomic_store_explicit(&o->end_ns,
                          clock_ns(CLOCK_MONOTONIC) +
                              (uint64_t)AKT_OTLP_LAST_S * SECOND_NS,
                          memory_order_relaxed);
    pthread_mutex_lock(&o->lock);
    o->stopping = true;
    pthread_cond_signal(&o->changed);
    pthread_mutex_unlock(&o->lock);
    pthread_join(o->thread, NULL);
    destroy(o);
}
