/* SPDX-License-Identifier: MIT
 *
 * tests/unit/net/tls_files.h: certificates and secrets that a test makes, in a
 * folder of its own.
 */
#ifndef AKT_TESTS_TLS_FILES_H
#define AKT_TESTS_TLS_FILES_H

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "net/pki.h"

#define DAY_S 86400

static char files_dir[64];

/* A path in the folder; good for the next few calls. */
__attribute__((unused)) static const char *file_path(const char *name)
{
    static char paths[16][128];
    static unsigned next;
    char *path = paths[next++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", files_dir, name);
    return path;
}

__attribute__((unused)) static void files_init(void)
{
    strcpy(files_dir, "/tmp/akt-test-tls-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(files_dir));
}

__attribute__((unused)) static void files_fini(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", files_dir);
    ck_assert_int_eq(system(command), 0);
}

__attribute__((unused)) static const char *
put_file(const char *name, const void *bytes, size_t len, mode_t mode)
{
    const char *path = file_path(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
    return path;
}

__attribute__((unused)) static void put_pem(const char *name,
                                            struct akt_pki_pem *pem)
{
    char file[64];
    snprintf(file, sizeof file, "%s.pem", name);
    put_file(file, pem->cert.data, pem->cert.len, 0644);
    snprintf(file, sizeof file, "%s.key", name);
    put_file(file, pem->key.data, pem->key.len, 0600);
}

/* An authority for years around today. */
__attribute__((unused)) static struct akt_pki_pem make_ca(const char *cluster)
{
    struct akt_pki_pem ca = {AKT_BUF_INIT, AKT_BUF_INIT};
    char text[256] = "";
    int64_t now = time(NULL);
    ck_assert_msg(
        akt_pki_make_ca(&(struct akt_pki_request){.name = cluster,
                                                  .from_s = now - 1000 * DAY_S,
                                                  .until_s = now + 9 * DAY_S},
                        &ca, &(struct akt_key_error){text, sizeof text}),
        "%s", text);
    return ca;
}

/* name.pem and name.key, good from `from` to `until` days from now. */
__attribute__((unused)) static void issue(struct akt_pki_pem *ca,
                                          const char *name, int from, int until)
{
    static const char *const roles[] = {"admin", "worker"};
    struct akt_pki_pem pem = {AKT_BUF_INIT, AKT_BUF_INIT};
    char text[256] = "";
    int64_t now = time(NULL);
    struct akt_pki_request r = {name, roles, 2, now + from * DAY_S,
                                now + until * DAY_S};
    ck_assert_msg(
        akt_pki_issue(ca, &r, &pem, &(struct akt_key_error){text, sizeof text}),
        "%s", text);
    put_pem(name, &pem);
    akt_pki_pem_fini(&pem);
}

#endif
