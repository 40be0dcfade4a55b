#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

namespace pipit::core {

/// Encoded frames one behind the other, shared by every outbox on one worker that has to send them. Bytes are
/// only ever appended, and only during the loop turn in which the batch was made. Not thread-safe, nor is its
/// count.
class Batch : public boost::intrusive_ref_counter<Batch, boost::thread_unsafe_counter> {
 public:
    std::size_t size() const { return bytes_.size(); }
    const std::string& bytes() const { return bytes_; }
    std::string& bytes() { return bytes_; }

    /// The turn has ended: nothing more will be appended.
    void seal() { sealed_ = true; }
    bool sealed() const { return sealed_; }

 private:
    std::string bytes_;
    bool sealed_ = false;
};
using BatchPtr = boost::intrusive_ptr<Batch>;

class Outbox;

/// Writes out what an outbox holds.
class OutboxOwner {
 public:
    /// Called once at the end of a loop turn in which the outbox was given something.
    virtual void flush() = 0;

 protected:
    ~OutboxOwner() = default;
};

/// The outboxes of one worker that were given something in this loop turn.
class TouchedOutboxes {
 public:
    /// Lets every owner flush, in the order of the first touch, and forgets them.
    void flush_all();
    bool empty() const { return touched_.empty(); }

 private:
    friend class Outbox;
    std::vector<Outbox*> touched_;
};

/// What waits to be sent to one connection: ranges of batches, in order. Nothing is copied or allocated to
/// add the messages of a group: the range grows with its batch until the turn ends. Lives on one worker,
/// inside its owner.
class Outbox {
 public:
    Outbox(OutboxOwner& owner, TouchedOutboxes& touched) : owner_(owner), touched_(touched) {}
    ~Outbox();
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    /// Adds everything that is appended to `batch` from now on until close_range() or the end of the turn. To
    /// call it again for the same batch in the same turn changes nothing.
    void open_range(const BatchPtr& batch);
    /// Ends the range that open_range() began, at the present end of the batch. Without one, does nothing.
    void close_range(const Batch& batch);
    /// Lets the owner flush at the end of this turn, also if nothing is added: its socket takes bytes again.
    void request_flush() { touch(); }
    /// Adds bytes `begin` to the present end of `batch`.
    void push_range(const BatchPtr& batch, std::size_t begin);

    bool empty() const { return ranges_.empty(); }
    /// Bytes that wait. Walks what was added in this turn only.
    std::size_t bytes() const;

    /// The bytes to send next: the first range itself, or, when there are several, as many as fit into
    /// `scratch` copied together, since one send of copied bytes costs less than one writev of many.
    std::string_view front(std::span<char> scratch) const;
    /// Forgets the first `count` bytes: they are sent. Like retain(), only after the turn's batches were
    /// sealed; within a turn an open range would end too early, and what its batch gets later would be lost.
    void consume(std::size_t count);
    /// Call when bytes stay behind after a flush: ends the open ranges, and copies what is the lesser part of
    /// its batch.
    void retain();

 private:
    friend class TouchedOutboxes;
    static constexpr std::uint32_t kOpen = 0xffffffff;
    struct Range {
        BatchPtr batch;
        std::uint32_t begin;
        std::uint32_t end;  // kOpen: up to what the batch will hold when the turn ends
        std::size_t size() const { return (end == kOpen ? batch->size() : end) - begin; }
        std::string_view view() const { return std::string_view(batch->bytes()).substr(begin, size()); }
    };
    using Ranges = boost::container::small_vector<Range, 2>;
    void touch();
    Ranges::reverse_iterator find_open(const Batch& batch);
    bool may_end_ranges() const { return open_ == nullptr || open_->sealed(); }

    Ranges ranges_;
    OutboxOwner& owner_;
    TouchedOutboxes& touched_;
    const Batch* open_ =
        nullptr;  // one whose range is open: of the connection's group, or of a list that it watches
    std::uint32_t settled_ = 0;        // that many ranges have outlived a flush
    std::uint32_t settled_bytes_ = 0;  // and hold this much
    bool is_touched_ = false;
};

}  // namespace pipit::core
