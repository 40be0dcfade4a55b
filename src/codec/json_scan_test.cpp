#include "codec/json_scan.hpp"

#include <gmock/gmock.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pipit::codec {
namespace {

using namespace std::literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Outcome = JsonVerdict::Outcome;

constexpr unsigned kDepthMax = 32;

std::string nested(char open, char close, std::size_t depth) {
    return std::string(depth, open) + std::string(depth, close);
}

TEST(Json, RefusesWhatIsNotAValue) {
    for (const std::string_view text :
         {""sv,           " "sv,        "\n"sv,  ","sv,       ":"sv,
          "]"sv,          "}"sv,        "x"sv,   "'a'"sv,     "undefined"sv,
          "NaN"sv,        "Infinity"sv, "\0"sv,  "1\0"sv,     "\xef\xbb\xbf{}"sv,
          "\xc2\xa0{}"sv, "\f1"sv,      "\v1"sv, "// c\n1"sv, "/**/1"sv,
          "1 2"sv,        "{}{}"sv,     "[]]"sv, "\"a\" x"sv}) {
        EXPECT_FALSE(validate_json(text, kDepthMax)) << testing::PrintToString(text);
    }
}

TEST(Json, RefusesLiteralsThatAreCutOrMisspelt) {
    for (const char* text :
         {"t", "tru", "truth", "True", "TRUE", "f", "fals", "n", "nul", "nil", "nullx", "[truefalse]"}) {
        EXPECT_FALSE(validate_json(text, kDepthMax)) << text;
    }
}

TEST(Json, RefusesNumbersOutsideTheGrammar) {
    for (const char* text :
         {"-",   "+1",  "01",    "-01",       "00",  "1.",    ".5",   "-.5", "1.e1",   "1e",
          "1e+", "1E-", "1ee1",  "1e1.5",     "0x1", "1_0",   "--1",  "- 1", "1-",     "1+1",
          "-a",  "1a",  "1.2.3", "-Infinity", "0e",  "1.0e+", "[1.]", "[-]", "[2.e3]", "1 .5"}) {
        EXPECT_FALSE(validate_json(text, kDepthMax)) << text;
    }
}

TEST(Json, RefusesStringsThatAreOpenOrWronglyEscaped) {
    for (const std::string_view text :
         {"\""sv, "\"a"sv, "\"\\"sv, "\"\\\""sv, "\"\\u"sv, "\"\\u00\""sv, "\"\\u00g0\""sv, "\"\\U0041\""sv,
          "\"\\x41\""sv, "\"\\a\""sv, "\"\\'\""sv, "\"\\0\""sv, "\"\\ \""sv, "\"\\u 041\""sv, "\"\\u+041\""sv,
          "\"\\\n\""sv}) {
        EXPECT_FALSE(validate_json(text, kDepthMax)) << testing::PrintToString(text);
    }
}

TEST(Json, RefusesEveryRawControlCharacterAtEveryPlaceOfAString) {
    for (int control = 0; control < 0x20; ++control) {
        for (std::size_t place = 0; place < 20; ++place) {
            std::string text(20, 'a');
            text[place] = static_cast<char>(control);
            const JsonVerdict verdict = validate_json('"' + text + '"', kDepthMax);
            EXPECT_EQ(verdict.outcome, Outcome::malformed);
            EXPECT_EQ(verdict.position, place + 1);
        }
    }
    EXPECT_TRUE(validate_json("\"\x7f\xc2\x80\xf0\x9f\x98\x80\xef\xbf\xbf\"", kDepthMax));
}

TEST(Json, RefusesBrokenArrays) {
    for (const char* text : {"[", "[1", "[1,", "[,1]", "[1,]", "[1,,2]", "[1 2]", "[1:2]", "[\"a\"", "[}",
                             "[1}", "[[]", "[,]", "[\"a\",\n4\n,1,"}) {
        EXPECT_FALSE(validate_json(text, kDepthMax)) << text;
    }
}

TEST(Json, RefusesBrokenObjects) {
    for (const char* text : {"{",
                             "{]",
                             "{,}",
                             "{\"a\"",
                             "{\"a\"}",
                             "{\"a\":",
                             "{\"a\":}",
                             "{\"a\" 1}",
                             "{\"a\"::1}",
                             "{\"a\",1}",
                             "{\"a\":1",
                             "{\"a\":1,",
                             "{\"a\":1,}",
                             "{\"a\":1,,\"b\":2}",
                             "{,\"a\":1}",
                             "{a:1}",
                             "{'a':1}",
                             "{1:1}",
                             "{null:1}",
                             "{[]:1}",
                             "{\"a\":1 \"b\":2}",
                             "{\"a\":1]",
                             "{\"a\":1/**/}",
                             "{\"a\":{\"b\":1}"}) {
        EXPECT_FALSE(validate_json(text, kDepthMax)) << text;
    }
}

TEST(Json, RefusesWhatIsNestedTooDeep) {
    for (const unsigned depth_max : {1u, 2u, 100u, kJsonDepthLimit}) {
        EXPECT_TRUE(validate_json(nested('[', ']', depth_max), depth_max));
        const JsonVerdict verdict = validate_json(nested('[', ']', depth_max + 1), depth_max);
        EXPECT_EQ(verdict.outcome, Outcome::too_deep);
        EXPECT_EQ(verdict.position, depth_max);
    }
    EXPECT_EQ(validate_json("{\"a\":[{}]}", 2).outcome, Outcome::too_deep);
    EXPECT_EQ(validate_json("{}", 0).outcome, Outcome::too_deep);
    EXPECT_TRUE(validate_json("1", 0));
    EXPECT_TRUE(validate_json("[[],[],{\"a\":[]},[]]", 3));
    EXPECT_EQ(validate_json(std::string(100'000, '['), kJsonDepthLimit).outcome, Outcome::too_deep);
}

TEST(Json, SaysWhereAndWhy) {
    const struct {
        const char* text;
        std::size_t position;
        const char* reason;
    } cases[] = {
        {"", 0, "expected a value"},
        {"[1,]", 3, "expected a value"},
        {"[1 2]", 3, "expected a comma or the end of the array"},
        {"{\"a\":01}", 6, "expected a comma or the end of the object"},
        {"{\"a\" 1}", 5, "expected a colon"},
        {"{\"a\":1,}", 7, "expected a key"},
        {"\"abc", 4, "string without an end"},
        {"\"a\\q\"", 3, "unknown escape"},
        {"\"\\u12x4\"", 5, "expected four hexadecimal digits"},
        {"-x", 1, "expected a digit"},
        {"trux", 3, "expected true, false or null"},
        {"1 x", 2, "expected the end"},
    };
    for (const auto& [text, position, reason] : cases) {
        const JsonVerdict verdict = validate_json(text, kDepthMax);
        EXPECT_EQ(verdict.outcome, Outcome::malformed) << text;
        EXPECT_EQ(verdict.position, position) << text;
        EXPECT_STREQ(verdict.reason, reason) << text;
    }
}

TEST(Json, AcceptsTheWholeGrammar) {
    for (const char* text : {"0",
                             "-0",
                             "1",
                             "-1",
                             "10",
                             "1.5",
                             "-0.0",
                             "0e1",
                             "1E+2",
                             "1e-2",
                             "1.25e400",
                             "123456789012345678901234567890",
                             "true",
                             "false",
                             "null",
                             "\"\"",
                             "\"a\"",
                             "[]",
                             "[ ]",
                             "{}",
                             "{ }",
                             " [ 1 , 2 ] ",
                             "\t\r\n{ \"a\" : 1 , \"b\" : [ ] }\n",
                             "[[],{}]",
                             "{\"\":0}",
                             "{\"a\":1,\"a\":2}",
                             "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                             "\"\\u0000\\u001f\\uABCD\\uabcd\"",
                             "\"\\ud83d\\ude00\"",
                             "\"/ ' // <!-- -->\"",
                             "\"long enough to be looked at in blocks of eight\"",
                             "[null,1,\"1\",{}]"}) {
        EXPECT_TRUE(validate_json(text, kDepthMax)) << text;
    }
}

TEST(Json, AcceptsLoneSurrogateEscapesSinceTheGrammarDoes) {
    for (const char* text :
         {"\"\\ud800\"", "\"\\udfff\"", "\"\\udc00\\ud800\"", "\"\\ud800\\ud800\\n\"", "{\"\\uDADA\":1}"}) {
        EXPECT_TRUE(validate_json(text, kDepthMax)) << text;
    }
}

struct Seen {
    std::string_view key;
    JsonKind kind;
    std::string_view value;
    friend bool operator==(const Seen&, const Seen&) = default;
};

std::vector<Seen> members_of(std::string_view text) {
    std::vector<Seen> members;
    const JsonVerdict verdict = scan_object(text, kDepthMax, [&](const JsonMember& member) {
        members.push_back({member.key, member.kind, member.value});
    });
    EXPECT_TRUE(verdict) << text << ": " << (verdict ? "" : verdict.reason);
    return members;
}

TEST(JsonObject, RefusesOtherValues) {
    for (const char* text : {"[]", "1", "\"{}\"", "null", " [{}]", "x"}) {
        EXPECT_EQ(scan_object(text, kDepthMax, [](const JsonMember&) {}).outcome, Outcome::another_kind)
            << text;
    }
    for (const char* text : {"", "{", "{}x", "{\"a\":[1,]}", "{\"a\":{\"b\":tru}}"}) {
        EXPECT_EQ(scan_object(text, kDepthMax, [](const JsonMember&) {}).outcome, Outcome::malformed) << text;
    }
}

TEST(JsonObject, ShowsItsOwnMembersAsTheyAreWritten) {
    EXPECT_THAT(members_of("{}"), IsEmpty());
    EXPECT_THAT(
        members_of(
            R"( { "type" : "post","n":-1.50e3 ,"o":{"in":[1, 2]} , "a":[ {} ],"t":true,"f":false,"z":null } )"),
        ElementsAre(Seen{"type", JsonKind::string, "\"post\""}, Seen{"n", JsonKind::number, "-1.50e3"},
                    Seen{"o", JsonKind::object, R"({"in":[1, 2]})"}, Seen{"a", JsonKind::array, "[ {} ]"},
                    Seen{"t", JsonKind::boolean, "true"}, Seen{"f", JsonKind::boolean, "false"},
                    Seen{"z", JsonKind::null, "null"}));
    EXPECT_THAT(members_of(R"({"\u0061\"":"\ud800","a":1,"a":2})"),
                ElementsAre(Seen{R"(\u0061\")", JsonKind::string, R"("\ud800")"},
                            Seen{"a", JsonKind::number, "1"}, Seen{"a", JsonKind::number, "2"}));
}

TEST(JsonObject, CallsAVisitorThatKeepsState) {
    struct Counter {
        std::size_t count = 0;
        void operator()(const JsonMember& member) { count += member.string_content().size(); }
    } counter;
    EXPECT_TRUE(scan_object(R"({"a":"one","b":""})", kDepthMax, counter));
    EXPECT_EQ(counter.count, 3u);
}

TEST(JsonArray, RefusesOtherValues) {
    for (const char* text : {"{}", "1", "\"[]\"", "null", " {\"a\":[]}"}) {
        EXPECT_EQ(scan_array(text, kDepthMax, [](const JsonMember&) {}).outcome, Outcome::another_kind)
            << text;
    }
    for (const char* text : {"", "[", "[]x", "[1,]", "[{\"a\":tru}]"})
        EXPECT_EQ(scan_array(text, kDepthMax, [](const JsonMember&) {}).outcome, Outcome::malformed) << text;
}

TEST(JsonArray, ShowsItsOwnElementsAsTheyAreWritten) {
    std::vector<Seen> elements;
    EXPECT_TRUE(scan_array(R"( [ "a" ,[1, 2],{"b":[3]} ,null] )", kDepthMax, [&](const JsonMember& element) {
        elements.push_back({element.key, element.kind, element.value});
    }));
    EXPECT_THAT(elements,
                ElementsAre(Seen{"", JsonKind::string, "\"a\""}, Seen{"", JsonKind::array, "[1, 2]"},
                            Seen{"", JsonKind::object, R"({"b":[3]})"}, Seen{"", JsonKind::null, "null"}));
}

TEST(JsonUnescape, RefusesLoneSurrogatesAndMalformedEscapes) {
    for (const char* content :
         {"\\ud800", "\\udc00", "\\ud800x", "\\ud800\\n", "\\ud800\\u0041", "\\ud800\\ud800",
          "\\udc00\\ud800", "\\ud83d\\ude0", "\\", "\\q", "\\u", "\\u12", "\\u12g4", "\\U0041"}) {
        EXPECT_FALSE(unescape_json_string(content)) << content;
    }
}

TEST(JsonUnescape, GivesTheText) {
    EXPECT_EQ(unescape_json_string(""), "");
    EXPECT_EQ(unescape_json_string("plain \xc3\xbc"), "plain \xc3\xbc");
    EXPECT_EQ(unescape_json_string(R"(\"\\\/\b\f\n\r\t)"), "\"\\/\b\f\n\r\t");
    EXPECT_EQ(unescape_json_string(R"(a\u0000b)"), "a\0b"s);
    EXPECT_EQ(unescape_json_string(R"(\u0041\u007f\u0080\u07FF\u0800\uffff)"),
              "A\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf");
    EXPECT_EQ(unescape_json_string(R"(\ud83d\ude00\uD800\uDC00\udbff\udfff)"),
              "\xf0\x9f\x98\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}

TEST(JsonString, EscapesOnlyWhatMustBe) {
    std::string out = "x";
    append_json_string(out, "");
    EXPECT_EQ(out, "x\"\"");
    out.clear();
    append_json_string(out, "a\"b\\c/d\b\f\n\r\t\x01\x1f\x7f\xc3\xbc\0z"sv);
    EXPECT_EQ(out, "\"a\\\"b\\\\c/d\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xbc\\u0000z\"");
}

TEST(JsonString, IsReadBackForEveryByteAtEveryPlace) {
    for (unsigned byte = 0; byte < 0x80; ++byte) {
        for (std::size_t place = 0; place < 10; ++place) {
            std::string text(10, 'a');
            text[place] = static_cast<char>(byte);
            std::string json;
            append_json_string(json, text);
            EXPECT_TRUE(validate_json(json, 0)) << json;
            EXPECT_EQ(unescape_json_string(std::string_view(json).substr(1, json.size() - 2)), text);
        }
    }
}

TEST(JsonUint53, RefusesEverySpellingButPlainDigits) {
    for (const char* text : {"", "-1", "-0", "+1", "1.0", "1e3", "01", "00", " 1", "1 ", "a", "0x1",
                             "9007199254740992", "10000000000000000", "18446744073709551617"}) {
        EXPECT_FALSE(parse_json_uint53(text)) << text;
    }
    EXPECT_EQ(parse_json_uint53("0"), 0u);
    EXPECT_EQ(parse_json_uint53("10"), 10u);
    EXPECT_EQ(parse_json_uint53("9007199254740991"), 9007199254740991u);
}

}  // namespace
}  // namespace pipit::codec
