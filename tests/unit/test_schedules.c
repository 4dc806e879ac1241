/* The lr and momentum of every update against torch's own: equal bits, but
 * where a cosine enters, whose last bit may differ. */

#include "engine/train/schedule.h"
#include "tests/unit/option_text.h"
#include "tests/unit/vector_lines.h"

#include <float.h>
#include <math.h>

struct run {
    const struct schedule_kind *kind;
    void *options;
    int64_t updates;
    double base_lr;
    bool has_cosine;
    struct schedule_state state;
};

static struct run start(const struct vector_lines *lines) {
    struct run run = {0};
    const struct kind *kind = kind_find(&SCHEDULE_FAMILY, lines->cells[1]);
    assert_non_null(kind);
    run.kind = (const struct schedule_kind *)kind;
    run.options = option_text(kind, lines->cells[2]);
    run.base_lr = strtod(lines->cells[3], NULL);
    run.updates = strtoll(lines->cells[4], NULL, 10);
    run.has_cosine = strcmp(kind->name, "cosine_annealing_lr") == 0 ||
                     (strcmp(kind->name, "one_cycle_lr") == 0 &&
                      !strstr(lines->cells[2], "linear"));
    run.kind->start(run.options, run.updates, run.base_lr, &run.state);
    return run;
}

/* A cosine is 1 at most and off by an ulp of 1 at most, and so is what it is
 * multiplied with: no number here is larger than the run's largest, `scale`. */
static void assert_number(const struct run *run, double ours,
                          const char *theirs, double scale) {
    double expected = strtod(theirs, NULL);
    double tolerance = run->has_cosine ? 1e-14 * scale : 0;
    if (!(fabs(ours - expected) <= tolerance))
        fail_msg("%s, update %lld: %a is not torch's %s", run->kind->kind.name,
                 (long long)run->state.last_epoch + 1, ours, theirs);
}

static void test_torch_numbers(void **unused) {
    (void)unused;
    struct vector_lines lines = vector_open("schedules.csv");
    assert_true(vector_next(&lines));
    size_t cases = 0;
    for (bool more = true; more; cases++) {
        assert_true(vector_is(&lines, "case"));
        struct run run = start(&lines);
        for (int64_t update = 0; update < run.updates; update++) {
            assert_true(vector_next(&lines));
            assert_number(&run, run.state.lr, lines.cells[0], run.base_lr);
            assert_int_equal(lines.count, run.state.has_momentum ? 2 : 1);
            if (run.state.has_momentum)
                assert_number(&run, run.state.momentum, lines.cells[1], 1);
            run.kind->step(run.options, run.updates, &run.state);
        }
        assert_true(isfinite(run.state.lr)); /* behind the run's end */
        option_text_free(&run.kind->kind, run.options);
        more = vector_next(&lines);
    }
    assert_true(cases >= 30);
    vector_close(&lines);
}

/* ---- what is refused ---- */

static const struct optimizer_kind *optimizer(const char *name) {
    return (const struct optimizer_kind *)kind_find(&OPTIMIZER_FAMILY, name);
}

static void check(const char *text, int64_t updates, const char *optimizer_name,
                  const char *key, const char *words) {
    const struct kind *kind = kind_find(&SCHEDULE_FAMILY, "one_cycle_lr");
    const struct schedule_kind *schedule = (const struct schedule_kind *)kind;
    struct status status = STATUS_INIT;
    void *options = option_text(kind, text);
    enum status_code code =
        schedule->check(options, updates, optimizer(optimizer_name), &status);
    if (key) {
        assert_int_equal(code, STATUS_CONFIG);
        assert_string_equal(status.key, key);
        if (!strstr(status.message, words))
            fail_msg("'%s' lacks '%s'", status.message, words);
    } else {
        assert_int_equal(code, STATUS_OK);
    }
    option_text_free(kind, options);
}

static void test_one_cycle_needs(void **unused) {
    (void)unused;
    check("max_lr=1", 10, "sgd", NULL, NULL);
    check("max_lr=1 total_steps=10", 10, "adam", NULL, NULL);
    check("max_lr=1 total_steps=9", 10, "sgd", "total_steps",
          "total_steps is 9, the run makes 10 updates");
    check("max_lr=1 pct_start=0.1", 10, "sgd", "pct_start", "10 updates");
    check("max_lr=1", 10, "adagrad", "cycle_momentum", "adagrad");
    check("max_lr=1", 10, "adadelta", "cycle_momentum", "neither momentum");
    check("max_lr=1 cycle_momentum=false", 10, "adagrad", NULL, NULL);
    check("max_lr=1 base_momentum=0", 10, "rmsprop", "base_momentum",
          "above 0");
    check("max_lr=1 max_momentum=0", 10, "sgd", "max_momentum", "above 0");
    check("max_lr=1 base_momentum=0", 10, "nadam", NULL, NULL);
    check("max_lr=1 base_momentum=0 cycle_momentum=false", 10, "sgd", NULL,
          NULL);
}

static const char *refusal(const char *name, const char *key) {
    const struct kind *kind = kind_find(&SCHEDULE_FAMILY, name);
    for (const struct field_refused *row = kind->refused; row->key; row++)
        if (strcmp(row->key, key) == 0)
            return row->reason;
    return NULL;
}

static void test_refused_by_name(void **unused) {
    (void)unused;
    for (const struct kind *const *kind = SCHEDULE_FAMILY.kinds; *kind;
         kind++) {
        assert_non_null(refusal((*kind)->name, "last_epoch"));
        assert_non_null(refusal((*kind)->name, "verbose"));
    }
    assert_non_null(strstr(refusal("one_cycle_lr", "epochs"), "total_steps"));
    assert_non_null(
        strstr(refusal("one_cycle_lr", "steps_per_epoch"), "total_steps"));
    assert_null(refusal("step_lr", "epochs"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_torch_numbers),
        cmocka_unit_test(test_one_cycle_needs),
        cmocka_unit_test(test_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
