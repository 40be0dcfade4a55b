// Writes notifications as fast as the store acknowledges them and says the id of each on a line of its own
// once it is acknowledged. For tests that kill it, and to see how fast it goes:
//     pipit_store_writer URL          for ever
//     pipit_store_writer URL COUNT    so many, and then how many a second on the standard error
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <semaphore>
#include <string>

#include "store/store_thread.hpp"

namespace pipit::store {
namespace {

constexpr std::ptrdiff_t kOutstandingMax = 1'024;

UnixMs now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

[[noreturn]] void give_up(const StoreError& error) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    std::exit(1);
}

int write(const std::string& url, long count) {
    const PushLimits endless{.notifications_max = std::numeric_limits<std::uint32_t>::max(),
                             .notifications_per_author_max = std::numeric_limits<std::uint32_t>::max(),
                             .deliveries_max = std::numeric_limits<std::uint32_t>::max()};
    auto store = PushStore::open(url, endless, "writer");
    if (!store) give_up(store.error());
    const SubscriptionRecord subscription{.endpoint = "https://push.example/1",
                                          .origin = "https://push.example",
                                          .user_id = "reader",
                                          .p256dh = "key",
                                          .auth = "secret",
                                          .vapid_key = "ours"};
    if (auto made = (*store)->subscribe(subscription, now()); !made) give_up(made.error());

    StoreThread thread(std::move(store).value(), {});
    std::counting_semaphore<kOutstandingMax> room(kOutstandingMax);
    const auto begin = std::chrono::steady_clock::now();
    for (long n = 0; n != count; ++n) {
        room.acquire();
        const bool taken = thread.submit<std::int64_t>(
            [n](PushStore& open) {
                const std::array<std::string, 1> users{"reader"};
                // Of many authors, as a queue has that is not full of one.
                const NotificationRecord notification{.author = "author" + std::to_string(n % 10'000),
                                                      .payload = std::string(300, 'x'),
                                                      .urgency = "normal",
                                                      .topic = "",
                                                      .deadline_at = now() + 86'400'000};
                return open.enqueue(notification, users, now());
            },
            [&room](Stored<std::int64_t> id) {
                if (!id) give_up(id.error());
                std::printf("%lld\n", static_cast<long long>(*id));
                std::fflush(stdout);
                room.release();
            });
        PIPIT_ASSERT(taken);
    }
    thread.stop();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    std::fprintf(stderr, "%.0f a second\n", static_cast<double>(count) / seconds.count());
    return 0;
}

}  // namespace
}  // namespace pipit::store

int main(int count, char** arguments) {
    if (count < 2) return 2;
    return pipit::store::write(arguments[1], count > 2 ? std::atol(arguments[2]) : -1);
}
