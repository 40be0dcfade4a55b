#include "store/store_thread.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace pipit::store {

StoreThread::StoreThread(std::unique_ptr<PushStore> store, const Settings& settings)
    : store_(std::move(store)), settings_(settings), thread_([this] { run(); }) {}

StoreThread::~StoreThread() {
    stop();
}

void StoreThread::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

bool StoreThread::push(Job job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || waiting_.size() >= settings_.jobs_waiting_max) return false;
        waiting_.push_back(std::move(job));
    }
    changed_.notify_one();
    return true;
}

void StoreThread::run() {
    ::pthread_setname_np(::pthread_self(), "pipit-store");
    for (std::deque<Job> jobs = next_jobs(); !jobs.empty(); jobs = next_jobs()) {
        run_together(std::move(jobs));
    }
}

std::deque<StoreThread::Job> StoreThread::next_jobs() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.size() <= settings_.jobs_per_commit_max) return std::exchange(waiting_, {});
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(settings_.jobs_per_commit_max);
    std::deque<Job> jobs(std::move_iterator(waiting_.begin()), std::move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    return jobs;
}

void StoreThread::run_together(std::deque<Job> jobs) {
    if (const Saved begun = store_->begin(); !begun) {
        // Not each by itself: waiting for a server that does not answer takes seconds.
        for (const Job& job : jobs)
            job.fail(&begun.error());
        return;
    }
    std::vector<Completion> completions;
    completions.reserve(jobs.size());
    for (const Job& job : jobs)
        completions.push_back(job.run(*store_));
    const Saved committed = store_->commit();
    for (const Completion& complete : completions)
        complete(committed ? nullptr : &committed.error());
}

}  // namespace pipit::store
