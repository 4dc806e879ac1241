/* `sweep` in configs/reference.yaml: a comment, since the reference is one run.
 */

#include "runner/config/catalog.h"
#include "runner/config/sweep_fields.h"

enum { HELP_COLUMN = 40 };

/* Every form that an axis has. Uncommented it is a sweep of the reference. */
static const char PARAMETERS[] =
    "#   parameters:\n"
    "#     train.optimizer.lr: [0.01, 0.05, 0.1]  # short for {values: …}\n"
    "#     train.batch_size: {values: [25, 50], probabilities: [0.2, 0.8]}\n"
    "#     train.shuffle: {value: true}           # the same in every run\n"
    "#     model.layers.0.out_features: {min: 2, max: 4}  # 2, 3, 4\n"
    "#     train.optimizer.eps: {distribution: log_uniform_values, min: "
    "1e-10,\n"
    "#                           max: 1e-6, num: 3}  # num: of a grid\n"
    "#     train.optimizer.lr_decay: [0, 0.01, 0.1]\n"
    "#     data.source.noise: [0.05, 0.1, 0.2]\n"
    "#     seed: {min: 1, max: 3}                 # crossed with all others\n"
    "#   # other distributions:\n";

static const char REST[] =
    "#   zip: [[train.optimizer.lr_decay, data.source.noise]]  # advance "
    "together\n"
    "#   where: train.optimizer.lr * train.batch_size <= 5  # others are left "
    "out\n"
    "#   metric: {name: test.average_loss, goal: minimize}  # or maximize\n";

static void add_help(struct text *out, size_t from, const char *help) {
    do
        text_add_char(out, ' ');
    while (out->length - from < HELP_COLUMN);
    text_print(out, "# %s\n", help);
}

static void print_value(const struct field *field, struct text *out) {
    size_t from = out->length;
    text_print(out, "#   %s: ", field->key);
    catalog_default(field, out);
    add_help(out, from, field->help);
}

static void print_distribution(const struct kind *kind, struct text *out) {
    size_t from = out->length;
    text_print(out, "#   #   {distribution: %s", kind->name);
    for (const struct field *field = kind->fields; field->key; field++) {
        text_print(out, ", %s: ", field->key);
        catalog_default(field, out);
    }
    text_add_char(out, '}');
    add_help(out, from, kind->help);
}

void sweep_reference_print(struct text *out) {
    text_add(out, "\n# Many runs: every combination of these values. On the "
                  "command line\n#   'train.optimizer.lr=0.01,0.05,0.1' "
                  "'seed=1..3' 'data.source.noise=linspace(0,0.2,5)'\n"
                  "# sweep:\n");
    for (const struct field *field = SWEEP_VALUES; field->key; field++)
        print_value(field, out);
    text_add(out, PARAMETERS);
    for (size_t i = 0; DISTRIBUTION_FAMILY.kinds[i]; i++)
        print_distribution(DISTRIBUTION_FAMILY.kinds[i], out);
    text_add(out, REST);
}
