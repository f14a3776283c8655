/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/program.h"
#include "vm/base/alloc.h"
#include "vm/tape.h"

static int complain(const char *path, const char *why)
{
    fprintf(stderr, "aktvm: cannot replay %s: %s\n", path, why);
    return CLI_FAILED;
}

/* A text as a string that free() takes; NULL: there is none. */
static char *text_of(struct akt_recording *rec, const char *name, size_t *len)
{
    const char *bytes;
    if (!akt_recording_find(rec, name, &bytes, len))
        return NULL;
    return strndup(bytes, *len);
}

int cli_cmd_replay(const struct cli_command *self, int argc, char **argv)
{
    struct cli_words w;
    int code;
    static const struct cli_flag flags[] = {{0}};
    if (!cli_parse(self, argc, argv, flags, 1, 1, &w, &code))
        return code;
    const char *error = NULL;
    struct akt_recording *rec = akt_recording_open(w.words[0], &error);
    if (!rec)
        return complain(w.words[0], error);
    size_t path_len, len = 0, n;
    char *path = text_of(rec, "path", &path_len);
    char *text = text_of(rec, "script", &len);
    struct akt_program p = {
        .config = {.simulated = true, .recording = rec},
        .path = path,
        .text = text,
        .len = len,
        .crash_reports = akt_recording_find(rec, "crash_reports", &error, &n),
        .admin = "off",
    };
    code = akt_program_run(&p);
    if (akt_recording_fault(rec))
        fprintf(stderr, "aktvm: the replay left the recording: %s\n",
                akt_recording_fault(rec));
    akt_recording_close(rec);
    free(path);
    free(text);
    return code;
}
