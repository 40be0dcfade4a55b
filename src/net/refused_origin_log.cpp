#include "net/refused_origin_log.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace pipit::net {

std::string shown_origin(std::string_view origin) {
    constexpr std::size_t kBytesMax = 100;
    std::string shown(origin.substr(0, kBytesMax));
    std::ranges::replace_if(
        shown, [](char c) { return c <= ' ' || c > '~' || c == '"' || c == '\\'; }, '?');
    return shown;
}

void RefusedOriginLog::note(std::string_view origin, base::Instant now) {
    const std::string shown = shown_origin(origin);
    const std::lock_guard lock(mutex_);
    const auto unsaid = quota_.take(shown, now);
    if (!unsaid) return;
    spdlog::warn(
        "a page of \"{}\" was refused: server.allowed_origins does not let it in ({} more since the last "
        "such line)",
        shown, *unsaid);
}

}  // namespace pipit::net
