/* SPDX-License-Identifier: MIT
 *
 * cli/flame.h: a flame graph as one static SVG file: each box is a function,
 * as wide as the samples in it and in what it called; what it called stands on
 * top of it. A box names itself when the pointer rests on it.
 */
#ifndef AKT_CLI_FLAME_H
#define AKT_CLI_FLAME_H

#include <stdio.h>

/* `folded`: lines of frames, outermost first, with ';' between them, a space
 * and a count. Other lines are left out. `title` stands above. */
void cli_flame_write(FILE *out, const char *folded, const char *title);

#endif
