// SPDX-License-Identifier: Apache-2.0
// The header against the layout of a release (PORTICO_LAYOUT), as C++ sees it; unlike C it can also compare the texts
// of extension ids. No struct has padding: what a plugin writes is exactly what the host reads.
#include <portico/abi.h>

#include <string_view>
#include <type_traits>

#define PORTICO_PACKED(type) static_assert(std::has_unique_object_representations_v<type>, #type " has padding");
#define PORTICO_EXACT(type, size) \
    PORTICO_PACKED(type)          \
    static_assert(sizeof(type) == (size), #type " changed size");
#define PORTICO_SIZE(type, size) \
    PORTICO_PACKED(type)         \
    static_assert(sizeof(type) >= (size), #type " shrank");
#define PORTICO_AT(type, field, offset, size)                                    \
    static_assert(offsetof(type, field) == (offset), #type "." #field " moved"); \
    static_assert(sizeof(type::field) == (size), #type "." #field " changed size");
#define PORTICO_IS(type, field, ...) \
    static_assert(std::is_same_v<decltype(type::field), __VA_ARGS__>, #type "." #field " changed type");
#define PORTICO_ARRAY(type, field, element, count) PORTICO_IS(type, field, element[count])
#define PORTICO_TYPE(name, type) static_assert(std::is_same_v<name, type>, #name " changed type");
#define PORTICO_FUNCTION(name, ...) static_assert(std::is_same_v<decltype(&name), __VA_ARGS__>, #name " changed type");
#define PORTICO_VALUE(name, value) static_assert((name) == (value), #name " changed value");
#define PORTICO_AT_LEAST(name, value) static_assert((name) >= (value), #name " went back");
#define PORTICO_ID(name, text) static_assert(std::string_view(name) == (text), #name " changed");

#include PORTICO_LAYOUT

int main() {}
