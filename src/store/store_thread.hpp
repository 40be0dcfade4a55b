#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "store/push_store.hpp"

namespace pipit::store {

/// Owns a PushStore and the thread that waits for its disk. What is submitted while one commit is on its way
/// shares the next one, so that a thousand small writes a second need not be a thousand syncs.
class StoreThread {
 public:
    struct Settings {
        std::size_t jobs_waiting_max = 4'096;
        std::size_t jobs_per_commit_max = 256;
    };

    StoreThread(std::unique_ptr<PushStore> store, const Settings& settings);
    /// Like stop().
    ~StoreThread();
    StoreThread(const StoreThread&) = delete;
    StoreThread& operator=(const StoreThread&) = delete;

    /// Runs `work` on the thread, in the order of submission, as a part of a transaction, and calls `done`
    /// there once the transaction is committed: with what `work` returned, or with why nothing of the
    /// transaction was kept. When none can be begun, `work` is not called. `done` must not block; it posts to
    /// whoever asked. Any thread, also from `done`. False, and neither is ever called, when jobs_waiting_max
    /// jobs wait or stop() was called.
    template <class T>
    [[nodiscard]] bool submit(std::function<Stored<T>(PushStore&)> work,
                              std::function<void(Stored<T>)> done) {
        return push({.run = [work = std::move(work), done](PushStore& store) -> Completion {
                         return [result = work(store), done](const StoreError* lost) mutable {
                             done(lost != nullptr ? Stored<T>(*lost) : std::move(result));
                         };
                     },
                     .fail = [done](const StoreError* lost) { done(Stored<T>(*lost)); }});
    }

    /// Runs what was submitted before, and joins the thread. May be called twice, and never from a job.
    void stop();

 private:
    using Completion = std::function<void(const StoreError* lost)>;
    struct Job {
        std::function<Completion(PushStore&)> run;
        Completion fail;  // when there is no transaction to run it in
    };

    bool push(Job job);
    void run();
    /// Up to jobs_per_commit_max jobs, after waiting for the first; none when it is time to end.
    std::deque<Job> next_jobs();
    void run_together(std::deque<Job> jobs);

    const std::unique_ptr<PushStore> store_;
    const Settings settings_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> waiting_;
    bool stopping_ = false;

    std::thread thread_;
};

}  // namespace pipit::store
