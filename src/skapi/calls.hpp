#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/codes.hpp"
#include "codec/pipit_v1_client.hpp"
#include "codec/skapi_message.hpp"
#include "skapi/port_writer.hpp"

namespace pipit::skapi {

/// The calls of one conversation.
///
/// For skapi-js a call is whatever two connections say to each other, and it knows one for each connection
/// id; here each of them has a call of pipit.v1 underneath. What the client cannot do by itself is done for
/// it: it takes no answer that it does not wait for, does not see offers cross, and is not told that a call
/// has come to nothing. So the caller's offers win over the other side's, as Pipit's own clients have it, and
/// of two calls in opposite directions the one with the smaller id goes on (PROTOCOL.md 2.11); whose client
/// made the other one is told that that has ended, and is called.
class Calls {
 public:
    /// What is kept of one call until it can be sent, of the data of `signal`s; more ends the call.
    static constexpr std::size_t kKeptSignalsMax = 64;
    static constexpr std::size_t kKeptBytesMax = 64 << 10;

    Calls(std::size_t calls_max, PortWriter& writer) : calls_max_(calls_max), writer_(writer) {}

    void from_client(const codec::skapi::Rtc& rtc);
    /// A reply; true if it has been told to the client, or need not be.
    bool on_reply(const codec::v1::Received& reply);
    /// Calls of the user's own other connections are left to ring elsewhere, since the client takes no
    /// notice of them. `own_user` is JSON.
    void on_ring(const codec::v1::Received& event, std::string_view own_user);
    void on_accepted(const codec::v1::Received& event);
    void on_signal(const codec::v1::Received& event);
    void on_ended(const codec::v1::Received& event);

 private:
    // All strings but `cid` are JSON.
    struct Ring {
        std::string call, user, sdp;
    };
    /// `placing`: the answer to its `call` is outstanding. `dropped`: so it is, and nobody wants it any more.
    enum class State : std::uint8_t { placing, dropped, calling, incoming, talking };
    struct Call {
        std::string cid;  ///< of the other side, as text
        State state = State::placing;
        bool is_caller = true;
        std::string id;
        std::string user;           ///< of the other side; empty: not known yet
        std::uint64_t command = 0;  ///< whose answer is outstanding, `call` or `accept`; 0: none
        std::string sdp;            ///< incoming: the offer
        bool own_offer_is_open = false;
        unsigned peer_offers_open = 0;  ///< that the client has been given and has not answered
        std::vector<std::string> kept = {};
        std::size_t kept_bytes = 0;
        /// The other side calls, too.
        std::optional<Ring> held = {};
    };
    using What = codec::skapi::Rtc::What;

    void offer(const codec::skapi::Rtc& rtc);
    void answer(Call& call, std::string_view sdp);
    void hang_up(Call& call);

    void place(const std::string& cid, std::string_view sdp, std::optional<Ring> held);
    void on_placed(Call& call, const codec::v1::Received& reply);
    void on_accept_refused(Call& call, const codec::v1::Received& reply);
    void present(Call& call, Ring&& ring);
    /// Tells the client that a call is over, and of the one that the other side makes, if it does.
    void close(Call& call);
    /// Lets the other side's call go on.
    void yield(Call& call);
    /// Hangs up at the server; nothing of it is told to the client.
    void leave(const Call& call);
    /// The same for a call that has no id yet: as soon as it has one.
    void drop(Call& call);
    void take_peer_offer(Call& call, std::string_view sdp);

    void signal(Call& call, std::string data);
    void send_kept(Call& call);
    void tell(const Call& call, What what, std::string_view value);
    void refuse(codec::ErrorReason reason);

    Call* find_cid(std::string_view cid);
    Call* find_id(std::string_view id);
    Call* find_command(std::uint64_t id);
    void erase(Call& call);
    std::size_t own_count() const;

    void expect_echo(const std::string& cid);
    bool awaits_echo(std::string_view cid) const;
    bool take_echo(std::string_view cid);

    const std::size_t calls_max_;
    PortWriter& writer_;
    std::vector<Call> calls_;
    /// Whose call the client was told the end of, and has not closed its own connection for yet: its `hungup`
    /// then is no word on what may ring by now. By cid, the oldest first.
    std::vector<std::string> echoes_;
};

}  // namespace pipit::skapi
