#include "tests/unit/table_fixtures.h"

static void reads_fixtures_as_numpy_does(void **state) {
    (void)state;
    assert_true(check_fixtures(".npy") >= 25);
}

/* Every cut is refused: the header says how many bytes there are. */
static void refuses_truncation(void **state) {
    struct bytes bytes = read_fixture("f8.npy");
    (void)state;
    for (size_t size = 0; size < bytes.size; size++) {
        struct table table;
        struct status status;
        assert_int_equal(read_given(bytes.data, size, &table, &status),
                         STATUS_INPUT);
    }
    bytes_release(&bytes);
}

static void refuses_bytes_behind(void **state) {
    struct bytes bytes = read_fixture("f8.npy");
    struct table table;
    struct status status;
    (void)state;
    /* whole_file_read() puts a NUL behind. */
    assert_int_equal(read_given(bytes.data, bytes.size + 1, &table, &status),
                     STATUS_INPUT);
    assert_non_null(
        strstr(status.message, "needs 120 bytes, the file has 121"));
    bytes_release(&bytes);
}

/* Whatever one byte of the header becomes: no crash, no more memory than the
 * file has values for. */
static void survives_any_header_byte(void **state) {
    struct bytes bytes = read_fixture("f8.npy");
    (void)state;
    for (size_t at = 0; at < bytes.size - 120; at++)
        for (unsigned flip = 1; flip < 256; flip++) {
            struct table table;
            struct status status;
            bytes.data[at] ^= (unsigned char)flip;
            enum status_code code =
                read_given(bytes.data, bytes.size, &table, &status);
            if (code == STATUS_OK && table.columns > 0 && at >= 8)
                assert_true(table.rows * table.columns <= 120);
            bytes.data[at] ^= (unsigned char)flip;
            table_release(&table);
        }
    bytes_release(&bytes);
}

static size_t make_header(char *buffer, const char *dict) {
    size_t length = strlen(dict);
    memcpy(buffer, "\x93NUMPY\x01\x00", 8);
    buffer[8] = (char)(length & 255);
    buffer[9] = (char)(length >> 8);
    memcpy(buffer + 10, dict, length);
    return 10 + length;
}

static void refuses_headers(void **state) {
    static const struct {
        const char *dict, *words;
    } REFUSALS[] = {
        {"{'descr': '<f8', 'fortran_order': False, 'shape': "
         "(1152921504606846976,), }",
         "too large a table"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': "
         "(4294967296, 4294967296), }",
         "too large a table"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': "
         "(99999999999999999999,), }",
         "header is damaged"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }",
         "header is damaged"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3), }",
         "header is damaged"},
        {"{'descr': '<f8', 'fortran_order': 0, 'shape': (3,), }",
         "header is damaged"},
        {"{'descr': '<f8', 'shape': (3,), }", "header is damaged"},
        {"{'descr': '<f8', 'descr': '<f8', 'shape': (3,), }",
         "header is damaged"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3,), } x",
         "header is damaged"},
        {"{'descr': '<f3', 'fortran_order': False, 'shape': (3,), }", "'<f3'"},
        {"{'descr': '<b8', 'fortran_order': False, 'shape': (3,), }", "'<b8'"},
        {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,), }",
         "'structured'"},
        {"", "header is damaged"},
        {"{", "header is damaged"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        char buffer[512];
        struct table table;
        struct status status;
        size_t size = make_header(buffer, REFUSALS[i].dict);
        assert_int_equal(read_given(buffer, size, &table, &status),
                         STATUS_INPUT);
        print_message("%s\n", status.message);
        assert_non_null(strstr(status.message, REFUSALS[i].words));
    }
}

/* Members in any order, either quote, Python 2's long integers. */
static void takes_any_literal(void **state) {
    char buffer[512];
    struct table table;
    struct status status;
    double value = 2.5;
    size_t size = make_header(buffer, "{\"shape\":(1L,1L),'fortran_order' : "
                                      "True,'descr':'=f8'}\n");
    (void)state;
    memcpy(buffer + size, &value, sizeof value);
    assert_int_equal(read_given(buffer, size + 8, &table, &status), STATUS_OK);
    assert_true(table.column[0].values[0] == 2.5);
    table_release(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_fixtures_as_numpy_does),
        cmocka_unit_test(refuses_truncation),
        cmocka_unit_test(refuses_bytes_behind),
        cmocka_unit_test(survives_any_header_byte),
        cmocka_unit_test(refuses_headers),
        cmocka_unit_test(takes_any_literal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
