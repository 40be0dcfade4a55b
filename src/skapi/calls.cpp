#include "skapi/calls.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "codec/json_members.hpp"

namespace pipit::skapi {

namespace v1 = codec::v1;
namespace wire = codec::skapi;
using codec::ErrorReason;
using codec::JsonKind;

namespace {

std::string json_of(std::string_view text) {
    std::string json;
    codec::append_json_string(json, text);
    return json;
}

std::string description_json(bool is_offer, std::string_view sdp) {
    return fmt::format(R"({{"type":"{}","sdp":{}}})", is_offer ? "offer" : "answer", sdp);
}
/// What Pipit's clients put into `signal`, and into `call` and `accept` (PROTOCOL.md 2.11).
std::string signal_data(bool is_offer, std::string_view sdp) {
    return fmt::format(R"({{"description":{}}})", description_json(is_offer, sdp));
}
std::string opening_data(bool is_offer, std::string_view sdp) {
    return fmt::format(R"({{"description":{},"channels":[],"in_band":true}})",
                       description_json(is_offer, sdp));
}

/// Of the data of another client, which may be anything.
struct PeerData {
    wire::Description description;
    std::string_view candidate;  ///< an object; empty: none
};
PeerData read_data(std::string_view data) {
    const auto [description, candidate] =
        codec::find_members(data, codec::kJsonDepthLimit, {"description", "candidate"});
    PeerData read;
    if (description) read.description = wire::read_description(description->value);
    if (candidate && candidate->kind == JsonKind::object) read.candidate = candidate->value;
    return read;
}

}  // namespace

// What the client says

void Calls::from_client(const wire::Rtc& rtc) {
    if (rtc.what == What::offer) return offer(rtc);
    if (rtc.what == What::hungup && take_echo(rtc.cid)) return;
    Call* call = find_cid(rtc.cid);
    // Of a call that is over, which the client did not know yet.
    if (call == nullptr) return;
    switch (rtc.what) {
        case What::answer:
            return answer(*call, rtc.value);
        case What::candidate:
            // Before the echo they are those of the call before.
            if (!awaits_echo(rtc.cid)) signal(*call, fmt::format(R"({{"candidate":{}}})", rtc.value));
            return;
        case What::hungup:
            return hang_up(*call);
        case What::offer:
        case What::pickup:  // comes behind the answer, and that has said it
            return;
    }
}

void Calls::offer(const wire::Rtc& rtc) {
    take_echo(rtc.cid);
    Call* call = find_cid(rtc.cid);
    if (call == nullptr) return place(rtc.cid, rtc.value, std::nullopt);
    if (call->state == State::incoming) {
        Ring ring{std::move(call->id), std::move(call->user), std::move(call->sdp)};
        erase(*call);
        return place(rtc.cid, rtc.value, std::move(ring));
    }
    // The client takes this back as soon as it sees the other side's, and makes it anew after its answer.
    if (call->peer_offers_open > 0) return;
    call->own_offer_is_open = true;
    signal(*call, signal_data(true, rtc.value));
}

void Calls::answer(Call& call, std::string_view sdp) {
    take_echo(call.cid);
    if (call.peer_offers_open == 0) return;
    --call.peer_offers_open;
    if (call.state == State::incoming) {
        call.state = State::talking;
        call.sdp.clear();
        call.command = writer_.command(v1::append_accept, call.id, opening_data(false, sdp));
        send_kept(call);
    } else {
        signal(call, signal_data(false, sdp));
    }
}

void Calls::hang_up(Call& call) {
    if (call.held) writer_.command(v1::append_hangup, call.held->call);
    if (call.state == State::placing) return drop(call);
    leave(call);
    // The client says so by itself as soon as the other side's channels close, too, and may be faster than
    // the other side's own word, which is then for nobody. Applications wait for it.
    if (call.state == State::talking) tell(call, What::hungup, call.user);
    erase(call);
}

// Calling

void Calls::place(const std::string& cid, std::string_view sdp, std::optional<Ring> held) {
    Call& call = calls_.emplace_back();
    call.cid = cid;
    call.own_offer_is_open = true;
    if (held) call.user = held->user;
    call.held = std::move(held);
    if (own_count() > calls_max_) {
        refuse(ErrorReason::too_many_calls);
        return close(call);
    }
    call.command = writer_.command(v1::append_call, json_of(cid), opening_data(true, sdp));
}

bool Calls::on_reply(const v1::Received& reply) {
    Call* call = find_command(*reply.id);
    if (call == nullptr) {
        // The client has said something more of a call that was over already, and learns that by itself.
        return v1::read_content(reply.error).reason == R"("not_in_call")";
    }
    call->command = 0;
    if (call->state == State::placing || call->state == State::dropped) {
        on_placed(*call, reply);
    } else if (!reply.error.empty()) {
        on_accept_refused(*call, reply);
    }
    return true;
}

void Calls::on_placed(Call& call, const v1::Received& reply) {
    const bool is_wanted = call.state == State::placing;
    if (!reply.error.empty()) {
        if (!is_wanted) return erase(call);
        writer_.refusal(reply);
        return close(call);
    }
    call.id = v1::read_content(reply.ok).call;
    if (!is_wanted) {
        leave(call);
        return erase(call);
    }
    call.state = State::calling;
    if (call.held && call.held->call < call.id) return yield(call);
    send_kept(call);
}

void Calls::on_accepted(const v1::Received& event) {
    Call* call = find_id(event.call);
    if (call == nullptr || call->state != State::calling) return;
    call->user = event.user;
    const wire::Description description = read_data(event.data).description;
    if (description.sdp.empty() || description.is_offer) {
        // There is nothing that the client could go on with.
        leave(*call);
        return close(*call);
    }
    call->state = State::talking;
    call->own_offer_is_open = false;
    tell(*call, What::answer, description_json(false, description.sdp));
    tell(*call, What::pickup, call->user);
}

void Calls::yield(Call& call) {
    leave(call);
    close(call);
}

// Being called

void Calls::on_ring(const v1::Received& event, std::string_view own_user) {
    const wire::Description description = read_data(event.data).description;
    if (event.user == own_user || !description.is_offer) return;
    std::string cid =
        codec::unescape_json_string(event.cid.substr(1, event.cid.size() - 2)).value_or(std::string());
    Ring ring{std::string(event.call), std::string(event.user), std::string(description.sdp)};
    Call* call = find_cid(cid);
    if (call == nullptr) {
        call = &calls_.emplace_back();
        call->cid = std::move(cid);
        return present(*call, std::move(ring));
    }
    // The client would take it for a part of the call that it knows.
    if (call->held) return;
    call->held = std::move(ring);
    if (call->state == State::calling && call->held->call < call->id) yield(*call);
}

void Calls::present(Call& call, Ring&& ring) {
    Call incoming;
    incoming.cid = std::move(call.cid);
    incoming.state = State::incoming;
    incoming.is_caller = false;
    incoming.id = std::move(ring.call);
    incoming.user = std::move(ring.user);
    incoming.sdp = std::move(ring.sdp);
    incoming.peer_offers_open = 1;
    call = std::move(incoming);
    tell(call, What::offer, description_json(true, call.sdp));
}

void Calls::on_accept_refused(Call& call, const v1::Received& reply) {
    if (v1::read_content(reply.error).reason != R"("not_in_call")") {
        writer_.refusal(reply);
        leave(call);
    }
    close(call);
}

// Talking

void Calls::on_signal(const v1::Received& event) {
    Call* call = find_id(event.call);
    if (call == nullptr || call->state != State::talking) return;
    const auto [description, candidate] = read_data(event.data);
    if (!candidate.empty()) tell(*call, What::candidate, candidate);
    if (description.sdp.empty()) return;
    if (description.is_offer) {
        take_peer_offer(*call, description.sdp);
    } else if (std::exchange(call->own_offer_is_open, false)) {
        // The client fails at an answer that it does not wait for.
        tell(*call, What::answer, description_json(false, description.sdp));
    }
}

void Calls::take_peer_offer(Call& call, std::string_view sdp) {
    // Offers have crossed. The client would give way like the other side, which sees that it is called.
    if (call.own_offer_is_open && call.is_caller) return;
    call.own_offer_is_open = false;
    ++call.peer_offers_open;
    tell(call, What::offer, description_json(true, sdp));
}

void Calls::signal(Call& call, std::string data) {
    if (call.state == State::calling || call.state == State::talking) {
        writer_.command(v1::append_signal, call.id, data);
        return;
    }
    call.kept_bytes += data.size();
    call.kept.push_back(std::move(data));
    if (call.kept.size() <= kKeptSignalsMax && call.kept_bytes <= kKeptBytesMax) return;
    refuse(ErrorReason::too_many_signals);
    if (call.state == State::incoming) {
        leave(call);
        return close(call);
    }
    // The answer to the `call` is still to come.
    const auto place = static_cast<std::size_t>(&call - calls_.data());
    calls_.push_back(call);
    drop(calls_[place]);
    close(calls_.back());
}

void Calls::send_kept(Call& call) {
    for (const std::string& data : std::exchange(call.kept, {}))
        writer_.command(v1::append_signal, call.id, data);
    call.kept_bytes = 0;
}

// Ending

void Calls::on_ended(const v1::Received& event) {
    for (Call& call : calls_) {
        if (call.held && call.held->call == event.call) {
            call.held.reset();
            return;
        }
    }
    if (Call* call = find_id(event.call)) close(*call);
}

void Calls::close(Call& call) {
    tell(call, What::hungup, call.user.empty() ? json_of(call.cid) : call.user);
    // The client closes its connection for the call, if it has one, and says so.
    const bool has_connection = call.state != State::incoming || !call.kept.empty();
    if (has_connection) expect_echo(call.cid);
    if (call.held) {
        Ring ring = std::move(*call.held);
        present(call, std::move(ring));
    } else {
        erase(call);
    }
}

void Calls::drop(Call& call) {
    const std::uint64_t command = call.command;
    call = Call();
    call.state = State::dropped;
    call.command = command;
}

void Calls::leave(const Call& call) {
    writer_.command(v1::append_hangup, call.id);
}

// The client

void Calls::tell(const Call& call, What what, std::string_view value) {
    writer_.frame(wire::append_rtc, what, value, wire::Sender{call.user, json_of(call.cid)});
}

void Calls::refuse(ErrorReason reason) {
    const codec::ErrorInfo& info = codec::info(reason);
    writer_.frame(wire::append_error, fmt::format("{}: {}", info.code, info.message));
}

void Calls::expect_echo(const std::string& cid) {
    if (awaits_echo(cid)) return;
    if (echoes_.size() >= 2 * calls_max_) echoes_.erase(echoes_.begin());
    echoes_.push_back(cid);
}

bool Calls::awaits_echo(std::string_view cid) const {
    return std::ranges::find(echoes_, cid) != echoes_.end();
}

bool Calls::take_echo(std::string_view cid) {
    return std::erase(echoes_, cid) > 0;
}

// All calls

Calls::Call* Calls::find_cid(std::string_view cid) {
    const auto found = std::ranges::find(calls_, cid, &Call::cid);
    return found == calls_.end() ? nullptr : &*found;
}

Calls::Call* Calls::find_id(std::string_view id) {
    if (id.empty()) return nullptr;  // as that of a call that is not placed yet is
    const auto found = std::ranges::find(calls_, id, &Call::id);
    return found == calls_.end() ? nullptr : &*found;
}

Calls::Call* Calls::find_command(std::uint64_t id) {
    const auto found = std::ranges::find(calls_, id, &Call::command);
    return found == calls_.end() ? nullptr : &*found;
}

void Calls::erase(Call& call) {
    calls_.erase(calls_.begin() + (&call - calls_.data()));
}

std::size_t Calls::own_count() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(calls_, [](const Call& call) { return call.state != State::incoming; }));
}

}  // namespace pipit::skapi
