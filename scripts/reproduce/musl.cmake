# musl instead of glibc: Debian's musl-gcc, and the libraries that
# musl_libraries.sh builds into RUNNER_PREFIX.
set(CMAKE_C_COMPILER musl-gcc)
set(ENV{PKG_CONFIG_LIBDIR} $ENV{RUNNER_PREFIX}/lib/pkgconfig)
