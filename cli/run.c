/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lua/program.h"
#include "vm/base/buf.h"
#include "vm/tape.h"

static int complain(const char *path, const char *why)
{
    fprintf(stderr, "aktvm: cannot run %s: %s\n", path, why);
    return CLI_FAILED;
}

static int read_script(const char *path, struct akt_buf *text)
{
    struct stat st;
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!f)
        return complain(path, strerror(errno));
    if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
        fclose(f);
        return complain(path, "it is a directory");
    }
    size_t n;
    do {
        n = fread(akt_buf_reserve(text, 65536), 1, 65536, f);
        text->len += n;
    } while (n > 0);
    bool failed = ferror(f);
    if (f != stdin)
        fclose(f);
    return failed ? complain(path, strerror(errno)) : CLI_OK;
}

static int run_recorded(const struct cli_options *o, struct akt_program *p)
{
    const char *error;
    if (!o->record)
        return akt_program_run(p);
    p->config.recording =
        akt_recording_create(o->record, o->record_bytes, &error);
    if (!p->config.recording) {
        fprintf(stderr, "aktvm: cannot record to %s: %s\n", o->record, error);
        return CLI_FAILED;
    }
    int code = akt_program_run(p);
    akt_recording_end(p->config.recording, code);
    akt_recording_close(p->config.recording);
    return code;
}

int cli_run(const struct cli_options *o)
{
    struct akt_buf text = AKT_BUF_INIT;
    if (o->code)
        akt_buf_puts(&text, o->code);
    else if (read_script(o->path, &text) != CLI_OK)
        return CLI_FAILED;
    struct akt_program program = {
        .config = o->config,
        .path = o->path,
        .text = akt_buf_cstr(&text),
        .len = text.len,
        .argc = o->argc,
        .argv = o->argv,
        .crash_reports = o->crash_reports,
        .log_level = o->log_level,
        .beside = o->beside,
        .log_format = o->log_format,
        .json_reports = o->json_reports,
        .otlp = o->otlp,
        .admin = o->admin,
        .watch = o->watch,
    };
    struct akt_network_config network = o->network;
    network.connect = o->connect;
    if (cli_has_network(o))
        program.network = &network;
    int code = run_recorded(o, &program);
    akt_buf_fini(&text);
    return code;
}

int cli_cmd_run(const struct cli_command *self, int argc, char **argv)
{
    struct cli_options o = {0};
    if (cli_options_help(self, argc, argv))
        return CLI_OK;
    if (!cli_take_options(&o, argc, argv))
        return CLI_USAGE;
    if (o.timeout_ms)
        return cli_usage("%s", "run: --timeout is for repl and attach");
    if (o.bench.given)
        return cli_usage("run: %s is for bench", o.bench.given);
    if (o.record && (o.config.simulated || o.watch))
        return cli_usage("run: --record is not for %s",
                         o.watch ? "--watch" : "--sim, which has a seed");
    const char *fault = cli_network_fault(&o);
    if (fault)
        return cli_usage("run: %s", fault);
    if (!o.code && !o.path)
        return cli_usage("%s", "no program given");
    return cli_run(&o);
}
