#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {

/// A hub whose group "ledger" is kept on disk, by a test that says what has become of it.
class HubDurableTest : public HubTest {
 protected:
    HubDurableTest() {
        settings_.history.is_durable = [](std::string_view group) { return group == "ledger"; };
    }

    // What is wanted of whoever keeps histories.
    std::vector<HistoryCommand> asked() {
        for (const HistoryCommand& command : hub().effects().history) {
            if (const auto* open = std::get_if<OpenLog>(&command)) last_opening_ = open->number;
        }
        return std::exchange(hub().effects().history, {});
    }
    template <class Command>
    Command only_asked() {
        std::vector<HistoryCommand> commands = asked();
        if (commands.size() != 1 || !std::holds_alternative<Command>(commands[0])) {
            ADD_FAILURE() << commands.size() << " commands, or another one";
            return Command{};
        }
        return std::get<Command>(std::move(commands[0]));
    }
    void answer(ShardMessage message) {
        turn([&] { hub().handle(std::move(message)); });
    }
    /// The answer to the last OpenLog that asked() has seen.
    void opened(LogOpened how) {
        how.group = kLedger;
        if (how.number == 0) how.number = last_opening_;
        answer(std::move(how));
    }
    void written(std::uint64_t count, std::uint64_t offset) {
        answer(LogAppended{.group = kLedger, .count = count, .offset = offset});
    }
    void not_written(LogTrouble trouble, std::uint64_t count = 1) {
        answer(LogAppended{.group = kLedger, .count = count, .trouble = trouble});
    }
    static LoggedRecord message(std::uint64_t offset, std::string data, std::uint64_t age_ms = 0) {
        return {offset, age_ms, {.kind = LogRecord::Kind::message, .user = kEve, .data = std::move(data)}};
    }

    /// A member of the ledger, whose log was opened empty, and whose notice is written.
    Peer& first_member(const std::string& user) {
        Peer& peer = sign_in(user);
        say(peer, kJoin);
        only_asked<OpenLog>();
        opened({.epoch = "e"});
        only_asked<AppendToLog>();
        written(1, 1);
        peer.texts();
        return peer;
    }
    static std::string post(const std::string& data, const std::string& key = {}) {
        const std::string with_key = key.empty() ? "" : R"(,"key":")" + key + "\"";
        return R"({"id":3,"op":"post","to":"ledger","data":)" + data + with_key + "}";
    }
    static std::string join_since(const std::string& epoch, std::uint64_t offset) {
        return R"({"id":2,"op":"join","group":"ledger","since":{"epoch":")" + epoch + R"(","offset":)" +
               std::to_string(offset) + "}}";
    }
    static std::string joined(const std::string& position) {
        return R"({"id":2,"ok":{"group":"ledger","message":"Joined realtime message group: \"ledger\".",)" +
               position + "}}";
    }
    static std::string join_refused(ErrorReason reason) {
        std::string json;
        codec::v1::append_join_refused(json, 2, reason);
        return json;
    }
    static constexpr const char* kJoin = R"({"id":2,"op":"join","group":"ledger"})";
    static constexpr const char* kPlaced = R"({"id":3,"ok":{"epoch":"e","offset":2}})";
    std::uint64_t last_opening_ = 0;
    static inline const GroupName kLedger = std::make_shared<const std::string>("ledger");
    static inline const UserId kEve = std::make_shared<const std::string>("eve");
};

}  // namespace pipit::core
