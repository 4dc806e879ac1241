#include "engine/base/names.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* No name of ours is as long; a longer one has no near name. */
enum { LONGEST_NAME = 64 };

struct synonyms {
    const char *ours;
    const char *theirs; /* folded words, a blank between two */
};

static const struct synonyms SYNONYM_ROWS[] = {
#define SYNONYMS(ours, theirs) {ours, theirs},
#include "engine/base/synonyms.def"
#undef SYNONYMS
};

enum { SYNONYM_COUNT = sizeof SYNONYM_ROWS / sizeof *SYNONYM_ROWS };

static char lower(char character) {
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a')
                                                : character;
}

static bool is_separator(char character) {
    return character == '_' || character == '-' || character == ' ' ||
           character == '.';
}

/* Lower case, without the separators that names differ in between libraries.
 * False if the name is too long. */
static bool fold(const char *name, char folded[LONGEST_NAME + 1]) {
    size_t length = 0;
    for (; *name; name++) {
        if (is_separator(*name))
            continue;
        if (length == LONGEST_NAME)
            return false;
        folded[length++] = lower(*name);
    }
    folded[length] = '\0';
    return true;
}

static const char *find_exact(const char *name, const char *const *candidates) {
    for (; *candidates; candidates++)
        if (strcmp(*candidates, name) == 0)
            return *candidates;
    return NULL;
}

static const char *find_folded(const char *folded,
                               const char *const *candidates) {
    char candidate[LONGEST_NAME + 1];
    for (; *candidates; candidates++)
        if (fold(*candidates, candidate) && strcmp(candidate, folded) == 0)
            return *candidates;
    return NULL;
}

static bool holds_word(const char *words, const char *word) {
    size_t length = strlen(word);
    const char *found = words;
    while ((found = strstr(found, word))) {
        bool begins = found == words || found[-1] == ' ';
        bool ends = found[length] == '\0' || found[length] == ' ';
        if (begins && ends)
            return true;
        found += length;
    }
    return false;
}

static const char *find_synonym(const char *folded,
                                const char *const *candidates) {
    for (size_t i = 0; i < SYNONYM_COUNT; i++) {
        if (!holds_word(SYNONYM_ROWS[i].theirs, folded))
            continue;
        const char *ours = find_exact(SYNONYM_ROWS[i].ours, candidates);
        if (ours)
            return ours;
    }
    return NULL;
}

static char spelled(char character) {
    return character == '-' ? '_' : lower(character);
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* One row of the table of distances between prefixes: of the first `i` letters
 * of `a` and all prefixes of `b`; `above` and `above_that` are rows i - 1 and
 * i - 2. Optimal string alignment: insertion, deletion, substitution and the
 * exchange of neighbours cost 1 each. */
static void distance_row(const char *a, size_t i, const char *b,
                         const size_t *above_that, const size_t *above,
                         size_t *row) {
    char letter = spelled(a[i - 1]);
    row[0] = i;
    for (size_t j = 1; b[j - 1]; j++) {
        char other = spelled(b[j - 1]);
        row[j] = smaller(above[j] + 1, row[j - 1] + 1);
        row[j] = smaller(row[j], above[j - 1] + (letter != other));
        if (i > 1 && j > 1 && letter == spelled(b[j - 2]) &&
            other == spelled(a[i - 2]))
            row[j] = smaller(row[j], above_that[j - 2] + 1);
    }
}

/* The distance of two names of at most LONGEST_NAME letters. */
static size_t distance(const char *a, const char *b) {
    size_t rows[3][LONGEST_NAME + 1] = {{0}};
    size_t length = strlen(a);
    for (size_t j = 0; j <= LONGEST_NAME; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= length; i++)
        distance_row(a, i, b, rows[(i + 1) % 3], rows[(i + 2) % 3],
                     rows[i % 3]);
    return rows[length % 3][strlen(b)];
}

/* The best answer so far. */
struct guess {
    const char *name;
    size_t edits;
};

/* Takes `answer` if `word` is nearer to `name` than the guess so far and at
 * most one letter in `letters` differs. */
static void consider(struct guess *guess, const char *name, const char *word,
                     const char *answer, size_t letters) {
    size_t length = strlen(name), other = strlen(word);
    if (length > LONGEST_NAME || other > LONGEST_NAME)
        return;
    size_t edits = distance(name, word);
    size_t longer = length > other ? length : other;
    if (letters * edits <= longer && edits < guess->edits)
        *guess = (struct guess){answer, edits};
}

static const char *find_similar(const char *name,
                                const char *const *candidates) {
    struct guess guess = {NULL, SIZE_MAX};
    for (; *candidates; candidates++)
        consider(&guess, name, *candidates, *candidates, 3);
    return guess.name;
}

static void consider_words(struct guess *guess, const char *folded,
                           const char *words, const char *answer) {
    char word[LONGEST_NAME + 1];
    for (size_t length; *words; words += length + (words[length] == ' ')) {
        length = strcspn(words, " ");
        memcpy(word, words, length);
        word[length] = '\0';
        consider(guess, folded, word, answer, 4);
    }
}

/* A misspelt word of another library ("learning_rte"). */
static const char *find_similar_synonym(const char *folded,
                                        const char *const *candidates) {
    struct guess guess = {NULL, SIZE_MAX};
    for (size_t i = 0; i < SYNONYM_COUNT; i++) {
        const char *ours = find_exact(SYNONYM_ROWS[i].ours, candidates);
        if (ours)
            consider_words(&guess, folded, SYNONYM_ROWS[i].theirs, ours);
    }
    return guess.name;
}

const char *names_nearest(const char *name, const char *const *candidates) {
    char folded[LONGEST_NAME + 1];
    if (!fold(name, folded) || !folded[0])
        return NULL;
    const char *nearest = find_folded(folded, candidates);
    if (!nearest)
        nearest = find_synonym(folded, candidates);
    if (!nearest)
        nearest = find_similar(name, candidates);
    return nearest ? nearest : find_similar_synonym(folded, candidates);
}
