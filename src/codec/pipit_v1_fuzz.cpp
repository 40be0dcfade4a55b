// Whatever a client sends is understood or refused, and what is forwarded of it is JSON that lies within it.

#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "codec/json_scan.hpp"
#include "codec/names.hpp"
#include "codec/pipit_v1.hpp"
#include "codec/utf8.hpp"

using namespace pipit::codec;

namespace {

constexpr v1::DecodeLimits kLimits{
    .group_name_bytes_max = 20, .user_id_bytes_max = 30, .token_bytes_max = 40, .json_depth_max = 8};

void check(std::string_view text, const v1::Post& post) {
    constexpr std::string_view left_out = "null";
    PIPIT_ASSERT(validate_json(post.data, kLimits.json_depth_max));
    const bool within =
        post.data.data() > text.data() && post.data.data() + post.data.size() < text.data() + text.size();
    PIPIT_ASSERT(within || post.data == left_out);
    const bool is_group = post.to.kind == v1::Recipient::Kind::group;
    PIPIT_ASSERT(
        is_valid_name(post.to.name, is_group ? kLimits.group_name_bytes_max : kLimits.user_id_bytes_max));
}

void check(std::string_view text, const v1::Command& command) {
    PIPIT_ASSERT(command.id >= 1 && command.id < std::uint64_t{1} << 53);
    if (const auto* refused = std::get_if<v1::Refused>(&command.what)) {
        // The answer must be a text that the client can read.
        std::string json;
        v1::append_error(json, command.id, refused->reason, refused->message);
        PIPIT_ASSERT(is_valid_utf8(json) && validate_json(json, kLimits.json_depth_max));
    } else if (const auto* join = std::get_if<v1::Join>(&command.what)) {
        PIPIT_ASSERT(is_valid_name(join->group, kLimits.group_name_bytes_max));
        std::string json;
        v1::append_joined(json, command.id, join->group, "epoch", 1);
        PIPIT_ASSERT(is_valid_utf8(json) && validate_json(json, kLimits.json_depth_max));
    } else if (const auto* post = std::get_if<v1::Post>(&command.what)) {
        check(text, *post);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view message = pipit::base::as_text({data, size});
    if (!is_valid_utf8(message)) return 0;
    v1::for_each_object(message, [](std::string_view text) {
        const v1::Decoded decoded = v1::decode(text, kLimits);
        if (const auto* command = std::get_if<v1::Command>(&decoded)) check(text, *command);
        if (const auto* undecodable = std::get_if<v1::Undecodable>(&decoded))
            PIPIT_ASSERT(!undecodable->why.empty());
        return true;
    });
    return 0;
}
