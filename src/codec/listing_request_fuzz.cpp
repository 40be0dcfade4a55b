// Whatever stands behind the question mark, what comes out is one command that lists, or is refused by name.

#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "codec/listing_request.hpp"
#include "codec/pipit_v1.hpp"
#include "codec/utf8.hpp"

using namespace pipit::codec;

namespace {

template <class Listing>
void check(std::string_view path, std::string_view query) {
    const auto text = listing_command(path, query);
    PIPIT_ASSERT(text && is_valid_utf8(*text) && text->find('\n') == std::string::npos);
    const v1::Decoded decoded = v1::decode(*text, {});
    const auto* command = std::get_if<v1::Command>(&decoded);
    PIPIT_ASSERT(command != nullptr && command->id == 1);
    if (const auto* refused = std::get_if<v1::Refused>(&command->what)) {
        PIPIT_ASSERT(refused->reason == ErrorReason::invalid_parameter);
    } else {
        PIPIT_ASSERT(std::holds_alternative<Listing>(command->what));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view query = pipit::base::as_text({data, size});
    check<v1::ListGroups>("/v1/groups", query);
    check<v1::ListUsers>("/v1/users", query);
    check<v1::ReadHistory>("/v1/history", query);
    return 0;
}
