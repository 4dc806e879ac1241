#ifndef ENGINE_BASE_NUMERICS_H
#define ENGINE_BASE_NUMERICS_H

/* The version of every result bit: raised whenever any bit of any result may
 * change (CHANGELOG.md says why). Part of every run's id. */
enum { NUMERICS_VERSION = 4 };

#endif
