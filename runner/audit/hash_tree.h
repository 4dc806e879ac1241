#ifndef RUNNER_AUDIT_HASH_TREE_H
#define RUNNER_AUDIT_HASH_TREE_H

/* A hash tree over files, so that one digest stands for all of them:
 *
 *   leaf  SHA-256 of the line "leaf SHA256 PATH\n", the digest being that of
 *         the file's bytes, in lower-case hex
 *   node  SHA-256 of the line "node LEFT RIGHT\n", of two digests in hex
 *
 * Leaves are sorted by path, byte by byte. Of n leaves, the left part of a node
 * has the largest power of two below n, as in RFC 6962. The words keep a node
 * from being taken for a leaf. The tree of no file is "node \n".
 */

#include <stddef.h>

#include "engine/base/digest.h"

void hash_tree_leaf(const char *path, const char *sha256,
                    char leaf[DIGEST_TEXT_SIZE]);

typedef char hash_tree_digest[DIGEST_TEXT_SIZE];
void hash_tree_root(const hash_tree_digest *leaves, size_t count,
                    char root[DIGEST_TEXT_SIZE]);

#endif
