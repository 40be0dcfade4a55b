#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "codec/ws_message.hpp"
#include "core/outbox.hpp"

namespace pipit::core {

/// The far end of an outbox: reads its bytes as a client does.
class TestClient final : public OutboxOwner {
 public:
    explicit TestClient(TouchedOutboxes& touched, bool deflate = false);

    /// Takes up to `bytes_per_flush` bytes, in sends of at most a few kilobytes; the rest stays behind.
    void flush() override;
    /// As when the socket takes more again.
    void take(std::size_t bytes_max);

    /// The objects that have arrived and were not taken yet. What is not text of JSON objects throws.
    std::vector<boost::json::object> take_objects();
    /// The same as they are written.
    std::vector<std::string> take_texts();

    Outbox outbox;
    std::size_t bytes_per_flush = SIZE_MAX;

 private:
    codec::ReaderSettings settings_;
    codec::MessageReader reader_;
    codec::Inflater inflater_;
    std::vector<std::string> texts_;
};

}  // namespace pipit::core
