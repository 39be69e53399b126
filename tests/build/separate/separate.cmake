# Clients compiled once (separate.hpp): the program works, and without the file that defines them it
# does not link, so that they really are compiled there only.

add_executable(memring_separate_test separate/main.cpp separate/cache.cpp)
target_link_libraries(memring_separate_test PRIVATE memring::memring)
add_test(NAME separate_compilation COMMAND memring_separate_test)

add_executable(memring_separate_incomplete EXCLUDE_FROM_ALL separate/main.cpp)
target_link_libraries(memring_separate_incomplete PRIVATE memring::memring)
add_test(NAME separate_compilation_incomplete
         COMMAND "${CMAKE_COMMAND}" --build "${PROJECT_BINARY_DIR}" --target
                 memring_separate_incomplete)
set_tests_properties(separate_compilation_incomplete
                     PROPERTIES PASS_REGULAR_EXPRESSION "undefined (reference|symbol).*client_core")
set_tests_properties(separate_compilation separate_compilation_incomplete PROPERTIES TIMEOUT 120)
