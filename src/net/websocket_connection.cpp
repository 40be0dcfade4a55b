#include "net/websocket_connection.hpp"

#include "net/worker.hpp"

namespace pipit::net {
namespace {
// A client that sends without pause gives way to the others after that many reads.
constexpr int kReadsPerTurn = 4;
}  // namespace

WebSocketConnection::WebSocketConnection(Worker& worker, Transport transport, AddressTicket ticket,
                                         const Settings& settings)
    : worker_(worker),
      settings_(settings),
      transport_(std::move(transport)),
      reader_(settings.reader),
      outbox_(*this, worker.touched()),
      ticket_(std::move(ticket)) {
    worker.connections().push_back(*this);
}

WebSocketConnection::~WebSocketConnection() = default;

std::shared_ptr<WebSocketConnection> WebSocketConnection::self() {
    return std::static_pointer_cast<WebSocketConnection>(shared_from_this());
}

void WebSocketConnection::start(std::string_view response, const WebSocketHandlerMaker& make_handler,
                                std::string early_bytes) {
    worker_.arena().push_frame(outbox_, response);
    handler_ = make_handler(*this);
    if (!early_bytes.empty()) {
        take({reinterpret_cast<std::uint8_t*>(early_bytes.data()), early_bytes.size()});
        if (state_ == State::ended) return;
    }
    on_readable();
}

void WebSocketConnection::wait_to_read(Transport::Status want) {
    transport_.wait(want, [self = self()](ErrorCode error) {
        if (error || self->state_ == State::ended) return;
        self->worker_.enter_turn();
        self->on_readable();
    });
}

void WebSocketConnection::wait_to_write(Transport::Status want) {
    write_blocked_ = true;
    transport_.wait(want, [self = self()](ErrorCode error) {
        if (error || self->state_ == State::ended) return;
        self->worker_.enter_turn();
        self->write_blocked_ = false;
        // Not written here: the turn is still adding to what waits.
        self->outbox_.request_flush();
    });
}

void WebSocketConnection::on_readable() {
    const std::span<std::uint8_t> buffer = worker_.read_buffer();
    for (int reads = 0; reads < kReadsPerTurn; ++reads) {
        const Transport::Outcome outcome = transport_.read_some(buffer);
        if (outcome.status == Transport::Status::ended) {
            end();
            return;
        }
        if (outcome.status != Transport::Status::done) {
            wait_to_read(outcome.status);
            return;
        }
        if (state_ == State::open) handler_->on_sign_of_life();
        take(buffer.first(outcome.bytes));
        if (state_ == State::ended) return;
        if (outcome.bytes < buffer.size() && !transport_.has_buffered_input()) break;
    }
    if (transport_.has_buffered_input()) {
        worker_.post([self = self()] {
            if (self->state_ != State::ended) self->on_readable();
        });
    } else {
        wait_to_read(Transport::Status::want_read);
    }
}

void WebSocketConnection::take(std::span<std::uint8_t> bytes) {
    using Kind = codec::Step::Kind;
    for (;;) {
        const codec::Step step = reader_.next(bytes, worker_.inflater());
        if (step.kind == Kind::need_more) return;
        if (step.kind == Kind::close) {
            answer_close(step);
            return;
        }
        if (state_ != State::open) continue;  // we have said that we are leaving
        switch (step.kind) {
            case Kind::text:
                handler_->on_message(codec::Opcode::text, step.payload);
                break;
            case Kind::binary:
                handler_->on_message(codec::Opcode::binary, step.payload);
                break;
            case Kind::ping:
                worker_.arena().push(outbox_, codec::Opcode::pong, step.payload);
                break;
            case Kind::pong:
                handler_->on_pong();
                break;
            default:
                handler_->on_close(step.close_code);
                close(*step.close_code, step.payload);
                break;
        }
    }
}

void WebSocketConnection::answer_close(const codec::Step& step) {
    peer_closed_ = true;
    if (state_ == State::closing) {
        if (outbox_.empty()) end();
        return;
    }
    state_ = State::closing;
    handler_->on_close(step.close_code);
    worker_.close_timeouts().add(weak_from_this(), worker_.now());
    if (step.close_code) {
        worker_.arena().push_close(outbox_, *step.close_code, {});
    } else {
        worker_.arena().push(outbox_, codec::Opcode::close, {});
    }
}

void WebSocketConnection::close(std::uint16_t code, std::string_view reason) {
    if (state_ != State::open) return;
    state_ = State::closing;
    worker_.arena().push_close(outbox_, code, reason);
    worker_.close_timeouts().add(weak_from_this(), worker_.now());
}

void WebSocketConnection::flush() {
    if (state_ == State::ended) return;
    if (write_blocked_) {
        outbox_.retain();
    } else {
        write();
    }
    if (state_ == State::open && outbox_.bytes() > settings_.outbox_bytes_max) worker_.settle_later(self());
}

void WebSocketConnection::write() {
    while (!outbox_.empty()) {
        const Transport::Outcome outcome = transport_.write_some(outbox_.front(worker_.write_scratch()));
        if (outcome.status == Transport::Status::done) {
            outbox_.consume(outcome.bytes);
            continue;
        }
        outbox_.retain();
        if (outcome.status == Transport::Status::ended) {
            broken_ = true;
            worker_.settle_later(self());
        } else {
            wait_to_write(outcome.status);
        }
        return;
    }
    if (state_ != State::closing) return;
    if (peer_closed_) {
        worker_.settle_later(self());
    } else {
        // Reading goes on until the peer has answered: to close with unread bytes would reset the connection
        // and take our close frame with it.
        transport_.end_sending();
    }
}

void WebSocketConnection::settle() {
    if (state_ == State::ended) return;
    if (broken_ || (peer_closed_ && outbox_.empty())) {
        end();
    } else if (state_ == State::open) {
        handler_->on_overflow();
    }
}

void WebSocketConnection::on_timeout() {
    end();
}

void WebSocketConnection::abort() {
    end();
}

void WebSocketConnection::end() {
    if (state_ == State::ended) return;
    state_ = State::ended;
    transport_.abort();
    if (handler_) handler_->on_end();
    handler_.reset();
}

}  // namespace pipit::net
