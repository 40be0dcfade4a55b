#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "net/push_store_door.hpp"
#include "net/push_store_health.hpp"
#include "store/push_records.hpp"

namespace pipit::net {

/// What has come of deliveries and of holds, until the database has it: one write at a time for all that has
/// gathered, tried again for as long as it fails. Owned by the loop's thread.
class PushLedger {
 public:
    /// `on_written` is called after each write that worked. All references must outlive it.
    PushLedger(asio::io_context& loop, PushStoreDoor& store, PushStoreHealth& health,
               std::function<void()> on_written);

    /// As of PushStore::finish().
    void end_delivery(store::Delivery delivery, store::Outcome outcome, base::Millis retry_in = {});
    /// As of PushStore::end_hold().
    void end_hold(std::int64_t notification_id, std::vector<std::string> unreached);

    /// Deliveries that have ended and are not written down yet.
    std::size_t deliveries() const { return waiting_.deliveries.size() + in_store_.deliveries.size(); }

    /// Tries nothing again from now on, and calls `on_end` once when all is written down or cannot be.
    void stop(std::function<void()> on_end);

 private:
    struct EndedDelivery {
        store::Delivery delivery;
        store::Outcome outcome;
        store::UnixMs ended_at;
        base::Millis retry_in;
    };
    struct EndedHold {
        std::int64_t notification_id;
        std::vector<std::string> unreached;
    };
    struct Page {
        std::vector<EndedDelivery> deliveries;
        std::vector<EndedHold> holds;
        bool empty() const { return deliveries.empty() && holds.empty(); }
    };

    void write();
    static store::Saved write_page(store::PushStore& store, const Page& page);
    void on_result(const store::Saved& saved);
    void end_if_stopped();

    PushStoreDoor& store_;
    PushStoreHealth& health_;
    const std::function<void()> on_written_;
    Timer retry_timer_;
    Page waiting_;
    Page in_store_;            // what is being written
    bool is_writing_ = false;  // or waits to try again
    std::function<void()> on_end_;
};

}  // namespace pipit::net
