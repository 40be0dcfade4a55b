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

}  // namespace pipit::net
