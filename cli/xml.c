/* SPDX-License-Identifier: MIT */
#include "cli/xml.h"

#include <stdbool.h>

#include "vm/base/log_line.h"

void cli_put_xml(FILE *out, const char *s, size_t len)
{
    bool utf8 = akt_log_is_utf8(s, len);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        bool none = (c < ' ' && c != '\t' && c != '\n') || c == 127 ||
                    (c >= 128 && !utf8);
        /* U+FFFE and U+FFFF are UTF-8 but no characters */
        if (utf8 && len - i >= 3 && c == 0xef &&
            (unsigned char)s[i + 1] == 0xbf && (unsigned char)s[i + 2] >= 0xbe)
            none = true, i += 2;
        if (none)
            fputc('?', out);
        else if (c == '&')
            fputs("&amp;", out);
        else if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else if (c == '\n')
            fputs("&#10;", out);
        else
            fputc(c, out);
    }
}
