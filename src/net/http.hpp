#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/boost_asio.hpp"

namespace pipit::net {

/// A request that was read completely, but for a body that is too large. Valid during the call that is given
/// it.
struct HttpRequest {
    std::string_view method;
    std::string_view path;           ///< of the target, as sent
    std::string_view query;          ///< without the question mark
    std::string_view body;           ///< with its chunks joined
    bool is_body_too_large = false;  ///< for message_bytes_max; `body` says nothing then
    bool http_1_1 = true;
    bool is_tls = false;
    asio::ip::address remote_address;
    std::function<std::string(std::string_view name)>
        header;  ///< several fields of a name joined by commas; "" without

    /// The first value of a query parameter with its percent escapes undone; "" when it is missing.
    std::string query_value(std::string_view name) const;
};

struct HttpResponse {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    bool close = false;  ///< end the connection behind it
};

/// An error in plain text, and the end of the connection behind it.
HttpResponse refusal(int status, std::string text);

/// Answers everything that is not an upgrade. Called on any worker's thread, so it must not change what it
/// holds.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

/// The bytes of a response; `body` is left out of an answer to HEAD but counted.
std::string serialize(const HttpResponse& response, bool keep_alive, bool head_only);

}  // namespace pipit::net
