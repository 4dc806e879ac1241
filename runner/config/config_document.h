#ifndef RUNNER_CONFIG_CONFIG_DOCUMENT_H
#define RUNNER_CONFIG_CONFIG_DOCUMENT_H

/* A typed config as nodes again: what is written, whatever the format. Scalars
 * stand as JSON would have them, strings being the quoted ones. */

#include "runner/config/config.h"

struct config_document {
    struct tree tree; /* tree.root: the document */
    const struct config *config;
    /* The canonical form: no defaults, data paths as digests, and without what
     * changes nothing in a result. */
    bool canonical;
    const struct path_digest *digests;
    size_t digest_count;
    const char *only; /* the one section ("data") of the document; NULL: all */
};

/* Fills document->tree from the other members; tree_release() frees it. */
void config_document_build(struct config_document *document);

/* The value of a row's default as a document has it ("1e-08", "[0.9, 0.999]"),
 * or NULL where it is required or follows from other keys. */
struct node *config_default(struct tree *tree, const struct field *field);

/* A node as JSON. */
void node_write_json(const struct node *node, struct json_writer *writer);

#endif
