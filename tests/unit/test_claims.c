/* Claims between processes. Other processes are children that take a claim and
 * then live on, die, or are stopped as a test wants. */

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "runner/beat.h"
#include "runner/store/claim.h"
#include "store_fixtures.h"

static int work_folder(const char *name) {
    assert_int_equal(mkdir(at("%s", name), 0700), 0);
    int folder = folder_open(AT_FDCWD, at("%s", name));
    assert_true(folder >= 0);
    return folder;
}

static enum claim_answer take(int work, const char *name) {
    struct claims claims;
    claims_init(&claims, work);
    enum claim_answer answer = claims_take(&claims, name);
    claims_release(&claims);
    return answer;
}

/* A child that holds a claim until it is killed. */
static pid_t begin_holder(int work, const char *name) {
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct claims claims;
        claims_init(&claims, work);
        byte = claims_take(&claims, name) == CLAIM_OURS ? 'y' : 'n';
        if (write(ready[1], &byte, 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    close(ready[0]);
    close(ready[1]);
    return child;
}

static void end_holder(pid_t child) {
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void leaves_nothing_behind(void **state) {
    struct claims claims;
    (void)state;
    int work = work_folder("nothing");
    claims_init(&claims, work);
    assert_int_equal(entries(at("nothing")), 0);
    assert_int_equal(claims_take(&claims, "a"), CLAIM_OURS);
    assert_int_equal(claims_take(&claims, "b"), CLAIM_OURS);
    assert_int_equal(claims_take(&claims, "a"), CLAIM_OURS);
    assert_int_equal(entries(at("nothing")), 3);
    claims_give_back(&claims, "a");
    assert_true(is_there(at("nothing/claim.a")));
    claims_give_back(&claims, "a");
    assert_false(is_there(at("nothing/claim.a")));
    claims_release(&claims);
    assert_int_equal(entries(at("nothing")), 0);
    close(work);
}

static void is_refused_what_others_hold(void **state) {
    (void)state;
    int work = work_folder("others");
    pid_t child = begin_holder(work, "a");
    assert_int_equal(take(work, "a"), CLAIM_OTHERS);
    assert_int_equal(take(work, "b"), CLAIM_OURS);
    claims_remove_stale(work);
    assert_true(is_there(at("others/claim.a")));
    end_holder(child);
    assert_int_equal(take(work, "a"), CLAIM_OURS);
    close(work);
}

static void removes_what_the_dead_left(void **state) {
    (void)state;
    int work = work_folder("dead");
    pid_t child = begin_holder(work, "a");
    end_holder(child);
    assert_int_equal(entries(at("dead")), 2);
    work_remove_stale(work);
    claims_remove_stale(work);
    assert_int_equal(entries(at("dead")), 0);
    close(work);
}

/* Puts a claim there as a process wrote it. */
static void put_claim(const char *folder, const char *host, long pid,
                      const char *start, unsigned beat) {
    char text[CLAIM_TEXT_SIZE];
    snprintf(text, sizeof text,
             "{\"host\":\"%s\",\"pid\":%ld,\"start\":\"%s\",\"beat\":\"%012u\"}"
             "\n",
             host, pid, start, beat);
    write_text(at("%s/claim.a", folder), text);
}

/* A number that was given anew: this process' own, begun at another time. */
static void knows_numbers_given_anew(void **state) {
    char host[HOST_SIZE];
    (void)state;
    int work = work_folder("anew");
    host_name(host);
    put_claim("anew", host, (long)getpid(), "1", 0);
    assert_int_equal(take(work, "a"), CLAIM_OURS);
    put_claim("anew", host, (long)getppid(), "1", 0);
    assert_int_equal(take(work, "a"), CLAIM_OURS);
    put_claim("anew", "another", (long)getpid(), "1", 0);
    assert_int_equal(take(work, "a"), CLAIM_OTHERS);
    close(work);
}

static void wait_for(double seconds) {
    const struct timespec time = {
        (time_t)seconds, (long)((seconds - (double)(long)seconds) * 1e9)};
    nanosleep(&time, NULL);
}

/* Nobody's clock is asked but our own. */
static void inherits_from_the_silent(void **state) {
    struct claims claims;
    (void)state;
    int work = work_folder("silent");
    put_claim("silent", "another", 7, "1", 5);
    claims_init(&claims, work);
    claims.limit = 0.2;
    assert_int_equal(claims_take(&claims, "a"), CLAIM_OTHERS);
    wait_for(0.15);
    assert_int_equal(claims_take(&claims, "a"), CLAIM_OTHERS);
    put_claim("silent", "another", 7, "1", 6);
    wait_for(0.1);
    assert_int_equal(claims_take(&claims, "a"), CLAIM_OTHERS);
    wait_for(0.15);
    assert_int_equal(claims_take(&claims, "a"), CLAIM_OTHERS);
    wait_for(0.1);
    assert_int_equal(claims_take(&claims, "a"), CLAIM_INHERITED);
    claims_release(&claims);
    assert_int_equal(entries(at("silent")), 0);
    close(work);
}

/* The beat of a process that works shows in its claims. */
static void beats(void **state) {
    struct claims claims;
    (void)state;
    int work = work_folder("beat");
    claims_init(&claims, work);
    beat_begin(&claims);
    assert_int_equal(claims_take(&claims, "a"), CLAIM_OURS);
    struct bytes before, after;
    struct status status = STATUS_INIT;
    const char *path = at("beat/claim.a");
    assert_int_equal(
        whole_file_read(path, 1000, STATUS_INPUT, &before, &status), STATUS_OK);
    for (int i = 0; i < 9; i++)
        claims_beat(&claims);
    wait_for(CLAIM_BEAT + 0.5); /* which the beat's signal cuts short */
    assert_int_equal(whole_file_read(path, 1000, STATUS_INPUT, &after, &status),
                     STATUS_OK);
    assert_int_equal(before.size, after.size);
    assert_non_null(strstr((char *)before.data, "000000000000"));
    assert_non_null(strstr((char *)after.data, "000000000010"));
    beat_end();
    bytes_release(&before);
    bytes_release(&after);
    claims_release(&claims);
    close(work);
}

/* What is no claim is nobody's, once it has been looked at long enough. */
static void passes_over_nonsense(void **state) {
    struct claims claims;
    (void)state;
    int work = work_folder("nonsense");
    write_text(at("nonsense/claim.a"), "");
    claims_init(&claims, work);
    claims.limit = 0.05;
    assert_int_equal(claims_take(&claims, "a"), CLAIM_OTHERS);
    wait_for(0.1);
    assert_int_equal(claims_take(&claims, "a"), CLAIM_INHERITED);
    claims_release(&claims);
    close(work);
}

/* A child that wants a claim once the gate is closed, says what it got, and
 * waits to be killed. */
static pid_t begin_rival(int work, const int gate[2], int answers) {
    pid_t child = fork();
    if (child != 0)
        return child;
    struct claims claims;
    char byte;
    claims_init(&claims, work);
    close(gate[1]);
    if (read(gate[0], &byte, 1) != 0)
        _exit(1);
    byte = claims_take(&claims, "a") == CLAIM_OURS ? 'y' : 'n';
    if (write(answers, &byte, 1) == 1)
        pause();
    _exit(1);
}

enum { RIVALS = 8 };

/* How many of them get it. */
static size_t let_rivals_run(int work) {
    int answers[2], gate[2];
    pid_t children[RIVALS];
    size_t ours = 0;
    assert_int_equal(pipe(answers), 0);
    assert_int_equal(pipe(gate), 0);
    for (size_t i = 0; i < RIVALS; i++)
        children[i] = begin_rival(work, gate, answers[1]);
    close(gate[0]);
    close(gate[1]);
    for (size_t i = 0; i < RIVALS; i++) {
        char byte;
        assert_int_equal(read(answers[0], &byte, 1), 1);
        ours += byte == 'y';
    }
    for (size_t i = 0; i < RIVALS; i++)
        end_holder(children[i]);
    close(answers[0]);
    close(answers[1]);
    return ours;
}

/* Of many that want a claim at once one gets it. A stale one may, very seldom,
 * be given to two, when one is taken over in the moment in which another looks:
 * that costs time, and no more. */
static void is_given_to_one(void **state) {
    enum { ROUNDS = 20 };
    size_t of_stale = 0;
    (void)state;
    int work = work_folder("one");
    for (int round = 0; round < ROUNDS; round++) {
        assert_int_equal(let_rivals_run(work), 1);
        of_stale += let_rivals_run(work); /* the last one's claim is dead */
        work_remove_stale(work);
        claims_remove_stale(work);
    }
    assert_in_range(of_stale, ROUNDS, ROUNDS + 2);
    assert_int_equal(entries(at("one")), 0);
    close(work);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_nothing_behind),
        cmocka_unit_test(is_refused_what_others_hold),
        cmocka_unit_test(removes_what_the_dead_left),
        cmocka_unit_test(knows_numbers_given_anew),
        cmocka_unit_test(inherits_from_the_silent),
        cmocka_unit_test(beats),
        cmocka_unit_test(passes_over_nonsense),
        cmocka_unit_test(is_given_to_one),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
