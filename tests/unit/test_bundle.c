/* Bundles: what is written is read back, and nothing else is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/audit/bundle.h"
#include "runner/audit/hash_tree.h"
#include "runner/audit/tar.h"

static char folder[] = "/tmp/test_bundle.XXXXXX";
static char path[64];

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/b.tar", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* ---- the hash tree ---- */

/* Roots by Python's hashlib, from the words in hash_tree.h. */
static void roots_are_as_defined(void **state) {
    static const char *const roots[] = {
        "4619a0c9712f2efca68f3c38705e6dcde64b710aa5bbbf9084bef745a3dbd4a4",
        "36d90c85c26f85d8a599e04daffa5ae008d44b238e5935fdbd467c655b0491de",
        "f1585edcc51847f0f41b664e504268e465aa038cf01f9fd02d3481e795a91e82",
        "4b44ea1b61b31e8ca2709b68dcbcad79e8b7424dc3cd1168eb3c531627b9dc1b",
        "10b4eb28de2808d7b02fb49a965d854b73e48dec0ad2a9875dd24e8c5098daf3",
        "517958d392b500ff597d249533d822cc10b115c60fedf00481c939520b2a5ce5",
    };
    static const size_t counts[] = {0, 1, 2, 3, 5, 8};
    hash_tree_digest leaves[8];
    char root[DIGEST_TEXT_SIZE];
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        char name[8] = "", hex[DIGEST_TEXT_SIZE];
        snprintf(name, sizeof name, "f%zu", i);
        digest_of(name, strlen(name), hex);
        hash_tree_leaf(name, hex, leaves[i]);
    }
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        hash_tree_root(leaves, counts[i], root);
        assert_string_equal(root, roots[i]);
    }
}

/* ---- headers ---- */

#define LONG_NAME                                                              \
    "a1234567890123456789012345678901234567890123456789"                       \
    "01234567890123456789012345678901234567890123456789"

static void headers_are_read_back(void **state) {
    static const char *const paths[] = {
        "bundle.json",
        "n/runs/0123456789abcdef/weights.safetensors",
        LONG_NAME "/runs/0123456789abcdef/run.json",
    };
    unsigned char block[TAR_BLOCK];
    char found[TAR_PATH_SIZE];
    uint64_t size;
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_true(tar_header_write(paths[i], 01234567, block));
        assert_true(tar_header_read(block, found, &size));
        assert_string_equal(found, paths[i]);
        assert_int_equal(size, 01234567);
        for (size_t bit = 0; bit < 8 * TAR_BLOCK; bit++) {
            block[bit / 8] ^= (unsigned char)(1 << bit % 8);
            assert_false(tar_header_read(block, found, &size));
            block[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
    }
}

static void what_does_not_fit_is_refused(void **state) {
    unsigned char block[TAR_BLOCK];
    char name[300];
    (void)state;
    memset(name, 'a', sizeof name);
    name[101] = '\0';
    assert_false(tar_header_write(name, 0, block));
    assert_false(tar_header_write("", 0, block));
    assert_false(tar_header_write("a", UINT64_C(1) << 33, block));
    assert_true(tar_header_write("a", (UINT64_C(1) << 33) - 1, block));
    name[100] = '\0';
    assert_true(tar_header_write(name, 0, block));
    memset(name, 'a', sizeof name);
    name[156] = '/';
    name[200] = '\0';
    assert_false(tar_header_write(name, 0, block));
}

/* ---- paths ---- */

static void only_the_layout_s_paths_are_taken(void **state) {
    static const char *const good[] = {"about.json",
                                       "a/plan.json",
                                       "a.b-c_1/runs/0123456789abcdef/run.json",
                                       "a/runs/0123456789abcdef/history.csv",
                                       "a/runs/000012.jsonl",
                                       "a/runs/000000.sha256",
                                       "a/runs/999999.safetensors"};
    static const char *const bad[] = {
        "",
        "bundle.json",
        "plan.json",
        "/plan.json",
        "../plan.json",
        "./plan.json",
        "a/../plan.json",
        "a//plan.json",
        "-a/plan.json",
        ".work/plan.json",
        "a b/plan.json",
        "a/about.json",
        "a/summary.csv",
        "a/runs/0123456789abcdef",
        "a/runs/0123456789abcdef/",
        "a/runs/0123456789abcdef/../run.json",
        "a/runs/0123456789abcdef/x/run.json",
        "a/runs/0123456789abcdef/passwd",
        "a/runs/0123456789ABCDEF/run.json",
        "a/runs/0123456789abcde/run.json",
        "a/runs/0123456789abcdef0/run.json",
        "a/run/0123456789abcdef/run.json",
        "a/runs/00000.jsonl",
        "a/runs/0000000.jsonl",
        "a/runs/000000.json",
        "a/runs/000000.jsonl/run.json",
        "a/runs/00000a.jsonl",
        "a/000000.jsonl",
        "000000.jsonl",
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(bundle_is_path(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (bundle_is_path(bad[i]))
            fail_msg("%s", bad[i]);
}

/* ---- bundles ---- */

static void add(struct bundle_draft *draft, const char *name,
                const char *content) {
    struct text text = TEXT_INIT;
    text_add(&text, content);
    bundle_add_text(draft, name, &text);
}

static enum status_code write_bundle(struct bundle_draft *draft,
                                     char root[DIGEST_TEXT_SIZE]) {
    struct status status = STATUS_INIT;
    enum status_code code = bundle_write(draft, path, root, &status);
    bundle_draft_release(draft);
    return code;
}

static void write_some(char root[DIGEST_TEXT_SIZE]) {
    struct bundle_draft draft = {0};
    add(&draft, "n/runs/0123456789abcdef/run.json", "{\"id\": 1}\n");
    add(&draft, "about.json", "{\"folders\": [\".\"]}");
    add(&draft, "n/plan.json", "");
    assert_int_equal(write_bundle(&draft, root), STATUS_OK);
}

static void what_is_written_is_read_back(void **state) {
    char root[DIGEST_TEXT_SIZE];
    struct bundle bundle;
    struct bytes bytes;
    struct status status = STATUS_INIT;
    bool agrees = false;
    (void)state;
    write_some(root);
    assert_true(bundle_is_one(path));
    assert_int_equal(bundle_open(&bundle, path, &status), STATUS_OK);
    assert_int_equal(bundle.count, 3);
    assert_string_equal(bundle.root, root);
    assert_string_equal(bundle.files[0].path, "about.json");
    assert_true(json_is_array(json_member(bundle.about, "folders")));
    assert_null(bundle_find(&bundle, "n/runs"));
    assert_true(bundle_get(
        &bundle, bundle_find(&bundle, "n/runs/0123456789abcdef/run.json"),
        &bytes, &agrees));
    assert_true(agrees);
    assert_string_equal((char *)bytes.data, "{\"id\": 1}\n");
    bytes_release(&bytes);
    bundle_release(&bundle);
}

static void paths_that_are_none_are_not_written(void **state) {
    char root[DIGEST_TEXT_SIZE];
    struct bundle_draft draft = {0};
    (void)state;
    add(&draft, "../n/plan.json", "");
    assert_int_equal(write_bundle(&draft, root), STATUS_CONFIG);
    add(&draft, "n/plan.json", "");
    add(&draft, "n/plan.json", "");
    assert_int_equal(write_bundle(&draft, root), STATUS_CONFIG);
    bundle_add_file(&draft, "n/plan.json", "/nowhere/plan.json");
    assert_int_equal(write_bundle(&draft, root), STATUS_OUTPUT);
}

static void put(const struct bytes *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes->data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Whether the file is the bundle of that root with all of its bytes. */
static bool is_sound(const char *root) {
    struct bundle bundle;
    struct status status = STATUS_INIT;
    bool sound = bundle_open(&bundle, path, &status) == STATUS_OK &&
                 strcmp(bundle.root, root) == 0;
    for (size_t i = 0; sound && i < bundle.count; i++) {
        struct bytes bytes;
        bool agrees = false;
        sound =
            bundle_get(&bundle, &bundle.files[i], &bytes, &agrees) && agrees;
        bytes_release(&bytes);
    }
    bundle_release(&bundle);
    return sound;
}

static void read_file(struct bytes *bytes) {
    struct status status = STATUS_INIT;
    assert_int_equal(
        whole_file_read(path, 1 << 20, STATUS_INPUT, bytes, &status),
        STATUS_OK);
}

static void a_cut_bundle_is_refused(void **state) {
    char root[DIGEST_TEXT_SIZE];
    struct bytes bytes;
    (void)state;
    write_some(root);
    read_file(&bytes);
    assert_true(is_sound(root));
    for (size_t size = 0; size < bytes.size; size += 64) {
        put(&bytes, size);
        assert_false(is_sound(root));
    }
    put(&bytes, bytes.size - 1);
    assert_false(is_sound(root));
    bytes_release(&bytes);
}

/* Every bit but those of the manifest's words on how the tree is made, its
 * member names apart: they are for people. */
static void no_bit_can_be_flipped(void **state) {
    char root[DIGEST_TEXT_SIZE];
    struct bytes bytes;
    size_t passed = 0;
    (void)state;
    write_some(root);
    read_file(&bytes);
    const char *words = strstr((char *)bytes.data + TAR_BLOCK, "\"tree\"");
    const char *end = strstr(words, "\"root\"");
    int file = open(path, O_WRONLY);
    assert_true(file >= 0);
    for (size_t i = 0; i < bytes.size; i++) {
        const char *at = (char *)bytes.data + i;
        unsigned char flipped = (unsigned char)(1 << i % 8);
        unsigned char other = bytes.data[i] ^ flipped;
        assert_int_equal(pwrite(file, &other, 1, (off_t)i), 1);
        bool sound = is_sound(root);
        assert_int_equal(pwrite(file, &bytes.data[i], 1, (off_t)i), 1);
        if (!sound)
            continue;
        /* Blanks between members mean nothing. */
        if (!(at >= words && at < end) && !strchr(" \n\t\r", *at))
            fail_msg("byte %zu", i);
        passed++;
    }
    assert_true(passed < 400);
    close(file);
    bytes_release(&bytes);
}

/* A tar that others make, with a path that leads elsewhere. */
static void other_tars_are_no_bundles(void **state) {
    unsigned char tar[4 * TAR_BLOCK] = {0};
    struct bundle bundle;
    struct status status = STATUS_INIT;
    struct bytes bytes = {tar, sizeof tar};
    (void)state;
    assert_true(tar_header_write("../../etc/passwd", 3, tar));
    put(&bytes, sizeof tar);
    assert_false(bundle_is_one(path));
    assert_int_equal(bundle_open(&bundle, path, &status), STATUS_DIFFERS);
    bundle_release(&bundle);
    /* A manifest that claims more than there is. */
    assert_true(tar_header_write("bundle.json", 1 << 29, tar));
    put(&bytes, sizeof tar);
    assert_true(bundle_is_one(path));
    assert_int_equal(bundle_open(&bundle, path, &status), STATUS_DIFFERS);
    bundle_release(&bundle);
    assert_int_equal(bundle_open(&bundle, folder, &status), STATUS_INPUT);
    bundle_release(&bundle);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_as_defined),
        cmocka_unit_test(headers_are_read_back),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(only_the_layout_s_paths_are_taken),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(paths_that_are_none_are_not_written),
        cmocka_unit_test(a_cut_bundle_is_refused),
        cmocka_unit_test(no_bit_can_be_flipped),
        cmocka_unit_test(other_tars_are_no_bundles),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
