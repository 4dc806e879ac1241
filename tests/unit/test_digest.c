/* SHA-256 against the examples of FIPS 180-4 and its companion files. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/digest.h"

struct example {
    const char *message, *digest;
};

static const struct example EXAMPLES[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
     "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
};

static const char MILLION_A[] =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

static void test_examples(void **state) {
    (void)state;
    char hex[DIGEST_TEXT_SIZE];
    for (size_t i = 0; i < sizeof EXAMPLES / sizeof *EXAMPLES; i++) {
        digest_of(EXAMPLES[i].message, strlen(EXAMPLES[i].message), hex);
        assert_string_equal(hex, EXAMPLES[i].digest);
    }
}

/* A message cut anywhere has the digest of the whole. */
static void test_pieces(void **state) {
    (void)state;
    const struct example *example = &EXAMPLES[3];
    size_t length = strlen(example->message);
    for (size_t cut = 0; cut <= length; cut++) {
        struct digest_state digest;
        char hex[DIGEST_TEXT_SIZE];
        digest_init(&digest);
        digest_update(&digest, example->message, cut);
        digest_update(&digest, NULL, 0);
        digest_update(&digest, example->message + cut, length - cut);
        digest_finish(&digest, hex);
        assert_string_equal(hex, example->digest);
    }
}

static void test_million(void **state) {
    (void)state;
    struct digest_state digest;
    char block[1000], hex[DIGEST_TEXT_SIZE];
    memset(block, 'a', sizeof block);
    digest_init(&digest);
    for (int i = 0; i < 1000; i++)
        digest_update(&digest, block, sizeof block);
    digest_finish(&digest, hex);
    assert_string_equal(hex, MILLION_A);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_million),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
