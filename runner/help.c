#include <string.h>

#include "runner/command.h"

static const char EXAMPLES[] =
    "examples:\n"
    "  runner configs/circles_adagrad.yaml\n"
    "  runner configs/circles_adagrad.yaml seed=7 train.optimizer.lr=0.1\n"
    "  runner configs/circles_adagrad.yaml "
    "'model.layers.0.out_features=8'\n"
    "  runner check configs/*.yaml\n"
    "  runner show circles_adagrad          # metrics, weights and biases\n"
    "  runner list adam                     # options, units, defaults\n";

static const char EXITS[] =
    "exit: 0 done, 2 usage or config, 3 input data, 4 a run diverged,\n"
    "      5 results not written, 6 a result differs from its record,\n"
    "      75 interrupted (the same command goes on)\n";

static void pad(struct text *out, size_t from, size_t width) {
    while (out->length - from < width)
        text_add_char(out, ' ');
}

static void print_command(const struct command *command, struct text *out) {
    size_t from = out->length;
    bool is_run = command == COMMANDS;
    text_print(out, "  runner %s%s%s", is_run ? "" : command->name,
               is_run || !*command->arguments ? "" : " ", command->arguments);
    pad(out, from, 42);
    text_print(out, " %s\n", command->help);
}

static void print_option(const struct option_row *row, struct text *out) {
    size_t from = out->length;
    text_add(out, "  ");
    if (strchr("jfqvh", row->letter))
        text_print(out, "-%c, ", row->letter);
    else
        text_add(out, "    ");
    text_print(out, "%s%s%s", row->name, row->value ? " " : "",
               row->value ? row->value : "");
    pad(out, from, 22);
    text_print(out, " %s\n", row->help);
}

void help_print(struct text *out) {
    text_print(out,
               "runner %s: trains small networks from a YAML file, the "
               "same bits every time\n\n",
               RUNNER_VERSION);
    for (const struct command *row = COMMANDS; row->name; row++)
        if (row->run)
            print_command(row, out);
    text_add(out, "  runner --version");
    text_add(out, "                          version, numerics, instruction "
                  "sets\n\noptions:\n");
    for (const struct option_row *row = OPTIONS; row->letter; row++)
        print_option(row, out);
    text_print(out, "\nPATH=VALUE sets any key; +LIST=VALUE appends; ~PATH "
                    "drops an item or goes\nback to the default. RUN is a "
                    "folder or NAME/ID, the ID shortened while unique.\n\n");
    text_print(out, "%s\n%s", EXAMPLES, EXITS);
}

void help_print_command(const struct command *command, struct text *out) {
    print_command(command, out);
    for (const struct option_row *row = OPTIONS; row->letter; row++)
        if (strchr(command->options, row->letter))
            print_option(row, out);
}

/* -------------------------------------------------------------- completion */

static void print_words(struct text *out, bool commands) {
    if (commands) {
        for (const struct command *row = COMMANDS; row->name; row++)
            if (row->run)
                text_print(out, "%s ", row->name);
        return;
    }
    for (const struct option_row *row = OPTIONS; row->letter; row++)
        text_print(out, "%s ", row->name);
    text_add(out, "--version ");
}

static void print_families(struct text *out) {
    text_add(out, "layers losses optimizers schedules sources scalers metrics "
                  "sections");
}

static void print_bash(struct text *out) {
    text_add(out, "# bash completion for runner\n_runner() {\n"
                  "    local word=${COMP_WORDS[COMP_CWORD]} words\n"
                  "    case ${COMP_WORDS[COMP_CWORD-1]} in\n"
                  "        list) words=\"");
    print_families(out);
    text_add(out, "\" ;;\n        completion) words=\"bash zsh\" ;;\n"
                  "        *) words=\"");
    print_words(out, false);
    text_add(out, "\"\n           [ \"$COMP_CWORD\" -eq 1 ] && words+=\"");
    print_words(out, true);
    text_add(out, "\" ;;\n    esac\n"
                  "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\")\n"
                  "        $(compgen -f -- \"$word\"))\n"
                  "}\ncomplete -o filenames -F _runner runner\n");
}

static void print_zsh(struct text *out) {
    text_add(out, "#compdef runner\n# zsh completion for runner\n"
                  "_runner() {\n    local -a commands options\n"
                  "    commands=(\n");
    for (const struct command *row = COMMANDS; row->name; row++)
        if (row->run)
            text_print(out, "        '%s:%s'\n", row->name, row->help);
    text_add(out, "    )\n    options=(\n");
    for (const struct option_row *row = OPTIONS; row->letter; row++)
        text_print(out, "        '%s[%s]%s'\n", row->name, row->help,
                   !row->value                      ? ""
                   : strcmp(row->value, "DIR") == 0 ? ":folder:_files -/"
                                                    : ":number: ");
    text_add(out, "        '--version[version and instruction sets]'\n"
                  "        '1:command or config:->first'\n"
                  "        '*:argument:->rest'\n    )\n"
                  "    local context state line\n"
                  "    typeset -A opt_args\n"
                  "    _arguments -s $options\n"
                  "    case $state in\n"
                  "        first) _describe command commands; _files ;;\n"
                  "        rest) case $words[2] in\n"
                  "            list) compadd ");
    print_families(out);
    text_add(out, " ;;\n            completion) compadd bash zsh ;;\n"
                  "            *) _files ;;\n        esac ;;\n    esac\n}\n"
                  "if [ \"$funcstack[1]\" = _runner ]; then _runner \"$@\"; "
                  "else compdef _runner runner; fi\n");
}

void completion_print(bool zsh, struct text *out) {
    if (zsh)
        print_zsh(out);
    else
        print_bash(out);
}
