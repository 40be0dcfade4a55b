#pragma once

#include <atomic>
#include <string>
#include <utility>

#include "auth/secret.hpp"
#include "net/http.hpp"

namespace pipit::app {

/// What is served over plain HTTP: the health of the server, the browser SDK and, in development, the
/// playground and tokens for the asking. Safe to call from every worker.
class Site {
 public:
    struct Settings {
        bool dev = false;
        std::size_t user_id_bytes_max = 255;
        std::string token_audience =
            {};  ///< what tokens for the asking are for; empty: nothing in particular
    };

    /// `secret` must outlive the site.
    Site(Settings settings, const auth::Secret& secret) : settings_(std::move(settings)), secret_(secret) {}

    net::HttpResponse answer(const net::HttpRequest& request) const;
    /// From now on the server says that it should get no more traffic.
    void begin_drain() { draining_ = true; }

 private:
    net::HttpResponse health() const;
    net::HttpResponse token(const net::HttpRequest& request) const;
    net::HttpResponse file(std::string_view path) const;

    Settings settings_;
    const auth::Secret& secret_;
    std::atomic<bool> draining_ = false;
};

}  // namespace pipit::app
