// SPDX-License-Identifier: Apache-2.0
#include "host/base/passphrase.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/fd.h"

namespace portico {
namespace {

constexpr std::size_t kMost = 1024;

SecretBytes firstLine(int fd, const std::string& where) {
    std::string text;
    text.reserve(kMost + 1);  // no reallocation leaves a copy behind
    char c = 0;
    while (text.size() <= kMost && ::read(fd, &c, 1) == 1 && c != '\n') text += c;
    SecretBytes line = SecretBytes::take(text);
    if (line.empty() || line.size() > kMost)
        throw Error(Code::Invalid, "passphrase", where + ": a passphrase has 1 to 1024 bytes");
    return line;
}

// A terminal that does not show what is typed, until this object ends.
class Unseen {
public:
    explicit Unseen(int fd) : fd_(fd) {
        termios quiet{};
        if (::tcgetattr(fd_, &before_) != 0) throwErrno("look at the terminal");
        quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(fd_, TCSAFLUSH, &quiet);
    }
    ~Unseen() { ::tcsetattr(fd_, TCSAFLUSH, &before_); }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;

private:
    int fd_;
    termios before_{};
};

}  // namespace

bool wantsPassphrase(const std::filesystem::path& file) {
    return std::filesystem::exists(file) && readFile(file, 65536).starts_with(kSealedByPassphrase);
}

SecretBytes readPassphrase(const std::filesystem::path& file) {
    const Fd in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!in) throwErrno("read the passphrase file " + file.string());
    return firstLine(in.get(), file.string());
}

SecretBytes readPassphrase(const Fd& file) {
    if (::lseek(file.get(), 0, SEEK_SET) != 0) throwErrno("read the passphrase that was handed down");
    return firstLine(file.get(), "the passphrase that was handed down");
}

SecretBytes askPassphrase(const std::string& prompt) {
    const Fd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC));
    if (!terminal)
        throw Error(Code::Unavailable, "no_terminal",
                    "the vault's key file wants a passphrase and there is no terminal to ask at: name a file with "
                    "--passphrase-file");
    const Unseen unseen(terminal.get());
    const auto say = [&](const std::string& text) {
        [[maybe_unused]] const ssize_t written = ::write(terminal.get(), text.data(), text.size());
    };
    say(prompt);
    SecretBytes line = firstLine(terminal.get(), "the terminal");
    say("\n");
    return line;
}

Fd heldPassphrase(const SecretBytes& passphrase) {
    Fd file(::memfd_create("passphrase", MFD_CLOEXEC));
    const std::string_view bytes = passphrase.reveal();
    if (!file || ::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
        throwErrno("keep the passphrase for the vault");
    return file;
}

bool samePassphrase(const SecretBytes& a, const SecretBytes& b) { return constantTimeEqual(a.reveal(), b.reveal()); }

}  // namespace portico
