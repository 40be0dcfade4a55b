#include "codec/pipit_v1_client.hpp"

#include <string>

#include <gtest/gtest.h>

#include "codec/pipit_v1.hpp"

namespace pipit::codec::v1 {
namespace {

template <class What, class Append, class... Members>
std::pair<std::string, What> sent(Append&& append, Members&&... members) {
    std::string text;
    append(text, 7, std::forward<Members>(members)...);
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    const auto decoded = decode(text, {});
    const auto& command = std::get<Command>(decoded);
    EXPECT_EQ(command.id, 7u);
    auto what = std::get<What>(command.what);
    return {std::move(text), std::move(what)};
}

TEST(PipitV1Client, WritesCommandsThatTheServerUnderstands) {
    EXPECT_EQ(*sent<Connect>(append_connect, "a.\"b\".c").second.token, "a.\"b\".c");
    EXPECT_EQ(sent<Join>(append_join, R"("tea \"room\"")").second.group, "tea \"room\"");
    sent<Leave>(append_leave);
    const auto hangup = sent<Hangup>(append_hangup, R"("c1")").second;
    EXPECT_EQ(hangup.call, "c1");
}

TEST(PipitV1Client, KeepsJsonOfSeveralLinesInOne) {
    const std::string data = "[1,\n\"\\n\"\n]";
    const std::string in_line = R"([1, "\n" ])";
    const auto [post_text, post] =
        sent<Post>(append_post, PostTo::user, R"("u")", data, "{\n\"title\":\"T\",\"body\":\"B\"\n}");
    EXPECT_EQ(post.data, in_line);
    EXPECT_EQ(post.to.kind, Recipient::Kind::user);
    EXPECT_EQ(post.to.name, "u");
    ASSERT_TRUE(post.notification);
    EXPECT_EQ(post.notification->payload, R"({"title":"T","body":"B"})");
    const auto [group_text, to_group] = sent<Post>(append_post, PostTo::group, R"("g")", "null", "");
    EXPECT_EQ(to_group.to.kind, Recipient::Kind::group);
    EXPECT_FALSE(to_group.notification);
    const auto [call_text, call] = sent<Call>(append_call, R"("cid:AAAAAAAAAAAAAAAA")", data);
    EXPECT_EQ(call.to.kind, Recipient::Kind::cid);
    EXPECT_EQ(call.data, in_line);
    const auto [accept_text, accept] = sent<Accept>(append_accept, R"("c1")", data);
    EXPECT_EQ(accept.data, in_line);
    const auto [signal_text, signal] = sent<Signal>(append_signal, R"("c1")", data);
    EXPECT_EQ(signal.call, "c1");
    EXPECT_EQ(signal.data, in_line);
}

TEST(PipitV1Client, ReadsReplies) {
    std::string text;
    append_error(text, 9, ErrorReason::not_in_call, "\"Over\".");
    const Received refused = read_received(text);
    EXPECT_EQ(refused.id, 9u);
    EXPECT_EQ(refused.ok, "");
    const ReceivedContent error = read_content(refused.error);
    EXPECT_EQ(error.code, R"("INVALID_REQUEST")");
    EXPECT_EQ(error.reason, R"("not_in_call")");
    EXPECT_EQ(error.message, R"("\"Over\".")");

    text.clear();
    append_calling(text, 10, "c1", 2, 30'000);
    const Received placed = read_received(text);
    EXPECT_EQ(placed.id, 10u);
    EXPECT_EQ(placed.error, "");
    EXPECT_EQ(read_content(placed.ok).call, R"("c1")");
}

TEST(PipitV1Client, ReadsEvents) {
    std::string text;
    append_message(text, "tea room", 3, {"u", "cid:AAAAAAAAAAAAAAAA"}, R"({"ev":"no","id":1})");
    const Received message = read_received(text);
    EXPECT_EQ(message.id, std::nullopt);
    EXPECT_EQ(message.event, "message");
    EXPECT_EQ(message.group, R"("tea room")");
    EXPECT_EQ(message.user, R"("u")");
    EXPECT_EQ(message.cid, R"("cid:AAAAAAAAAAAAAAAA")");
    EXPECT_EQ(message.data, R"({"ev":"no","id":1})");
    text.clear();
    append_ended_event(text, "c1", CallEnd::busy);
    EXPECT_EQ(read_received(text).call, R"("c1")");
}

}  // namespace
}  // namespace pipit::codec::v1
