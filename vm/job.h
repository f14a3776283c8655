/* SPDX-License-Identifier: MIT
 *
 * vm/job.h: work that blocks, on libuv's thread pool.
 *
 * A job is run on some thread of the pool; its answer goes, like that of an
 * ask, to the pending of the actor that started it. While a job is under way
 * the program does not end by itself. In the simulated world a job runs at
 * once, on the calling thread.
 *
 * Ownership: akt_job_start takes the job. `run` may use only what `arg`
 *            points to; `fini` frees it, on any thread, after `run`.
 */
#ifndef AKT_VM_JOB_H
#define AKT_VM_JOB_H

#include "vm/node.h"

#define AKT_JOB_THREADS "16" /* of the pool; UV_THREADPOOL_SIZE changes it */

struct akt_job {
    uv_work_t work;
    struct akt_node *node;
    akt_pid actor;
    uint64_t ask;
    /* [pool] Returns the answer: a block of type REPLY, code and body set. */
    struct akt_msg *(*run)(void *arg);
    void (*fini)(void *arg);
    void *arg;
    struct akt_msg *answer;
};

/* [owner] Of the current actor; `ask`: the id of its pending. */
void akt_job_start(struct akt_isolate *iso, uint64_t ask,
                   struct akt_msg *(*run)(void *arg), void (*fini)(void *arg),
                   void *arg);

#endif
