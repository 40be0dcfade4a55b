#include "core/local_groups.hpp"

#include "base/assert.hpp"

namespace pipit::core {

void Audience::add(Member member) {
    *member.index = static_cast<std::uint32_t>(members_.size());
    members_.push_back(member);
    if (batch_) member.outbox->open_range(batch_);
}

void Audience::remove(std::uint32_t index) {
    PIPIT_ASSERT(index < members_.size());
    if (batch_) members_[index].outbox->close_range(*batch_);
    members_[index] = members_.back();
    *members_[index].index = index;
    members_.pop_back();
}

std::size_t Audience::send(std::string_view frame) {
    if (members_.empty()) return 0;
    if (!batch_) {
        batch_.reset(new Batch);
        batch_->bytes().reserve(frame.size());
        for (const Member& member : members_)
            member.outbox->open_range(batch_);
    }
    batch_->bytes().append(frame);
    return frame.size();
}

void LocalGroups::add(std::string_view name, Outbox& outbox, bool deflate, LocalMembership& membership) {
    PIPIT_ASSERT(membership.group == nullptr);
    auto found = groups_.find(name);
    if (found == groups_.end()) {
        auto group = std::make_unique<LocalGroup>();
        group->name = name;
        found = groups_.emplace(group->name, std::move(group)).first;
    }
    membership.group = found->second.get();
    membership.deflate = deflate;
    membership.group->audience(deflate).add({&outbox, &membership.index});
}

void LocalGroups::remove(LocalMembership& membership) {
    if (membership.group == nullptr) return;
    LocalGroup& group = *membership.group;
    group.audience(membership.deflate).remove(membership.index);
    membership.group = nullptr;
    if (!group.active) forget_if_empty(group);
}

void LocalGroups::deliver(std::string_view name, const EncodedEvent& event) {
    const auto found = groups_.find(name);
    if (found == groups_.end()) return;
    LocalGroup& group = *found->second;
    turn_bytes_ += group.plain.send(event.plain);
    turn_bytes_ += group.deflated.send(event.deflated.empty() ? event.plain : event.deflated);
    if (group.active) return;
    group.active = true;
    active_.push_back(&group);
}

void LocalGroups::end_turn() {
    turn_bytes_ = 0;
    for (LocalGroup* group : active_) {
        group->active = false;
        group->plain.end_turn();
        group->deflated.end_turn();
        forget_if_empty(*group);
    }
    active_.clear();
}

void LocalGroups::forget_if_empty(LocalGroup& group) {
    if (group.empty()) groups_.erase(group.name);
}

}  // namespace pipit::core
