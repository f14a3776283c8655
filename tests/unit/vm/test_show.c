/* SPDX-License-Identifier: MIT */
#include <stdbool.h>

#include "tests/unit/check_main.h"
#include "vm/base/buf.h"
#include "vm/base/random.h"
#include "vm/show.h"

static struct akt_buf out;

static const char *values(const char *bytes, size_t len, size_t max)
{
    out.len = 0;
    akt_show_values(&out, bytes, len, max);
    return akt_buf_cstr(&out);
}

#define VALUES(bytes) values(bytes, sizeof bytes - 1, 1000)

START_TEST(plain_values)
{
    ck_assert_str_eq(VALUES("\xa3inc\x05\xff\xc0\xc3\xc2"),
                     "[\"inc\",5,-1,null,true,false]");
    ck_assert_str_eq(VALUES("\xcd\x01\x00\xd1\xff\x00\xcf\xff\xff\xff\xff\xff"
                            "\xff\xff\xff\xd3\x80\0\0\0\0\0\0\0"),
                     "[256,-256,18446744073709551615,-9223372036854775808]");
    ck_assert_str_eq(VALUES("\xcb\x3f\xf8\0\0\0\0\0\0\xcb\x7f\xf0\0\0\0\0\0\0"),
                     "[1.5,\"inf\"]");
    ck_assert_str_eq(VALUES(""), "[]");
}
END_TEST

START_TEST(tables)
{
    ck_assert_str_eq(VALUES("\x82\xa1"
                            "a\x92\x01\x02\x07\x80"),
                     "[{\"a\":[1,2],\"7\":{}}]");
    ck_assert_str_eq(VALUES("\x81\x91\x01\x02"), "[{\"[1]\":2}]");
}
END_TEST

START_TEST(pids)
{
    ck_assert_str_eq(VALUES("\xd7\x01\0\x01\0\0\x03\0\0\0"), "[\"<#12>\"]");
    ck_assert_str_eq(VALUES("\xd4\x05x"), "[\"<ext 5>\"]");
}
END_TEST

START_TEST(bytes_that_are_no_text)
{
    ck_assert_str_eq(VALUES("\xa5\xff\"\\\n\x01"),
                     "[\"\\\\xff\\\"\\\\\\n\\u0001\"]");
    ck_assert_str_eq(VALUES("\xa4\xc3\xa9\xc3."), "[\"\xc3\xa9\\\\xc3.\"]");
    ck_assert_str_eq(VALUES("\xa3\xed\xa0\x80"), /* a surrogate */
                     "[\"\\\\xed\\\\xa0\\\\x80\"]");
}
END_TEST

START_TEST(cut_bytes)
{
    ck_assert_str_eq(VALUES("\xa9too"), "[\"too...\"]");
    ck_assert_str_eq(VALUES("\x93\x01"), "[[1,\"...\"]]");
    ck_assert_str_eq(VALUES("\x82\xa1k"), "[{\"k\":\"...\"}]");
    ck_assert_str_eq(VALUES("\xdd\xff\xff\xff\xff\x01"), "[[1,\"...\"]]");
    ck_assert_str_eq(VALUES("\xcd\x01"), "[\"...\"]");
}
END_TEST

START_TEST(limits)
{
    char deep[100];
    memset(deep, 0x91, sizeof deep);
    ck_assert_str_eq(values(deep, sizeof deep, 1000),
                     "[[[[[[[[[\"...\"]]]]]]]]]");
    char many[5000];
    memset(many, 1, sizeof many);
    ck_assert_uint_lt(strlen(values(many, sizeof many, 100)), 120);
    char text[3000] = "\xda\x0b\x00";
    memset(text + 3, 'x', sizeof text - 3);
    ck_assert_uint_lt(strlen(values(text, sizeof text, 100)),
                      AKT_SHOW_STRING + 20);
}
END_TEST

/* ---- whatever the bytes are, it is JSON: a checker of ten lines each ---- */

static bool json(const char **p);

static bool json_string(const char **p)
{
    if (*(*p)++ != '"')
        return false;
    while (**p != '"') {
        unsigned char c = (unsigned char)*(*p)++;
        if (c < ' ')
            return false;
        if (c == '\\' && !strchr("\"\\ntu", *(*p)++))
            return false;
    }
    (*p)++;
    return true;
}

static bool json_items(const char **p, char close, bool keys)
{
    (*p)++;
    while (**p != close) {
        if (keys && (!json_string(p) || *(*p)++ != ':'))
            return false;
        if (!json(p))
            return false;
        if (**p == ',' && (*p)[1] != close)
            (*p)++;
        else if (**p != close)
            return false;
    }
    (*p)++;
    return true;
}

static bool json(const char **p)
{
    if (**p == '[')
        return json_items(p, ']', false);
    if (**p == '{')
        return json_items(p, '}', true);
    if (**p == '"')
        return json_string(p);
    size_t n = strspn(*p, "0123456789+-.eE");
    if (n == 0)
        n = strspn(*p, "truefalsn");
    *p += n;
    return n > 0;
}

START_TEST(any_bytes_give_json)
{
    struct akt_random rng;
    akt_random_seed(&rng, 1);
    for (int round = 0; round < 50000; round++) {
        char bytes[64];
        size_t len = akt_random_below(&rng, sizeof bytes);
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)akt_random_below(&rng, 256);
        const char *text = values(bytes, len, 200), *p = text;
        ck_assert_msg(json(&p) && *p == 0, "%s", text);
    }
    akt_buf_fini(&out);
}
END_TEST

CHECK_MAIN("show", plain_values, tables, pids, bytes_that_are_no_text,
           cut_bytes, limits, any_bytes_give_json)
