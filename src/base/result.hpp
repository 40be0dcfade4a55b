#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/assert.hpp"

namespace pipit::base {

/// Why something that may fail did: one sentence for a person, which names the thing that was wrong and what
/// is allowed. Errors that reach a client carry a code from the catalogue instead (codec/codes.hpp).
struct Failure {
    std::string message;
};

/// Either a value or the reason there is none. (`std::expected` is C++23.)
template <class T, class E = Failure>
class [[nodiscard]] Result {
 public:
    Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
    Result(E error) : content_(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const noexcept { return content_.index() == 0; }

    /// The value; there must be one.
    T& value() & {
        PIPIT_ASSERT(content_.index() == 0);
        return *std::get_if<0>(&content_);
    }
    const T& value() const& {
        PIPIT_ASSERT(content_.index() == 0);
        return *std::get_if<0>(&content_);
    }
    T&& value() && {
        PIPIT_ASSERT(content_.index() == 0);
        return std::move(*std::get_if<0>(&content_));
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    /// The error; there must be one.
    const E& error() const {
        PIPIT_ASSERT(content_.index() == 1);
        return *std::get_if<1>(&content_);
    }

 private:
    std::variant<T, E> content_;
};

/// The result of something that returns nothing but may fail.
using Status = Result<std::monostate>;

}  // namespace pipit::base
