#include "load/wire.hpp"

#include <fstream>
#include <stdexcept>

#include "base/base64url.hpp"
#include "load/bare_wire.hpp"
#include "load/json_wire.hpp"
#include "load/nchan_wire.hpp"
#include "load/socketio_wire.hpp"

namespace pipit::bench {

auth::Secret read_secret(const std::filesystem::path& key_file) {
    std::ifstream file(key_file);
    std::string text;
    file >> text;
    const auto bytes = base::base64url_decode(text);
    if (!bytes) throw std::runtime_error("no base64url text in " + key_file.string());
    auto secret = auth::Secret::from_bytes(*bytes);
    if (!secret) throw std::runtime_error(key_file.string() + ": " + secret.error().message);
    return std::move(secret).value();
}

std::unique_ptr<Wire> make_wire(std::string_view name, const std::filesystem::path& key_file) {
    if (name == "pipit") return std::make_unique<JsonWire>(read_secret(key_file));
    if (name == "bare") return std::make_unique<BareWire>();
    if (name == "ws") return std::make_unique<JsonWire>(std::nullopt);
    if (name == "socketio") return std::make_unique<SocketioWire>();
    if (name == "nchan") return std::make_unique<NchanWire>();
    return nullptr;
}

}  // namespace pipit::bench
