/* SPDX-License-Identifier: MIT
 *
 * vm/show.h: strings and message bodies as JSON text, for crash files and for
 * those who look into a node.
 *
 * What is written is always whole and valid JSON, whatever the bytes are:
 * strings that are no UTF-8 have \xNN in the place of each bad byte, numbers
 * JSON has no word for are strings, pids are "<#12>", and where bytes are
 * missing, too deep or too many stands "...".
 *
 * Threads: [any].
 */
#ifndef AKT_VM_SHOW_H
#define AKT_VM_SHOW_H

#include <stdint.h>

#include "vm/base/buf.h"
#include "vm/pid.h"

struct akt_node;

#define AKT_SHOW_DEPTH 8     /* tables inside tables */
#define AKT_SHOW_STRING 1024 /* bytes of one string */

/* A JSON string of these bytes, all of them. */
void akt_show_string(struct akt_buf *b, const char *bytes, size_t len);
/* `"key":`, with a comma in front unless it is the first of its object. */
void akt_show_key(struct akt_buf *b, const char *key);
/* The two together; text NULL: null. */
void akt_show_field(struct akt_buf *b, const char *key, const char *text);
void akt_show_number(struct akt_buf *b, const char *key, uint64_t n);
/* "<counter#12>", or null for none. */
void akt_show_pid(struct akt_buf *b, const char *key, struct akt_node *node,
                  akt_pid pid);
/* An array of the MessagePack values that stand one behind the other; it
 * ends with "..." when there are more than about `max` bytes of text. */
void akt_show_values(struct akt_buf *b, const char *bytes, size_t len,
                     size_t max);
/* The same for the first value alone, not in an array; null for none. */
void akt_show_value(struct akt_buf *b, const char *bytes, size_t len,
                    size_t max);

#endif
