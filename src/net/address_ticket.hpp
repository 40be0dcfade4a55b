#pragma once

#include <cstdint>
#include <utility>

namespace pipit::net {

/// Counts the open connections of the server.
class Admissions {
 public:
    /// A connection is over. May be called from any thread.
    virtual void release(std::uint32_t ticket) = 0;

 protected:
    ~Admissions() = default;
};

/// One connection's place in the count of its address and its worker; gives it back when it goes.
class AddressTicket {
 public:
    AddressTicket() = default;
    AddressTicket(Admissions& admissions, std::uint32_t ticket) : admissions_(&admissions), ticket_(ticket) {}
    AddressTicket(AddressTicket&& other) noexcept
        : admissions_(std::exchange(other.admissions_, nullptr)), ticket_(other.ticket_) {}
    AddressTicket& operator=(AddressTicket&&) = delete;
    ~AddressTicket() {
        if (admissions_ != nullptr) admissions_->release(ticket_);
    }

 private:
    Admissions* admissions_ = nullptr;
    std::uint32_t ticket_ = 0;
};

}  // namespace pipit::net
