# Writes OUTPUT, a header that says which source is being built: git's name for
# it where SOURCE is a work tree of its own, else "unknown". Left untouched where
# it says so already, so that nothing is compiled again.
set(NAME unknown)
find_program(GIT git)
if(GIT)
  execute_process(COMMAND ${GIT} rev-parse --show-toplevel
                  WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE TOP
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if("${TOP}" STREQUAL "${SOURCE}")
    execute_process(COMMAND ${GIT} describe --always --dirty --tags
                    WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE FOUND
                    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(FOUND)
      set(NAME ${FOUND})
    endif()
  endif()
endif()
set(TEXT "#define RUNNER_SOURCE \"${NAME}\"\n")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} OLD)
endif()
if(NOT "${OLD}" STREQUAL "${TEXT}")
  file(WRITE ${OUTPUT} "${TEXT}")
endif()
