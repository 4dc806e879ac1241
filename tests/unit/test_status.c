/* Statuses, small memory, arenas and texts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/base/status.h"
#include "engine/base/text.h"

static void test_status_message(void **state) {
    (void)state;
    struct status status = STATUS_INIT;
    assert_int_equal(status.code, STATUS_OK);
    assert_int_equal(status_set(&status, STATUS_INPUT, "row %d of %s", 7, "x"),
                     STATUS_INPUT);
    assert_int_equal(status.code, STATUS_INPUT);
    assert_string_equal(status.message, "row 7 of x");
    assert_string_equal(status.key, "");
}

static void test_status_long_message(void **state) {
    (void)state;
    struct status status = STATUS_INIT;
    char text[2 * STATUS_MESSAGE_SIZE];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    status_set(&status, STATUS_RUN, "%s", text);
    assert_int_equal(strlen(status.message), STATUS_MESSAGE_SIZE - 1);
    assert_string_equal(status.message + STATUS_MESSAGE_SIZE - 6, "xx...");
    /* One that just fits is whole. */
    text[STATUS_MESSAGE_SIZE - 1] = '\0';
    status_set(&status, STATUS_RUN, "%s", text);
    assert_string_equal(status.message, text);
}

static void test_status_key(void **state) {
    (void)state;
    struct status status = STATUS_INIT;
    status_set_key(&status, STATUS_CONFIG, "test_size", "is %g", 1.5);
    assert_string_equal(status.key, "test_size");
    assert_int_equal(status_prefix_key(&status, "split"), STATUS_CONFIG);
    status_prefix_key(&status, "data");
    assert_string_equal(status.key, "data.split.test_size");
    assert_string_equal(status.message, "is 1.5");
    status_set(&status, STATUS_CONFIG, "no key");
    status_prefix_key(&status, "model");
    assert_string_equal(status.key, "model");
}

/* Keys of any length end in a NUL inside the array. */
static void test_status_long_key(void **state) {
    (void)state;
    struct status status = STATUS_INIT;
    char key[2 * STATUS_KEY_SIZE];
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    status_set_key(&status, STATUS_CONFIG, key, "long");
    assert_int_equal(strlen(status.key), STATUS_KEY_SIZE - 1);
    status_prefix_key(&status, key);
    assert_true(strlen(status.key) < STATUS_KEY_SIZE);
}

/* A path of many layers in layers, and the key that it leads to. */
static void test_status_long_prefix(void **state) {
    (void)state;
    struct status status = STATUS_INIT;
    char path[300], wanted[320];
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    snprintf(wanted, sizeof wanted, "model.%s.shape", path);
    status_set_key(&status, STATUS_CONFIG, "shape", "long");
    status_prefix_key(&status, path);
    status_prefix_key(&status, "model");
    assert_string_equal(status.key, wanted);
}

static void test_status_exit(void **state) {
    (void)state;
    assert_int_equal(status_exit(STATUS_OK), 0);
    assert_int_equal(status_exit(STATUS_CONFIG), 2);
    assert_int_equal(status_exit(STATUS_INPUT), 3);
    assert_int_equal(status_exit(STATUS_RUN), 4);
    assert_int_equal(status_exit(STATUS_OUTPUT), 5);
    assert_int_equal(status_exit(STATUS_DIFFERS), 6);
    assert_int_equal(status_exit(STATUS_INTERRUPTED), 75);
}

/* 2, then 3, 5, 75, 6, 4, whichever comes first. */
static void test_status_worse(void **state) {
    (void)state;
    static const enum status_code ORDER[] = {
        STATUS_CONFIG,  STATUS_INPUT, STATUS_OUTPUT, STATUS_INTERRUPTED,
        STATUS_DIFFERS, STATUS_RUN,   STATUS_OK};
    const size_t count = sizeof ORDER / sizeof *ORDER;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i; j < count; j++) {
            assert_int_equal(status_worse(ORDER[i], ORDER[j]), ORDER[i]);
            assert_int_equal(status_worse(ORDER[j], ORDER[i]), ORDER[i]);
        }
}

static enum status_code refuse_negative(int number, struct status *status) {
    STATUS_RETURN_IF(number < 0, status, STATUS_CONFIG,
                     "must not be negative, is %d", number);
    return STATUS_OK;
}

static enum status_code refuse_twice(int number, struct status *status,
                                     int *reached) {
    STATUS_TRY(refuse_negative(number, status));
    *reached = number;
    return STATUS_OK;
}

static void test_status_macros(void **state) {
    (void)state;
    struct status status = STATUS_INIT;
    int reached = 0;
    assert_int_equal(refuse_twice(3, &status, &reached), STATUS_OK);
    assert_int_equal(reached, 3);
    assert_int_equal(refuse_twice(-4, &status, &reached), STATUS_CONFIG);
    assert_int_equal(reached, 3);
    assert_string_equal(status.message, "must not be negative, is -4");
}

static void test_memory_grow(void **state) {
    (void)state;
    int *numbers = NULL;
    size_t count = 0, capacity = 0;
    for (int i = 0; i < 1000; i++) {
        memory_grow(&numbers, count, &capacity, sizeof *numbers);
        assert_true(capacity > count);
        numbers[count++] = i;
    }
    assert_true(capacity < 2 * count + 8);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    free(numbers);
}

static void test_memory_strings(void **state) {
    (void)state;
    char *copy = memory_string("");
    assert_string_equal(copy, "");
    free(copy);
    copy = memory_string_of("abcdef", 3);
    assert_string_equal(copy, "abc");
    free(copy);
    copy = memory_string_of(NULL, 0);
    assert_string_equal(copy, "");
    free(copy);
    int *zeroed = memory_zeroed(0, sizeof *zeroed);
    assert_non_null(zeroed);
    zeroed = memory_resize(zeroed, 3, sizeof *zeroed);
    zeroed[2] = 1;
    free(zeroed);
}

static void check_block(unsigned char *block, size_t bytes) {
    assert_non_null(block);
    assert_int_equal((uintptr_t)block % ARENA_ALIGNMENT, 0);
    for (size_t i = 0; i < bytes; i++)
        assert_int_equal(block[i], 0);
}

/* Zeroed, aligned, and with ARENA_ALIGNMENT bytes behind that may be written
 * without touching another block. */
static void test_arena_blocks(void **state) {
    (void)state;
    struct arena arena = ARENA_INIT;
    enum { BLOCKS = 200 };
    unsigned char *blocks[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = arena_zeroed(&arena, i * i, 3);
        check_block(blocks[i], 3 * i * i);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        memset(blocks[i], (int)i + 1, 3 * i * i);
    for (size_t i = 0; i < BLOCKS; i++)
        memset(blocks[i] + 3 * i * i, 255, ARENA_ALIGNMENT);
    for (size_t i = 0; i < BLOCKS; i++)
        for (size_t j = 0; j < 3 * i * i; j++)
            assert_int_equal(blocks[i][j], i + 1);
    struct status status = STATUS_INIT;
    assert_int_equal(arena_status(&arena, "blocks", &status), STATUS_OK);
    arena_release(&arena);
    assert_null(arena.blocks);
    assert_int_equal(arena.total, 0);
}

static void check_failed(size_t count, size_t size) {
    struct arena arena = ARENA_INIT;
    struct status status = STATUS_INIT;
    assert_non_null(arena_zeroed(&arena, 1, 1));
    assert_null(arena_zeroed(&arena, count, size));
    assert_null(arena_zeroed(&arena, 1, 1));
    assert_int_equal(arena_status(&arena, "a test", &status), STATUS_OUTPUT);
    assert_string_equal(status.message, "not enough memory for a test");
    arena_release(&arena);
    assert_false(arena.failed);
    assert_non_null(arena_zeroed(&arena, 1, 1));
    arena_release(&arena);
}

static void test_arena_overflow(void **state) {
    (void)state;
    check_failed(SIZE_MAX, 1);
    check_failed(SIZE_MAX, SIZE_MAX);
    check_failed(SIZE_MAX / 2, 2);
    check_failed((size_t)1 << 33, (size_t)1 << 33);
    check_failed(SIZE_MAX / 2 - 1, 1);
}

static void test_text(void **state) {
    (void)state;
    struct text text = TEXT_INIT;
    assert_string_equal(text_string(&text), "");
    text_add(&text, "ab");
    text_add_char(&text, 'c');
    text_print(&text, "-%d-%s", 12, "x");
    text_append(&text, "yz!", 2);
    assert_string_equal(text_string(&text), "abc-12-xyz");
    assert_int_equal(text.length, 10);
    text_clear(&text);
    assert_string_equal(text_string(&text), "");
    text_append(&text, "a\0b", 3);
    assert_int_equal(text.length, 3);
    assert_memory_equal(text.bytes, "a\0b", 4);
    char *taken = text_take(&text);
    assert_memory_equal(taken, "a\0b", 4);
    assert_int_equal(text.length, 0);
    free(taken);
    taken = text_take(&text);
    assert_string_equal(taken, "");
    free(taken);
    text_release(&text);
}

static void test_text_growth(void **state) {
    (void)state;
    struct text text = TEXT_INIT;
    for (int i = 0; i < 2000; i++)
        text_print(&text, "%04d", i);
    assert_int_equal(text.length, 8000);
    assert_int_equal(strlen(text_string(&text)), 8000);
    assert_memory_equal(text.bytes + 4 * 1234, "1234", 4);
    text_release(&text);
    text_release(&text);
    assert_string_equal(text_string(&text), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_message),
        cmocka_unit_test(test_status_long_message),
        cmocka_unit_test(test_status_key),
        cmocka_unit_test(test_status_long_key),
        cmocka_unit_test(test_status_long_prefix),
        cmocka_unit_test(test_status_exit),
        cmocka_unit_test(test_status_worse),
        cmocka_unit_test(test_status_macros),
        cmocka_unit_test(test_memory_grow),
        cmocka_unit_test(test_memory_strings),
        cmocka_unit_test(test_arena_blocks),
        cmocka_unit_test(test_arena_overflow),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_text_growth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
