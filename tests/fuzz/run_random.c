/* SPDX-License-Identifier: MIT
 *
 * tests/fuzz/run_random.c: runs a fuzz target without a fuzzer, on inputs
 * drawn from a seed and on those of a folder, so that targets are built and
 * run by every test. The same targets run under libFuzzer (tests/README.md).
 *
 * usage: fuzz_x [RUNS [SEED [FOLDER]]]       no such folder: no such inputs
 */
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/base/random.h"

#define INPUT_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool run_file(const char *path)
{
    static uint8_t input[1 << 16];
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    size_t size = fread(input, 1, sizeof input, f);
    fclose(f);
    LLVMFuzzerTestOneInput(input, size);
    return true;
}

static int run_folder(const char *folder)
{
    int n = 0;
    char path[PATH_MAX];
    DIR *d = opendir(folder);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        n += run_file(path);
    }
    if (d)
        closedir(d);
    return n;
}

int main(int argc, char **argv)
{
    long runs = argc > 1 ? atol(argv[1]) : 20000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    struct akt_random random;
    akt_random_seed(&random, seed);
    for (long i = 0; i < runs; i++) {
        uint8_t input[INPUT_MAX];
        size_t size = akt_random_below(&random, sizeof input);
        /* few different bytes make more that is nearly right */
        uint64_t range = akt_random_below(&random, 2) ? 256 : 12;
        uint64_t base = akt_random_below(&random, 257 - range);
        for (size_t k = 0; k < size; k++)
            input[k] = (uint8_t)(base + akt_random_below(&random, range));
        LLVMFuzzerTestOneInput(input, size);
    }
    int kept = argc > 3 ? run_folder(argv[3]) : 0;
    printf("%ld inputs, seed %llu, and %d that are kept\n", runs,
           (unsigned long long)seed, kept);
    return 0;
}
