// Echoes every WebSocket message through the connection code of the server, for conformance suites.
#include <csignal>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "net/echo_service.hpp"
#include "net/listener.hpp"
#include "net/worker.hpp"

int main(int argument_count, char** arguments) {
    using namespace pipit;

    std::string listen = "127.0.0.1:9001";
    bool deflate = false;
    net::WorkerSettings worker_settings;
    net::WebSocketEndpoint endpoint;
    endpoint.message_bytes_max = 16 << 20;

    CLI::App app("Echoes WebSocket messages, for conformance suites.");
    app.add_option("--listen", listen, "host:port; port 0 takes a free one")->capture_default_str();
    app.add_flag("--deflate", deflate, "accept permessage-deflate");
    app.add_option("--message-bytes-max", endpoint.message_bytes_max, "longer messages close with 1009")
        ->capture_default_str();
    CLI11_PARSE(app, argument_count, arguments);

    std::signal(SIGPIPE, SIG_IGN);
    spdlog::set_default_logger(spdlog::stderr_color_mt("ws_echo"));
    endpoint.upgrade.path = "/";
    endpoint.upgrade.allowed_origins = {"*"};
    if (deflate) endpoint.upgrade.deflate = codec::DeflateSettings{.server_window_bits_min = 9};
    worker_settings.http = [](const net::HttpRequest&) { return net::HttpResponse(); };
    // A suite sends many messages before it reads the first echo.
    endpoint.outbox_bytes_max = 256 << 20;
    worker_settings.endpoints.push_back(endpoint);

    const std::size_t colon = listen.rfind(':');
    net::ListenerSettings listener_settings{
        .host = listen.substr(0, colon),
        .port = static_cast<std::uint16_t>(std::stoul(listen.substr(colon + 1)))};
    net::Worker worker(worker_settings, [](net::Worker&) { return std::make_unique<net::EchoService>(); });
    net::Listener listener(listener_settings, {&worker});
    const base::Status opened = listener.open();
    if (!opened) {
        fmt::print(stderr, "{}\n", opened.error().message);
        return 1;
    }
    net::asio::io_context signals_loop;
    net::asio::signal_set signals(signals_loop, SIGINT, SIGTERM);
    signals.async_wait([](net::ErrorCode, int) {});

    worker.start();
    listener.start(nullptr);
    fmt::print("listening on {}:{}\n", listener_settings.host, listener.port());
    std::fflush(stdout);
    signals_loop.run();
    listener.close();
    worker.stop();
    return 0;
}
