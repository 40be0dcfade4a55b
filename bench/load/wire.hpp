#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "auth/secret.hpp"
#include "load/scenario.hpp"

namespace pipit::bench {

/// What a text message from the server held.
struct Heard {
    std::uint32_t deliveries = 0;        ///< posts
    std::uint32_t acknowledgements = 0;  ///< of this member's own posts
    bool ready = false;                  ///< the server says that the member is where its seat is
};

/// How one kind of server is spoken to. Keeps no state of any connection. What is refused or not understood
/// is a std::runtime_error with the server's text: the measurement would be of something else.
class Wire {
 public:
    virtual ~Wire() = default;

    /// The request target of the WebSocket's upgrade.
    virtual std::string upgrade_target(const Seat& seat) const = 0;
    /// The subprotocol to offer; empty: none.
    virtual std::string_view subprotocol() const { return {}; }
    /// The text to send once the upgrade is done; empty: none.
    virtual std::string greeting(const Seat&) const { return {}; }
    /// Whether a seat is ready when the upgrade is done, without being told so.
    virtual bool ready_at_once() const { return false; }

    /// Looks at a text message; `answer` is the text to send at once, if any.
    virtual Heard hear(const Seat& seat, std::string_view text, std::string& answer) const = 0;

    /// The text of a post, or the whole request where posts_by_http().
    virtual std::string post(const Seat& seat, std::uint64_t sequence) const = 0;
    /// Posts are HTTP requests on a connection beside the WebSocket, and acknowledged by their responses.
    virtual bool posts_by_http() const { return false; }
    /// Whether each post is answered.
    virtual bool acknowledges() const { return true; }
};

/// The key in a server's data folder that tokens are signed with.
auth::Secret read_secret(const std::filesystem::path& key_file);

/// The wire of that name, or null. `key_file` holds the key that Pipit's tokens are signed with; the other
/// servers ask for none.
std::unique_ptr<Wire> make_wire(std::string_view name, const std::filesystem::path& key_file);

}  // namespace pipit::bench
