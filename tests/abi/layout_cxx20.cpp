// SPDX-License-Identifier: Apache-2.0
// The header against its recorded layout, as C++ sees it; unlike C it can also compare the texts of extension ids.
#include <portico/abi.h>

#include <string_view>
#include <type_traits>

#define PORTICO_EXACT(type, size) static_assert(sizeof(type) == (size), #type " changed size");
#define PORTICO_SIZE(type, size) static_assert(sizeof(type) >= (size), #type " shrank");
#define PORTICO_AT(type, field, offset, size)                                    \
    static_assert(offsetof(type, field) == (offset), #type "." #field " moved"); \
    static_assert(sizeof(type::field) == (size), #type "." #field " changed size");
#define PORTICO_IS(type, field, ...) \
    static_assert(std::is_same_v<decltype(type::field), __VA_ARGS__>, #type "." #field " changed type");
#define PORTICO_VALUE(name, value) static_assert((name) == (value), #name " changed value");
#define PORTICO_ID(name, text) static_assert(std::string_view(name) == (text), #name " changed");

#include "plugin-api/abi/1.0-rc.layout"

// No implicit padding anywhere: what a plugin writes is exactly what the host reads.
static_assert(std::has_unique_object_representations_v<portico_str>);
static_assert(std::has_unique_object_representations_v<portico_call>);
static_assert(std::has_unique_object_representations_v<portico_host>);
static_assert(std::has_unique_object_representations_v<portico_plugin>);
static_assert(std::has_unique_object_representations_v<portico_entry>);

int main() {}
