# SPDX-License-Identifier: Apache-2.0
# The next minor of the ABI, derived from this tree when it is configured: PORTICO_ABI_MINOR + 1, and a store that can
# `remove`. Its headers and its wire tables lie in NEXT_MINOR in the places they have in the tree, so that a target which
# looks there first is built for that minor and is otherwise this tree's code.
set(NEXT_MINOR ${CMAKE_CURRENT_BINARY_DIR}/next-minor)

# next_minor_of(FILE OLD NEW [OLD NEW]): the tree's FILE with each OLD replaced; an OLD that is not there is an error.
# (ARGV1 and so on, because a list would be split at the semicolons of C.)
function(next_minor_of file)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${file})
    file(READ ${CMAKE_SOURCE_DIR}/${file} text)
    math(EXPR last_old "${ARGC} - 2")
    foreach(old RANGE 1 ${last_old} 2)
        math(EXPR new "${old} + 1")
        string(REPLACE "${ARGV${old}}" "${ARGV${new}}" changed "${text}")
        if(changed STREQUAL text)
            message(FATAL_ERROR "next_minor.cmake: ${file} no longer has '${ARGV${old}}'")
        endif()
        set(text "${changed}")
    endforeach()
    file(CONFIGURE OUTPUT ${NEXT_MINOR}/${file} CONTENT "${text}" @ONLY)
endfunction()

file(STRINGS ${CMAKE_SOURCE_DIR}/plugin-api/include/portico/abi.h minor REGEX "^#define PORTICO_ABI_MINOR ")
string(REGEX MATCH "[0-9]+" minor "${minor}")
math(EXPR next "${minor} + 1")
next_minor_of(plugin-api/include/portico/abi.h
    "#define PORTICO_ABI_MINOR ${minor}" "#define PORTICO_ABI_MINOR ${next}"
    "} portico_store_1;"
    "    portico_status (*remove)(const portico_host *, const portico_call *, portico_str key);\n} portico_store_1;")
next_minor_of(host/wire/core/tables.h "&portico_store_1::write>" "&portico_store_1::write, &portico_store_1::remove>")
file(GLOB_RECURSE layer RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/plugin-api/include/portico/plugin*.hpp
     ${CMAKE_SOURCE_DIR}/plugin-api/include/portico/plugin/*.hpp)
foreach(file IN LISTS layer)
    configure_file(${CMAKE_SOURCE_DIR}/${file} ${NEXT_MINOR}/${file} COPYONLY)
endforeach()

# Another format, hence another identity: the two hosts' runners must not be taken for each other's.
file(SHA256 ${NEXT_MINOR}/plugin-api/include/portico/abi.h PORTICO_WIRE_BUILD)
string(SUBSTRING ${PORTICO_WIRE_BUILD} 0 8 PORTICO_WIRE_MAGIC)
configure_file(${CMAKE_SOURCE_DIR}/host/wire/core/build_id.h.in ${NEXT_MINOR}/host/wire/core/build_id.h @ONLY)

file(GLOB next_wire CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/host/wire/core/*.cpp ${CMAKE_SOURCE_DIR}/host/wire/*.cpp)
add_library(next_minor_wire STATIC ${next_wire})
target_include_directories(next_minor_wire BEFORE PUBLIC ${NEXT_MINOR} ${NEXT_MINOR}/plugin-api/include ${CMAKE_SOURCE_DIR})
target_compile_definitions(next_minor_wire PUBLIC PORTICO_NEXT_MINOR)
target_link_libraries(next_minor_wire PUBLIC room_base)

file(GLOB next_runner CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/host/runner/*.cpp)
add_executable(next_minor_runner ${next_runner})
target_link_libraries(next_minor_runner PRIVATE next_minor_wire PkgConfig::SECCOMP Threads::Threads ${CMAKE_DL_LIBS})
