#include "runner/store/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "source_version.h"

#if defined(__x86_64__)
#include <cpuid.h>

/* The name that the CPU gives itself, blanks taken off both ends; it comes in
 * three leaves of sixteen bytes. */
static void read_cpu(char cpu[MACHINE_CPU_SIZE]) {
    enum { FIRST_LEAF = 0x80000002, LEAVES = 3, LEAF_WORDS = 4 };
    unsigned int words[LEAVES * LEAF_WORDS] = {0};
    char name[sizeof words + 1] = "";
    for (unsigned int i = 0; i < LEAVES; i++) {
        unsigned int *word = words + (size_t)i * LEAF_WORDS;
        if (!__get_cpuid((unsigned int)FIRST_LEAF + i, &word[0], &word[1],
                         &word[2], &word[3]))
            return;
    }
    memcpy(name, words, sizeof words);
    const char *start = name + strspn(name, " ");
    size_t length = strlen(start);
    while (length && start[length - 1] == ' ')
        length--;
    snprintf(cpu, MACHINE_CPU_SIZE, "%.*s", (int)length, start);
}
#else
static void read_cpu(char cpu[MACHINE_CPU_SIZE]) {
    (void)cpu;
}
#endif

void machine_read(struct machine *machine) {
    struct utsname system;
    *machine = (struct machine){.version = RUNNER_VERSION,
                                .source = RUNNER_SOURCE,
                                .build = RUNNER_BUILD};
    read_cpu(machine->cpu);
    if (!*machine->cpu && uname(&system) == 0)
        snprintf(machine->cpu, sizeof machine->cpu, "%.60s", system.machine);
}
