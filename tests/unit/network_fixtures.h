#ifndef TESTS_UNIT_NETWORK_FIXTURES_H
#define TESTS_UNIT_NETWORK_FIXTURES_H

/* Networks from a config's words; cmocka is included already. */

#include "config_fixtures.h"
#include "engine/nn/network.h"

/* Layers as a config has them, on samples of `units` numbers. */
struct built {
    struct config config;
    struct network network;
    struct status status;
    enum status_code code;
};

static inline void build(struct built *built, const char *layers,
                         int64_t units) {
    char text[1500];
    snprintf(text, sizeof text, GOOD_DATA "model: {layers: %s}\n" GOOD_TRAIN,
             layers);
    *built = (struct built){.config = config_of(text), .status = STATUS_INIT};
    built->code = network_init(&built->network, built->config.layers,
                               built->config.layer_count,
                               (struct shape){1, {units}}, &built->status);
}

static inline void unbuild(struct built *built) {
    network_release(&built->network);
    config_release(&built->config);
}

#endif
