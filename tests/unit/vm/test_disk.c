/* SPDX-License-Identifier: MIT */
#include "tests/unit/check_main.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm/base/alloc.h"
#include "vm/base/buf.h"
#include "vm/disk.h"

static struct akt_disk *disk;
static char folder[] = "/tmp/akt_test_disk_XXXXXX";
static char real[64], gone[64], other[64];

static void setup(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(real, sizeof real, "%s/real", folder);
    snprintf(gone, sizeof gone, "%s/none/x", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    FILE *f = fopen(real, "w");
    fputs("of the machine", f);
    fclose(f);
    disk = akt_disk_create();
}

static void teardown(void)
{
    char text[32] = "";
    akt_disk_destroy(disk);
    FILE *f = fopen(real, "r");
    ck_assert_ptr_nonnull(fgets(text, sizeof text, f));
    fclose(f);
    ck_assert_str_eq(text, "of the machine");
    remove(real);
    ck_assert_int_eq(rmdir(folder), 0); /* nothing else came to be */
}

static int write_to(const char *path, const char *mode, const char *text)
{
    struct akt_disk_handle *h;
    int error = akt_disk_open(disk, path, mode, &h);
    if (error)
        return error;
    ssize_t n = akt_disk_write(h, text, strlen(text));
    akt_disk_close(h);
    return n < 0 ? (int)n : 0;
}

static const char *content(const char *path)
{
    static char text[64];
    struct akt_buf b = AKT_BUF_INIT;
    int error = akt_disk_load(disk, path, &b);
    if (error)
        return error == AKT_DISK_ELSEWHERE ? "elsewhere" : "none";
    snprintf(text, sizeof text, "%.*s", (int)b.len, b.data ? b.data : "");
    akt_buf_fini(&b);
    return text;
}

START_TEST(what_is_written_is_read)
{
    struct akt_disk_handle *h;
    char text[8] = "";
    ck_assert_int_eq(akt_disk_open(disk, real, "r", &h), AKT_DISK_ELSEWHERE);
    ck_assert_int_eq(write_to(real, "w", "new"), 0);
    ck_assert_str_eq(content(real), "new");
    ck_assert_int_eq(akt_disk_open(disk, real, "rb", &h), 0);
    ck_assert_int_eq(akt_disk_read(h, text, sizeof text), 3);
    ck_assert_int_eq(akt_disk_read(h, text, sizeof text), 0);
    ck_assert_int_eq(akt_disk_write(h, "x", 1), -EBADF);
    akt_disk_close(h);
}
END_TEST

START_TEST(modes_are_those_of_fopen)
{
    ck_assert_int_eq(write_to(real, "a", "!"), 0);
    ck_assert_str_eq(content(real), "of the machine!");
    ck_assert_int_eq(write_to(real, "r+", "OF"), 0);
    ck_assert_str_eq(content(real), "OF the machine!");
    ck_assert_int_eq(write_to(other, "r+", ""), -ENOENT);
    ck_assert_int_eq(write_to(other, "a+", "x"), 0);
    ck_assert_int_eq(write_to(gone, "w", ""), -ENOENT);
    ck_assert_int_eq(write_to(folder, "w", ""), -EISDIR);
    ck_assert_int_eq(write_to(folder, "r+", ""), -EISDIR);
}
END_TEST

START_TEST(a_removed_file_is_gone)
{
    ck_assert_int_eq(akt_disk_remove(disk, real), 0);
    ck_assert_int_eq(akt_disk_remove(disk, real), -ENOENT);
    ck_assert_str_eq(content(real), "none");
    struct akt_disk_handle *h;
    ck_assert_int_eq(akt_disk_open(disk, real, "r", &h), -ENOENT);
    ck_assert_int_eq(akt_disk_open(disk, real, "r+", &h), -ENOENT);
    ck_assert_int_eq(write_to(real, "w", "again"), 0);
    ck_assert_str_eq(content(real), "again");
    ck_assert_int_eq(akt_disk_remove(disk, folder), -EISDIR);
    ck_assert_int_eq(akt_disk_remove(disk, gone), -ENOENT);
}
END_TEST

START_TEST(a_handle_keeps_its_bytes)
{
    struct akt_disk_handle *h;
    char text[8] = "";
    write_to(other, "w", "old");
    ck_assert_int_eq(akt_disk_open(disk, other, "r", &h), 0);
    akt_disk_remove(disk, other);
    ck_assert_int_eq(akt_disk_read(h, text, sizeof text), 3);
    akt_disk_close(h);
}
END_TEST

START_TEST(renaming_moves_the_bytes)
{
    ck_assert_int_eq(akt_disk_rename(disk, real, other), 0);
    ck_assert_str_eq(content(other), "of the machine");
    ck_assert_str_eq(content(real), "none");
    ck_assert_int_eq(akt_disk_rename(disk, other, other), 0);
    ck_assert_str_eq(content(other), "of the machine");
    ck_assert_int_eq(akt_disk_rename(disk, real, other), -ENOENT);
    ck_assert_int_eq(akt_disk_rename(disk, other, gone), -ENOENT);
    ck_assert_int_eq(akt_disk_rename(disk, other, folder), -EISDIR);
    ck_assert_int_eq(akt_disk_rename(disk, folder, other), -EISDIR);
}
END_TEST

START_TEST(names_are_made_plain)
{
    char path[128];
    snprintf(path, sizeof path, "%s/./none/..//other", folder);
    ck_assert_int_eq(write_to(path, "w", "x"), 0);
    ck_assert_str_eq(content(other), "x");
    snprintf(path, sizeof path, "/../../%s/other", folder);
    ck_assert_str_eq(content(path), "x");
    char cwd[4096];
    ck_assert_ptr_nonnull(getcwd(cwd, sizeof cwd));
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_str_eq(content("other"), "x");
    ck_assert_int_eq(chdir(cwd), 0);
}
END_TEST

START_TEST(seeking_makes_holes_within_the_limit)
{
    struct akt_disk_handle *h = akt_disk_open_nameless(disk);
    char text[8] = "xxxxxxx";
    int64_t at = 5;
    ck_assert_int_eq(akt_disk_seek(h, &at, SEEK_SET), 0);
    ck_assert_int_eq(akt_disk_write(h, "!", 1), 1);
    at = -6;
    ck_assert_int_eq(akt_disk_seek(h, &at, SEEK_CUR), 0);
    ck_assert_int_eq(akt_disk_read(h, text, sizeof text), 6);
    ck_assert_mem_eq(text, "\0\0\0\0\0!", 6);
    at = -1;
    ck_assert_int_eq(akt_disk_seek(h, &at, SEEK_SET), -EINVAL);
    at = INT64_MAX;
    ck_assert_int_eq(akt_disk_seek(h, &at, SEEK_END), -EINVAL);
    at = (int64_t)AKT_DISK_MAX;
    ck_assert_int_eq(akt_disk_seek(h, &at, SEEK_SET), 0);
    ck_assert_int_eq(akt_disk_write(h, "!", 1), -ENOSPC);
    at = 0;
    ck_assert_int_eq(akt_disk_seek(h, &at, SEEK_END), 0);
    ck_assert_int_eq(at, 6);
    akt_disk_close(h);
}
END_TEST

START_TEST(temporary_names_are_new)
{
    struct akt_buf a = AKT_BUF_INIT, b = AKT_BUF_INIT;
    akt_disk_tmpname(disk, &a);
    akt_disk_tmpname(disk, &b);
    ck_assert_str_ne(a.data, b.data);
    ck_assert_str_eq(content(a.data), "");
    akt_buf_fini(&a);
    akt_buf_fini(&b);
}
END_TEST

CHECK_MAIN_FIXTURE("disk", setup, teardown, what_is_written_is_read,
                   modes_are_those_of_fopen, a_removed_file_is_gone,
                   a_handle_keeps_its_bytes, renaming_moves_the_bytes,
                   names_are_made_plain, seeking_makes_holes_within_the_limit,
                   temporary_names_are_new)
