#include "auth/compact_jws.hpp"

#include <utility>

#include "base/base64url.hpp"

namespace pipit::auth {

std::optional<CompactJws> CompactJws::parse(std::string_view text) {
    const std::size_t first_dot = text.find('.');
    if (first_dot == std::string_view::npos) return std::nullopt;
    const std::size_t second_dot = text.find('.', first_dot + 1);
    if (second_dot == std::string_view::npos) return std::nullopt;

    // A third dot falls into the signature, where base64url refuses it.
    auto header = base::base64url_decode(text.substr(0, first_dot));
    auto payload = base::base64url_decode(text.substr(first_dot + 1, second_dot - first_dot - 1));
    auto signature = base::base64url_decode(text.substr(second_dot + 1));
    if (!header || !payload || !signature) return std::nullopt;
    return CompactJws{std::move(*header), std::move(*payload), std::move(*signature),
                      text.substr(0, second_dot)};
}

}  // namespace pipit::auth
