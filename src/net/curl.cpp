#include "net/curl.hpp"

namespace pipit::net {

void initialise_curl() {
    static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    PIPIT_ASSERT(code == CURLE_OK);
}

}  // namespace pipit::net
