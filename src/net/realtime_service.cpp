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
class RealtimeService::Handler final : public WebSocketHandler {
 public:
    Handler(RealtimeService& service, WebSocketConnection& connection, core::Session& session)
        : service_(service), connection_(connection), session_(session) {
        const std::uint32_t slot = session.address.slot;
        if (slot >= service.handlers_.size()) service.handlers_.resize(slot + 1);
        service.handlers_[slot] = this;
    }

    const core::SessionAddress& address() const { return session_.address; }

    void close(codec::CloseReason reason, const std::string& detail) {
        const codec::CloseInfo& info = codec::info(reason);
        spdlog::debug("{} closed: {}{}{}", name(), info.name, detail.empty() ? "" : ": ", detail);
        connection_.close(static_cast<std::uint16_t>(reason), detail.empty() ? info.text : detail);
    }

    void on_message(codec::Opcode opcode, std::string_view payload) override {
        if (opcode == codec::Opcode::text) {
            service_.hub_.receive(session_, payload);
        } else {
            service_.hub_.close(session_, codec::CloseReason::unsupported_data);
        }
    }
    void on_sign_of_life() override { service_.hub_.heard(session_); }
    void on_overflow() override { service_.hub_.close(session_, codec::CloseReason::slow_consumer); }
    void on_close(std::optional<std::uint16_t> code) override { service_.hub_.closing(session_, code); }
    void on_end() override {
        spdlog::debug("{} has gone", name());
        service_.handlers_[session_.address.slot] = nullptr;
        service_.hub_.lost(session_);
    }

 private:
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

std::unique_ptr<WebSocketHandler> RealtimeService::open(WebSocketConnection& connection,
                                                        WebSocketOpening opening) {
    core::Session& session = hub_.open(connection.outbox(), opening.deflate, std::move(opening.token),
                                       shared_host(std::move(opening.host)));
    return std::make_unique<Handler>(*this, connection, session);
}

RequestOutcome RealtimeService::offer(const HttpRequest& request, HttpResponder responder) {
    auto outcome = read_question(request, upgrade_, json_depth_max_);
    if (std::holds_alternative<std::monostate>(outcome)) return NotForService{};
    if (auto* response = std::get_if<HttpResponse>(&outcome)) return std::move(*response);
    auto& question = std::get<HttpQuestion>(outcome);
    if (draining_) return question_while_stopping(question.origin);
    if (!question.token && !unsigned_rates_.take(request.remote_address, now_))
        return question_too_soon(question.origin);
    const std::uint64_t id = questions_.add(std::move(responder), std::move(question.origin), now_);
    if (question.token) {
        hub_.ask(id, *question.token, question.command, shared_host(std::move(question.host)));
    } else {
        hub_.ask_unsigned(id, question.command);
    }
    return AnswersLater{};
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
        Handler* handler = handlers_[closing.address.slot];
        if (handler != nullptr && handler->address() == closing.address)
            handler->close(closing.reason, closing.detail);
    }
    post(effects.outgoing);
    post(effects.outgoing_last);
    if (!effects.push.empty()) links_.push(std::exchange(effects.push, {}));
    if (!effects.history.empty()) links_.history(std::exchange(effects.history, {}));
    if (std::exchange(effects.keys_wanted, false)) links_.want_keys();
    for (auto& [id, error, retry_after_ms, json] : std::exchange(effects.answers, {})) {
        if (error) {
            questions_.refuse(id, *error, std::move(json), retry_after_ms);
        } else {
            questions_.answer(id, std::move(json));
        }
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
