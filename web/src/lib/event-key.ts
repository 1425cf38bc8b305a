// SPDX-License-Identifier: Apache-2.0
/** "block-time.created" -> "blockTime_created": the name of an event's sentence in the catalogs. */
export function eventKey(type: string) {
  return type.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()).replace(".", "_");
}
