#include "net/name_lookup.hpp"

#include <mutex>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <utility>

#include "net/os.hpp"

namespace pipit::net {
namespace {

template <class Part>
push::IpAddress address_in(const Part& part) {
    return push::IpAddress::from_bytes({reinterpret_cast<const std::uint8_t*>(&part), sizeof part});
}

}  // namespace

std::optional<push::IpAddress> ip_address_of(const sockaddr& address) {
    if (address.sa_family == AF_INET)
        return address_in(reinterpret_cast<const sockaddr_in&>(address).sin_addr);
    if (address.sa_family == AF_INET6)
        return address_in(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
    return std::nullopt;
}

std::vector<push::IpAddress> resolve_by_system(const std::string& name) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return {};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
    std::vector<push::IpAddress> addresses;
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        if (const auto address = ip_address_of(*each->ai_addr)) addresses.push_back(*address);
    }
    return addresses;
}

struct NameLookup::Shared {
    std::mutex mutex;
    NameLookup* owner = nullptr;  // null once it is no more
    asio::io_context* loop = nullptr;
    std::size_t threads = 0;
};

NameLookup::NameLookup(Settings settings, asio::io_context& loop)
    : settings_(std::move(settings)), shared_(std::make_shared<Shared>()), timer_(loop.get_executor()) {
    shared_->owner = this;
    shared_->loop = &loop;
}

NameLookup::~NameLookup() {
    const std::lock_guard lock(shared_->mutex);
    shared_->owner = nullptr;
}

void NameLookup::find(const std::string& name, Then then) {
    const std::uint64_t id = ++last_id_;
    if (is_stopped_ || !start_thread(id, name)) return then({});
    waiting_.emplace(id, Waiting{std::move(then), monotonic_now() + settings_.timeout});
    wait_for_timeouts();
}

bool NameLookup::start_thread(std::uint64_t id, const std::string& name) {
    {
        const std::lock_guard lock(shared_->mutex);
        if (shared_->threads == settings_.threads_max) return false;
        ++shared_->threads;
    }
    try {
        std::thread([id, name, shared = shared_, resolve = settings_.resolve] {
            auto addresses = resolve(name);
            const std::lock_guard lock(shared->mutex);
            --shared->threads;
            NameLookup* const owner = shared->owner;
            if (owner == nullptr) return;
            asio::post(*shared->loop,
                       [owner, id, addresses = std::move(addresses)] { owner->end(id, addresses); });
        }).detach();
        return true;
    } catch (const std::system_error&) {
        // The process has as many threads as it may have.
        const std::lock_guard lock(shared_->mutex);
        --shared_->threads;
        return false;
    }
}

void NameLookup::end(std::uint64_t id, const std::vector<push::IpAddress>& addresses) {
    const auto waiting = waiting_.extract(id);
    if (!waiting.empty()) waiting.mapped().then(addresses);
}

void NameLookup::wait_for_timeouts() {
    if (timer_runs_ || waiting_.empty()) return;
    timer_runs_ = true;
    timer_.expires_at(waiting_.begin()->second.give_up_at);
    timer_.async_wait([this](ErrorCode) {
        timer_runs_ = false;
        const base::Instant now = monotonic_now();
        while (!waiting_.empty() && waiting_.begin()->second.give_up_at <= now)
            end(waiting_.begin()->first, {});
        wait_for_timeouts();
    });
}

void NameLookup::stop() {
    is_stopped_ = true;
    timer_.cancel();
    while (!waiting_.empty())
        end(waiting_.begin()->first, {});
}

}  // namespace pipit::net
