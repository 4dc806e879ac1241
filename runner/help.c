#include <string.h>

#include "runner/command.h"
#include "runner/config/config.h"

static const char EXAMPLES[] =
    "examples:\n"
    "  runner configs/circles_adagrad.yaml\n"
    "  runner configs/circles_adagrad.yaml seed=7 train.optimizer.lr=0.1\n"
    "  runner configs/circles_adagrad.yaml 'seed=1..20' "
    "'train.optimizer.lr=0.01,0.1'\n"
    "  runner compare circles_adagrad       # by lr, over the seeds\n"
    "  runner audit circles_adagrad         # run again, compare every bit\n"
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

/* What is typed, and beside it what it is for. */
static void print_line(struct text *out, const char *typed, const char *help) {
    size_t from = out->length;
    text_add(out, typed);
    pad(out, from, 40);
    text_print(out, " %s\n", help);
}

static void print_command(const struct command *command, struct text *out) {
    struct text typed = TEXT_INIT;
    bool is_run = command == COMMANDS;
    text_print(&typed, "  runner %s%s%s", is_run ? "" : command->name,
               is_run || !*command->arguments ? "" : " ", command->arguments);
    print_line(out, text_string(&typed), command->help);
    text_release(&typed);
}

static void print_option(const struct option_row *row, struct text *out) {
    size_t from = out->length;
    text_add(out, "  ");
    if (strchr("jnfqvh", row->letter))
        text_print(out, "-%c, ", row->letter);
    else
        text_add(out, "    ");
    text_print(out, "%s%s%s", row->name, row->value ? " " : "",
               row->value ? row->value : "");
    pad(out, from, 22);
    text_print(out, " %s\n", row->help);
}

/* Options that one command alone takes stand with that command. */
static bool is_shared(const struct option_row *row) {
    size_t commands = 0;
    for (const struct command *command = COMMANDS; command->name; command++)
        commands += strchr(command->options, row->letter) != NULL;
    return commands != 1;
}

void help_print(struct text *out) {
    text_print(out,
               "runner %s: trains small networks from a YAML file, the "
               "same bits every time\n\n",
               RUNNER_VERSION);
    for (const struct command *row = COMMANDS; row->name; row++)
        print_command(row, out);
    print_line(out, "  runner --version",
               "version, numerics, instruction sets");
    text_add(out, "\noptions:\n");
    for (const struct option_row *row = OPTIONS; row->letter; row++)
        if (is_shared(row))
            print_option(row, out);
    text_add(out, "more of them: runner compare --help, runner audit "
                  "--help\n");
    text_print(out, "\nPATH=VALUE sets any key; +LIST=VALUE appends; ~PATH "
                    "drops an item or goes\nback to the default. A VALUE "
                    "of several is a sweep, every one with every other:\n"
                    "a,b  1..20  'range(0,10,2)'  'linspace(0,1,5)'  "
                    "'geomspace(1e-3,1e-1,5)'\nRUN is a folder or NAME/ID, "
                    "the ID shortened while unique.\n\n");
    text_print(out, "%s\n%s", EXAMPLES, EXITS);
}

void help_print_command(const struct command *command, struct text *out) {
    print_command(command, out);
    for (const struct option_row *row = OPTIONS; row->letter; row++)
        if (strchr(command->options, row->letter))
            print_option(row, out);
}

/* -------------------------------------------------------------- completion */

static void print_commands(struct text *out) {
    for (const struct command *row = COMMANDS; row->name; row++)
        text_print(out, "%s ", row->name);
}

static void print_options(struct text *out) {
    for (const struct option_row *row = OPTIONS; row->letter; row++)
        text_print(out, "%s ", row->name);
    text_add(out, "--version");
}

/* The families that `list` knows: the first word of each line of its overview.
 */
static void print_families(struct text *out) {
    struct text overview = TEXT_INIT;
    const char *near;
    list_print(NULL, &overview, &near);
    for (const char *line = text_string(&overview); *line;) {
        text_append(out, line, strcspn(line, " \n"));
        line += strcspn(line, "\n");
        line += *line == '\n';
        text_add(out, *line ? " " : "");
    }
    text_release(&overview);
}

static bool is_folder(const struct option_row *row) {
    return row->value && strcmp(row->value, "DIR") == 0;
}

/* "|--out|--data": the options with a folder, or with another value. */
static void print_names(struct text *out, bool folders) {
    for (const struct option_row *row = OPTIONS; row->letter; row++)
        if (row->value && is_folder(row) == folders)
            text_print(out, "|%s", row->name);
}

static void print_bash(struct text *out) {
    text_add(out, "# bash completion for runner\n_runner() {\n"
                  "    local word=${COMP_WORDS[COMP_CWORD]} words= kind=f\n"
                  "    local IFS=$'\\n'\n"
                  "    case ${COMP_WORDS[COMP_CWORD-1]} in\n"
                  "        -j");
    print_names(out, false);
    text_add(out, ") return ;;\n        ''");
    print_names(out, true);
    text_add(out, ") kind=d ;;\n        list) kind= words=\"");
    print_families(out);
    text_add(out, "\" ;;\n        completion) kind= words=\"bash zsh\" ;;\n"
                  "        *) words=\"");
    print_options(out);
    text_add(out, "\"\n           [ \"$COMP_CWORD\" -eq 1 ] && words+=\" ");
    print_commands(out);
    text_add(out,
             "\" ;;\n    esac\n"
             "    COMPREPLY=($(IFS=' ' compgen -W \"$words\" -- \"$word\"\n"
             "        [ -n \"$kind\" ] && compgen -$kind -- \"$word\"))\n"
             "}\ncomplete -o filenames -F _runner runner\n");
}

/* Inside '...', and where a colon ends the word. */
static void add_quoted(struct text *out, const char *text) {
    for (; *text; text++)
        if (*text == '\'')
            text_add(out, "'\\''");
        else if (strchr(":[]", *text))
            text_print(out, "\\%c", *text);
        else
            text_add_char(out, *text);
}

static void print_zsh_tables(struct text *out) {
    text_add(out, "    commands=(\n");
    for (const struct command *row = COMMANDS; row->name; row++) {
        text_print(out, "        '%s:", row->name);
        add_quoted(out, row->help);
        text_add(out, "'\n");
    }
    text_add(out, "    )\n    options=(\n");
    for (const struct option_row *row = OPTIONS; row->letter; row++) {
        text_print(out, "        '%s[", row->name);
        add_quoted(out, row->help);
        text_add_char(out, ']');
        if (row->value)
            text_print(out, ":%s:%s", row->value,
                       is_folder(row) ? "_files -/" : " ");
        text_add(out, "'\n");
    }
}

static void print_zsh(struct text *out) {
    text_add(out, "#compdef runner\n# zsh completion for runner\n"
                  "_runner() {\n    local -a commands options\n");
    print_zsh_tables(out);
    text_add(out, "        '--version[version and instruction sets]'\n"
                  "        '1:command or config:->first'\n"
                  "        '*:argument:->rest'\n    )\n"
                  "    local context state line\n"
                  "    typeset -A opt_args\n"
                  "    _arguments -s $options\n"
                  "    case $state in\n"
                  "        first) _describe command commands; _files ;;\n"
                  "        rest) case $line[1] in\n"
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
