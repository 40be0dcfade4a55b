#pragma once

// The parts of Asio that the room uses. Its code is compiled once, in boost_asio.cpp.
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace pipit::net {
namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

/// A socket bound to one kind of loop, which makes it half the size of one that can be bound to any.
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;
using UdpSocket = asio::basic_datagram_socket<asio::ip::udp, asio::io_context::executor_type>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                               asio::io_context::executor_type>;
}  // namespace pipit::net
