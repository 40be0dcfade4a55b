#pragma once

#include <string_view>

#include "codec/ws_frame.hpp"
#include "core/outbox.hpp"

namespace pipit::core {

/// Puts frames that are for one receiver only behind each other in a batch that all receivers of a loop turn share, so
/// that an answer costs no allocation of its own. Owned by one worker.
class FrameArena {
   public:
    void push(Outbox& outbox, codec::Opcode opcode, std::string_view payload) {
        const std::size_t begin = current().size();
        codec::append_frame(batch_->bytes(), opcode, false, payload);
        outbox.push_range(batch_, begin);
    }
    /// A frame that is encoded already.
    void push_frame(Outbox& outbox, std::string_view frame) {
        const std::size_t begin = current().size();
        batch_->bytes().append(frame);
        outbox.push_range(batch_, begin);
    }
    void push_close(Outbox& outbox, std::uint16_t code, std::string_view reason) {
        const std::size_t begin = current().size();
        codec::append_close_frame(batch_->bytes(), code, reason);
        outbox.push_range(batch_, begin);
    }

    /// Bytes pushed in this turn, to the last kBatchBytes.
    std::size_t bytes() const { return batch_ ? batch_->size() : 0; }
    /// What comes now goes into a batch of its own.
    void end_turn() { batch_.reset(); }

   private:
    static constexpr std::size_t kBatchBytes = 64 << 10;

    Batch& current() {
        if (!batch_ || batch_->size() >= kBatchBytes) batch_.reset(new Batch(Batch::Kind::mixed));
        return *batch_;
    }
    BatchPtr batch_;
};

}  // namespace pipit::core
