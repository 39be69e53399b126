# Compiles each ```cpp block of README.md: one with main() becomes a program, any other an object
# file. Blocks without an #include are statements; they go into the coroutine of statements.cpp.in,
# which declares what they speak of.

#
# Each ```cmake block becomes a file, build/readme/<n>.cmake, listed in readme_cmake_blocks.

set(readme "${PROJECT_SOURCE_DIR}/README.md")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${readme}")
file(READ "${readme}" text)
# Semicolons and brackets would be list syntax.
string(REPLACE ";" "@SEMICOLON@" text "${text}")
string(REPLACE "[" "@OPEN@" text "${text}")
string(REPLACE "]" "@CLOSE@" text "${text}")
string(REPLACE "\n```" ";```" text "${text}")

# Sets <out> to the block's text without its fence.
function(readme_block_text out block)
    string(REGEX REPLACE "^```[a-z]+ *\n" "" block "${block}")
    string(REPLACE "@SEMICOLON@" ";" block "${block}")
    string(REPLACE "@OPEN@" "[" block "${block}")
    string(REPLACE "@CLOSE@" "]" block "${block}")
    set(${out} "${block}" PARENT_SCOPE)
endfunction()

function(compile_readme_block name code)
    set(source "${CMAKE_CURRENT_BINARY_DIR}/readme/${name}.cpp")
    if(code MATCHES "#include")
        file(CONFIGURE OUTPUT "${source}" CONTENT "@code@\n" @ONLY)
    else()
        configure_file(readme/statements.cpp.in "${source}" @ONLY)
    endif()
    if(code MATCHES "int main\\(")
        add_executable(${name} "${source}")
    else()
        add_library(${name} OBJECT "${source}")
    endif()
    target_link_libraries(${name} PRIVATE memring::tls)
    target_compile_options(${name} PRIVATE -Wno-unused -Wno-shadow) # a snippet may end before it uses a value
endfunction()

set(readme_cpp_count 0)
set(readme_cmake_blocks "")
foreach(block IN LISTS text)
    readme_block_text(code "${block}")
    if(block MATCHES "^```cpp *\n")
        math(EXPR readme_cpp_count "${readme_cpp_count} + 1")
        compile_readme_block(readme_${readme_cpp_count} "${code}")
    elseif(block MATCHES "^```cmake *\n")
        list(LENGTH readme_cmake_blocks count)
        set(file "${CMAKE_CURRENT_BINARY_DIR}/readme/${count}.cmake")
        file(CONFIGURE OUTPUT "${file}" CONTENT "@code@\n" @ONLY)
        list(APPEND readme_cmake_blocks "${file}")
    endif()
endforeach()
if(readme_cpp_count EQUAL 0 OR NOT readme_cmake_blocks)
    message(FATAL_ERROR "README.md has no cpp or no cmake block: are its fences still \`\`\`cpp?")
endif()
