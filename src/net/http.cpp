#include "net/http.hpp"

#include <iterator>

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include "codec/percent.hpp"

namespace pipit::net {
std::string HttpRequest::query_value(std::string_view name) const {
    std::string_view rest = query;
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name)
            return codec::percent_decode(pair.substr(equals + 1));
    }
    return {};
}

HttpResponse refusal(int status, std::string text) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(text);
    response.close = true;
    return response;
}

std::string serialize(const HttpResponse& response, bool keep_alive, bool head_only) {
    const std::string_view reason =
        boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
    std::string out = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason);
    // RFC 9110 section 8.6: an answer that never has a body must not tell its length.
    if (response.status != 204) {
        fmt::format_to(std::back_inserter(out), "Content-Type: {}\r\nContent-Length: {}\r\n",
                       response.content_type, response.body.size());
    }
    out += "X-Content-Type-Options: nosniff\r\n";
    for (const auto& [name, value] : response.headers)
        fmt::format_to(std::back_inserter(out), "{}: {}\r\n", name, value);
    if (!keep_alive) out += "Connection: close\r\n";
    out += "\r\n";
    if (!head_only) out += response.body;
    return out;
}

}  // namespace pipit::net
