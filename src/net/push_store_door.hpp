#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "net/boost_asio.hpp"
#include "net/os.hpp"
#include "store/store_thread.hpp"

namespace pipit::net {

/// The store as a thread with a loop uses it: work is done on the store's thread, and what came of it is a
/// task of the loop. The first that is done is to recover what a process before this one left.
class PushStoreDoor {
 public:
    /// `loop` must outlive it.
    PushStoreDoor(asio::io_context& loop, std::unique_ptr<store::PushStore> store,
                  const store::StoreThread::Settings& settings)
        : loop_(loop), thread_(std::move(store), settings) {}

    /// As StoreThread::submit(), but `then` is always called, on the loop and later, with
    /// StoreFault::queue_full when the work was not taken.
    template <class T>
    void run(std::function<store::Stored<T>(store::PushStore&)> work,
             std::function<void(store::Stored<T>)> then) {
        using Result = store::Stored<T>;
        const auto tell = [this, then = std::move(then)](Result result) {
            asio::post(loop_, [then, result = std::move(result)]() mutable { then(std::move(result)); });
        };
        const bool taken = thread_.submit<T>(
            [this, work = std::move(work)](store::PushStore& store) -> Result {
                if (store::Saved recovered = recover(store); !recovered) return recovered.error();
                return work(store);
            },
            [this, tell](Result result) {
                // Perhaps the transaction was lost, and the recovery with it.
                if (!result && recovered_in_this_commit_) is_recovered_ = false;
                recovered_in_this_commit_ = false;
                tell(std::move(result));
            });
        if (!taken) {
            tell(store::StoreError{store::StoreFault::queue_full, "too much waits to be written down"});
        }
    }

    /// As StoreThread::stop().
    void stop() { thread_.stop(); }

 private:
    store::Saved recover(store::PushStore& store) {
        if (is_recovered_) return std::monostate{};
        if (auto recovered = store.recover(unix_ms_now()); !recovered) return recovered.error();
        is_recovered_ = true;
        recovered_in_this_commit_ = true;
        return std::monostate{};
    }

    asio::io_context& loop_;
    // The store thread's own.
    bool is_recovered_ = false;
    bool recovered_in_this_commit_ = false;

    store::StoreThread thread_;
};

}  // namespace pipit::net
