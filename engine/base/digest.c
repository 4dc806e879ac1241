#include "engine/base/digest.h"

#include <assert.h>
#include <nettle/sha2.h>
#include <nettle/version.h>

static_assert(sizeof(struct sha256_ctx) <=
                  sizeof(((struct digest_state *)0)->bytes),
              "nettle's context fits into struct digest_state");
static_assert(SHA256_DIGEST_SIZE == DIGEST_SIZE, "SHA-256 has 32 bytes");

static struct sha256_ctx *context_of(struct digest_state *state) {
    return (void *)state->bytes;
}

void digest_init(struct digest_state *state) {
    sha256_init(context_of(state));
}

void digest_update(struct digest_state *state, const void *bytes,
                   size_t length) {
    if (length)
        sha256_update(context_of(state), length, bytes);
}

void digest_finish(struct digest_state *state, char hex[DIGEST_TEXT_SIZE]) {
    static const char HEX_DIGITS[] = "0123456789abcdef";
    unsigned char digest[DIGEST_SIZE];
#if NETTLE_VERSION_MAJOR >= 4
    sha256_digest(context_of(state), digest);
#else
    sha256_digest(context_of(state), sizeof digest, digest);
#endif
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        hex[2 * i] = HEX_DIGITS[digest[i] >> 4];
        hex[2 * i + 1] = HEX_DIGITS[digest[i] & 15];
    }
    hex[DIGEST_TEXT_SIZE - 1] = '\0';
}

void digest_of(const void *bytes, size_t length, char hex[DIGEST_TEXT_SIZE]) {
    struct digest_state state;
    digest_init(&state);
    digest_update(&state, bytes, length);
    digest_finish(&state, hex);
}
