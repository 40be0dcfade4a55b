#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/encoded_event.hpp"
#include "core/name_map.hpp"
#include "core/outbox.hpp"

namespace pipit::core {

/// Members on one worker that take the same bytes.
///
/// While a batch is open, every member's outbox has an open range on it: to send one more message in the same
/// turn is to append to the batch, whatever the number of members.
class Audience {
 public:
    struct Member {
        Outbox* outbox;
        std::uint32_t* index;  // where the member finds itself here; kept by the audience
    };

    bool empty() const { return members_.empty(); }
    void add(Member member);
    void remove(std::uint32_t index);
    /// Returns the bytes that were added to the turn.
    std::size_t send(std::string_view frame);
    void end_turn() {
        if (batch_) batch_->seal();
        batch_.reset();
    }

 private:
    std::vector<Member> members_;
    BatchPtr batch_;
};

/// One group as its members on one worker see it.
struct LocalGroup {
    std::string name;
    Audience plain;
    Audience deflated;
    bool active = false;  ///< something was sent in this turn

    Audience& audience(bool deflate) { return deflate ? deflated : plain; }
    bool empty() const { return plain.empty() && deflated.empty(); }
};

/// Where one session stands in the group it receives.
struct LocalMembership {
    LocalGroup* group = nullptr;  ///< null: in none
    std::uint32_t index = 0;
    bool deflate = false;
};

/// The groups with members on this worker: the last step of the fan-out. Owned by one worker.
class LocalGroups {
 public:
    /// `membership` must stay where it is until it is removed.
    void add(std::string_view group, Outbox& outbox, bool deflate, LocalMembership& membership);
    /// What was delivered so far stays in the outbox; nothing later gets in. Does nothing without a group.
    void remove(LocalMembership& membership);

    void deliver(std::string_view group, const EncodedEvent& event);

    /// Bytes of all batches of this turn: a turn that has gathered much should end.
    std::size_t turn_bytes() const { return turn_bytes_; }
    /// Closes the batches of this turn, before the outboxes are flushed.
    void end_turn();

 private:
    void forget_if_empty(LocalGroup& group);

    NameMap<std::unique_ptr<LocalGroup>> groups_;
    std::vector<LocalGroup*> active_;
    std::size_t turn_bytes_ = 0;
};

}  // namespace pipit::core
