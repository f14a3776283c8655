/* SPDX-License-Identifier: MIT
 *
 * Shared data from bytes, good and bad. What scripts see: tests/lua/shared.
 */
#include <string.h>

#include "lua/shared.h"
#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"
#include "vm/base/random.h"

static struct akt_shared_error error;

static struct akt_shared *build(const char *bytes, size_t len)
{
    return akt_shared_build(bytes, len, 12345, SIZE_MAX, &error);
}

#define BUILD(text) build(text, sizeof text - 1)

static const struct akt_shared_value *at(const struct akt_shared *s,
                                         const char *key)
{
    return akt_shared_find_string(s, akt_shared_table(s, &s->root), key,
                                  strlen(key));
}

START_TEST(keys_are_found)
{
    /* { a = 1, bb = -1, [5] = true } */
    struct akt_shared *s = BUILD("\x83\xa1"
                                 "a\x01\xa2"
                                 "bb\xff\x05\xc3");
    ck_assert_ptr_nonnull(s);
    ck_assert_int_eq(at(s, "a")->integer, 1);
    ck_assert_int_eq(at(s, "bb")->integer, -1);
    ck_assert_ptr_null(at(s, "b"));
    ck_assert_ptr_null(at(s, ""));
    struct akt_shared_value key = {.type = AKT_SHARED_INTEGER};
    key.integer = 5;
    ck_assert_int_eq(
        akt_shared_find(s, akt_shared_table(s, &s->root), &key)->type,
        AKT_SHARED_TRUE);
    akt_shared_unref(s);
}
END_TEST

START_TEST(malformed_bytes_are_refused)
{
    static const char *const bad[] = {"\x93\x01\x02",
                                      "\xc1",
                                      "\xa5"
                                      "ab",
                                      "\xdd\xff\xff\xff\xff",
                                      "\xd7\x09"
                                      "12345678",
                                      "\x81\x80\x01",
                                      "\x01\x01",
                                      "\xcb\x01"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_ptr_null(build(bad[i], strlen(bad[i])));
    ck_assert_ptr_null(build("", 0));
    char deep[200];
    memset(deep, '\x91', sizeof deep);
    ck_assert_ptr_null(build(deep, sizeof deep));
}
END_TEST

START_TEST(there_must_be_room)
{
    ck_assert_ptr_null(akt_shared_build("\x91\x01", 2, 1, 10, &error));
    ck_assert_str_eq(error.code, "limit");
}
END_TEST

static void look_everywhere(const struct akt_shared *s,
                            const struct akt_shared_value *v)
{
    size_t len;
    if (v->type == AKT_SHARED_SHORT || v->type == AKT_SHARED_LONG) {
        const char *p = akt_shared_string(s, v, &len);
        volatile char sum = 0;
        for (size_t i = 0; i < len; i++)
            sum = (char)(sum ^ p[i]);
    }
    if (v->type != AKT_SHARED_TABLE)
        return;
    const struct akt_shared_table *t = akt_shared_table(s, v);
    for (uint32_t i = 0; i < t->array_len; i++)
        look_everywhere(s, akt_shared_item(t, i));
    for (uint32_t i = 0; i < t->map_len; i++) {
        const struct akt_shared_entry *e = akt_shared_entry(t, i);
        look_everywhere(s, &e->key);
        look_everywhere(s, &e->value);
        akt_shared_find(s, t, &e->key);
    }
}

START_TEST(random_bytes_do_no_harm)
{
    struct akt_random r;
    int64_t before = akt_alloc_total();
    int built = 0;
    akt_random_seed(&r, 9);
    for (int i = 0; i < 60000; i++) {
        char bytes[64];
        size_t len = 1 + akt_random_below(&r, sizeof bytes - 1);
        for (size_t k = 0; k < len; k++) {
            uint64_t byte = akt_random_next(&r);
            /* small tables and numbers more often than not */
            bytes[k] = (char)(byte >> 40 & 1 ? byte & 0x9f : byte);
        }
        struct akt_shared *s = build(bytes, len);
        if (s)
            look_everywhere(s, &s->root);
        built += s != NULL;
        akt_shared_unref(s);
    }
    ck_assert_int_gt(built, 50);
    ck_assert_int_eq(akt_alloc_total(), before);
}
END_TEST

START_TEST(names_hold_references)
{
    struct akt_shareds r;
    int64_t before = akt_alloc_total();
    akt_shareds_init(&r);
    struct akt_shared *one = BUILD("\x91\x01"), *two = BUILD("\x91\x02");
    ck_assert(akt_shareds_put(&r, "x", one));
    struct akt_shared *held = akt_shareds_get(&r, "x");
    ck_assert_ptr_eq(held, one);
    ck_assert(akt_shareds_put(&r, "x", two));
    ck_assert(atomic_load(&held->replaced));
    ck_assert_int_eq(
        akt_shared_item(akt_shared_table(held, &held->root), 0)->integer, 1);
    akt_shared_unref(held);
    ck_assert(akt_shareds_put(&r, "x", NULL));
    ck_assert_ptr_null(akt_shareds_get(&r, "x"));
    ck_assert(akt_shareds_put(&r, "y", BUILD("\x91\x02")));
    akt_shareds_fini(&r);
    ck_assert_int_eq(akt_alloc_total(), before);
}
END_TEST

CHECK_MAIN("shared", keys_are_found, malformed_bytes_are_refused,
           there_must_be_room, random_bytes_do_no_harm, names_hold_references)
