#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace pipit::push {

/// Where operators of push services reach ours (RFC 8292 section 2.1): "mailto:" and one address, or an
/// https URL. Apple's refuses every message that names a place which cannot be, with BadJwtToken, so such a
/// subject is refused when it is set: one on localhost or in another domain of nobody's, an IP address,
/// spaces, angle brackets.
class VapidSubject {
 public:
    static constexpr std::size_t kCharactersMax = 255;

    static base::Result<VapidSubject> parse(std::string_view text);

    const std::string& text() const { return text_; }

 private:
    explicit VapidSubject(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

}  // namespace pipit::push
