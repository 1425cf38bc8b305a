/* SPDX-License-Identifier: Apache-2.0
 * A library that the host would load and nobody does: these tests play the runner with threads. */
const void* portico_plugin_entry_1(void) { return 0; }
