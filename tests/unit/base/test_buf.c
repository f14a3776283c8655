/* SPDX-License-Identifier: MIT */
#include "vm/base/buf.h"

#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"

START_TEST(starts_empty_without_memory)
{
    int64_t before = akt_alloc_total();
    struct akt_buf b = AKT_BUF_INIT;
    ck_assert_uint_eq(b.len, 0);
    akt_buf_add(&b, NULL, 0);
    ck_assert_int_eq(akt_alloc_total(), before);
    akt_buf_fini(&b);
}
END_TEST

START_TEST(adds_in_order)
{
    struct akt_buf b;
    akt_buf_init(&b);
    akt_buf_puts(&b, "one ");
    akt_buf_putc(&b, '2');
    akt_buf_add(&b, " three, dropped", 6);
    ck_assert_uint_eq(b.len, 11);
    ck_assert_str_eq(akt_buf_cstr(&b), "one 2 three");
    ck_assert_uint_eq(b.len, 11);
    akt_buf_fini(&b);
}
END_TEST

START_TEST(holds_zero_bytes)
{
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_add(&b, "a\0b", 3);
    ck_assert_uint_eq(b.len, 3);
    ck_assert_mem_eq(b.data, "a\0b", 3);
    akt_buf_fini(&b);
}
END_TEST

START_TEST(grows_to_any_size)
{
    struct akt_buf b = AKT_BUF_INIT;
    for (int i = 0; i < 100000; i++)
        akt_buf_putc(&b, (char)i);
    memset(akt_buf_reserve(&b, 1000000), 'x', 1000000);
    b.len += 1000000;
    ck_assert_uint_eq(b.len, 1100000);
    ck_assert_uint_ge(b.cap, b.len);
    for (int i = 0; i < 100000; i++)
        ck_assert_int_eq(b.data[i], (char)i);
    ck_assert_int_eq(b.data[1099999], 'x');
    akt_buf_fini(&b);
}
END_TEST

START_TEST(printf_appends_without_the_zero_byte)
{
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_printf(&b, "%d-%s", 12, "ab");
    akt_buf_printf(&b, "%s", "");
    akt_buf_printf(&b, "%0100d", 7);
    ck_assert_uint_eq(b.len, 105);
    ck_assert_mem_eq(b.data, "12-ab000", 8);
    ck_assert_int_eq(b.data[104], '7');
    akt_buf_fini(&b);
}
END_TEST

START_TEST(fini_gives_all_memory_back)
{
    int64_t before = akt_alloc_total();
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_reserve(&b, 300000);
    ck_assert_int_gt(akt_alloc_total(), before);
    akt_buf_fini(&b);
    ck_assert_int_eq(akt_alloc_total(), before);
    ck_assert_ptr_null(b.data);
    akt_buf_puts(&b, "usable again");
    akt_buf_fini(&b);
}
END_TEST

CHECK_MAIN("buf", starts_empty_without_memory, adds_in_order, holds_zero_bytes,
           grows_to_any_size, printf_appends_without_the_zero_byte,
           fini_gives_all_memory_back)
