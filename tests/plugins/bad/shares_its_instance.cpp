// SPDX-License-Identifier: Apache-2.0
// It has one instance for all.
#define NEW_INSTANCE &shared()
#define DELETE_INSTANCE(instance)
namespace {
struct Instance;
Instance& shared();
}  // namespace
#include "good.h"

namespace {
Instance& shared() {
    static Instance one;
    return one;
}
}  // namespace
