#include "core/testing/test_client.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "codec/pipit_v1.hpp"

namespace pipit::core {

TestClient::TestClient(TouchedOutboxes& touched, bool deflate)
    : outbox(*this, touched),
      settings_{
          .role = codec::ReaderSettings::Role::client, .deflate = deflate, .message_bytes_max = 1 << 20},
      reader_(settings_) {}

void TestClient::flush() {
    take(bytes_per_flush);
    if (!outbox.empty()) outbox.retain();
}

void TestClient::take(std::size_t bytes_max) {
    std::array<char, 4096> scratch;
    while (bytes_max > 0 && !outbox.empty()) {
        const std::string_view front = outbox.front(scratch).substr(0, bytes_max);
        std::vector<std::uint8_t> sent(front.begin(), front.end());
        outbox.consume(sent.size());
        bytes_max -= sent.size();
        for (std::span<std::uint8_t> input(sent);;) {
            const codec::Step step = reader_.next(input, inflater_);
            if (step.kind == codec::Step::Kind::need_more) break;
            if (step.kind != codec::Step::Kind::text)
                throw std::runtime_error("not text: " + std::string(step.payload));
            codec::v1::for_each_object(step.payload, [&](std::string_view text) {
                texts_.emplace_back(text);
                return true;
            });
        }
    }
}

std::vector<std::string> TestClient::take_texts() {
    return std::exchange(texts_, {});
}

std::vector<boost::json::object> TestClient::take_objects() {
    std::vector<boost::json::object> objects;
    for (const std::string& text : take_texts())
        objects.push_back(boost::json::parse(text).as_object());
    return objects;
}

}  // namespace pipit::core
