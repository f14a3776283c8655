/* SPDX-License-Identifier: MIT
 *
 * cli/line.h: lines that somebody types (with editing, history and
 * completion) or that come from a pipe.
 *
 * SIGINT (and SIGCONT, to draw the line again) is caught, and let through only
 * while this module waits, so that it is never lost between a look and a wait.
 *
 * Threads: one at a time, the one that called cli_line_open.
 */
#ifndef AKT_CLI_LINE_H
#define AKT_CLI_LINE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "vm/base/buf.h"

#define CLI_HISTORY 1000 /* lines that are remembered */

enum cli_line {
    CLI_LINE_OK,
    CLI_LINE_END,       /* Ctrl-D, or the end of the input */
    CLI_LINE_INTERRUPT, /* Ctrl-C */
    CLI_LINE_STOP       /* stop_fd is readable */
};

/* Fills `names`, a line each; returns how many bytes before the cursor they
 * replace. */
typedef size_t (*cli_complete)(void *ctx, const char *text, size_t len,
                               struct akt_buf *names);

struct cli_input;

/* Blocks both in the calling thread and all it makes from now on. */
void cli_hold_interrupts(void);
/* `*stop_fd`, looked at each time: ends the wait for a line. Editing, if stdin
 * and stdout are a terminal. */
struct cli_input *cli_line_open(const int *stop_fd, cli_complete complete,
                                void *ctx);
void cli_line_close(struct cli_input *in);
/* `in` may be NULL. */
bool cli_line_is_terminal(const struct cli_input *in);
/* Appends a line without its end. `prompt` is shown on a terminal only. */
enum cli_line cli_line_read(struct cli_input *in, const char *prompt,
                            struct akt_buf *line);
/* Remembers a line, here and in the file. */
void cli_line_remember(struct cli_input *in, const char *line);

/* poll, with SIGINT let through; -1 and EINTR: it has come. May return 0
 * early. */
int cli_wait(struct pollfd *fds, nfds_t n, int timeout_ms);

#endif
