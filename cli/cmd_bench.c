/* SPDX-License-Identifier: MIT
 *
 * cli/cmd_bench.c: `aktvm bench`. The program that runs is one line, which
 * hands the script and the options to the module akt.bench.
 */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "vm/base/buf.h"

/* As a Lua string, whatever its bytes are. */
static void add_quoted(struct akt_buf *b, const char *text)
{
    akt_buf_putc(b, '"');
    for (; *text; text++)
        akt_buf_printf(b, "\\x%02x", (unsigned char)*text);
    akt_buf_putc(b, '"');
}

static void add_options(struct akt_buf *b, const struct cli_bench *bench)
{
    akt_buf_printf(b, "{ json = %s", bench->json ? "true" : "false");
    if (bench->time > 0)
        akt_buf_printf(b, ", time = %.9g", bench->time);
    if (bench->warm_up > 0)
        akt_buf_printf(b, ", warm_up = %.9g", bench->warm_up);
    if (bench->filter) {
        akt_buf_puts(b, ", filter = ");
        add_quoted(b, bench->filter);
    }
    akt_buf_puts(b, " }");
}

static int run_script(struct cli_options *o)
{
    struct akt_buf code = AKT_BUF_INIT;
    akt_buf_puts(&code, "require(\"akt.bench\").command(");
    add_quoted(&code, o->path);
    akt_buf_puts(&code, ", ");
    add_options(&code, &o->bench);
    akt_buf_puts(&code, ", ...)");
    o->code = akt_buf_cstr(&code);
    int status = cli_run(o);
    akt_buf_fini(&code);
    return status;
}

int cli_cmd_bench(const struct cli_command *self, int argc, char **argv)
{
    struct cli_options o = {0};
    if (cli_options_help(self, argc, argv))
        return CLI_OK;
    if (!cli_take_options(&o, argc, argv))
        return CLI_USAGE;
    if (o.config.simulated)
        return cli_usage("%s", "bench: time stands still with --sim");
    if (o.record || o.watch || o.timeout_ms)
        return cli_usage("bench: no %s here", o.record  ? "--record"
                                              : o.watch ? "--watch"
                                                        : "--timeout");
    if (o.code || !o.path || strcmp(o.path, "-") == 0)
        return cli_usage("%s", "bench: no script file given");
    const char *fault = cli_network_fault(&o);
    if (fault)
        return cli_usage("bench: %s", fault);
    return run_script(&o);
}
