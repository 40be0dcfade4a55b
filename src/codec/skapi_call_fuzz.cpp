// Any body of a call is refused, answered, or becomes one command that the decoder takes; and the answers are
// JSON.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "codec/json_scan.hpp"
#include "codec/pipit_v1.hpp"
#include "codec/skapi_call.hpp"

namespace {

using namespace pipit::codec;

constexpr std::string_view kService = "us31abcd1234";

void require(bool holds) {
    if (!holds) std::abort();
}
void require_json(std::string_view text) {
    require(static_cast<bool>(validate_json(text, kJsonDepthLimit)));
}

bool is_meant(skapi::Call call, const v1::Command& command) {
    if (std::holds_alternative<v1::Refused>(command.what)) return true;
    switch (call) {
        case skapi::Call::get_ws_group:
            return std::holds_alternative<v1::ListGroups>(command.what) ||
                   std::holds_alternative<v1::ListUsers>(command.what);
        case skapi::Call::get_vapid_public_key:
            return std::holds_alternative<v1::VapidKey>(command.what);
        case skapi::Call::store_subscription:
            return std::holds_alternative<v1::Subscribe>(command.what);
        case skapi::Call::delete_subscription:
            return std::holds_alternative<v1::Unsubscribe>(command.what);
        case skapi::Call::push_notification:
            return std::holds_alternative<v1::Push>(command.what);
        case skapi::Call::get_users:
            break;
    }
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto call = static_cast<skapi::Call>(data[0] % 6);
    const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
    const v1::DecodeLimits limits;
    const auto read = skapi::read_call(call, body, kService, limits.json_depth_max);
    if (const auto* bad = std::get_if<skapi::BadCall>(&read)) {
        require_json(bad->json);
    } else if (const auto* direct = std::get_if<skapi::Direct>(&read)) {
        require_json(direct->json);
    } else {
        const auto& question = std::get<skapi::Question>(read);
        require(question.command.find('\n') == std::string::npos);
        const auto decoded = v1::decode(question.command, limits);
        const auto* command = std::get_if<v1::Command>(&decoded);
        require(command != nullptr && command->id == 1 && is_meant(call, *command));
        // The arguments are as good an answer as any: whatever it has, what is made of it is JSON.
        require_json(skapi::answer_json(question.form, kService, body));
        require_json(skapi::error_json(body));
    }
    return 0;
}
