#include "net/http_connection.hpp"

#include "net/reached_host.hpp"
#include "net/worker.hpp"

namespace pipit::net {
namespace http = boost::beast::http;

namespace {

// A peer that sends without pause gives way to the others after that many reads.
constexpr int kReadsPerTurn = 4;

asio::ip::address remote_address_of(const Socket& socket) {
    ErrorCode error;
    const auto endpoint = socket.remote_endpoint(error);
    return error ? asio::ip::address() : endpoint.address();
}

}  // namespace

HttpConnection::HttpConnection(Worker& worker, Socket socket, const TlsContext& tls, AddressTicket ticket,
                               std::optional<HttpResponse> refusal)
    : worker_(worker),
      remote_address_(remote_address_of(socket)),
      transport_(std::move(socket), tls),
      ticket_(std::move(ticket)),
      refusal_(std::move(refusal)) {
    worker.connections().push_back(*this);
}

void HttpConnection::start() {
    begin_request();
    worker_.handshake_timeouts().add(weak_from_this(), worker_.now());
    on_ready();
}

void HttpConnection::begin_request() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(worker_.settings().http_header_bytes_max));
    parser_->body_limit(worker_.settings().http_body_bytes_max);
    asked_for_body_ = false;
    deadline_ = worker_.now() + worker_.settings().handshake_timeout;
}

void HttpConnection::wait(Transport::Status want) {
    transport_.wait(want,
                    [self = std::static_pointer_cast<HttpConnection>(shared_from_this())](ErrorCode error) {
                        if (error || self->ended_) return;
                        self->worker_.enter_turn();
                        self->on_ready();
                    });
}

void HttpConnection::on_ready() {
    if (closing_ && response_.empty()) {
        discard();
        return;
    }
    write();
    for (int reads = 0; !ended_ && !closing_ && !awaits_answer_ && response_.empty();) {
        if (!received_.empty() && take_request()) continue;
        if (reads++ == kReadsPerTurn) {
            go_on_later();
            return;
        }
        if (!read_more()) return;
    }
}

void HttpConnection::go_on_later() {
    worker_.post([self = std::static_pointer_cast<HttpConnection>(shared_from_this())] {
        if (!self->ended_) self->on_ready();
    });
}

bool HttpConnection::read_more() {
    const auto buffer = worker_.read_buffer();
    const Transport::Outcome outcome = transport_.read_some(buffer);
    switch (outcome.status) {
        case Transport::Status::done:
            received_.append(reinterpret_cast<const char*>(buffer.data()), outcome.bytes);
            return true;
        case Transport::Status::ended:
            abort();
            return false;
        default:
            wait(outcome.status);
            return false;
    }
}

bool HttpConnection::take_request() {
    parser_->eager(true);
    ErrorCode error;
    const std::size_t used = parser_->put(asio::const_buffer(received_.data(), received_.size()), error);
    received_.erase(0, used);
    if (error == http::error::body_limit) {
        on_request(true);
    } else if (error && error != http::error::need_more) {
        respond(error == http::error::header_limit
                    ? refusal(431, "The header is larger than limits.http_header_bytes_max.\n")
                    : refusal(400, "This is not HTTP/1.1.\n"),
                false);
    } else if (parser_->is_done()) {
        on_request(false);
    } else {
        return ask_for_body();
    }
    return true;
}

bool HttpConnection::ask_for_body() {
    const auto& message = parser_->get();
    if (asked_for_body_ || !parser_->is_header_done() || message.version() != 11) return false;
    if (!boost::beast::iequals(message[http::field::expect], "100-continue")) return false;
    asked_for_body_ = true;
    response_ = "HTTP/1.1 100 Continue\r\n\r\n";
    write();
    return true;
}

void HttpConnection::on_request(bool is_body_too_large) {
    const auto& message = parser_->get();
    const std::string_view target(message.target().data(), message.target().size());
    const std::size_t question = target.find('?');
    HttpRequest request;
    request.method = {message.method_string().data(), message.method_string().size()};
    request.path = target.substr(0, question);
    if (question != std::string_view::npos) request.query = target.substr(question + 1);
    request.body = message.body();
    request.is_body_too_large = is_body_too_large;
    request.http_1_1 = message.version() == 11;
    request.is_tls = transport_.is_tls();
    request.remote_address = remote_address_;
    request.header = [&](std::string_view name) {
        std::string value;
        const auto [first, last] = message.equal_range(boost::beast::string_view(name.data(), name.size()));
        for (auto field = first; field != last; ++field) {
            if (!value.empty()) value += ", ";
            value.append(field->value().data(), field->value().size());
        }
        return value;
    };
    if (refusal_) {
        respond(*refusal_, false);
    } else if (request.http_1_1 && message.count(http::field::host) != 1) {
        // RFC 9112 section 3.2; with several, whoever looks at one and whoever looks at another would
        // disagree.
        respond(refusal(400, "HTTP/1.1 needs exactly one Host.\n"), false);
    } else if (const auto endpoint = endpoint_at(request.path); endpoint && !is_body_too_large) {
        upgrade(request, *endpoint);
    } else {
        answer(request);
    }
}

std::optional<std::size_t> HttpConnection::endpoint_at(std::string_view path) const {
    const auto& endpoints = worker_.settings().endpoints;
    for (std::size_t endpoint = 0; endpoint < endpoints.size(); ++endpoint) {
        if (endpoints[endpoint].upgrade.path == path) return endpoint;
    }
    return std::nullopt;
}

void HttpConnection::answer(const HttpRequest& request) {
    const RequestOutcome outcome = worker_.service().offer(
        request, [self = std::static_pointer_cast<HttpConnection>(shared_from_this())](
                     const HttpResponse& response) { self->on_answer(response); });
    const auto* response = std::get_if<HttpResponse>(&outcome);
    if (response != nullptr) note_refused_page(request, *response);
    if (request.is_body_too_large) {
        respond(response != nullptr ? *response
                                    : refusal(413, "The body is larger than limits.message_bytes_max.\n"),
                false);
    } else if (response != nullptr) {
        respond(*response);
    } else if (std::holds_alternative<NotForService>(outcome)) {
        respond(worker_.settings().http(request));
    } else {
        awaits_answer_ = true;
        deadline_ = base::Instant::max();  // the service has one of its own
    }
}

void HttpConnection::on_answer(const HttpResponse& response) {
    if (ended_) return;
    awaits_answer_ = false;
    respond(response);
    // What was sent behind the question is another turn's work: this one may be ending already. While the
    // answer is not written yet, or when it is the last one, that goes on by itself.
    if (!ended_ && !closing_ && response_.empty()) go_on_later();
}

void HttpConnection::upgrade(const HttpRequest& request, std::size_t endpoint) {
    if (worker_.draining()) {
        HttpResponse response = refusal(503, "The server is stopping.\n");
        response.headers.emplace_back("Retry-After", "5");
        respond(response, false);
        return;
    }
    auto decision = decide_upgrade(request, worker_.settings().endpoints[endpoint].upgrade);
    if (const auto* refused = std::get_if<HttpResponse>(&decision)) {
        note_refused_page(request, *refused);
        respond(*refused, false);
        return;
    }
    auto& accepted = std::get<UpgradeAccepted>(decision);
    WebSocketOpening opening{endpoint, accepted.deflate, accepted.deflate_window_bits,
                             std::move(accepted.token), reached_host(request.header("Host"))};
    const Admission admission = worker_.service().admit(request, std::move(opening));
    if (const auto* refused = std::get_if<HttpResponse>(&admission)) {
        respond(*refused, false);
        return;
    }
    ended_ = true;
    const auto connection =
        std::make_shared<WebSocketConnection>(worker_, std::move(transport_), std::move(ticket_),
                                              worker_.websocket_settings(endpoint, accepted.deflate));
    connection->start(accepted.response, std::get<WebSocketHandlerMaker>(admission), std::move(received_));
}

void HttpConnection::note_refused_page(const HttpRequest& request, const HttpResponse& refusal) {
    // Something else may have been wrong, too, and been told in place of it.
    constexpr int kForbidden = 403;
    const WorkerSettings& settings = worker_.settings();
    if (refusal.status == kForbidden && is_of_refused_page(request, settings.endpoints.front().upgrade))
        settings.refused_origins->note(request.header("Origin"), worker_.now());
}

void HttpConnection::respond(const HttpResponse& response) {
    respond(response, parser_->get().keep_alive() && !response.close);
}

void HttpConnection::respond(const HttpResponse& response, bool keep_alive) {
    const bool head_only = parser_->is_header_done() && parser_->get().method() == http::verb::head;
    closing_ = !keep_alive;
    response_ = serialize(response, keep_alive, head_only);
    begin_request();
    write();
}

void HttpConnection::write() {
    while (!response_.empty()) {
        const Transport::Outcome outcome = transport_.write_some(response_);
        if (outcome.status == Transport::Status::done) {
            response_.erase(0, outcome.bytes);
        } else if (outcome.status == Transport::Status::ended) {
            abort();
            return;
        } else {
            wait(outcome.status);
            return;
        }
    }
    if (!closing_ || ended_) return;
    transport_.end_sending();
    deadline_ = worker_.now() + worker_.settings().close_timeout;
    worker_.close_timeouts().add(weak_from_this(), worker_.now());
    discard();
}

void HttpConnection::discard() {
    for (int reads = 0; reads < kReadsPerTurn; ++reads) {
        received_.clear();
        if (!read_more()) return;
    }
    go_on_later();
}

void HttpConnection::on_timeout() {
    if (worker_.now() < deadline_) {
        worker_.handshake_timeouts().add(weak_from_this(), worker_.now());
    } else {
        abort();
    }
}

void HttpConnection::abort() {
    if (std::exchange(ended_, true)) return;
    transport_.abort();
}

}  // namespace pipit::net
