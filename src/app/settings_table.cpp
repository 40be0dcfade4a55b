#include "app/settings_table.hpp"

#include <algorithm>
#include <array>

#include "app/settings_forms.hpp"
#include "base/uuid.hpp"
#include "skapi/service.hpp"

namespace pipit::app {
namespace {

constexpr std::array<std::string_view, 3> kListAccesses{"everyone", "members", "admins"};
constexpr std::array<std::string_view, 3> kCallAccesses{"group", "everyone", "nobody"};
constexpr std::array<std::string_view, 4> kLogLevels{"debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 2> kLogFormats{"text", "json"};

bool anything(std::string_view) {
    return true;
}

// A key's name in the file is its path in the struct, so the two are written once.
// clang-format off
#define FIELD(path) [](auto& owner) -> auto& { return owner.path; }
#define INTEGER(path, min, max, doc) {#path, Integer<Owner>{FIELD(path), min, max}, doc}
#define BOOLEAN(path, doc) {#path, Boolean<Owner>{FIELD(path)}, doc}
#define TEXT(path, form, accepts, doc) {#path, Text<Owner>{FIELD(path), form, accepts}, doc}
#define TEXT_WITH_PASSWORD(path, form, accepts, doc) {#path, Text<Owner>{FIELD(path), form, accepts, true}, doc}
#define TEXT_LIST(path, form, accepts, doc) {#path, TextList<Owner>{FIELD(path), form, accepts}, doc}
#define CHOICE(path, names, doc)                                                                          \
    {#path,                                                                                               \
     Choice<Owner>{                                                                                       \
         names, [](const Owner& owner) { return static_cast<std::size_t>(owner.path); },                  \
         [](Owner& owner, std::size_t index) { owner.path = static_cast<decltype(owner.path)>(index); }}, \
     doc}
// clang-format on

}  // namespace

std::span<const SettingsKey> settings_keys() {
    using Owner = Settings;
    static constexpr auto kKeys = std::to_array<Key<Owner>>({
        TEXT(server.listen, "host:port or [IPv6 address]:port, in lower case, with a port up to 65535",
             is_listen_address,
             "Where to listen. Port 0 takes a free one, which the log then names. The default can be reached "
             "from this machine only; 0.0.0.0:8080 can be reached from everywhere."),
        INTEGER(server.workers, 0, 1'024, "How many threads serve connections; 0 is one for each core."),
        TEXT(server.data_dir, "the path of a folder", is_not_empty,
             "The folder of everything that must outlive the process. It is created when it is missing. A "
             "relative path starts at the folder that pipit is started in, here and for every other file."),
        BOOLEAN(server.dev,
                "Comforts for building an application on your own machine. None of them is safe in public."),
        TEXT_LIST(server.allowed_origins,
                  "scheme://host or scheme://host:port, in lower case and without a path, or \"*\"",
                  is_origin,
                  "The web pages that may connect, by their origin. When the list is empty, only pages from "
                  "the host that they connect to may; \"*\" alone lets every page in. Programs that are not "
                  "browsers send no origin and are let in either way."),

        TEXT(tls.certificate_file, "the path of a PEM file, or empty", anything,
             "The certificate of this server, followed by its chain. Empty, as key_file then must be: no "
             "TLS, for a proxy in front that brings its own."),
        TEXT(tls.key_file, "the path of a PEM file, or empty", anything,
             "The private key of the certificate."),

        INTEGER(limits.message_bytes_max, 1'024, 16'777'216,
                "The longest message that a client may send; a longer one closes its connection."),
        INTEGER(limits.outbox_bytes_max, 4'096, 1'073'741'824,
                "How many bytes may wait for a client that reads slowly; with more its connection is closed. "
                "At least "
                "message_bytes_max and 4096 for what is written around a message."),
        INTEGER(
            limits.commands_per_second, 1, 1'000'000,
            "How many commands one connection may send in a second, over time; and how many questions one "
            "user may ask over HTTP."),
        INTEGER(limits.commands_burst, 1, 1'000'000,
                "How many commands one connection may send at once after it was quiet."),
        INTEGER(limits.connections_max, 1, 10'000'000,
                "How many connections this server holds; one more is turned away."),
        INTEGER(limits.connections_per_user_max, 1, 100'000,
                "How many connections one user may have: tabs and devices together."),
        INTEGER(limits.connections_per_address_max, 1, 10'000'000,
                "How many connections may come from one IP address. An office or a campus can be one "
                "address; behind a proxy all clients are, so set it to connections_max there."),
        INTEGER(limits.handshake_timeout_ms, 100, 300'000,
                "How long a new connection may take to become a WebSocket, TLS included."),
        INTEGER(limits.sign_in_timeout_ms, 100, 300'000,
                "How long an open connection may take to show a token."),
        INTEGER(limits.group_name_bytes_max, 1, 1'024, "The longest name of a group."),
        INTEGER(limits.user_id_bytes_max, 1, 1'024, "The longest user id."),
        INTEGER(limits.json_depth_max, 8, 512, "How deep arrays and objects in a message may be nested."),
        INTEGER(limits.http_header_bytes_max, 1'024, 1'048'576,
                "The longest HTTP request line and header, together."),
        INTEGER(limits.token_bytes_max, 256, 65'536, "The longest token."),
        INTEGER(limits.watches_per_connection_max, 0, 1'000,
                "How many lists of groups or members one connection may watch; 0 lets nobody watch."),
        INTEGER(
            limits.watches_max, 0, 1'000'000,
            "How many different lists are watched on this server at a time. Those who watch the same list "
            "count once."),
        INTEGER(limits.calls_per_connection_max, 0, 1'000,
                "How many calls one connection may be in. As many again may ring at it, of one user two; 0 "
                "lets nobody call."),

        INTEGER(
            heartbeat.ping_interval_ms, 100, 3'600'000,
            "How often each client is pinged. Proxies cut silent connections, many after 60 s, so stay below "
            "that."),
        INTEGER(heartbeat.pong_timeout_ms, 100, 600'000,
                "A client from which nothing came for a whole ping_interval_ms and this long is gone and its "
                "connection is closed."),

        INTEGER(
            presence.grace_ms, 0, 60'000,
            "How long a lost connection keeps its place in its group, so that a client that comes back in "
            "time was never gone for the others; 0 tells them at once."),
        INTEGER(presence.watch_interval_ms, 20, 60'000,
                "How long changes of a watched list are gathered before those who watch it are told."),

        INTEGER(
            history.messages_max, 0, 100'000,
            "How much of each group is kept, messages and notices together, for members who come back and "
            "for history; 0 keeps nothing."),
        INTEGER(history.group_bytes_max, 0, 1'073'741'824, "The same in bytes of memory."),
        INTEGER(
            history.user_messages_max, 0, 100'000,
            "How many private messages of each user are kept for when the user comes back; 0 keeps none."),
        INTEGER(history.user_bytes_max, 0, 1'073'741'824,
                "The same in bytes of memory, of which at most half of limits.outbox_bytes_max is used."),
        INTEGER(history.age_max_s, 0, 86'400,
                "For how many seconds all of that is kept, and how long a group or a user is known when "
                "nobody is there any more."),
        INTEGER(history.bytes_max, 65'536, 1'099'511'627'776,
                "How many bytes of memory all groups and users may take for it together. When it is too "
                "little, the largest give way first."),
        INTEGER(history.key_window_s, 0, 86'400,
                "For how many seconds a message that is sent again by its client is known to have been sent; "
                "0 sends it again."),
        TEXT_LIST(
            history.durable_groups, "1 to 255 bytes without control characters, * for any text",
            is_group_pattern,
            "Groups whose history is kept on disk, in data_dir: by name, or by patterns as tokens have "
            "them. A message to one of these is answered and sent when it is on disk, and outlives this "
            "process."),
        INTEGER(history.durable_messages_max, 1, 1'000'000'000,
                "How much of each of those groups is kept on disk, messages and notices together."),
        INTEGER(history.durable_age_max_s, 1, 315'360'000, "For how many seconds."),
        INTEGER(history.durable_bytes_max, 1'048'576, 1'125'899'906'842'624,
                "How many bytes of disk all of those groups may take together. When it is too little, the "
                "oldest gives way."),

        CHOICE(access.list, kListAccesses,
               "Who may ask for groups and their members: everyone who is signed in, members of the groups "
               "that they ask about, or admins only. Admins always may, and only they are shown groups that "
               "their token does not let them join."),

        CHOICE(calls.allow, kCallAccesses,
               "Whom one may call: users in the group that the caller has joined, everyone who is connected, "
               "or nobody. One's own other devices may always be called, unless it is nobody."),
        INTEGER(calls.ring_timeout_ms, 1'000, 600'000, "How long a call rings before it is given up."),

        BOOLEAN(stun.enabled,
                "Whether this server tells clients over UDP from which address they come (STUN), which they "
                "need to call each other from behind a router."),
        INTEGER(stun.port, 0, 65'535,
                "The UDP port for it; 0 is the same number as server.listen has. Open it in the firewall."),
        TEXT(stun.host, "a host name or [IPv6 address], in lower case, or empty", is_host_or_empty,
             "The name by which clients are told to reach it. Empty is the name by which they have reached "
             "this server; set it when a proxy stands in front, which does not pass UDP on."),
        INTEGER(stun.requests_per_second, 1, 1'000'000,
                "How many requests from one IP address are answered in a second, over time. More are "
                "dropped, and the log says so."),

        TEXT_LIST(turn.urls,
                  "turn:host, turn:host:port or the same with turns:, perhaps followed by ?transport=udp or "
                  "?transport=tcp, in lower case",
                  is_turn_url,
                  "TURN servers, for clients that cannot reach each other directly. They must share "
                  "secret_file with this server (coturn: use-auth-secret); docs/turn.md shows how."),
        TEXT(turn.secret_file, "the path of a file, or empty", anything,
             "The secret that is shared with them (coturn: static-auth-secret): one line of at least 16 "
             "bytes, in a file that only its owner can read."),
        INTEGER(turn.credential_ttl_s, 300, 86'400,
                "For how many seconds the credentials that a client gets are good."),

        BOOLEAN(push.enabled,
                "Whether this server keeps subscriptions to notifications and sends them (web push)."),
        TEXT(push.subject, "mailto: and an address, an https:// URL, or empty", is_vapid_subject_or_empty,
             "Where the operators of push services can reach you. Apple's takes no notifications without it, "
             "and none that name a place which cannot be."),
        TEXT_WITH_PASSWORD(push.database, "postgresql://... or empty", is_database_or_empty,
                           "The database of subscriptions and notifications. Empty is SQLite, in pipit.db in "
                           "data_dir. A password is better kept out of this file: set the variable, or let "
                           "libpq read it from its own password file (PGPASSFILE)."),
        TEXT_LIST(push.allowed_hosts, "host or host:port, in lower case", is_push_host,
                  "Push services that need not have a public address, such as one of your own. All others "
                  "must, so that nobody can have this server knock at the machines beside it."),
        TEXT(push.ca_file, "the path of a PEM file, or empty", anything,
             "Certificates of authorities to trust for push services, beside those of the system."),
        INTEGER(push.confirm_timeout_ms, 100, 600'000,
                "When a message with a notification was sent to somebody who is connected and nothing shows "
                "within this time that it has arrived, the notification is sent, too."),
        INTEGER(push.subscriptions_per_user_max, 1, 10'000,
                "How many browsers one user may have subscribed; one more takes the place of the oldest."),
        INTEGER(
            push.resubscribes_per_second, 1, 1'000'000,
            "How many subscriptions may be replaced over HTTP from one IP address in a second, over time. "
            "A browser whose subscription has changed does it without a token. Behind a proxy all of them "
            "are one address."),
        INTEGER(push.users_per_notification_max, 1, 1'000'000,
                "How many users one post or push may address; a push to everyone has no limit."),
        INTEGER(push.notifications_max, 1, 10'000'000,
                "How many notifications may be on their way; more are refused."),
        INTEGER(push.notifications_per_author_max, 1, 10'000'000,
                "How many of them may come from one user or admin."),
        INTEGER(push.deliveries_max, 1, 10'000'000,
                "How many messages may wait for push services. A push to everyone goes on whenever there is "
                "room; what else does not fit is refused."),
        INTEGER(push.in_flight_max, 1, 4'096, "How many messages are handed over at the same time."),
        INTEGER(push.in_flight_per_origin_max, 1, 4'096,
                "How many of them go to one push service, if it speaks HTTP/2; to others at most 8."),
        INTEGER(push.retry_first_ms, 10, 600'000,
                "How long to wait before a second attempt; each further wait is twice as long, and all of "
                "them are shortened by up to a half at random."),
        INTEGER(push.retry_max_ms, 10, 86'400'000, "The longest of these waits."),
        // Any other process that shares the database takes a delivery over after TakeLimits::lease, of which
        // this is well below a half: a message may wait here for as long before it is handed over.
        INTEGER(push.transfer_timeout_ms, 100, 120'000,
                "How long handing over one message may take before it counts as failed."),

        BOOLEAN(deflate.enabled, "Whether messages are compressed for clients that offer it."),
        INTEGER(deflate.level, 1, 9,
                "How hard to compress: 1 is the fastest, 9 the smallest. From 4 on it takes much more time "
                "for little."),
        INTEGER(deflate.message_bytes_min, 0, 16'777'216, "Shorter messages are sent as they are."),

        TEXT(auth.user_id_pattern, "a regular expression (RE2)", is_pattern,
             "What a user id looks like. A message to a bare name goes to the group of that name if the "
             "sender "
             "has joined it, and else to a user if the whole name matches; the default is a UUID."),
        TEXT(auth.secret_file, "the path of a file, or empty", anything,
             "The secret that your own tokens are signed with: at least 32 bytes as base64url, in a file "
             "that only its owner can read. Empty is keys/token.secret in data_dir, which is made at the "
             "first start."),
        TEXT_LIST(auth.audiences, "text that is not empty", is_not_empty,
                  "When not empty, your own tokens must be for one of these audiences (claim aud)."),
        INTEGER(auth.leeway_s, 0, 300,
                "By how many seconds the clocks of two machines may differ when the times in a token are "
                "judged."),

        BOOLEAN(skapi.enabled,
                "Whether the public client, skapi-js, is let in, below /skapi/; docs/skapi.md tells how. "
                "server.dev lets it in, too."),
        TEXT(skapi.url, "https://host, http://host or the same with a port, in lower case, or empty",
             is_http_origin_or_empty,
             "How that client reaches this server. Empty is the way by which each request has come; set it "
             "when a proxy stands in front that brings its own TLS."),
        INTEGER(skapi.message_bytes_max, 65'536, 16'777'216,
                "The longest message that such a client may send, with all that it writes around it. As many "
                "bytes twice may wait for any client, or limits.outbox_bytes_max if that is more."),

        INTEGER(drain.spread_ms, 0, 600'000,
                "At shutdown each client is told to come back at a random moment within this time, so that "
                "the next server does not get them all at once."),
        INTEGER(drain.timeout_ms, 0, 3'600'000,
                "Connections that are still open this long after the shutdown began are cut."),

        CHOICE(log.level, kLogLevels, "How much is logged: each level includes those after it."),
        CHOICE(log.format, kLogFormats, "Lines for people, or one JSON object a line for a log collector."),
    });
    return kKeys;
}

std::span<const IssuerKey> issuer_keys() {
    using Owner = IssuerSettings;
    static constexpr auto kKeys = std::to_array<Key<Owner>>({
        TEXT(issuer, "text that is not empty", is_not_empty,
             "The issuer exactly as its tokens name it (claim iss)."),
        TEXT_LIST(audiences, "text that is not empty", is_not_empty,
                  "A token must be for one of these (claim aud). At least one, or a token for another "
                  "service would do."),
        TEXT(jwks_file, "the path of a file, or empty", anything,
             "The file with its public keys (a JSON Web Key Set). Either this or jwks_url."),
        TEXT(jwks_url, "https://..., or http://... on localhost, or empty", is_key_url,
             "Where to fetch its public keys."),
        INTEGER(refresh_s, 10, 86'400, "How many seconds the keys are used before they are read again."),
    });
    return kKeys;
}

std::span<const SkapiServiceKey> skapi_service_keys() {
    using Owner = SkapiServiceSettings;
    static constexpr auto kKeys = std::to_array<Key<Owner>>({
        TEXT(id,
             "a region of the client's (us31, eu51 and others: see docs/skapi.md) and six letters and digits "
             "or "
             "more, such as us31abcdef",
             skapi::is_service_id, "The id of the service, as the pages give it to the client."),
        TEXT(owner, "a UUID", base::is_uuid, "The owner of the service, likewise."),
        TEXT(name, "text, or empty", anything, "Its name, for people."),
        BOOLEAN(shared,
                "Whether clients of Pipit's own are in this service, too: both kinds share groups and see "
                "each other. One service at most; when it is left out, a service that is alone. All others "
                "are kept apart, with data of their own in data_dir."),
        TEXT(issuer, "text", anything,
             "The issuer of its identity provider's tokens exactly as they name it (claim iss). Empty: only "
             "tokens of pipit token --skapi are accepted."),
        TEXT(jwks_file, "the path of a file, or empty", anything,
             "The file with the provider's public keys (a JSON Web Key Set). With an issuer either this or "
             "jwks_url."),
        TEXT(jwks_url, "https://..., or http://... on localhost, or empty", is_key_url,
             "Where to fetch the provider's public keys."),
        TEXT_LIST(client_ids, "text that is not empty", is_not_empty,
                  "The provider's clients whose tokens are for this service (claim client_id or aud). Empty: "
                  "all."),
        INTEGER(refresh_s, 10, 86'400, "How many seconds the keys are used before they are read again."),
    });
    return kKeys;
}

#undef FIELD
#undef INTEGER
#undef BOOLEAN
#undef TEXT
#undef TEXT_WITH_PASSWORD
#undef TEXT_LIST
#undef CHOICE

const SettingsKey* find_settings_key(std::string_view name) {
    const auto keys = settings_keys();
    const auto found = std::ranges::find(keys, name, &SettingsKey::name);
    return found == keys.end() ? nullptr : &*found;
}

std::string_view section_of(const SettingsKey& key) {
    return key.name.substr(0, key.name.find('.'));
}

std::string environment_name(const SettingsKey& key) {
    std::string name = "PIPIT_";
    for (const char c : key.name) {
        name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return name;
}

}  // namespace pipit::app
