#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/secret.hpp"
#include "client.hpp"
#include "model.hpp"
#include "server_process.hpp"

namespace pipit::soak {

using Clock = std::chrono::steady_clock;

/// Many clients of one server on one thread, everything that they say and hear told to the model. A seat
/// holds one connection at a time.
class Crowd {
 public:
    using Seat = std::uint32_t;
    /// `close` is for good; from the others one can come back.
    enum class Departure : std::uint8_t { close, change, half_close, reset };

    /// `in_time`: whoever is back so soon must be let go on. It is less than the server's presence.grace_ms.
    Crowd(ServerProcess& server, std::size_t seats, std::uint64_t seed, std::chrono::milliseconds in_time);

    std::size_t size() const { return places_.size(); }
    bool is_free(Seat seat) const { return !places_[seat].client; }
    /// Signed in, and not on its way out.
    bool is_ready(Seat seat) const;
    /// Of a seat that is not free.
    const Connection& connection(Seat seat) const { return model_.connection(places_[seat].serial); }

    /// Connects a free seat; when the connection stands it signs in and says `commands` right behind.
    void connect(Seat seat, const std::string& user, std::vector<Command> commands);
    /// The lost connection of a free seat, if it can be gone on with, for its cid or its group.
    const Connection* lost(Seat seat) const;
    /// Like connect(), but asks to go on as the lost connection. The server must grant that if it answers
    /// in time.
    void come_back(Seat seat, std::vector<Command> commands);
    /// Connects a free seat to go on as the connection of `other`, which is ready, belongs to the same user
    /// and from now on says nothing; the server has to close it.
    void take_over(Seat seat, Seat other, std::vector<Command> commands);
    /// Says all of it in one message.
    void say(Seat seat, const std::vector<Command>& commands);
    void depart(Seat seat, Departure how);

    /// Waits until something happens, for at most `timeout`, and deals with all that has. That the server
    /// ends is a std::runtime_error.
    void turn(std::chrono::milliseconds timeout);
    /// Turns until `done`; false when that has not come by `deadline` or the model has found a fault.
    bool turn_until(const std::function<bool()>& done, Clock::time_point deadline);

    /// Is given the answers to the seat's commands until it is called with nothing.
    std::function<void(Seat, const Reply&)> on_reply;
    /// From now on the server may tell that it stops, and end connections with 4000. Turns until it has ended
    /// or `deadline`.
    bool watch_the_end(Clock::time_point deadline);

    std::string token_for(const std::string& user) const;
    ClientTools& tools() { return tools_; }
    const Model& model() const { return model_; }

 private:
    struct Place {
        std::optional<Client> client;
        Serial serial = 0;                    ///< of the last connection, also when it has gone
        Clock::time_point resumable_until{};  ///< at least so long its place is kept, or was for this one
        bool can_come_back = false;
        bool overtaken = false;                        ///< another seat goes on as this one
        std::optional<Seat> overtakes;                 ///< that seat, until this one is signed in
        std::optional<std::vector<Command>> greeting;  ///< to be said once the connection stands
        bool told_to_go = false;                       ///< the server has sent drain
    };

    void connect(Seat seat, Connect words, std::vector<Command> commands);
    bool take_events(std::chrono::milliseconds timeout);
    void on_event(Seat seat, const bench::Poller::Event& event);
    void on_object(Seat seat, std::string_view object);
    void on_end(Seat seat, const Client::End& end);

    ServerProcess& server_;
    std::chrono::milliseconds in_time_;
    auth::Secret secret_;
    ClientTools tools_;
    Model model_;
    std::vector<Place> places_;
    bool server_stops_ = false;
};

}  // namespace pipit::soak
