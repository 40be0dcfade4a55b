#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/access.hpp"

namespace pipit::app {

/// How much the log says: each level includes those after it.
enum class LogLevel { debug, info, warn, error };

/// Lines for a person, or one JSON object a line for a collector.
enum class LogFormat { text, json };

/// A token service whose signatures are believed, by the keys it publishes (RFC 7517). Only the file can name
/// one.
struct IssuerSettings {
    /// The `iss` claim of its tokens, compared byte by byte (RFC 7519 section 4.1.1).
    std::string issuer;
    /// One of these must be in the token's `aud` claim; never empty, or a token for another service would do.
    std::vector<std::string> audiences;
    /// Where the keys are: exactly one of the two is set. A URL is https, or http on this machine.
    std::string jwks_file;
    std::string jwks_url;
    /// How long fetched keys are used before they are fetched again.
    std::uint64_t refresh_s = 300;

    bool operator==(const IssuerSettings&) const = default;
};

/// An application whose pages use the public client, skapi-js. Only the file can name one.
struct SkapiServiceSettings {
    /// By which its pages name it: skapi::is_service_id(), and a UUID.
    std::string id = {};
    std::string owner = {};
    /// Shown to people; may be empty.
    std::string name = {};
    /// Our own clients are in it, too. Of one service at most; if it is not said, of one that is alone.
    bool shared = false;
    /// The `iss` claim of its identity provider's tokens; empty: there is none.
    std::string issuer = {};
    /// Where the provider's keys are; exactly one of the two is set if there is one. As IssuerSettings has
    /// them.
    std::string jwks_file = {};
    std::string jwks_url = {};
    /// Of that provider's clients: whose tokens are for this service; empty: everybody's.
    std::vector<std::string> client_ids = {};
    std::uint64_t refresh_s = 300;

    bool operator==(const SkapiServiceSettings&) const = default;
};

/// Everything that can be set. Plain data: read-only once the node runs, so threads share it without a lock.
/// Ranges, and what is said to the operator, are in settings_table.cpp; a loaded Settings keeps to all of
/// them.
struct Settings {
    struct Server {
        /// host:port or [address]:port; port 0 takes a free one.
        std::string listen = "127.0.0.1:8080";
        /// Threads that serve connections; 0 is one for each core.
        std::uint64_t workers = 0;
        /// The folder of everything that outlives the process; created when missing.
        std::string data_dir = "pipit-data";
        /// Comforts for building an application on one's own machine, none of them safe in public.
        bool dev = false;
        /// Exact origins (RFC 6454 section 6.2) or "*". Empty lets in the host that the request itself names.
        /// A request without an Origin header is not from a browser and is let in either way.
        std::vector<std::string> allowed_origins;

        bool operator==(const Server&) const = default;
    };

    /// Both files are named or neither; neither means that plain TCP is served.
    struct Tls {
        /// PEM, the server's certificate first and then its chain.
        std::string certificate_file;
        /// PEM, the private key of that certificate.
        std::string key_file;

        bool operator==(const Tls&) const = default;
    };

    /// What one client, one user, one address and the whole node may take.
    struct Limits {
        /// A received message after reassembly and inflation; a longer one closes its connection.
        std::uint64_t message_bytes_max = 65'536;
        /// Bytes that wait for one slow reader; more closes its connection. At least message_bytes_max +
        /// 4096, for the event around a message.
        std::uint64_t outbox_bytes_max = 1'048'576;
        /// The steady rate that one connection may send at.
        std::uint64_t commands_per_second = 100;
        /// How far ahead of that rate a connection may run before commands are refused.
        std::uint64_t commands_burst = 200;
        /// Open connections of the node; one more is turned away before its handshake.
        std::uint64_t connections_max = 100'000;
        /// Open connections of one user, so of all their tabs and devices.
        std::uint64_t connections_per_user_max = 32;
        /// Open connections from one address: room for an office or a campus behind one address, and still a
        /// hundredth of connections_max, so that no single machine can fill the node.
        std::uint64_t connections_per_address_max = 1'000;
        /// From accept to a complete handshake, TLS included.
        std::uint64_t handshake_timeout_ms = 10'000;
        /// From the handshake to an accepted token.
        std::uint64_t sign_in_timeout_ms = 10'000;
        std::uint64_t group_name_bytes_max = 255;
        std::uint64_t user_id_bytes_max = 255;
        /// Arrays and objects inside each other in a received message.
        std::uint64_t json_depth_max = 64;
        /// Request line and header fields together.
        std::uint64_t http_header_bytes_max = 16'384;
        /// A token as its client sends it.
        std::uint64_t token_bytes_max = 8'192;
        /// Lists that one connection has kept up to date; 0 means that nobody may watch.
        std::uint64_t watches_per_connection_max = 8;
        /// Different lists that the node keeps up to date; those who watch the same list share it.
        std::uint64_t watches_max = 10'000;
        /// Calls that one connection is in, and as many again that ring at it; 0 means that nobody may call
        /// or be called.
        std::uint64_t calls_per_connection_max = 16;

        bool operator==(const Limits&) const = default;
    };

    /// A silent connection is noticed after at most ping_interval_ms + pong_timeout_ms.
    struct Heartbeat {
        /// Every client is pinged once in this time.
        std::uint64_t ping_interval_ms = 25'000;
        /// Silence beyond a whole interval before its connection is closed; at most the interval.
        std::uint64_t pong_timeout_ms = 8'000;

        bool operator==(const Heartbeat&) const = default;
    };

    /// What others learn of a connection that comes, goes and comes back.
    struct Presence {
        /// How long a lost connection keeps its place in the group for its client to come back; 0 gives it
        /// up at once.
        std::uint64_t grace_ms = 3'000;
        /// How long changes of a watched list are gathered before they are told.
        std::uint64_t watch_interval_ms = 250;

        bool operator==(const Presence&) const = default;
    };

    /// What is kept of that which was sent, for those who come back and ask what they have missed.
    struct History {
        /// Of one group, notices counted; 0 keeps nothing.
        std::uint64_t messages_max = 200;
        std::uint64_t group_bytes_max = 1'048'576;
        /// Of one user's private messages. No more is kept than half of limits.outbox_bytes_max: it is
        /// replayed at once.
        std::uint64_t user_messages_max = 200;
        std::uint64_t user_bytes_max = 262'144;
        /// Of everything that is in memory; also how long groups and users that nobody is there of are
        /// known.
        std::uint64_t age_max_s = 300;
        /// Memory of all groups and users together.
        std::uint64_t bytes_max = 67'108'864;
        /// How long a post that is sent again takes no effect again.
        std::uint64_t key_window_s = 300;
        /// Patterns of names (auth::glob_matches) of groups whose history is kept on disk.
        std::vector<std::string> durable_groups;
        /// Of one of those groups, notices counted.
        std::uint64_t durable_messages_max = 10'000;
        std::uint64_t durable_age_max_s = 604'800;
        /// On disk, of all of those groups together.
        std::uint64_t durable_bytes_max = 1'073'741'824;

        bool operator==(const History&) const = default;
    };

    /// Who may learn what about others.
    struct Access {
        /// Whose questions about groups and their members are answered.
        core::ListAccess list = core::ListAccess::everyone;

        bool operator==(const Access&) const = default;
    };

    /// Calls between two connections.
    struct Calls {
        /// Whom one may call, besides one's own other connections.
        core::CallAccess allow = core::CallAccess::group;
        /// How long those who are called have to answer.
        std::uint64_t ring_timeout_ms = 30'000;

        bool operator==(const Calls&) const = default;
    };

    /// Our own STUN server (RFC 8489), on UDP, at the address of server.listen.
    struct Stun {
        bool enabled = true;
        /// 0: the number that server.listen has for TCP.
        std::uint64_t port = 0;
        /// By what name clients are told to reach it; empty: the one by which they have reached us.
        std::string host;
        /// The steady rate of one IP address, or network of 64 bits of IPv6; twice as many may come at once.
        /// Enough for everybody in calls behind the one address of a large office: a browser asks some times
        /// for a new call, and then every ten seconds.
        std::uint64_t requests_per_second = 100;

        bool operator==(const Stun&) const = default;
    };

    /// TURN servers of the operator's, coturn as a rule, that take credentials which we make.
    struct Turn {
        /// RFC 7065; empty: none.
        std::vector<std::string> urls;
        /// What it shares with us; set exactly when there are urls.
        std::string secret_file;
        std::uint64_t credential_ttl_s = 3'600;

        bool operator==(const Turn&) const = default;
    };

    /// Web push: who has subscribed, and what is sent to push services.
    struct Push {
        bool enabled = true;
        /// Where the operators of push services reach ours (RFC 8292 section 2.1); empty: nowhere.
        std::string subject;
        /// A postgresql:// URL; empty is pipit.db in data_dir.
        std::string database;
        /// Hosts of push services that need not be public.
        std::vector<std::string> allowed_hosts;
        /// Certificates to trust beside the system's.
        std::string ca_file;
        /// How long somebody who is connected has to show that a message has arrived, before its
        /// notification is sent.
        std::uint64_t confirm_timeout_ms = 8'000;
        std::uint64_t subscriptions_per_user_max = 20;
        /// The steady rate of one IP address, or network of 64 bits of IPv6, on each thread; twice as many
        /// may come at once. Browsers do it without a token, and seldom.
        std::uint64_t resubscribes_per_second = 10;
        /// Of one post or push; those to everyone have no limit.
        std::uint64_t users_per_notification_max = 10'000;
        /// Unfinished ones.
        std::uint64_t notifications_max = 10'000;
        std::uint64_t notifications_per_author_max = 1'000;
        /// Messages that wait; a notification to everyone goes on when there is room.
        std::uint64_t deliveries_max = 100'000;
        std::uint64_t in_flight_max = 256;
        std::uint64_t in_flight_per_origin_max = 100;
        /// The wait after the first attempt is half to all of this, and doubles with each further one.
        std::uint64_t retry_first_ms = 2'000;
        std::uint64_t retry_max_ms = 600'000;
        /// For one attempt, from its beginning to its end.
        std::uint64_t transfer_timeout_ms = 15'000;

        bool operator==(const Push&) const = default;
    };

    /// permessage-deflate (RFC 7692).
    struct Deflate {
        /// Whether it is agreed to when a client offers it.
        bool enabled = true;
        /// zlib's level. 3 is the last one that takes the first match it finds: from 4 on zlib looks for a
        /// better match at every byte, which costs more time than it saves bytes on messages this short.
        std::uint64_t level = 3;
        /// Shorter messages are sent as they are: little is won, and the time is spent for every one of them.
        std::uint64_t message_bytes_min = 1'024;

        bool operator==(const Deflate&) const = default;
    };

    struct Auth {
        /// RE2 syntax. A post to a bare name that matches whole, and is not the joined group, is for a user.
        std::string user_id_pattern =
            "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
        /// The key of our own tokens; empty is keys/token.secret in data_dir, made at the first start.
        std::string secret_file;
        /// When not empty, one of these must be in the `aud` claim of our own tokens.
        std::vector<std::string> audiences;
        /// How far the clocks of two machines may differ when times in tokens are judged.
        std::uint64_t leeway_s = 5;
        std::vector<IssuerSettings> issuers;

        bool operator==(const Auth&) const = default;
    };

    /// What happens between the signal to stop and the end of the process.
    struct Drain {
        /// Each client is told to come back at a random moment within this time, so that they do not come at
        /// once.
        std::uint64_t spread_ms = 5'000;
        /// Connections that are still open after it are cut.
        std::uint64_t timeout_ms = 15'000;

        bool operator==(const Drain&) const = default;
    };

    /// The public client, skapi-js, which applications of a hosted service use.
    struct Skapi {
        /// server.dev lets it in, too.
        bool enabled = false;
        /// By which it reaches us, without a path; empty: as each request says.
        std::string url;
        /// Of its WebSockets, as limits.message_bytes_max is of ours: 2 MiB, which that client allows, and
        /// what it writes around them.
        std::uint64_t message_bytes_max = 2'162'688;
        std::vector<SkapiServiceSettings> services;

        bool operator==(const Skapi&) const = default;
    };

    struct Log {
        LogLevel level = LogLevel::info;
        LogFormat format = LogFormat::text;

        bool operator==(const Log&) const = default;
    };

    Server server;
    Tls tls;
    Limits limits;
    Heartbeat heartbeat;
    Presence presence;
    History history;
    Access access;
    Calls calls;
    Stun stun;
    Turn turn;
    Push push;
    Deflate deflate;
    Auth auth;
    Skapi skapi;
    Drain drain;
    Log log;

    bool operator==(const Settings&) const = default;
};

}  // namespace pipit::app
