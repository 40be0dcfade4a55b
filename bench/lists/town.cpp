#include "lists/town.hpp"

#include <cmath>

#include <fmt/format.h>

#include "auth/issuer.hpp"
#include "auth/token_signer.hpp"

namespace pipit::bench {
namespace {

constexpr base::UnixSeconds kNow = 1'800'000'000;

class SeededBytes final : public base::Random {
 public:
    explicit SeededBytes(std::uint64_t seed) : random_(seed) {}
    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out)
            byte = static_cast<std::uint8_t>(random_());
    }

 private:
    std::mt19937_64 random_;
};

}  // namespace

/// A client that reads at once.
struct Town::Connection final : core::OutboxOwner {
    explicit Connection(core::TouchedOutboxes& touched) : outbox(*this, touched) {}
    void flush() override {
        if (keep) text.clear();
        while (!outbox.empty()) {
            const std::string_view bytes = outbox.front({});
            if (keep) text += bytes;
            outbox.consume(bytes.size());
        }
    }

    core::Outbox outbox;
    core::Session* session = nullptr;
    bool keep = false;
    std::string text;  // with `keep`: of the last turn
};

Town::Town(const TownSize& size, std::uint64_t seed)
    : size_(size),
      random_(seed),
      secret_(*auth::Secret::from_bytes("the benchmark signs its own tokens with this")),
      bytes_(std::make_unique<SeededBytes>(seed)) {
    settings_.cursor_key = std::string(32, 'k');
    settings_.rate = {1'000'000'000, 1'000'000'000};
    settings_.is_user_id = [](std::string_view) { return false; };
    hub_ = std::make_unique<core::Hub>(
        settings_, core::WorkerIndex{0}, core::WorkerIndex{1}, *bytes_, arena_,
        std::make_shared<const auth::KeyRing>(std::vector{auth::local_issuer(auth::Secret(secret_))}));
    const auto sign_in = [&](const std::string& user) {
        auto connection = std::make_unique<Connection>(touched_);
        hub_->begin_turn({now_, kNow});
        connection->session = &hub_->open(connection->outbox, false, std::nullopt);
        const std::string token =
            auth::sign_hs256(secret_, {.user_id = user, .groups = {}, .issued_at = kNow, .ttl_s = 86'400});
        turn(*connection, R"({"id":1,"op":"connect","token":")" + token + "\"}");
        return connection;
    };
    for (std::uint32_t member = 0; member < size.members; ++member) {
        connections_.push_back(sign_in(user_of(member)));
        // Uneven: of a hundred thousand groups the first has about two hundred of a million members, the last
        // seven.
        const double place = std::pow(static_cast<double>(random_below(1 << 30)) / (1 << 30), 1.35);
        group_of_.push_back(static_cast<std::uint32_t>(place * size.groups));
    }
    is_in_.resize(size.members);
    asker_ = sign_in("the one who asks");
    asker_->keep = true;
}

Town::~Town() = default;

std::string Town::user_of(std::uint32_t member) const {
    // Of three connections the last two are of one user.
    const std::uint32_t user = member - (member % 3 == 2 ? 1 : 0);
    return fmt::format("{:08x}-7a5c-4f0e-9a8b-{:012x}", user * 2'654'435'761u, user);
}

std::string Town::group_name(std::uint32_t index) const {
    return fmt::format("{}/{:06}", index % 7 == 0 ? "team" : "room", index);
}

void Town::turn(Connection& connection, std::string_view command) {
    hub_->begin_turn({now_, kNow});
    hub_->receive(*connection.session, command);
    hub_->end_turn();
    arena_.end_turn();
    touched_.flush_all();
}

void Town::join_all() {
    for (std::uint32_t member = 0; member < size_.members; ++member) {
        turn(*connections_[member],
             fmt::format(R"({{"id":2,"op":"join","group":"{}"}})", group_name(group_of_[member])));
        is_in_[member] = true;
    }
}

void Town::churn() {
    const std::uint32_t member = random_below(size_.members);
    if (is_in_[member]) {
        turn(*connections_[member], R"({"id":3,"op":"leave"})");
    } else {
        turn(*connections_[member],
             fmt::format(R"({{"id":2,"op":"join","group":"{}"}})", group_name(group_of_[member])));
    }
    is_in_[member] = !is_in_[member];
}

std::string_view Town::ask(std::string_view command) {
    turn(*asker_, command);
    return asker_->text;
}

}  // namespace pipit::bench
