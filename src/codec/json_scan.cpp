#include "codec/json_scan.hpp"

#include <bit>
#include <cstring>

#include "base/assert.hpp"

namespace pipit::codec {
namespace {

using Outcome = JsonVerdict::Outcome;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The value of a hexadecimal digit, or -1.
int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// To the first byte that ends a run of plain string characters: a quote, a backslash, a control character.
// Eight bytes at a time: each of the three terms below leaves the high bit of a byte set where that byte is
// one of them. A borrow may set it in a later byte as well, never in an earlier one, and the first is all
// that counts.
const char* skip_plain(const char* at, const char* end) {
    constexpr std::uint64_t kEach = 0x0101010101010101;
    constexpr std::uint64_t kHighBits = 0x80 * kEach;
    if constexpr (std::endian::native == std::endian::little) {
        while (end - at >= 8) {
            std::uint64_t block = 0;
            std::memcpy(&block, at, sizeof block);
            const std::uint64_t quotes = block ^ ('"' * kEach);
            const std::uint64_t backslashes = block ^ ('\\' * kEach);
            const std::uint64_t found = (((block - ' ' * kEach) & ~block) | ((quotes - kEach) & ~quotes) |
                                         ((backslashes - kEach) & ~backslashes)) &
                                        kHighBits;
            if (found != 0) return at + std::countr_zero(found) / 8;
            at += sizeof block;
        }
    }
    while (at != end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= ' ')
        ++at;
    return at;
}

struct MemberSink {
    char opens;  // what the text has to begin with: a brace or a bracket
    detail::OnJsonMember on_member;
    void* context;

    void take(std::string_view key, JsonKind kind, std::string_view value) const {
        on_member(context, {key, kind, value});
    }
};

// Recursive descent over RFC 8259's grammar. Each rule is entered with its first byte at `at_` and leaves
// behind its last one; false means that the verdict is set.
class Scanner {
 public:
    Scanner(std::string_view text, unsigned depth_max)
        : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), depth_left_(depth_max) {
        PIPIT_ASSERT(depth_max <= kJsonDepthLimit);
    }

    JsonVerdict scan_text(const MemberSink* sink) {
        skip_space();
        if (sink != nullptr && at_ != end_ && *at_ != sink->opens) {
            fail(sink->opens == '{' ? "expected an object" : "expected an array", Outcome::another_kind);
        } else if (JsonKind kind{}; scan_value(kind, sink)) {
            skip_space();
            if (at_ != end_) fail("expected the end");
        }
        return verdict_;
    }

 private:
    bool scan_value(JsonKind& kind, const MemberSink* sink = nullptr) {
        if (at_ == end_) return fail("expected a value");
        switch (*at_) {
            case '"':
                kind = JsonKind::string;
                return scan_string();
            case '{':
                kind = JsonKind::object;
                return scan_object(sink);
            case '[':
                kind = JsonKind::array;
                return scan_array(sink);
            case 't':
                kind = JsonKind::boolean;
                return scan_literal("true");
            case 'f':
                kind = JsonKind::boolean;
                return scan_literal("false");
            case 'n':
                kind = JsonKind::null;
                return scan_literal("null");
            default:
                kind = JsonKind::number;
                return scan_number();
        }
    }

    bool scan_object(const MemberSink* sink) {
        if (!descend()) return false;
        skip_space();
        if (accept('}')) return ascend();
        for (;;) {
            skip_space();
            if (at_ == end_ || *at_ != '"') return fail("expected a key");
            const char* const key_begin = at_;
            if (!scan_string()) return false;
            const char* const key_end = at_;
            skip_space();
            if (!accept(':')) return fail("expected a colon");
            skip_space();
            const char* const value_begin = at_;
            JsonKind kind{};
            if (!scan_value(kind)) return false;
            if (sink != nullptr) sink->take({key_begin + 1, key_end - 1}, kind, {value_begin, at_});
            skip_space();
            if (accept('}')) return ascend();
            if (!accept(',')) return fail("expected a comma or the end of the object");
        }
    }

    bool scan_array(const MemberSink* sink) {
        if (!descend()) return false;
        skip_space();
        if (accept(']')) return ascend();
        for (;;) {
            skip_space();
            const char* const value_begin = at_;
            JsonKind kind{};
            if (!scan_value(kind)) return false;
            if (sink != nullptr) sink->take({}, kind, {value_begin, at_});
            skip_space();
            if (accept(']')) return ascend();
            if (!accept(',')) return fail("expected a comma or the end of the array");
        }
    }

    bool scan_string() {
        ++at_;
        for (;;) {
            at_ = skip_plain(at_, end_);
            if (at_ == end_) return fail("string without an end");
            if (accept('"')) return true;
            if (*at_ != '\\') return fail("control character in a string");
            if (!scan_escape()) return false;
        }
    }

    bool scan_escape() {
        ++at_;
        if (at_ == end_) return fail("string without an end");
        switch (*at_) {
            case '"':
            case '\\':
            case '/':
            case 'b':
            case 'f':
            case 'n':
            case 'r':
            case 't':
                ++at_;
                return true;
            case 'u':
                ++at_;
                for (int i = 0; i < 4; ++i, ++at_) {
                    if (at_ == end_ || hex_value(*at_) < 0) return fail("expected four hexadecimal digits");
                }
                return true;
            default:
                return fail("unknown escape");
        }
    }

    // number = [ "-" ] ( "0" / digit1-9 *digit ) [ "." 1*digit ] [ ( "e" / "E" ) [ "-" / "+" ] 1*digit ]
    bool scan_number() {
        if (*at_ != '-' && !is_digit(*at_)) return fail("expected a value");
        accept('-');
        if (!accept('0') && !scan_digits()) return false;
        if (accept('.') && !scan_digits()) return false;
        if (accept('e') || accept('E')) {
            if (!accept('-')) accept('+');
            return scan_digits();
        }
        return true;
    }

    bool scan_digits() {
        if (at_ == end_ || !is_digit(*at_)) return fail("expected a digit");
        while (at_ != end_ && is_digit(*at_))
            ++at_;
        return true;
    }

    bool scan_literal(std::string_view literal) {
        for (const char c : literal) {
            if (!accept(c)) return fail("expected true, false or null");
        }
        return true;
    }

    bool descend() {
        if (depth_left_ == 0) return fail("nested too deep", Outcome::too_deep);
        --depth_left_;
        ++at_;
        return true;
    }

    bool ascend() {
        ++depth_left_;
        return true;
    }

    void skip_space() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t'))
            ++at_;
    }

    bool accept(char c) {
        if (at_ == end_ || *at_ != c) return false;
        ++at_;
        return true;
    }

    bool fail(const char* reason, Outcome outcome = Outcome::malformed) {
        verdict_ = {outcome, static_cast<std::size_t>(at_ - begin_), reason};
        return false;
    }

    const char* begin_;
    const char* at_;
    const char* end_;
    unsigned depth_left_;
    JsonVerdict verdict_;
};

// The code unit of the four digits at the front of `digits`.
std::optional<std::uint32_t> parse_hex4(std::string_view digits) {
    if (digits.size() < 4) return std::nullopt;
    std::uint32_t unit = 0;
    for (const char c : digits.substr(0, 4)) {
        const int value = hex_value(c);
        if (value < 0) return std::nullopt;
        unit = unit << 4 | static_cast<std::uint32_t>(value);
    }
    return unit;
}

bool is_high_surrogate(std::uint32_t unit) {
    return unit >= 0xd800 && unit <= 0xdbff;
}
bool is_low_surrogate(std::uint32_t unit) {
    return unit >= 0xdc00 && unit <= 0xdfff;
}

// Takes the digits of a \u escape off the front of `rest`, and the low half that must follow a high
// surrogate.
std::optional<std::uint32_t> take_code_point(std::string_view& rest) {
    const auto unit = parse_hex4(rest);
    if (!unit || is_low_surrogate(*unit)) return std::nullopt;
    rest.remove_prefix(4);
    if (!is_high_surrogate(*unit)) return unit;
    if (!rest.starts_with("\\u")) return std::nullopt;
    const auto low = parse_hex4(rest.substr(2));
    if (!low || !is_low_surrogate(*low)) return std::nullopt;
    rest.remove_prefix(6);
    return 0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00);
}

void append_utf8(std::string& out, std::uint32_t code_point) {
    const auto continuation = [&](unsigned shift) {
        out += static_cast<char>(0x80 | (code_point >> shift & 0x3f));
    };
    if (code_point < 0x80) {
        out += static_cast<char>(code_point);
    } else if (code_point < 0x800) {
        out += static_cast<char>(0xc0 | code_point >> 6);
        continuation(0);
    } else if (code_point < 0x10000) {
        out += static_cast<char>(0xe0 | code_point >> 12);
        continuation(6);
        continuation(0);
    } else {
        out += static_cast<char>(0xf0 | code_point >> 18);
        continuation(12);
        continuation(6);
        continuation(0);
    }
}

// The two-character escapes of RFC 8259 section 7: the character at one place of the first stands for that of
// the second.
constexpr std::string_view kEscapeLetters = "\"\\/bfnrt";
constexpr std::string_view kEscapeMeanings = "\"\\/\b\f\n\r\t";

}  // namespace

JsonVerdict validate_json(std::string_view text, unsigned depth_max) {
    return Scanner(text, depth_max).scan_text(nullptr);
}

JsonVerdict detail::scan_members(char opens, std::string_view text, unsigned depth_max,
                                 OnJsonMember on_member, void* context) {
    const MemberSink sink{opens, on_member, context};
    return Scanner(text, depth_max).scan_text(&sink);
}

std::optional<std::string> unescape_json_string(std::string_view content) {
    std::string text;
    text.reserve(content.size());
    for (;;) {
        const std::size_t plain = content.find('\\');
        text += content.substr(0, plain);
        if (plain == std::string_view::npos) return text;
        content.remove_prefix(plain + 1);
        if (content.empty()) return std::nullopt;
        const char letter = content.front();
        content.remove_prefix(1);
        if (letter == 'u') {
            const auto code_point = take_code_point(content);
            if (!code_point) return std::nullopt;
            append_utf8(text, *code_point);
        } else {
            const std::size_t index = kEscapeLetters.find(letter);
            if (index == std::string_view::npos) return std::nullopt;
            text += kEscapeMeanings[index];
        }
    }
}

void append_json_string(std::string& out, std::string_view utf8) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += '"';
    const char* at = utf8.data();
    const char* const end = at + utf8.size();
    for (;;) {
        const char* const special = skip_plain(at, end);
        out.append(at, special);
        if (special == end) break;
        const std::size_t index = kEscapeMeanings.find(*special);
        out += '\\';
        if (index != std::string_view::npos) {
            out += kEscapeLetters[index];
        } else {
            out += "u00";
            out += kHex[static_cast<unsigned char>(*special) >> 4];
            out += kHex[static_cast<unsigned char>(*special) & 15];
        }
        at = special + 1;
    }
    out += '"';
}

std::optional<std::uint64_t> parse_json_uint53(std::string_view number) {
    constexpr std::size_t kDigitsMax = 16;
    constexpr std::uint64_t kMax = (std::uint64_t{1} << 53) - 1;
    if (number.empty() || number.size() > kDigitsMax || (number[0] == '0' && number.size() > 1))
        return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : number) {
        if (!is_digit(c)) return std::nullopt;
        value = 10 * value + static_cast<std::uint64_t>(c - '0');
    }
    if (value > kMax) return std::nullopt;
    return value;
}

}  // namespace pipit::codec
