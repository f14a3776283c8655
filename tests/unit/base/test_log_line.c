/* SPDX-License-Identifier: MIT */
#include "vm/base/log_line.h"

#include "tests/unit/check_main.h"

#define WALL_NS 1795233126563000000u

static const char *line(enum akt_log_format format, const char *text,
                        const char *value, size_t len)
{
    static struct akt_buf b;
    struct akt_log_head head = {.wall_ns = WALL_NS,
                                .level = AKT_LOG_WARN,
                                .actor = "<a#1>",
                                .kind = "a",
                                .trace = 255,
                                .text = text};
    akt_log_set_format(format, false);
    akt_buf_fini(&b);
    akt_log_begin(&b, &head);
    ck_assert(akt_log_add_key(&b, "k", 1));
    akt_log_add_value(&b, value, len);
    akt_log_end(&b);
    return akt_buf_cstr(&b);
}

#define LINE(format, text, value) line(format, text, value, sizeof value - 1)
#define HEAD_TEXT "2026-11-21T03:52:06.563Z warn <a#1> "
#define HEAD_JSON                                                        \
    "{\"time\":\"2026-11-21T03:52:06.563Z\",\"level\":\"warn\","         \
    "\"actor\":\"<a#1>\",\"kind\":\"a\",\"trace\":\"00000000000000ff\"," \
    "\"text\":"

START_TEST(a_plain_line_in_both_formats)
{
    ck_assert_str_eq(LINE(AKT_LOG_TEXT, "saved", "v"), HEAD_TEXT "saved k=v\n");
    ck_assert_str_eq(LINE(AKT_LOG_JSON, "saved", "v"),
                     HEAD_JSON "\"saved\",\"k\":\"v\"}\n");
}
END_TEST

START_TEST(nothing_ends_a_line_or_reaches_the_terminal)
{
    ck_assert_str_eq(LINE(AKT_LOG_TEXT, "a\nb\x1b[0m", "x\r\xc2\x9b"),
                     HEAD_TEXT "a\\nb\\u{1b}[0m k=\"x\\r\\u{9b}\"\n");
    ck_assert_str_eq(LINE(AKT_LOG_JSON, "a\nb\x7f", "\xe2\x80\xa8"),
                     HEAD_JSON "\"a\\nb\\u007f\",\"k\":\"\\u2028\"}\n");
}
END_TEST

START_TEST(bytes_that_are_no_utf8)
{
    /* overlong, a surrogate, beyond the last, cut off, a lone tail */
    ck_assert_str_eq(LINE(AKT_LOG_TEXT, "", "\xc0\xaf"),
                     HEAD_TEXT " k=\"\\xc0\\xaf\"\n");
    ck_assert_str_eq(LINE(AKT_LOG_TEXT, "", "\xed\xa0\x80"),
                     HEAD_TEXT " k=\"\\xed\\xa0\\x80\"\n");
    ck_assert_str_eq(LINE(AKT_LOG_JSON, "", "\xf4\x90\x80\x80"),
                     HEAD_JSON "\"\",\"k\":\"\xef\xbf\xbd\xef\xbf\xbd"
                               "\xef\xbf\xbd\xef\xbf\xbd\"}\n");
    ck_assert_str_eq(LINE(AKT_LOG_JSON, "", "\xe2\x82"),
                     HEAD_JSON "\"\",\"k\":\"\xef\xbf\xbd\xef\xbf\xbd\"}\n");
    ck_assert(akt_log_is_utf8("\xe2\x82\xac\xf0\x9f\x98\x80", 7));
    ck_assert(!akt_log_is_utf8("\x80", 1));
}
END_TEST

START_TEST(a_zero_byte_is_a_character)
{
    ck_assert_str_eq(LINE(AKT_LOG_JSON, "", "a\0b"),
                     HEAD_JSON "\"\",\"k\":\"a\\u0000b\"}\n");
}
END_TEST

START_TEST(a_line_has_an_end)
{
    struct akt_buf b = AKT_BUF_INIT;
    struct akt_log_head head = {.text = "x"};
    char value[3000];
    memset(value, '\n', sizeof value);
    akt_log_set_format(AKT_LOG_JSON, false);
    akt_log_begin(&b, &head);
    int added = 0;
    for (int i = 0; i < 100; i++) {
        if (!akt_log_add_key(&b, "k", 1))
            break;
        akt_log_add_value(&b, value, sizeof value);
        added++;
    }
    akt_log_end(&b);
    ck_assert_int_lt(added, 100);
    ck_assert_uint_lt(b.len, AKT_LOG_LINE + 64);
    akt_buf_fini(&b);
}
END_TEST

CHECK_MAIN("log_line", a_plain_line_in_both_formats,
           nothing_ends_a_line_or_reaches_the_terminal, bytes_that_are_no_utf8,
           a_zero_byte_is_a_character, a_line_has_an_end)
