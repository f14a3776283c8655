/* SPDX-License-Identifier: MIT
 *
 * cli/cmd_pki.c: `aktvm pki`: the files around net/pki.h. A key is written
 * before its certificate, both are whole or not there, and none is replaced
 * that was not meant to be.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "net/pki.h"

#define DAY_S 86400
#define SKEW_S 3600 /* clocks of nodes may be that late */
#define TEXT 512

struct order {
    const char *dir, *name, *cluster, *days;
    struct cli_values roles;
    bool force;
    int64_t days_n;
};

static int fail(const char *path, const char *why)
{
    fprintf(stderr, "aktvm pki: %s%s%s\n", path, *path ? ": " : "", why);
    return CLI_FAILED;
}

/* ---- files ---- */

struct file {
    char path[PATH_MAX], temporary[PATH_MAX];
    const struct akt_buf *bytes;
    mode_t mode;
};

/* DIR/NAME and the ending; false: too long. */
static bool name_file(struct file *f, const struct order *o, const char *name,
                      const char *ending)
{
    int n = snprintf(f->path, sizeof f->path, "%s/%s%s", o->dir, name, ending);
    int m = snprintf(f->temporary, sizeof f->temporary, "%s/.%s%s.%ld", o->dir,
                     name, ending, (long)getpid());
    return n < PATH_MAX && m < PATH_MAX;
}

static bool write_all(int fd, const struct akt_buf *b)
{
    for (size_t at = 0; at < b->len;) {
        ssize_t n = write(fd, b->data + at, b->len - at);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) == 0;
}

/* Under its temporary name. */
static bool stage(const struct file *f)
{
    int fd =
        open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
             f->mode);
    if (fd < 0)
        return false;
    bool ok = write_all(fd, f->bytes);
    int e = errno;
    close(fd);
    errno = e;
    return ok;
}

/* Under its own name: link fails where there is one already. */
static bool commit(const struct file *f, bool force)
{
    return force ? rename(f->temporary, f->path) == 0
                 : link(f->temporary, f->path) == 0;
}

static int write_files(const struct file *files, int n, bool force)
{
    const struct file *f;
    int code = CLI_OK;
    for (f = files; f < files + n && code == CLI_OK; f++)
        if (!force && access(f->path, F_OK) == 0)
            code = fail(f->path, "is there already (--force replaces it)");
        else if (!stage(f))
            code = fail(f->temporary, strerror(errno));
    for (f = files; f < files + n && code == CLI_OK; f++)
        if (!commit(f, force))
            code = fail(f->path, strerror(errno));
    for (f = files; f < files + n; f++)
        unlink(f->temporary);
    return code;
}

/* The key and the certificate NAME.key and NAME.pem. */
static int write_pem(const struct order *o, const char *name,
                     const struct akt_pki_pem *pem)
{
    struct file files[2] = {{.bytes = &pem->key, .mode = 0600},
                            {.bytes = &pem->cert, .mode = 0644}};
    if (!name_file(&files[0], o, name, ".key") ||
        !name_file(&files[1], o, name, ".pem"))
        return fail(o->dir, "is too long");
    return write_files(files, 2, o->force);
}

static int read_ca(const struct order *o, struct akt_pki_pem *ca)
{
    char text[TEXT];
    struct akt_key_error e = {text, sizeof text};
    struct file cert, key;
    if (!name_file(&cert, o, "ca", ".pem") || !name_file(&key, o, "ca", ".key"))
        return fail(o->dir, "is too long");
    if (akt_key_file_read(cert.path, false, &ca->cert, &e) &&
        akt_key_file_read(key.path, true, &ca->key, &e))
        return CLI_OK;
    return fail("", text);
}

/* ---- init, issue ---- */

static struct akt_pki_request request(const struct order *o, const char *name)
{
    int64_t now = time(NULL);
    return (struct akt_pki_request){name, o->roles.of, (size_t)o->roles.len,
                                    now - SKEW_S, now + o->days_n * DAY_S};
}

static void tell(const struct order *o, const char *name, const char *what,
                 int64_t until_s)
{
    char date[16];
    struct tm tm;
    time_t until = (time_t)until_s;
    strftime(date, sizeof date, "%Y-%m-%d", gmtime_r(&until, &tm));
    printf("%s/%s.pem  %s, until %s\n", o->dir, name, what, date);
    printf("%s/%s.key  its key\n", o->dir, name);
}

static int init(const struct order *o)
{
    char text[TEXT];
    struct akt_pki_pem pem = {AKT_BUF_INIT, AKT_BUF_INIT};
    struct akt_pki_request r = request(o, o->cluster);
    if (!akt_pki_make_ca(&r, &pem, &(struct akt_key_error){text, sizeof text}))
        return fail("", text);
    int code = CLI_OK;
    if (mkdir(o->dir, 0700) != 0 && errno != EEXIST)
        code = fail(o->dir, strerror(errno));
    else
        code = write_pem(o, "ca", &pem);
    if (code == CLI_OK)
        tell(o, "ca", "the authority, for all nodes", r.until_s);
    akt_pki_pem_fini(&pem);
    return code;
}

static int issue(const struct order *o)
{
    char text[TEXT];
    struct akt_pki_pem ca = {AKT_BUF_INIT, AKT_BUF_INIT};
    struct akt_pki_pem pem = {AKT_BUF_INIT, AKT_BUF_INIT};
    struct akt_pki_request r = request(o, o->name);
    int code = read_ca(o, &ca);
    if (code == CLI_OK &&
        !akt_pki_issue(&ca, &r, &pem,
                       &(struct akt_key_error){text, sizeof text}))
        code = fail("", text);
    if (code == CLI_OK)
        code = write_pem(o, o->name, &pem);
    if (code == CLI_OK)
        tell(o, o->name, "the certificate", r.until_s);
    akt_pki_pem_fini(&ca);
    akt_pki_pem_fini(&pem);
    return code;
}

/* ---- the command ---- */

static int usage(const char *what)
{
    fprintf(stderr, "aktvm pki: %s\ntry 'aktvm pki --help'\n", what);
    return CLI_USAGE;
}

static bool read_days(struct order *o, int64_t usual)
{
    char *end;
    o->days_n = usual;
    if (!o->days)
        return true;
    errno = 0;
    o->days_n = strtoll(o->days, &end, 10);
    return !*end && end != o->days && !errno && o->days_n > 0 &&
           o->days_n <= AKT_PKI_DAYS_MAX;
}

static int run_init(struct order *o, const char *dir)
{
    if (!o->cluster)
        return usage("missing: --cluster NAME");
    if (o->dir || o->roles.len)
        return usage("init takes DIR, --cluster, --days and --force");
    if (!read_days(o, AKT_PKI_CA_DAYS))
        return usage("--days is 1 to 36500");
    o->dir = dir;
    return init(o);
}

static int run_issue(struct order *o, const char *node)
{
    if (!o->dir)
        return usage("missing: --dir DIR");
    if (o->cluster)
        return usage("the cluster of a node is that of its authority");
    if (strcmp(node, "ca") == 0)
        return usage("a node cannot be named 'ca': its files are taken");
    if (!read_days(o, AKT_PKI_NODE_DAYS))
        return usage("--days is 1 to 36500");
    o->name = node;
    return issue(o);
}

int cli_cmd_pki(const struct cli_command *self, int argc, char **argv)
{
    struct order o = {0};
    struct cli_words words;
    int code;
    const struct cli_flag flags[] = {{"--dir", &o.dir},
                                     {"--cluster", &o.cluster},
                                     {"--days", &o.days},
                                     {"--force", NULL, &o.force},
                                     {"--role", .values = &o.roles},
                                     {NULL}};
    if (!cli_parse(self, argc, argv, flags, 2, 2, &words, &code))
        return code;
    if (strcmp(words.words[0], "init") == 0)
        return run_init(&o, words.words[1]);
    if (strcmp(words.words[0], "issue") == 0)
        return run_issue(&o, words.words[1]);
    return usage("it is 'init' or 'issue'");
}
