#include "load/json_wire.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <stdexcept>

#include <fmt/format.h>

#include "auth/token_signer.hpp"
#include "load/commands.hpp"

namespace pipit::bench {

namespace {

constexpr std::uint64_t kConnectId = 1;
constexpr std::uint64_t kJoinId = 2;
constexpr std::uint64_t kFirstPostId = 3;

bool is_delivery(std::string_view object) {
    return object.starts_with(R"({"ev":"message")") || object.starts_with(R"({"ev":"private")");
}

/// The id of a reply, when it is one that says that the command succeeded.
std::optional<std::uint64_t> succeeded_id(std::string_view object) {
    constexpr std::string_view kReply = R"({"id":)";
    if (!object.starts_with(kReply)) return std::nullopt;
    object.remove_prefix(kReply.size());
    std::uint64_t id = 0;
    const auto end = std::from_chars(object.data(), object.data() + object.size(), id).ptr;
    object.remove_prefix(static_cast<std::size_t>(end - object.data()));
    if (!object.starts_with(R"(,"ok":)")) return std::nullopt;
    return id;
}

}  // namespace

JsonWire::JsonWire(std::optional<auth::Secret> secret) : secret_(std::move(secret)) {}

std::string JsonWire::credentials(const Seat& seat) const {
    if (!secret_) return fmt::format(R"("user":"{}")", user_id(seat.member));
    const auto token =
        auth::sign_hs256(*secret_, {.user_id = user_id(seat.member), .issued_at = std::time(nullptr)});
    return fmt::format(R"("token":"{}")", token);
}

std::string JsonWire::greeting(const Seat& seat) const {
    return fmt::format(R"({{"id":{},"op":"connect",{}}})", kConnectId, credentials(seat));
}

Heard JsonWire::hear(const Seat& seat, std::string_view text, std::string& answer) const {
    Heard heard;
    while (!text.empty()) {
        const auto object = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), object.size() + 1));
        if (is_delivery(object)) {
            ++heard.deliveries;
        } else if (const auto id = succeeded_id(object)) {
            if (*id >= kFirstPostId) ++heard.acknowledgements;
            if (*id == kConnectId && seat.audience == Audience::group) {
                answer = fmt::format(R"({{"id":{},"op":"join",{})", kJoinId, join_argument(seat).substr(1));
            }
            heard.ready |= *id == (seat.audience == Audience::group ? kJoinId : kConnectId);
        } else if (object == "{}") {
            answer = object;
        } else if (!object.starts_with(R"({"ev":"notice")")) {
            throw std::runtime_error(fmt::format("the server says {}", object));
        }
    }
    return heard;
}

std::string JsonWire::post(const Seat& seat, std::uint64_t sequence) const {
    return fmt::format(R"({{"id":{},"op":"post","to":{},"data":{}}})", kFirstPostId + sequence,
                       post_target(seat), payload(sequence));
}

}  // namespace pipit::bench
