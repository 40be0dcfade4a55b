#include "app/skapi_token.hpp"

#include <algorithm>

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>

#include "app/skapi_settings.hpp"
#include "base/uuid.hpp"
#include "skapi/tokens.hpp"

namespace pipit::app {
namespace {

base::Result<skapi::Service> service_of(const TokenCommand& command, const Settings& settings) {
    const auto services = skapi_services(settings);
    if (command.service_id.empty()) {
        if (!command.owner.empty()) return base::Failure{"--owner needs --service."};
        if (services.size() == 1) return skapi_service(services.front());
        return base::Failure{"--service must be given: there are several in the settings."};
    }
    const auto known = std::ranges::find(services, command.service_id, &SkapiServiceSettings::id);
    if (known != services.end()) {
        if (!command.owner.empty() && !boost::iequals(command.owner, known->owner))
            return base::Failure{fmt::format("--owner is not that of service {}.", known->id)};
        return skapi_service(*known);
    }
    if (!skapi::is_service_id(command.service_id)) {
        return base::Failure{
            "--service must be a region of the client's and six letters and digits or more, such as "
            "us31abcdef."};
    }
    if (!base::is_uuid(command.owner)) {
        return base::Failure{
            "--owner must be a UUID, and be given for a service that is not in the settings."};
    }
    return skapi::Service{.id = command.service_id, .owner = command.owner};
}

}  // namespace

base::Result<std::string> skapi_tokens(const TokenCommand& command, const Settings& settings,
                                       const auth::Secret& secret, base::UnixSeconds now) {
    if (!base::is_uuid(command.user_id)) {
        return base::Failure{"--user must be a UUID: the client takes nothing else for a user."};
    }
    const auto service = service_of(command, settings);
    if (!service) return service.error();
    const skapi::Person person{.user = command.user_id, .admin = command.admin, .name = command.name};
    return skapi::sign_tokens(*service, skapi::service_secret(secret, service->id), person, now,
                              command.ttl.count())
        .json();
}

}  // namespace pipit::app
