/* SPDX-License-Identifier: MIT */
#include "vm/job.h"

#include "vm/base/alloc.h"
#include "vm/tape.h"
#include "vm/send.h"

static void on_pool(uv_work_t *work)
{
    struct akt_job *job = work->data;
    job->answer = job->run(job->arg);
    akt_msg_pool_release(); /* this thread keeps no blocks */
}

/* On the thread of the worker that started it. */
static void deliver(struct akt_job *job)
{
    struct akt_msg *m = job->answer;
    m->target = job->actor;
    m->sender = job->actor;
    m->ask = job->ask;
    akt_post(job->node, NULL, m);
    job->fini(job->arg);
}

static void on_done(uv_work_t *work, int status)
{
    (void)status;
    struct akt_job *job = work->data;
    deliver(job);
    akt_node_release(job->node);
    akt_free(job, sizeof *job);
}

void akt_job_start(struct akt_isolate *iso, uint64_t ask,
                   struct akt_msg *(*run)(void *arg), void (*fini)(void *arg),
                   void *arg)
{
    struct akt_job *job = akt_calloc(sizeof *job);
    job->node = iso->node;
    job->actor = iso->current->self;
    job->ask = ask;
    job->run = run;
    job->fini = fini;
    job->arg = arg;
    job->work.data = job;
    if (iso->node->world->simulated) {
        struct akt_tape *tape = akt_tape; /* it answers from outside */
        akt_tape = NULL;
        job->answer = run(arg);
        deliver(job);
        akt_tape = tape;
        akt_free(job, sizeof *job);
        return;
    }
    akt_node_hold(iso->node);
    uv_queue_work(&iso->worker->loop, &job->work, on_pool, on_done);
}
