/* SPDX-License-Identifier: MIT
 *
 * vm/crash.h: a file for each actor that dies abnormally, with all that was
 * known of it: crash-<time>-<process>-<n>.json in the directory of
 * config.crash_dir. Without a directory nothing is collected.
 *
 * A worker collects the text, which is bounded, and hands it to a thread that
 * writes it. At most one file a second and kind is made; what more there is
 * to write than AKT_CRASH_QUEUE texts is dropped. Both are counted in the next
 * file ("left_out"). The directory is kept to AKT_CRASH_FILES files and
 * AKT_CRASH_BYTES bytes by removing the oldest; only names of our form count.
 *
 * Invariants
 *   F1  A file is whole: it gets its name when it has been written.
 *   F2  Whatever the bytes in messages and states are, it is JSON in UTF-8.
 *   F3  A worker never waits for the disk.
 *
 * Threads: as each line says.
 */
#ifndef AKT_VM_CRASH_H
#define AKT_VM_CRASH_H

#include "vm/base/buf.h"
#include "vm/isolate.h"

#define AKT_CRASH_FORMAT 1
#define AKT_CRASH_QUEUE 16
#define AKT_CRASH_FILES 100
#define AKT_CRASH_BYTES (20u << 20)
#define AKT_CRASH_KINDS 64 /* kinds whose last second is remembered */
#define AKT_CRASH_NAME 80  /* bytes of a file's name */

struct akt_crash {
    const char *code;
    const char *message; /* NULL: none */
    /* What the host tells: members of a JSON object, without the braces. If
     * there are any, they say "error" as well. */
    struct akt_buf *details;
};

struct akt_crashes; /* node->crashes; NULL: off */

/* [start] Makes the directory if it is not there. */
struct akt_crashes *akt_crashes_create(struct akt_node *node, const char *dir);
/* [start] Writes what waits and ends the thread; more can be handed over. */
void akt_crashes_flush(struct akt_crashes *c);
void akt_crashes_destroy(struct akt_crashes *c); /* NULL allowed */

/* [owner] Whether a file is to be made for this death; counts it. */
bool akt_crash_wanted(struct akt_isolate *iso, const struct akt_actor *a);
/* [owner] Makes one, of an actor that still has its messages. `name` gets the
 * path that the file will have, "" if it was dropped. */
void akt_crash_dump(struct akt_isolate *iso, const struct akt_actor *a,
                    const struct akt_crash *crash, struct akt_buf *path);
/* [owner] The two for a death that the host knows nothing of. */
void akt_crash_note(struct akt_isolate *iso, const struct akt_actor *a,
                    enum akt_code code, const char *message);

#endif
