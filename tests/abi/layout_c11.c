/* SPDX-License-Identifier: Apache-2.0
 * The header against the layout of a release (PORTICO_LAYOUT), in the plainest language a plugin may be written in.
 * Compiling is the test.
 */
#include <portico/abi.h>

#define PORTICO_EXACT(type, size) _Static_assert(sizeof(type) == (size), #type " changed size");
#define PORTICO_SIZE(type, size) _Static_assert(sizeof(type) >= (size), #type " shrank");
#define PORTICO_AT(type, field, offset, size)                                     \
    _Static_assert(offsetof(type, field) == (offset), #type "." #field " moved"); \
    _Static_assert(sizeof(((type*)0)->field) == (size), #type "." #field " changed size");
#define PORTICO_IS(type, field, ...) \
    _Static_assert(_Generic(((type*)0)->field, __VA_ARGS__ : 1, default : 0), #type "." #field " changed type");
#define PORTICO_ARRAY(type, field, element, count)                                                     \
    _Static_assert(_Generic(&((type*)0)->field, element(*)[count] : 1, default : 0), #type "." #field  \
                                                                                           " changed " \
                                                                                           "type");
#define PORTICO_TYPE(name, type) _Static_assert(_Generic((name)0, type : 1, default : 0), #name " changed type");
#define PORTICO_FUNCTION(name, ...) \
    _Static_assert(_Generic(&name, __VA_ARGS__ : 1, default : 0), #name " changed type");
#define PORTICO_VALUE(name, value) _Static_assert((name) == (value), #name " changed value");
#define PORTICO_AT_LEAST(name, value) _Static_assert((name) >= (value), #name " went back");
#define PORTICO_ID(name, text) _Static_assert(sizeof(name) == sizeof(text), #name " changed");

#include PORTICO_LAYOUT

int main(void) { return 0; }
