/* SPDX-License-Identifier: MIT
 *
 * cli/xml.h: text inside of XML, for flame graphs and JUnit.
 */
#ifndef AKT_CLI_XML_H
#define AKT_CLI_XML_H

#include <stddef.h>
#include <stdio.h>

/* Bytes as text or as an attribute's value; what XML cannot hold is a question
 * mark, and of what is not UTF-8 every byte above 127. */
void cli_put_xml(FILE *out, const char *s, size_t len);

#endif
