// SPDX-License-Identifier: Apache-2.0
// A plugin that tries to get out: once while it is being loaded (in a constructor) and again whenever the action
// "probe" is invoked (its argument is the host's process id). Each line of the result is "name=allowed" or
// "name=refused(errno)"; loading's lines begin "load.".
#include <portico/abi.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

namespace {

// A function's static, because a constructor may run before this file's own objects exist.
std::string& atLoad() {
    static std::string lines;
    return lines;
}

class Report {
public:
    explicit Report(std::string prefix) : prefix_(std::move(prefix)) {}
    void add(const char* name, bool allowed) {
        lines_ += prefix_ + name + (allowed ? "=allowed" : "=refused(" + std::to_string(errno) + ")") + "\n";
    }
    // A system call that is allowed when it returns 0 or more.
    void call(const char* name, long result) { add(name, result >= 0); }
    const std::string& lines() const { return lines_; }

private:
    std::string prefix_, lines_;
};

void probeFiles(Report& report, pid_t host) {
    report.call("open_passwd", open("/etc/passwd", O_RDONLY));
    report.call("open_root", open("/", O_RDONLY | O_DIRECTORY));
    report.call("own_environ", open("/proc/self/environ", O_RDONLY));
    report.call("own_memory", open("/proc/self/mem", O_RDWR));
    report.call("host_environ", open(("/proc/" + std::to_string(host) + "/environ").c_str(), O_RDONLY));
    report.call("create_in_tmp", open("/tmp/portico-escaped", O_CREAT | O_WRONLY, 0600));
    report.call("mkdir", mkdir("/tmp/portico-escaped-folder", 0700));
    report.call("unlink", unlink("/tmp/portico-victim"));
    report.call("symlink", symlink("/etc/passwd", "/tmp/portico-escaped-link"));
    report.call("chdir", chdir("/"));
    report.call("memfd", syscall(SYS_memfd_create, "x", 0));
    report.call("open_by_handle", syscall(SYS_open_by_handle_at, -1, nullptr, O_RDONLY));
}

void probeNetwork(Report& report) {
    report.call("socket_inet", socket(AF_INET, SOCK_STREAM, 0));
    report.call("socket_inet_udp", socket(AF_INET, SOCK_DGRAM, 0));
    report.call("socket_inet6", socket(AF_INET6, SOCK_STREAM, 0));
    report.call("socket_unix", socket(AF_UNIX, SOCK_STREAM, 0));
    report.call("socket_netlink", socket(AF_NETLINK, SOCK_RAW, 0));
    report.call("socket_vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
    int pair[2];
    report.call("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(80);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    report.call("connect", connect(3, reinterpret_cast<sockaddr*>(&address), sizeof address));
}

void probeProcesses(Report& report, pid_t host) {
    char byte = 0;
    iovec local{&byte, 1}, remote{reinterpret_cast<void*>(0x400000), 1};
    report.call("process_vm_readv", process_vm_readv(host, &local, 1, &remote, 1, 0));
    report.call("ptrace", ptrace(PTRACE_ATTACH, host, nullptr, nullptr));
    report.call("kill_parent", kill(host, 0));
    report.call("tgkill_parent", syscall(SYS_tgkill, host, host, 0));
    report.call("pidfd_open", syscall(SYS_pidfd_open, host, 0));
    const long child = syscall(SYS_fork);
    if (child == 0) {
        execl("/bin/true", "true", nullptr);
        _exit(1);
    }
    report.call("fork", child);
    report.call("vfork_clone", syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
    char* const none[] = {nullptr};
    report.call("exec", execve("/bin/true", none, none));
    report.call("unshare", unshare(CLONE_NEWUSER));
    report.call("setns", syscall(SYS_setns, 3, 0));
}

void probeKernel(Report& report) {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    report.add("mmap_rwx", page != MAP_FAILED);
    page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    report.call("mprotect_exec", mprotect(page, 4096, PROT_READ | PROT_EXEC));
    report.call("pkey_mprotect", syscall(SYS_pkey_mprotect, page, 4096, PROT_READ | PROT_EXEC, -1));
    char parameters[256] = {};
    report.call("io_uring", syscall(SYS_io_uring_setup, 4, parameters));
    bpf_attr attributes{};
    report.call("bpf", syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes));
    report.call("keyctl", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
    report.call("userfaultfd", syscall(SYS_userfaultfd, 1));
    report.call("perf_event_open", syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0));
    report.call("mount", syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, nullptr));
    report.call("setuid", setuid(0));
    report.call("shmget", syscall(SYS_shmget, 0, 4096, 01600));
}

// Descriptors beyond those that the runner is documented to hold: 0, 1, 2, control, library, lanes (and the two that
// the loader may have open). Reading nothing tells an open one from a closed one without a further system call.
void probeDescriptors(Report& report) {
    bool foreign = false;
    char nothing_read;
    for (int fd = 9; fd < 1024; ++fd) foreign = foreign || read(fd, &nothing_read, 0) == 0 || errno != EBADF;
    report.add("inherited_descriptor", foreign);
    report.add("environment", environ != nullptr && *environ != nullptr);
}

std::string probe(std::string prefix, pid_t host) {
    Report report(std::move(prefix));
    probeFiles(report, host);
    probeNetwork(report);
    probeProcesses(report, host);
    probeKernel(report);
    probeDescriptors(report);
    return report.lines();
}

__attribute__((constructor)) void whileLoading() { atLoad() = probe("load.", 1); }

portico_status invoke(portico_plugin*, const portico_call*, portico_str, portico_str args, portico_sink result) {
    const std::string lines = atLoad() + probe("call.", std::stoi(std::string(args.data, args.size)));
    return result.write(result.self, {lines.data(), lines.size()});
}

const portico_action_1 kAction{sizeof(portico_action_1), 0, invoke};

portico_status nothing(portico_plugin*, const portico_call*) { return PORTICO_OK; }
portico_status start(portico_plugin*, const portico_call*, portico_str) { return PORTICO_OK; }
void destroy(portico_plugin*) {}
const void* extension(portico_plugin*, portico_str id) {
    return std::string_view(id.data, id.size) == PORTICO_ACTION_1 ? &kAction : nullptr;
}
portico_plugin plugin{sizeof(portico_plugin), 0, nullptr, start, nothing, destroy, extension};

portico_status create(const portico_host*, const portico_call*, portico_plugin** out) {
    *out = &plugin;
    return PORTICO_OK;
}
const portico_entry kEntry{sizeof(portico_entry), PORTICO_ABI_MINOR, 0, {"hostile", 7}, {"1.0.0", 5}, create};

}  // namespace

extern "C" PORTICO_EXPORT const portico_entry* portico_plugin_entry_1(void) { return &kEntry; }
