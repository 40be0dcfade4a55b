#include "push/vapid_keys.hpp"

#include <algorithm>
#include <utility>

namespace pipit::push {

VapidKeys VapidKeys::generate(base::Random& random) {
    std::vector<P256Key> keys;
    keys.push_back(P256Key::generate(random));
    return VapidKeys(std::move(keys));
}

base::Result<VapidKeys> VapidKeys::from_texts(const std::vector<std::string>& texts) {
    if (texts.empty() || texts.size() > kKeysMax) {
        return base::Failure{"there are " + std::to_string(texts.size()) + " VAPID keys; allowed are 1 to " +
                             std::to_string(kKeysMax)};
    }
    std::vector<P256Key> keys;
    for (const std::string& text : texts) {
        auto key = P256Key::from_text(text);
        if (!key) {
            return base::Failure{"VAPID key " + std::to_string(keys.size() + 1) + ": " + key.error().message};
        }
        keys.push_back(std::move(key).value());
    }
    return VapidKeys(std::move(keys));
}

std::vector<std::string> VapidKeys::to_texts() const {
    std::vector<std::string> texts;
    for (const P256Key& key : keys_)
        texts.push_back(key.to_text());
    return texts;
}

const P256Key* VapidKeys::find(std::string_view public_text) const {
    const auto found = std::find_if(keys_.begin(), keys_.end(),
                                    [&](const P256Key& key) { return key.public_text() == public_text; });
    return found == keys_.end() ? nullptr : &*found;
}

void VapidKeys::rotate(P256Key next) {
    if (keys_.size() == kKeysMax) keys_.pop_back();
    keys_.insert(keys_.begin(), std::move(next));
}

}  // namespace pipit::push
