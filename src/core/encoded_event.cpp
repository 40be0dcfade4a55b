#include "core/encoded_event.hpp"

#include "codec/ws_frame.hpp"

namespace pipit::core {
namespace {
constexpr int kWindowBits = 15;  // the one window that every agreement of ours has
}

std::string_view EncodedEvent::json() const {
    return codec::payload_of(plain);
}

EventEncoder::EventEncoder(const Settings& settings)
    : deflate_message_bytes_min_(settings.deflate_message_bytes_min),
      deflater_(settings.deflate_level, kWindowBits) {}

EncodedEventPtr EventEncoder::encode(std::string_view json, bool any_deflate) {
    auto event = std::make_shared<EncodedEvent>();
    event->plain.reserve(codec::kFrameHeaderBytesMax + json.size());
    codec::append_frame(event->plain, codec::Opcode::text, false, json);
    if (any_deflate && json.size() >= deflate_message_bytes_min_) {
        compressed_.clear();
        deflater_.compress(json, compressed_);
        if (compressed_.size() < json.size()) {
            codec::append_frame(event->deflated, codec::Opcode::text, true, compressed_);
        }
    }
    return event;
}

}  // namespace pipit::core
