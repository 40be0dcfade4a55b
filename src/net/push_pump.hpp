#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "net/push_ledger.hpp"
#include "net/push_origin_quotas.hpp"
#include "net/push_refusal_log.hpp"
#include "net/push_sealer.hpp"
#include "net/push_sender.hpp"
#include "net/push_store_door.hpp"
#include "net/push_store_health.hpp"
#include "push/retry_policy.hpp"

namespace pipit::net {

/// Moves deliveries: from the database to push services, and what came of them into the ledger. Asks the
/// database when something is due, and never for more than it has room for. Owned by the loop's thread.
class PushPump {
 public:
    struct Settings {
        store::TakeLimits take;  ///< but for what goes to one origin: `quotas`
        PushOriginQuotas::Settings quotas;
        push::RetryPolicy retry;
        base::Millis finished_kept;
        std::size_t in_flight_max;  ///< taken from the database and not written down again
    };

    /// All references must outlive it.
    PushPump(const Settings& settings, asio::io_context& loop, PushStoreDoor& store, PushStoreHealth& health,
             PushSealer& sealer, PushSender& sender, PushLedger& ledger);

    /// Something may be due.
    void look();
    /// Of the sender.
    void on_outcome(const PushOutcome& outcome);
    /// Forgets what was finished for long, and takes over what a dead process held; then again and again.
    void tidy();

    /// Takes nothing more. Outcomes still may come.
    void stop();

 private:
    struct Found {
        std::vector<store::Delivery> deliveries;
        std::optional<store::UnixMs> next_due;
        bool is_spreading = false;
    };

    std::size_t room() const;
    static store::Stored<Found> find(store::PushStore& store, const store::TakeLimits& limits);
    void on_found(store::Stored<Found> found);
    void look_after(base::Millis wait);
    void send(store::Delivery delivery);
    void end(store::Delivery delivery, const PushOutcome& outcome);

    const Settings settings_;
    PushStoreDoor& store_;
    PushStoreHealth& health_;
    PushSealer& sealer_;
    PushSender& sender_;
    PushLedger& ledger_;
    Timer look_timer_;
    Timer tidy_timer_;
    OsRandom random_;
    PushRefusalLog refusals_;
    PushOriginQuotas quotas_;
    std::unordered_map<std::uint64_t, store::Delivery> in_flight_;  // by id
    bool is_looking_ = false;
    bool must_look_again_ = false;
    bool is_stopped_ = false;
};

}  // namespace pipit::net
