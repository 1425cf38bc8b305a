// SPDX-License-Identifier: Apache-2.0
#include "host/check/guarded.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

#include "host/base/error.h"

namespace portico::check {

struct Guarded::Region {
    std::uintptr_t begin, data, end, guard_end;  // [begin, end) the bytes' pages, [end, guard_end) forbidden
    char label[96];
    std::atomic<bool> closed{false};
    Region* next;

    static std::atomic<Region*> all;
    static int report_fd;
    static void onFault(int signal, siginfo_t* info, void*);
    static void tell(const Region& region, std::uintptr_t address);
};

std::atomic<Guarded::Region*> Guarded::Region::all{nullptr};
int Guarded::Region::report_fd = -1;

Guarded::Guarded(std::string_view bytes, std::string_view label) : size_(bytes.size()) {
    constexpr std::size_t kPage = 4096;
    const std::size_t pages = std::max<std::size_t>((bytes.size() + kPage - 1) / kPage, 1) * kPage;
    void* memory = ::mmap(nullptr, pages + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throwErrno("lend bytes to the plugin");
    char* begin = static_cast<char*>(memory);
    char* data = begin + pages - bytes.size();
    if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
    ::mprotect(begin, pages, PROT_READ);
    ::mprotect(begin + pages, kPage, PROT_NONE);
    data_ = data;
    region_ = new (permanent(sizeof(Region))) Region;
    region_->begin = reinterpret_cast<std::uintptr_t>(begin);
    region_->data = reinterpret_cast<std::uintptr_t>(data);
    region_->end = region_->begin + pages;
    region_->guard_end = region_->end + kPage;
    const std::size_t length = std::min(label.size(), sizeof region_->label - 1);
    std::memcpy(region_->label, label.data(), length);
    region_->label[length] = '\0';
    region_->next = Region::all.load();
    while (!Region::all.compare_exchange_weak(region_->next, region_)) {
    }
}

void Guarded::close() noexcept {
    if (region_->closed.exchange(true)) return;
    // New, empty pages in the old ones' place: the bytes are gone, the addresses stay taken.
    ::mmap(reinterpret_cast<void*>(region_->begin), region_->guard_end - region_->begin, PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

void* permanent(std::size_t size) {
    constexpr std::size_t kChunk = 1u << 20, kAlign = 64;
    static std::mutex mutex;
    static char *next = nullptr, *end = nullptr;
    const std::lock_guard lock(mutex);
    size = (size + kAlign - 1) / kAlign * kAlign;
    if (static_cast<std::size_t>(end - next) < size) {
        void* chunk = ::mmap(nullptr, kChunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (chunk == MAP_FAILED) throwErrno("make room for the checker's notes");
        next = static_cast<char*>(chunk);
        end = next + kChunk;
    }
    return std::exchange(next, next + size);
}

namespace {

// What may be called in a signal handler: nothing that allocates.
struct Line {
    char text[256];
    std::size_t size = 0;
    void add(const char* words) {
        for (; *words != '\0' && size < sizeof text; ++words) text[size++] = *words;
    }
};

}  // namespace

void Guarded::Region::tell(const Region& region, std::uintptr_t address) {
    Line line;
    line.add("!the plugin ");
    if (region.closed)
        line.add("used ");
    else if (address >= region.end)
        line.add("read past the end of ");
    else if (address < region.data)
        line.add("reached in front of ");
    else
        line.add("wrote to ");
    line.add(region.label);
    if (region.closed) line.add(" after the function it was lent to had returned");
    if (::write(report_fd, line.text, line.size) < 0) ::_exit(8);
    ::_exit(9);
}

void Guarded::Region::onFault(int signal, siginfo_t* info, void*) {
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    for (const Region* region = all.load(); region != nullptr; region = region->next)
        if (address >= region->begin && address < region->guard_end) tell(*region, address);
    ::signal(signal, SIG_DFL);  // the instruction runs again, and this time it ends the process
}

void catchFaults(int report_fd) {
    Guarded::Region::report_fd = report_fd;
    static char stack[64 * 1024];  // an endless recursion leaves none of its own
    const stack_t own{stack, 0, sizeof stack};
    ::sigaltstack(&own, nullptr);
    struct sigaction action {};
    action.sa_sigaction = &Guarded::Region::onFault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigaction(SIGSEGV, &action, nullptr);
    ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace portico::check
