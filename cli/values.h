/* SPDX-License-Identifier: MIT
 *
 * cli/values.h: JSON as the MessagePack values of messages, and back.
 *
 * What JSON has no word for is written so: bytes that are no UTF-8 as '?', a
 * pid or ref as "<pid>" or "<ref>", NaN and infinity as null, keys of maps that
 * are no strings as their JSON.
 *
 * Threads: any; plain functions.
 */
#ifndef AKT_CLI_VALUES_H
#define AKT_CLI_VALUES_H

#include <jansson.h>
#include <stdbool.h>

#include "vm/base/buf.h"

#define CLI_VALUES_DEPTH 64

/* An argument: JSON, or else a string. False: it is too deep. */
bool cli_pack_word(struct akt_buf *b, const char *word);

struct cli_run {
    const char *p, *end;
};
/* The next value, a new reference; NULL: the end, or nonsense (then p is not
 * end). */
json_t *cli_next_value(struct cli_run *r);

#endif
