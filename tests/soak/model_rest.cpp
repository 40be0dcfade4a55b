#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "model.hpp"

namespace pipit::soak {

std::vector<Fault> Model::unsettled() const {
    std::vector<Fault> found;
    std::map<std::string, std::string> epochs;  // of each group, as its first member knows it
    for (const auto& connection : connections_) {
        if (!connection || !connection->open) continue;
        std::vector<std::string> reasons = debts(*connection);
        for (std::string& reason : group_debts(*connection))
            reasons.push_back(std::move(reason));
        for (std::string& reason : group_discord(*connection))
            reasons.push_back(std::move(reason));
        if (const auto& membership = connection->membership) {
            const std::string& epoch = epochs.try_emplace(membership->group, membership->epoch).first->second;
            if (epoch != membership->epoch)
                reasons.push_back(fmt::format("it is in epoch {} of group {}, others in {}",
                                              membership->epoch, membership->group, epoch));
        }
        for (std::string& reason : reasons)
            found.push_back(describe_fault(*connection, std::move(reason)));
    }
    for (const Known& known : peers_) {
        if (known.serial == 0 && !users_gone_unseen_.contains(known.user))
            found.push_back(
                {fmt::format("{} of user {} is named in events, but is nobody", known.cid, known.user), {}});
    }
    return found;
}

std::vector<std::string> Model::debts(const Connection& connection) {
    std::vector<std::string> owed;
    if (connection.cid.empty()) owed.push_back("it is not signed in");
    if (!connection.unanswered.empty())
        owed.push_back(fmt::format("{} commands are not answered, the first is {}",
                                   connection.unanswered.size(), connection.unanswered.begin()->first));
    if (connection.private_owed_last >= std::max<std::uint64_t>(connection.private_next, 1))
        owed.push_back(fmt::format("private offset {} was not received, {} is next",
                                   connection.private_owed_last, connection.private_next));
    for (const auto& [posting, acknowledged] : connection.direct_owed) {
        if (acknowledged)
            owed.push_back(
                fmt::format("post {} of #{} to it alone was not received", posting.second, posting.first));
    }
    return owed;
}

std::vector<std::string> Model::group_debts(const Connection& connection) {
    const auto& membership = connection.membership;
    if (!membership || membership->next_offset > membership->owed_offset) return {};
    return {fmt::format("its own post at offset {} of group {} has not come back, {} is next",
                        membership->owed_offset, membership->group, membership->next_offset)};
}

std::vector<std::string> Model::group_discord(const Connection& connection) const {
    const auto& membership = connection.membership;
    if ((membership ? membership->group : "") != connection.group)
        return {fmt::format("it is in group \"{}\" but should be in \"{}\"",
                            membership ? membership->group : "", connection.group)};
    if (!membership) return {};
    std::vector<std::string> discord;
    const std::uint64_t last = chronicle_.last_offset(membership->group, membership->epoch);
    if (membership->next_offset <= last)
        discord.push_back(fmt::format("offset {} of group {} is next for it, others know {}",
                                      membership->next_offset, membership->group, last));
    for (const auto& [about, present] : membership->present) {
        const Known& known = peers_[about];
        const bool is_member = known.serial != 0 && connections_[known.serial]->open &&
                               connections_[known.serial]->group == membership->group;
        if (present != is_member)
            discord.push_back(fmt::format("for it {} is {} group {}, which is not so", known.cid,
                                          present ? "in" : "out of", membership->group));
    }
    return discord;
}

}  // namespace pipit::soak
