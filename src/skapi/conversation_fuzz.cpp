// No text of a client means more to the server than it should, and the client is sent nothing that it cannot
// decode. The input is a script: what the client says, and what the hub says to that.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_scan.hpp"
#include "codec/pipit_v1.hpp"
#include "codec/skapi_message.hpp"
#include "codec/utf8.hpp"
#include "skapi/calls.hpp"

namespace {

using namespace pipit;
namespace v1 = codec::v1;
namespace wire = codec::skapi;

void require(bool holds) {
    if (!holds) std::abort();
}

constexpr std::size_t kCallsMax = 3;
constexpr std::array<std::string_view, 3> kCids{"cid:AAAAAAAAAAAAAAAA", "cid:BBBBBBBBBBBBBBBB",
                                                "cid:CCCCCCCCCCCCCCCC"};

class Port final : public skapi::Conversation::Port {
 public:
    void command(std::string_view json) override {
        require(json.find('\n') == std::string_view::npos);
        const auto decoded = v1::decode(json, limits_);
        const auto* command = std::get_if<v1::Command>(&decoded);
        require(command != nullptr && command->id == ++last_id_);
        ops.push_back(op_of(json));
        data.emplace_back();
        if (const auto* post = std::get_if<v1::Post>(&command->what)) data.back() = post->data;
        if (ops.back() == "call" || ops.back() == "accept") unanswered.push_back(command->id);
    }
    void frame(std::string_view json) override {
        require(codec::is_valid_utf8(json));
        require(json.find('%') == std::string_view::npos);
        std::string first;
        const auto verdict =
            codec::scan_object(json, codec::kJsonDepthLimit, [&](const codec::JsonMember& member) {
                if (first.empty()) first = member.key;
            });
        require(static_cast<bool>(verdict));
        constexpr std::array<std::string_view, 5> kinds{"#message", "#private", "#notice", "#rtc", "#error"};
        require(std::ranges::find(kinds, first) != kinds.end());
        last_frame = json;
    }
    void ping() override {}

    std::vector<std::string> ops, data;  ///< of the commands that one text was made into
    std::deque<std::uint64_t> unanswered;
    std::string last_frame;

 private:
    static std::string op_of(std::string_view json) {
        std::string op;
        codec::scan_object(json, codec::kJsonDepthLimit, [&](const codec::JsonMember& member) {
            if (member.key == "op") op = member.string_content();
        });
        return op;
    }

    const v1::DecodeLimits limits_ = {};
    std::uint64_t last_id_ = 0;
};

class Script {
 public:
    Script() : conversation_({.json_depth_max = 64, .calls_max = kCallsMax}, port_) {
        conversation_.start("a.b.c");
        say([](std::string& out) {
            v1::append_welcome(out, 1,
                               {"own-user", "cid:OOOOOOOOOOOOOOOO", false, "s", 1, 1, 1, 1, 1, 1, 1, 1, {}});
        });
        port_.ops.clear();
    }

    void step(std::uint8_t kind, std::string_view text) {
        switch (kind % 8) {
            default:
                return client_says(text);
            case 3:
                return answer_next(!text.empty());
            case 4:
                return ring(text);
            case 5:
                return say_of_call(text, [](std::string& out, std::string_view call, std::string_view data) {
                    v1::append_accepted_event(out, call, {"peer", kCids[0]}, "t", data);
                });
            case 6:
                return say_of_call(text, [](std::string& out, std::string_view call, std::string_view data) {
                    v1::append_signal_event(out, call, data);
                });
            case 7:
                end_or_deliver(text);
        }
    }

 private:
    static bool is_json(std::string_view text) {
        return codec::is_valid_utf8(text) && codec::validate_json(text, 60);
    }
    template <class Append>
    void say(Append&& append) {
        std::string object;
        append(object);
        conversation_.from_server(object);
    }

    void client_says(std::string_view text) {
        if (!codec::is_valid_utf8(text)) return;
        port_.ops.clear();
        port_.data.clear();
        conversation_.from_client(text);
        const std::vector<std::string>& ops = port_.ops;
        const auto message = wire::decode(text, 64);
        if (const auto* join = std::get_if<wire::JoinRoom>(&message)) {
            require(ops == std::vector<std::string>{join->group.empty() ? "leave" : "join"});
        } else if (const auto* send = std::get_if<wire::Send>(&message)) {
            require(ops == std::vector<std::string>{"post"});
            std::string content(send->content);
            std::replace(content.begin(), content.end(), '\n', ' ');
            // Where the name of the recipient is none, the hub refuses the post.
            require(port_.data[0] == content || port_.data[0].empty());
        } else if (const auto* rtc = std::get_if<wire::Rtc>(&message)) {
            require(ops.size() <= skapi::Calls::kKeptSignalsMax + 2);
            require(std::ranges::all_of(ops, [](const std::string& op) {
                return op == "call" || op == "accept" || op == "signal" || op == "hangup";
            }));
            require(std::ranges::count(ops, "call") + std::ranges::count(ops, "accept") <= 1);
            require(rtc->what != wire::Rtc::What::pickup || ops.empty());
        } else {
            require(ops.empty());
        }
    }

    void answer_next(bool well) {
        if (port_.unanswered.empty()) return;
        const std::uint64_t id = port_.unanswered.front();
        port_.unanswered.pop_front();
        const std::string call = next_call();
        say([&](std::string& out) {
            if (well) {
                v1::append_calling(out, id, call, 1, 30'000);
            } else {
                v1::append_error(out, id, codec::ErrorReason::not_in_call);
            }
        });
    }
    void ring(std::string_view text) {
        if (text.empty()) return;
        const std::string_view cid = kCids[static_cast<std::uint8_t>(text[0]) % kCids.size()];
        text.remove_prefix(1);
        const std::string_view data =
            is_json(text) ? text : std::string_view(R"({"description":{"type":"offer","sdp":"o"}})");
        const std::string call = next_call();
        say([&](std::string& out) { v1::append_ring_event(out, call, {"peer", cid}, 1, data); });
    }
    /// Newer ones have the larger ids or the smaller ones, by turns.
    std::string next_call() {
        const std::size_t number = calls_.size();
        calls_.push_back((number % 2 == 0 ? "m" : "c") + std::to_string(1'000 + number));
        return calls_.back();
    }
    template <class Append>
    void say_of_call(std::string_view text, Append&& append) {
        if (calls_.empty() || text.empty()) return;
        const std::string& call = calls_[static_cast<std::uint8_t>(text[0]) % calls_.size()];
        text.remove_prefix(1);
        const std::string_view data =
            is_json(text) ? text : std::string_view(R"({"description":{"type":"answer","sdp":"a"}})");
        say([&](std::string& out) { append(out, call, data); });
    }
    void end_or_deliver(std::string_view text) {
        if (!is_json(text)) {
            return say_of_call(text, [](std::string& out, std::string_view call, std::string_view) {
                v1::append_ended_event(out, call, v1::CallEnd::hung_up);
            });
        }
        say([&](std::string& out) { v1::append_message(out, "g", 1, {"u", kCids[0]}, text); });
        // Nothing but the escapes of percent signs was changed.
        std::string expected;
        for (const char c : text)
            expected += c == '%' ? std::string("\\u0025") : std::string(1, c);
        require(port_.last_frame.starts_with("{\"#message\":" + expected + ",\"#user_id\":\"u\""));
    }

    Port port_;
    skapi::Conversation conversation_;
    std::vector<std::string> calls_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view script(reinterpret_cast<const char*>(data), size);
    Script play;
    // Steps end with a byte that no UTF-8 has.
    for (int i = 0; i < 200 && !script.empty(); ++i) {
        const std::string_view step = script.substr(0, script.find('\xff'));
        script.remove_prefix(std::min(script.size(), step.size() + 1));
        if (!step.empty()) play.step(static_cast<std::uint8_t>(step[0]), step.substr(1));
    }
    return 0;
}
