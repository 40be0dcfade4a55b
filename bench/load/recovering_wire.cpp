#include "load/recovering_wire.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "load/commands.hpp"

namespace pipit::bench {

namespace {

/// What stands behind `name` in `object` up to `end`; empty without it.
std::string_view behind(std::string_view object, std::string_view name, char end) {
    const auto at = object.find(name);
    if (at == object.npos) return {};
    object.remove_prefix(at + name.size());
    return object.substr(0, object.find(end));
}

bool is_answer_to_join(std::string_view object) {
    return object.starts_with(R"({"id":2,"ok":)");
}

}  // namespace

RecoveringWire::RecoveringWire(auth::Secret secret, std::uint32_t members)
    : JsonWire(std::move(secret)), places_(members) {}

std::string RecoveringWire::greeting(const Seat& seat) const {
    const auto& [cid, epoch, offset] = places_[seat.member];
    auto connect = JsonWire::greeting(seat);
    if (epoch.empty()) return connect;
    connect.pop_back();
    return fmt::format(R"({},"session":"{}"}})"
                       "\n"
                       R"({{"id":2,"op":"join",{},"since":{{"epoch":"{}","offset":{}}}}})",
                       connect, cid, join_argument(seat).substr(1, join_argument(seat).size() - 2), epoch,
                       offset);
}

Heard RecoveringWire::hear(const Seat& seat, std::string_view text, std::string& answer) const {
    auto& place = places_[seat.member];
    const bool comes_back = !place.epoch.empty();
    const auto heard = JsonWire::hear(seat, text, answer);
    if (comes_back && answer != "{}") answer.clear();  // it has sent its join already
    while (!text.empty()) {
        const auto object = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), object.size() + 1));
        if (comes_back && is_answer_to_join(object) && object.find(R"("recovered":true)") == object.npos)
            throw std::runtime_error(fmt::format("what was missed does not come: {}", object));
        remember(place, object);
    }
    return heard;
}

void RecoveringWire::remember(Place& place, std::string_view object) const {
    if (object.starts_with(R"({"id":1,)")) {
        place.cid = behind(object, R"("cid":")", '"');
    } else if (is_answer_to_join(object) || object.starts_with(R"({"ev":)")) {
        if (const auto epoch = behind(object, R"("epoch":")", '"'); !epoch.empty()) place.epoch = epoch;
        const auto offset = behind(object, R"("offset":)", ',');
        std::from_chars(offset.data(), offset.data() + offset.size(), place.offset);
    }
}

}  // namespace pipit::bench
