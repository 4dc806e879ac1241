#include "runner/experiment.h"

#include <stdio.h>

void experiment_release(struct experiment *experiment) {
    network_release(&experiment->network);
    dataset_release(&experiment->own_data);
    config_release(&experiment->config);
}

/* A run points into its experiment. */
void experiment_move(struct experiment *to, struct experiment *from) {
    *to = *from;
    if (from->data == &from->own_data)
        to->data = &to->own_data;
    to->run = config_run(&to->config, &to->network, to->data);
    *from = (struct experiment){.path = from->path};
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
