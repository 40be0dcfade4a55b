#include "net/skapi_applications.hpp"

#include <utility>

#include "auth/token_signer.hpp"
#include "net/os.hpp"

namespace pipit::net {
namespace {
constexpr base::UnixSeconds kNativeTokenTtlS = 10LL * 365 * 24 * 3600;
constexpr base::UnixSeconds kRefreshedTtlS = 24 * 3600;
}  // namespace

SkapiApplications::SkapiApplications(const SkapiSettings& settings, std::vector<Application> applications,
                                     std::shared_ptr<const auth::KeyRing> keys)
    : settings_(settings),
      applications_(std::move(applications)),
      reader_(settings.services, std::move(keys), settings.token_rules) {}

void SkapiApplications::set_keys(std::shared_ptr<const auth::KeyRing> keys) {
    reader_ = skapi::TokenReader(settings_.services, std::move(keys), settings_.token_rules);
}

base::Result<skapi::TokenReader::Bearer, auth::TokenError> SkapiApplications::bearer_of(
    std::string_view token) const {
    return reader_.read(token, unix_now());
}

base::Result<skapi::TokenSet, auth::TokenError> SkapiApplications::refresh(std::string_view token) const {
    const auto bearer = reader_.read_refresh(token, unix_now());
    if (!bearer) return bearer.error();
    return skapi::sign_tokens(settings_.services[bearer->service], settings_.service_secrets[bearer->service],
                              bearer->person, unix_now(), kRefreshedTtlS);
}

RealtimeService& SkapiApplications::realtime_of(const skapi::TokenReader::Bearer& bearer) {
    return *applications_[settings_.applications[bearer.service]].realtime;
}

std::string SkapiApplications::native_token_of(const skapi::TokenReader::Bearer& bearer) const {
    const Application& application = applications_[settings_.applications[bearer.service]];
    return auth::sign_hs256(application.secret, {.user_id = bearer.person.user,
                                                 .admin = bearer.person.admin,
                                                 .audience = application.audience,
                                                 .issued_at = unix_now(),
                                                 .ttl_s = kNativeTokenTtlS});
}

}  // namespace pipit::net
