#include "net/key_fetcher.hpp"

#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "auth/jwks.hpp"
#include "net/key_source_client.hpp"
#include "net/os.hpp"

namespace pipit::net {
namespace {
// A document that may be fetched may also be parsed, from wherever it comes.
constexpr auth::JwksRules kRules = {};
// While only a transfer can change something, and that ends the wait itself.
constexpr base::Millis kLongWait{3'600'000};
}  // namespace

KeyFetcher::KeyFetcher(std::vector<auth::Issuer> local, std::vector<KeySource> sources, OnKeys on_keys,
                       KeySourceSchedule::Timing timing)
    : sources_(std::move(sources)),
      local_count_(local.size()),
      on_keys_(std::move(on_keys)),
      client_(std::make_unique<KeySourceClient>(
          KeySourceClient::Limits{.document_bytes_max = kRules.document_bytes_max})),
      issuers_(std::move(local)),
      schedule_(sources_, timing) {
    for (const KeySource& source : sources_) {
        PIPIT_ASSERT(source.file.empty() != source.url.empty());
        issuers_.push_back({.iss = source.issuer, .audiences = source.audiences});
    }
}

KeyFetcher::~KeyFetcher() {
    stop();
}

base::Result<std::shared_ptr<const auth::KeyRing>> KeyFetcher::load_files() {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        if (sources_[i].file.empty()) continue;
        if (const auto taken = take(i, read_key_file(sources_[i].file, kRules.document_bytes_max)); !taken) {
            return base::Failure{
                fmt::format("the keys of issuer \"{}\": {}", sources_[i].issuer, taken.error().message)};
        }
    }
    return ring();
}

void KeyFetcher::start() {
    if (!sources_.empty()) thread_ = std::thread([this] { run(); });
}

void KeyFetcher::fetch_soon() {
    if (sources_.empty()) {
        if (!stop_wanted_) publish();
        return;
    }
    soon_wanted_ = true;
    client_->wake();
}

void KeyFetcher::reload() {
    reload_wanted_ = true;
    client_->wake();
}

void KeyFetcher::stop() {
    stop_wanted_ = true;
    client_->wake();
    if (thread_.joinable()) thread_.join();
}

void KeyFetcher::run() {
    while (!stop_wanted_) {
        if (reload_wanted_.exchange(false)) schedule_.reload(monotonic_now());
        if (soon_wanted_.exchange(false) && !schedule_.want(monotonic_now())) publish();
        for (const std::size_t source : schedule_.begin_due(monotonic_now()))
            begin_reading(source);
        for (const auto& answer : client_->wait(schedule_.idle_for(monotonic_now()).value_or(kLongWait))) {
            finish_reading(answer.id, answer.document);
        }
    }
}

void KeyFetcher::begin_reading(std::size_t source) {
    if (!sources_[source].url.empty()) {
        client_->get(source, sources_[source].url);
    } else {
        finish_reading(source, read_key_file(sources_[source].file, kRules.document_bytes_max));
    }
}

void KeyFetcher::finish_reading(std::size_t source, const base::Result<std::string>& document) {
    const base::Status taken = take(source, document);
    if (!taken) {
        spdlog::warn("the keys of issuer \"{}\" stay as they were: {}", sources_[source].issuer,
                     taken.error().message);
    }
    if (schedule_.finish(source, static_cast<bool>(taken), monotonic_now())) publish();
}

base::Status KeyFetcher::take(std::size_t source, const base::Result<std::string>& document) {
    if (!document) return document.error();
    auto keys = auth::parse_jwks(*document, kRules);
    const KeySource& from = sources_[source];
    if (!keys) return base::Failure{fmt::format("{}: {}", from.url + from.file, keys.error().message)};
    issuer_of(source).keys = std::make_shared<const auth::KeySet>(std::move(keys).value());
    return std::monostate{};
}

std::shared_ptr<const auth::KeyRing> KeyFetcher::ring() const {
    return std::make_shared<const auth::KeyRing>(issuers_);
}

void KeyFetcher::publish() {
    on_keys_(ring(), schedule_.all_fresh(monotonic_now()));
}

}  // namespace pipit::net
