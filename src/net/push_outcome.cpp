#include "net/push_outcome.hpp"

#include "base/assert.hpp"

namespace pipit::net {

std::string_view push_error_name(PushError error) {
    switch (error) {
        case PushError::none:
            return "none";
        case PushError::forbidden_target:
            return "forbidden_target";
        case PushError::name_not_found:
            return "name_not_found";
        case PushError::no_connection:
            return "no_connection";
        case PushError::tls_failed:
            return "tls_failed";
        case PushError::timed_out:
            return "timed_out";
        case PushError::broken_answer:
            return "broken_answer";
        case PushError::closed:
            return "closed";
    }
    PIPIT_ASSERT(false);
    return {};
}

std::string_view push_error_predicate(PushError error) {
    switch (error) {
        case PushError::none:
            return "answered";
        case PushError::forbidden_target:
            return "has an address that is not to be reached";
        case PushError::name_not_found:
            return "could not be looked up";
        case PushError::no_connection:
            return "refused the connection or is not to be reached from here";
        case PushError::tls_failed:
            return "could not be trusted: TLS failed";
        case PushError::timed_out:
            return "timed out";
        case PushError::broken_answer:
            return "broke its answer off or sent no HTTP";
        case PushError::closed:
            return "was no longer waited for";
    }
    PIPIT_ASSERT(false);
    return {};
}

}  // namespace pipit::net
