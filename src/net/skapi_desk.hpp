#pragma once

#include <functional>
#include <vector>

#include "net/service.hpp"
#include "net/skapi_applications.hpp"
#include "net/skapi_http.hpp"

namespace pipit::net {

/// Answers what the public client asks over HTTP, on one worker.
class SkapiDesk {
 public:
    /// All must outlive it. `want_keys`: a token names a key that is not known.
    SkapiDesk(const SkapiSettings& settings, SkapiApplications& applications,
              const std::function<void()>& want_keys)
        : settings_(settings), applications_(applications), want_keys_(want_keys) {}

    /// See Service::offer.
    RequestOutcome offer(const HttpRequest& request, HttpResponder responder);
    /// Those who waited for keys are looked at again. `fetched`: false when the keys could not be had.
    void keys_arrived(bool fetched);
    /// The last moment for answers.
    void stop();
    bool empty() const { return waiting_.empty(); }

 private:
    struct Waiting {
        SkapiCall call;
        HttpResponder responder;
    };

    RequestOutcome carry_out(SkapiCall&& call, HttpResponder&& responder);
    RequestOutcome carry_out_for(const skapi::TokenReader::Bearer& bearer, SkapiCall&& call,
                                 HttpResponder&& responder);
    HttpResponse refresh(const SkapiRefresh& refresh) const;

    const SkapiSettings& settings_;
    SkapiApplications& applications_;
    const std::function<void()>& want_keys_;
    std::vector<Waiting> waiting_;  // for keys
};

}  // namespace pipit::net
