#pragma once

#include <cstdint>
#include <sys/types.h>
#include <vector>

namespace pipit::bench {

/// A process and the descendants that it had when this was made; none of them may end before it is asked.
class ProcessTree {
 public:
    explicit ProcessTree(pid_t root);

    /// CPU time, user and system, of all threads since they started: what /proc/PID/stat counts in ticks of
    /// 10 ms, in nanoseconds.
    std::uint64_t cpu_ns() const;

    /// Resident memory, as /proc/PID/smaps_rollup counts it now.
    std::uint64_t rss_bytes() const;

 private:
    std::vector<pid_t> pids_;
};

}  // namespace pipit::bench
