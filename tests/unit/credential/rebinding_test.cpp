// SPDX-License-Identifier: Apache-2.0
// A name server that lies: this program's own getaddrinfo() comes before the C library's, so libcurl asks it.
#include <arpa/inet.h>
#include <cppunit/extensions/HelperMacros.h>
#include <netdb.h>
#include <netinet/in.h>

#include <atomic>
#include <cstdlib>
#include <deque>
#include <mutex>

#include "host/base/error.h"
#include "host/credential/transport.h"
#include "tests/unit/credential/tls_server.h"

using namespace portico;
using namespace portico::credential;

namespace {

std::mutex mutex;
std::deque<std::vector<std::string>> answers;  // one per look-up; the last goes on
std::atomic<int> look_ups{0};

}  // namespace

// All names are the test's own: nothing here asks a network. Numeric ones are read as they are.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** out) {
    const auto port = static_cast<std::uint16_t>(service == nullptr ? 0 : std::atoi(service));
    std::vector<std::string> addresses{name == nullptr ? "127.0.0.1" : name};
    if (addresses[0].find_first_not_of("0123456789.") != std::string::npos &&
        addresses[0].find(':') == std::string::npos) {
        const std::lock_guard lock(mutex);
        ++look_ups;
        addresses = answers.empty() ? std::vector<std::string>{"127.0.0.1"} : answers.front();
        if (answers.size() > 1) answers.pop_front();
    }
    addrinfo* list = nullptr;
    for (auto text = addresses.rbegin(); text != addresses.rend(); ++text) {
        // One block, as freeaddrinfo() expects it.
        auto* info = static_cast<addrinfo*>(std::calloc(1, sizeof(addrinfo) + sizeof(sockaddr_in6)));
        info->ai_addr = reinterpret_cast<sockaddr*>(info + 1);
        auto* four = reinterpret_cast<sockaddr_in*>(info + 1);
        auto* six = reinterpret_cast<sockaddr_in6*>(info + 1);
        const bool is_four = inet_pton(AF_INET, text->c_str(), &four->sin_addr) == 1;
        if (!is_four) inet_pton(AF_INET6, text->c_str(), &six->sin6_addr);
        info->ai_family = info->ai_addr->sa_family = is_four ? AF_INET : AF_INET6;
        (is_four ? four->sin_port : six->sin6_port) = htons(port);
        info->ai_addrlen = is_four ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        info->ai_socktype = hints != nullptr && hints->ai_socktype != 0 ? hints->ai_socktype : SOCK_STREAM;
        info->ai_protocol = IPPROTO_TCP;
        info->ai_next = list;
        list = info;
    }
    *out = list;
    return 0;
}

class RebindingTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RebindingTest);
    CPPUNIT_TEST(S12_aNameThatLeadsInside);
    CPPUNIT_TEST(S12_theAddressChangesAfterTheLook);
    CPPUNIT_TEST_SUITE_END();

    static void answer(std::deque<std::vector<std::string>> wanted) {
        const std::lock_guard lock(mutex);
        answers = std::move(wanted);
        look_ups = 0;
    }
    static std::string tried(Transport& transport, const TlsServer& server, bool private_allowed) {
        HttpRequest asked;
        asked.method = "GET";
        asked.url = "https://people.googleapis.com" + server.address().substr(server.address().find(':')) + "/v1/x";
        asked.own_server = asked.private_allowed = private_allowed;
        asked.deadline = Deadline::in(std::chrono::seconds(20));
        try {
            return std::to_string(transport.send(asked).status);
        } catch (const Error& error) {
            return error.reason();
        }
    }

    void S12_aNameThatLeadsInside() {
        TlsServer server({});
        for (const std::vector<std::string>& addresses :
             std::initializer_list<std::vector<std::string>>{{"127.0.0.1"},
                                                             {"::ffff:127.0.0.1"},
                                                             {"::1"},
                                                             {"0.0.0.0"},
                                                             {"169.254.169.254", "127.0.0.1"},
                                                             {"10.0.0.1", "192.168.1.1", "::1", "127.0.0.1"}}) {
            answer({addresses});
            const auto transport = makeCurlTransport({"", server.caFile()});
            CPPUNIT_ASSERT_EQUAL(std::string("http_address"), tried(*transport, server, false));
        }
        CPPUNIT_ASSERT_EQUAL(0, server.connections());
    }
    // What is looked at is what is connected to: a name server that gives a second answer is never asked for it.
    void S12_theAddressChangesAfterTheLook() {
        TlsServer server({});
        answer({{"127.0.0.1"}, {"169.254.169.254"}});
        const auto allowed = makeCurlTransport({"", "", server.caFile()});
        CPPUNIT_ASSERT_EQUAL(std::string("200"), tried(*allowed, server, true));
        CPPUNIT_ASSERT_EQUAL(1, look_ups.load());
        CPPUNIT_ASSERT_EQUAL(1, server.connections());
        // And what a server of one's own may do opens nothing for the provider's hosts.
        answer({{"127.0.0.1"}});
        const auto provider = makeCurlTransport({"", server.caFile()});
        CPPUNIT_ASSERT_EQUAL(std::string("http_address"), tried(*provider, server, false));
        CPPUNIT_ASSERT_EQUAL(1, look_ups.load());
        CPPUNIT_ASSERT_EQUAL(1, server.connections());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RebindingTest);
