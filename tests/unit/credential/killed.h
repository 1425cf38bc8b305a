// SPDX-License-Identifier: Apache-2.0
// Runs something in a child that is killed just before its n-th system call that changes a file: what a crash at that
// moment leaves on disk is there to be looked at. The caller must have no other threads or children.
#pragma once

#include <functional>

// False when the child came to its end with fewer writes. Throws when it failed by itself.
bool killedBeforeWrite(int n, const std::function<void()>& f);
