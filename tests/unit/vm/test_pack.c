/* SPDX-License-Identifier: MIT */
#include "tests/unit/check_main.h"
#include "vm/pack.h"

static size_t skip(const char *bytes, size_t len)
{
    return akt_pack_skip(bytes, len);
}

START_TEST(every_form_is_skipped_whole_or_not_at_all)
{
    static const struct {
        const char *bytes;
        size_t len;
    } values[] = {
        {"\x05", 1},
        {"\xff", 1},
        {"\xc0", 1},
        {"\xc2", 1},
        {"\xa3one", 4},
        {"\x92\x01\xa1x", 4},
        {"\x81\xa1k\x93\x01\x02\x03", 7},
        {"\x80", 1},
        {"\x90", 1},
        {"\xc4\x02xy", 4},
        {"\xc5\0\x01x", 4},
        {"\xc6\0\0\0\x01x", 6},
        {"\xc7\x02\x01xy", 5},
        {"\xc8\0\x01\x01x", 5},
        {"\xc9\0\0\0\x01\x01x", 7},
        {"\xca....", 5},
        {"\xcb........", 9},
        {"\xcc.", 2},
        {"\xcd..", 3},
        {"\xce....", 5},
        {"\xcf........", 9},
        {"\xd0.", 2},
        {"\xd1..", 3},
        {"\xd2....", 5},
        {"\xd3........", 9},
        {"\xd4\x01.", 3},
        {"\xd5\x01..", 4},
        {"\xd6\x01....", 6},
        {"\xd7\x01........", 10},
        {"\xd8\x01................", 18},
        {"\xd9\x02xy", 4},
        {"\xda\0\x01x", 4},
        {"\xdb\0\0\0\x01x", 6},
        {"\xdc\0\x02\x01\x02", 5},
        {"\xdd\0\0\0\x01\x07", 6},
        {"\xde\0\x01\x01\x02", 5},
        {"\xdf\0\0\0\x01\x01\x02", 7},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        ck_assert_uint_eq(skip(values[i].bytes, values[i].len), values[i].len);
        for (size_t cut = 0; cut < values[i].len; cut++)
            ck_assert_uint_eq(skip(values[i].bytes, cut), 0);
    }
    ck_assert_uint_eq(skip("\x05\x06", 2), 1);
}
END_TEST

START_TEST(announced_lengths_are_not_believed)
{
    ck_assert_uint_eq(skip("\xc1", 1), 0);
    ck_assert_uint_eq(skip("\xdb\xff\xff\xff\xffx", 6), 0);
    ck_assert_uint_eq(skip("\xdf\xff\xff\xff\xff\x01\x02", 7), 0);
    ck_assert_uint_eq(skip("\xdd\xff\xff\xff\xff\x01", 6), 0);
    char deep[5000];
    memset(deep, '\x91', sizeof deep); /* lists in lists, no end */
    ck_assert_uint_eq(skip(deep, sizeof deep), 0);
}
END_TEST

START_TEST(an_array_takes_what_fits_whole)
{
    struct akt_buf b = AKT_BUF_INIT;
    ck_assert(akt_pack_array_of(&b, "\x01\xa2xy\x02", 5, 5));
    ck_assert_uint_eq(b.len, 8);
    ck_assert_int_eq(memcmp(b.data, "\xdc\0\x03\x01\xa2xy\x02", 8), 0);
    b.len = 0;
    ck_assert(!akt_pack_array_of(&b, "\x01\xa2xy\x02", 5, 3));
    ck_assert_int_eq(memcmp(b.data, "\xdc\0\x01\x01", 4), 0);
    b.len = 0;
    ck_assert(akt_pack_array_of(&b, "", 0, 3));
    ck_assert_int_eq(memcmp(b.data, "\xdc\0\0", 3), 0);
    akt_buf_fini(&b);
}
END_TEST

START_TEST(what_is_written_is_one_value)
{
    struct akt_buf b = AKT_BUF_INIT;
    char text[600];
    memset(text, 'x', sizeof text);
    struct akt_pack_map m = akt_pack_map_begin(&b);
    for (size_t len = 0; len < sizeof text; len += 31) {
        akt_pack_key(&m, "k");
        akt_pack_string(&b, text, len);
        akt_pack_field_number(&m, "n", (uint64_t)1 << len / 10);
    }
    akt_pack_field(&m, "none", NULL);
    akt_pack_field_pid(&m, "none", AKT_PID_NONE);
    akt_pack_field_pid(&m, "pid", (akt_pid){7});
    akt_pack_key(&m, "d");
    akt_pack_double(&b, 1.5);
    akt_pack_map_end(&m);
    ck_assert_uint_eq(skip(b.data, b.len), b.len);
    ck_assert_uint_eq((unsigned char)b.data[2], 2 * 20 + 2);
    akt_buf_fini(&b);
}
END_TEST

CHECK_MAIN("pack", every_form_is_skipped_whole_or_not_at_all,
           announced_lengths_are_not_believed, an_array_takes_what_fits_whole,
           what_is_written_is_one_value)
