/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"
#include "vm/reason.h"

START_TEST(a_plain_reason_is_its_word)
{
    for (int code = 0; code < AKT_CODE_COUNT; code++) {
        struct akt_reason *r = akt_reason_of((enum akt_code)code);
        const char *word = akt_code_name((enum akt_code)code);
        ck_assert_int_eq(r->code, code);
        ck_assert_uint_eq(r->len, strlen(word) + 1);
        ck_assert_uint_le(strlen(word), 31); /* a fixstr */
        ck_assert_uint_eq((unsigned char)r->bytes[0], 0xa0 | strlen(word));
        ck_assert_mem_eq(r->bytes + 1, word, strlen(word));
    }
    ck_assert_str_eq(akt_code_name(AKT_NOPROC), "noproc");
}
END_TEST

START_TEST(plain_reasons_are_not_counted)
{
    int64_t before = akt_alloc_total();
    struct akt_reason *r = akt_reason_of(AKT_KILLED);
    for (int i = 0; i < 10; i++)
        akt_reason_unref(r);
    ck_assert_ptr_eq(akt_reason_ref(r), r);
    ck_assert_ptr_eq(akt_reason_of(AKT_KILLED), r);
    ck_assert_int_eq(r->code, AKT_KILLED);
    ck_assert_int_eq(akt_alloc_total(), before);
    akt_reason_unref(NULL);
}
END_TEST

START_TEST(the_last_reference_frees)
{
    int64_t before = akt_alloc_total();
    char bytes[] = "\xa3oops";
    struct akt_reason *r = akt_reason_make(AKT_CRASH, bytes, 4);
    bytes[1] = 'x'; /* it has a copy */
    ck_assert_mem_eq(r->bytes, "\xa3oop", 4);
    akt_reason_ref(r);
    akt_reason_unref(r);
    ck_assert_int_gt(akt_alloc_total(), before);
    akt_reason_unref(r);
    ck_assert_int_eq(akt_alloc_total(), before);
}
END_TEST

START_TEST(a_code_is_found_by_its_word)
{
    for (int i = 0; i < AKT_CODE_COUNT; i++) {
        const char *word = akt_code_name((enum akt_code)i);
        ck_assert_int_eq(akt_code_find(word, strlen(word)), i);
        ck_assert_int_eq(akt_code_find(word, strlen(word) - 1), AKT_CODE_COUNT);
    }
    ck_assert_int_eq(akt_code_find("", 0), AKT_CODE_COUNT);
    ck_assert_int_eq(akt_code_find("worked", 6), AKT_CODE_COUNT);
}
END_TEST

CHECK_MAIN("reason", a_code_is_found_by_its_word, a_plain_reason_is_its_word,
           plain_reasons_are_not_counted, the_last_reference_frees)
