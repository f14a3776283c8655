/* SPDX-License-Identifier: MIT
 *
 * vm/reason.h: why something ended or failed: a code the machine acts on, and
 * a value for the script, already encoded as MessagePack.
 *
 * Reasons are immutable and shared: a hundred thousand links to one actor
 * that dies carry one reason.
 *
 * Ownership: reference-counted; functions that take a reason say whether they
 *            take the reference. The plain ones (akt_reason_of) are static
 *            and need no counting, which ref and unref know.
 * Threads:   [any].
 */
#ifndef AKT_VM_REASON_H
#define AKT_VM_REASON_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Codes of errors, exit reasons and dead letters; akt_code_name gives the
 * word a script sees. */
#define AKT_CODES(X)                      \
    X(OK, "ok")                           \
    X(NORMAL, "normal")                   \
    X(SHUTDOWN, "shutdown")               \
    X(STOPPED, "stopped")                 \
    X(KILLED, "killed")                   \
    X(CRASH, "crash")                     \
    X(INIT_FAILED, "init_failed")         \
    X(RESTART_LIMIT, "restart_limit")     \
    X(MEMORY, "memory")                   \
    X(NOPROC, "noproc")                   \
    X(NOCONNECTION, "noconnection")       \
    X(TIMEOUT, "timeout")                 \
    X(OVERLOADED, "overloaded")           \
    X(DEADLOCK, "deadlock")               \
    X(DENIED, "denied")                   \
    X(LIMIT, "limit")                     \
    X(NAME_TAKEN, "name_taken")           \
    X(UNKNOWN_MESSAGE, "unknown_message") \
    X(CRASHED, "crashed")                 \
    X(FINISHED, "finished")               \
    X(EXPIRED, "expired")                 \
    X(LATE_REPLY, "late_reply")           \
    X(STUCK, "stuck")                     \
    X(NOROUTEE, "noroutee")               \
    X(BAD_CONTRACT, "bad_contract")       \
    X(FAULT, "fault")                     \
    X(BAD_MESSAGE, "bad_message")         \
    X(UNHEALTHY, "unhealthy")

enum akt_code {
#define AKT_CODE_ENUM(id, word) AKT_##id,
    AKT_CODES(AKT_CODE_ENUM)
#undef AKT_CODE_ENUM
        AKT_CODE_COUNT
};

struct akt_reason {
    _Atomic uint32_t refs; /* 0: static */
    enum akt_code code;
    uint32_t len;
    char bytes[]; /* one MessagePack value */
};

const char *akt_code_name(enum akt_code code);
/* The code with that name, or AKT_CODE_COUNT. */
enum akt_code akt_code_find(const char *word, size_t len);

/* The static reason whose value is the code's name. */
struct akt_reason *akt_reason_of(enum akt_code code);
/* A new reason with one reference; `bytes` are copied. */
struct akt_reason *akt_reason_make(enum akt_code code, const char *bytes,
                                   size_t len);
struct akt_reason *akt_reason_ref(struct akt_reason *r);
void akt_reason_unref(struct akt_reason *r); /* NULL allowed */

#endif
