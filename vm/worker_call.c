/* SPDX-License-Identifier: MIT
 *
 * vm/worker_call.c: functions that others want to be called on the thread of a
 * worker, in its loop: akt_worker_call (vm/sched.h).
 */
#include "vm/base/alloc.h"
#include "vm/sched_impl.h"

struct akt_worker_call {
    struct akt_worker_call *next;
    void (*f)(void *ctx);
    void *ctx;
};

void akt_worker_call(struct akt_worker *w, void (*f)(void *ctx), void *ctx)
{
    struct akt_worker_call *c = akt_alloc(sizeof *c);
    *c = (struct akt_worker_call){NULL, f, ctx};
    pthread_mutex_lock(&w->calls_lock);
    if (w->calls_first)
        w->calls_last->next = c;
    else
        w->calls_first = c;
    w->calls_last = c;
    pthread_mutex_unlock(&w->calls_lock);
    uv_async_send(&w->wakeup);
}

static struct akt_worker_call *take_calls(struct akt_worker *w)
{
    pthread_mutex_lock(&w->calls_lock);
    struct akt_worker_call *c = w->calls_first;
    w->calls_first = NULL;
    pthread_mutex_unlock(&w->calls_lock);
    return c;
}

void akt_worker_run_calls(struct akt_worker *w, bool drop)
{
    struct akt_worker_call *c = take_calls(w);
    while (c) {
        struct akt_worker_call *next = c->next;
        if (!drop)
            c->f(c->ctx);
        akt_free(c, sizeof *c);
        c = next;
    }
}
