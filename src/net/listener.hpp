#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/address_ticket.hpp"
#include "net/boost_asio.hpp"
#include "net/tls_context.hpp"
#include "net/worker.hpp"

namespace pipit::net {

struct ListenerSettings {
    std::string host;
    std::uint16_t port = 0;  ///< 0: any free one
    std::size_t connections_max = 100'000;
    std::size_t connections_per_address_max = 1'000;
};

/// Accepts connections on the first worker's loop, counts them, and hands each to the worker that has the
/// fewest. Those above a limit are accepted only to be told so, a bounded number at a time.
class Listener final : public Admissions {
 public:
    /// All must outlive the listener; it must outlive the workers' connections, so stop the workers first.
    Listener(const ListenerSettings& settings, std::vector<Worker*> workers);

    /// Binds. Before the workers are started.
    base::Status open();
    /// Begins to accept. Any thread.
    void start(TlsContext tls);
    /// Connections accepted from now on use it. Any thread.
    void set_tls(TlsContext tls);
    /// Stops accepting. Any thread.
    void close();

    // Where it is bound.
    asio::ip::address address() const { return endpoint_.address(); }
    std::uint16_t port() const { return endpoint_.port(); }
    void release(std::uint32_t ticket) override;

 private:
    using AddressCount = std::map<asio::ip::address, std::size_t>::iterator;
    struct Admission {
        AddressCount address;  ///< end(): was refused, counts for no address
        std::size_t worker = 0;
    };

    void accept();
    void admit(Socket socket, std::size_t worker);
    std::uint32_t issue(Admission admission);
    std::size_t least_loaded() const;

    const ListenerSettings& settings_;
    std::vector<Worker*> workers_;
    Acceptor acceptor_;
    Timer retry_timer_;
    TlsContext tls_;
    asio::ip::tcp::endpoint endpoint_;
    std::map<asio::ip::address, std::size_t> per_address_;
    std::vector<std::size_t> per_worker_;
    std::vector<Admission> admissions_;
    std::vector<std::uint32_t> free_tickets_;
    std::size_t admitted_ = 0;
    std::size_t refused_ = 0;
};

}  // namespace pipit::net
