#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "net/push_connections.hpp"
#include "net/push_outcome.hpp"
#include "net/push_transfer.hpp"
#include "push/fair_queue.hpp"

namespace pipit::net {

struct PushSenderSettings {
    push::FairQueueLimits queue;
    PushTransferSettings transfer;
};

/// Hands messages to push services (RFC 8030), on a thread of its own: many at the same time, over
/// connections that are kept and, where the service speaks HTTP/2, shared. The order is FairQueue's. Nothing
/// is logged, and what failed is not tried again: what to do next is for the owner to decide. With one
/// exception: when a connection that was used before ends without a byte of the answer, or an HTTP/2 service
/// says that it has not looked at the request (REFUSED_STREAM), libcurl sends it once more on another, up to
/// five times and within the same total_timeout. In 7.88 only connections that are never kept prevent it.
///
/// SIGPIPE must be ignored in the process.
class PushSender {
 public:
    /// Called on the sender's thread, once for each job that was accepted, in the order they end. It may call
    /// send().
    using OnOutcome = std::function<void(PushOutcome outcome)>;

    enum class Handover : std::uint8_t {
        accepted,
        queue_full,   ///< as of push::Admission
        origin_full,  ///< likewise
        closed,
    };

    PushSender(PushSenderSettings settings, OnOutcome on_outcome);
    /// close() without patience.
    ~PushSender();
    PushSender(const PushSender&) = delete;
    PushSender& operator=(const PushSender&) = delete;

    /// Any thread. A job that is not accepted stays with the caller as it was.
    Handover send(PushJob&& job);

    /// Takes no more jobs. What waits ends as PushError::closed; what is in flight has `patience` to end, and
    /// then does so too. Returns when all outcomes have been told and the thread has ended. May be called
    /// twice; never from OnOutcome or by two threads at the same time.
    void close(base::Millis patience);

 private:
    struct MultiDeleter {
        void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
    };
    using Transfers = std::unordered_map<CURL*, std::unique_ptr<PushTransfer>>;

    void run();
    std::optional<PushJob> next_job();
    void begin(PushJob job);
    void perform();
    void wait(base::Millis time_max);
    void end(Transfers::iterator transfer, PushOutcome outcome);

    // Constant after construction.
    const PushSenderSettings settings_;
    const OnOutcome on_outcome_;
    const std::unique_ptr<CURLM, MultiDeleter> multi_;

    // The thread's own.
    PushConnections connections_;
    Transfers transfers_;

    std::mutex mutex_;  // of what follows; never held while calling out
    push::FairQueue<PushJob> queue_;
    bool is_woken_ = false;                    // since the thread last looked at the queue
    std::optional<base::Instant> give_up_at_;  // set: closing

    std::thread thread_;
};

}  // namespace pipit::net
