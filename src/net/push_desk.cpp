#include "net/push_desk.hpp"

#include <utility>

#include <fmt/format.h>

#include "net/push_lifetime.hpp"
#include "push/subscription.hpp"

namespace pipit::net {
namespace {

using codec::ErrorReason;
using store::StoreFault;

/// What a client may know of it; the log has more.
std::string_view reason_of(StoreFault fault) {
    switch (fault) {
        case StoreFault::queue_full:
            return "too many notifications are on their way";
        case StoreFault::author_queue_full:
            return "too many notifications of this user are on their way";
        case StoreFault::too_many_users:
            return "it is for too many users";
        case StoreFault::endpoint_taken:
            return "the endpoint is another user's";
        case StoreFault::bad_text:
            return "a text has U+0000 in it";
        case StoreFault::disk_full:
            return "the disk is full";
        case StoreFault::read_only:
            return "the database takes no changes";
        case StoreFault::unreachable:
            return "the database cannot be reached";
        case StoreFault::busy:
            return "the database is busy";
        case StoreFault::not_permitted:
        case StoreFault::newer_schema:
        case StoreFault::failed:
            return "the database has failed";
    }
    PIPIT_ASSERT(false);
    return {};
}

std::string not_kept(std::string_view why) {
    return fmt::format("The message was sent, but its notification could not be written down: {}.", why);
}

store::NotificationRecord record_of(const core::UserId& author, codec::Notification&& notification) {
    const std::int64_t ttl_s = notification.delivery.ttl_s;
    return {.author = *author,
            .payload = std::move(notification.payload),
            .urgency = std::string(codec::urgency_name(notification.delivery.urgency)),
            .topic = std::move(notification.delivery.topic),
            .ttl_s = ttl_s,
            .deadline_at = deadline_of(ttl_s, unix_ms_now())};
}

std::vector<std::string> names_of(const std::vector<core::UserId>& users) {
    std::vector<std::string> names;
    names.reserve(users.size());
    for (const core::UserId& user : users)
        names.push_back(*user);
    return names;
}

std::string subscribed() {
    std::string content;
    codec::v1::append_subscribed(content);
    return content;
}

std::string not_now(std::string_view why) {
    return fmt::format("The server cannot do this at the moment: {}. Try again later.", why);
}

/// Null for what nobody asks.
const core::Asker* asker_of(const core::PushCommand& command) {
    return std::visit(
        [](const auto& what) -> const core::Asker* {
            if constexpr (requires { what.asker; }) return &what.asker;
            return nullptr;
        },
        command);
}

}  // namespace

PushDesk::PushDesk(const Settings& settings, asio::io_context& loop, NameLookup& names, PushStoreDoor& store,
                   PushStoreHealth& health, PushSealer& sealer, PushLedger& ledger, PushPump& pump,
                   ShardMail& mail)
    : settings_(settings),
      names_(names),
      store_(store),
      health_(health),
      sealer_(sealer),
      ledger_(ledger),
      pump_(pump),
      mail_(mail),
      held_(settings.users_held_max),
      expiry_timer_(loop.get_executor()) {}

void PushDesk::take(core::PushCommand command) {
    const core::Asker* const asker = asker_of(command);
    const auto waiting = asker != nullptr && asker->session ? behind_.find(*asker->session) : behind_.end();
    if (waiting == behind_.end()) {
        carry_out(std::move(command));
    } else if (waiting->second.size() < kBehindMax) {
        waiting->second.push_back(std::move(command));
    } else {
        refuse_behind(*asker, std::holds_alternative<core::NotifyAddressed>(command));
    }
}

void PushDesk::carry_out(core::PushCommand command) {
    std::visit([this](auto&& what) { on(std::move(what)); }, std::move(command));
}

void PushDesk::go_on(const core::SessionAddress& session) {
    auto commands = behind_.extract(session);
    if (commands.empty()) return;
    // The first one that has to wait again has the others wait behind it.
    for (core::PushCommand& command : commands.mapped())
        take(std::move(command));
}

void PushDesk::refuse_subscription(const core::Asker& asker, const store::StoreError& error) {
    if (error.fault != StoreFault::endpoint_taken) return refuse_unavailable(asker, error);
    mail_.refuse(asker, ErrorReason::invalid_parameter,
                 "keys.auth must be what it was: the endpoint is subscribed by another user.");
}

void PushDesk::refuse_unavailable(const core::Asker& asker, const store::StoreError& error) {
    health_.note_failure(error);
    mail_.refuse(asker, ErrorReason::unavailable, not_now(reason_of(error.fault)));
}

void PushDesk::refuse_behind(const core::Asker& asker, bool is_post) {
    constexpr std::string_view kWhy = "too much of this connection waits for the name of a push service";
    if (is_post) {
        mail_.refuse(asker, ErrorReason::notification_not_kept, not_kept(kWhy));
    } else {
        mail_.refuse(asker, ErrorReason::unavailable, not_now(kWhy));
    }
}

// Subscriptions.

void PushDesk::on(core::TellVapidKey&& command) {
    std::string content;
    codec::v1::append_vapid_key(content, sealer_.keys().current().public_text());
    mail_.answer(command.asker, std::move(content));
}

base::Result<PushDesk::NewSubscription, core::Answer> PushDesk::read_subscription(
    const core::Asker& asker, const codec::v1::Subscribe& what) const {
    auto subscription = push::parse_subscription(
        {.endpoint = what.endpoint, .p256dh = what.p256dh, .auth = what.auth}, sealer_.targets());
    if (!subscription) {
        return core::Answer{asker, ErrorReason::invalid_parameter, subscription.error().message};
    }
    const std::string vapid = what.vapid.empty() ? sealer_.keys().current().public_text() : what.vapid;
    if (sealer_.keys().find(vapid) == nullptr) {
        return core::Answer{asker, ErrorReason::unknown_vapid_key, ""};
    }
    store::SubscriptionRecord record{.endpoint = what.endpoint,
                                     .origin = subscription->endpoint.origin(),
                                     .user_id = "",
                                     .p256dh = what.p256dh,
                                     .auth = what.auth,
                                     .vapid_key = vapid};
    return NewSubscription{std::move(subscription->endpoint), std::move(record)};
}

void PushDesk::check_host(const core::Asker& asker, push::Endpoint endpoint, std::function<void()> then) {
    if (endpoint.address() || sealer_.targets().admits(endpoint)) return then();
    if (asker.session) behind_.try_emplace(*asker.session);
    const std::string host = endpoint.host();
    names_.find(host, [this, asker, endpoint = std::move(endpoint),
                       then = std::move(then)](const std::vector<push::IpAddress>& addresses) {
        if (const base::Status allowed = check_addresses(endpoint, addresses)) {
            then();
        } else {
            mail_.refuse(asker, ErrorReason::invalid_parameter, "endpoint " + allowed.error().message);
        }
        if (asker.session) go_on(*asker.session);
    });
}

base::Status PushDesk::check_addresses(const push::Endpoint& endpoint,
                                       const std::vector<push::IpAddress>& addresses) const {
    for (const push::IpAddress& address : addresses) {
        if (auto allowed = sealer_.targets().check_address(endpoint, address); !allowed) return allowed;
    }
    return std::monostate{};
}

void PushDesk::on(core::KeepSubscription&& command) {
    auto subscription = read_subscription(command.asker, command.what);
    if (!subscription) return mail_.send(subscription.error());
    subscription->record.user_id = *command.user;
    check_host(command.asker, std::move(subscription->endpoint),
               [this, asker = command.asker, record = std::move(subscription->record)] {
                   using Subscribed = store::PushStore::Subscribed;
                   store_.run<Subscribed>(
                       [record](store::PushStore& store) { return store.subscribe(record, unix_ms_now()); },
                       [this, asker](const store::Stored<Subscribed>& kept) {
                           if (!kept) return refuse_subscription(asker, kept.error());
                           health_.note_success(PushStoreHealth::Success::changed);
                           mail_.answer(asker, subscribed());
                       });
               });
}

void PushDesk::on(core::DropSubscription&& command) {
    store_.run<bool>([endpoint = std::move(command.what.endpoint), user = command.user](
                         store::PushStore& store) { return store.unsubscribe(endpoint, *user); },
                     [this, asker = command.asker](const store::Stored<bool>& dropped) {
                         if (!dropped) return refuse_unavailable(asker, dropped.error());
                         std::string content;
                         codec::v1::append_unsubscribed(content);
                         mail_.answer(asker, std::move(content));
                     });
}

void PushDesk::on(core::ReplaceSubscription&& command) {
    auto subscription = read_subscription(command.asker, command.what.subscription);
    if (!subscription) return mail_.send(subscription.error());
    check_host(command.asker, std::move(subscription->endpoint),
               [this, asker = command.asker, old_endpoint = std::move(command.what.old_endpoint),
                old_auth = std::move(command.what.old_auth), record = std::move(subscription->record)] {
                   store_.run<bool>(
                       [old_endpoint, old_auth, record](store::PushStore& store) {
                           return store.replace(old_endpoint, old_auth, record, unix_ms_now());
                       },
                       [this, asker](const store::Stored<bool>& replaced) {
                           if (!replaced) return refuse_subscription(asker, replaced.error());
                           if (!*replaced) return mail_.refuse(asker, ErrorReason::subscription_not_found);
                           mail_.answer(asker, subscribed());
                       });
               });
}

// Notifications of posts.

void PushDesk::on(core::NotifyAddressed&& command) {
    const std::size_t here_count = command.here.size();
    if (command.away.empty() && here_count == 0) {
        return mail_.answer(command.asker, std::move(command.answer));
    }
    if (!held_.reserve(here_count)) {
        return mail_.refuse(command.asker, ErrorReason::notification_not_kept,
                            not_kept("too many users have not confirmed what was sent to them"));
    }
    using Addressed = store::PushStore::Addressed;
    const store::UnixMs held_until = unix_ms_now() + settings_.confirm_timeout.count();
    store_.run<Addressed>(
        [record = record_of(command.author, std::move(command.notification)), away = names_of(command.away),
         here = names_of(command.here), held_until](store::PushStore& store) {
            return store.enqueue_addressed(record, away, here, held_until, unix_ms_now());
        },
        [this, asker = command.asker, answer = std::move(command.answer),
         here_count](const store::Stored<Addressed>& addressed) {
            held_.give_back(here_count);
            if (!addressed) {
                health_.note_failure(addressed.error());
                return mail_.refuse(asker, ErrorReason::notification_not_kept,
                                    not_kept(reason_of(addressed.error().fault)));
            }
            const bool is_for_nobody = addressed->id == 0;
            if (!is_for_nobody) health_.note_success(PushStoreHealth::Success::added);
            mail_.answer(asker, answer);
            if (!addressed->held.empty()) hold(static_cast<std::uint64_t>(addressed->id), addressed->held);
            pump_.look();
        });
}

void PushDesk::hold(std::uint64_t notification, const std::vector<std::string>& users) {
    const bool has_room = held_.reserve(users.size());
    PIPIT_ASSERT(has_room);  // they are among those that room was set aside for
    held_.hold(notification, users, monotonic_now() + settings_.confirm_timeout);
    mail_.probe(notification, users);
    if (is_stopped_) {
        expire(base::Instant::max());
    } else {
        wait_for_confirmations();
    }
}

void PushDesk::on(core::MessageArrived&& command) {
    if (held_.confirm(command.notification, *command.user)) {
        ledger_.end_hold(static_cast<std::int64_t>(command.notification), {});
    }
}

void PushDesk::wait_for_confirmations() {
    const auto next = held_.next_expiry();
    if (is_waiting_ || !next) return;
    is_waiting_ = true;
    expiry_timer_.expires_at(*next);
    expiry_timer_.async_wait([this](ErrorCode) {
        is_waiting_ = false;
        if (is_stopped_) return;
        expire(monotonic_now());
        wait_for_confirmations();
    });
}

void PushDesk::expire(base::Instant now) {
    for (auto& unreached : held_.expire(now))
        ledger_.end_hold(static_cast<std::int64_t>(unreached.id), std::move(unreached.users));
}

void PushDesk::stop() {
    is_stopped_ = true;
    expiry_timer_.cancel();
    expire(base::Instant::max());
}

// Notifications of admins.

void PushDesk::on(core::PushToUsers&& command) {
    store_.run<std::int64_t>(
        [record = record_of(command.author, std::move(command.what.notification)),
         users = std::move(command.what.users)](store::PushStore& store) {
            const store::UnixMs now = unix_ms_now();
            return users ? store.enqueue(record, *users, now) : store.enqueue_for_everyone(record, now);
        },
        [this, asker = command.asker](const store::Stored<std::int64_t>& id) {
            if (id) {
                health_.note_success(PushStoreHealth::Success::added);
                std::string content;
                codec::v1::append_push_started(content, static_cast<std::uint64_t>(*id));
                mail_.answer(asker, std::move(content));
                pump_.look();
                return;
            }
            switch (id.error().fault) {
                case StoreFault::queue_full:
                case StoreFault::author_queue_full:
                    return mail_.refuse(asker, ErrorReason::push_queue_full);
                case StoreFault::too_many_users:
                    return mail_.refuse(asker, ErrorReason::invalid_parameter,
                                        fmt::format("users is too long: {}", id.error().message));
                default:
                    return refuse_unavailable(asker, id.error());
            }
        });
}

void PushDesk::on(core::TellPushProgress&& command) {
    using Known = std::optional<store::Progress>;
    store_.run<Known>(
        [id = static_cast<std::int64_t>(command.notification)](store::PushStore& store) {
            return store.progress(id);
        },
        [this, asker = command.asker](const store::Stored<Known>& known) {
            if (!known) return refuse_unavailable(asker, known.error());
            if (!*known) return mail_.refuse(asker, ErrorReason::push_not_found);
            const store::Progress& progress = **known;
            const auto count = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
            std::string content;
            codec::v1::append_push_progress(content, {.reached = count(progress.reached),
                                                      .waiting = count(progress.waiting),
                                                      .delivered = count(progress.delivered),
                                                      .gone = count(progress.gone),
                                                      .refused = count(progress.refused),
                                                      .expired = count(progress.expired),
                                                      .finished = progress.finished_at != 0});
            mail_.answer(asker, std::move(content));
        });
}

}  // namespace pipit::net
