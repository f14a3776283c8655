/* SPDX-License-Identifier: MIT
 *
 * cli/main.c: the command line of aktvm.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"

static const char usage_text[] =
    "usage: aktvm [run] [options] FILE [args...]   run a program\n"
    "       aktvm [options] -e CODE [args...]      run one line\n"
    "       aktvm COMMAND ...                      see below, and 'aktvm "
    "COMMAND --help'\n"
    "\n"
    "options of run, repl and -e (of repl without --sim):\n";

static const char codes_text[] =
    "\n"
    "exit codes: 0 ok, 1 script error or findings, 2 usage, 3 no such node,\n"
    "4 denied, 70 bug in aktvm, 130 and 143 ended by SIGINT and SIGTERM, 141 "
    "nobody reads its output\n";

static int help(void)
{
    fputs(usage_text, stdout);
    fputs(cli_options_text, stdout);
    puts("\n  --help, --version\n\ncommands (a script of such a name is run by "
         "'aktvm run NAME'):");
    cli_command_list();
    fputs(codes_text, stdout);
    return 0;
}

int cli_usage(const char *fmt, const char *what)
{
    if (fmt) {
        fputs("aktvm: ", stderr);
        fprintf(stderr, fmt, what);
        fputs("\ntry 'aktvm --help'\n", stderr);
    }
    return CLI_USAGE;
}

/* What is opened later must not get the number of a closed stdin, stdout or
 * stderr, or a print would go there. */
static void open_standard(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

int main(int argc, char **argv)
{
    open_standard();
    if (argc < 2) {
        fputs(usage_text, stderr);
        fputs(cli_options_text, stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help();
    if (strcmp(argv[1], "--version") == 0) {
        puts("aktvm " AKT_VERSION);
        return 0;
    }
    const struct cli_command *command = cli_command_find(argv[1]);
    if (command)
        return command->run(command, argc - 2, argv + 2);
    return cli_cmd_run(cli_command_find("run"), argc - 1, argv + 1);
}
