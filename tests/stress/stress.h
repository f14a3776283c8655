/* SPDX-License-Identifier: MIT
 *
 * tests/stress/stress.h: what stress programs share. They take how much they
 * do as their only argument (a factor in percent), and are cut off when they
 * hang.
 */
#ifndef AKT_TESTS_STRESS_H
#define AKT_TESTS_STRESS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STRESS_SECONDS 90

#define STRESS_CHECK(cond)                                             \
    do {                                                               \
        if (!(cond)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
            abort();                                                   \
        }                                                              \
    } while (0)

static inline uint32_t stress_amount(int argc, char **argv, uint32_t usual)
{
    alarm(STRESS_SECONDS);
    uint64_t percent = argc > 1 ? strtoull(argv[1], NULL, 0) : 100;
#if defined(__SANITIZE_THREAD__)
    percent = argc > 1 ? percent : 20; /* it is slow there */
#endif
    return (uint32_t)(usual * percent / 100);
}

#endif
