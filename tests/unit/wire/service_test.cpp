// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <latch>

#include "host/base/error.h"
#include "host/wire/service_server.h"
#include "host/wire/spawn.h"

using namespace portico;
using namespace portico::wire;

namespace {

// A served pair of lanes and their client.
struct Service {
    explicit Service(ServiceHandler handler, int lanes = 1, bool accept_fds = false)
        : server(std::move(handler), accept_fds) {
        std::vector<Fd> ours;
        for (int i = 0; i < lanes; ++i) {
            auto [mine, theirs] = lanePair();
            ours.push_back(std::move(mine));
            CPPUNIT_ASSERT(server.add(std::move(theirs)));
        }
        client = std::make_unique<ServiceClient>(std::move(ours));
    }
    ServiceServer server;
    std::unique_ptr<ServiceClient> client;
};

std::filesystem::path temporaryFolder() {
    char name[] = "/tmp/portico-wire-XXXXXX";
    CPPUNIT_ASSERT(::mkdtemp(name) != nullptr);
    return name;
}

}  // namespace

class ServiceTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ServiceTest);
    CPPUNIT_TEST(answersAndCallsBack);
    CPPUNIT_TEST(errorsTravelWhole);
    CPPUNIT_TEST(passesDescriptors);
    CPPUNIT_TEST(threadsShareThePool);
    CPPUNIT_TEST(aBusyPoolRespectsTheDeadline);
    CPPUNIT_TEST(closeWakesWaiters);
    CPPUNIT_TEST(aCallerThatGivesUpWaitsNoLonger);
    CPPUNIT_TEST(aCallerThatGivesUpEndsWhatIsAskedBack);
    CPPUNIT_TEST(aCallerThatGivesUpDoesNotWaitForALane);
    CPPUNIT_TEST(listensForItsOwnerOnly);
    CPPUNIT_TEST(nobodyListeningIsSaidInWords);
    CPPUNIT_TEST(anotherBuildIsToldSo);
    CPPUNIT_TEST(spawnGivesExactlyTheDescriptorsNamed);
    CPPUNIT_TEST(aSealedCopyCannotBeChanged);
    CPPUNIT_TEST_SUITE_END();

    void answersAndCallsBack() {
        Service service([](ServiceRequest& request, ServicePeer& peer) {
            const ServiceReply chunk = peer.call("blob.read", "{\"n\":1}");
            return ServiceReply{std::string(request.json) + chunk.json, std::string(request.body) + chunk.body};
        });
        const ServiceReply reply = service.client->call(
            "fetch", "{}", "head ", Deadline::in(Millis(5000)), [](ServiceRequest& request, ServicePeer&) {
                CPPUNIT_ASSERT_EQUAL(std::string("blob.read"), std::string(request.method));
                CPPUNIT_ASSERT(!request.deadline.isNever());  // never more time than the outer call has
                return ServiceReply{"[1]", std::string(200'000, 'b')};
            });
        CPPUNIT_ASSERT_EQUAL(std::string("{}[1]"), reply.json);
        CPPUNIT_ASSERT_EQUAL(std::size_t{200'005}, reply.body.size());
    }
    void errorsTravelWhole() {
        Service service([](ServiceRequest&, ServicePeer&) -> ServiceReply {
            throw Error(Code::Conflict, "version", "someone else changed it", 250).withDetails("{\"have\":3}");
        });
        try {
            service.client->call("save", "{}");
            CPPUNIT_FAIL("no error arrived");
        } catch (const Error& error) {
            CPPUNIT_ASSERT(error.code() == Code::Conflict);
            CPPUNIT_ASSERT_EQUAL(std::string("version"), error.reason());
            CPPUNIT_ASSERT_EQUAL(std::string("someone else changed it"), std::string(error.what()));
            CPPUNIT_ASSERT_EQUAL(std::int64_t{250}, error.retryAfterMs());
            CPPUNIT_ASSERT_EQUAL(std::string("{\"have\":3}"), error.details());
        }
    }
    void passesDescriptors() {
        Service service(
            [](ServiceRequest& request, ServicePeer&) {
                CPPUNIT_ASSERT_EQUAL(std::size_t{2}, request.fds.size());
                CPPUNIT_ASSERT_EQUAL(ssize_t{2}, ::write(request.fds[1].get(), "hi", 2));
                return ServiceReply{"{}", {}};
            },
            1, true);
        int ends[2];
        CPPUNIT_ASSERT_EQUAL(0, ::pipe(ends));
        service.client->call("take", "{}", {}, Deadline::never(), {}, {ends[0], ends[1]});
        ::close(ends[1]);
        char text[8];
        CPPUNIT_ASSERT_EQUAL(ssize_t{2}, ::read(ends[0], text, sizeof text));
        CPPUNIT_ASSERT_EQUAL(ssize_t{0}, ::read(ends[0], text, sizeof text));  // the callee's copies are closed
        ::close(ends[0]);
    }
    void threadsShareThePool() {
        std::atomic<int> at_once{0}, most{0};
        Service service(
            [&](ServiceRequest& request, ServicePeer&) {
                const int now = ++at_once;
                for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
                }
                const ServiceReply reply{std::string(request.json), {}};
                --at_once;
                return reply;
            },
            2);
        std::vector<std::thread> threads;
        std::atomic<int> wrong{0};
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 200; ++i) {
                    const std::string json = std::to_string(t * 1000 + i);
                    if (service.client->call("echo", json).json != json) ++wrong;
                }
            });
        for (std::thread& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(0, wrong.load());
        CPPUNIT_ASSERT(most <= 2);
    }
    void aBusyPoolRespectsTheDeadline() {
        std::latch entered(1), leave(1);
        Service service([&](ServiceRequest&, ServicePeer&) {
            entered.count_down();
            leave.wait();
            return ServiceReply{};
        });
        std::thread busy([&] { service.client->call("slow", "{}"); });
        entered.wait();
        try {
            service.client->call("quick", "{}", {}, Deadline::in(Millis(20)));
            CPPUNIT_FAIL("a busy lane was handed out");
        } catch (const Error& error) {
            CPPUNIT_ASSERT(error.code() == Code::Deadline);
        }
        leave.count_down();
        busy.join();
    }
    void closeWakesWaiters() {
        std::latch entered(1), leave(1);
        Service service([&](ServiceRequest&, ServicePeer&) {
            entered.count_down();
            leave.wait();
            return ServiceReply{};
        });
        std::atomic<int> unavailable{0};
        std::thread waiting([&] {
            try {
                service.client->call("slow", "{}");
            } catch (const Error& error) {
                unavailable += error.code() == Code::Unavailable;
            }
        });
        entered.wait();
        service.client->close();
        waiting.join();
        leave.count_down();
        CPPUNIT_ASSERT_EQUAL(1, unavailable.load());
        CPPUNIT_ASSERT_THROW(service.client->call("again", "{}"), Error);
    }
    // The service works on, unaware, until it looks; the lane then serves the next call.
    void aCallerThatGivesUpWaitsNoLonger() {
        std::atomic<bool> working{false}, may_look{false}, saw{false};
        Service service([&](ServiceRequest& request, ServicePeer&) {
            if (request.method == "next") return ServiceReply{"[]", {}};
            working = true;
            while (!may_look || !request.given_up()) std::this_thread::yield();
            saw = true;
            return ServiceReply{"{}", {}};
        });
        try {
            service.client->call("slow", "{}", {}, Deadline::never(), {}, {}, [&] { return working.load(); });
            CPPUNIT_FAIL("it was waited for");
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(std::string("given_up"), error.reason());
        }
        CPPUNIT_ASSERT(!saw);
        may_look = true;
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), service.client->call("next", "{}").json);
        CPPUNIT_ASSERT(saw);
    }
    void aCallerThatGivesUpEndsWhatIsAskedBack() {
        std::atomic<bool> given_up{false};
        std::atomic<int> refused{0};
        Service service([&](ServiceRequest& request, ServicePeer& peer) {
            if (request.method == "next") return ServiceReply{"[]", {}};
            for (;;) {
                try {
                    peer.call("piece", "{}");
                } catch (const Error& error) {
                    CPPUNIT_ASSERT(error.code() == Code::Cancelled);
                    ++refused;
                    throw;
                }
            }
        });
        int pieces = 0;
        try {
            service.client->call(
                "pieces", "{}", {}, Deadline::never(),
                [&](ServiceRequest&, ServicePeer&) {
                    if (++pieces == 3) given_up = true;
                    return ServiceReply{"{}", {}};
                },
                {}, [&] { return given_up.load(); });
            CPPUNIT_FAIL("it was waited for");
        } catch (const Error& error) {
            CPPUNIT_ASSERT(error.code() == Code::Cancelled);
        }
        CPPUNIT_ASSERT_EQUAL(3, pieces);
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), service.client->call("next", "{}").json);
        CPPUNIT_ASSERT_EQUAL(1, refused.load());
    }
    void aCallerThatGivesUpDoesNotWaitForALane() {
        std::latch entered(1), leave(1);
        Service service([&](ServiceRequest&, ServicePeer&) {
            entered.count_down();
            leave.wait();
            return ServiceReply{"{}", {}};
        });
        std::thread busy([&] { service.client->call("busy", "{}"); });
        entered.wait();
        try {
            service.client->call("second", "{}", {}, Deadline::never(), {}, {}, [] { return true; });
            CPPUNIT_FAIL("it got a lane");
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(std::string("given_up"), error.reason());
        }
        leave.count_down();
        busy.join();
    }
    void listensForItsOwnerOnly() {
        const auto folder = temporaryFolder();
        const auto path = folder / "admin.sock";
        {
            const auto echo = [](ServiceRequest& request, ServicePeer&) {
                return ServiceReply{std::string(request.json), {}};
            };
            ServiceListener listener(path, echo);
            struct stat info;
            CPPUNIT_ASSERT_EQUAL(0, ::stat(path.c_str(), &info));
            CPPUNIT_ASSERT_EQUAL(mode_t{0600}, info.st_mode & 0777);
            std::vector<Fd> lanes;
            lanes.push_back(connectTo(path));
            CPPUNIT_ASSERT_EQUAL(std::string("{1}"), ServiceClient(std::move(lanes)).call("x", "{1}").json);
            CPPUNIT_ASSERT_THROW(ServiceListener(path, echo), Error);  // someone listens there already
            if (::geteuid() == 0) {  // an ordinary user who got past the file mode is turned away by its uid
                ::chmod(folder.c_str(), 0755);
                ::chmod(path.c_str(), 0666);
                const pid_t child = ::fork();
                if (child == 0) {
                    if (::setresuid(65534, 65534, 65534) != 0) ::_exit(9);
                    const int fd = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
                    struct {
                        sa_family_t family = AF_UNIX;
                        char name[108] = {};
                    } at;
                    path.string().copy(at.name, 107);
                    if (::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) ::_exit(8);
                    char byte;
                    ::_exit(::recv(fd, &byte, 1, 0) == 0 ? 0 : 7);
                }
                int status = -1;
                ::waitpid(child, &status, 0);
                CPPUNIT_ASSERT_EQUAL(0, status);
            }
        }
        CPPUNIT_ASSERT(!std::filesystem::exists(path));
        std::filesystem::remove_all(folder);
    }
    void nobodyListeningIsSaidInWords() {
        try {
            connectTo("/tmp/portico-no-such-socket");
            CPPUNIT_FAIL("connected to nothing");
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(std::string("not_running"), error.reason());
            CPPUNIT_ASSERT(std::string(error.what()).find("is Portico running") != std::string::npos);
        }
    }
    void anotherBuildIsToldSo() {
        auto [ours, theirs] = lanePair();
        Socket other_build(ours.release());
        CPPUNIT_ASSERT_EQUAL(ssize_t{40}, ::send(other_build.fd(), std::string(40, 'x').data(), 40, 0));
        try {
            serveLane(std::move(theirs), [](ServiceRequest&, ServicePeer&) { return ServiceReply{}; });
            CPPUNIT_FAIL("a foreign frame was served");
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(std::string("wire_build"), error.reason());
        }
        Frame frame;  // there is an answer; one of another build would name the difference
        CPPUNIT_ASSERT(other_build.receive(frame) == Socket::Result::Done);
    }
    void spawnGivesExactlyTheDescriptorsNamed() {
        int ends[2], other[2];
        CPPUNIT_ASSERT_EQUAL(0, ::pipe2(ends, O_CLOEXEC));
        CPPUNIT_ASSERT_EQUAL(0, ::pipe2(other, O_CLOEXEC));
        // 4 is written to, 3 is another pipe's end; the environment holds only what was given.
        const pid_t child =
            spawn({"/bin/sh", {"-c", "echo \"$NAME,$HOME\" >&4"}, {other[0], ends[1]}, {"NAME=value"}, true});
        ::close(ends[1]);
        char text[64] = {};
        CPPUNIT_ASSERT(::read(ends[0], text, sizeof text - 1) > 0);
        CPPUNIT_ASSERT_EQUAL(std::string("value,\n"), std::string(text));
        int status = -1;
        ::waitpid(child, &status, 0);
        CPPUNIT_ASSERT_EQUAL(0, status);
        CPPUNIT_ASSERT_THROW(spawn({"/no/such/program", {}, {}, {}, true}), Error);
        for (const int fd : {ends[0], other[0], other[1]}) ::close(fd);
    }
    void aSealedCopyCannotBeChanged() {
        const Fd file = sealedCopy("bytes", "test");
        CPPUNIT_ASSERT(::pwrite(file.get(), "x", 1, 0) < 0);
        CPPUNIT_ASSERT(::ftruncate(file.get(), 0) < 0);
        CPPUNIT_ASSERT(::mmap(nullptr, 4096, PROT_WRITE, MAP_SHARED, file.get(), 0) == MAP_FAILED);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ServiceTest);
