#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace pipit::net {

/// Fetches key set documents, several at the same time.
///
/// https with a verified certificate, or http from this machine (localhost, 127.0.0.1, [::1]); redirects only
/// to https. For https a proxy that the environment names (https_proxy) is used. The answer must be status
/// 200. Nothing of one request is used for another: no cookies, no connections. One thread owns it; only
/// wake() may be called from others. Destroying it breaks off what is under way.
class KeySourceClient {
 public:
    struct Limits {
        /// Until TCP and TLS stand.
        base::Millis connect_timeout{5'000};
        /// From get() to the last byte, redirects included.
        base::Millis total_timeout{10'000};
        std::size_t document_bytes_max = 256 << 10;
        long redirects_max = 3;
    };

    /// The answer to get(): the document, or why there is none.
    struct Answer {
        std::size_t id;
        base::Result<std::string> document;
    };

    explicit KeySourceClient(const Limits& limits);
    ~KeySourceClient();
    KeySourceClient(const KeySourceClient&) = delete;
    KeySourceClient& operator=(const KeySourceClient&) = delete;

    /// Begins a request. Its Answer carries `id` and comes from wait(), also when the URL is refused.
    void get(std::size_t id, const std::string& url);

    /// Moves requests on for at most `time_max`; returns early with answers, or after wake().
    std::vector<Answer> wait(base::Millis time_max);

    /// Ends the present wait(), or else the next one.
    void wake();

 private:
    class Request;
    struct MultiDeleter {
        void operator()(void* multi) const;
    };

    const Limits limits_;
    const std::unique_ptr<void, MultiDeleter>
        multi_;  // curl's handle of the whole; void is curl's own choice
    std::vector<std::unique_ptr<Request>> requests_;
    std::vector<Answer> refused_;
};

}  // namespace pipit::net
