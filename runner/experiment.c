#include "runner/experiment.h"

#include <stdio.h>

void experiment_release(struct experiment *experiment) {
    network_release(&experiment->network);
    dataset_release(&experiment->own_data);
    config_release(&experiment->config);
}

enum status_code experiment_complain(struct problems *problems, bool json) {
    struct text text = TEXT_INIT;
    enum status_code code = problems_code(problems);
    if (json) {
        problems_print_json(problems, &text);
        code = status_worse(code, print_out(&text));
    } else {
        problems_print(problems, &text);
        fwrite(text_string(&text), 1, text.length, stderr);
    }
    text_release(&text);
    return code;
}
