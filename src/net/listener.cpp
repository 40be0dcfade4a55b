#include "net/listener.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "net/source_address.hpp"

namespace pipit::net {
namespace {

// How many that are above a limit may be in the middle of being told so.
constexpr std::size_t kRefusedMax = 256;
// When the process has no more descriptors, accepting again at once would only spin.
constexpr base::Millis kRetryDelay{100};

HttpResponse too_many(int status, std::string text) {
    HttpResponse response = refusal(status, std::move(text));
    response.headers.emplace_back("Retry-After", "10");
    return response;
}

}  // namespace

Listener::Listener(const ListenerSettings& settings, std::vector<Worker*> workers)
    : settings_(settings),
      workers_(std::move(workers)),
      acceptor_(workers_.front()->context().get_executor()),
      retry_timer_(workers_.front()->context().get_executor()),
      per_worker_(workers_.size()) {}

base::Status Listener::open() {
    const auto failure = [&](const ErrorCode& error) {
        return base::Failure{
            fmt::format("cannot listen on {}:{}: {}; choose another address or port with --listen",
                        settings_.host, settings_.port, error.message())};
    };
    ErrorCode error;
    asio::ip::tcp::resolver resolver(workers_.front()->context());
    const auto endpoints = resolver.resolve(settings_.host, std::to_string(settings_.port), error);
    if (error) return failure(error);
    const asio::ip::tcp::endpoint endpoint = *endpoints.begin();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) return failure(error);
    endpoint_ = acceptor_.local_endpoint(error);
    return std::monostate{};
}

void Listener::start(TlsContext tls) {
    workers_.front()->post([this, tls = std::move(tls)]() mutable {
        tls_ = std::move(tls);
        accept();
    });
}

void Listener::set_tls(TlsContext tls) {
    workers_.front()->post([this, tls = std::move(tls)]() mutable { tls_ = std::move(tls); });
}

void Listener::close() {
    workers_.front()->post([this] {
        ErrorCode ignored;
        acceptor_.close(ignored);
        retry_timer_.cancel();
    });
}

void Listener::accept() {
    const std::size_t worker = least_loaded();
    acceptor_.async_accept(workers_[worker]->context().get_executor(),
                           [this, worker](ErrorCode error, Socket socket) {
                               if (error == asio::error::operation_aborted) return;
                               workers_.front()->enter_turn();
                               if (!error) {
                                   admit(std::move(socket), worker);
                                   accept();
                                   return;
                               }
                               spdlog::warn("a connection could not be accepted: {}", error.message());
                               retry_timer_.expires_after(kRetryDelay);
                               retry_timer_.async_wait([this](ErrorCode cancelled) {
                                   if (!cancelled) accept();
                               });
                           });
}

void Listener::admit(Socket socket, std::size_t worker) {
    ErrorCode error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error) return;  // it has gone again
    const asio::ip::address address = counted_address(endpoint.address());
    std::optional<HttpResponse> refusal;
    const auto found = per_address_.find(address);
    if (admitted_ >= settings_.connections_max) {
        refusal = too_many(503, "The server has as many connections as limits.connections_max allows.\n");
    } else if (found != per_address_.end() && found->second >= settings_.connections_per_address_max) {
        refusal = too_many(
            429, "Your address has as many connections as limits.connections_per_address_max allows.\n");
    }
    if (refusal && refused_ >= kRefusedMax) return;

    Admission admission{per_address_.end(), worker};
    if (refusal) {
        ++refused_;
    } else {
        admission.address = per_address_.try_emplace(address, 0).first;
        ++admission.address->second;
        ++admitted_;
    }
    ++per_worker_[worker];
    Worker& owner = *workers_[worker];
    owner.post([&owner, socket = std::move(socket), tls = tls_,
                ticket = AddressTicket(*this, issue(admission)), refusal = std::move(refusal)]() mutable {
        owner.adopt(std::move(socket), tls, std::move(ticket), std::move(refusal));
    });
}

std::uint32_t Listener::issue(Admission admission) {
    if (free_tickets_.empty()) {
        admissions_.push_back(admission);
        return static_cast<std::uint32_t>(admissions_.size() - 1);
    }
    const std::uint32_t ticket = free_tickets_.back();
    free_tickets_.pop_back();
    admissions_[ticket] = admission;
    return ticket;
}

void Listener::release(std::uint32_t ticket) {
    workers_.front()->post([this, ticket] {
        const Admission admission = admissions_[ticket];
        free_tickets_.push_back(ticket);
        --per_worker_[admission.worker];
        if (admission.address == per_address_.end()) {
            --refused_;
            return;
        }
        --admitted_;
        if (--admission.address->second == 0) per_address_.erase(admission.address);
    });
}

std::size_t Listener::least_loaded() const {
    return static_cast<std::size_t>(std::min_element(per_worker_.begin(), per_worker_.end()) -
                                    per_worker_.begin());
}

}  // namespace pipit::net
