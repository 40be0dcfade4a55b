#include "client.hpp"

#include <sys/socket.h>
#include <utility>

#include <fmt/format.h>

#include "codec/ws_handshake.hpp"
#include "common/frames.hpp"

namespace pipit::soak {

namespace {

constexpr std::string_view kKey = "cGlwaXQgc29hayB0ZXN0IQ==";
constexpr std::string_view kDeflateOffer = "permessage-deflate; client_max_window_bits";
constexpr std::uint32_t kClientsPerAddress = 250;

const codec::ReaderSettings& reader_settings(bool deflate) {
    using Role = codec::ReaderSettings::Role;
    static constexpr codec::ReaderSettings kPlain{Role::client, false, 1 << 20};
    static constexpr codec::ReaderSettings kDeflate{Role::client, true, 1 << 20};
    return deflate ? kDeflate : kPlain;
}

bench::UniqueFd begin_to_connect(const Client::Options& options, int& fd) {
    auto socket =
        bench::connect_to(options.port, static_cast<std::uint8_t>(1 + options.number / kClientsPerAddress));
    fd = socket.get();
    return socket;
}

}  // namespace

Client::Client(const Options& options, ClientTools& tools)
    : options_(options),
      tools_(tools),
      fd_(-1),
      stream_(begin_to_connect(options, fd_), tools.poller, options.number, true),
      reader_(reader_settings(options.deflate)) {}

std::optional<Client::End> Client::on_event(const bench::Poller::Event& event,
                                            const std::function<void(std::string_view)>& on_text) {
    if (event.writable) {
        stream_.flush();
        if (stage_ == Stage::connecting) request_upgrade();
    }
    if (!event.readable) return std::nullopt;
    auto bytes = stream_.read(tools_.scratch);
    if (stream_.is_closed()) return ended();
    if (stage_ == Stage::upgrading) {
        if (auto failure = read_upgrade(bytes)) return End{std::move(*failure), {}};
    }
    if (stage_ == Stage::upgrading) {
        stream_.keep(bytes);
        return std::nullopt;
    }
    return read_messages(bytes, on_text);
}

void Client::request_upgrade() {
    stage_ = Stage::upgrading;
    stream_.send(fmt::format(
        "GET /v1/realtime HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\nSec-WebSocket-Protocol: "
        "pipit.v1{}{}\r\n{}{}{}\r\n",
        options_.port, kKey, options_.token.empty() ? "" : ", pipit.token.", options_.token,
        options_.deflate ? "Sec-WebSocket-Extensions: " : "", options_.deflate ? kDeflateOffer : "",
        options_.deflate ? "\r\n" : ""));
}

std::optional<std::string> Client::read_upgrade(std::span<std::uint8_t>& bytes) {
    static const std::string kAccept = codec::accept_key(kKey);
    const auto head = bench::take_http_head(bytes);
    if (!head) return std::nullopt;
    const bool deflates = head->field("sec-websocket-extensions").starts_with("permessage-deflate");
    if (!head->first_line().starts_with("HTTP/1.1 101 ") || head->field("sec-websocket-accept") != kAccept ||
        head->field("sec-websocket-protocol") != "pipit.v1" || deflates != options_.deflate)
        return fmt::format("the handshake was answered with {}", head->text);
    stage_ = Stage::open;
    return std::nullopt;
}

std::optional<Client::End> Client::read_messages(std::span<std::uint8_t> bytes,
                                                 const std::function<void(std::string_view)>& on_text) {
    using Kind = codec::Step::Kind;
    for (;;) {
        const codec::Step step = reader_.next(bytes, tools_.inflater);
        switch (step.kind) {
            case Kind::need_more:
                return std::nullopt;
            case Kind::text:
                on_text(step.payload);
                break;
            case Kind::close:
                close_code_ = step.close_code.value_or(0);
                if (stage_ != Stage::ending) {
                    send_frame(codec::Opcode::close, true, false, {});
                    return ended();
                }
                break;
            default:
                return End{fmt::format("an unwelcome frame: {}", step.payload), {}};
        }
    }
}

Client::End Client::ended() const {
    if (stage_ == Stage::ending) return {{}, close_code_};
    if (!close_code_) return {"it ended without a close frame", {}};
    return {fmt::format("it closed with {}", *close_code_), close_code_};
}

void Client::send(std::string_view text) {
    const bool compressed = options_.deflate && !chance(3);
    std::string packed;
    if (compressed) tools_.deflater.compress(text, packed);
    const std::string_view payload = compressed ? packed : text;
    if (!chance(8)) {
        send_frame(codec::Opcode::text, true, compressed, payload);
        return;
    }
    const std::size_t half = tools_.random() % (payload.size() + 1);
    send_frame(codec::Opcode::text, false, compressed, payload.substr(0, half));
    send_frame(codec::Opcode::continuation, true, false, payload.substr(half));
}

void Client::send_frame(codec::Opcode opcode, bool fin, bool rsv1, std::string_view payload) {
    const auto bits = tools_.random();
    const codec::MaskKey mask{static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(bits >> 8),
                              static_cast<std::uint8_t>(bits >> 16), static_cast<std::uint8_t>(bits >> 24)};
    std::string frame;
    codec::append_frame_header(
        frame, {.opcode = opcode, .fin = fin, .rsv1 = rsv1, .mask = mask, .payload_bytes = payload.size()});
    const std::size_t header_bytes = frame.size();
    frame += payload;
    codec::apply_mask({reinterpret_cast<std::uint8_t*>(frame.data()) + header_bytes, payload.size()}, mask);
    stream_.send(frame);
}

void Client::close(std::uint16_t code) {
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    send_frame(codec::Opcode::close, true, false, payload);
    stage_ = Stage::ending;
}

void Client::half_close() {
    stage_ = Stage::ending;
    ::shutdown(fd_, SHUT_WR);
}

}  // namespace pipit::soak
