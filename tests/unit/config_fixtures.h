#ifndef TESTS_UNIT_CONFIG_FIXTURES_H
#define TESTS_UNIT_CONFIG_FIXTURES_H

/* Configs from text, for the tests of runner/config; cmocka is included
 * already. */

#include <stdio.h>
#include <string.h>

#include "runner/config/config.h"

#define GOOD_DATA "data: {source: make_moons}\n"
#define GOOD_MODEL "model: {layers: [{type: linear, out_features: 1}]}\n"
#define GOOD_TRAIN                                                             \
    "train: {loss: bce_with_logits, optimizer: adam, batch_size: 5, steps: 9}" \
    "\n"

/* A config that must be without problems. */
static inline struct config config_of(const char *text) {
    struct problems problems = {0};
    struct config config;
    struct tree tree;
    struct text printed = TEXT_INIT;
    tree_read_text(&tree, "case.yaml", text, strlen(text), &problems);
    config_init(&config, &tree, NULL, &problems);
    problems_print(&problems, &printed);
    if (problems.count)
        fail_msg("%s\n%s", text, text_string(&printed));
    text_release(&printed);
    problems_release(&problems);
    return config;
}

#endif
