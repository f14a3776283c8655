/* SPDX-License-Identifier: MIT
 *
 * tests/fuzz/check.h: what must hold for every input; else the target ends, so
 * that a fuzzer keeps the input. assert may be off in a fuzzer's build.
 */
#ifndef AKT_TESTS_FUZZ_CHECK_H
#define AKT_TESTS_FUZZ_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                    \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                        \
        }                                                                   \
    } while (0)

#endif
