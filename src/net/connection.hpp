#pragma once

#include <memory>

#include <boost/intrusive/list.hpp>

namespace pipit::net {

/// Anything on a worker that has a socket. The operation it waits for keeps it alive; when it waits for
/// nothing more, it is gone. The worker can reach all of its connections to end them.
class Connection
    : public std::enable_shared_from_this<Connection>,
      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
    virtual ~Connection() = default;
    /// Closes the socket at once.
    virtual void abort() = 0;
    /// A time that it asked for is over.
    virtual void on_timeout() = 0;
};

using ConnectionList = boost::intrusive::list<Connection, boost::intrusive::constant_time_size<false>>;

}  // namespace pipit::net
