/* SPDX-License-Identifier: MIT
 *
 * tests/unit/check_main.h: the main of a Check program with one suite.
 *
 *     START_TEST(does_this) { ... } END_TEST
 *
 *     CHECK_MAIN("heap", does_this, does_that)
 */
#ifndef AKT_TESTS_CHECK_MAIN_H
#define AKT_TESTS_CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

#define CHECK_MAIN(name, ...) CHECK_MAIN_FIXTURE(name, NULL, NULL, __VA_ARGS__)

/* `before` and `after` each test; they may be NULL. */
#define CHECK_MAIN_FIXTURE(name, before, after, ...)              \
    int main(void)                                                \
    {                                                             \
        const TTest *const tests[] = {__VA_ARGS__};               \
        TCase *tcase = tcase_create(name);                        \
        tcase_add_checked_fixture(tcase, before, after);          \
        for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) \
            tcase_add_test(tcase, tests[i]);                      \
        Suite *suite = suite_create(name);                        \
        suite_add_tcase(suite, tcase);                            \
        SRunner *runner = srunner_create(suite);                  \
        srunner_run_all(runner, CK_ENV);                          \
        int failed = srunner_ntests_failed(runner);               \
        srunner_free(runner);                                     \
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;              \
    }

#endif
