// SPDX-License-Identifier: Apache-2.0
// It asks again at once when the service says: later.
#define MORE_FETCHES(call)                                                                                           \
    for (int i = 0; i < 20; ++i) {                                                                                   \
        Collected more;                                                                                              \
        self.http->fetch(self.host, call, str("{\"method\":\"GET\",\"url\":\"https://api.example.org/items\"}"), {}, \
                         more.sink(), more.sink());                                                                  \
    }
#include "good.h"
