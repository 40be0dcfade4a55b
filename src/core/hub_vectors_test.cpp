// How the golden commands that are wrong are refused. What is understood and written:
// codec/pipit_v1_vectors_test.cpp.

#include "codec/testing/golden_vectors.hpp"
#include "core/testing/hub_test_fixture.hpp"

namespace pipit::core {
namespace {

using codec::golden_vectors;
using codec::text_of;

class HubVectorsTest : public HubTest {
 protected:
    /// A connection in the state in which `text` is no surprise.
    Peer& right_peer_for(const std::string& text) {
        return text.find(R"("op":"connect")") != std::string::npos ? open() : sign_in_to("tea room", "ann");
    }
};

TEST_F(HubVectorsTest, RefusesEveryWrongCommandAsTheVectorsSay) {
    settings_.connections_per_user_max = 1000;
    std::size_t refused = 0;
    for (const boost::json::value& vector : golden_vectors("commands")) {
        const boost::json::value* wanted = vector.as_object().if_contains("refused");
        if (wanted == nullptr) continue;
        ++refused;
        SCOPED_TRACE(text_of(vector.as_object(), "name"));
        Peer& peer = right_peer_for(text_of(vector.as_object(), "text"));
        say(peer, text_of(vector.as_object(), "text"));
        const auto replies = peer.client.take_objects();
        if (const boost::json::value* code = wanted->as_object().if_contains("close")) {
            ASSERT_TRUE(peer.closing);
            EXPECT_EQ(static_cast<int>(peer.closing->reason), *code);
            EXPECT_TRUE(replies.empty());
        } else {
            EXPECT_FALSE(peer.closing);
            ASSERT_EQ(replies.size(), 1u);
            EXPECT_EQ(replies[0].at("id"), wanted->at("id"));
            EXPECT_EQ(replies[0].at("error").at("reason"), wanted->at("reason"));
        }
        lose(peer);
    }
    EXPECT_GT(refused, 0u);
}

TEST_F(HubVectorsTest, RefusesNoCommandThatIsRight) {
    settings_.push = true;
    settings_.connections_per_user_max = 1000;
    for (const boost::json::value& vector : golden_vectors("commands")) {
        if (!vector.as_object().contains("expect")) continue;
        // A cursor and a ticket are right only in the hands of who made them.
        const auto& expect = vector.at("expect").as_object();
        if (expect.contains("startKey") || expect.contains("ticket")) continue;
        Peer& peer = right_peer_for(text_of(vector.as_object(), "text"));
        say(peer, text_of(vector.as_object(), "text"));
        EXPECT_TRUE(!peer.closing || peer.close_reason() == codec::CloseReason::token_refused)
            << vector.at("name");
        for (const std::string& text : peer.texts()) {
            EXPECT_EQ(text.find("invalid_parameter"), std::string::npos) << vector.at("name") << text;
            EXPECT_EQ(text.find("unknown_command"), std::string::npos) << vector.at("name") << text;
        }
        lose(peer);
    }
}

}  // namespace
}  // namespace pipit::core
