#include "net/push_store_health.hpp"

#include <spdlog/spdlog.h>

namespace pipit::net {
namespace {

PushStoreHealth::Success remedy_of(store::StoreFault fault) {
    using store::StoreFault;
    switch (fault) {
        case StoreFault::disk_full:
            return PushStoreHealth::Success::added;
        case StoreFault::unreachable:
        case StoreFault::busy:
            return PushStoreHealth::Success::read;
        default:
            return PushStoreHealth::Success::changed;
    }
}

}  // namespace

void PushStoreHealth::note_success(Success success) {
    retry_in_ = kRetryFirst;
    if (!fails_until_ || success < *fails_until_) return;
    fails_until_.reset();
    spdlog::info("push: the database works again");
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
            break;
    }
    if (!fails()) spdlog::error("push: the database fails: {}", error.message);
    fails_until_ = std::max(fails_until_.value_or(Success::read), remedy_of(error.fault));
}

}  // namespace pipit::net
