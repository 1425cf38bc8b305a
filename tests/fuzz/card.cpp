// SPDX-License-Identifier: Apache-2.0
// A contact (JSContact) from a browser, a plugin or a service. What is accepted stays as it is when it is checked
// again, and its index can be stored and searched.
#include "tests/fuzz/fuzz.h"

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/crm/card.h"

using namespace portico;
using namespace portico::crm;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const Json card = checkedCard(Json::parse(textOf(data, size), 1u << 20));
        require(checkedCard(card) == card, "a checked card is whole");
        const CardIndex index = indexOf(card);
        for (const std::string* text :
             {&index.display_name, &index.sort_name, &index.search_name, &index.search_email, &index.search_phone})
            require(isUtf8(*text), "the index is text");
        for (const std::string& phone : index.phones) require(phone.size() >= 5, "a short number is no key");
    } catch (const Error& error) {
        require(error.code() == Code::Invalid || error.code() == Code::Limit, "a bad card is bad input");
    }
    return 0;
}
