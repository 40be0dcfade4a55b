#include "net/realtime_service.hpp"

#include <algorithm>
#include <iterator>

#include <spdlog/spdlog.h>

#include "net/question_http.hpp"

namespace pipit::net {
namespace {
// With one tick every 50 ms: 10,000 sessions a second, and the others are served meanwhile.
constexpr std::size_t kDrainedPerTick = 500;
}  // namespace

/// Between one connection and its session.
class RealtimeService::Handler final : public WebSocketHandler, private RealtimeService::Client {
 public:
    Handler(RealtimeService& service, WebSocketConnection& connection, WebSocketOpening&& opening)
        : service_(service),
          connection_(connection),
          session_(service.open_session(connection.outbox(), opening.deflate, std::move(opening.token),
                                        std::move(opening.host), *this)) {}

    void on_message(codec::Opcode opcode, std::string_view payload) override {
        if (opcode == codec::Opcode::text) {
            service_.hub_.receive(session_, payload);
        } else {
            service_.hub_.close(session_, codec::CloseReason::unsupported_data);
        }
    }
    void on_sign_of_life() override { service_.hub_.heard(session_); }
    void on_pong() override {}
    void on_overflow() override { service_.hub_.close(session_, codec::CloseReason::slow_consumer); }
    void on_close(std::optional<std::uint16_t> code) override { service_.hub_.closing(session_, code); }
    void on_end() override {
        spdlog::debug("{} has gone", name());
        service_.end_session(session_);
    }

 private:
    void close(codec::CloseReason reason, const std::string& detail) override {
        const codec::CloseInfo& info = codec::info(reason);
        spdlog::debug("{} closed: {}{}{}", name(), info.name, detail.empty() ? "" : ": ", detail);
        connection_.close(static_cast<std::uint16_t>(reason), detail.empty() ? info.text : detail);
    }

    std::string name() const {
        return session_.user ? fmt::format("{} of user \"{}\"", session_.cid.text(), *session_.user)
                             : std::string("a connection that is not signed in");
    }

    RealtimeService& service_;
    WebSocketConnection& connection_;
    core::Session& session_;
};

RealtimeService::RealtimeService(const core::HubSettings& settings, const QuestionRules& question_rules,
                                 core::WorkerIndex self, core::WorkerIndex worker_count,
                                 core::FrameArena& arena, std::shared_ptr<const auth::KeyRing> keys,
                                 Links links)
    : upgrade_(question_rules.upgrade),
      json_depth_max_(settings.decode.json_depth_max),
      unsigned_rates_(question_rules.unsigned_rate, random_, monotonic_now()),
      self_(self),
      hub_(settings, self, worker_count, random_, arena, std::move(keys)),
      links_(std::move(links)) {}

void RealtimeService::receive(std::vector<core::ShardMessage> messages) {
    for (core::ShardMessage& message : messages) {
        links_.queues[self_]->remove(core::queued_bytes(message));
        hub_.handle(std::move(message));
    }
}

void RealtimeService::keys_arrived(std::shared_ptr<const auth::KeyRing> keys, bool fetched) {
    hub_.keys_arrived(std::move(keys), fetched);
}

Admission RealtimeService::admit(const HttpRequest&, WebSocketOpening opening) {
    return [this, opening = std::move(opening)](WebSocketConnection& connection) mutable {
        return std::make_unique<Handler>(*this, connection, std::move(opening));
    };
}

core::Session& RealtimeService::open_session(core::Outbox& outbox, bool deflate,
                                             std::optional<std::string> token, std::string host,
                                             Client& client) {
    core::Session& session = hub_.open(outbox, deflate, std::move(token), shared_host(std::move(host)));
    const std::uint32_t slot = session.address.slot;
    if (slot >= clients_.size()) clients_.resize(slot + 1);
    clients_[slot] = {session.address, &client};
    return session;
}

void RealtimeService::end_session(core::Session& session) {
    clients_[session.address.slot] = {};
    hub_.lost(session);
}

RequestOutcome RealtimeService::offer(const HttpRequest& request, HttpResponder responder) {
    auto outcome = read_question(request, upgrade_, json_depth_max_);
    if (std::holds_alternative<std::monostate>(outcome)) return NotForService{};
    if (auto* response = std::get_if<HttpResponse>(&outcome)) return std::move(*response);
    auto& question = std::get<HttpQuestion>(outcome);
    if (draining_) return question_response(HubAnswer::while_stopping(), question.origin);
    if (!question.token && !unsigned_rates_.take(request.remote_address, now_))
        return question_response(HubAnswer::too_soon(), question.origin);
    OpenQuestions::Asker asker = [responder = std::move(responder),
                                  origin = std::move(question.origin)](HubAnswer answer) {
        responder(question_response(std::move(answer), origin));
    };
    if (question.token) {
        ask(*question.token, question.command, std::move(question.host), std::move(asker));
    } else {
        hub_.ask_unsigned(questions_.add(std::move(asker), now_), question.command);
    }
    return AnswersLater{};
}

void RealtimeService::ask(std::string_view token, std::string_view command, std::string host,
                          OpenQuestions::Asker asker) {
    hub_.ask(questions_.add(std::move(asker), now_), token, command, shared_host(std::move(host)));
}

core::HostName RealtimeService::shared_host(std::string&& host) {
    if (host.empty()) return nullptr;
    if (!last_host_ || *last_host_ != host) last_host_ = std::make_shared<const std::string>(std::move(host));
    return last_host_;
}

void RealtimeService::begin_drain() {
    draining_ = true;
    hub_.begin_drain();
}

void RealtimeService::begin_turn() {
    now_ = monotonic_now();
    hub_.begin_turn({now_, unix_now()}, congested_workers(), links_.is_push_congested(),
                    links_.is_history_congested());
}

std::vector<bool> RealtimeService::congested_workers() const {
    const auto is_congested = [](const ShardQueue* queue) { return queue->is_congested(); };
    if (std::ranges::none_of(links_.queues, is_congested)) return {};  // as nearly always
    std::vector<bool> congested;
    std::ranges::transform(links_.queues, std::back_inserter(congested), is_congested);
    return congested;
}

void RealtimeService::carry_out_effects() {
    core::HubEffects& effects = hub_.effects();
    for (const auto& closing : std::exchange(effects.closing, {})) {
        const SessionClient& there = clients_[closing.address.slot];
        if (there.client != nullptr && there.address == closing.address)
            there.client->close(closing.reason, closing.detail);
    }
    post(effects.outgoing);
    post(effects.outgoing_last);
    if (!effects.push.empty()) links_.push(std::exchange(effects.push, {}));
    if (!effects.history.empty()) links_.history(std::exchange(effects.history, {}));
    if (std::exchange(effects.keys_wanted, false)) links_.want_keys();
    for (auto& [id, error, retry_after_ms, json] : std::exchange(effects.answers, {})) {
        questions_.answer(id, {.error = error, .retry_after_ms = retry_after_ms, .json = std::move(json)});
    }
}

void RealtimeService::tick() {
    hub_.tick();
    questions_.tick(now_);
}

void RealtimeService::post(std::vector<std::vector<core::ShardMessage>>& messages) {
    for (std::size_t to = 0; to < messages.size(); ++to) {
        if (messages[to].empty()) continue;
        for (const core::ShardMessage& message : messages[to])
            links_.queues[to]->add(core::queued_bytes(message));
        links_.send(static_cast<core::WorkerIndex>(to), std::exchange(messages[to], {}));
    }
}

bool RealtimeService::drain_some() {
    hub_.drain(kDrainedPerTick);
    return hub_.session_count() > 0 || !questions_.empty();
}

}  // namespace pipit::net
