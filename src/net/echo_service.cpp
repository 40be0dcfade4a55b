#include "net/echo_service.hpp"

#include "net/worker.hpp"

namespace pipit::net {
namespace {

class EchoHandler final : public WebSocketHandler {
 public:
    EchoHandler(WebSocketConnection& connection, const WebSocketOpening& opening) : connection_(connection) {
        if (opening.deflate) deflater_.emplace(6, opening.deflate_window_bits);
    }

    void on_message(codec::Opcode opcode, std::string_view payload) override {
        std::string frame;
        if (deflater_) {
            std::string compressed;
            deflater_->compress(payload, compressed);
            codec::append_frame(frame, opcode, true, compressed);
        } else {
            codec::append_frame(frame, opcode, false, payload);
        }
        connection_.worker().arena().push_frame(connection_.outbox(), frame);
    }
    void on_sign_of_life() override {}
    void on_pong() override {}
    void on_overflow() override { connection_.close(1011, "echoes were not read"); }
    void on_close(std::optional<std::uint16_t>) override {}
    void on_end() override {}

 private:
    WebSocketConnection& connection_;
    std::optional<codec::Deflater> deflater_;
};

}  // namespace

Admission EchoService::admit(const HttpRequest&, WebSocketOpening opening) {
    return [opening = std::move(opening)](WebSocketConnection& connection) {
        return std::make_unique<EchoHandler>(connection, opening);
    };
}

}  // namespace pipit::net
