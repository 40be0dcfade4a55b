// Our verdict against Boost.JSON's, and the slices against the text they come from.

#include <cstddef>
#include <cstdint>
#include <string>

#include <boost/json.hpp>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "codec/json_scan.hpp"
#include "codec/utf8.hpp"

using namespace pipit::codec;

namespace {

constexpr unsigned kDepthMax = 24;

// Boost decodes what it validates, and so refuses escapes that are half a surrogate pair, which the grammar
// allows. With a zero for their first digit none is left, and nothing else about the text has changed.
std::string without_surrogate_escapes(std::string_view text) {
    std::string changed(text);
    for (std::size_t at = 0; (at = changed.find("\\u", at)) != std::string::npos; at += 2) {
        if (at + 2 < changed.size() && (changed[at + 2] | 0x20) == 'd') changed[at + 2] = '0';
    }
    return changed;
}

void compare_with_boost(std::string_view text, const JsonVerdict& verdict) {
    boost::json::parse_options options;
    options.max_depth = kDepthMax;
    boost::json::error_code error;
    boost::json::parse(without_surrogate_escapes(text), error, {}, options);
    // The grammar has no largest exponent; Boost has.
    if (error == boost::json::error::exponent_overflow) return;
    PIPIT_ASSERT(static_cast<bool>(verdict) == !error);
}

void check_slices(std::string_view text, const JsonVerdict& verdict) {
    const char* end_of_last = text.data();
    const JsonVerdict object = scan_object(text, kDepthMax, [&](const JsonMember& member) {
        PIPIT_ASSERT(member.key.data() > end_of_last);
        PIPIT_ASSERT(member.value.data() > member.key.data() + member.key.size());
        end_of_last = member.value.data() + member.value.size();
        PIPIT_ASSERT(end_of_last <= text.data() + text.size());
        PIPIT_ASSERT(validate_json(member.value, kDepthMax));
        if (member.kind == JsonKind::number) parse_json_uint53(member.value);
        if (member.kind != JsonKind::string) return;
        const auto unescaped = unescape_json_string(member.string_content());
        if (!unescaped) return;
        PIPIT_ASSERT(is_valid_utf8(*unescaped));
        std::string again;
        append_json_string(again, *unescaped);
        PIPIT_ASSERT(unescape_json_string(again.substr(1, again.size() - 2)) == unescaped);
    });
    PIPIT_ASSERT(object.outcome == verdict.outcome || object.outcome == JsonVerdict::Outcome::another_kind);
    if (!object) PIPIT_ASSERT(object.reason != nullptr && object.position <= text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = pipit::base::as_text({data, size});
    unescape_json_string(text);
    if (!is_valid_utf8(text)) return 0;
    const JsonVerdict verdict = validate_json(text, kDepthMax);
    compare_with_boost(text, verdict);
    check_slices(text, verdict);
    return 0;
}
