/* SPDX-License-Identifier: MIT
 *
 * cli/prompt.h: the dialog of `aktvm repl` and `aktvm attach`: lines are read,
 * given to a session, and its answers are printed.
 *
 * Where the session is, in this process or behind a socket, is behind a link.
 *
 * Threads: the one that calls cli_prompt.
 */
#ifndef AKT_CLI_PROMPT_H
#define AKT_CLI_PROMPT_H

#include "lua/session.h"
#include "vm/base/buf.h"

enum cli_answer_kind {
    CLI_ANSWER_OK,
    CLI_ANSWER_ERROR, /* of the line */
    CLI_ANSWER_MORE,  /* the line is not complete */
    CLI_ANSWER_STUCK, /* no answer in time, in spite of an interrupt */
    CLI_ANSWER_GONE,  /* the session has ended */
    CLI_ANSWER_LOST   /* the node has ended, or cannot be reached */
};

struct cli_answer {
    enum cli_answer_kind kind;
    uint32_t word; /* of a completion: bytes to replace */
    struct akt_buf output;
    struct akt_buf result;
};

struct cli_question {
    enum akt_session_what what;
    const char *text;
    size_t len;
    uint64_t timeout_ms;
};

struct cli_link {
    int fd; /* readable while nothing is asked: the node has ended */
    /* Waits; SIGINT meanwhile interrupts the line. Fills *answer, which is
     * empty. */
    void (*ask)(struct cli_link *link, const struct cli_question *q,
                struct cli_answer *answer);
    /* Takes a new session in place of the old one. False: *answer says why. */
    bool (*open)(struct cli_link *link, struct cli_answer *answer);
};

struct cli_prompt {
    struct cli_link *link;
    const char *code; /* of -e: this one line only */
    const char *greeting;
    uint64_t timeout_ms; /* of a line */
};

/* Returns the exit code. */
int cli_prompt(const struct cli_prompt *p);

void cli_answer_fini(struct cli_answer *a);
/* Takes over what a session has answered. */
void cli_answer_set(struct cli_answer *a, const struct akt_session_answer *s);

#endif
