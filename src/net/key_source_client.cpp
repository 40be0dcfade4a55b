#include "net/key_source_client.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/loopback.hpp"
#include "net/curl.hpp"

namespace pipit::net {
namespace {

struct UrlDeleter {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using UrlPtr = std::unique_ptr<CURLU, UrlDeleter>;

/// Empty when the URL does not have that part.
std::string part_of(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
    std::string copy(text);
    curl_free(text);
    return copy;
}

}  // namespace

/// One GET, from its beginning to its answer. It stays where it is in memory: curl holds pointers into it.
class KeySourceClient::Request {
 public:
    /// `multi` must outlive it.
    Request(CURLM* multi, std::size_t id, const Limits& limits)
        : multi_(multi), easy_(curl_easy_init()), id_(id), bytes_max_(limits.document_bytes_max) {
        PIPIT_ASSERT(easy_ != nullptr);
        set_option(easy_, CURLOPT_USERAGENT, "pipit/" PIPIT_VERSION);
        set_option(easy_, CURLOPT_FOLLOWLOCATION, 1L);
        set_option(easy_, CURLOPT_MAXREDIRS, limits.redirects_max);
        set_option(easy_, CURLOPT_REDIR_PROTOCOLS_STR, "https");
        set_option(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
        set_option(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
        set_option(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        set_option(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect_timeout.count()));
        set_option(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total_timeout.count()));
        // Requests are minutes apart: a kept connection would be a descriptor that waits for nothing.
        set_option(easy_, CURLOPT_FORBID_REUSE, 1L);
        // Signals are the process's; and breaking off must not wait for a name server.
        set_option(easy_, CURLOPT_NOSIGNAL, 1L);
        set_option(easy_, CURLOPT_QUICK_EXIT, 1L);
        set_option(easy_, CURLOPT_ERRORBUFFER, error_.data());
        set_option(easy_, CURLOPT_WRITEDATA, this);
        set_option(easy_, CURLOPT_WRITEFUNCTION, &Request::receive);
    }
    ~Request() {
        curl_multi_remove_handle(multi_, easy_);
        curl_easy_cleanup(easy_);
    }
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

    base::Status begin(const std::string& url) {
        // curl is given what was looked at here, so that no two readings of one text can differ.
        if (curl_url_set(url_.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
            return base::Failure{fmt::format("\"{}\" is not a URL", url)};
        }
        const std::string scheme = part_of(url_.get(), CURLUPART_SCHEME);
        const bool in_the_clear =
            scheme == "http" && base::is_loopback_host(part_of(url_.get(), CURLUPART_HOST));
        if (scheme != "https" && !in_the_clear) {
            return base::Failure{fmt::format("{} is neither https nor http on this machine", url)};
        }
        set_option(easy_, CURLOPT_CURLU, url_.get());
        set_option(easy_, CURLOPT_PROTOCOLS_STR, in_the_clear ? "http" : "https");
        // What is said in the clear must not leave this machine for a proxy.
        if (in_the_clear) set_option(easy_, CURLOPT_PROXY, "");
        PIPIT_ASSERT(curl_multi_add_handle(multi_, easy_) == CURLM_OK);
        return std::monostate{};
    }

    std::size_t id() const { return id_; }
    CURL* easy() const { return easy_; }

    base::Result<std::string> outcome(CURLcode code) {
        if (is_too_large_) return base::Failure{fmt::format("the answer has more than {} bytes", bytes_max_)};
        if (code != CURLE_OK) {
            return base::Failure{error_.front() != '\0' ? error_.data() : curl_easy_strerror(code)};
        }
        long status = 0;
        curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
        if (status != 200) return base::Failure{fmt::format("the answer has status {}", status)};
        return std::move(document_);
    }

 private:
    static std::size_t receive(const char* data, std::size_t, std::size_t size, void* self) {
        Request& request = *static_cast<Request*>(self);
        request.is_too_large_ = size > request.bytes_max_ - request.document_.size();
        if (request.is_too_large_) return 0;  // fewer than `size`, which ends the transfer
        request.document_.append(data, size);
        return size;
    }

    CURLM* const multi_;
    CURL* const easy_;
    const UrlPtr url_{curl_url()};
    const std::size_t id_;
    const std::size_t bytes_max_;
    std::string document_;
    bool is_too_large_ = false;
    std::array<char, CURL_ERROR_SIZE> error_{};
};

KeySourceClient::KeySourceClient(const Limits& limits)
    : limits_(limits), multi_((initialise_curl(), curl_multi_init())) {
    PIPIT_ASSERT(multi_ != nullptr);
}

KeySourceClient::~KeySourceClient() = default;

void KeySourceClient::MultiDeleter::operator()(void* multi) const {
    curl_multi_cleanup(multi);
}

void KeySourceClient::get(std::size_t id, const std::string& url) {
    auto request = std::make_unique<Request>(multi_.get(), id, limits_);
    if (const base::Status begun = request->begin(url); !begun) {
        refused_.push_back({id, begun.error()});
        return;
    }
    requests_.push_back(std::move(request));
}

std::vector<KeySourceClient::Answer> KeySourceClient::wait(base::Millis time_max) {
    if (!refused_.empty()) time_max = base::Millis(0);
    int running = 0;
    PIPIT_ASSERT(curl_multi_perform(multi_.get(), &running) == CURLM_OK);
    // A request may have ended in it, and then nothing would end the wait.
    if (static_cast<std::size_t>(running) < requests_.size()) time_max = base::Millis(0);
    const auto time_max_ms = static_cast<int>(std::min<base::Millis::rep>(time_max.count(), 3'600'000));
    PIPIT_ASSERT(curl_multi_poll(multi_.get(), nullptr, 0, time_max_ms, nullptr) == CURLM_OK);
    PIPIT_ASSERT(curl_multi_perform(multi_.get(), &running) == CURLM_OK);

    std::vector<Answer> answers = std::exchange(refused_, {});
    int more = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &more)) {
        const CURLcode code = message->data.result;
        const auto found = std::ranges::find(requests_, message->easy_handle, &Request::easy);
        PIPIT_ASSERT(found != requests_.end());
        answers.push_back({(*found)->id(), (*found)->outcome(code)});
        requests_.erase(found);
    }
    return answers;
}

void KeySourceClient::wake() {
    curl_multi_wakeup(multi_.get());
}

}  // namespace pipit::net
