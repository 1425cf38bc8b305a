# SPDX-License-Identifier: Apache-2.0
# The one way to build a plugin, for Portico's own and for everyone else's.
#
#   portico_plugin(NAME [MANIFEST plugin.json] [OUTPUT folder] [SOURCES file...] [LINKS target...] [TESTS file...])
#
# makes BUILD/plugins/ID/ (or OUTPUT/ID/) with the library and plugin.json, named as the manifest says: a folder ready to
# be checked, signed and installed. SOURCES defaults to every .c and .cpp of the current folder and of src/. Targets:
#   NAME          the library: one exported symbol, nothing left undefined, all bound at load
#   NAME_code     the same objects, for programs that test them; they see PORTICO_PLUGIN_ID, PORTICO_PLUGIN_VERSION and
#                 PORTICO_PLUGIN_MANIFEST (a path), all three from the manifest
#   NAME_test     from TESTS, run by ctest as NAME.test; where the SDK has the checker, ctest runs it too, as NAME.check
# With PORTICO_SANITIZE set only objects and tests are built: no runner loads a sanitized library.

function(portico_plugin name)
    cmake_parse_arguments(PLUGIN "" "MANIFEST;OUTPUT" "SOURCES;LINKS;TESTS" ${ARGN})
    if(PLUGIN_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "portico_plugin(${name}): '${PLUGIN_UNPARSED_ARGUMENTS}' is not understood")
    endif()
    if(NOT PLUGIN_MANIFEST)
        set(PLUGIN_MANIFEST plugin.json)
    endif()
    get_filename_component(manifest ${PLUGIN_MANIFEST} ABSOLUTE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${manifest})
    file(READ ${manifest} text)
    foreach(member id version library)
        string(JSON ${member} ERROR_VARIABLE problem GET "${text}" ${member})
        if(problem)
            message(FATAL_ERROR "portico_plugin(${name}): ${manifest}: ${member}: ${problem}")
        endif()
    endforeach()

    if(NOT PLUGIN_SOURCES)
        file(GLOB PLUGIN_SOURCES CONFIGURE_DEPENDS *.c *.cpp src/*.c src/*.cpp)
    endif()
    add_library(${name}_code OBJECT ${PLUGIN_SOURCES})
    target_link_libraries(${name}_code PUBLIC Portico::plugin_api ${PLUGIN_LINKS})
    target_compile_definitions(${name}_code PUBLIC PORTICO_PLUGIN_ID="${id}" PORTICO_PLUGIN_VERSION="${version}"
                               PORTICO_PLUGIN_MANIFEST="${manifest}")
    set_target_properties(${name}_code PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden
                          CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)

    if(NOT PLUGIN_OUTPUT)
        set(PLUGIN_OUTPUT ${CMAKE_BINARY_DIR}/plugins)
    endif()
    set(folder ${PLUGIN_OUTPUT}/${id})
    set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
    if(NOT PORTICO_SANITIZE)
        string(REGEX REPLACE "\\.so$" "" output ${library})
        add_library(${name} MODULE)
        target_link_libraries(${name} PRIVATE ${name}_code)
        set_target_properties(${name} PROPERTIES PREFIX "" OUTPUT_NAME ${output} SUFFIX .so
                              LIBRARY_OUTPUT_DIRECTORY ${folder} LINK_DEPENDS ${map})
        target_link_options(${name} PRIVATE -Wl,--version-script=${map}
                            -Wl,-z,defs -Wl,-z,now -Wl,-z,relro -Wl,-z,noexecstack -Wl,--gc-sections)
        # What was signed is not what is there any more: no signature is better than a wrong one.
        set(unsign ${CMAKE_COMMAND} -E rm -f ${folder}/plugin.sig)
        add_custom_command(TARGET ${name} POST_BUILD COMMAND ${unsign})
        add_custom_command(OUTPUT ${folder}/plugin.json DEPENDS ${manifest}
                           COMMAND ${CMAKE_COMMAND} -E copy ${manifest} ${folder}/plugin.json COMMAND ${unsign})
        add_custom_target(${name}_manifest ALL DEPENDS ${folder}/plugin.json)
        add_dependencies(${name} ${name}_manifest)
    endif()

    if(PLUGIN_TESTS)
        add_executable(${name}_test ${PLUGIN_TESTS})
        target_link_libraries(${name}_test PRIVATE ${name}_code)
        target_compile_features(${name}_test PRIVATE cxx_std_20)
        add_test(NAME ${name}.test COMMAND ${name}_test)
    endif()
    if(PORTICO_PLUGIN_CHECK AND TARGET ${name})
        add_test(NAME ${name}.check COMMAND ${PORTICO_PLUGIN_CHECK} ${folder})
    endif()
endfunction()
