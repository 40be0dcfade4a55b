#include "core/command_cost.hpp"

#include <variant>

#include "base/overloaded.hpp"

namespace pipit::core {
namespace {

namespace v1 = codec::v1;

// So many rows are about as much work as another command.
constexpr std::uint32_t kRowsForOne = 200;
// To come back to a group with a position is as much work as a long page of its history.
constexpr std::uint32_t kRecovery = 5;
// It is kept, encrypted and delivered.
constexpr std::uint32_t kNotification = 10;
// It rings at all devices of somebody, and is kept until it is over.
constexpr std::uint32_t kCall = 10;

std::uint32_t cost_of_page(std::uint32_t rows) {
    return 1 + rows / kRowsForOne;
}

}  // namespace

std::uint32_t cost_of(const v1::Command& command) {
    const auto cost =
        base::Overloaded{[](const v1::Join& join) { return join.since ? kRecovery : 1; },
                         [](const v1::Post& post) { return post.notification ? kNotification : 1; },
                         [](const v1::Push&) { return kNotification; },
                         [](const v1::Call&) { return kCall; },
                         [](const v1::ReadHistory& history) { return cost_of_page(history.limit); },
                         [](const v1::ListGroups& list) { return cost_of_page(list.paging.limit); },
                         [](const v1::ListUsers& list) { return cost_of_page(list.paging.limit); },
                         [](const auto&) { return std::uint32_t{1}; }};
    return std::visit(cost, command.what);
}

}  // namespace pipit::core
