#include "net/push_store_health.hpp"

#include <spdlog/spdlog.h>

namespace pipit::net {

void PushStoreHealth::note_success() {
    retry_in_ = kRetryFirst;
    if (std::exchange(fails_, false)) spdlog::info("push: the database works again");
}

void PushStoreHealth::note_failure(const store::StoreError& error) {
    using store::StoreFault;
    switch (error.fault) {
        case StoreFault::queue_full:
        case StoreFault::author_queue_full:
        case StoreFault::too_many_users:
        case StoreFault::endpoint_taken:
        case StoreFault::bad_text:
            return;
        default:
            if (!std::exchange(fails_, true)) spdlog::error("push: the database fails: {}", error.message);
    }
}

}  // namespace pipit::net
