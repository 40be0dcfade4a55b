#include "net/push_engine.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace pipit::net {
namespace {

// A turn ends after that many tasks even if more is ready, so that no answer waits long.
constexpr int kTasksPerTurn = 256;

/// The next ones wait in the sender, so that it never runs dry while more is on its way from the database.
PushOriginQuotas::Settings origin_quotas(const push::FairQueueLimits& limits) {
    return {.unknown = limits.in_flight_per_origin_max * 2,
            .multiplexing =
                std::min(limits.in_flight_per_multiplexing_origin_max * 2, limits.waiting_per_origin_max)};
}

/// No author has more than half of what all may have.
store::TakeLimits take_limits(store::TakeLimits take, const push::FairQueueLimits& limits) {
    take.in_flight_per_author_max = limits.in_flight_max;
    return take;
}

/// Likewise of all origins together, and it fits into the sender's queue.
std::size_t in_flight_max(const push::FairQueueLimits& limits) {
    return std::min(limits.in_flight_max * 2, limits.waiting_max);
}

}  // namespace

PushEngine::PushEngine(PushEngineSettings settings, std::unique_ptr<store::PushStore> store,
                       push::VapidKeys keys, core::WorkerIndex worker_count, ToWorker to_worker)
    : stop_patience_(settings.stop_patience),
      mail_(worker_count, std::move(to_worker)),
      sealer_(std::move(keys), std::move(settings.subject), settings.sender.transfer.targets),
      store_(loop_, std::move(store), settings.store),
      ledger_(loop_, store_, health_, [this] { pump_.look(); }),
      sender_(settings.sender,
              [this](PushOutcome outcome) {
                  asio::post(loop_, [this, outcome = std::move(outcome)] { pump_.on_outcome(outcome); });
              }),
      pump_({.take = take_limits(settings.take, settings.sender.queue),
             .quotas = origin_quotas(settings.sender.queue),
             .retry = settings.retry,
             .finished_kept = settings.finished_kept,
             .in_flight_max = in_flight_max(settings.sender.queue)},
            loop_, store_, health_, sealer_, sender_, ledger_),
      names_(std::move(settings.names), loop_),
      desk_({.confirm_timeout = settings.confirm_timeout, .users_held_max = settings.users_held_max}, loop_,
            names_, store_, health_, sealer_, ledger_, pump_, mail_) {}

PushEngine::~PushEngine() {
    stop();
}

void PushEngine::start() {
    asio::post(loop_, [this] { pump_.tidy(); });
    thread_ = std::thread([this] { run(); });
}

void PushEngine::run() {
    ::pthread_setname_np(::pthread_self(), "pipit-push");
    while (loop_.run_one() > 0) {
        for (int tasks = 1; tasks < kTasksPerTurn && loop_.poll_one() > 0; ++tasks) {
        }
        mail_.hand_over();
    }
}

void PushEngine::receive(std::vector<core::PushCommand> commands) {
    commands_waiting_.fetch_add(commands.size(), std::memory_order_relaxed);
    asio::post(loop_, [this, commands = std::move(commands)]() mutable {
        commands_waiting_.fetch_sub(commands.size(), std::memory_order_relaxed);
        for (core::PushCommand& command : commands)
            desk_.take(std::move(command));
    });
}

void PushEngine::set_keys(push::VapidKeys keys) {
    asio::post(loop_, [this, keys = std::move(keys)]() mutable { sealer_.set_keys(std::move(keys)); });
}

void PushEngine::wait_for(std::function<void(std::function<void()> done)> task) {
    const auto done = std::make_shared<std::promise<void>>();
    asio::post(loop_, [task = std::move(task), done] { task([done] { done->set_value(); }); });
    done->get_future().wait();
}

void PushEngine::stop() {
    if (!thread_.joinable()) return;
    wait_for([this](const std::function<void()>& done) {
        pump_.stop();
        names_.stop();
        desk_.stop();
        done();
    });
    sender_.close(stop_patience_);
    wait_for([this](std::function<void()> done) { ledger_.stop(std::move(done)); });
    // What was asked of the store is answered; its answers are tasks of the loop, which ends after them.
    store_.stop();
    stays_.reset();
    thread_.join();
}

}  // namespace pipit::net
