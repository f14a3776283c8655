/* spin-check: run="-m1000000" */
/* SPDX-License-Identifier: MIT
 *
 * tests/models/inbox.pml: the word of vm/inbox.h, complete for two pushers
 * with two blocks each, a waker, and two owners that take the isolate from the
 * run queue in turn. Memory is sequentially consistent here; that the accesses
 * order enough on weaker machines is argued beside each of them, and seen by
 * ThreadSanitizer in tests/stress/stress_inbox.c.
 *
 *   I1  For every time the word became IDLE exactly one push or wake is told
 *       to queue the isolate: it is never queued twice, never run by two, and
 *       no block is left when nobody runs it.
 *   I2  The blocks of one pusher are handled in order.
 *
 * To see it fail, change one of
 *   W1  push: say "queue it" also when the word was EMPTY
 *   W2  push: the compare and the swap in two steps
 *   W3  try_idle: store IDLE without comparing
 *   W4  take: read and store EMPTY in two steps
 *   W5  wake: say "queue it" also when the word was EMPTY
 */
#define PUSHERS 2
#define EACH 2
#define BLOCKS (PUSHERS * EACH) /* numbers 1 to 4; block b is of pusher */
#define OWNER_OF(b) (((b) - 1) / EACH)

#define IDLE 100
#define EMPTY 0

byte word = IDLE;
byte next[BLOCKS + 1];
byte queued;             /* how often the isolate is on the run queue */
byte running;            /* how many owners have it */
byte seen[PUSHERS];      /* blocks handled of each pusher */
byte handled;
bool pushed_all[PUSHERS];

/* Whoever is told so puts the isolate on the run queue. */
inline enqueue()
{
    d_step {
        queued++;
        assert(queued == 1 && running == 0) /* I1 */
    }
}

/* The owner, at the end of its visit, puts it back itself. */
inline requeue()
{
    d_step {
        running--;
        queued++;
        assert(queued == 1 && running == 0)
    }
}

proctype pusher(byte me)
{
    byte i = 0, b, old;
    do
    :: i < EACH ->
        b = me * EACH + i + 1;
        old = word; /* the relaxed load */
        do
        :: true ->
            next[b] = (old == IDLE -> 0 : old);
            if
            :: atomic { word == old -> word = b } /* W2: split */
                break
            :: atomic { word != old -> old = word }
            fi
        od;
        if
        :: old == IDLE -> /* W1: || old == EMPTY */
            enqueue()
        :: else
        fi;
        i++
    :: else -> break
    od;
    pushed_all[me] = true
}

proctype waker()
{
    bool told;
    byte n = 0;
    do
    :: n < 2 ->
        told = false;
        atomic {
            if
            :: word == IDLE -> word = EMPTY; told = true /* W5 */
            :: else
            fi
        }
        if
        :: told -> enqueue()
        :: else
        fi;
        n++
    :: else -> break
    od
}

inline handle_chain(at)
{
    /* the chain is newest first: turned round, then in order */
    byte prev = 0, after;
    do
    :: at != 0 ->
        after = next[at];
        next[at] = prev;
        prev = at;
        at = after
    :: else -> break
    od;
    at = prev;
    do
    :: at != 0 ->
        d_step {
            assert(seen[OWNER_OF(at)] == (at - 1) % EACH); /* I2 */
            seen[OWNER_OF(at)]++;
            handled++;
        }
        at = next[at]
    :: else -> break
    od;
    prev = 0
}

proctype owner()
{
    byte chain;
    bool idle;
end_wait:
    do
    :: atomic { queued == 1 -> queued = 0; running++ }
        assert(running == 1);
        /* take, with its early look */
        chain = 0;
        if
        :: word == EMPTY || word == IDLE
        :: else ->
            atomic { chain = word; word = EMPTY } /* W4: split */
        fi;
        assert(chain != IDLE);
        handle_chain(chain);
        /* W3: word = IDLE; idle = true, without looking */
        atomic {
            if
            :: word == EMPTY -> word = IDLE; idle = true; running--
            :: else -> idle = false
            fi
        }
        if
        :: idle
        :: else -> requeue()
        fi
    od
}

/* No block is stranded: when nobody runs it and nobody has to, all that was
 * pushed has been handled. */
active proctype monitor()
{
end_never:
    atomic {
        pushed_all[0] && pushed_all[1] && word == IDLE ->
        assert(handled == BLOCKS);
        assert(queued == 0 && running == 0)
    }
}

init {
    atomic {
        run pusher(0);
        run pusher(1);
        run waker();
        run owner();
        run owner()
    }
}

/* And that state is reached. */
ltl all_handled { <> (handled == BLOCKS && word == IDLE) }
