#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/text.h"
#include "runner/store/safetensors.h"

/* ------------------------------------------------------------------ writing */

/* A network of two tensors and buffers between them, by hand. */
static struct network_tensor TENSORS[] = {
    {.name = "0.weight", .shape = {2, {2, 3}}, .count = 6, .offset = 0},
    {.name = "1.mean",
     .shape = {1, {2}},
     .is_buffer = true,
     .count = 2,
     .offset = 0},
    {.name = "1.seen", .is_buffer = true, .is_counter = true, .offset = 2},
    {.name = "2.scale", .shape = {0, {0}}, .count = 1, .offset = 6},
};
static const struct network NETWORK = {.tensor_count = 4, .tensors = TENSORS};
static const float PARAMETERS[] = {1, -2, 0.5f, 4, 5, 6, 0.1f};
static const float BUFFERS[] = {10, -0.0f};

static const char HEADER[] =
    "{\"0.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
    "\"1.mean\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[24,32]},"
    "\"1.seen\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[32,40]},"
    "\"2.scale\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[40,44]}}";
static const int64_t SEEN = 5000000000;

static void writes_the_format(void **state) {
    struct text out = TEXT_INIT;
    uint64_t length;
    (void)state;
    safetensors_write(&NETWORK, PARAMETERS, BUFFERS, SEEN, &out);
    memcpy(&length, out.bytes, sizeof length);
    assert_int_equal(length % 8, 0);
    assert_in_range(length, strlen(HEADER), strlen(HEADER) + 7);
    assert_memory_equal(out.bytes + 8, HEADER, strlen(HEADER));
    for (size_t i = strlen(HEADER); i < length; i++)
        assert_int_equal(out.bytes[8 + i], ' ');
    assert_int_equal(out.length, 8 + length + 44);
    const char *values = out.bytes + 8 + length;
    assert_memory_equal(values, PARAMETERS, 24);
    assert_memory_equal(values + 24, BUFFERS, 8);
    assert_memory_equal(values + 32, &SEEN, 8);
    assert_memory_equal(values + 40, PARAMETERS + 6, 4);
    text_release(&out);
}

static void reads_back(void **state) {
    struct text out = TEXT_INIT;
    struct status status = STATUS_INIT;
    struct safetensors file;
    (void)state;
    safetensors_write(&NETWORK, PARAMETERS, BUFFERS, SEEN, &out);
    struct bytes bytes = {(unsigned char *)out.bytes, out.length};
    assert_int_equal(safetensors_read(&bytes, &file, &status), STATUS_OK);
    assert_int_equal(file.count, 4);
    assert_string_equal(file.tensors[0].name, "0.weight");
    assert_int_equal(file.tensors[0].rank, 2);
    assert_int_equal(file.tensors[0].size[0], 2);
    assert_int_equal(file.tensors[0].size[1], 3);
    assert_int_equal(file.tensors[0].count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_true(safetensor_value(&file.tensors[0], i) == PARAMETERS[i]);
    assert_true(safetensor_value(&file.tensors[1], 0) == 10);
    assert_true(file.tensors[2].is_counter);
    assert_true(safetensor_counter(&file.tensors[2]) == SEEN);
    assert_false(file.tensors[3].is_counter);
    assert_int_equal(file.tensors[3].rank, 0);
    assert_int_equal(file.tensors[3].count, 1);
    assert_true(safetensor_value(&file.tensors[3], 0) == 0.1f);
    safetensors_release(&file);
    text_release(&out);
}

/* ------------------------------------------------------------- other files */

/* Length, header, and `contents` bytes of values. */
static struct text file_of(const char *header, size_t contents) {
    struct text out = TEXT_INIT;
    uint64_t length = strlen(header);
    text_append(&out, &length, sizeof length);
    text_add(&out, header);
    for (size_t i = 0; i < contents; i++)
        text_add_char(&out, '\1');
    return out;
}

static enum status_code read_text(const struct text *text, size_t length,
                                  struct safetensors *file) {
    /* A block of its own, so that a sanitizer sees every byte too many. */
    struct status status = STATUS_INIT;
    struct bytes bytes = {malloc(length ? length : 1), length};
    assert_non_null(bytes.data);
    memcpy(bytes.data, text->bytes, length);
    enum status_code code = safetensors_read(&bytes, file, &status);
    if (code != STATUS_OK) {
        assert_int_equal(code, STATUS_INPUT);
        assert_true(status.message[0]);
        assert_null(strchr(status.message, '\n'));
        assert_null(file->tensors);
        assert_null(file->header);
    }
    free(bytes.data);
    return code;
}

#define TENSOR(shape, offsets)                                                 \
    "{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

#define COUNTER(shape, offsets)                                                \
    "{\"dtype\":\"I64\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static const struct other {
    const char *header;
    size_t contents;
    bool is_good;
} OTHERS[] = {
    {"{}", 0, true},
    {"{\"__metadata__\":{\"format\":\"pt\"}}", 0, true},
    {"{\"a\":" TENSOR("[2]", "[0,8]") "}", 8, true},
    {"{\"b\":" TENSOR("[1]", "[8,12]") ",\"a\":" TENSOR("[2,1]", "[0,8]") "}",
     12, true},
    {"{\"a\":" TENSOR("[1,1,1,1,1,1,1,1]", "[0,4]") "}  \n", 4, true},
    /* Not an object of objects. */
    {"", 0, false},
    {"[]", 0, false},
    {"[[1]]", 0, false},
    {"null", 0, false},
    {"7", 0, false},
    {"{", 0, false},
    {"{\"a\":7}", 0, false},
    {"{\"a\":[]}", 0, false},
    {"{\"a\":{}}", 0, false},
    {"{\"a\":" TENSOR("[1]", "[0,4]") ",\"a\":" TENSOR("[1]", "[4,8]") "}", 8,
     false},
    /* Another type. */
    {"{\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
     false},
    {"{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, false},
    /* Counters. */
    {"{\"a\":" COUNTER("[]", "[0,8]") "}", 8, true},
    {"{\"a\":" COUNTER("[]", "[4,12]") ",\"b\":" TENSOR("[1]", "[0,4]") "}", 12,
     true},
    {"{\"a\":" COUNTER("[1]", "[0,8]") "}", 8, false},
    {"{\"a\":" COUNTER("[]", "[0,4]") "}", 4, false},
    {"{\"a\":" COUNTER("[]", "[0,16]") "}", 16, false},
    /* Shapes. */
    {"{\"a\":" TENSOR("[-1]", "[0,4]") "}", 4, false},
    {"{\"a\":" TENSOR("[-2,-2]", "[0,16]") "}", 16, false},
    {"{\"a\":" TENSOR("[0]", "[0,0]") "}", 0, false},
    {"{\"a\":" TENSOR("[1.0]", "[0,4]") "}", 4, false},
    {"{\"a\":" TENSOR("\"1\"", "[0,4]") "}", 4, false},
    {"{\"a\":" TENSOR("{}", "[0,4]") "}", 4, false},
    {"{\"a\":" TENSOR("[1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4, false},
    {"{\"a\":" TENSOR("[3]", "[0,8]") "}", 8, false},
    /* Products that wrap to what the offsets say. */
    {"{\"a\":" TENSOR("[65536,65536,65536,65536]", "[0,0]") "}", 0, false},
    {"{\"a\":" TENSOR("[4294967296,4294967296]", "[0,0]") "}", 0, false},
    {"{\"a\":" TENSOR("[4611686018427387905]", "[0,4]") "}", 4, false},
    {"{\"a\":" TENSOR("[9223372036854775808]", "[0,4]") "}", 4, false},
    /* Offsets. */
    {"{\"a\":" TENSOR("[1]", "[0,8]") "}", 8, false},
    {"{\"a\":" TENSOR("[1]", "[0,5]") "}", 5, false},
    {"{\"a\":" TENSOR("[1]", "[0,4,8]") "}", 4, false},
    {"{\"a\":" TENSOR("[1]", "[0]") "}", 4, false},
    {"{\"a\":" TENSOR("[1]", "[4,0]") "}", 4, false},
    {"{\"a\":" TENSOR("[1]", "[-4,0]") "}", 4, false},
    {"{\"a\":" TENSOR("[1]", "[0,4]") "}", 3, false},
    {"{\"a\":" TENSOR("[1]", "[4,8]") "}", 4, false},
    {"{\"a\":" TENSOR("[1]", "[9223372036854775800,9223372036854775804]") "}",
     4, false},
    /* Overlap, gap, rest. */
    {"{\"a\":" TENSOR("[2]", "[0,8]") ",\"b\":" TENSOR("[2]", "[4,12]") "}", 12,
     false},
    {"{\"a\":" TENSOR("[1]", "[0,4]") ",\"b\":" TENSOR("[1]", "[0,4]") "}", 4,
     false},
    {"{\"a\":" TENSOR("[1]", "[0,4]") ",\"b\":" TENSOR("[1]", "[8,12]") "}", 12,
     false},
    {"{\"a\":" TENSOR("[1]", "[4,8]") "}", 8, false},
    {"{\"a\":" TENSOR("[1]", "[0,4]") "}", 8, false},
    {"{}", 1, false},
};

static void judges_headers(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++) {
        struct safetensors file;
        struct text text = file_of(OTHERS[i].header, OTHERS[i].contents);
        bool good = read_text(&text, text.length, &file) == STATUS_OK;
        if (good != OTHERS[i].is_good)
            fail_msg("%s, %zu bytes: %s", OTHERS[i].header, OTHERS[i].contents,
                     good ? "taken" : "refused");
        safetensors_release(&file);
        text_release(&text);
    }
}

/* A whole file cut short anywhere is refused, and so is a length that lies. */
static void judges_lengths(void **state) {
    static const uint64_t LIES[] = {
        0, 1, 1000, 1ULL << 32, 1ULL << 60, UINT64_MAX - 7, UINT64_MAX};
    struct text text = file_of("{\"a\":" TENSOR("[2]", "[0,8]") "}", 8);
    struct safetensors file;
    (void)state;
    for (size_t length = 0; length < text.length; length++)
        assert_int_equal(read_text(&text, length, &file), STATUS_INPUT);
    for (size_t i = 0; i < sizeof LIES / sizeof *LIES; i++) {
        memcpy(text.bytes, &LIES[i], sizeof LIES[i]);
        assert_int_equal(read_text(&text, text.length, &file), STATUS_INPUT);
    }
    text_release(&text);
}

/* The format's own limit: a header of more than 100 MB is not looked at. */
static void refuses_a_huge_header(void **state) {
    enum { LENGTH = 100000001 };
    struct status status = STATUS_INIT;
    struct safetensors file;
    uint64_t length = LENGTH;
    struct bytes bytes = {malloc(LENGTH + 8), LENGTH + 8};
    (void)state;
    assert_non_null(bytes.data);
    memset(bytes.data, ' ', bytes.size);
    memcpy(bytes.data, &length, sizeof length);
    memcpy(bytes.data + 8, "{}", 2);
    assert_int_equal(safetensors_read(&bytes, &file, &status), STATUS_INPUT);
    assert_string_equal(status.message, "not a safetensors file");
    length--;
    memcpy(bytes.data, &length, sizeof length);
    bytes.size--;
    assert_int_equal(safetensors_read(&bytes, &file, &status), STATUS_OK);
    safetensors_release(&file);
    free(bytes.data);
}

/* Every byte of a small file changed in turn: taken or refused, never worse. */
static void survives_every_changed_byte(void **state) {
    static const unsigned char BYTES[] = {0,   '0', '1', '-',  '[', ']',
                                          '{', '"', ',', 0x7f, 0xff};
    (void)state;
    struct text text =
        file_of("{\"a\":" TENSOR("[2]", "[0,8]") ",\"b\":" TENSOR("[1,1]",
                                                                  "[8,12]") "}",
                12);
    for (size_t i = 0; i < text.length; i++)
        for (size_t j = 0; j < sizeof BYTES; j++) {
            struct safetensors file;
            char old = text.bytes[i];
            text.bytes[i] = (char)BYTES[j];
            read_text(&text, text.length, &file);
            safetensors_release(&file);
            text.bytes[i] = old;
        }
    text_release(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_format),
        cmocka_unit_test(reads_back),
        cmocka_unit_test(judges_headers),
        cmocka_unit_test(judges_lengths),
        cmocka_unit_test(refuses_a_huge_header),
        cmocka_unit_test(survives_every_changed_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
