#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include <boost/circular_buffer.hpp>

namespace pipit::core {

/// A queue in one piece of memory that grows and shrinks with what is in it.
template <class T>
class GrowingRing {
 public:
    bool empty() const { return ring_.empty(); }
    std::size_t size() const { return ring_.size(); }
    T& front() { return ring_.front(); }
    const T& front() const { return ring_.front(); }
    /// Index 0 is the front.
    T& operator[](std::size_t index) { return ring_[index]; }
    const T& operator[](std::size_t index) const { return ring_[index]; }

    void push_back(T value) {
        if (ring_.full()) ring_.set_capacity(std::max(kCapacityMin, 2 * ring_.capacity()));
        ring_.push_back(std::move(value));
    }
    void pop_front() {
        ring_.pop_front();
        if (ring_.capacity() > kCapacityMin && ring_.size() <= ring_.capacity() / 4)
            ring_.set_capacity(ring_.capacity() / 2);
    }

    /// Memory that it takes, without what its elements point at.
    std::size_t bytes() const { return ring_.capacity() * sizeof(T); }

 private:
    static constexpr std::size_t kCapacityMin = 4;
    boost::circular_buffer<T> ring_;
};

}  // namespace pipit::core
