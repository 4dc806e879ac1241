#ifndef RUNNER_AUDIT_BUNDLE_PARTS_H
#define RUNNER_AUDIT_BUNDLE_PARTS_H

/* What writing and reading a bundle share. */

enum { BUNDLE_FORMAT = 1 };

enum { BUNDLE_PIECE = 1 << 16 }; /* bytes read at a time */

static const char BUNDLE_MANIFEST[] = "bundle.json";
static const char BUNDLE_ABOUT[] = "about.json";
static const char BUNDLE_TREE[] =
    "leaf: SHA-256 of 'leaf SHA256 PATH\\n'; node: SHA-256 of 'node LEFT "
    "RIGHT\\n'; digests in hex; leaves sorted by path; of n leaves the left "
    "part has the largest power of two below n";

#endif
