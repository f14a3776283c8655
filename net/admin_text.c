/* SPDX-License-Identifier: MIT
 *
 * net/admin_text.c: bytes of scripts as text for JSON, which is UTF-8 only.
 */
#include "net/admin.h"
#include "vm/base/buf.h"

/* The bytes of the character at s, 0: it is none. */
static size_t character(const unsigned char *s, size_t left)
{
    size_t n = s[0] < 0x80                   ? 1
               : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
               : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
               : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                             : 0;
    if (n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    /* too long, surrogates, over U+10FFFF */
    bool bad = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
               (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f);
    return n > 1 && bad ? 0 : n;
}

json_t *akt_admin_text(const char *s, size_t len)
{
    json_t *plain = json_stringn(s, len);
    if (plain)
        return plain;
    struct akt_buf b = AKT_BUF_INIT;
    for (size_t i = 0; i < len;) {
        size_t n = character((const unsigned char *)s + i, len - i);
        if (n)
            akt_buf_add(&b, s + i, n);
        else
            akt_buf_puts(&b, "\xef\xbf\xbd");
        i += n ? n : 1;
    }
    json_t *text = json_stringn(b.data, b.len);
    akt_buf_fini(&b);
    return text;
}
