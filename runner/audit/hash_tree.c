#include "runner/audit/hash_tree.h"

#include <string.h>

static void digest_line(const char *word, const char *first, const char *second,
                        char hex[DIGEST_TEXT_SIZE]) {
    const char *const parts[] = {word,   " ", first, *second ? " " : "",
                                 second, "\n"};
    struct digest_state state;
    digest_init(&state);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        digest_update(&state, parts[i], strlen(parts[i]));
    digest_finish(&state, hex);
}

void hash_tree_leaf(const char *path, const char *sha256,
                    char leaf[DIGEST_TEXT_SIZE]) {
    digest_line("leaf", sha256, path, leaf);
}

static size_t left_part(size_t count) {
    size_t left = 1;
    while (2 * left < count)
        left *= 2;
    return left;
}

void hash_tree_root(const hash_tree_digest *leaves, size_t count,
                    char root[DIGEST_TEXT_SIZE]) {
    char left[DIGEST_TEXT_SIZE], right[DIGEST_TEXT_SIZE];
    if (count == 0) {
        digest_line("node", "", "", root);
        return;
    }
    if (count == 1) {
        memcpy(root, leaves[0], DIGEST_TEXT_SIZE);
        return;
    }
    size_t part = left_part(count);
    hash_tree_root(leaves, part, left);
    hash_tree_root(leaves + part, count - part, right);
    digest_line("node", left, right, root);
}
