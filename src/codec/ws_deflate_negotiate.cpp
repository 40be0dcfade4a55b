#include <utility>
#include <vector>

#include "codec/ws_deflate.hpp"
#include "codec/ws_handshake_syntax.hpp"

namespace pipit::codec {
namespace {

struct Parameter {
    std::string_view name;
    std::optional<std::string> value;
};

struct Extension {
    std::string_view name;
    std::vector<Parameter> parameters;
};

// Sec-WebSocket-Extensions, RFC 6455 section 9.1:
//     extension-list  = 1#( token *( ";" extension-param ) )
//     extension-param = token [ "=" ( token / quoted-string that holds a token ) ]
class ExtensionsParser {
 public:
    explicit ExtensionsParser(std::string_view text) : rest_(text) {}

    std::optional<std::vector<Extension>> parse() {
        std::vector<Extension> extensions;
        while (!at_end()) {
            if (accept(',')) continue;  // a list may have empty elements (RFC 9110 section 5.6.1)
            std::optional<Extension> extension = parse_extension();
            if (!extension || !(at_end() || accept(','))) return std::nullopt;
            extensions.push_back(std::move(*extension));
        }
        return extensions;
    }

 private:
    std::optional<Extension> parse_extension() {
        Extension extension{parse_token(), {}};
        if (extension.name.empty()) return std::nullopt;
        while (accept(';')) {
            Parameter parameter{parse_token(), {}};
            if (parameter.name.empty()) return std::nullopt;
            if (accept('=')) {
                parameter.value = accept('"') ? parse_quoted() : std::string(parse_token());
                if (!is_token(*parameter.value)) return std::nullopt;
            }
            extension.parameters.push_back(std::move(parameter));
        }
        return extension;
    }

    std::string_view parse_token() {
        skip_space();
        std::size_t size = 0;
        while (size < rest_.size() && is_token_char(rest_[size]))
            ++size;
        const std::string_view token = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return token;
    }

    // Behind the opening quote. The empty string, which is no token, if the closing one is missing.
    std::string parse_quoted() {
        std::string value;
        while (!rest_.empty()) {
            char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"') return value;
            if (c == '\\' && !rest_.empty()) {
                c = rest_.front();
                rest_.remove_prefix(1);
            }
            value += c;
        }
        return {};
    }

    bool accept(char c) {
        skip_space();
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    bool at_end() {
        skip_space();
        return rest_.empty();
    }

    void skip_space() {
        while (!rest_.empty() && is_header_space(rest_.front()))
            rest_.remove_prefix(1);
    }

    std::string_view rest_;
};

// 8 to 15 without a leading zero (RFC 7692 section 7.1.2).
std::optional<int> parse_window_bits(std::string_view text) {
    if (text == "8" || text == "9") return text[0] - '0';
    if (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5') return 10 + text[1] - '0';
    return std::nullopt;
}

std::optional<DeflateAgreement> accept_offer(const Extension& offer, const DeflateSettings& settings) {
    bool server_no_context = false;
    bool client_no_context = false;
    bool client_window = false;
    std::optional<int> server_window_bits;

    for (const auto& [name, value] : offer.parameters) {
        if (name == "server_no_context_takeover") {
            if (value || std::exchange(server_no_context, true)) return std::nullopt;
        } else if (name == "client_no_context_takeover") {
            if (value || std::exchange(client_no_context, true)) return std::nullopt;
        } else if (name == "client_max_window_bits") {
            // Only says that we may limit the client's window. There is no need: Inflater takes any.
            if (std::exchange(client_window, true) || (value && !parse_window_bits(*value)))
                return std::nullopt;
        } else if (name == "server_max_window_bits") {
            if (server_window_bits || !value) return std::nullopt;
            server_window_bits = parse_window_bits(*value);
            if (!server_window_bits) return std::nullopt;
        } else {
            return std::nullopt;
        }
    }

    DeflateAgreement agreement;
    agreement.server_window_bits = server_window_bits.value_or(15);
    if (agreement.server_window_bits < settings.server_window_bits_min) return std::nullopt;

    agreement.response = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    if (server_window_bits)
        agreement.response += "; server_max_window_bits=" + std::to_string(*server_window_bits);
    return agreement;
}

}  // namespace

std::optional<DeflateAgreement> negotiate(std::string_view offers, const DeflateSettings& settings) {
    const auto extensions = ExtensionsParser(offers).parse();
    if (!extensions) return std::nullopt;
    for (const Extension& extension : *extensions) {
        if (extension.name != "permessage-deflate") continue;
        if (auto agreement = accept_offer(extension, settings)) return agreement;
    }
    return std::nullopt;
}

}  // namespace pipit::codec
