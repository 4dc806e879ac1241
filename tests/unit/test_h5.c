#include "tests/unit/table_fixtures.h"

#include "engine/base/digest.h"
#include "engine/io/h5.h"

static void reads_fixtures_as_pandas_does(void **state) {
    (void)state;
    assert_true(check_fixtures(".h5") >= 50);
    assert_int_equal(check_fixtures(".hf5"), 2);
}

/* SHA-256 of the columns, one after the other, as float64: what pandas 1.5.3
 * reads, astype("f8").values.T.tobytes(). */
static const struct course_row {
    const char *name;
    size_t rows, columns;
    const char *first, *last, *digest;
} COURSE_ROWS[] = {
    {"blobs_data.hf5", 2000, 3, "x0", "x2",
     "023ed14b3aeeade166f003a76b1b4589dee9c71d68c6f7d9218f5bb7b18546a4"},
    {"blobs_targets.hf5", 2000, 1, "y", "y",
     "9eca3d9c0517d3a88a50a2a04f1071d669425068c649280a165e65f4c88e0044"},
    {"circles_data.hf5", 500, 2, "x0", "x1",
     "e6b30527a1aab1c1982898598dcaca38b8fc870ebb002b3c54300cd72d48a10f"},
    {"circles_targets.hf5", 500, 1, "y", "y",
     "76594c9bbe0cbcd3f3c242d6b49917dd4bde3d5d3c413addb6e34073660cc63f"},
    {"cluster_3d_data.hf5", 500, 3, "x0", "x2",
     "cfaf316ae31db2e1318c38f74b8837d7b2f3d92b3b6d5e489d3de46842487281"},
    {"cluster_3d_targets.hf5", 500, 1, "y", "y",
     "263d44f7ec47052e0e0168262eee4eebb76e75c9931eeb7f6589d13f27cb5ab1"},
    {"cosmo_data.hf5", 50000, 4, "omega_b", "H0",
     "39518d9cc5adfa0d993a0a86b5e2a5b1b908fac2ffff7de21731f562ee52cd9a"},
    {"cosmo_targets.hf5", 50000, 6, "sigma8", "DH(2.34)/rd",
     "725cf450c6a2af46875ee89cb37ba05650b0f467166550f45b41a50cfe96635e"},
    {"ess_data.hf5", 500, 3, "x0", "x2",
     "c5aa2802228edee68022d418e9fd4889d933d06663abd4ee832ebd78c4359c02"},
    {"ess_targets.hf5", 500, 1, "y", "y",
     "999b37b9ae5342c71f5bdd7aec2a96c92985145eef224e6fc0290cd398318852"},
    {"photoz_data.hf5", 17366, 34, "CTIO_U", "IRAC_CH4_ERR",
     "20d0712e66eccfcb5c8bd9018b69948239734ec271b6dda706c65c373ad04e0c"},
    {"photoz_targets.hf5", 17366, 1, "Z", "Z",
     "bc65551ab15826f2e62e5de294d9efefa67ece934898124d65b1e5236969ca93"},
    {"pong_data.hf5", 1000, 20, "x0", "y9",
     "b4037492fcdaf545727fe3ab9a9230e9b82565197f1f3017f1a9b4973795ba7e"},
    {"pong_targets.hf5", 1000, 3, "th0", "grp",
     "25b324c0329f4360b5c225127f2609eb47f965260c83fa25a68725130a826c20"},
    {"spectra_data.hf5", 200, 500, "0", "499",
     "655a4b90229617785142ae310286bb837463e93c3a511d05f05c725f58439720"},
    {"spectra_targets.hf5", 200, 2, "flux1", "flux2",
     "6be00faa2aa2d1db53f553ee9144bba5775616639aedb323958e96623fd62d55"},
};

static void check_course(const struct course_row *row, struct bytes *bytes) {
    struct table table;
    struct status status = STATUS_INIT;
    struct digest_state digest;
    char hex[DIGEST_TEXT_SIZE];
    enum status_code code = table_read(bytes, row->name, NULL, &table, &status);
    if (code != STATUS_OK)
        fail_msg("%s", status.message);
    assert_int_equal(table.rows, row->rows);
    assert_int_equal(table.columns, row->columns);
    assert_string_equal(table.column[0].label, row->first);
    assert_string_equal(table.column[table.columns - 1].label, row->last);
    digest_init(&digest);
    for (size_t i = 0; i < table.columns; i++)
        digest_update(&digest, table.column[i].values,
                      table.rows * sizeof(double));
    digest_finish(&digest, hex);
    assert_string_equal(hex, row->digest);
    table_release(&table);
}

static void reads_the_course_files(void **state) {
    size_t count = sizeof COURSE_ROWS / sizeof COURSE_ROWS[0], found = 0;
    (void)state;
    for (size_t i = 0; i < count; i++) {
        char path[512];
        struct bytes bytes;
        struct status status = STATUS_INIT;
        snprintf(path, sizeof path, "%s/../shared/data/%s", TEST_SOURCE_DIR,
                 COURSE_ROWS[i].name);
        if (whole_file_read(path, 1 << 30, STATUS_INPUT, &bytes, &status)) {
            print_message("%s\n", status.message);
            continue;
        }
        check_course(&COURSE_ROWS[i], &bytes);
        bytes_release(&bytes);
        found++;
    }
    if (found == 0)
        skip();
    assert_int_equal(found, count);
}

static bool equal_tables(const struct table *a, const struct table *b) {
    if (a->rows != b->rows || a->columns != b->columns)
        return false;
    for (size_t i = 0; i < a->columns; i++)
        if (strcmp(a->column[i].label, b->column[i].label) != 0 ||
            !a->column[i].values != !b->column[i].values ||
            (a->column[i].values &&
             memcmp(a->column[i].values, b->column[i].values,
                    a->rows * sizeof(double)) != 0))
            return false;
    return true;
}

static const char *const HOSTILE[] = {
    "fixed_mixed.h5", "table_some_data_columns.h5",
    "table_words.h5", "latest.h5",
    "pytables.h5",    "circles_data.hf5",
    "fixed_zlib.h5"};

/* A cut file gives an error, or the whole table where only slack is missing. */
static void refuses_truncation(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof HOSTILE / sizeof HOSTILE[0]; i++) {
        struct bytes bytes = read_fixture(HOSTILE[i]);
        struct table whole, cut;
        struct status status;
        assert_int_equal(read_given(bytes.data, bytes.size, &whole, &status),
                         STATUS_OK);
        for (size_t size = 0; size < bytes.size; size += 1024) {
            enum status_code code = read_given(bytes.data, size, &cut, &status);
            if (code == STATUS_OK)
                assert_true(equal_tables(&whole, &cut));
            else
                assert_int_equal(code, STATUS_INPUT);
            table_release(&cut);
        }
        table_release(&whole);
        bytes_release(&bytes);
    }
}

/* A fixed sequence, so that a failure can be looked at again. */
static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

struct tally {
    size_t equal, same_shape, other_shape, refused, crashed;
};

static void try_mutant(const struct bytes *bytes, const struct table *whole,
                       struct tally *tally) {
    struct table table;
    struct status status;
    enum status_code code =
        read_given(bytes->data, bytes->size, &table, &status);
    if (code == STATUS_OK && equal_tables(whole, &table))
        tally->equal++;
    else if (code == STATUS_OK && table.rows == whole->rows)
        tally->same_shape++;
    else if (code == STATUS_OK)
        tally->other_shape++;
    else
        tally->refused++;
    /* CONFIG: a group whose type was lost leaves several datasets. */
    assert_true(code == STATUS_OK || code == STATUS_INPUT ||
                code == STATUS_CONFIG);
    if (code != STATUS_OK)
        assert_null(strchr(status.message, '\n'));
    tally->crashed += code != STATUS_OK && strstr(status.message, "crashes");
    table_release(&table);
}

/* One to three bytes changed: an error in one line or a table, in bounded time,
 * and this process lives. Values may differ: nothing guards the payload. */
static void survives_mutants(void **state) {
    enum { MUTANTS = 150 };
    (void)state;
    for (size_t i = 0; i < sizeof HOSTILE / sizeof HOSTILE[0]; i++) {
        struct bytes bytes = read_fixture(HOSTILE[i]);
        struct tally tally = {0};
        struct table whole;
        struct status status;
        uint32_t random = 12345;
        assert_int_equal(read_given(bytes.data, bytes.size, &whole, &status),
                         STATUS_OK);
        for (int mutant = 0; mutant < MUTANTS; mutant++) {
            size_t at[3];
            unsigned char kept[3];
            int changes = 1 + mutant % 3;
            for (int j = 0; j < changes; j++) {
                at[j] = next_random(&random) % bytes.size;
                kept[j] = bytes.data[at[j]];
                bytes.data[at[j]] ^=
                    (unsigned char)(1 + next_random(&random) % 255);
            }
            try_mutant(&bytes, &whole, &tally);
            for (int j = changes; j-- > 0;)
                bytes.data[at[j]] = kept[j];
        }
        print_message("%s: %zu equal, %zu other values, %zu other rows, "
                      "%zu refused (%zu of them crashes of the library)\n",
                      HOSTILE[i], tally.equal, tally.same_shape,
                      tally.other_shape, tally.refused, tally.crashed);
        assert_int_equal(tally.equal + tally.same_shape + tally.other_shape +
                             tally.refused,
                         MUTANTS);
        table_release(&whole);
        bytes_release(&bytes);
    }
}

static void recognises_by_content(void **state) {
    unsigned char block[4096 + 8] = {0};
    struct bytes bytes = {block, sizeof block};
    (void)state;
    assert_false(TABLE_H5.recognise(&bytes));
    for (size_t at = 0; at <= 4096; at = at ? 2 * at : 512) {
        memcpy(block + at, "\x89HDF\r\n\x1a\n", 8);
        assert_true(TABLE_H5.recognise(&bytes));
        memset(block + at, 0, 8);
    }
    memcpy(block + 256, "\x89HDF\r\n\x1a\n", 8);
    assert_false(TABLE_H5.recognise(&bytes));
    bytes.size = 7;
    assert_false(TABLE_H5.recognise(&bytes));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_fixtures_as_pandas_does),
        cmocka_unit_test(reads_the_course_files),
        cmocka_unit_test(refuses_truncation),
        cmocka_unit_test(survives_mutants),
        cmocka_unit_test(recognises_by_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
