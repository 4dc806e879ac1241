#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/report/show.h"

static struct json_value *parse(const char *text) {
    struct status status = STATUS_INIT;
    struct json_value *value = json_parse(text, strlen(text), &status);
    if (!value)
        fail_msg("%s", status.message);
    return value;
}

static const char RECORD[] =
    "{\"metrics\": {"
    "\"train\": {\"accuracy\": 1.0, \"auc\": null, \"loss\": 12345678.5},"
    "\"test\": {\"accuracy\": 0.123456789, \"auc\": 0.5, \"loss\": 1e-09}},"
    "\"model\": {\"layers\": [{\"name\": \"first\", \"type\": \"linear\"},"
    " {\"name\": null, \"type\": \"relu\"},"
    " {\"name\": null, \"type\": \"linear\"}]},"
    "\"data\": {\"columns\": [\"x\", \"une tr\xc3\xa8s longue "
    "\xc3\xa9tiquette\","
    " \"a\\u001b[31m\"]}}";

static void shows_metrics(void **state) {
    struct json_value *record = parse(RECORD), *empty = parse("{}");
    struct text out = TEXT_INIT;
    (void)state;
    show_metrics(record, &out);
    assert_string_equal(out.bytes,
                        "                              train         test\n"
                        "accuracy                          1     0.123457\n"
                        "auc                               -          0.5\n"
                        "loss                    1.23457e+07        1e-09\n");
    text_clear(&out);
    show_metrics(empty, &out);
    assert_string_equal(text_string(&out), "");
    text_release(&out);
    json_free(record);
    json_free(empty);
}

static const float VALUES[] = {1, -2.5f, 0.1f, 4, 5, 6, 1e-10f, 7, 8};

static struct safetensor tensor(const char *name, size_t rank, size_t rows,
                                size_t columns, size_t first) {
    struct safetensor made = {.name = name, .rank = rank};
    made.size[0] = rank == 2 ? rows : columns;
    made.size[1] = columns;
    made.count = rows * columns;
    made.values = (const unsigned char *)(VALUES + first);
    return made;
}

static void shows_weights_by_layer(void **state) {
    struct safetensor tensors[] = {
        tensor("0.weight", 2, 2, 3, 0), tensor("0.bias", 1, 1, 2, 6),
        tensor("2.weight", 2, 1, 2, 6), tensor("2.bias", 1, 1, 1, 8),
        tensor("20.bias", 1, 1, 1, 8), /* of no layer that there is */
    };
    const struct safetensors weights = {.tensors = tensors, .count = 5};
    struct json_value *record = parse(RECORD);
    struct text out = TEXT_INIT;
    (void)state;
    show_weights(record, &weights, &out);
    assert_string_equal(
        out.bytes, "layer 0: linear 'first'\n"
                   "  0.weight (2, 3)\n"
                   "                    x une tr\xc3\xa8s ...       a?[31m\n"
                   "       0            1         -2.5          0.1\n"
                   "       1            4            5            6\n"
                   "  0.bias (2)\n"
                   "                1e-10            7\n"
                   "layer 2: linear\n"
                   "  2.weight (1, 2)\n"
                   "       0        1e-10            7\n"
                   "  2.bias (1)\n"
                   "                    8\n");
    text_release(&out);
    json_free(record);
}

/* Columns are named where they are the data's: in no layer behind another that
 * has weights, or makes another shape, or has layers inside. */
static void names_columns_of_the_data_alone(void **state) {
    static const struct {
        const char *layers;
        const char *tensor;
        bool named;
    } ROWS[] = {
        {"{\"type\": \"tanh\", \"output_shape\": [3]}, {\"type\": "
         "\"linear\"}",
         "1.weight", true},
        {"{\"type\": \"reshape\", \"output_shape\": [1, 3]}, {\"type\": "
         "\"flatten\", \"output_shape\": [3]}, {\"type\": \"linear\"}",
         "2.weight", false},
        {"{\"type\": \"residual\", \"output_shape\": [3]}", "0.layers.1.weight",
         false},
        {"{\"type\": \"residual\", \"output_shape\": [3]}, {\"type\": "
         "\"linear\"}",
         "1.weight", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct safetensor only = tensor(ROWS[i].tensor, 2, 3, 3, 0);
        const struct safetensors weights = {.tensors = &only, .count = 1};
        struct text text = TEXT_INIT, out = TEXT_INIT;
        text_print(&text,
                   "{\"model\": {\"layers\": [%s]}, \"data\": "
                   "{\"columns\": [\"une\", \"deux\", \"trois\"]}}",
                   ROWS[i].layers);
        struct json_value *record = parse(text_string(&text));
        show_weights(record, &weights, &out);
        assert_non_null(strstr(text_string(&out), ROWS[i].tensor));
        assert_int_equal(strstr(text_string(&out), "trois") != NULL,
                         ROWS[i].named);
        text_release(&text);
        text_release(&out);
        json_free(record);
    }
}

static size_t count_lines(const struct text *text) {
    size_t lines = 0;
    for (size_t i = 0; i < text->length; i++)
        lines += text->bytes[i] == '\n';
    return lines;
}

/* A counter is a whole number, however large. */
static void shows_counters(void **state) {
    const int64_t count = 1234567890123;
    struct safetensor counter = {.name = "2.num_batches_tracked",
                                 .is_counter = true,
                                 .count = 1,
                                 .values = (const unsigned char *)&count};
    const struct safetensors weights = {.tensors = &counter, .count = 1};
    struct json_value *record = parse(RECORD);
    struct text out = TEXT_INIT;
    (void)state;
    show_weights(record, &weights, &out);
    assert_string_equal(out.bytes, "layer 2: linear\n"
                                   "  2.num_batches_tracked\n"
                                   "        1234567890123\n");
    text_clear(&out);
    struct json_writer writer = json_writer_new(&out, 0);
    show_json("{}", &weights, &writer);
    assert_string_equal(out.bytes, "{\"run\":{},\"weights\":{"
                                   "\"2.num_batches_tracked\":1234567890123}}");
    text_release(&out);
    json_free(record);
}

/* Large matrices are cut, and the cut is said. */
static void cuts_large_matrices(void **state) {
    float *values = calloc(100 * 50, sizeof *values);
    assert_non_null(values);
    struct safetensor large = tensor("0.weight", 2, 100, 50, 0);
    large.values = (const unsigned char *)values;
    const struct safetensors weights = {.tensors = &large, .count = 1};
    struct json_value *record = parse(RECORD);
    struct text out = TEXT_INIT;
    (void)state;
    show_weights(record, &weights, &out);
    assert_int_equal(count_lines(&out), 2 + 32 + 1);
    assert_non_null(
        strstr(out.bytes, "     ... all 5000 values: weights.safetensors\n"));
    assert_non_null(strstr(out.bytes, "            0 ...\n"));
    text_release(&out);
    json_free(record);
    free(values);
}

static void shows_json(void **state) {
    struct safetensor tensors[] = {tensor("0.weight", 2, 2, 3, 0),
                                   tensor("0.bias", 1, 1, 2, 6),
                                   tensor("s", 0, 1, 1, 8)};
    const struct safetensors weights = {.tensors = tensors, .count = 3};
    struct text out = TEXT_INIT;
    (void)state;
    struct json_writer writer = json_writer_new(&out, 0);
    show_json("{\"id\":1}\n", &weights, &writer);
    assert_string_equal(out.bytes,
                        "{\"run\":{\"id\":1}\n,\"weights\":{"
                        "\"0.weight\":[[1.0,-2.5,0.1],[4.0,5.0,6.0]],"
                        "\"0.bias\":[1e-10,7.0],\"s\":8.0}}");
    text_clear(&out);
    writer = json_writer_new(&out, 0);
    show_json("{}", NULL, &writer);
    assert_string_equal(out.bytes, "{\"run\":{},\"weights\":{}}");
    text_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_metrics),
        cmocka_unit_test(shows_weights_by_layer),
        cmocka_unit_test(shows_counters),
        cmocka_unit_test(names_columns_of_the_data_alone),
        cmocka_unit_test(cuts_large_matrices),
        cmocka_unit_test(shows_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
