#include "runner/report/summary.h"

#include "store_fixtures.h"

#define A "aaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbb"
#define C "cccccccccccccccc"

static void put_text(const struct store *store, const char *name,
                     const char *content) {
    struct text text = TEXT_INIT;
    struct status status = STATUS_INIT;
    text_add(&text, content);
    assert_int_equal(store_put(store, name, &text, &status), STATUS_OK);
    text_release(&text);
}

static void put_run(const struct store *store, const char *id,
                    const char *record) {
    struct status status = STATUS_INIT;
    assert_int_equal(commit(store, id, "", record, true, &status), STATUS_OK);
}

static const char PLAN[] = "{\"name\": \"three\", \"runs\": [{\"id\": \"" B
                           "\"}, {\"id\": \"" A "\"}, {\"id\": \"" C "\"}]}";

static const char FINISHED[] =
    "{\"id\": \"" B "\", \"status\": \"finished\", \"global_step\": 50,"
    " \"best_step\": null, \"metrics\": {"
    "\"train\": {\"accuracy\": 1.0, \"loss\": 0.1},"
    "\"test\": {\"accuracy\": 0.875, \"auc\": null, \"loss\": 3e-07}}}";
static const char DIVERGED[] =
    "{\"id\": \"" C "\", \"status\": \"diverged\", \"global_step\": 3,"
    " \"best_step\": 2, \"metrics\": {"
    "\"train\": {\"accuracy\": null}, \"validation\": {\"f1\": null},"
    "\"test\": {\"accuracy\": null}}}";

/* In the order of the plan; columns of the part that is judged on first. */
static void writes_a_row_a_run(void **state) {
    struct store store = store_at("rows");
    struct status status = STATUS_INIT;
    (void)state;
    put_text(&store, "plan.json", PLAN);
    put_run(&store, B, FINISHED);
    put_run(&store, C, DIVERGED);
    assert_int_equal(summary_write(&store, NULL, NULL, &status), STATUS_OK);
    assert_file(at("rows/summary.csv"),
                "id,status,global_step,test.accuracy,test.auc,test.loss,"
                "validation.f1,train.accuracy,train.loss\n" B
                ",finished,50,0.875,,3e-07,,1.0,0.1\n" A ",missing,,,,,,,\n" C
                ",diverged,3,,,,,,\n");
    assert_file(at("rows/summary.json"),
                "{\n \"format\": 1,\n \"name\": \"three\",\n \"runs\": [\n"
                "  {\n   \"id\": \"" B "\",\n   \"status\": \"finished\",\n"
                "   \"values\": {},\n   \"global_step\": 50,\n"
                "   \"best_step\": null,\n   \"metrics\": {\n"
                "    \"train\": {\n     \"accuracy\": 1.0,\n"
                "     \"loss\": 0.1\n    },\n"
                "    \"test\": {\n     \"accuracy\": 0.875,\n"
                "     \"auc\": null,\n     \"loss\": 3e-07\n    }\n   }\n  },\n"
                "  {\n   \"id\": \"" A "\",\n   \"status\": \"missing\",\n"
                "   \"values\": {},\n   \"global_step\": null,\n"
                "   \"best_step\": null,\n   \"metrics\": {}\n  },\n"
                "  {\n   \"id\": \"" C "\",\n   \"status\": \"diverged\",\n"
                "   \"values\": {},\n   \"global_step\": 3,\n"
                "   \"best_step\": 2,\n   \"metrics\": {\n"
                "    \"train\": {\n     \"accuracy\": null\n    },\n"
                "    \"validation\": {\n     \"f1\": null\n    },\n"
                "    \"test\": {\n     \"accuracy\": null\n    }\n   }\n  }\n"
                " ],\n \"statistics\": null\n}\n");
    store_close(&store);
}

static const char SWEPT_PLAN[] =
    "{\"format\": 1, \"name\": \"swept\", \"axes\": ["
    "{\"path\": \"seed\", \"values\": [1, 2]},"
    "{\"path\": \"train.optimizer\", \"values\": []},"
    "{\"path\": \"a,b\", \"values\": []}],"
    "\"metric\": {\"name\": \"test.accuracy\", \"goal\": \"maximize\"},"
    "\"runs\": [{\"id\": \"" B "\", \"values\": {\"seed\": 1,"
    " \"train.optimizer\": {\"type\": \"adam\", \"lr\": 0.5}, \"a,b\": null}},"
    "{\"id\": \"" A "\", \"values\": {\"seed\": 2,"
    " \"train.optimizer\": \"adam\", \"a,b\": \"say \\\"x\\\"\"}}]}";

static void assert_holds(const char *path, const char *part) {
    struct bytes bytes;
    struct status status = STATUS_INIT;
    assert_int_equal(
        whole_file_read(path, 1 << 20, STATUS_INPUT, &bytes, &status),
        STATUS_OK);
    if (!strstr((const char *)bytes.data, part))
        fail_msg("%s\nis not in\n%s", part, (const char *)bytes.data);
    bytes_release(&bytes);
}

/* A column a swept path; what has a comma or a quote in it is quoted. */
static void writes_swept_values(void **state) {
    struct store store = store_at("swept");
    struct status status = STATUS_INIT;
    (void)state;
    put_text(&store, "plan.json", SWEPT_PLAN);
    put_run(&store, B, FINISHED);
    assert_int_equal(summary_write(&store, NULL, NULL, &status), STATUS_OK);
    assert_file(at("swept/summary.csv"),
                "id,status,seed,train.optimizer,\"a,b\",global_step,"
                "test.accuracy,test.auc,test.loss,train.accuracy,train.loss\n" B
                ",finished,1,\"{\"\"type\"\":\"\"adam\"\",\"\"lr\"\":0.5}\",,"
                "50,0.875,,3e-07,1.0,0.1\n" A
                ",missing,2,adam,\"say \"\"x\"\"\",,,,,,\n");
    assert_holds(at("swept/summary.json"),
                 "   \"values\": {\n    \"seed\": 2,\n"
                 "    \"train.optimizer\": \"adam\",\n"
                 "    \"a,b\": \"say \\\"x\\\"\"\n   },\n");
    assert_holds(at("swept/summary.json"), "   \"name\": \"test.accuracy\",\n"
                                           "   \"goal\": \"maximize\"\n");
    assert_holds(at("swept/summary.json"), "    \"mean\": 0.875,\n");
    assert_holds(at("swept/summary.json"), "    \"missing\": 1,\n");
    store_close(&store);
}

/* Ids that lead elsewhere are of missing runs. */
static void reads_nothing_strange(void **state) {
    struct store store = store_at("strange");
    struct status status = STATUS_INIT;
    (void)state;
    assert_int_equal(mkdir(at("strange/away"), 0700), 0);
    write_text(at("strange/away/run.json"), FINISHED);
    put_text(&store, "plan.json",
             "{\"name\": 7, \"runs\": [{\"id\": \"../away\"}, {\"id\": 7},"
             " {\"id\": \"" A "\"}]}");
    assert_int_equal(summary_write(&store, NULL, NULL, &status), STATUS_OK);
    assert_file(at("strange/summary.csv"),
                "id,status,global_step\n../away,missing,\n,missing,\n" A
                ",missing,\n");
    store_close(&store);
}

/* A run that is there but can't be read is not "missing". */
static void wants_records_that_are_some(void **state) {
    struct store store = store_at("broken");
    struct status status = STATUS_INIT;
    (void)state;
    put_text(&store, "plan.json", PLAN);
    put_run(&store, A, "{\"status\": ");
    assert_int_equal(summary_write(&store, NULL, NULL, &status), STATUS_OUTPUT);
    assert_non_null(strstr(status.message, A "/run.json can't be read"));
    assert_false(is_there(at("broken/summary.csv")));
    store_close(&store);
}

static void wants_a_plan(void **state) {
    struct store store = store_at("planless");
    struct status status = STATUS_INIT;
    (void)state;
    assert_int_equal(summary_write(&store, NULL, NULL, &status), STATUS_OUTPUT);
    assert_non_null(strstr(status.message, "planless/plan.json"));
    put_text(&store, "plan.json", "{");
    assert_int_equal(summary_write(&store, NULL, NULL, &status), STATUS_OUTPUT);
    assert_false(is_there(at("planless/summary.csv")));
    put_text(&store, "plan.json", "{\"name\": \"none\", \"runs\": []}");
    assert_int_equal(summary_write(&store, NULL, NULL, &status), STATUS_OK);
    assert_file(at("planless/summary.csv"), "id,status,global_step\n");
    store_close(&store);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_row_a_run),
        cmocka_unit_test(writes_swept_values),
        cmocka_unit_test(reads_nothing_strange),
        cmocka_unit_test(wants_records_that_are_some),
        cmocka_unit_test(wants_a_plan),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
