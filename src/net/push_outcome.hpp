#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "push/endpoint.hpp"
#include "push/push_request.hpp"
#include "push/retry_policy.hpp"

namespace pipit::net {

/// One attempt to deliver one message.
struct PushJob {
    std::uint64_t id = 0;  ///< the caller's, for its outcome
    std::string user;      ///< whose message it is: users take turns
    push::Endpoint endpoint;
    push::PushRequest request;  ///< for this endpoint
};

/// Why there is no status.
enum class PushError : std::uint8_t {
    none,              ///< there is one
    forbidden_target,  ///< the endpoint's host, or an address that its name has, is not to be reached:
                       ///< trying again helps only if the name gets another one
    name_not_found,    ///< the host's name has no address
    no_connection,     ///< nobody listens there, or the way there is cut
    tls_failed,        ///< no TLS, or a certificate that nobody we trust vouches for
    timed_out,
    broken_answer,  ///< cut off, not HTTP, or with more headers than the limit
    closed,         ///< the sender was closed before it could know
};

/// The enumerator's name.
std::string_view push_error_name(PushError error);

/// What the push service did or did not, for a sentence in a log that begins with its origin.
std::string_view push_error_predicate(PushError error);

/// What came of it.
struct PushOutcome {
    std::uint64_t id = 0;
    PushError error = PushError::none;
    int status = 0;                ///< of HTTP, 0 with an error
    std::string retry_after = {};  ///< the header's value, "" without one
    std::string reason = {};   ///< of the error, for a log: names the host, never the endpoint or a header
    bool multiplexed = false;  ///< whether the service answered in HTTP/2

    push::AttemptAnswer answer() const { return {.status = status, .retry_after = retry_after}; }
};

}  // namespace pipit::net
