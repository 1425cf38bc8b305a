// SPDX-License-Identifier: Apache-2.0
// A plugin that tries to get out: once while it is being loaded (in a constructor) and again whenever the action
// "probe" is invoked. The server loads it like any plugin before it lets one start, and the tests load it to see that
// each attempt is refused. An attempt that succeeds harms nothing: nothing is stopped, overwritten or sent.
//   arguments   the host's process id, then paths that must not open, one a line
//   result      "load.S1.open_passwd=refused(13)" or "call.S2.socket_inet=allowed", one a line. When: load or call.
//               S1 files, S2 network, S3 processes, S4 executable memory, S5 doors of the kernel, S6 what is inherited.
#include <portico/abi.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
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
    Report(std::string when, pid_t host) : host_(host), when_(std::move(when)) {}
    void topic(const char* number) { topic_ = number; }
    void add(const std::string& name, bool allowed) {
        lines_ +=
            when_ + "." + topic_ + "." + name + (allowed ? "=allowed" : "=refused(" + std::to_string(errno) + ")");
        lines_ += '\n';
    }
    // A system call that is allowed when it returns 0 or more.
    void call(const std::string& name, long result) { add(name, result >= 0); }
    // One that makes a descriptor, which is given back: the next attempt is not to fail for want of one.
    void opens(const std::string& name, long fd) {
        call(name, fd);
        if (fd >= 0) close(static_cast<int>(fd));
    }
    pid_t host() const { return host_; }
    const std::string& lines() const { return lines_; }

private:
    const pid_t host_;
    const std::string when_;
    std::string topic_, lines_;
};

void probeFiles(Report& report, std::string_view paths) {
    report.topic("S1");
    report.opens("open_passwd", open("/etc/passwd", O_RDONLY));
    report.opens("open_root", open("/", O_RDONLY | O_DIRECTORY));
    report.opens("open_proc_1", open("/proc/1/environ", O_RDONLY));
    report.opens("own_environ", open("/proc/self/environ", O_RDONLY));
    report.opens("own_memory", open("/proc/self/mem", O_RDWR));
    report.opens("host_environ", open(("/proc/" + std::to_string(report.host()) + "/environ").c_str(), O_RDONLY));
    struct stat info {};
    report.call("stat_passwd", stat("/etc/passwd", &info));
    char target[8];
    report.call("readlink", readlink("/proc/self/exe", target, sizeof target));
    report.call("access", access("/etc/passwd", F_OK));
    const int made = open("/tmp/portico-escaped", O_CREAT | O_WRONLY, 0600);
    report.call("create_in_tmp", made);
    if (made >= 0) unlink("/tmp/portico-escaped");
    report.call("mkdir", mkdir("/tmp/portico-escaped-folder", 0700));
    report.call("unlink", unlink("/tmp/portico-victim"));
    report.call("symlink", symlink("/etc/passwd", "/tmp/portico-escaped-link"));
    report.call("chdir", chdir("/"));
    report.opens("open_by_handle", syscall(SYS_open_by_handle_at, -1, nullptr, O_RDONLY));
    for (int number = 1; !paths.empty(); ++number) {
        const std::string path(paths.substr(0, paths.find('\n')));
        paths.remove_prefix(path.size() < paths.size() ? path.size() + 1 : path.size());
        report.opens("given_path_" + std::to_string(number), open(path.c_str(), O_RDONLY));
    }
}

void probeNetwork(Report& report) {
    report.topic("S2");
    report.opens("socket_tcp", socket(AF_INET, SOCK_STREAM, 0));
    report.opens("socket_udp", socket(AF_INET, SOCK_DGRAM, 0));
    report.opens("socket_tcp6", socket(AF_INET6, SOCK_STREAM, 0));
    report.opens("socket_udp6", socket(AF_INET6, SOCK_DGRAM, 0));
    report.opens("socket_unix", socket(AF_UNIX, SOCK_STREAM, 0));
    report.opens("socket_netlink", socket(AF_NETLINK, SOCK_RAW, 0));
    report.opens("socket_vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
    report.opens("socket_packet", socket(AF_PACKET, SOCK_RAW, 0));
    int pair[2];
    report.call("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(80);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    report.call("connect", connect(3, reinterpret_cast<sockaddr*>(&address), sizeof address));
    report.call("bind", bind(3, reinterpret_cast<sockaddr*>(&address), sizeof address));
}

void probeProcesses(Report& report) {
    report.topic("S3");
    const pid_t host = report.host();
    char byte = 0;
    iovec local{&byte, 1}, remote{reinterpret_cast<void*>(0x400000), 1};
    report.call("process_vm_readv", process_vm_readv(host, &local, 1, &remote, 1, 0));
    report.call("process_vm_writev", process_vm_writev(host, &local, 1, &remote, 1, 0));
    report.call("ptrace", ptrace(PTRACE_SEIZE, host, nullptr, nullptr));  // which does not stop it
    report.call("kill_host", kill(host, 0));
    report.call("tgkill_host", syscall(SYS_tgkill, host, host, 0));
    report.opens("pidfd_open", syscall(SYS_pidfd_open, host, 0));
    report.call("kcmp", syscall(SYS_kcmp, getpid(), host, 0, 0, 0));
    rlimit limit{};
    report.call("prlimit_other", syscall(SYS_prlimit64, getpid(), RLIMIT_NOFILE, nullptr, &limit));
    report.call("priority", setpriority(PRIO_PROCESS, 0, 19));
    const long child = syscall(SYS_fork);
    if (child == 0) _exit(0);
    report.call("fork", child);
    const long cloned = syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (cloned == 0) _exit(0);
    report.call("clone", cloned);
    report.call("clone3", syscall(SYS_clone3, nullptr, 0));
    char* const none[] = {nullptr};
    report.call("exec", execve("/bin/true", none, none));
    report.call("unshare", unshare(CLONE_NEWUSER));
    report.call("setns", syscall(SYS_setns, 3, 0));
    report.call("setuid", setuid(0));
}

void probeMemory(Report& report) {
    report.topic("S4");
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    report.add("mmap_rwx", page != MAP_FAILED);
    page = mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    report.add("mmap_anonymous_exec", page != MAP_FAILED);
    page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    report.call("mprotect_exec", mprotect(page, 4096, PROT_READ | PROT_EXEC));
    report.call("pkey_mprotect", syscall(SYS_pkey_mprotect, page, 4096, PROT_READ | PROT_EXEC, -1));
    const long file = syscall(SYS_memfd_create, "x", 0);
    report.call("memfd", file);
    char* const none[] = {nullptr};
    report.call("memfd_exec", syscall(SYS_execveat, file, "", none, none, AT_EMPTY_PATH));
    report.call("shmget", syscall(SYS_shmget, 0, 4096, 01600));
}

void probeKernel(Report& report) {
    report.topic("S5");
    char parameters[256] = {};
    report.opens("io_uring", syscall(SYS_io_uring_setup, 4, parameters));
    bpf_attr attributes{};
    report.opens("bpf", syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes));
    report.call("keyctl", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
    report.call("add_key", syscall(SYS_add_key, "user", "portico", "x", 1, KEY_SPEC_PROCESS_KEYRING));
    report.opens("userfaultfd", syscall(SYS_userfaultfd, 1));
    report.opens("perf_event_open", syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0));
    report.call("mount", syscall(SYS_mount, "none", "/portico-escape-probe", "tmpfs", 0, nullptr));
    report.call("init_module", syscall(SYS_init_module, nullptr, 0, ""));
    report.call("kexec", syscall(SYS_kexec_load, 0, 0, nullptr, 0));
    report.opens("inotify", syscall(SYS_inotify_init1, 0));
    report.call("ioctl", syscall(SYS_ioctl, 0, 0x5412, ""));  // TIOCSTI: typing into a terminal
}

// Descriptors beyond those that the runner is documented to hold: 0, 1, 2, control, library, lanes (and the two that
// the loader may have open). Reading nothing tells an open one from a closed one without a further system call.
void probeInherited(Report& report) {
    report.topic("S6");
    bool foreign = false;
    char nothing_read;
    for (int fd = 3 + 2 + 32 + 2; fd < 1024; ++fd)
        foreign = foreign || read(fd, &nothing_read, 0) == 0 || errno != EBADF;
    report.add("descriptor", foreign);
    report.add("environment", environ != nullptr && *environ != nullptr);
}

std::string probe(const char* when, pid_t host, std::string_view paths) {
    Report report(when, host);
    probeFiles(report, paths);
    probeNetwork(report);
    probeProcesses(report);
    probeMemory(report);
    probeKernel(report);
    probeInherited(report);
    return report.lines();
}

__attribute__((constructor)) void whileLoading() { atLoad() = probe("load", 1, {}); }

portico_status invoke(portico_plugin*, const portico_call*, portico_str, portico_str args, portico_sink result) {
    const std::string_view text(args.data, args.size);
    const std::size_t end = text.find('\n');
    const std::string_view paths = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const std::string lines = atLoad() + probe("call", std::stoi(std::string(text)), paths);
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
const portico_entry kEntry{sizeof(portico_entry), PORTICO_ABI_MINOR, 0, {"escape-probe", 12}, {"1.0.0", 5}, create};

}  // namespace

extern "C" PORTICO_EXPORT const portico_entry* portico_plugin_entry_1(void) { return &kEntry; }
