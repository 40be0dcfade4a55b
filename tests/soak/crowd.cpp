#include "crowd.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "auth/token_signer.hpp"
#include "base/base64url.hpp"
#include "codec/pipit_v1.hpp"

namespace pipit::soak {

namespace {

constexpr std::uint32_t kServerOutput = 0xffffffff;  // no seat
constexpr std::uint16_t kCloseNormal = 1000;
constexpr std::uint16_t kCloseDraining = 4000;
constexpr std::uint16_t kCloseComingBack = 4007;
constexpr std::uint16_t kCloseTakenOver = 4503;

auth::Secret read_secret(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::string text;
    file >> text;
    const auto bytes = base::base64url_decode(text);
    auto secret = auth::Secret::from_bytes(bytes.value_or(""));
    if (!secret) throw std::runtime_error(fmt::format("{}: {}", path.string(), secret.error().message));
    return std::move(secret).value();
}

}  // namespace

Crowd::Crowd(ServerProcess& server, std::size_t seats, std::uint64_t seed, std::chrono::milliseconds in_time)
    : server_(server),
      in_time_(in_time),
      secret_(read_secret(server.secret_file())),
      tools_(seed),
      places_(seats) {
    tools_.poller.add(server_.output(), kServerOutput, false);
}

std::string Crowd::token_for(const std::string& user) const {
    return auth::sign_hs256(secret_, {.user_id = user, .issued_at = std::time(nullptr)});
}

bool Crowd::is_ready(Seat seat) const {
    const Place& place = places_[seat];
    return place.client && place.client->is_open() && model_.connection(place.serial).signed_in();
}

void Crowd::connect(Seat seat, const std::string& user, std::vector<Command> commands) {
    places_[seat].serial = model_.open(user);
    connect(seat, Connect{}, std::move(commands));
}

const Connection* Crowd::lost(Seat seat) const {
    return places_[seat].can_come_back ? &model_.connection(places_[seat].serial) : nullptr;
}

void Crowd::come_back(Seat seat, std::vector<Command> commands) {
    Place& place = places_[seat];
    const std::string cid = model_.connection(place.serial).cid;
    place.serial = model_.open_again(place.serial);
    connect(seat, Connect{.token = {}, .session = cid}, std::move(commands));
}

void Crowd::take_over(Seat seat, Seat other, std::vector<Command> commands) {
    Place& place = places_[seat];
    Place& old = places_[other];
    const std::string cid = model_.connection(old.serial).cid;
    model_.leave(old.serial);
    old.overtaken = true;
    place.overtakes = other;
    place.serial = model_.open_again(old.serial);
    place.resumable_until = Clock::now() + in_time_;
    connect(seat, Connect{.token = {}, .session = cid}, std::move(commands));
}

void Crowd::connect(Seat seat, Connect words, std::vector<Command> commands) {
    Place& place = places_[seat];
    const std::string token = token_for(model_.connection(place.serial).user);
    const bool with_handshake = tools_.random() % 4 == 0;
    if (!with_handshake) words.token = token;
    commands.insert(commands.begin(), std::move(words));
    place.can_come_back = place.overtaken = false;
    place.greeting = std::move(commands);
    place.told_to_go = false;
    place.client.emplace(Client::Options{.port = server_.port(),
                                         .number = seat,
                                         .deflate = seat % 2 == 0,
                                         .token = with_handshake ? token : ""},
                         tools_);
}

void Crowd::say(Seat seat, const std::vector<Command>& commands) {
    std::string message;
    for (const Command& command : commands) {
        if (!message.empty()) message += '\n';
        message += model_.say(places_[seat].serial, command);
    }
    places_[seat].client->send(message);
}

void Crowd::depart(Seat seat, Departure how) {
    Place& place = places_[seat];
    place.can_come_back = how != Departure::close && model_.connection(place.serial).signed_in();
    place.resumable_until = Clock::now() + in_time_;
    if (place.overtakes) {
        // The server may never hear of that, and not close the other one.
        Place& old = places_[*std::exchange(place.overtakes, std::nullopt)];
        if (old.overtaken) old.client.reset();
    }
    model_.leave(place.serial);
    if (how == Departure::reset || !place.client->is_open()) {
        place.client.reset();
    } else if (how == Departure::half_close) {
        place.client->half_close();
    } else {
        place.client->close(how == Departure::close ? kCloseNormal : kCloseComingBack);
    }
}

void Crowd::turn(std::chrono::milliseconds timeout) {
    if (!take_events(timeout)) throw std::runtime_error("the server has ended:\n" + server_.log());
}

bool Crowd::turn_until(const std::function<bool()>& done, Clock::time_point deadline) {
    while (!done()) {
        if (Clock::now() >= deadline || !model_.faults().empty()) return false;
        turn(std::chrono::milliseconds(100));
    }
    return true;
}

bool Crowd::watch_the_end(Clock::time_point deadline) {
    server_stops_ = true;
    while (take_events(std::chrono::milliseconds(100))) {
        if (Clock::now() >= deadline) return false;
    }
    return true;
}

bool Crowd::take_events(std::chrono::milliseconds timeout) {
    for (const auto& event : tools_.poller.wait(static_cast<int>(timeout.count()))) {
        if (event.number != kServerOutput) {
            on_event(event.number, event);
        } else if (!server_.read_output()) {
            return false;
        }
    }
    return true;
}

void Crowd::on_event(Seat seat, const bench::Poller::Event& event) {
    Place& place = places_[seat];
    const auto end = place.client->on_event(event, [&](std::string_view message) {
        codec::v1::for_each_object(message, [&](std::string_view object) {
            on_object(seat, object);
            return true;
        });
    });
    if (end) {
        on_end(seat, *end);
    } else if (place.greeting && place.client->is_open()) {
        say(seat, *std::exchange(place.greeting, std::nullopt));
    }
}

void Crowd::on_object(Seat seat, std::string_view object) {
    Place& place = places_[seat];
    if (!model_.connection(place.serial).open) return;
    const Heard heard = hear(object);
    const auto* event = std::get_if<Event>(&heard);
    if (std::holds_alternative<Heartbeat>(heard)) {
        place.client->send(object);
    } else if (server_stops_ && event != nullptr && event->kind == Event::Kind::drain) {
        place.told_to_go = true;
    } else {
        if (Clock::now() >= place.resumable_until) model_.excuse(place.serial);
        model_.hear(place.serial, object, heard);
        if (model_.connection(place.serial).signed_in()) place.overtakes.reset();
    }
    const auto* reply = std::get_if<Reply>(&heard);
    if (reply != nullptr && on_reply) on_reply(seat, *reply);
}

void Crowd::on_end(Seat seat, const Client::End& end) {
    Place& place = places_[seat];
    if (model_.connection(place.serial).open) {
        if (place.told_to_go && end.close_code == kCloseDraining) {
            model_.leave(place.serial);
        } else {
            model_.lose(place.serial, end.failure);
        }
    } else if (place.overtaken && end.close_code != kCloseTakenOver) {
        model_.lose(place.serial, end.failure);
    }
    place.client.reset();
}

}  // namespace pipit::soak
