#pragma once

#include <string_view>

#include "codec/ws_frame.hpp"
#include "core/outbox.hpp"

namespace pipit::core {

/// Puts frames that are for one receiver only behind each other in a batch that all receivers of a loop turn
/// share, so that an answer costs no allocation of its own. Owned by one worker.
class FrameArena {
 public:
    void push(Outbox& outbox, codec::Opcode opcode, std::string_view payload) {
        const std::size_t begin = current().size();
        codec::append_frame(batch_->bytes(), opcode, false, payload);
        push_from(begin, outbox);
    }
    /// A frame that is encoded already.
    void push_frame(Outbox& outbox, std::string_view frame) {
        const std::size_t begin = current().size();
        batch_->bytes().append(frame);
        push_from(begin, outbox);
    }
    void push_close(Outbox& outbox, std::uint16_t code, std::string_view reason) {
        const std::size_t begin = current().size();
        codec::append_close_frame(batch_->bytes(), code, reason);
        push_from(begin, outbox);
    }

    /// Bytes pushed in this turn: a turn that has gathered much should end.
    std::size_t turn_bytes() const { return turn_bytes_; }
    /// What comes now goes into a batch of its own.
    void end_turn() {
        if (batch_) batch_->seal();
        batch_.reset();
        turn_bytes_ = 0;
    }

 private:
    static constexpr std::size_t kBatchBytes = 64 << 10;

    Batch& current() {
        if (!batch_ || batch_->size() >= kBatchBytes) batch_.reset(new Batch);
        return *batch_;
    }
    void push_from(std::size_t begin, Outbox& outbox) {
        turn_bytes_ += batch_->size() - begin;
        outbox.push_range(batch_, begin);
    }

    BatchPtr batch_;
    std::size_t turn_bytes_ = 0;
};

}  // namespace pipit::core
