#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/curl.hpp"
#include "net/push_connections.hpp"
#include "net/push_outcome.hpp"
#include "push/target_rules.hpp"

namespace pipit::net {

/// How each message is handed over.
struct PushTransferSettings {
    push::TargetRules targets;
    /// Until TCP and TLS stand.
    base::Millis connect_timeout{5'000};
    /// From its beginning to its end, waiting for a connection included: also what cuts off a service that
    /// answers a byte at a time.
    base::Millis total_timeout{15'000};
    /// Headers and body of an answer, each. Of an answer whose body has more, the status counts.
    std::size_t answer_bytes_max = 16 << 10;
    /// A file of certificates (PEM) to trust beside the system's; "" for none.
    std::string ca_file;
};

/// One POST to a push service (RFC 8030 section 5), from its beginning to its outcome. https only, no
/// redirects, no proxy, no cookies; every address is asked about before a socket is opened for it. It stays
/// where it is in memory: curl holds pointers into it.
class PushTransfer {
 public:
    /// `settings` must outlive it.
    PushTransfer(PushJob job, const PushTransferSettings& settings, PushConnections::Pool pool);
    /// No multi handle may have easy() any more.
    ~PushTransfer() = default;
    PushTransfer(const PushTransfer&) = delete;
    PushTransfer& operator=(const PushTransfer&) = delete;

    /// What a multi handle is to perform.
    CURL* easy() const { return easy_.get(); }
    const PushJob& job() const { return job_; }

    /// After curl has ended it with `code`. As soon as the headers of the answer are whole the service has
    /// decided, so its status counts whatever becomes of the rest.
    PushOutcome outcome(CURLcode code) const;

 private:
    struct EasyDeleter {
        void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    };
    struct HeadersDeleter {
        void operator()(curl_slist* headers) const { curl_slist_free_all(headers); }
    };

    void set_request();
    static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
    static std::size_t take_header(const char* line, std::size_t, std::size_t size, void* self);
    static std::size_t take_body(const char* data, std::size_t, std::size_t size, void* self);

    const PushJob job_;
    const PushTransferSettings& settings_;
    const PushConnections::Pool pool_;
    std::unique_ptr<curl_slist, HeadersDeleter> headers_;
    std::array<char, CURL_ERROR_SIZE> error_text_{};
    base::Status target_allowed_ = std::monostate{};
    std::size_t header_bytes_ = 0;
    std::size_t body_bytes_ = 0;
    bool has_headers_ = false;                 // all of the final answer's
    std::unique_ptr<CURL, EasyDeleter> easy_;  // the first to go: it points to the others
};

}  // namespace pipit::net
