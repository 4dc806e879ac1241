#ifndef RUNNER_AUDIT_BUNDLE_H
#define RUNNER_AUDIT_BUNDLE_H

/* A bundle: records in one POSIX tar, under one digest.
 *
 *   bundle.json            the manifest: every other file's path, bytes and
 *                          SHA-256, and the root of the hash tree over them
 *   about.json             which program made it, the digests of the data, and
 *                          the folders that data paths are relative to
 *   NAME/plan.json         of an experiment that is there as a whole
 *   NAME/runs/ID/FILE      a run's record
 *   NAME/runs/NNNNNN.jsonl, NNNNNN.safetensors
 *                          a block of packed runs (block.h), of an experiment
 *                          that is there as a whole
 *   NAME/runs/NNNNNN.sha256
 *                          a line for each line of the block, "SHA256  ID": so
 *                          that a changed record is known by its run
 *
 * The manifest comes first, the others sorted by path. The bytes are a function
 * of the records, the program's build and the folders alone: no time, no owner.
 * Nothing is ever unpacked: a bundle is read where it lies, and what is not,
 * byte for byte, laid out as here is refused. */

#include "engine/base/digest.h"
#include "engine/io/json.h"
#include "engine/io/whole_file.h"

/* --------------------------------------------------------------- writing */

struct bundle_entry {
    char *path;          /* in the bundle */
    char *from;          /* the file; NULL: `content` */
    struct text content; /* of a file that is made here */
    uint64_t size;
    char sha256[DIGEST_TEXT_SIZE];
};

struct bundle_draft {
    struct bundle_entry *entries;
    size_t count, capacity;
};

void bundle_add_file(struct bundle_draft *draft, const char *path,
                     const char *from);
/* Takes the content over. */
void bundle_add_text(struct bundle_draft *draft, const char *path,
                     struct text *content);
void bundle_draft_release(struct bundle_draft *draft);

/* Writes the bundle whole or not at all, in place of a file that is there.
 * Errors: STATUS_CONFIG (two files of one path, or a path that fits no bundle),
 * STATUS_OUTPUT. */
enum status_code bundle_write(struct bundle_draft *draft, const char *path,
                              char root[DIGEST_TEXT_SIZE],
                              struct status *status);

/* --------------------------------------------------------------- reading */

struct bundle_file {
    char *path;
    uint64_t size, at; /* bytes, and where in the tar */
    char sha256[DIGEST_TEXT_SIZE];
};

struct bundle {
    char *path;
    int file;
    struct bundle_file *files; /* sorted by path; the manifest apart */
    size_t count;
    char root[DIGEST_TEXT_SIZE];
    struct json_value *about; /* NULL if it is not JSON */
};

/* Whether a file begins as a bundle does. */
bool bundle_is_one(const char *path);

/* Opens a bundle and holds its layout against its manifest, and the root
 * against the manifest's digests; contents are looked at by bundle_get().
 * STATUS_DIFFERS: it is none, or not as it was written. Release it in any
 * case. */
enum status_code bundle_open(struct bundle *bundle, const char *path,
                             struct status *status);
void bundle_release(struct bundle *bundle);

/* The file of that path, or NULL. */
const struct bundle_file *bundle_find(const struct bundle *bundle,
                                      const char *path);
/* The number of the first file whose path is not below this one: files of
 * NAME/runs/ID stand together from there on. */
size_t bundle_first(const struct bundle *bundle, const char *path);
/* Its bytes, a NUL behind; false if they can't be read. `agrees` says whether
 * they have the digest in the manifest. Several threads may do this at once. */
bool bundle_get(const struct bundle *bundle, const struct bundle_file *file,
                struct bytes *bytes, bool *agrees);

/* The same without the bytes: whether the file has its digest; false also if it
 * can't be read. */
bool bundle_agrees(const struct bundle *bundle, const struct bundle_file *file);

/* Whether a path may stand in a bundle: one of the layout above. */
bool bundle_is_path(const char *path);
/* Whether it is NAME/runs/ID/FILE. `run` is the length of NAME/runs/ID. */
bool bundle_is_run_path(const char *path, size_t *run);
/* Whether it is NAME/runs/NNNNNN.ENDING. `name` is the length of NAME. */
bool bundle_is_block_path(const char *path, size_t *name, size_t *number);

#endif
