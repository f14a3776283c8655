/* SPDX-License-Identifier: MIT
 *
 * cli/show.h: answers of a node as text for people.
 */
#ifndef AKT_CLI_SHOW_H
#define AKT_CLI_SHOW_H

#include <jansson.h>

#include "cli/table.h"

json_int_t cli_int(json_t *object, const char *key);   /* 0: none */
double cli_real(json_t *object, const char *key);      /* 0: none */
const char *cli_text(json_t *object, const char *key); /* "": none */
/* <counter#12 "name"> */
void cli_show_name(json_t *row, struct akt_buf *out);
/* The table of ps and top; max_width 0: any. */
void cli_show_actors(json_t *actors, struct akt_buf *out, size_t max_width,
                     bool bold);
/* Any value: a field per line, what is inside further to the right. */
void cli_show_value(json_t *value, struct akt_buf *out, int indent);
void cli_pause_ms(int ms);

#endif
