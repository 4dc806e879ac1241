#ifndef RUNNER_CONFIG_CONFIG_H
#define RUNNER_CONFIG_CONFIG_H

/* One run's config, checked and typed; not changed once made. */

#include "engine/data/dataset.h"
#include "engine/io/json.h"
#include "engine/train/trainer.h"
#include "runner/config/file_digests.h"
#include "runner/config/tree.h"

enum { OUTPUT_FOLDERS, OUTPUT_PACKED }; /* words of output.runs */

struct output_options {
    const char *dir;
    int runs;
    bool weights, predictions;
};

struct config {
    const char *name, *description;
    int64_t seed;
    struct field_optional_integer model_seed, train_seed;
    struct data_options data;
    struct layer_choice *layers;
    size_t layer_count;
    struct training training;
    struct field_optional_integer checkpoint_every; /* updates */
    struct output_options output;
    int missing; /* word of data.missing */
    /* Data files: as the options have them, and as config.yaml does. */
    struct config_path {
        const char *opened, *written;
    } paths[2];
    size_t path_count;
    struct tree tree; /* as merged, for positions; owns options and strings */
};

/* Where data files are looked for whose path leads nowhere from the text that
 * set it. */
struct data_places {
    /* Of a run's config.yaml: the folders in which the config that was run may
     * have stood, and the SHA-256 (or NULL) that the files of features and
     * targets had: no other file is taken. */
    const char *const *folders;
    size_t folder_count;
    const char *digests[2];
    struct file_digests *file_digests; /* that are known, or NULL */
    /* Last of all: DIR/path, then DIR/basename; or NULL. */
    const char *data_folder;
};

/* Checks `tree` against every table and types it; what can be said of the data
 * without opening a file is checked too. What no problem concerns is as
 * written; the rest is as good as it can be told, with kinds and options NULL
 * that can't. The config takes the tree over, and
 * releases it. Problems are added, all at once; the config may be used only if
 * there are none, but released always. A tree without a root adds none of its
 * own. `places` may be NULL, for none, and is not kept. */
void config_init(struct config *config, struct tree *tree,
                 const struct data_places *places, struct problems *problems);
void config_release(struct config *config);

/* Adds the problem that a status with a key describes ("data.split.test_size"),
 * at the line that caused it. */
void config_blame(const struct config *config, const struct status *status,
                  struct problems *problems);

uint32_t config_model_seed(const struct config *config);
uint32_t config_train_seed(const struct config *config);

/* The run as trainer.h wants it, and the network's layers. */
struct run config_run(const struct config *config,
                      const struct network *network,
                      const struct dataset *data);

/* How a data path is written: the file's SHA-256 for the canonical form. */
struct path_digest {
    const char *path; /* as in the options */
    const char *digest;
};

/* The whole config as JSON with every constant default written out, no
 * `output.dir`, `output.runs` and `train.checkpoint_every`: what run.json
 * holds. Data paths as config.yaml has them. */
void config_write_json(const struct config *config, struct json_writer *writer);

/* The same as YAML: config.yaml. */
void config_write_yaml(const struct config *config, struct text *out);

/* The canonical line of JSON that is hashed into the id, without
 * a newline: {"config":…,"numerics":N}. `digests` has every data file's. A key
 * that is derived is dropped too where its value is what the config alone would
 * make of it: model.seed and train.seed equal to seed, and, in a run counted in
 * steps, evaluate.every and a schedule's T_max and total_steps. Layers' names
 * stay: they stand in run.json. */
void config_write_canonical(const struct config *config, int numerics,
                            const struct path_digest *digests, size_t count,
                            struct text *out);

/* `runner list [WORD]`, `runner schema` and configs/reference.yaml, all from
 * the tables. A word is a family ("layers", also "metrics" and "config"), one
 * line each of its members, a kind or metric ("adam"), with its options, or a
 * section or key of a config ("train", "data.split"); NULL is an overview.
 * `list_print` returns false for an unknown word and gives the nearest in
 * `nearest` (or NULL). */
bool list_print(const char *family, struct text *out, const char **nearest);
void list_print_json(const char *family, struct text *out);
void schema_print(struct text *out);
void reference_print(struct text *out);

#endif
