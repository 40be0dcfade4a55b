#include "load/process_tree.hpp"

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

namespace pipit::bench {

namespace {

namespace fs = std::filesystem;

/// The pid of the parent: the second field behind the name, which may hold anything, so the last ")" is
/// sought.
pid_t parent_of(const fs::path& process) {
    std::ifstream file(process / "stat");
    std::string text;
    std::getline(file, text);
    const auto name_end = text.rfind(") ");
    if (name_end == text.npos) return 0;  // it has ended meanwhile
    constexpr std::size_t kToParent = 4;  // ") S "
    pid_t parent = 0;
    std::from_chars(text.data() + name_end + kToParent, text.data() + text.size(), parent);
    return parent;
}

std::multimap<pid_t, pid_t> children_by_parent() {
    std::multimap<pid_t, pid_t> children;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const auto name = entry.path().filename().string();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc()) continue;
        children.emplace(parent_of(entry.path()), pid);
    }
    return children;
}

}  // namespace

ProcessTree::ProcessTree(pid_t root) : pids_{root} {
    const auto children = children_by_parent();
    for (std::size_t i = 0; i < pids_.size(); ++i) {
        const auto [begin, end] = children.equal_range(pids_[i]);
        for (auto child = begin; child != end; ++child)
            pids_.push_back(child->second);
    }
}

std::uint64_t ProcessTree::cpu_ns() const {
    std::uint64_t sum = 0;
    for (const auto pid : pids_) {
        clockid_t clock{};
        timespec time{};
        if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
            throw std::runtime_error("the server has ended");
        sum += static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
               static_cast<std::uint64_t>(time.tv_nsec);
    }
    return sum;
}

std::uint64_t ProcessTree::rss_bytes() const {
    std::uint64_t sum = 0;
    for (const auto pid : pids_) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
        std::string word;
        std::uint64_t kib = 0;
        while (file >> word && word != "Rss:")
            continue;
        if (!(file >> kib)) throw std::runtime_error("no resident memory of the server can be read");
        sum += kib * 1024;
    }
    return sum;
}

}  // namespace pipit::bench
