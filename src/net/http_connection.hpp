#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/time.hpp"
#include "net/address_ticket.hpp"
#include "net/connection.hpp"
#include "net/http.hpp"
#include "net/transport.hpp"

namespace pipit::net {

class Worker;

/// One connection while it speaks HTTP/1: requests one after the other, until one of them becomes a
/// WebSocket. Every request must be complete within the handshake timeout, and its body is bounded, too.
/// While an answer is awaited from the service nothing is read: who sends more meanwhile waits, and who goes
/// away is noticed when the answer is written. Owned by one worker.
class HttpConnection final : public Connection {
 public:
    /// `refusal`: the answer to whatever is asked.
    HttpConnection(Worker& worker, Socket socket, const TlsContext& tls, AddressTicket ticket,
                   std::optional<HttpResponse> refusal);

    void start();
    void abort() override;
    void on_timeout() override;

 private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

    void wait(Transport::Status want);
    void on_ready();
    void go_on_later();
    /// False when the socket has no more for now, or the connection is over.
    bool read_more();
    /// Parses what was received; true when there may be something to do with the rest.
    bool take_request();
    void begin_request();
    /// Whoever wants to be asked for the body before sending it is (RFC 9110 section 10.1.1); true when that
    /// was done now.
    bool ask_for_body();
    void on_request(bool is_body_too_large);
    /// The index of the endpoint for WebSockets that is there, if one is.
    std::optional<std::size_t> endpoint_at(std::string_view path) const;
    void upgrade(const HttpRequest& request, std::size_t endpoint);
    void note_refused_page(const HttpRequest& request, const HttpResponse& refusal);
    void answer(const HttpRequest& request);
    /// The answer that the service took its time for.
    void on_answer(const HttpResponse& response);
    /// Keeps the connection if the request and the response let it.
    void respond(const HttpResponse& response);
    void respond(const HttpResponse& response, bool keep_alive);
    void write();
    /// Reads until the peer has closed, for what was not read would take our answer with it.
    void discard();

    Worker& worker_;
    asio::ip::address remote_address_;
    Transport transport_;
    AddressTicket ticket_;
    std::optional<HttpResponse> refusal_;
    std::optional<Parser> parser_;
    std::string received_;  // not parsed yet
    std::string response_;  // not sent yet
    base::Instant deadline_{};
    bool asked_for_body_ = false;
    bool awaits_answer_ = false;
    bool closing_ = false;
    bool ended_ = false;
};

}  // namespace pipit::net
