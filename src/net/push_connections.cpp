#include "net/push_connections.hpp"

namespace pipit::net {
namespace {

PushConnections::Pool make_pool() {
    CURLSH* const pool = curl_share_init();
    PIPIT_ASSERT(pool != nullptr);
    PIPIT_ASSERT(curl_share_setopt(pool, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) == CURLSHE_OK);
    return {pool, [](CURLSH* unused) { PIPIT_ASSERT(curl_share_cleanup(unused) == CURLSHE_OK); }};
}

}  // namespace

PushConnections::Pool PushConnections::pool_for(const std::string& origin) {
    Used& used = pools_.use(origin);
    if (used.messages % kMessagesPerPool == 0) used.pool = make_pool();
    ++used.messages;
    return used.pool;
}

}  // namespace pipit::net
