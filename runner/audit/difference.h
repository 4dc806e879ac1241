#ifndef RUNNER_AUDIT_DIFFERENCE_H
#define RUNNER_AUDIT_DIFFERENCE_H

/* What differs between a file as recorded and the same file of the run made
 * again, in words: which metric by how many ulp, which element of which tensor.
 * Each function is given two texts that differ in some byte, and adds at least
 * one finding. */

#include "engine/io/whole_file.h"
#include "runner/audit/finding.h"

/* Middle of every "recorded A, run again B". */
extern const char DIFFERENCE_AGAIN[];

/* By the file's name: cells of CSV, tensors of safetensors, else lines. */
void difference_add(const char *file, const struct bytes *stored,
                    const struct text *made, struct findings *findings);

void difference_csv(const char *file, const struct bytes *stored,
                    const struct text *made, struct findings *findings);
void difference_tensors(const char *file, const struct bytes *stored,
                        const struct text *made, struct findings *findings);
/* `what` is said before the line's number. */
void difference_lines(const char *file, const char *what,
                      const struct bytes *stored, const struct text *made,
                      struct findings *findings);

/* Where two JSON values differ: the path ("metrics.test.auc"), and what stands
 * there in each; NULL where nothing does. */
typedef void difference_row(void *context, const char *path,
                            const struct json_value *stored,
                            const struct json_value *made);

/* Calls `row` for every difference, those at or under the paths of `passed`
 * (NULL-terminated, or NULL) apart, and returns how many there are. Texts that
 * only spell their values otherwise have none. */
size_t difference_walk(const struct json_value *stored,
                       const struct json_value *made, const char *const *passed,
                       difference_row *row, void *context);

/* The same as findings, here none included. */
size_t difference_json(const char *file, const struct json_value *stored,
                       const struct json_value *made, const char *const *passed,
                       struct findings *findings);

/* A value as a message shows it: short, on one line. */
void difference_write_value(const struct json_value *value, struct text *out);

#endif
