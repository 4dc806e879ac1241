#include "record_fixtures.h"

#include "engine/base/digest.h"
#include "engine/io/json.h"
#include "runner/store/record_parts.h"

typedef void writer(const struct record *record, struct text *out);

static void check(writer *write, const struct made_record *made,
                  const char *expected) {
    struct text out = TEXT_INIT;
    write(&made->record, &out);
    assert_string_equal(text_string(&out), expected);
    text_release(&out);
}

/* ----------------------------------------------------------- the three tasks
 */

static void writes_a_binary_task(void **state) {
    struct made_record *made = made_binary();
    (void)state;
    for (size_t i = 0; i < METRIC_LIMIT; i++)
        made->measurement.metrics[PART_TRAIN][i] = NAN;
    made->measurement
        .metrics[PART_TRAIN][metric_index(metric_find("accuracy"))] = 1;
    made->measurement
        .metrics[PART_TRAIN][metric_index(metric_find("average_loss"))] =
        1.0 / 3;
    made->measurement.metrics[PART_TRAIN][metric_index(metric_find("loss"))] =
        INFINITY;
    for (size_t i = 0; i < METRIC_LIMIT; i++)
        made->measurement.metrics[PART_TEST][i] = 1e-7;
    check(metrics_csv_write, made,
          "part,metric,value\n"
          "train,accuracy,1.0\n"
          "train,accuracy_baseline,\n"
          "train,auc,\n"
          "train,auc_precision_recall,\n"
          "train,average_loss,0.3333333333333333\n"
          "train,label/mean,\n"
          "train,loss,\n"
          "train,precision,\n"
          "train,prediction/mean,\n"
          "train,recall,\n"
          "train,f1,\n"
          "train,brier,\n"
          "test,accuracy,1e-07\n"
          "test,accuracy_baseline,1e-07\n"
          "test,auc,1e-07\n"
          "test,auc_precision_recall,1e-07\n"
          "test,average_loss,1e-07\n"
          "test,label/mean,1e-07\n"
          "test,loss,1e-07\n"
          "test,precision,1e-07\n"
          "test,prediction/mean,1e-07\n"
          "test,recall,1e-07\n"
          "test,f1,1e-07\n"
          "test,brier,1e-07\n");
    made->measurement.history[1].metrics[0] = NAN;
    check(history_csv_write, made,
          "step,epoch,lr,train.loss,test.average_loss,test.accuracy\n"
          "5,3,0.1,0.5,0.75,1.0\n"
          "10,5,0.1,0.25,,0.75\n");
    check(predictions_csv_write, made,
          "row,target.label,logit,probability\n"
          "6,1,-1.5,0.18242551\n"
          "2,1,0.1,0.5249792\n");
    made_record_free(made);
}

static void writes_classes(void **state) {
    static const float TARGETS[] = {0, 2, 1, 0, 1};
    /* The first of equals is the class; what is no number is none. */
    static const float OUTPUTS[] = {1, 3, 3, -0.0f, NAN, INFINITY};
    static const char *const NAMES[] = {"a,b"};
    struct made_record *made = made_record_new(
        "data: {source: make_blobs, split: {validation_size: 1}}\n"
        "model: {layers: [{type: linear, out_features: 3}]}\n"
        "train: {loss: cross_entropy, optimizer: adam, batch_size: 2,\n"
        "        steps: 10}\n"
        "evaluate: {metrics: [train.f1, test.accuracy]}\n",
        TARGETS, NAMES, 1, OUTPUTS, NULL);
    (void)state;
    check(predictions_csv_write, made,
          "row,\"target.a,b\",output.0,output.1,output.2,class\n"
          "6,1,1.0,3.0,3.0,1\n"
          "2,2,-0.0,,,2\n");
    check(history_csv_write, made,
          "step,epoch,lr,train.loss,test.average_loss,test.accuracy,train.f1\n"
          "5,3,0.1,0.5,0.75,1.0,1.25\n"
          "10,5,0.1,0.25,0.5,0.75,1.0\n");
    struct text out = TEXT_INIT;
    metrics_csv_write(&made->record, &out);
    assert_non_null(strstr(out.bytes, "\ntest,average_loss,2."));
    assert_null(strstr(out.bytes, "auc"));
    assert_null(strstr(out.bytes, "validation"));
    text_release(&out);
    made_record_free(made);
}

static void writes_regression_in_its_own_units(void **state) {
    static const float TARGETS[] = {0, 1, 2, 3, 4, 0.5f, -0.5f, 0, 1, 2};
    static const float OUTPUTS[] = {0.5f, 1, -2, 0};
    static const char *const NAMES[] = {"om", "h \"0\""};
    /* mean 10 and 20, scale 2 and 4: scikit-learn's x * scale_ + mean_. */
    static const double MEAN[] = {10, 20}, VARIANCE[] = {4, 16},
                        SCALE[] = {2, 4};
    static const char *const NUMBERS[] = {"mean_", "var_", "scale_"};
    static const double *const VALUES[] = {MEAN, VARIANCE, SCALE};
    const struct fitted_scaler scaler = {.kind = &SCALER_STANDARD.kind,
                                         .columns = 2,
                                         .numbers = 3,
                                         .names = NUMBERS,
                                         .values = VALUES};
    struct made_record *made = made_record_new(
        "data: {source: make_moons}\n"
        "model: {layers: [{type: linear, out_features: 2}]}\n"
        "train: {loss: mse, optimizer: adam, batch_size: 2, steps: 10}\n",
        TARGETS, NAMES, 2, OUTPUTS, NULL);
    (void)state;
    made->data.target_scalers = &scaler;
    made->data.target_scaler_count = 1;
    check(predictions_csv_write, made,
          "row,target.om,\"target.h \"\"0\"\"\",output.om,"
          "\"output.h \"\"0\"\"\"\n"
          "6,18.0,28.0,11.0,24.0\n"
          "2,12.0,18.0,6.0,20.0\n");
    check(history_csv_write, made,
          "step,epoch,lr,train.loss,test.average_loss,test.rmse\n"
          "5,3,0.1,0.5,0.75,1.0\n"
          "10,5,0.1,0.25,0.5,0.75\n");
    struct text out = TEXT_INIT;
    struct store_files none = {.count = 0};
    run_json_write(&made->record, &none, &out);
    assert_non_null(strstr(out.bytes, "\"mean_\": 10.0"));
    assert_non_null(strstr(out.bytes, "\"h \\\"0\\\"\": {"));
    text_release(&out);
    made_record_free(made);
}

/* ------------------------------------------------------------------ run.json
 */

static struct json_value *parse(const struct text *text) {
    struct status status = STATUS_INIT;
    struct json_value *value = json_parse(text->bytes, text->length, &status);
    if (!value)
        fail_msg("%s", status.message);
    return value;
}

static void assert_keys(const struct json_value *object, const char *expected) {
    struct text keys = TEXT_INIT;
    for (size_t i = 0; i < json_count(object); i++) {
        const struct json_value *value;
        text_print(&keys, "%s%s", i ? " " : "",
                   json_member_at(object, i, &value));
    }
    assert_string_equal(text_string(&keys), expected);
    text_release(&keys);
}

static void check_head(const struct json_value *run) {
    assert_keys(run, "format id name status error seed config metrics "
                     "global_step best_step model data digest files numerics");
    assert_string_equal(json_get_string(json_member(run, "id"), ""), ID);
    assert_string_equal(json_get_string(json_member(run, "name"), ""), "made");
    assert_string_equal(json_get_string(json_member(run, "status"), ""),
                        "finished");
    assert_true(json_is_null(json_member(run, "error")));
    assert_true(json_is_null(json_member(run, "best_step")));
    assert_int_equal(json_get_integer(json_member(run, "seed"), 0), 7);
    assert_int_equal(json_get_integer(json_member(run, "global_step"), 0), 10);
    assert_keys(json_member(run, "metrics"), "train test");
}

static void check_model(const struct json_value *model) {
    const struct json_value *layer =
        json_element(json_member(model, "layers"), 0);
    assert_int_equal(json_get_integer(json_member(model, "parameters"), 0), 3);
    assert_keys(layer, "name type output_shape parameters");
    assert_string_equal(json_get_string(json_member(layer, "name"), ""),
                        "last");
    assert_int_equal(json_get_integer(json_member(layer, "parameters"), 0), 3);
}

static void check_data(const struct json_value *data) {
    const struct json_value *parts = json_member(data, "parts");
    const int64_t rows[] = {6, 2};
    char hex[DIGEST_TEXT_SIZE];
    assert_keys(data, "rows columns targets inputs parts scalers");
    assert_int_equal(json_count(json_member(data, "inputs")), 0);
    assert_string_equal(
        json_get_string(json_element(json_member(data, "columns"), 1), ""),
        MADE_COLUMNS[1]);
    assert_keys(parts, "train test");
    digest_of(rows, sizeof rows, hex);
    assert_string_equal(
        json_get_string(json_member(json_member(parts, "test"), "sha256"), ""),
        hex);
}

static void check_files(const struct json_value *list,
                        const struct store_files *files) {
    assert_int_equal(json_count(list), files->count - 1);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *row = json_element(list, i);
        const struct text *content = &files->file[i].content;
        char hex[DIGEST_TEXT_SIZE];
        digest_of(content->bytes, content->length, hex);
        assert_string_equal(json_get_string(json_member(row, "name"), ""),
                            files->file[i].name);
        assert_string_equal(json_get_string(json_member(row, "sha256"), ""),
                            hex);
        assert_int_equal(json_get_integer(json_member(row, "bytes"), 0),
                         content->length);
    }
}

static void writes_a_record(void **state) {
    struct made_record *made = made_binary();
    struct store_files files;
    (void)state;
    record_write(&made->record, &files);
    assert_int_equal(files.count, 6);
    assert_string_equal(files.file[5].name, "run.json");
    struct json_value *run = parse(&files.file[5].content);
    const struct json_value *digest = json_member(run, "digest");
    check_head(run);
    check_model(json_member(run, "model"));
    check_data(json_member(run, "data"));
    assert_keys(digest, "weights predictions history");
    assert_int_equal(json_count(json_member(digest, "history")), 2);
    assert_string_equal(
        json_get_string(json_element(json_member(digest, "history"), 1), ""),
        "000000000000000a");
    check_files(json_member(run, "files"), &files);
    json_free(run);
    store_files_release(&files);
    made_record_free(made);
}

static void writes_a_diverged_run(void **state) {
    struct made_record *made = made_binary();
    struct store_files files;
    (void)state;
    made->measurement.outcome = RUN_DIVERGED;
    made->measurement.divergence.step = 6;
    made->measurement.divergence.layer = "0 (linear)";
    made->measurement.divergence.what = "weight is inf";
    for (size_t i = 0; i < METRIC_LIMIT; i++)
        made->measurement.metrics[PART_TEST][i] = NAN;
    record_write(&made->record, &files);
    struct json_value *run = parse(&files.file[5].content);
    const struct json_value *error = json_member(run, "error");
    const struct json_value *test =
        json_member(json_member(run, "metrics"), "test");
    assert_string_equal(json_get_string(json_member(run, "status"), ""),
                        "diverged");
    assert_keys(error, "step layer what");
    assert_int_equal(json_get_integer(json_member(error, "step"), 0), 6);
    assert_int_equal(json_count(test), 12);
    assert_true(json_is_null(json_member(test, "auc")));
    json_free(run);
    store_files_release(&files);
    made_record_free(made);
}

/* ------------------------------------------------------------------ finished
 */

static void commit_record(const struct store *store,
                          const struct made_record *made) {
    struct store_files files;
    struct status status = STATUS_INIT;
    record_write(&made->record, &files);
    assert_int_equal(store_commit(store, ID, &files, true, &status), STATUS_OK);
    store_files_release(&files);
}

static bool is_finished(const struct store *store, bool weights,
                        bool predictions, bool verify) {
    struct output_options output = {.weights = weights,
                                    .predictions = predictions};
    return record_is_finished(store, ID, &output, verify);
}

static void knows_what_is_finished(void **state) {
    struct made_record *made = made_binary();
    struct store store = store_at("finished");
    (void)state;
    assert_false(is_finished(&store, false, false, false));
    commit_record(&store, made);
    for (int choice = 0; choice < 8; choice++)
        assert_true(
            is_finished(&store, choice & 1, choice & 2, (choice & 4) != 0));
    made->config.output.weights = made->config.output.predictions = false;
    commit_record(&store, made);
    assert_int_equal(entries(at("finished/runs/%s", ID)), 4);
    assert_true(is_finished(&store, false, false, true));
    assert_false(is_finished(&store, true, false, false));
    assert_false(is_finished(&store, false, true, false));

    write_text(at("finished/runs/%s/metrics.csv", ID), "part,metric,value\n");
    assert_true(is_finished(&store, false, false, false));
    assert_false(is_finished(&store, false, false, true));
    write_text(at("finished/runs/%s/run.json", ID), "{\"id\":");
    assert_false(is_finished(&store, false, false, false));
    write_text(at("finished/runs/%s/run.json", ID),
               "{\"id\": \"ffffffffffffffff\", \"files\": []}");
    assert_false(is_finished(&store, false, false, false));
    store_close(&store);
    made_record_free(made);
}

/* A list that names other files, or files elsewhere, agrees with nothing. */
static void trusts_no_strange_list(void **state) {
    static const char *const LISTS[] = {
        "null",
        "{}",
        "[7]",
        "[{}]",
        "[{\"name\": \"../../plan.json\", \"sha256\": \"\"}]",
        "[{\"name\": \"absent\", \"sha256\": \"\"}]",
        "[{\"name\": \"\", \"sha256\": \"\"}]",
        "[{\"name\": \"metrics.csv\", \"sha256\": \"\"}]"};
    struct made_record *made = made_binary();
    struct store store = store_at("strange");
    (void)state;
    commit_record(&store, made);
    for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++) {
        char json[300];
        snprintf(json, sizeof json, "{\"id\": \"%s\", \"files\": %s}", ID,
                 LISTS[i]);
        write_text(at("strange/runs/%s/run.json", ID), json);
        assert_false(is_finished(&store, false, false, true));
    }
    store_close(&store);
    made_record_free(made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_binary_task),
        cmocka_unit_test(writes_classes),
        cmocka_unit_test(writes_regression_in_its_own_units),
        cmocka_unit_test(writes_a_record),
        cmocka_unit_test(writes_a_diverged_run),
        cmocka_unit_test(knows_what_is_finished),
        cmocka_unit_test(trusts_no_strange_list),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
