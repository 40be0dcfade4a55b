// Whatever stands behind the question mark or in the body, what comes out is the one command that was asked
// for, or is refused.

#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "codec/http_command.hpp"
#include "codec/pipit_v1.hpp"
#include "codec/utf8.hpp"

using namespace pipit::codec;

namespace {

template <class What>
void check(const std::string& text) {
    PIPIT_ASSERT(is_valid_utf8(text));
    const v1::Decoded decoded = v1::decode(text, {});
    const auto* command = std::get_if<v1::Command>(&decoded);
    PIPIT_ASSERT(command != nullptr && command->id == 1);
    if (const auto* refused = std::get_if<v1::Refused>(&command->what)) {
        PIPIT_ASSERT(refused->reason == ErrorReason::invalid_parameter);
    } else {
        PIPIT_ASSERT(std::holds_alternative<What>(command->what));
    }
}

template <class What>
void check_query(std::string_view op, std::string_view query) {
    const std::string text = query_command(op, query);
    PIPIT_ASSERT(text.find('\n') == std::string::npos);
    check<What>(text);
}

template <class What>
void check_body(std::string_view op, std::string_view body) {
    if (const auto text = body_command(op, body, v1::DecodeLimits().json_depth_max)) check<What>(*text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = pipit::base::as_text({data, size});
    check_query<v1::ListGroups>("groups", text);
    check_query<v1::ListUsers>("users", text);
    check_query<v1::ReadHistory>("history", text);
    check_query<v1::Pushed>("pushed", text);
    check_body<v1::Subscribe>("subscribe", text);
    check_body<v1::Unsubscribe>("unsubscribe", text);
    check_body<v1::Resubscribe>("resubscribe", text);
    check_body<v1::Push>("push", text);
    return 0;
}
