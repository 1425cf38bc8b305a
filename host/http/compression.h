// SPDX-License-Identifier: Apache-2.0
// gzip of JSON answers that are larger than a packet. Files and pages come precompressed (StaticFiles). Thread-safe.
// Because of BREACH: compressed answers hold no secret beside text of the request; the CSRF token's answers are small.
#pragma once

#include <string>
#include <string_view>

#include "host/http/router.h"

namespace portico::http {

std::string gzip(std::string_view bytes);
// A finisher: compresses text bodies of JSON above 1,400 bytes for clients that take gzip.
Finisher compressJson();

}  // namespace portico::http
