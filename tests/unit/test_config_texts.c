/* What is printed from the tables: list, schema, the reference config. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "config_fixtures.h"
#include "runner/config/catalog.h"
#include "runner/config/sweep_fields.h"

/* -------------------------------------------------------------------- list */

static char *list_of(const char *family) {
    struct text out = TEXT_INIT;
    const char *nearest = "";
    assert_true(list_print(family, &out, &nearest));
    assert_null(nearest);
    return text_take(&out);
}

static const char *nearest_to(const char *word) {
    struct text out = TEXT_INIT;
    const char *nearest;
    assert_false(list_print(word, &out, &nearest));
    assert_int_equal(out.length, 0);
    text_release(&out);
    return nearest;
}

/* A line for every kind, each option in it. */
static void test_list(void **state) {
    (void)state;
    char *overview = list_of(NULL);
    for (size_t i = 0; CATALOG[i]; i++) {
        char *lines = list_of(CATALOG[i]->name), *line = lines;
        for (size_t j = 0; CATALOG[i]->kinds[j]; j++) {
            const struct kind *kind = CATALOG[i]->kinds[j];
            char *end = strchr(line, '\n');
            assert_non_null(end);
            *end = '\0';
            assert_memory_equal(line, kind->name, strlen(kind->name));
            for (const struct field *field = kind->fields; field && field->key;
                 field++)
                assert_non_null(strstr(line, field->key));
            assert_non_null(strstr(overview, kind->name));
            line = end + 1;
        }
        assert_string_equal(line, "");
        free(lines);
    }
    free(overview);
}

static void assert_holds(const char *family, const char *text) {
    char *lines = list_of(family);
    if (!strstr(lines, text))
        fail_msg("%s lacks %s:\n%s", family, text, lines);
    free(lines);
}

static void test_list_lines(void **state) {
    (void)state;
    assert_holds("optimizers", "lr=<required>, momentum=0.0");
    assert_holds("optimizers", "betas=[0.9, 0.999], eps=1e-08");
    assert_holds("schedules", "T_max=(the run's updates) updates");
    assert_holds("metrics", "binary; higher is better");
    assert_holds("config", "train.batch_size=<required> rows");
    assert_holds("config", "data.split.test_size=0.25");
    assert_holds("adam", "adam (optimizer): ");
    assert_holds("mse", "mse (loss): ");
    assert_holds("mse", "mse (metric): ");
    assert_string_equal(nearest_to("optimzers"), "optimizers");
    assert_string_equal(nearest_to("ReLU"), "relu");
    assert_null(nearest_to("xyzzy"));
}

static void test_list_json(void **state) {
    (void)state;
    struct text out = TEXT_INIT;
    struct status status = STATUS_INIT;
    list_print_json(NULL, &out);
    struct json_value *all = json_parse(out.bytes, out.length, &status);
    assert_non_null(all);
    for (size_t i = 0; CATALOG[i]; i++) {
        size_t count = 0;
        while (CATALOG[i]->kinds[count])
            count++;
        assert_int_equal(json_count(json_member(all, CATALOG[i]->name)), count);
    }
    assert_true(json_count(json_member(all, "metrics")) >= 12);
    assert_true(json_count(json_member(all, "config")) >= 30);
    json_free(all);
    text_clear(&out);
    list_print_json("adam", &out);
    struct json_value *one = json_parse(out.bytes, out.length, &status);
    const struct json_value *adam =
        json_element(json_member(one, "optimizers"), 0);
    assert_int_equal(json_count(one), 1);
    assert_string_equal(json_get_string(json_member(adam, "name"), ""), "adam");
    const struct json_value *lr = json_element(json_member(adam, "options"), 0);
    assert_true(json_get_double(json_member(lr, "default"), 0) == 0.001);
    json_free(one);
    text_release(&out);
}

/* --------------------------------------------------------------- reference */

/* It is a good config, and its values are the defaults. */
static void test_reference(void **state) {
    (void)state;
    struct text text = TEXT_INIT, line = TEXT_INIT;
    reference_print(&text);
    struct config config = config_of(text_string(&text));
    config_write_canonical(&config, 1, NULL, 0, &line);
    assert_string_equal(
        text_string(&line),
        "{\"config\":{\"data\":{\"source\":\"make_circles\"},\"model\":{"
        "\"layers\":[{\"out_features\":4,\"type\":\"linear\"},\"sigmoid\",{"
        "\"name\":\"output\",\"out_features\":1,\"type\":\"linear\"},"
        "\"sigmoid\"]},\"train\":{\"batch_size\":50,\"loss\":\"bce\","
        "\"optimizer\":\"adagrad\",\"steps\":5000}},\"numerics\":1}");
    for (size_t i = 0; CATALOG[i]; i++)
        for (size_t j = 0; CATALOG[i]->kinds[j]; j++) {
            char word[100];
            bool is_swept = CATALOG[i] == &DISTRIBUTION_FAMILY;
            snprintf(word, sizeof word,
                     is_swept ? "distribution: %s," : "type: %s ",
                     CATALOG[i]->kinds[j]->name);
            assert_non_null(strstr(text_string(&text), word));
        }
    config_release(&config);
    text_release(&text);
    text_release(&line);
}

static void test_reference_file(void **state) {
    (void)state;
    struct text text = TEXT_INIT, kept = TEXT_INIT;
    char buffer[4096];
    FILE *file = fopen(TEST_SOURCE_DIR "/configs/reference.yaml", "rb");
    assert_non_null(file);
    for (size_t length; (length = fread(buffer, 1, sizeof buffer, file)) > 0;)
        text_append(&kept, buffer, length);
    fclose(file);
    reference_print(&text);
    /* After a change of the tables: runner reference >configs/reference.yaml */
    assert_string_equal(text_string(&kept), text_string(&text));
    text_release(&text);
    text_release(&kept);
}

/* ------------------------------------------------------------------- schema */

/* Reads {"schema": …, "good": […], "bad": […]} from standard input. */
static const char VALIDATE[] =
    "python3 -c '\n"
    "import json, sys\n"
    "from jsonschema import Draft202012Validator as Validator\n"
    "all = json.load(sys.stdin)\n"
    "Validator.check_schema(all[\"schema\"])\n"
    "validator = Validator(all[\"schema\"])\n"
    "for good in all[\"good\"]:\n"
    "    validator.validate(good)\n"
    "for bad in all[\"bad\"]:\n"
    "    assert not validator.is_valid(bad), bad\n"
    "'";

/* Starts from a good config in JSON and spoils one thing at a time. */
static const struct {
    const char *from, *to;
} SPOILED[] = {
    {"\"seed\": 0", "\"seed\": -1"},
    {"\"seed\": 0", "\"sed\": 0"},
    {"\"batch_size\": 5", "\"batch_size\": \"5\""},
    {"\"batch_size\": 5,", ""},
    {"\"steps\": 9", "\"steps\": 9, \"epochs\": 1"},
    {"\"steps\": 9,", ""},
    {"\"type\": \"adam\"", "\"type\": \"adm\""},
    {"\"type\": \"adam\"", "\"type\": \"adam\", \"momentum\": 1"},
    {"\"eps\": 1e-08", "\"eps\": -1"},
    {"\"out_features\": 1", "\"out_features\": 0"},
    {"\"out_features\": 1,", ""},
    {"\"out_features\": 2,", ""}, /* in a residual in a residual */
    {"\"tanh\"", "\"tnah\""},
    {"\"metrics\": []", "\"metrics\": [\"test.foo\"]"},
    {"\"test_size\": 0.25", "\"test_size\": 1.5"},
    {"\"reduction\": \"mean\"", "\"reduction\": \"none\""},
};

#define NESTED_MODEL                                                           \
    "model: {layers: [{type: residual, layers: [tanh, {type: residual, "       \
    "layers: [{type: linear, out_features: 2}]}]}, "                           \
    "{type: linear, out_features: 1}]}\n"

static void add_spoiled(const char *json, const char *from, const char *to,
                        struct text *out) {
    const char *at = strstr(json, from);
    if (!at)
        fail_msg("%s is not in %s", from, json);
    text_append(out, json, (size_t)(at - json));
    text_add(out, to);
    text_add(out, at + strlen(from));
}

static const char *const GOOD_SWEEPS[] = {
    "null",
    "{\"parameters\": {\"seed\": [1, 2], \"a\": {\"min\": 1, \"max\": 2}, "
    "\"b\": {\"min\": 0.5, \"max\": 2, \"num\": 3}, \"c\": {\"value\": {}}, "
    "\"d\": {\"values\": [1], \"probabilities\": [1]}}}",
    "{\"method\": \"random\", \"max_runs\": 9, \"random_state\": 1, "
    "\"parameters\": {\"a\": {\"distribution\": \"q_log_normal\", \"q\": 2}}, "
    "\"zip\": [[\"a\", \"b\"]], \"where\": \"a < 1\", "
    "\"metric\": {\"name\": \"test.auc\", \"goal\": \"maximize\"}}",
};

static const char *const BAD_SWEEPS[] = {
    "{\"paramters\": {}}",
    "{\"method\": \"bayes\"}",
    "{\"max_runs\": 0}",
    "{\"zip\": [[\"a\"]]}",
    "{\"metric\": {\"goal\": \"maximize\"}}",
    "{\"metric\": {\"name\": \"accuracy\"}}",
    "{\"parameters\": {\"a\": []}}",
    "{\"parameters\": {\"a\": 1}}",
    "{\"parameters\": {\"a\": {\"min\": 1}}}",
    "{\"parameters\": {\"a\": {\"mu\": 1}}}",
    "{\"parameters\": {\"a\": {\"distribution\": \"normal\", \"min\": 1}}}",
    ("{\"parameters\": {\"a\": {\"distribution\": \"log_uniform_values\", "
     "\"min\": 0, \"max\": 1}}}"),
};

static void add_sweeps(const char *const *sweeps, size_t count,
                       struct text *out) {
    for (size_t i = 0; i < count; i++)
        text_print(out, ", {\"extends\": \"a.yaml\", \"sweep\": %s}",
                   sweeps[i]);
}

/* Of make_blobs, in a config that extends another. */
static const char *const GOOD_BLOBS[] = {
    "\"n_samples\": 10, \"centers\": 2, \"cluster_std\": 0.5",
    "\"n_samples\": [0, 7], \"centers\": [[0], [1.5]]",
    "\"centers\": null, \"cluster_std\": [1, 0, 0.5]",
};

static const char *const BAD_BLOBS[] = {
    "\"n_samples\": []",      "\"n_samples\": [-1]",   "\"n_samples\": 0",
    "\"centers\": [1, 2]",    "\"centers\": [[]]",     "\"centers\": 0.5",
    "\"cluster_std\": [[1]]", "\"cluster_std\": [-1]",
};

static void add_blobs(const char *const *blobs, size_t count,
                      struct text *out) {
    for (size_t i = 0; i < count; i++)
        text_print(out,
                   ", {\"extends\": \"a.yaml\", \"data\": {\"source\": "
                   "{\"type\": \"make_blobs\", %s}}}",
                   blobs[i]);
}

static void add_samples(struct text *out) {
    struct config config = config_of(GOOD_DATA NESTED_MODEL GOOD_TRAIN);
    struct text json = TEXT_INIT;
    struct json_writer writer = json_writer_new(&json, 1);
    config_write_json(&config, &writer);
    config_release(&config);
    text_print(out, ", \"good\": [%s, ", text_string(&json));
    text_add(out, "{\"extends\": \"a.yaml\", \"train\": {\"optimizer\": "
                  "{\"lr\": 0.1}, \"steps\": 5}}");
    add_sweeps(GOOD_SWEEPS, sizeof GOOD_SWEEPS / sizeof *GOOD_SWEEPS, out);
    add_blobs(GOOD_BLOBS, sizeof GOOD_BLOBS / sizeof *GOOD_BLOBS, out);
    text_add(out, "], \"bad\": [{}, "
                  "{\"extends\": \"a.yaml\", \"train\": {\"lr\": 0.1}}");
    add_sweeps(BAD_SWEEPS, sizeof BAD_SWEEPS / sizeof *BAD_SWEEPS, out);
    add_blobs(BAD_BLOBS, sizeof BAD_BLOBS / sizeof *BAD_BLOBS, out);
    for (size_t i = 0; i < sizeof SPOILED / sizeof *SPOILED; i++) {
        text_add(out, ", ");
        add_spoiled(text_string(&json), SPOILED[i].from, SPOILED[i].to, out);
    }
    text_add(out, "]}");
    text_release(&json);
}

static void test_schema(void **state) {
    (void)state;
    struct text text = TEXT_INIT;
    struct status status = STATUS_INIT;
    text_add(&text, "{\"schema\": ");
    schema_print(&text);
    add_samples(&text);
    struct json_value *json = json_parse(text.bytes, text.length, &status);
    assert_non_null(json);
    json_free(json);
    if (system("python3 -c 'import jsonschema' 2>/dev/null") == 0) {
        FILE *python = popen(VALIDATE, "w");
        assert_non_null(python);
        assert_int_equal(fwrite(text.bytes, 1, text.length, python),
                         text.length);
        assert_int_equal(pclose(python), 0);
    } else {
        print_message("python3-jsonschema is absent: not validated\n");
        text_release(&text);
        skip();
    }
    text_release(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_list_lines),
        cmocka_unit_test(test_list_json),
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_reference_file),
        cmocka_unit_test(test_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
