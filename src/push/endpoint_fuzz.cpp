// What is taken for an endpoint is https, has one reading, and its origin is an endpoint with the same host
// and port.

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "push/domain_name.hpp"
#include "push/endpoint.hpp"
#include "push/target_rules.hpp"

using namespace pipit::push;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto endpoint = Endpoint::parse(pipit::base::as_text({data, size}));
    if (!endpoint) return 0;
    const Endpoint& found = endpoint.value();
    PIPIT_ASSERT(found.url().starts_with("https://") && found.url().size() <= Endpoint::kCharactersMax);
    PIPIT_ASSERT(found.url().find_first_of("#\\ \r\n\t") == std::string::npos);
    PIPIT_ASSERT(found.address() ? IpAddress::parse(found.host()) == found.address()
                                 : is_domain_name(found.host()));
    const auto origin = Endpoint::parse(found.origin());
    PIPIT_ASSERT(origin && origin.value().host() == found.host() && origin.value().port() == found.port());
    const bool is_allowed = static_cast<bool>(TargetRules{}.check(found));
    PIPIT_ASSERT(is_allowed == static_cast<bool>(TargetRules{}.check(origin.value())));
    return 0;
}
