#include "net/push_transfer.hpp"

#include <optional>
#include <string_view>
#include <sys/socket.h>
#include <utility>

#include "net/name_lookup.hpp"

namespace pipit::net {
namespace {

PushError error_of(CURLcode code) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return PushError::name_not_found;
        case CURLE_COULDNT_CONNECT:
            return PushError::no_connection;
        case CURLE_OPERATION_TIMEDOUT:
            return PushError::timed_out;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_CIPHER:
            return PushError::tls_failed;
        default:
            return PushError::broken_answer;
    }
}

}  // namespace

PushTransfer::PushTransfer(PushJob job, const PushTransferSettings& settings, PushConnections::Pool pool)
    : job_(std::move(job)), settings_(settings), pool_(std::move(pool)), easy_(curl_easy_init()) {
    PIPIT_ASSERT(easy_ != nullptr);
    set_request();
    set_option(easy(), CURLOPT_SHARE, pool_.get());
    set_option(easy(), CURLOPT_PRIVATE, this);
    set_option(easy(), CURLOPT_OPENSOCKETFUNCTION, &PushTransfer::open_socket);
    set_option(easy(), CURLOPT_OPENSOCKETDATA, this);
    set_option(easy(), CURLOPT_HEADERFUNCTION, &PushTransfer::take_header);
    set_option(easy(), CURLOPT_HEADERDATA, this);
    set_option(easy(), CURLOPT_WRITEFUNCTION, &PushTransfer::take_body);
    set_option(easy(), CURLOPT_WRITEDATA, this);
    set_option(easy(), CURLOPT_ERRORBUFFER, error_text_.data());

    set_option(easy(), CURLOPT_PROTOCOLS_STR, "https");
    set_option(easy(), CURLOPT_FOLLOWLOCATION, 0L);
    // A proxy of the environment would connect where it likes.
    set_option(easy(), CURLOPT_PROXY, "");
    set_option(easy(), CURLOPT_SSL_VERIFYPEER, 1L);
    set_option(easy(), CURLOPT_SSL_VERIFYHOST, 2L);
    set_option(easy(), CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!settings.ca_file.empty()) set_option(easy(), CURLOPT_CAINFO, settings.ca_file.c_str());
    // Rather wait for a connection that can be shared than open one for every message of a burst.
    set_option(easy(), CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    set_option(easy(), CURLOPT_PIPEWAIT, 1L);
    set_option(easy(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect_timeout.count()));
    set_option(easy(), CURLOPT_TIMEOUT_MS, static_cast<long>(settings.total_timeout.count()));
    // Signals are the process's; and breaking off must not wait for a name server.
    set_option(easy(), CURLOPT_NOSIGNAL, 1L);
    set_option(easy(), CURLOPT_QUICK_EXIT, 1L);
}

void PushTransfer::set_request() {
    PIPIT_ASSERT(job_.request.url == job_.endpoint.url());
    for (const auto& [name, value] : job_.request.headers) {
        curl_slist* const longer = curl_slist_append(headers_.get(), (name + ": " + value).c_str());
        PIPIT_ASSERT(longer != nullptr);
        headers_.release();
        headers_.reset(longer);
    }
    set_option(easy(), CURLOPT_USERAGENT, "pipit/" PIPIT_VERSION);
    set_option(easy(), CURLOPT_URL, job_.request.url.c_str());
    set_option(easy(), CURLOPT_PATH_AS_IS, 1L);
    set_option(easy(), CURLOPT_HTTPHEADER, headers_.get());
    set_option(easy(), CURLOPT_POST, 1L);
    set_option(easy(), CURLOPT_POSTFIELDS, job_.request.body.data());
    set_option(easy(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(job_.request.body.size()));
}

curl_socket_t PushTransfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
    auto& transfer = *static_cast<PushTransfer*>(self);
    const auto ip = ip_address_of(address->addr);
    if (!ip) return CURL_SOCKET_BAD;
    base::Status allowed = transfer.settings_.targets.check_address(transfer.job_.endpoint, *ip);
    if (!allowed) {
        transfer.target_allowed_ = std::move(allowed);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t PushTransfer::take_header(const char* line, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<PushTransfer*>(self);
    transfer.header_bytes_ += size;
    if (transfer.header_bytes_ > transfer.settings_.answer_bytes_max) return 0;  // which ends the transfer
    const std::string_view text(line, size);
    if (text == "\r\n" || text == "\n") {
        long status = 0;
        curl_easy_getinfo(transfer.easy(), CURLINFO_RESPONSE_CODE, &status);
        transfer.has_headers_ = status >= 200;  // before it come those of interim answers
    }
    return size;
}

std::size_t PushTransfer::take_body(const char*, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<PushTransfer*>(self);
    transfer.body_bytes_ += size;
    return transfer.body_bytes_ > transfer.settings_.answer_bytes_max ? 0 : size;
}

PushOutcome PushTransfer::outcome(CURLcode code) const {
    PushOutcome outcome{.id = job_.id};
    if (!has_headers_) {
        if (code == CURLE_COULDNT_CONNECT && !target_allowed_) {
            outcome.error = PushError::forbidden_target;
            outcome.reason = target_allowed_.error().message;
        } else {
            outcome.error = error_of(code);
            outcome.reason = error_text_.front() != '\0' ? error_text_.data() : curl_easy_strerror(code);
        }
        return outcome;
    }
    long status = 0;
    curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
    outcome.status = static_cast<int>(status);
    curl_header* header = nullptr;
    if (curl_easy_header(easy(), "Retry-After", 0, CURLH_HEADER, -1, &header) == CURLHE_OK) {
        outcome.retry_after = header->value;
    }
    long version = 0;
    curl_easy_getinfo(easy(), CURLINFO_HTTP_VERSION, &version);
    outcome.multiplexed = version == CURL_HTTP_VERSION_2_0;
    return outcome;
}

}  // namespace pipit::net
