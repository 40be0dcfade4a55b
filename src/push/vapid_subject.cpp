#include "push/vapid_subject.hpp"

#include <algorithm>

#include "push/domain_name.hpp"
#include "push/endpoint.hpp"

namespace pipit::push {
namespace {

constexpr std::string_view kMailto = "mailto:";
constexpr std::size_t kMailboxNameCharactersMax = 64;  // RFC 5321 section 4.5.3.1.1

/// Dot-atom of RFC 5322 section 3.2.3, without what has a meaning in a URL.
bool is_mailbox_name(std::string_view name) {
    constexpr std::string_view kAllowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!$'*+-/=_~.";
    return !name.empty() && name.size() <= kMailboxNameCharactersMax &&
           name.find_first_not_of(kAllowed) == std::string_view::npos && name.front() != '.' &&
           name.back() != '.' && name.find("..") == std::string_view::npos;
}

bool is_mail_address(std::string_view address) {
    const std::size_t at = address.rfind('@');
    if (at == std::string_view::npos) return false;
    std::string domain(address.substr(at + 1));
    std::transform(domain.begin(), domain.end(), domain.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return is_mailbox_name(address.substr(0, at)) && is_public_domain_name(domain);
}

bool is_site(std::string_view url) {
    const auto parsed = Endpoint::parse(url);
    return parsed && is_public_domain_name(parsed.value().host());
}

}  // namespace

base::Result<VapidSubject> VapidSubject::parse(std::string_view text) {
    const bool is_real =
        text.starts_with(kMailto) ? is_mail_address(text.substr(kMailto.size())) : is_site(text);
    if (!is_real || text.size() > kCharactersMax) {
        return base::Failure{
            "the VAPID subject must be mailto: and one mail address, or an https URL, of at most " +
            std::to_string(kCharactersMax) +
            " characters and in a domain that others can reach, such as mailto:push@example.com"};
    }
    return VapidSubject(std::string(text));
}

}  // namespace pipit::push
