/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lua/program.h"
#include "vm/base/buf.h"

/* 0: read, else the errno of what went wrong. */
static int read_file(const char *path, struct akt_buf *text)
{
    struct stat st;
    FILE *f = fopen(path, "rb");
    if (!f)
        return errno;
    if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
        fclose(f);
        return EISDIR;
    }
    size_t n;
    do {
        n = fread(akt_buf_reserve(text, 65536), 1, 65536, f);
        text->len += n;
    } while (n > 0);
    fclose(f);
    return 0;
}

static int check_one(const char *path)
{
    struct akt_buf text = AKT_BUF_INIT;
    int error = read_file(path, &text);
    int findings = 1;
    if (error)
        fprintf(stderr, "%s: %s\n", path, strerror(error));
    else
        findings = akt_program_check(path, akt_buf_cstr(&text), text.len);
    akt_buf_fini(&text);
    return findings;
}

int cli_check(int argc, char **argv)
{
    if (argc == 0)
        return cli_usage("%s", "check: no file given");
    int findings = 0;
    for (int i = 0; i < argc; i++)
        findings += check_one(argv[i]);
    return findings ? CLI_FAILED : CLI_OK;
}
