/* The generators against values recorded from PyTorch and numpy
 * (tests/golden/random_streams.csv), bit for bit; numpy's normals to 1 ulp,
 * since their logarithm is ours. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/digest.h"
#include "engine/nn/initializer.h"
#include "engine/nn/layer.h"
#include "engine/random/mt19937.h"
#include "engine/random/numpy_random.h"
#include "engine/random/torch_random.h"
#include "option_sets.h"
#include "option_text.h"

static const char GOLDEN[] = TEST_SOURCE_DIR "/tests/golden/random_streams.csv";

enum { LINE_SIZE = 4096, LONG = 100000 };

/* Seeds as written to torch; only their low 32 bits count. */
static const char *const TORCH_SEEDS[] = {"0",   "1",          "42",
                                          "123", "4294967303", "-3"};
static const char *const NUMPY_SEEDS[] = {"0", "1", "42", "123"};

enum {
    TORCH_SEED_COUNT = sizeof TORCH_SEEDS / sizeof *TORCH_SEEDS,
    NUMPY_SEED_COUNT = sizeof NUMPY_SEEDS / sizeof *NUMPY_SEEDS,
};

/* Copies the values of the line `library,seed,"name",values`. */
static void find_golden(const char *library, const char *seed, const char *name,
                        char values[LINE_SIZE]) {
    char prefix[256];
    snprintf(prefix, sizeof prefix, "%s,%s,\"%s\",", library, seed, name);
    FILE *file = fopen(GOLDEN, "r");
    assert_non_null(file);
    bool is_found = false;
    while (!is_found && fgets(values, LINE_SIZE, file))
        is_found = strncmp(values, prefix, strlen(prefix)) == 0;
    fclose(file);
    if (!is_found)
        fail_msg("no golden %s", prefix);
    memmove(values, values + strlen(prefix),
            strlen(values) + 1 - strlen(prefix));
    values[strcspn(values, "\n")] = '\0';
}

/* The next number of a list, in the given base; '|' separates as a blank. */
static uint64_t next_value(char **rest, int base) {
    *rest += strspn(*rest, " |");
    char *end;
    uint64_t value = strtoull(*rest, &end, base);
    assert_true(end != *rest);
    *rest = end;
    return value;
}

static void assert_floats(const char *seed, const char *name,
                          const float *values, size_t count) {
    char line[LINE_SIZE], *rest = line;
    find_golden("torch", seed, name, line);
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        assert_int_equal(bits, next_value(&rest, 16));
    }
    assert_string_equal(rest, "");
}

static void assert_digest(const char *seed, const char *name, const void *bytes,
                          size_t length) {
    char line[LINE_SIZE], hex[DIGEST_TEXT_SIZE];
    find_golden("torch", seed, name, line);
    digest_of(bytes, length, hex);
    assert_string_equal(hex, line);
}

static struct mt19937 seeded(const char *seed) {
    struct mt19937 generator;
    mt19937_seed(&generator, (uint32_t)strtoll(seed, NULL, 10));
    return generator;
}

static void check_torch_integers(const char *seed) {
    struct mt19937 generator = seeded(seed);
    char line[LINE_SIZE], *rest = line;
    find_golden("torch", seed, "randint_2^31", line);
    for (int i = 0; i < 8; i++)
        assert_int_equal(mt19937_next(&generator) & INT32_MAX,
                         next_value(&rest, 10));
    assert_string_equal(rest, "");
}

static void check_torch_uniforms(const char *seed) {
    struct mt19937 generator = seeded(seed);
    float values[8];
    torch_rand(&generator, values, 8);
    assert_floats(seed, "rand", values, 8);
    generator = seeded(seed);
    torch_uniform(&generator, -0.3, 0.7, values, 8);
    assert_floats(seed, "uniform(-0.3,0.7)", values, 8);
    float *many = malloc(LONG * sizeof *many);
    assert_non_null(many);
    generator = seeded(seed);
    torch_uniform(&generator, -0.3, 0.7, many, LONG);
    assert_digest(seed, "uniform(-0.3,0.7)_100000_le_sha256", many,
                  LONG * sizeof *many);
    free(many);
}

static void check_torch_permutations(const char *seed) {
    struct mt19937 generator = seeded(seed);
    uint32_t *order = malloc(LONG * sizeof *order);
    int64_t *wide = malloc(LONG * sizeof *wide);
    assert_non_null(order);
    assert_non_null(wide);
    char line[LINE_SIZE], *rest = line;
    find_golden("torch", seed, "randperm_10", line);
    torch_randperm(&generator, order, 10);
    for (int i = 0; i < 10; i++)
        assert_int_equal(order[i], next_value(&rest, 10));
    generator = seeded(seed);
    torch_randperm(&generator, order, LONG);
    for (size_t i = 0; i < LONG; i++)
        wide[i] = order[i];
    assert_digest(seed, "randperm_100000_i64le_sha256", wide,
                  LONG * sizeof *wide);
    free(wide);
    free(order);
}

static void check_torch_loader(const char *seed) {
    struct mt19937 generator = seeded(seed);
    char line[LINE_SIZE], *rest = line;
    find_golden("torch", seed, "DataLoader(10,shuffle,generator)x3", line);
    for (int epoch = 0; epoch < 3; epoch++) {
        uint32_t order[10];
        torch_loader_begin_epoch(&generator, 1, order, 10);
        torch_loader_end_epoch(&generator, 1, 10);
        for (int i = 0; i < 10; i++)
            assert_int_equal(order[i], next_value(&rest, 10));
    }
    assert_string_equal(rest, "");
}

/* nn.Linear(inputs, outputs): weight, then bias. Both bounds are PyTorch's, in
 * its order of operations: kaiming_uniform_ with a = sqrt(5), 1 / sqrt(fan_in).
 * Returns the place behind the last parameter. */
static float *draw_linear(struct mt19937 *generator, size_t inputs,
                          size_t outputs, float *parameters) {
    double a = sqrt(5.0), fan_in = (double)inputs;
    double gain = sqrt(2.0 / (1 + a * a));
    double weight_bound = sqrt(3.0) * (gain / sqrt(fan_in));
    double bias_bound = 1 / sqrt(fan_in);
    torch_uniform(generator, -weight_bound, weight_bound, parameters,
                  inputs * outputs);
    parameters += inputs * outputs;
    torch_uniform(generator, -bias_bound, bias_bound, parameters, outputs);
    return parameters + outputs;
}

static void check_torch_layers(const char *seed) {
    float parameters[20 * 2 + 20 + 20 * 20 + 20 + 20 + 1];
    struct mt19937 generator = seeded(seed);
    draw_linear(&generator, 3, 2, parameters);
    assert_floats(seed, "Linear(3,2).weight", parameters, 6);
    assert_floats(seed, "Linear(3,2).bias", parameters + 6, 2);
    generator = seeded(seed);
    float *next = draw_linear(&generator, 2, 20, parameters);
    next = draw_linear(&generator, 20, 20, next);
    next = draw_linear(&generator, 20, 1, next);
    assert_true((size_t)(next - parameters) * sizeof *next ==
                sizeof parameters);
    assert_digest(seed, "MLP_2_20_20_1_le_sha256", parameters,
                  sizeof parameters);
}

/* ---- normals ---- */

static struct torch_generator seeded_torch(const char *seed) {
    struct torch_generator generator;
    torch_seed(&generator, (uint32_t)strtoll(seed, NULL, 10));
    return generator;
}

static void check_torch_normals(const char *seed) {
    static const struct {
        const char *name;
        size_t count;
    } ROWS[] = {{"randn_7", 7}, {"randn_16", 16}, {"randn_33", 33}};
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct torch_generator generator = seeded_torch(seed);
        float values[33];
        torch_normal(&generator, 0, 1, values, ROWS[i].count);
        assert_floats(seed, ROWS[i].name, values, ROWS[i].count);
    }
    float *many = malloc(LONG * sizeof *many);
    assert_non_null(many);
    struct torch_generator generator = seeded_torch(seed);
    torch_normal(&generator, 0.1, 1.7, many, LONG);
    assert_digest(seed, "normal(0.1,1.7)_100000_le_sha256", many,
                  LONG * sizeof *many);
    generator = seeded_torch(seed);
    torch_normal(&generator, 0, 1, many, 30);
    assert_digest(seed, "Embedding(10,3)_le_sha256", many, 30 * sizeof *many);
    free(many);
}

/* A pair's left-over normal waits through draws of many: torch 1.13's
 * cat([empty(n).normal_(1.5, 0.37) for n in COUNTS]), a seed each. */
static void test_normals_that_are_left_over(void **state) {
    static const size_t counts[] = {3, 20, 1, 16, 5, 33, 2};
    static const char *const digests[TORCH_SEED_COUNT] = {
        "6aa65ab1678ec749c229b7b941131b62582dccfc6391e253057d97b2e1aa785c",
        "dfc35395a167af55a2024b1b67cda0f1316fed1badc9bbc5e15e57a3c76b209f",
        "4d553e72519f6a2e0a2736a5a81ccb78dae37230fa309eda3844fe6451bdeec6",
        "8de398f84e92b802c835b0ca98decf00ae5d2026c7b573ba4830a12a3e0d9d00",
        "d6532b2a688f5293c48358ec64fd2254fd5187ded516b413b6b7857e7beda561",
        "1fcb620c7f366912e193d3209e4d8bab1b11b1f6e8bb08fcac8ccb590daf0d0b"};
    (void)state;
    for (size_t i = 0; i < TORCH_SEED_COUNT; i++) {
        struct torch_generator generator = seeded_torch(TORCH_SEEDS[i]);
        float values[80], *next = values;
        char hex[DIGEST_TEXT_SIZE];
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            torch_normal(&generator, 1.5, 0.37, next, counts[k]);
            next += counts[k];
        }
        digest_of(values, sizeof values, hex);
        assert_string_equal(hex, digests[i]);
    }
}

/* The first of a block is 0: its radius is -0, and the mean comes out. */
static void test_normal_of_zero_is_the_mean(void **state) {
    struct torch_generator generator = {.normal = 0};
    float values[16];
    (void)state;
    mt19937_seed(&generator.twister, 1);
    mt19937_skip(&generator.twister, MT19937_WORDS);
    memset(generator.twister.state, 0, sizeof generator.twister.state);
    generator.twister.next = 0;
    torch_normal(&generator, 2.5, 3, values, 16);
    for (int i = 0; i < 16; i++)
        assert_true(values[i] == 2.5f);
}

static void check_initializer(const char *seed, const char *golden,
                              const char *kind) {
    struct torch_generator generator = seeded_torch(seed);
    const struct kind *row = kind_find(&INITIALIZER_FAMILY, kind);
    assert_non_null(row);
    void *options = option_text(
        row, strncmp(kind, "kaiming", 7) == 0 ? "nonlinearity=relu" : "");
    float values[13 * 9];
    ((const struct initializer_kind *)row)
        ->fill(options, (struct shape){2, {13, 9}}, &generator, values);
    assert_digest(seed, golden, values, sizeof values);
    option_text_free(row, options);
}

static void check_torch_initializers(const char *seed) {
    check_initializer(seed, "kaiming_uniform_relu(13,9)_le_sha256",
                      "kaiming_uniform");
    check_initializer(seed, "kaiming_normal_relu(13,9)_le_sha256",
                      "kaiming_normal");
    check_initializer(seed, "xavier_uniform(13,9)_le_sha256", "xavier_uniform");
    check_initializer(seed, "xavier_normal(13,9)_le_sha256", "xavier_normal");
}

/* A module with a state, of 5 features and 7 numbers: all its tensors. */
static void check_recurrent(const char *seed, const char *name,
                            const char *layer, int64_t num_layers) {
    const struct shape input = {2, {3, 5}};
    const struct kind *kind = kind_find(&LAYER_FAMILY, layer);
    const struct layer_kind *row = (const struct layer_kind *)kind;
    struct tensor_layout layouts[LAYER_TENSOR_LIMIT];
    struct torch_generator generator;
    float parameters[2048], *tensors[LAYER_TENSOR_LIMIT];
    void *options = option_defaults(kind, 1);
    option_put(field_find(kind->fields, "hidden_size"), options, 7, 1);
    option_put(field_find(kind->fields, "num_layers"), options,
               (double)num_layers, 1);
    size_t tensor_count = row->tensors(options, input, layouts), count = 0;
    for (size_t i = 0; i < tensor_count; i++) {
        tensors[i] = parameters + count;
        count += (size_t)shape_units(layouts[i].shape);
    }
    assert_true(count * sizeof *parameters <= sizeof parameters);
    torch_seed(&generator, (uint32_t)strtoll(seed, NULL, 10));
    row->draw(options, input, &generator, tensors);
    assert_digest(seed, name, parameters, count * sizeof *parameters);
    free(options);
}

static void test_torch(void **state) {
    (void)state;
    for (size_t i = 0; i < TORCH_SEED_COUNT; i++) {
        check_torch_integers(TORCH_SEEDS[i]);
        check_torch_uniforms(TORCH_SEEDS[i]);
        check_torch_permutations(TORCH_SEEDS[i]);
        check_torch_loader(TORCH_SEEDS[i]);
        check_torch_layers(TORCH_SEEDS[i]);
        check_torch_normals(TORCH_SEEDS[i]);
        check_torch_initializers(TORCH_SEEDS[i]);
        check_recurrent(TORCH_SEEDS[i], "LSTM(5,7,2)_le_sha256", "lstm", 2);
        check_recurrent(TORCH_SEEDS[i], "GRU(5,7)_le_sha256", "gru", 1);
        check_recurrent(TORCH_SEEDS[i], "RNN(5,7)_le_sha256", "rnn", 1);
    }
}

static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void check_numpy_reals(const char *seed) {
    struct numpy_random random;
    char line[LINE_SIZE], *rest = line;
    numpy_random_seed(&random, (uint32_t)atoi(seed));
    find_golden("numpy_sklearn", seed, "random_sample", line);
    for (int i = 0; i < 4; i++)
        assert_true(numpy_random_sample(&random) ==
                    double_of(next_value(&rest, 16)));
    assert_string_equal(rest, "");

    numpy_random_seed(&random, (uint32_t)atoi(seed));
    rest = line;
    find_golden("numpy_sklearn", seed, "randn", line);
    for (int i = 0; i < 5; i++) {
        double expected = double_of(next_value(&rest, 16));
        double value = numpy_random_normal(&random);
        double ulp = nextafter(fabs(expected), INFINITY) - fabs(expected);
        assert_true(fabs(value - expected) <= ulp);
    }
    assert_string_equal(rest, "");
}

static void check_numpy_integers(const char *seed) {
    struct numpy_random random;
    char line[LINE_SIZE], *rest = line;
    int64_t order[10];
    numpy_random_seed(&random, (uint32_t)atoi(seed));
    numpy_random_permutation(&random, order, 10);
    find_golden("numpy_sklearn", seed, "permutation_10", line);
    for (int i = 0; i < 10; i++)
        assert_int_equal(order[i], next_value(&rest, 10));

    numpy_random_seed(&random, (uint32_t)atoi(seed));
    rest = line;
    find_golden("numpy_sklearn", seed, "randint(0,10)", line);
    for (int i = 0; i < 10; i++)
        assert_int_equal(numpy_random_interval(&random, 9),
                         next_value(&rest, 10));
    assert_string_equal(rest, "");
}

static void test_numpy(void **state) {
    (void)state;
    for (size_t i = 0; i < NUMPY_SEED_COUNT; i++) {
        check_numpy_reals(NUMPY_SEEDS[i]);
        check_numpy_integers(NUMPY_SEEDS[i]);
    }
}

/* The ten thousandth word, as C++ requires
 * of std::mt19937 with its default seed 5489. */
static void test_words(void **state) {
    (void)state;
    struct mt19937 generator;
    mt19937_seed(&generator, 5489);
    mt19937_skip(&generator, 9999);
    assert_int_equal(mt19937_next(&generator), UINT32_C(4123659995));
}

static const size_t COUNTS[] = {0,   1,   2,    226,  227,  228,
                                396, 397, 398,  622,  623,  624,
                                625, 626, 1247, 1248, 1249, 5000};

enum { COUNT_COUNT = sizeof COUNTS / sizeof *COUNTS };

/* From every start, so that each count meets the end of a block everywhere. */
static void test_fill_is_next(void **state) {
    (void)state;
    static uint32_t words[5000];
    for (size_t start = 0; start < COUNT_COUNT; start++)
        for (size_t i = 0; i < COUNT_COUNT; i++) {
            struct mt19937 one = seeded("7"), other = seeded("7");
            mt19937_skip(&one, COUNTS[start]);
            mt19937_skip(&other, COUNTS[start]);
            mt19937_fill(&one, words, COUNTS[i]);
            for (size_t j = 0; j < COUNTS[i]; j++)
                assert_int_equal(words[j], mt19937_next(&other));
            assert_memory_equal(&one, &other, sizeof one);
        }
}

static void test_skip_is_next(void **state) {
    (void)state;
    for (size_t start = 0; start < COUNT_COUNT; start++)
        for (size_t i = 0; i < COUNT_COUNT; i++) {
            struct mt19937 one = seeded("11"), other = seeded("11");
            for (size_t j = 0; j < COUNTS[start]; j++)
                mt19937_next(&one);
            other = one;
            mt19937_skip(&one, COUNTS[i]);
            for (size_t j = 0; j < COUNTS[i]; j++)
                mt19937_next(&other);
            assert_memory_equal(&one, &other, sizeof one);
            assert_int_equal(mt19937_next64(&one), mt19937_next64(&other));
        }
}

static void test_next64_is_high_first(void **state) {
    (void)state;
    struct mt19937 one = seeded("3"), other = seeded("3");
    mt19937_skip(&one, 623);
    mt19937_skip(&other, 623);
    uint64_t high = mt19937_next(&other);
    assert_true(mt19937_next64(&one) == (high << 32 | mt19937_next(&other)));
}

/* torch.randperm by its definition, with the machine's remainder. */
static void plain_randperm(struct mt19937 *generator, uint32_t *order,
                           size_t count) {
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    for (size_t i = 0; i + 1 < count; i++) {
        size_t other = i + mt19937_next(generator) % (count - i);
        uint32_t swapped = order[i];
        order[i] = order[other];
        order[other] = swapped;
    }
}

static void test_randperm_is_its_definition(void **state) {
    (void)state;
    static uint32_t order[3000], expected[3000];
    struct mt19937 one = seeded("5"), other = seeded("5");
    for (size_t count = 0; count < 3000; count += 1 + count / 40) {
        torch_randperm(&one, order, count);
        plain_randperm(&other, expected, count);
        assert_memory_equal(order, expected, count * sizeof *order);
        assert_memory_equal(&one, &other, sizeof one);
    }
}

/* An epoch costs two words and, shuffled, count - 1 twice; the order of an
 * unshuffled one is the rows' own. */
static void test_loader_costs(void **state) {
    (void)state;
    for (size_t count = 0; count < 5; count++) {
        uint32_t order[5];
        struct mt19937 one = seeded("9"), other = seeded("9");
        torch_loader_begin_epoch(&one, 1, order, count);
        torch_loader_end_epoch(&one, 1, count);
        mt19937_skip(&other, 2 + (count ? 2 * (count - 1) : 0));
        assert_memory_equal(&one, &other, sizeof one);
        torch_loader_begin_epoch(&one, 0, order, count);
        torch_loader_end_epoch(&one, 0, count);
        mt19937_skip(&other, 2);
        assert_memory_equal(&one, &other, sizeof one);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(order[i], i);
    }
}

/* Draws within bounds, none for 0, both words for wide ones. */
static void test_interval(void **state) {
    (void)state;
    struct numpy_random random;
    numpy_random_seed(&random, 4);
    struct mt19937 before = random.generator;
    assert_int_equal(numpy_random_interval(&random, 0), 0);
    assert_memory_equal(&before, &random.generator, sizeof before);
    for (int i = 0; i < 1000; i++) {
        assert_true(numpy_random_interval(&random, 1) <= 1);
        assert_true(numpy_random_interval(&random, 1000) <= 1000);
    }
    before = random.generator;
    assert_true(numpy_random_interval(&random, UINT32_MAX) ==
                mt19937_next(&before));
    assert_true(numpy_random_interval(&random, UINT64_MAX) ==
                mt19937_next64(&before));
    assert_memory_equal(&before, &random.generator, sizeof before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_torch),
        cmocka_unit_test(test_normals_that_are_left_over),
        cmocka_unit_test(test_normal_of_zero_is_the_mean),
        cmocka_unit_test(test_numpy),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_fill_is_next),
        cmocka_unit_test(test_skip_is_next),
        cmocka_unit_test(test_next64_is_high_first),
        cmocka_unit_test(test_randperm_is_its_definition),
        cmocka_unit_test(test_loader_costs),
        cmocka_unit_test(test_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
