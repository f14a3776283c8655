/* SPDX-License-Identifier: MIT
 *
 * vm/tape.h: what a real run depends on, written down while it runs, and read
 * again by vm/replay.c.
 *
 * Actors share nothing, and an isolate runs on one worker at a time. So a run
 * is determined by what each isolate took in, and when. Each has a tape, a
 * row of words of 32 bits, the kind in the lower four:
 *
 *     ARRIVE n     its inbox was emptied: n blocks; a word for each says who
 *                  pushed it. What came from outside (no isolate) follows
 *     FIRE         deadlines were due; two words: the time
 *     STEP slot    an actor had its turn, or a step without one
 *     CLOSE        its last actor had gone, and its state with it
 *
 * and, within the one before it:
 *
 *     VALUE        what a call found that others decide: a clock, a new pid
 *     RARE n       the same, of yes or no, for what is nearly always no: the
 *                  n-th question since that event was answered yes
 *     TICKET n     it had the n-th access to a table of the node
 *     PREEMPT n    the turn was preempted after n calls of the machine
 *
 * Not written down is what follows from it: messages between actors of one
 * isolate, what is in a message, the order of ready actors. Nor where
 * between two calls a turn was preempted: nobody else could see that, but by
 * what modules of an isolate keep to themselves.
 *
 * The file: chunks of AKT_TAPE_CHUNK bytes, mapped, so that what has been
 * written is there whatever ends the process. Each begins with a struct
 * akt_tape_chunk, and holds words of one tape. A word of 0 ends a tape. Tape
 * AKT_TAPE_TEXTS has names and bytes: the seed, the scripts, and when all went
 * well `end`, the exit code.
 *
 * Ownership: a recording owns its tapes, the node's config the recording.
 * Threads:   a tape is its isolate's owner's; the texts are locked.
 */
#ifndef AKT_VM_TAPE_H
#define AKT_VM_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/base/buf.h"
#include "vm/pid.h"

#define AKT_TAPE_CHUNK (64u << 10)
#define AKT_TAPE_TEXTS UINT32_MAX
#define AKT_RECORD_LIMIT (1ull << 30) /* bytes of a file, unless asked for */
#define AKT_TAPE_CALLS_MAX ((1u << 28) - 1)

#define AKT_TAPES_MAX (1u << 22) /* isolates */
#define AKT_TAPE_UNUSED 16
/* Who pushed a block; else an isolate's index + 1. */
#define AKT_TAPE_OUTSIDE 0

enum akt_tape_word {
    AKT_W_END,
    AKT_W_ARRIVE,
    AKT_W_FIRE,
    AKT_W_STEP,
    AKT_W_CLOSE,
    AKT_W_VALUE, /* and two words */
    AKT_W_RARE,
    AKT_W_TICKET,
    AKT_W_PREEMPT,
    AKT_W_TEXT /* of AKT_TAPE_TEXTS: bytes of a name; a word: of the text;
                * both, filled up to whole words */
};

#define AKT_WORD(kind, n) ((uint32_t)(n) << 4 | (uint32_t)(kind))
#define AKT_WORD_KIND(w) ((enum akt_tape_word)((w)&15))
#define AKT_WORD_N(w) ((w) >> 4)

struct akt_tape_chunk {
    uint32_t magic, tape, number, reserved; /* number: from 0, of this tape */
};

struct akt_recording;
struct akt_isolate;
struct akt_msg;

struct akt_tape {
    struct akt_recording *rec;
    uint32_t index; /* of the isolate */
    bool replays;   /* it is read */
    uint32_t *at;   /* the next word */
    uint32_t *end;  /* of the chunk; replay: of the tape */
    uint32_t rares; /* questions since the event */
    uint32_t calls; /* of the machine, in this turn */
    void *chunk;    /* mapped */
    uint32_t chunks;
    uint32_t unused[AKT_TAPE_UNUSED]; /* written when the file is full */
    /* replay */
    uint32_t *words;
    struct akt_msg *waiting; /* blocks that no ARRIVE has asked for yet */
    struct akt_msg *arrived; /* those of the one that is replayed ... */
    uint32_t *behind;        /* ... the word behind it; NULL: none is */
};

/* Of the isolate that this thread visits; NULL: none, or it is not taped. */
extern _Thread_local struct akt_tape *akt_tape
    __attribute__((tls_model("initial-exec")));

/* ---- recording ---- */

/* NULL: *error says why, a static text or strerror's. */
struct akt_recording *akt_recording_create(const char *path,
                                           uint64_t limit_bytes,
                                           const char **error);
/* NULL allowed. When all workers have ended. */
void akt_recording_close(struct akt_recording *rec);
/* Recording: the program has ended with this code, and all was written. */
void akt_recording_end(struct akt_recording *rec, int code);
/* [any] Adds a text; of those with one name the first one counts. */
void akt_recording_add(struct akt_recording *rec, const char *name,
                       const char *bytes, size_t len);

/* ---- reading ---- */

struct akt_recording *akt_recording_open(const char *path, const char **error);
/* A text of the recording; borrowed. False: it has none of that name. */
bool akt_recording_find(struct akt_recording *rec, const char *name,
                        const char **bytes, size_t *len);
/* False: it was cut off, by its limit or by a kill. */
bool akt_recording_ended(struct akt_recording *rec, int *code);
/* NULL while it follows; else where and how it left the recording. */
const char *akt_recording_fault(const struct akt_recording *rec);
void akt_tape_fail(struct akt_tape *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The next one, as it stands in words. */
uint32_t akt_recording_ticket(const struct akt_recording *rec);

/* ---- both ---- */

struct akt_world;

/* [start] What the world of a node is to be for this: seeded by a seed that is
 * written down, and in a replay beginning at the time it began. */
void akt_tape_world(struct akt_recording *rec, struct akt_world *world);

/* The tape of an isolate, made on first use. [any] */
struct akt_tape *akt_recording_tape(struct akt_recording *rec, uint32_t index);
uint64_t akt_tape_value(struct akt_tape *t, uint64_t value);
bool akt_tape_rare(struct akt_tape *t, bool yes);
/* With the lock of the table held, or where nobody else has it. */
void akt_tape_ticket(struct akt_tape *t);
/* The event begins. */
void akt_tape_step(struct akt_tape *t, uint32_t slot);
void akt_tape_arrive(struct akt_tape *t, struct akt_msg *list);
void akt_tape_fire(struct akt_tape *t, uint64_t now_ns);
void akt_tape_close(struct akt_tape *t);
void akt_tape_preempted(struct akt_tape *t);
/* Replay: the turn was preempted here, before its next call. */
bool akt_tape_is_preempted(const struct akt_tape *t);
/* Replay: called when that has become true; the host's. [start] */
void akt_tape_on_preempted(struct akt_recording *rec, void (*call)(void));
/* Says in the block who pushes it: for a taped isolate. */
void akt_tape_mark(struct akt_msg *m);

static inline uint64_t akt_input(uint64_t value)
{
    return akt_tape ? akt_tape_value(akt_tape, value) : value;
}

static inline bool akt_input_rare(bool yes)
{
    return akt_tape ? akt_tape_rare(akt_tape, yes) : yes;
}

static inline void akt_input_ticket(void)
{
    if (akt_tape)
        akt_tape_ticket(akt_tape);
}

#endif
