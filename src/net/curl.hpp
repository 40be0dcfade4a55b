#pragma once

#include <curl/curl.h>

#include "base/assert.hpp"

namespace pipit::net {

/// curl asks for it to be called once, before everything else of it. May be called again, from any thread.
void initialise_curl();

/// All options have to be known to the library: those that are not would leave a limit out.
template <class Value>
void set_option(CURL* easy, CURLoption option, Value value) {
    PIPIT_ASSERT(curl_easy_setopt(easy, option, value) == CURLE_OK);
}

}  // namespace pipit::net
