#include "net/push_sender.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "net/curl.hpp"
#include "net/os.hpp"

namespace pipit::net {
namespace {

// While only a transfer, send() or close() can change something; each of them ends the wait.
constexpr base::Millis kLongWait{3'600'000};

PushOutcome closed_outcome(const PushJob& job) {
    return {.id = job.id, .error = PushError::closed, .reason = "the sender was closed"};
}

CURLM* make_multi(const push::FairQueueLimits& limits) {
    initialise_curl();
    CURLM* const multi = curl_multi_init();
    PIPIT_ASSERT(multi != nullptr);
    const auto set = [multi](CURLMoption option, std::size_t value) {
        PIPIT_ASSERT(curl_multi_setopt(multi, option, static_cast<long>(value)) == CURLM_OK);
    };
    set(CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    set(CURLMOPT_MAX_CONCURRENT_STREAMS, limits.in_flight_per_multiplexing_origin_max);
    set(CURLMOPT_MAX_HOST_CONNECTIONS, limits.in_flight_per_origin_max);
    // Kept ones of a pool, idle ones among them. Those in use are bounded by in_flight_max, and not in there,
    // where a transfer would wait for a connection out of turn.
    set(CURLMOPT_MAXCONNECTS, limits.in_flight_max);
    return multi;
}

PushSender::Handover handover_of(push::Admission admission) {
    switch (admission) {
        case push::Admission::accepted:
            return PushSender::Handover::accepted;
        case push::Admission::queue_full:
            return PushSender::Handover::queue_full;
        case push::Admission::origin_full:
            return PushSender::Handover::origin_full;
    }
    PIPIT_ASSERT(false);
    return {};
}

}  // namespace

PushSender::PushSender(PushSenderSettings settings, OnOutcome on_outcome)
    : settings_(std::move(settings)),
      on_outcome_(std::move(on_outcome)),
      multi_(make_multi(settings_.queue)),
      queue_(settings_.queue),
      thread_([this] { run(); }) {}

PushSender::~PushSender() {
    close(base::Millis(0));
}

PushSender::Handover PushSender::send(PushJob&& job) {
    const std::string origin = job.endpoint.origin();
    const std::string user = job.user;
    bool must_wake = false;
    {
        const std::lock_guard lock(mutex_);
        if (give_up_at_) return Handover::closed;
        const push::Admission admission = queue_.push(origin, user, std::move(job));
        if (admission != push::Admission::accepted) return handover_of(admission);
        must_wake = !std::exchange(is_woken_, true);
    }
    if (must_wake) curl_multi_wakeup(multi_.get());
    return Handover::accepted;
}

void PushSender::close(base::Millis patience) {
    {
        const std::lock_guard lock(mutex_);
        if (!give_up_at_) give_up_at_ = monotonic_now() + patience;
    }
    curl_multi_wakeup(multi_.get());
    if (thread_.joinable()) thread_.join();
}

void PushSender::run() {
    ::pthread_setname_np(::pthread_self(), "pipit-send");
    while (true) {
        perform();
        std::optional<base::Instant> give_up_at;
        std::vector<PushJob> given_up;
        {
            const std::lock_guard lock(mutex_);
            is_woken_ = false;
            give_up_at = give_up_at_;
            if (give_up_at) given_up = queue_.take_waiting();
        }
        for (const PushJob& job : given_up)
            on_outcome_(closed_outcome(job));
        const base::Instant now = monotonic_now();
        if (give_up_at && (transfers_.empty() || now >= *give_up_at)) break;
        while (auto job = next_job())
            begin(std::move(*job));
        wait(give_up_at ? std::min(*give_up_at - now, kLongWait) : kLongWait);
    }
    while (!transfers_.empty())
        end(transfers_.begin(), closed_outcome(transfers_.begin()->second->job()));
}

std::optional<PushJob> PushSender::next_job() {
    const std::lock_guard lock(mutex_);
    return queue_.next();
}

void PushSender::begin(PushJob job) {
    const base::Status allowed = settings_.transfer.targets.check(job.endpoint);
    auto pool = connections_.pool_for(job.endpoint.origin());
    auto transfer = std::make_unique<PushTransfer>(std::move(job), settings_.transfer, std::move(pool));
    CURL* const easy = transfer->easy();
    const auto place = transfers_.emplace(easy, std::move(transfer)).first;
    if (!allowed) {
        end(place, {.id = place->second->job().id,
                    .error = PushError::forbidden_target,
                    .reason = allowed.error().message});
        return;
    }
    PIPIT_ASSERT(curl_multi_add_handle(multi_.get(), easy) == CURLM_OK);
}

void PushSender::perform() {
    int running = 0;
    PIPIT_ASSERT(curl_multi_perform(multi_.get(), &running) == CURLM_OK);
    int more = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &more)) {
        const CURLcode code = message->data.result;
        const auto ended = transfers_.find(message->easy_handle);
        PIPIT_ASSERT(ended != transfers_.end());
        end(ended, ended->second->outcome(code));
    }
}

void PushSender::wait(base::Millis time_max) {
    PIPIT_ASSERT(curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(time_max.count()), nullptr) ==
                 CURLM_OK);
}

void PushSender::end(Transfers::iterator transfer, PushOutcome outcome) {
    const std::string origin = transfer->second->job().endpoint.origin();
    curl_multi_remove_handle(multi_.get(), transfer->first);
    transfers_.erase(transfer);
    {
        const std::lock_guard lock(mutex_);
        if (outcome.multiplexed) queue_.multiplexes(origin);
        queue_.finish(origin);
    }
    on_outcome_(std::move(outcome));
}

}  // namespace pipit::net
