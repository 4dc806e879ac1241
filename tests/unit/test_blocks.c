/* Packed runs: what is put into a block comes out again, byte for byte what the
 * folder of the same run holds. */

#include <fcntl.h>

#include "engine/base/digest.h"
#include "record_fixtures.h"
#include "runner/store/block.h"
#include "runner/store/block_part.h"
#include "runner/store/stored.h"

enum { RUNS = 5 };

/* A classification of another shape than made_binary(). */
static const char WIDE_CONFIG[] =
    "name: made\n"
    "description: \"a: 'b' \\u00e9 # c\"\n"
    "data: {source: {type: make_moons, n_samples: 5}, split: {test_size: 2}}\n"
    "model: {layers: [{type: linear, out_features: 3}, relu,\n"
    "                 {type: linear, out_features: 1}, sigmoid]}\n"
    "train: {loss: bce, optimizer: {type: adam, betas: [0.5, 0.75]},\n"
    "        batch_size: 2, steps: 10, lr_schedule: {type: step_lr,\n"
    "        step_size: 4}}\n"
    "output: {predictions: true}\n";

static struct made_record *made_wide(void) {
    static const float TARGETS[] = {0, 1, 0, 1, 1};
    static const float OUTPUTS[] = {0.25f, 0.75f};
    static const char *const NAMES[] = {"label"};
    return made_record_new(WIDE_CONFIG, TARGETS, NAMES, 1, OUTPUTS, NULL);
}

/* Runs 0, 2 and 4 are binary, 1 and 3 wide; each has weights of its own. */
struct scene {
    struct store store;
    struct space space;
    struct plan plan;
    struct made_record *made[RUNS];
    run_id ids[RUNS];
};

static void set_digests(struct made_record *made) {
    struct measurement *measurement = &made->measurement;
    digest_of(measurement->parameters,
              made->network.parameter_count * sizeof(float),
              measurement->digest_weights);
    digest_of(measurement->test_outputs, 2 * sizeof(float),
              measurement->digest_predictions);
}

static void scene_init(struct scene *scene, const char *name) {
    memset(scene, 0, sizeof *scene);
    scene->store = store_at(name);
    scene->space.count = RUNS;
    plan_init(&scene->plan, &scene->space);
    for (size_t i = 0; i < RUNS; i++) {
        struct made_record *made = i % 2 ? made_wide() : made_binary();
        scene->made[i] = made;
        made->config.output.runs = OUTPUT_PACKED;
        for (size_t j = 0; j < made->network.parameter_count; j++)
            made->measurement.parameters[j] += (float)(100 * i);
        made->measurement.metrics[PART_TEST][0] = NAN;
        set_digests(made);
        snprintf(scene->ids[i], RUN_ID_SIZE, "%016zx", 0xabcdef00ff00 + 7 * i);
        made->record.id = scene->ids[i];
        assert_true(plan_add(&scene->plan, scene->ids[i], (uint32_t)i));
    }
    /* Stopped before its first row. */
    scene->made[3]->measurement.history_count = 0;
    scene->plan.config = &scene->made[0]->config;
}

static void scene_release(struct scene *scene) {
    for (size_t i = 0; i < RUNS; i++)
        made_record_free(scene->made[i]);
    plan_release(&scene->plan);
    store_close(&scene->store);
}

/* With a plan on disk, as readers want one. */
static void put_plan(struct scene *scene) {
    struct text text = TEXT_INIT;
    struct status status = STATUS_INIT;
    assert_int_equal(plan_write(&scene->plan, &text, NULL, NULL, &status),
                     STATUS_OK);
    assert_int_equal(store_put(&scene->store, "plan.json", &text, &status),
                     STATUS_OK);
    text_release(&text);
}

static struct block_part open_part(struct scene *scene, bool fresh) {
    struct block_part part;
    struct status status = STATUS_INIT;
    if (block_part_open(&part, &scene->store, &scene->plan, 0, true, fresh,
                        &status))
        fail_msg("%s", status.message);
    return part;
}

static void add(struct scene *scene, struct block_part *part, size_t line) {
    struct text record = TEXT_INIT, tensors = TEXT_INIT;
    struct status status = STATUS_INIT;
    record_write_packed(&scene->made[line]->record, &record, &tensors);
    assert_int_equal(block_part_add(part, line, &record, &tensors, &status),
                     STATUS_OK);
    text_release(&record);
    text_release(&tensors);
}

static void commit_part(struct block_part *part) {
    struct status status = STATUS_INIT;
    if (block_part_commit(part, &status))
        fail_msg("%s", status.message);
    block_part_remove(part);
}

static void pack(struct scene *scene, const size_t order[RUNS]) {
    struct block_part part = open_part(scene, true);
    for (size_t i = 0; i < RUNS; i++)
        add(scene, &part, order[i]);
    commit_part(&part);
}

static struct bytes contents(const char *path) {
    struct bytes bytes;
    struct status status = STATUS_INIT;
    if (whole_file_read(path, 1 << 20, STATUS_INPUT, &bytes, &status))
        fail_msg("%s", status.message);
    return bytes;
}

static void assert_same_file(const char *a, const char *b) {
    struct bytes one = contents(a), two = contents(b);
    assert_int_equal(one.size, two.size);
    assert_memory_equal(one.data, two.data, one.size);
    bytes_release(&one);
    bytes_release(&two);
}

static const size_t IN_ORDER[] = {0, 1, 2, 3, 4}, MIXED[] = {3, 0, 4, 1, 2};

/* ------------------------------------------------------------------- reading
 */

static void commit_folder(struct scene *scene, const struct store *store,
                          size_t run) {
    struct store_files files = {.count = 0};
    struct status status = STATUS_INIT;
    record_write(&scene->made[run]->record, &files);
    assert_int_equal(
        store_commit(store, scene->ids[run], &files, true, &status), STATUS_OK);
    store_files_release(&files);
}

static void open_reader(struct stored_reader *reader,
                        const struct store *store) {
    struct status status = STATUS_INIT;
    assert_int_equal(stored_reader_init(reader, store, &status), STATUS_OK);
}

static void gives_what_folders_hold(void **state) {
    static const char *const NAMES[] = {"config.yaml", "metrics.csv",
                                        "history.csv", "weights.safetensors"};
    struct scene scene;
    struct stored_reader packed, folders;
    struct stored_run a, b;
    (void)state;
    scene_init(&scene, "give");
    struct store other = store_at("give_folders");
    pack(&scene, MIXED);
    put_plan(&scene);
    open_reader(&packed, &scene.store);
    open_reader(&folders, &other);
    assert_true(packed.is_packed);
    assert_false(folders.is_packed);
    for (size_t i = RUNS; i-- > 0;) {
        commit_folder(&scene, &other, i);
        assert_int_equal(stored_run_init(&a, &packed, scene.ids[i],
                                         i % 2 ? i : STORED_ANYWHERE),
                         STORED_THERE);
        assert_int_equal(
            stored_run_init(&b, &folders, scene.ids[i], STORED_ANYWHERE),
            STORED_THERE);
        for (size_t j = 0; j < sizeof NAMES / sizeof *NAMES; j++) {
            struct bytes one, two;
            assert_true(stored_run_file(&a, NAMES[j], &one));
            assert_true(stored_run_file(&b, NAMES[j], &two));
            assert_string_equal((char *)one.data, (char *)two.data);
            assert_int_equal(one.size, two.size);
            assert_memory_equal(one.data, two.data, one.size);
            bytes_release(&one);
            bytes_release(&two);
        }
        stored_run_release(&a);
        stored_run_release(&b);
    }
    stored_reader_release(&packed);
    stored_reader_release(&folders);
    store_close(&other);
    scene_release(&scene);
}

static void gives_outputs(void **state) {
    struct scene scene;
    struct stored_reader reader;
    struct stored_run run;
    struct bytes bytes;
    (void)state;
    scene_init(&scene, "outputs");
    pack(&scene, IN_ORDER);
    put_plan(&scene);
    open_reader(&reader, &scene.store);
    assert_int_equal(stored_run_init(&run, &reader, scene.ids[1], 1),
                     STORED_THERE);
    assert_true(stored_run_outputs(&run, &bytes));
    assert_int_equal(bytes.size, 2 * sizeof(float));
    assert_memory_equal(bytes.data, scene.made[1]->measurement.test_outputs,
                        bytes.size);
    bytes_release(&bytes);
    assert_false(stored_run_file(&run, "predictions.csv", &bytes));
    stored_run_release(&run);
    stored_reader_release(&reader);
    scene_release(&scene);
}

static void knows_what_is_missing(void **state) {
    struct scene scene;
    struct stored_reader reader;
    struct stored_run run;
    run_id *ids;
    (void)state;
    scene_init(&scene, "missing");
    put_plan(&scene);
    open_reader(&reader, &scene.store);
    assert_int_equal(stored_run_init(&run, &reader, scene.ids[0], 0),
                     STORED_MISSING);
    assert_int_equal(stored_ids(&reader, &ids), 0);
    free(ids);
    pack(&scene, IN_ORDER);
    assert_int_equal(stored_run_init(&run, &reader, ID, STORED_ANYWHERE),
                     STORED_MISSING);
    /* Another run's line. */
    assert_int_equal(stored_run_init(&run, &reader, scene.ids[0], 1),
                     STORED_UNREADABLE);
    assert_int_equal(stored_ids(&reader, &ids), RUNS);
    assert_string_equal(ids[0], scene.ids[0]);
    free(ids);
    stored_reader_release(&reader);
    scene_release(&scene);
}

/* ------------------------------------------------------------------- writing
 */

/* The order in which runs were done leaves no trace. */
static void has_the_plans_order(void **state) {
    struct scene one, two;
    (void)state;
    scene_init(&one, "order1");
    scene_init(&two, "order2");
    pack(&one, IN_ORDER);
    pack(&two, MIXED);
    assert_same_file(at("order1/runs/000000.jsonl"),
                     at("order2/runs/000000.jsonl"));
    assert_same_file(at("order1/runs/000000.safetensors"),
                     at("order2/runs/000000.safetensors"));
    assert_int_equal(entries(at("order1/.work")), 0);
    scene_release(&one);
    scene_release(&two);
}

/* One group a shape, with a leading axis of runs. */
static void groups_by_shape(void **state) {
    static const char EXPECTED[] =
        "\"0/runs\":{\"dtype\":\"I64\",\"shape\":[3],\"data_offsets\":[0,24]},"
        "\"1/runs\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[24,40]},"
        "\"0/0.weight\":{\"dtype\":\"F32\",\"shape\":[3,1,2],"
        "\"data_offsets\":[40,64]},"
        "\"0/0.bias\":{\"dtype\":\"F32\",\"shape\":[3,1],"
        "\"data_offsets\":[64,76]},"
        "\"0/predictions\":{\"dtype\":\"F32\",\"shape\":[3,2,1],"
        "\"data_offsets\":[76,100]},"
        "\"1/0.weight\":{\"dtype\":\"F32\",\"shape\":[2,3,2],"
        "\"data_offsets\":[100,148]},";
    static const int64_t LINES[] = {0, 2, 4, 1, 3};
    struct scene scene;
    uint64_t length;
    (void)state;
    scene_init(&scene, "shapes");
    pack(&scene, MIXED);
    struct bytes bytes = contents(at("shapes/runs/000000.safetensors"));
    memcpy(&length, bytes.data, sizeof length);
    assert_int_equal(length % 8, 0);
    if (!strstr((char *)bytes.data + 8, EXPECTED))
        fail_msg("%.*s", (int)length, (char *)bytes.data + 8);
    const unsigned char *values = bytes.data + 8 + length;
    assert_memory_equal(values, LINES, sizeof LINES);
    for (size_t i = 0; i < 3; i++)
        assert_memory_equal(values + 40 + 8 * i,
                            scene.made[2 * i]->measurement.parameters, 8);
    bytes_release(&bytes);
    scene_release(&scene);
}

static void set_outputs(struct scene *scene, bool weights, bool predictions) {
    for (size_t i = 0; i < RUNS; i++) {
        scene->made[i]->config.output.weights = weights;
        scene->made[i]->config.output.predictions = predictions;
    }
}

static bool is_finished(const struct scene *scene, bool weights,
                        bool predictions, bool verify) {
    const struct output_options output = {
        .runs = OUTPUT_PACKED, .weights = weights, .predictions = predictions};
    return block_is_finished(&scene->store, 0, RUNS, &output, verify);
}

/* Without anything asked for there are digests of the records, and no more. */
static void holds_what_was_asked_for(void **state) {
    struct scene scene;
    (void)state;
    scene_init(&scene, "asked");
    for (int asked = 0; asked < 4; asked++) {
        bool weights = asked & 1, predictions = asked & 2;
        set_outputs(&scene, weights, predictions);
        pack(&scene, IN_ORDER);
        for (int other = 0; other < 4; other++)
            assert_int_equal(
                is_finished(&scene, other & 1, other & 2, asked == other),
                (other & ~asked) == 0);
    }
    scene_release(&scene);
}

static void flip(const char *path, long offset) {
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    fseek(file, offset, offset < 0 ? SEEK_END : SEEK_SET);
    int c = fgetc(file);
    fseek(file, -1, SEEK_CUR);
    fputc(c ^ 1, file);
    fclose(file);
}

static void notices_damage(void **state) {
    static const struct {
        const char *name;
        long offset;
    } PLACES[] = {{"000000.jsonl", 9},
                  {"000000.jsonl", -9},
                  {"000000.safetensors", -3},
                  {"000000.safetensors", -150}};
    struct scene scene;
    (void)state;
    scene_init(&scene, "damage");
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
        pack(&scene, IN_ORDER);
        assert_true(is_finished(&scene, true, true, true));
        flip(at("damage/runs/%s", PLACES[i].name), PLACES[i].offset);
        assert_false(is_finished(&scene, true, true, true));
    }
    pack(&scene, IN_ORDER);
    assert_int_equal(truncate(at("damage/runs/000000.jsonl"), 500), 0);
    assert_false(is_finished(&scene, true, true, false));
    pack(&scene, IN_ORDER);
    assert_int_equal(unlink(at("damage/runs/000000.safetensors")), 0);
    assert_false(is_finished(&scene, true, true, false));
    scene_release(&scene);
}

/* ------------------------------------------------------------------- resuming
 */

static void goes_on_from_a_part(void **state) {
    struct scene scene, calm;
    (void)state;
    scene_init(&scene, "resumed");
    scene_init(&calm, "calm");
    struct block_part part = open_part(&scene, false);
    add(&scene, &part, 4);
    add(&scene, &part, 1);
    block_part_close(&part);
    part = open_part(&scene, false);
    assert_int_equal(part.done, 2);
    assert_true(block_part_has(&part, 4));
    assert_false(block_part_has(&part, 0));
    add(&scene, &part, 0);
    block_part_close(&part);
    part = open_part(&scene, false);
    assert_int_equal(part.done, 3);
    add(&scene, &part, 3);
    add(&scene, &part, 2);
    commit_part(&part);
    pack(&calm, IN_ORDER);
    assert_same_file(at("calm/runs/000000.jsonl"),
                     at("resumed/runs/000000.jsonl"));
    assert_same_file(at("calm/runs/000000.safetensors"),
                     at("resumed/runs/000000.safetensors"));
    scene_release(&scene);
    scene_release(&calm);
}

static off_t size_of(const char *path) {
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    return about.st_size;
}

/* Cut off anywhere, it keeps the entries before. */
static void cuts_what_is_torn(void **state) {
    struct scene scene;
    (void)state;
    scene_init(&scene, "torn");
    const char *path = at("torn/.work/000000.part");
    struct block_part part = open_part(&scene, false);
    off_t none = size_of(path);
    add(&scene, &part, 2);
    off_t one = size_of(path);
    add(&scene, &part, 0);
    block_part_close(&part);
    for (off_t size = size_of(path) - 1; size >= 0; size -= 61) {
        assert_int_equal(truncate(path, size), 0);
        part = open_part(&scene, false);
        assert_int_equal(part.done, size >= one);
        assert_int_equal(size_of(path), size >= one ? one : none);
        block_part_close(&part);
    }
    scene_release(&scene);
}

static void drops_what_is_damaged(void **state) {
    struct scene scene;
    (void)state;
    scene_init(&scene, "flipped");
    const char *path = at("flipped/.work/000000.part");
    struct block_part part = open_part(&scene, false);
    long first = (long)size_of(path);
    add(&scene, &part, 2);
    long second = (long)size_of(path);
    add(&scene, &part, 0);
    block_part_close(&part);
    flip(path, second + 200);
    part = open_part(&scene, false);
    assert_int_equal(part.done, 1);
    add(&scene, &part, 1);
    block_part_close(&part);
    flip(path, first + 3);
    part = open_part(&scene, false);
    assert_int_equal(part.done, 0);
    block_part_close(&part);
    scene_release(&scene);
}

/* Of other outputs, of another plan. */
static void takes_no_other_part(void **state) {
    struct scene scene;
    (void)state;
    scene_init(&scene, "foreign");
    struct block_part part = open_part(&scene, false);
    add(&scene, &part, 2);
    block_part_close(&part);
    set_outputs(&scene, false, true);
    part = open_part(&scene, false);
    assert_int_equal(part.done, 0);
    add(&scene, &part, 2);
    block_part_close(&part);
    scene.plan.runs[0].id++;
    part = open_part(&scene, false);
    assert_int_equal(part.done, 0);
    add(&scene, &part, 2);
    block_part_close(&part);
    part = open_part(&scene, true);
    assert_int_equal(part.done, 0);
    block_part_remove(&part);
    assert_int_equal(entries(at("foreign/.work")), 0);
    scene_release(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_folders_hold),
        cmocka_unit_test(gives_outputs),
        cmocka_unit_test(knows_what_is_missing),
        cmocka_unit_test(has_the_plans_order),
        cmocka_unit_test(groups_by_shape),
        cmocka_unit_test(holds_what_was_asked_for),
        cmocka_unit_test(notices_damage),
        cmocka_unit_test(goes_on_from_a_part),
        cmocka_unit_test(cuts_what_is_torn),
        cmocka_unit_test(drops_what_is_damaged),
        cmocka_unit_test(takes_no_other_part),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
