// SPDX-License-Identifier: Apache-2.0
// `portico plugin dev DIR --data DATA`: a plugin under development in a running host. DIR (plugin.json and the library)
// is put, unsigned, where installed plugins live; each time the build writes it again it is put there anew and the host
// reloads it; its log comes to the terminal; Ctrl-C puts everything back. A host that is not in developer mode refuses.
//
// Threads: main waits for inotify and signals, `follow` asks the host for log lines.
#include <poll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iostream>
#include <mutex>
#include <sstream>
#include <thread>

#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/main/admin_client.h"
#include "host/main/plugin_command.h"
#include "host/manifest/manifest.h"
#include "host/manifest/signature.h"

namespace portico::app {
namespace {

namespace fs = std::filesystem;

constexpr int kQuietMs = 250;  // a linker writes in several goes; the build is over when nothing came for so long
constexpr const char* kLevels[] = {"trace", "debug", "info", "warning", "error"};

void say(const std::string& line) {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    std::cout << line << std::endl;
}

// The place of the plugin among the installed ones. What an operator had installed there is kept aside meanwhile, also
// over a crash of this program: the next run finds it and puts it back in the end.
class Place {
public:
    Place(const fs::path& data, const std::string& id)
        : current_(data / "plugins" / id), aside_(data / "plugins" / ".dev" / id) {}
    void put(const fs::path& source, const manifest::Manifest& manifest) {
        const fs::path fresh = aside_.parent_path() / ("." + manifest.id.str() + ".new");
        fs::remove_all(fresh);
        fs::create_directories(fresh);
        for (const fs::directory_entry& entry : fs::directory_iterator(source))
            if (entry.is_regular_file() && entry.path().filename() != manifest::kSignatureFile)
                fs::copy_file(entry.path(), fresh / entry.path().filename());
        std::ofstream(fresh / kMark) << source.string() << "\n";
        clear();
        fs::rename(fresh, current_);
    }
    void undo() {
        if (ours()) fs::remove_all(current_);
        if (fs::exists(aside_)) fs::rename(aside_, current_);
    }

private:
    static constexpr const char* kMark = "under-development";  // says that this folder may be thrown away

    bool ours() const { return fs::exists(current_ / kMark); }
    void clear() {
        if (ours())
            fs::remove_all(current_);
        else if (fs::exists(current_))
            fs::rename(current_, aside_);
    }

    const fs::path current_, aside_;
};

// Changes of a folder's files; the folder itself may be removed and made again by the build.
class Watch {
public:
    explicit Watch(fs::path folder) : folder_(std::move(folder)), fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
        if (!fd_) throwErrno("watch " + folder_.string());
        ::inotify_add_watch(fd_.get(), folder_.parent_path().c_str(), IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
        renew();
    }
    int fd() const { return fd_.get(); }
    void drain() {
        char events[4096];
        while (::read(fd_.get(), events, sizeof events) > 0) {
        }
        renew();
    }

private:
    void renew() {  // the same watch again when it is still the same folder
        ::inotify_add_watch(fd_.get(), folder_.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR);
    }
    const fs::path folder_;
    const Fd fd_;
};

class Session {
public:
    Session(fs::path folder, std::string data)
        : folder_(std::move(folder)), data_(std::move(data)), id_(read().id.str()), place_(data_, id_) {}

    int run() {
        const Json host = ask(data_, "plugins.developer", Json::object().set("id", id_));
        if (!host.getBool("developer_mode"))
            throw Error(Code::Denied, "no_developer_mode",
                        "the Portico on " + data_ +
                            " is not in developer mode, so it runs signed plugins only. Start it with `./dev run "
                            "--developer` or `portico serve --developer-mode`; never do that where real clients are");
        if (host.getBool("shipped"))
            throw Error(Code::Conflict, "shipped",
                        id_ + " came with Portico and cannot be replaced; choose another id");
        sigset_t ends;
        sigemptyset(&ends);
        for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ends, number);
        pthread_sigmask(SIG_BLOCK, &ends, nullptr);
        const Fd signals(::signalfd(-1, &ends, SFD_CLOEXEC));
        Watch watch(folder_);
        after_ = host.integer("newest");
        std::thread follow([this] { followLog(); });
        say("-- " + id_ + " from " + folder_.string() + "; Ctrl-C takes it out again");
        try {
            reload();
            while (waitForBuild(watch, signals.get())) reload();
        } catch (...) {
            end(follow);
            throw;
        }
        end(follow);
        say("-- " + id_ + " is taken out; what it stored for a business stays until that business erases it");
        return 0;
    }

private:
    manifest::Manifest read() const { return manifest::load(folder_, {}, true); }

    // False when it is time to end.
    static bool waitForBuild(Watch& watch, int signals) {
        pollfd waiting[] = {{signals, POLLIN, 0}, {watch.fd(), POLLIN, 0}};
        int patience = -1;
        for (;;) {
            const int ready = ::poll(waiting, 2, patience);
            if (ready < 0 && errno == EINTR) continue;
            if (waiting[0].revents != 0) return false;
            if (ready == 0) return true;
            watch.drain();
            patience = kQuietMs;
        }
    }

    // A build that is broken is said and waited for; it never ends the session.
    void reload() {
        try {
            const manifest::Manifest manifest = read();
            if (manifest.id.str() != id_)
                throw Error(Code::Invalid, "other_id", "plugin.json now says " + manifest.id.str() + ": start again");
            place_.put(folder_, manifest);
            tell(ask(data_, "plugins.reload", Json::object()));
        } catch (const std::exception& error) {
            say(std::string("-- not reloaded: ") + error.what());
        }
    }

    void tell(const Json& answer) const {
        for (const Json& plugin : answer.at("plugins").items()) {
            if (plugin.str("id") != id_) continue;
            const std::string problem = plugin.getStr("problem");
            say("-- " + id_ + " " + plugin.str("version") + ": " + plugin.str("state") +
                (problem.empty() ? "" : ": " + problem));
            if (plugin.at("tenants").items().empty())
                say("-- no business uses it yet: sign in and enable it on the page Plugins");
            if (plugin.str("state") == "running") say(debuggerHint());
            return;
        }
        say("-- the host does not know " + id_ + " after reloading; its log says why");
    }

    // The runner is the process that has the library mapped, from a memory file named after the plugin. For a moment
    // there may be two: the older one finishes its calls.
    std::string debuggerHint() const {
        int runner = 0;
        std::string base;
        for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
            std::ifstream maps(entry.path() / "maps");
            const int pid = std::atoi(entry.path().filename().c_str());
            for (std::string line; pid > runner && std::getline(maps, line);) {
                if (line.find("/memfd:" + id_ + " ") == std::string::npos) continue;
                runner = pid;
                base = line.substr(0, line.find('-'));
            }
        }
        if (runner == 0) return "-- debug: only root may look into the runner; see debugging.md of the SDK";
        return "-- debug: gdb -p " + std::to_string(runner) + " -ex 'add-symbol-file " +
               (folder_ / read().library).string() + " -o 0x" + base + "'";
    }

    void followLog() {
        while (!ending_) {
            try {
                const Json answer =
                    ask(data_, "plugins.log", Json::object().set("id", id_).set("after", after_).set("wait_ms", 500));
                for (const Json& line : answer.at("lines").items()) {
                    after_ = line.integer("number");
                    say(line.str("at") + " " + kLevels[std::clamp<std::int64_t>(line.integer("level"), 0, 4)] + " " +
                        line.str("event") + " " + line.str("fields"));
                }
            } catch (const Error& error) {
                if (!ending_) say(std::string("-- no log: ") + error.what());
                for (int i = 0; i < 10 && !ending_; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(200));
            }
        }
    }

    void end(std::thread& follow) {
        try {
            place_.undo();
            ask(data_, "plugins.reload", Json::object());
        } catch (const Error& error) {
            say(std::string("-- ") + error.what());
        }
        ending_ = true;
        follow.join();
    }

    const fs::path folder_;
    const std::string data_, id_;
    Place place_;
    std::int64_t after_ = 0;  // set before the thread starts, then the thread's own
    std::atomic<bool> ending_{false};
};

}  // namespace

int pluginDev(Arguments& arguments) {
    const fs::path folder = fs::absolute(arguments.positional("the plugin's built folder")).lexically_normal();
    const std::string data = arguments.required("data");
    arguments.finish();
    if (!fs::exists(folder / "plugin.json"))
        throw Error(Code::NotFound, "no_plugin",
                    folder.string() + " holds no plugin.json; name the built folder, such as build/dev/plugins/NAME");
    return Session(folder.has_filename() ? folder : folder.parent_path(), data).run();
}

}  // namespace portico::app
