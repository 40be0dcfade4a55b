#pragma once

#include <openssl/err.h>

namespace pipit::auth {

/// Takes back, at the end of a scope, what failed OpenSSL calls left in this thread's error queue. A refused
/// signature is normal for us, but SSL_get_error() on the same thread would read what is left as a failure of
/// its connection.
class OpensslErrorsForgotten {
 public:
    OpensslErrorsForgotten() { ERR_set_mark(); }
    ~OpensslErrorsForgotten() { ERR_pop_to_mark(); }
    OpensslErrorsForgotten(const OpensslErrorsForgotten&) = delete;
    OpensslErrorsForgotten& operator=(const OpensslErrorsForgotten&) = delete;
};

}  // namespace pipit::auth
