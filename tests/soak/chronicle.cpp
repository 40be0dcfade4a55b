#include "chronicle.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace pipit::soak {

namespace {

// What bounds the memory of a long run. Members are level every few seconds, so none can lag that far.
constexpr std::size_t kEntriesMax = 1 << 17;
constexpr std::size_t kEpochsMax = 16;

std::string describe(const Place& place) {
    return fmt::format("offset {} of group {} (epoch {})", place.offset, place.group, place.epoch);
}

}  // namespace

std::optional<std::string> Chronicle::saw(const Place& place, const std::string& meaning,
                                          std::string_view text) {
    Entry* known = entry(place);
    if (known == nullptr) return std::nullopt;
    const std::size_t hash = std::hash<std::string_view>{}(text) | 1;
    if (known->text_hash != 0 && known->text_hash != hash)
        return fmt::format("{} is {} to another member, with other bytes", describe(place), known->meaning);
    known->text_hash = hash;
    return told(place, meaning);
}

std::optional<std::string> Chronicle::told(const Place& place, const std::string& meaning) {
    Entry* known = entry(place);
    if (known == nullptr) return std::nullopt;
    if (known->meaning.empty()) known->meaning = meaning;
    if (known->meaning == meaning) return std::nullopt;
    return fmt::format("{} is both {} and {}", describe(place), known->meaning, meaning);
}

std::optional<std::string> Chronicle::begun(const Place& place) {
    if (std::exchange(epoch(place).begun, true))
        return fmt::format("group {} began a second time with epoch {}", place.group, place.epoch);
    return std::nullopt;
}

std::uint64_t Chronicle::last_offset(const std::string& group, const std::string& epoch_name) const {
    const auto found = groups_.find(group);
    if (found == groups_.end()) return 0;
    const auto epoch = std::ranges::find(found->second, epoch_name, &Epoch::name);
    return epoch == found->second.end() ? 0 : epoch->first_offset + epoch->entries.size() - 1;
}

Chronicle::Epoch& Chronicle::epoch(const Place& place) {
    auto& epochs = groups_[place.group];
    const auto known = std::ranges::find(epochs, place.epoch, &Epoch::name);
    if (known != epochs.end()) return *known;
    if (epochs.size() == kEpochsMax) epochs.pop_back();
    epochs.emplace_front().name = place.epoch;
    return epochs.front();
}

Chronicle::Entry* Chronicle::entry(const Place& place) {
    Epoch& in = epoch(place);
    if (place.offset < in.first_offset) return nullptr;
    const std::size_t index = place.offset - in.first_offset;
    if (index >= in.entries.size()) in.entries.resize(index + 1);
    Entry* const found = &in.entries[index];
    for (; in.entries.size() > kEntriesMax; ++in.first_offset)
        in.entries.pop_front();
    return found;
}

}  // namespace pipit::soak
