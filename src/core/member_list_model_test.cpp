// As group_list_model_test.cpp, for questions about the members of a group.

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "core/testing/ask_worlds.hpp"
#include "core/testing/list_shards.hpp"
#include "core/testing/random_names.hpp"

namespace pipit::core {
namespace {

namespace json = boost::json;

struct Member {
    std::u32string points;  // of the user's id
    std::array<std::uint8_t, 12> cid_bytes;
    std::string user;

    std::string text() const { return user + " " + Cid{cid_bytes}.text(); }
    friend bool operator<(const Member& a, const Member& b) {
        return std::tie(a.points, a.cid_bytes) < std::tie(b.points, b.cid_bytes);
    }
    friend bool operator==(const Member&, const Member&) = default;
};

class World {
 public:
    World(std::uint64_t seed, WorkerIndex workers)
        : random_(seed),
          group_(random_name(random_)),
          shards_(workers, random_.one_in(4) ? 300 + random_.below(3'000) : 512 << 10, random_) {
        for (std::uint64_t i = 1 + random_.below(8); i > 0; --i)
            users_.push_back(random_name(random_));
        for (std::uint64_t i = random_.below(random_.one_in(30) ? 300 : 30); i > 0; --i)
            change_something();
    }

    /// Returns what is wrong with the answers to one question; empty: nothing.
    std::string ask() {
        const bool ascending = random_.one_in(2), churn = random_.one_in(3);
        const std::uint64_t limit = random_.one_in(4) ? 1'000 : 1 + members_.size() / 8 + random_.below(6);
        json::object command{
            {"id", 1}, {"op", "users"}, {"group", group_}, {"ascending", ascending}, {"limit", limit}};
        std::vector<Member> expected(members_.begin(), members_.end());
        if (random_.one_in(3)) {
            const std::string user = random_.one_in(4) ? random_name(random_) : any_user();
            command["user_id"] = user;
            std::erase_if(expected, [&](const Member& member) { return member.user != user; });
        }
        if (!ascending) std::ranges::reverse(expected);

        std::set<Member> touched;
        const auto change = [&] {
            if (churn && random_.one_in(3)) touched.insert(change_something());
        };
        std::vector<Member> found;
        for (;;) {
            const Answer answer =
                shards_.ask(json::serialize(command), {.everything = true, .groups = {}}, change);
            if (answer.error) return "refused: " + answer.text;
            const json::object page = json::parse(answer.text).as_object();
            const json::array& rows = page.at("list").as_array();
            if (rows.size() > limit) return "more rows than asked for";
            for (const json::value& row : rows) {
                std::string user(row.at("user_id").as_string());
                std::u32string points = code_points(user);
                const auto cid = Cid::parse(row.at("cid").as_string());
                found.push_back({std::move(points), cid.value().bytes, std::move(user)});
            }
            if (page.at("startKey") == "end") break;
            if (rows.empty()) return "a page without rows that is not the last";
            command["startKey"] = page.at("startKey");
            change();
        }
        for (std::size_t i = 1; i < found.size(); ++i) {
            if (!(ascending ? found[i - 1] < found[i] : found[i] < found[i - 1]))
                return "out of order: " + found[i].text();
        }
        const auto is_touched = [&](const Member& member) { return touched.contains(member); };
        std::erase_if(expected, is_touched);
        std::erase_if(found, is_touched);
        return expected == found ? "" : "other rows than expected\n  " + json::serialize(command);
    }

 private:
    const std::string& any_user() { return users_[random_.below(users_.size())]; }

    Member change_something() {
        if (members_.empty() || random_.below(3) > 0) {
            const std::string& user = any_user();
            const Cid cid = Cid::random(random_);
            shards_.join(group_, std::make_shared<const std::string>(user), cid);
            return *members_.insert({code_points(user), cid.bytes, user}).first;
        }
        const auto at =
            std::next(members_.begin(), static_cast<std::ptrdiff_t>(random_.below(members_.size())));
        Member member = *at;
        members_.erase(at);
        shards_.leave(group_, std::make_shared<const std::string>(member.user), Cid{member.cid_bytes});
        return member;
    }

    SeededRandom random_;
    std::string group_;
    ListShards shards_;
    std::vector<std::string> users_;
    std::set<Member> members_;
};

TEST(MemberListModel, AnswersEveryQuestionAsAPlainFilterAndSortDoes) {
    ask_worlds<World>(200, 60);
}

}  // namespace
}  // namespace pipit::core
