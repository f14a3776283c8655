/* spin-check: cc="-DMEMLIM=3000 -DCOLLAPSE" run="-m100000" */
/* SPDX-License-Identifier: MIT
 *
 * tests/models/sleep.pml: how workers go to sleep, are woken, and decide that
 * the program is over (vm/sched.c, vm/node.c), complete for one worker and for
 * two.
 *
 * Three things will cause work, each once: a listener outside, which pushes to
 * the outside queue; a job that completes in the loop of a worker while that
 * sleeps; and an alarm. The first two hold the outside counter; what the
 * listener holds is lowered by the worker that handles its push. The ticker is
 * about to park, so nobody else will notice what is forgotten. Memory is
 * sequentially consistent here; the read-modify-writes of `sleepers` order the
 * rest, as is said beside them.
 *
 *   W2  No wake-up is lost: the workers always come to the end.
 *   W3  The end is decided once, and when nothing can happen any more.
 *   and while a worker is awake the ticker is not parked for good.
 *
 * To see it fail, change one of
 *   A  go_to_sleep: look at the queues before counting oneself, and
 *      all_asleep: do not look at the outside queue
 *   B  outside: read `sleepers` before the push
 *   C  worker: fire alarms before leaving the sleepers
 *   D  the job: lower the counter before the push
 *   E  all_asleep: do not look at what the other worker has in its queue
 *   F  leave_sleepers: do not poke the ticker
 */
#define WORKERS 2 /* or one */
#define THINGS 3

byte workers = WORKERS;
byte sleepers;
byte outside_queue;
byte external = 2;
bool alarm = true, due;   /* on the heap; its time has come */
byte mine[WORKERS];      /* next and queue of a worker */
bool sleeping[WORKERS], notified[WORKERS], async[WORKERS];
bool exiting, stopping;
byte handled;
bool job = true;          /* will complete in a loop */
bool lock;                /* the sleep lock */

bool ticker_parked, ticker_waits;
byte ticker_sem;

inline acquire() { atomic { !lock -> lock = true } }
inline release() { lock = false }

/* Under the sleep lock. */
inline wake_one_locked()
{
    d_step {
        if
        :: sleeping[0] && !notified[0] -> notified[0] = true; async[0] = true
        :: else ->
            if
            :: sleeping[1] && !notified[1] ->
                notified[1] = true;
                async[1] = true
            :: else
            fi
        fi
    }
}

inline leave_sleepers(w)
{
    d_step { sleeping[w] = false; sleepers-- }
    if
    :: ticker_parked -> ticker_sem++ /* F: skip */
    :: else
    fi
}

/* akt_node_release */
inline lower_external()
{
    acquire();
    external--;
    if
    :: external == 0 -> wake_one_locked()
    :: else
    fi;
    release()
}

inline fire_alarm(w)
{
    if
    :: atomic { alarm && due -> alarm = false }
        mine[w]++ /* for a moment off the heap, and on no queue */
    :: else
    fi
}

/* True in `stay`: there is something to do. Under the sleep lock. */
inline all_asleep(w, stay)
{
    if
    :: external > 0 || alarm || outside_queue > 0 -> /* A: not the last */
        stay = (outside_queue > 0)
    :: else ->
        if
        :: mine[0] > 0 || mine[1] > 0 -> /* E: && false */
            stay = false /* the other one is about to wake up */
        :: else ->
            if
            :: exiting -> stay = false
            :: else ->
                assert(handled == THINGS); /* W3 */
                exiting = true;
                mine[w]++; /* the stop of /user */
                stay = true
            fi
        fi
    fi
}

proctype worker(byte w)
{
    bool stay, look, lower;
    byte n;
    do
    :: stopping -> break
    :: else ->
        /* pick */
        d_step { look = false; lower = false }
        if
        :: atomic { mine[w] > 0 -> mine[w]--; look = true }
        :: atomic { mine[w] == 0 && outside_queue > 0 ->
                    outside_queue--; look = true; lower = true }
        :: atomic { mine[w] == 0 && outside_queue == 0 -> skip }
        fi;
        if
        :: look ->
            assert(!ticker_waits || ticker_sem > 0);
            if
            :: exiting -> /* all have ended: akt_sched_stop */
                stopping = true;
                acquire();
                async[0] = true;
                async[1] = true;
                release()
            :: else ->
                handled++;
                if
                :: lower -> lower_external()
                :: else
                fi
            fi
        :: else ->
            fire_alarm(w);
            if
            :: mine[w] > 0 || outside_queue > 0 || stopping
            :: else ->
                /* go_to_sleep */
                acquire();
                /* A: stay = has_work here, before the counting */
                d_step {
                    sleeping[w] = true;
                    notified[w] = false;
                    sleepers++;
                    n = sleepers
                }
                stay = (mine[w] > 0 || outside_queue > 0 || stopping);
                if
                :: !stay && n == workers -> all_asleep(w, stay)
                :: else
                fi;
                if
                :: stay -> leave_sleepers(w)
                :: else
                fi;
                release();
                if
                :: !stay ->
                    /* in its loop */
                    if
                    :: atomic { async[w] -> async[w] = false }
                    :: alarm && due /* its timer */
                    :: atomic { job -> job = false }
                        mine[w]++; /* the callback posts, then lets go */
                        lower_external() /* D: first */
                    fi;
                    /* C: fire_alarm(w) here */
                    acquire();
                    leave_sleepers(w);
                    release();
                    fire_alarm(w)
                :: else
                fi
            fi
        fi
    od
}

/* What akt_sched_wake_one does behind a push. */
inline look_for_sleepers()
{
    if
    :: sleepers > 0 ->
        acquire();
        wake_one_locked();
        release()
    :: else
    fi
}

/* A listener: whoever handles what it pushed lets go of the counter. */
proctype listener()
{
    outside_queue++; /* B: behind the look at the sleepers */
    look_for_sleepers()
}

proctype clock()
{
    due = true
}

proctype ticker()
{
    ticker_parked = true;
    if
    :: sleepers == workers ->
        ticker_waits = true;
end_parked:
        atomic { ticker_sem > 0 -> ticker_sem--; ticker_waits = false }
    :: else
    fi;
    ticker_parked = false
}

init {
    atomic {
        run worker(0);
        if
        :: run worker(1)
        :: workers = 1
        fi;
        run listener();
        run clock();
        run ticker()
    }
    /* the end: every worker has left its loop */
    (_nr_pr == 1 || (_nr_pr == 2 && ticker_waits));
    assert(exiting && stopping)
}
