#include "net/push_sealer.hpp"

#include "net/push_lifetime.hpp"
#include "push/payload_encryption.hpp"
#include "push/subscription.hpp"

namespace pipit::net {

base::Result<PushJob> PushSealer::seal(const store::Delivery& delivery, store::UnixMs now) {
    const store::SubscriptionRecord& record = delivery.subscription;
    const push::P256Key* const key = keys_.find(record.vapid_key);
    if (key == nullptr) return base::Failure{"its key is none of this server's any more"};
    auto subscription = push::parse_subscription(
        {.endpoint = record.endpoint, .p256dh = record.p256dh, .auth = record.auth}, targets_);
    if (!subscription) return base::Failure{"it may not be reached any more"};
    const auto urgency = codec::urgency_from_name(delivery.notification.urgency);
    const codec::DeliveryOptions options{.ttl_s = ttl_seconds_left(delivery.notification, now),
                                         .urgency = urgency.value_or(codec::Urgency::normal),
                                         .topic = delivery.notification.topic};
    const std::string token = tokens_.token(*key, subscription->endpoint.origin(), now / 1'000);
    push::PushRequest request = push::make_push_request(
        subscription->endpoint, options, token, record.vapid_key,
        push::encrypt_payload(subscription->keys, delivery.notification.payload, random_));
    return PushJob{.id = static_cast<std::uint64_t>(delivery.id),
                   .user = delivery.notification.author,
                   .endpoint = std::move(subscription->endpoint),
                   .request = std::move(request)};
}

}  // namespace pipit::net
