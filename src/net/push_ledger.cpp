#include "net/push_ledger.hpp"

#include <iterator>
#include <memory>
#include <utility>

#include <spdlog/spdlog.h>

namespace pipit::net {
namespace {

template <class T>
void put_back(std::vector<T>& first, std::vector<T>& after) {
    std::move(after.begin(), after.end(), std::back_inserter(first));
    after = std::exchange(first, {});
}

}  // namespace

PushLedger::PushLedger(asio::io_context& loop, PushStoreDoor& store, PushStoreHealth& health,
                       std::function<void()> on_written)
    : store_(store), health_(health), on_written_(std::move(on_written)), retry_timer_(loop.get_executor()) {}

void PushLedger::end_delivery(store::Delivery delivery, store::Outcome outcome, base::Millis retry_in) {
    waiting_.deliveries.push_back({std::move(delivery), outcome, unix_ms_now(), retry_in});
    write();
}

void PushLedger::end_hold(std::int64_t notification_id, std::vector<std::string> unreached) {
    waiting_.holds.push_back({notification_id, std::move(unreached)});
    write();
}

void PushLedger::stop(std::function<void()> on_end) {
    on_end_ = std::move(on_end);
    if (retry_timer_.cancel() > 0) is_writing_ = false;
    write();
    end_if_stopped();
}

void PushLedger::write() {
    if (is_writing_ || waiting_.empty()) return;
    is_writing_ = true;
    in_store_ = std::exchange(waiting_, {});
    // Shared with the store's thread, which only reads it.
    const auto page = std::make_shared<const Page>(in_store_);
    store_.run<std::monostate>([page](store::PushStore& store) { return write_page(store, *page); },
                               [this](const store::Saved& saved) { on_result(saved); });
}

// What is written twice, because a write half succeeded or nobody knows whether it did, changes nothing the
// second time.
store::Saved PushLedger::write_page(store::PushStore& store, const Page& page) {
    for (const EndedDelivery& ended : page.deliveries) {
        const auto counted = store.finish(ended.delivery, ended.outcome, ended.ended_at, ended.retry_in);
        if (!counted) return counted.error();
    }
    for (const EndedHold& ended : page.holds) {
        if (auto saved = store.end_hold(ended.notification_id, ended.unreached, unix_ms_now()); !saved) {
            return saved;
        }
    }
    return std::monostate{};
}

void PushLedger::on_result(const store::Saved& saved) {
    if (saved) {
        is_writing_ = false;
        in_store_ = {};
        health_.note_success(PushStoreHealth::Success::changed);
        on_written_();
        write();
    } else {
        health_.note_failure(saved.error());
        put_back(in_store_.deliveries, waiting_.deliveries);
        put_back(in_store_.holds, waiting_.holds);
        if (on_end_) {
            spdlog::warn("push: {} deliveries may be repeated: how they ended could not be written down",
                         waiting_.deliveries.size());
            waiting_ = {};
            is_writing_ = false;
        } else {
            retry_timer_.expires_after(health_.next_retry());
            retry_timer_.async_wait([this](ErrorCode error) {
                if (error) return;
                is_writing_ = false;
                write();
            });
        }
    }
    end_if_stopped();
}

void PushLedger::end_if_stopped() {
    if (on_end_ && !is_writing_) std::exchange(on_end_, {})();
}

}  // namespace pipit::net
