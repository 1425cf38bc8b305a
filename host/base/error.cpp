// SPDX-License-Identifier: Apache-2.0
#include "host/base/error.h"

#include <Poco/Exception.h>

#include <cerrno>
#include <system_error>

namespace portico {

std::string_view codeName(Code code) noexcept {
    switch (code) {
        case Code::Ok: return "ok";
        case Code::Invalid: return "invalid";
        case Code::Denied: return "denied";
        case Code::NotFound: return "not_found";
        case Code::Conflict: return "conflict";
        case Code::Unavailable: return "unavailable";
        case Code::Deadline: return "deadline";
        case Code::Cancelled: return "cancelled";
        case Code::Limit: return "limit";
        case Code::Unsupported: return "unsupported";
        case Code::Internal: return "internal";
    }
    return "internal";
}

Code codeFromStatus(std::int32_t status) noexcept {
    return status <= 0 && status >= static_cast<std::int32_t>(Code::Internal) ? static_cast<Code>(status)
                                                                              : Code::Internal;
}

Error currentError() {
    try {
        throw;
    } catch (const Error& error) {
        return error;
    } catch (const Poco::Exception& error) {
        return Error(Code::Internal, "internal", error.displayText());
    } catch (const std::exception& error) {
        return Error(Code::Internal, "internal", error.what());
    } catch (...) {
        return Error(Code::Internal, "internal", "an exception of an unknown type");
    }
}

void throwErrno(const std::string& attempted) {
    const int error = errno;
    throw Error(Code::Internal, "system", attempted + ": " + std::generic_category().message(error));
}

}  // namespace portico
