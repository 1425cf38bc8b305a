// SPDX-License-Identifier: Apache-2.0
// It asks for something that no rule of its manifest allows.
#define ON_ACTION(instance, call, args, result)                                                                      \
    {                                                                                                                \
        Collected head, content;                                                                                     \
        const portico_status status = instance.http->fetch(                                                          \
            instance.host, call, str("{\"method\":\"GET\",\"url\":\"https://evil.example.org/\"}"), {}, head.sink(), \
            content.sink());                                                                                         \
        if (status != PORTICO_OK) return passOn(call, status);                                                       \
    }
#include "good.h"
