#include "net/push_pump.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "net/push_lifetime.hpp"

namespace pipit::net {
namespace {

// Small enough that others get at the database in between.
constexpr std::size_t kSpreadPiece = 500;
constexpr std::size_t kPurgePiece = 1'000;
constexpr base::Millis kTidyInterval{60'000};
// For how long a browser may put a new subscription in the place of one that its push service has ended.
constexpr base::Millis kFormerKept = std::chrono::days(30);
// Something is due that cannot be had: its lane is full, or its turn comes later.
constexpr base::Millis kLookAgain{200};
// What the sender has no room for; as a rule there is, for the pump takes no more than the sender does.
constexpr base::Millis kSendAgain{1'000};

store::Outcome outcome_of(push::AttemptVerdict::Kind kind) {
    using Kind = push::AttemptVerdict::Kind;
    switch (kind) {
        case Kind::delivered:
            return store::Outcome::delivered;
        case Kind::subscription_gone:
            return store::Outcome::gone;
        case Kind::refused:
            return store::Outcome::refused;
        case Kind::retry:
            return store::Outcome::retry;
        case Kind::expired:
            return store::Outcome::expired;
    }
    PIPIT_ASSERT(false);
    return {};
}

/// For a log.
std::string reason_of(const PushOutcome& outcome) {
    return outcome.error == PushError::none ? fmt::format("status {}", outcome.status) : outcome.reason;
}

}  // namespace

PushPump::PushPump(const Settings& settings, asio::io_context& loop, PushStoreDoor& store,
                   PushStoreHealth& health, PushSealer& sealer, PushSender& sender, PushLedger& ledger)
    : settings_(settings),
      store_(store),
      health_(health),
      sealer_(sealer),
      sender_(sender),
      ledger_(ledger),
      look_timer_(loop.get_executor()),
      tidy_timer_(loop.get_executor()),
      quotas_(settings.quotas) {}

std::size_t PushPump::room() const {
    const std::size_t used = in_flight_.size() + ledger_.deliveries();
    return settings_.in_flight_max - std::min(settings_.in_flight_max, used);
}

void PushPump::look() {
    // A few at a time would be a transaction each; with the next outcomes there is more room.
    const bool has_room = room() * 4 >= settings_.in_flight_max;
    if (is_stopped_ || !has_room) return;
    if (is_looking_) {
        must_look_again_ = true;
        return;
    }
    is_looking_ = true;
    must_look_again_ = false;
    look_timer_.cancel();
    store::TakeLimits limits = settings_.take;
    limits.deliveries_max = std::min(limits.deliveries_max, room());
    limits.in_flight_per_origin_max = quotas_.unknown();
    limits.in_flight_of_origin_max = quotas_.known();
    store_.run<Found>([limits = std::move(limits)](store::PushStore& store) { return find(store, limits); },
                      [this](store::Stored<Found> found) { on_found(std::move(found)); });
}

store::Stored<PushPump::Found> PushPump::find(store::PushStore& store, const store::TakeLimits& limits) {
    const store::UnixMs now = unix_ms_now();
    const auto spread = store.spread_next(kSpreadPiece, now);
    if (!spread) return spread.error();
    auto deliveries = store.take_due(limits, now);
    if (!deliveries) return deliveries.error();
    const auto next_due = store.next_due();
    if (!next_due) return next_due.error();
    return Found{std::move(deliveries).value(), *next_due, *spread == store::PushStore::Spread::advanced};
}

void PushPump::on_found(store::Stored<Found> found) {
    is_looking_ = false;
    if (!found) {
        health_.note_failure(found.error());
        look_after(health_.next_retry());
        return;
    }
    health_.note_success(PushStoreHealth::Success::read);
    const bool took_some = !found->deliveries.empty();
    for (store::Delivery& delivery : found->deliveries)
        send(std::move(delivery));
    if (took_some || found->is_spreading || must_look_again_) {
        look();
    } else if (found->next_due) {
        const base::Millis wait(*found->next_due - unix_ms_now());
        look_after(wait > base::Millis(0) ? wait : kLookAgain);
    }
}

void PushPump::look_after(base::Millis wait) {
    if (is_stopped_) return;
    look_timer_.expires_after(wait);
    look_timer_.async_wait([this](ErrorCode error) {
        if (!error) look();
    });
}

void PushPump::send(store::Delivery delivery) {
    const auto id = static_cast<std::uint64_t>(delivery.id);
    if (const auto sent = in_flight_.find(id); sent != in_flight_.end()) {
        // It took longer than its lease; from now on it has another one.
        sent->second.attempt = delivery.attempt;
        return;
    }
    auto job = sealer_.seal(delivery, unix_ms_now());
    if (!job) {
        refusals_.note(delivery.subscription.origin, job.error().message, monotonic_now());
        ledger_.end_delivery(std::move(delivery), store::Outcome::refused);
        return;
    }
    switch (sender_.send(std::move(job).value())) {
        case PushSender::Handover::accepted:
            in_flight_.emplace(id, std::move(delivery));
            break;
        case PushSender::Handover::queue_full:
        case PushSender::Handover::origin_full:
            ledger_.end_delivery(std::move(delivery), store::Outcome::retry, kSendAgain);
            break;
        case PushSender::Handover::closed:
            break;  // the next process takes it
    }
}

void PushPump::on_outcome(const PushOutcome& outcome) {
    auto sent = in_flight_.extract(outcome.id);
    PIPIT_ASSERT(!sent.empty());
    if (outcome.error != PushError::closed) end(std::move(sent.mapped()), outcome);
}

void PushPump::end(store::Delivery delivery, const PushOutcome& outcome) {
    const std::string& origin = delivery.subscription.origin;
    quotas_.note(origin, outcome);
    if (outcome.error == PushError::forbidden_target) {
        refusals_.note(origin, outcome.reason, monotonic_now());
        ledger_.end_delivery(std::move(delivery), store::Outcome::refused);
        return;
    }
    const store::UnixMs now = unix_ms_now();
    const push::AttemptVerdict verdict =
        push::judge_attempt(outcome.answer(), delivery.attempt, ttl_left(delivery.notification, now),
                            now / 1'000, settings_.retry, random_);
    const store::Outcome ended = outcome_of(verdict.kind);
    if (ended == store::Outcome::refused) {
        refusals_.note(origin, reason_of(outcome), monotonic_now());
    } else if (ended == store::Outcome::retry || ended == store::Outcome::expired) {
        if (outcome.error != PushError::none)
            refusals_.note_unreachable(origin, outcome.error, monotonic_now());
        spdlog::debug("push: attempt {} at {} failed: {}", delivery.attempt, origin, reason_of(outcome));
    }
    ledger_.end_delivery(std::move(delivery), ended, verdict.retry_in);
}

void PushPump::tidy() {
    if (is_stopped_) return;
    const base::Millis kept = settings_.finished_kept;
    const base::Millis lease = settings_.take.lease;
    store_.run<std::size_t>(
        [kept, lease](store::PushStore& store) -> store::Stored<std::size_t> {
            const store::UnixMs now = unix_ms_now();
            const auto ended = store.end_overdue_holds(now - lease.count(), now);
            if (!ended) return ended.error();
            const auto forgotten = store.purge_former(now - kFormerKept.count(), kPurgePiece);
            if (!forgotten) return forgotten.error();
            const auto purged = store.purge_finished(now - kept.count(), kPurgePiece);
            if (!purged) return purged.error();
            return std::max(*forgotten, *purged);
        },
        [this](const store::Stored<std::size_t>& purged) {
            if (is_stopped_) return;
            if (!purged) health_.note_failure(purged.error());
            const bool has_more = purged && *purged == kPurgePiece;
            tidy_timer_.expires_after(has_more ? kLookAgain : kTidyInterval);
            tidy_timer_.async_wait([this](ErrorCode error) {
                if (!error) tidy();
            });
            look();
        });
}

void PushPump::stop() {
    is_stopped_ = true;
    look_timer_.cancel();
    tidy_timer_.cancel();
}

}  // namespace pipit::net
