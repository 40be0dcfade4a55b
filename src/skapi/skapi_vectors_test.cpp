// What the adapter understands and says, against the messages that protocol/vectors/skapi.json has.

#include <map>

#include "codec/skapi_call.hpp"
#include "codec/testing/golden_vectors.hpp"
#include "skapi/testing/conversation_fixture.hpp"

namespace pipit::skapi {
namespace {

using codec::golden_vectors;
using codec::text_of;
namespace json = boost::json;

constexpr std::string_view kService = "us31abcd1234";

class SkapiVectors : public ConversationTest {};

TEST_F(SkapiVectors, ClientsAreUnderstood) {
    for (const json::value& value : golden_vectors("client")) {
        const json::object& vector = value.as_object();
        SCOPED_TRACE(text_of(vector, "name"));
        RecordingPort port;
        Conversation conversation({}, port);
        conversation.start("native.token.here");
        port.take_commands();
        conversation.from_client(text_of(vector, "text"));
        std::vector<std::string> commands, frames;
        if (vector.contains("refused")) {
            frames.push_back(text_of(vector, "refused"));
        } else {
            commands = json::value_to<std::vector<std::string>>(vector.at("commands"));
        }
        EXPECT_EQ(port.take_commands(), commands);
        EXPECT_EQ(port.take_frames(), frames);
    }
}

TEST_F(SkapiVectors, ClientsAreToldWhatTheyUnderstand) {
    sign_in();
    for (const json::value& value : golden_vectors("server")) {
        const json::object& vector = value.as_object();
        SCOPED_TRACE(text_of(vector, "name"));
        std::vector<std::string> frames;
        if (!vector.at("frame").is_null()) frames.push_back(text_of(vector, "frame"));
        EXPECT_EQ(server_says(text_of(vector, "text")), frames);
    }
}

TEST_F(SkapiVectors, CallsAreUnderstood) {
    using namespace codec::skapi;
    for (const json::value& value : golden_vectors("calls")) {
        const json::object& vector = value.as_object();
        SCOPED_TRACE(text_of(vector, "name"));
        const auto call = call_from_name(text_of(vector, "call"));
        ASSERT_TRUE(call);
        const auto read = read_call(*call, text_of(vector, "body"), kService, 64);
        if (vector.contains("refused")) {
            EXPECT_EQ(std::get<BadCall>(read).json, text_of(vector, "refused"));
        } else if (vector.contains("answer")) {
            EXPECT_EQ(std::get<Direct>(read).json, text_of(vector, "answer"));
        } else {
            EXPECT_EQ(std::get<Question>(read).command, text_of(vector, "command"));
        }
    }
}

TEST_F(SkapiVectors, CallsAreAnswered) {
    using codec::skapi::AnswerForm;
    const std::map<std::string, AnswerForm> forms{{"groups", AnswerForm::groups},
                                                  {"users", AnswerForm::users},
                                                  {"vapid_key", AnswerForm::vapid_key},
                                                  {"done", AnswerForm::done}};
    for (const json::value& value : golden_vectors("answers")) {
        const json::object& vector = value.as_object();
        SCOPED_TRACE(text_of(vector, "name"));
        EXPECT_EQ(
            codec::skapi::answer_json(forms.at(text_of(vector, "form")), kService, text_of(vector, "ok")),
            text_of(vector, "answer"));
    }
}

}  // namespace
}  // namespace pipit::skapi
