// Two hubs and a few connections; each byte of the input chooses what happens next, and the rest of a line
// may be what a client says. Nothing may break an invariant, every answer must be JSON, every change of a
// watched list must fit to it, and when all have gone, their grace is over, nobody has come back to a call,
// and what was kept for them is too old, nothing may be left.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "codec/json_scan.hpp"
#include "codec/utf8.hpp"
#include "core/testing/fake_log.hpp"
#include "core/testing/hub_mesh.hpp"
#include "core/testing/push_desk.hpp"
#include "core/testing/test_client.hpp"
#include "core/testing/tokens.hpp"
#include "core/testing/watched_list.hpp"

namespace {

using namespace pipit;
using namespace pipit::core;

constexpr WorkerIndex kWorkers = 2;
constexpr std::size_t kClients = 6;

class Input {
 public:
    explicit Input(std::string_view bytes) : bytes_(bytes) {}
    bool empty() const { return bytes_.empty(); }
    std::uint8_t byte() {
        if (bytes_.empty()) return 0;
        const auto value = static_cast<std::uint8_t>(bytes_.front());
        bytes_.remove_prefix(1);
        return value;
    }
    /// Up to the next zero byte.
    std::string_view text() {
        const std::size_t end = bytes_.find('\0');
        const std::string_view text = bytes_.substr(0, end);
        bytes_.remove_prefix(end == std::string_view::npos ? bytes_.size() : end + 1);
        return text;
    }

 private:
    std::string_view bytes_;
};

HubSettings fuzz_settings() {
    HubSettings settings = test_settings();
    settings.message_bytes_max = 300;
    settings.rate = {.per_second = 50, .burst = 40};
    settings.connections_per_user_max = 2;
    settings.grace = base::Millis(1'000);
    settings.watches_per_connection_max = 3;
    settings.watches_max = 6;
    settings.calls_per_connection_max = 2;
    settings.call_access = CallAccess::everyone;
    settings.push = true;
    settings.page_bytes_max = 600;
    settings.history.of_group = {.events_max = 6, .bytes_max = 3'000};
    settings.history.of_user = {.events_max = 3, .bytes_max = 600};
    settings.history.bytes_max = 16'000;
    settings.history.age_max = base::Millis(60'000);
    settings.history.key_window = base::Millis(30'000);
    settings.history.is_durable = [](std::string_view group) { return group == "g2"; };
    settings.encoder.deflate_message_bytes_min = 60;
    settings.decode.json_depth_max = 8;
    settings.server_name = "pipit/fuzz";
    settings.is_user_id = [](std::string_view name) { return name.starts_with('u'); };
    return settings;
}

struct Client {
    Client(TouchedOutboxes& touched, WorkerIndex on, bool deflate) : worker(on), end(touched, deflate) {}
    WorkerIndex worker;
    TestClient end;
    Session* session = nullptr;
    std::string cid;
    std::map<std::string, WatchedList, std::less<>> lists;  ///< by id
};

class Play {
 public:
    Play() { pass(base::Millis(0)); }

    void act(Input& input) {
        const std::uint8_t choice = input.byte();
        if (choice >= 224) {
            auto& calling = clients_[choice % kClients];
            say(calling, call_command(input.byte()));
            return;
        }
        if (choice >= 192) {
            auto& asking = clients_[choice % kClients];
            say(asking, list_command(asking, input.byte()));
            return;
        }
        auto& client = clients_[choice / 16 % kClients];
        switch (choice % 16) {
            case 0:
                open(client, input.byte());
                break;
            case 1:
                say(client, input.text());
                break;
            case 2:
                say(client, connect(input.byte()));
                break;
            case 3:
                say(client, R"({"id":2,"op":"refresh","token":")" + token(input.byte()) + "\"}");
                break;
            case 4:
                say(client, join(input.byte()));
                break;
            case 5:
                say(client, R"({"id":4,"op":"leave"})");
                break;
            case 6:
                say(client, post_to_group(input.byte(), choice < 96));
                break;
            case 7:
                say(client, post_to_user(input.byte(), choice < 96));
                break;
            case 8:
                say(client, post_to_cid(input.byte()));
                break;
            case 9:
                lose(client);
                break;
            case 10:
                close(client, input.byte());
                break;
            case 11:
                push_desk_.grant_next();
                upset_log(choice / 16);
                pass(base::Millis(input.byte()) * 128);
                break;
            case 12:
                exchange(input.byte());
                break;
            case 13:
                end_turn(choice / 16 % kWorkers, input.byte());
                break;
            case 14:
                keys_arrive(input.byte());
                break;
            default:
                drain(input.byte());
                break;
        }
    }

    void finish() {
        for (auto& client : clients_)
            lose(client);
        settle();
        pass(settings_.grace);
        settle();
        pass(CallHome::kReattachWindow);
        pass(settings_.history.age_max);
        for (WorkerIndex worker = 0; worker < kWorkers; ++worker) {
            const Hub& hub = mesh_.hub(worker);
            PIPIT_ASSERT(hub.session_count() + hub.group_count() + hub.user_count() + hub.cid_count() +
                             hub.call_count() + hub.history_bytes() ==
                         0);
        }
    }

 private:
    using Slot = std::unique_ptr<Client>;

    void settle() {
        do {
            for (int i = 0; i < 1000; ++i)
                exchange(static_cast<std::uint8_t>(i));
            for (WorkerIndex worker = 0; worker < kWorkers; ++worker)
                end_turn(worker, 0);
        } while (push_desk_.grant_next() || log_.carry_out(mesh_, SIZE_MAX) || mesh_.anything_under_way());
    }

    static const std::string& token(std::uint8_t number) { return tokens_[number % tokens_.size()]; }
    static std::string group(std::uint8_t number) { return "g" + std::to_string(number % 3); }
    /// A position that was told lately, perhaps of another stream.
    std::string since(std::uint8_t number) const {
        return R"(,"since":{"epoch":")" + last_epoch_ + R"(","offset":)" + std::to_string(number % 16) + "}";
    }
    std::string join(std::uint8_t how) const {
        return R"({"id":3,"op":"join","group":")" + group(how) + "\"" + (how >= 96 ? since(how / 3) : "") +
               "}";
    }
    static std::string post_to_group(std::uint8_t how, bool notifies) {
        return post("\"" + group(how) + "\"", how / 3, notifies);
    }
    static std::string post_to_user(std::uint8_t how, bool notifies) {
        return post(R"({"user":"u)" + std::to_string(how % 2) + "\"}", how / 2, notifies);
    }
    std::string post_to_cid(std::uint8_t how) const {
        return post(R"({"cid":")" + cid_of(how) + "\"}", how / 8, false);
    }
    static std::string post(const std::string& to, unsigned how, bool notifies) {
        const std::string key = how % 8 < 4 ? R"(,"key":"k)" + std::to_string(how % 4) + "\"" : "";
        return R"({"id":5,"op":"post","to":)" + to + R"(,"data":")" + std::string(80, '.') + "\"" + key +
               (notifies ? R"(,"notification":{"title":"a","body":"b"}})" : "}");
    }

    std::string connect(std::uint8_t how) const {
        std::string command = R"({"id":1,"op":"connect","token":")" + token(how) + "\"";
        if (how >= 128)
            command += R"(,"session":")" + lost_cid_ + "\"";
        else if (how >= 64)
            command += R"(,"session":")" + cid_of(how / 8) + "\"";
        if (how % 2 == 1) command += since(how / 2);
        return command + "}";
    }

    static std::string list_command(const Slot& client, std::uint8_t number) {
        static constexpr std::array kCommands{
            R"({"id":6,"op":"groups","limit":1})",
            R"({"id":6,"op":"groups","searchFor":"number_of_users","ascending":false})",
            R"({"id":6,"op":"users"})",
            R"({"id":6,"op":"users","group":"g1"})",
            R"({"id":7,"op":"watch","list":"groups"})",
            R"({"id":7,"op":"watch","list":"groups","searchFor":"number_of_users","limit":2})",
            R"({"id":8,"op":"watch","list":"users"})",
            R"({"id":8,"op":"watch","list":"users","group":"g1","limit":1})",
            R"({"id":16,"op":"history"})",
            R"({"id":16,"op":"history","group":"g2","limit":1})",
        };
        if (number < 192 || !client || client->lists.empty()) return kCommands[number % kCommands.size()];
        return R"({"id":9,"op":"unwatch","watch":")" + client->lists.begin()->first + "\"}";
    }

    std::string call_command(std::uint8_t number) const {
        const std::string in_call = R"("call":")" + last_call_ + "\"";
        switch (number % 8) {
            case 0:
                return R"({"id":10,"op":"call","to":{"user":"u)" + std::to_string(number / 8 % 2) + "\"}}";
            case 1:
                return R"({"id":10,"op":"call","to":{"cid":")" + cid_of(number / 8) + R"("},"data":1})";
            case 2:
            case 3:
                return R"({"id":11,"op":"accept",)" + in_call + "}";
            case 4:
                return R"({"id":12,"op":"signal",)" + in_call + R"(,"data":")" + std::string(number, '.') +
                       "\"}";
            case 5:
                return R"({"id":13,"op":"hangup",)" + in_call + "}";
            case 6:
                return R"({"id":14,"op":"reattach","ticket":")" + last_ticket_ + "\"}";
            default:
                return R"({"id":15,"op":"ice"})";
        }
    }

    void open(Slot& client, std::uint8_t how) {
        if (client) return;
        const auto worker = static_cast<WorkerIndex>(how % kWorkers);
        const bool deflate = (how & 2) != 0;
        client = std::make_unique<Client>(mesh_.touched(worker), worker, deflate);
        std::optional<std::string> handshake_token;
        if ((how & 4) != 0) handshake_token = token(how / 8);
        client->session = &mesh_.hub(worker).open(client->end.outbox, deflate, std::move(handshake_token));
    }

    void say(Slot& client, std::string_view message) {
        if (!client || !codec::is_valid_utf8(message)) return;
        mesh_.hub(client->worker).receive(*client->session, message);
    }

    void lose(Slot& client) {
        if (!client) return;
        mesh_.hub(client->worker).lost(*client->session);
        if (!client->cid.empty()) lost_cid_ = client->cid;
        client.reset();
    }

    void close(Slot& client, std::uint8_t how) {
        if (!client) return;
        mesh_.hub(client->worker)
            .close(*client->session, codec::kCloses[how % codec::kCloses.size()].reason,
                   how > 127 ? "because" : "");
    }

    void pass(base::Millis time) {
        now_ += time;
        mesh_.set_time({now_, kTestUnixTime + (now_.time_since_epoch().count() - kStartMs) / 1000});
        for (WorkerIndex worker = 0; worker < kWorkers; ++worker)
            mesh_.hub(worker).tick();
    }

    void exchange(std::uint8_t pair) {
        mesh_.deliver(static_cast<WorkerIndex>(pair % kWorkers),
                      static_cast<WorkerIndex>(pair / kWorkers % kWorkers));
    }

    void end_turn(int index, std::uint8_t bytes_per_flush) {
        const auto worker = static_cast<WorkerIndex>(index);
        for (auto& client : clients_) {
            if (client) client->end.bytes_per_flush = bytes_per_flush < 128 ? SIZE_MAX : bytes_per_flush;
        }
        const auto closings = mesh_.end_turn(worker);
        push_desk_.take_from(worker);
        log_.take_from(mesh_, worker, now_);
        for (auto& client : clients_) {
            if (!client || client->worker != worker) continue;
            for (const std::string& text : client->end.take_texts())
                check(*client, text);
            const bool closed =
                std::any_of(closings.begin(), closings.end(), [&](const HubEffects::Closing& closing) {
                    return closing.address == client->session->address;
                });
            if (closed) lose(client);
        }
    }

    /// What stands behind `name` if that is in the text, up to the next quote.
    static void take(const std::string& text, std::string_view name, std::string& value) {
        const std::size_t at = text.find(name);
        if (at == std::string::npos) return;
        const std::size_t begin = at + name.size();
        value = text.substr(begin, text.find('"', begin) - begin);
    }

    void check(Client& client, const std::string& text) {
        PIPIT_ASSERT(codec::validate_json(text, 12));
        take(text, R"(,"ok":{"call":")", last_call_);
        take(text, R"("ticket":")", last_ticket_);
        take(text, R"("epoch":")", last_epoch_);
        const std::size_t cid = text.find("\"cid\":\"cid:");
        if (client.cid.empty() && cid != std::string::npos) client.cid = text.substr(cid + 7, 20);
        // Only these are read as a whole: in others stands what clients have sent, whatever numbers that has.
        if (text.starts_with(R"({"ev":"watch")") || text.starts_with(R"({"ev":"unwatched")")) {
            const boost::json::object event = boost::json::parse(text).as_object();
            const auto list = client.lists.find(std::string_view(event.at("watch").as_string()));
            PIPIT_ASSERT(list != client.lists.end());
            if (event.at("ev") == "unwatched") {
                client.lists.erase(list);
            } else {
                PIPIT_ASSERT(list->second.apply(event).empty());
            }
        } else if (text.starts_with(R"({"id":)") && text.find(R"("ok":{"watch":")") != std::string::npos) {
            WatchedList list;
            list.begin(boost::json::parse(text).at("ok").as_object());
            client.lists.insert_or_assign(list.id(), list);
        }
    }

    std::string cid_of(unsigned number) const {
        const Slot& client = clients_[number % kClients];
        return client && !client->cid.empty() ? client->cid : "cid:9fK2Zr0aQw_XcV1B";
    }

    void keys_arrive(std::uint8_t how) {
        for (WorkerIndex worker = 0; worker < kWorkers; ++worker) {
            mesh_.hub(worker).keys_arrived((how & 1) != 0 ? test_keys() : no_keys(), (how & 2) != 0);
        }
    }

    void upset_log(int how) {
        log_.carry_out(mesh_, static_cast<std::size_t>(how % 4));
        log_.fail_writes(how == 9 ? LogTrouble::full : LogTrouble::none);
        log_.fail_reads(how == 10 ? LogTrouble::unavailable : LogTrouble::none);
        if (how == 11) log_.damage(mesh_, "g2");
    }

    void drain(std::uint8_t count) {
        Hub& hub = mesh_.hub(count % kWorkers);
        if (count >= 128) hub.begin_drain();
        hub.drain(count % 4u);
    }

    static std::shared_ptr<const auth::KeyRing> no_keys() {
        return std::make_shared<const auth::KeyRing>(
            std::vector{auth::Issuer{.iss = std::string(auth::kLocalIssuer), .audiences = {}}});
    }

    static constexpr std::int64_t kStartMs = 1'000'000;
    static inline const HubSettings settings_ = fuzz_settings();
    // Tokens that live long, that are about to end, that have ended, that allow one group only, and none at
    // all.
    static inline const std::array<std::string, 6> tokens_{token_of("u0"),
                                                           token_of("u1"),
                                                           token_of("u0", 20),
                                                           token_of("u0", -60),
                                                           token_of("u1", 3600, {{"g1"}}),
                                                           "no token"};

    HubMesh mesh_{settings_, kWorkers, 1, test_keys()};
    PushDesk push_desk_{mesh_};
    FakeLog log_{1};
    std::array<Slot, kClients> clients_;
    std::string lost_cid_;  // the last one
    std::string last_call_ = "Zk3QvX0aWc8mT2b5", last_ticket_ = "none", last_epoch_ = "none";
    base::Instant now_{base::Millis(kStartMs)};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(base::as_text({data, size}));
    Play play;
    while (!input.empty())
        play.act(input);
    play.finish();
    return 0;
}
