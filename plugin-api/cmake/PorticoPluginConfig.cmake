# SPDX-License-Identifier: Apache-2.0
# find_package(PorticoPlugin): the target Portico::plugin_api (headers), the function portico_plugin, and
# PORTICO_PLUGIN_CHECK, the checker of this SDK. The package's version is the plugin ABI's.
include(${CMAKE_CURRENT_LIST_DIR}/PorticoPluginTargets.cmake)
get_filename_component(PORTICO_SDK ${CMAKE_CURRENT_LIST_DIR}/../../.. ABSOLUTE)
find_program(PORTICO_PLUGIN_CHECK portico-plugin-check PATHS ${PORTICO_SDK}/bin NO_DEFAULT_PATH)
include(${CMAKE_CURRENT_LIST_DIR}/PorticoPlugin.cmake)
