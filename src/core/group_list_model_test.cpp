// Random questions about random groups on several workers, compared with a plain filter and sort of all there
// are. Pages are walked to the end, and some walks while groups come, go and change.

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "core/testing/ask_worlds.hpp"
#include "core/testing/list_shards.hpp"
#include "core/testing/random_names.hpp"

namespace pipit::core {
namespace {

namespace json = boost::json;

struct Row {
    std::string name;
    std::u32string points;
    std::size_t users;
};

/// A group as it should be: the users in it, and their connections.
struct ModelGroup {
    std::u32string points;  // of its name
    std::map<std::string, std::vector<Cid>> users;
};

/// As a client asks it, and as it is meant.
struct Question {
    bool by_users = false;
    std::string condition;  // empty: none
    bool has_value = false, has_range = false;
    std::string name, name_to;
    double number = 0, number_to = 0;
    bool ascending = true;
    std::uint64_t limit = 50;

    json::object command() const {
        json::object text{{"id", 1}, {"op", "groups"}, {"ascending", ascending}, {"limit", limit}};
        text["searchFor"] = by_users ? "number_of_users" : "group";
        if (has_value) text["value"] = by_users ? json::value(number) : json::value(name);
        if (has_range) text["range"] = by_users ? json::value(number_to) : json::value(name_to);
        if (!condition.empty()) text["condition"] = condition;
        return text;
    }

    bool fits(const Row& row) const {
        if (!has_value) return true;
        const auto users = static_cast<double>(row.users);
        if (by_users) return fits(users, number, number_to, users >= number);
        return fits(row.points, code_points(name), code_points(name_to), row.name.starts_with(name));
    }

    /// Whether `a` stands before `b`.
    bool is_before(const Row& a, const Row& b) const {
        const Row& first = ascending ? a : b;
        const Row& second = ascending ? b : a;
        if (by_users && first.users != second.users) return first.users < second.users;
        return first.points < second.points;
    }

 private:
    template <class Value>
    bool fits(const Value& actual, const Value& value, const Value& to, bool at_least) const {
        if (has_range) return value <= actual && actual <= to;
        if (condition == "!=" || condition == "ne") return actual != value;
        if (condition == ">" || condition == "gt") return actual > value;
        if (condition == ">=" || condition == "gte") return at_least;
        if (condition == "<" || condition == "lt") return actual < value;
        if (condition == "<=" || condition == "lte") return actual <= value;
        return actual == value;
    }
};

/// As a token's patterns are meant: a star stands for anything.
bool matches(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern.front() == '*')
        return matches(pattern.substr(1), text) || (!text.empty() && matches(pattern, text.substr(1)));
    return !text.empty() && pattern.front() == text.front() && matches(pattern.substr(1), text.substr(1));
}

/// Who asks.
struct Viewer {
    bool sees_everything = true;
    std::vector<std::string> patterns;  // empty: every group
    UserId only_groups_of;

    Visibility visibility() const {
        Visibility visibility{.everything = sees_everything, .groups = {}, .only_groups_of = only_groups_of};
        if (!patterns.empty()) visibility.groups = *auth::GroupRule::only(patterns);
        return visibility;
    }
    bool may_see(std::string_view name, const ModelGroup& group) const {
        if (sees_everything) return true;
        const bool allowed =
            patterns.empty() ||
            std::ranges::any_of(patterns, [&](const std::string& pattern) { return matches(pattern, name); });
        return allowed && (only_groups_of == nullptr || group.users.contains(*only_groups_of));
    }
};

/// All pages of one question, and what they should be.
struct Walk {
    const Question& question;
    std::vector<Row> expected;  // when it began
    std::vector<Row> found;
    std::set<std::string> unstable;  // groups that may be met or not

    /// Returns what is wrong; empty: nothing.
    std::string difference(bool churn) {
        std::set<std::string_view> names;
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (i > 0 && !question.is_before(found[i - 1], found[i])) return "out of order: " + found[i].name;
            if (!names.insert(found[i].name).second) return "met twice: " + found[i].name;
        }
        const auto is_unstable = [&](const Row& row) { return unstable.contains(row.name); };
        std::erase_if(expected, is_unstable);
        std::erase_if(found, is_unstable);
        if (churn && !question.by_users) return difference_of_names();
        for (std::size_t i = 0; i < std::min(expected.size(), found.size()); ++i) {
            if (expected[i].users != found[i].users) return "another number of users: " + found[i].name;
        }
        return difference_of_names();
    }

 private:
    std::string difference_of_names() const {
        for (std::size_t i = 0; i < std::max(expected.size(), found.size()); ++i) {
            if (i == found.size()) return "missing at the end: " + expected[i].name;
            if (i == expected.size()) return "too much at the end: " + found[i].name;
            if (expected[i].name != found[i].name)
                return "row " + std::to_string(i) + " is " + found[i].name + " instead of " +
                       expected[i].name;
        }
        return {};
    }
};

class World {
 public:
    World(std::uint64_t seed, WorkerIndex workers)
        : random_(seed),
          groups_max_(random_size(random_)),
          // Of few groups only: each of these pages is cut from a whole one.
          page_bytes_max_(groups_max_ < 50 && random_.one_in(4) ? 100 + random_.below(1'000) : 512 << 10),
          shards_(workers, page_bytes_max_, random_) {
        for (std::uint64_t i = random_.below(groups_max_ + 1); i > 0; --i) {
            const std::string name = random_group();
            for (std::uint64_t users = 1 + random_.below(random_.below(6) + 1); users > 0; --users)
                join(name);
        }
        for (int user = 0; user < kUsers; ++user)
            viewers_.push_back(random_viewer());
    }

    /// Returns what is wrong with the answers to one question; empty: nothing.
    std::string ask() {
        if (random_.one_in(10)) shards_.pass(GroupSearch::kMomentKept);
        const Question question = random_question();
        const Viewer& viewer = viewers_[random_.below(viewers_.size())];
        const bool churn = random_.one_in(3);
        Walk walk{question, all_that_fit(question, viewer), {}, {}};
        json::object command = question.command();
        bool is_first_page = true;
        const auto change = [&] {
            if (!churn || !random_.one_in(3)) return;
            const std::size_t groups = groups_.size();
            std::string name = change_something();
            const bool came_or_went = groups_.size() != groups;
            // From the first page on the walk by number is one of that moment, in which nobody comes; but who
            // may see is asked each time.
            if (is_first_page || viewer.only_groups_of != nullptr || !groups_.contains(name) ||
                (came_or_went && !question.by_users))
                walk.unstable.insert(std::move(name));
        };
        for (;;) {
            const Answer answer = shards_.ask(json::serialize(command), viewer.visibility(), change);
            if (answer.error) return "refused: " + answer.text;
            const json::object page = json::parse(answer.text).as_object();
            const json::array& rows = page.at("list").as_array();
            for (const json::value& row : rows) {
                std::string name(row.at("group").as_string());
                std::u32string points = code_points(name);
                walk.found.push_back(
                    {std::move(name), std::move(points), row.at("number_of_users").to_number<std::size_t>()});
            }
            if (rows.size() > question.limit) return "more rows than asked for";
            if (page.at("startKey") == "end") break;
            const bool cuts = page_bytes_max_ < 4'000;
            if (!churn && !cuts && rows.size() < question.limit) return "a page that is not full";
            if (rows.empty()) return "a page without rows that is not the last";
            command["startKey"] = page.at("startKey");
            is_first_page = false;
            change();
        }
        const std::string wrong = walk.difference(churn);
        return wrong.empty() ? wrong : wrong + "\n  " + json::serialize(question.command());
    }

 private:
    static constexpr int kUsers = 6;

    static std::uint64_t random_size(SeededRandom& random) {
        const std::uint64_t kind = random.below(100);
        return kind < 80 ? 10 : kind < 98 ? 30 : kind < 99 ? 150 : 1'200;
    }

    std::vector<Row> all_that_fit(const Question& question, const Viewer& viewer) const {
        std::vector<Row> rows;
        for (const auto& [name, group] : groups_) {
            if (!viewer.may_see(name, group)) continue;
            Row row{name, group.points, group.users.size()};
            if (question.fits(row)) rows.push_back(std::move(row));
        }
        std::ranges::sort(rows, [&](const Row& a, const Row& b) { return question.is_before(a, b); });
        return rows;
    }

    std::string random_group() {
        std::string name = random_name(random_);
        if (groups_max_ > 50 && name.size() < 250) name += std::to_string(random_.below(groups_max_));
        return name;
    }

    Viewer random_viewer() {
        if (random_.one_in(2)) return {};
        Viewer viewer{.sees_everything = false, .patterns = {}, .only_groups_of = {}};
        if (random_.one_in(2)) viewer.only_groups_of = user(random_.below(kUsers));
        for (std::uint64_t i = random_.below(3); i > 0; --i) {
            const std::string name = random_name(random_);
            viewer.patterns.push_back(random_.one_in(2) ? name.substr(0, 1) + "*"
                                                        : "*" + name.substr(name.size() - 1));
        }
        return viewer;
    }

    Question random_question() {
        static constexpr const char* kConditions[] = {
            "=", "!=", ">", ">=", "<", "<=", "eq", "ne", "gt", "gte", "lt", "lte"};
        Question question{.by_users = random_.one_in(2), .condition = {}, .name = {}, .name_to = {}};
        question.ascending = random_.one_in(2);
        // Of few groups now and then one a page, of many not so many pages.
        question.limit = random_.one_in(4) ? 1'000 : 1 + groups_.size() / 8 + random_.below(6);
        question.has_value = !random_.one_in(5);
        if (!question.has_value) return question;
        question.has_range = random_.one_in(4);
        if (!question.has_range && !random_.one_in(8))
            question.condition = kConditions[random_.below(std::size(kConditions))];
        question.name = compared_name();
        question.name_to = compared_name();
        question.number = compared_number();
        question.number_to = compared_number();
        return question;
    }
    std::string compared_name() {
        std::string name = groups_.empty() || random_.one_in(5) ? random_name(random_) : any_group();
        if (random_.one_in(2)) return name;
        // A part that ends between two code points.
        std::size_t bytes = random_.below(name.size() + 1);
        while (bytes < name.size() && (static_cast<unsigned char>(name[bytes]) & 0xc0u) == 0x80u)
            ++bytes;
        return name.substr(0, bytes);
    }
    double compared_number() {
        static constexpr double kOdd[] = {2.5, -1, -0.5, 0, 0.5, 1e300, -1e300, 9007199254740993.0, 5e-324};
        return random_.one_in(4) ? kOdd[random_.below(std::size(kOdd))]
                                 : static_cast<double>(random_.below(7));
    }
    const std::string& any_group() {
        return std::next(groups_.begin(), static_cast<std::ptrdiff_t>(random_.below(groups_.size())))->first;
    }

    static UserId user(std::uint64_t number) {
        return std::make_shared<const std::string>("u" + std::to_string(number));
    }
    /// Returns the name of the group.
    std::string change_something() {
        if (groups_.empty() || random_.one_in(4)) {
            const std::string name = random_name(random_);
            join(name);
            return name;
        }
        const std::string name = any_group();
        random_.one_in(2) ? join(name) : leave(name);
        return name;
    }
    void join(const std::string& name) {
        const UserId who = user(random_.below(kUsers));
        const Cid cid = Cid::random(random_);
        ModelGroup& group = groups_[name];
        group.points = code_points(name);
        group.users[*who].push_back(cid);
        shards_.join(name, who, cid);
    }
    void leave(const std::string& name) {
        auto& users = groups_.at(name).users;
        const auto who = std::next(users.begin(), static_cast<std::ptrdiff_t>(random_.below(users.size())));
        auto& cids = who->second;
        shards_.leave(name, std::make_shared<const std::string>(who->first), cids.back());
        cids.pop_back();
        if (cids.empty()) users.erase(who);
        if (users.empty()) groups_.erase(name);
    }

    SeededRandom random_;
    std::uint64_t groups_max_;
    std::size_t page_bytes_max_;
    ListShards shards_;
    std::map<std::string, ModelGroup> groups_;
    std::vector<Viewer> viewers_;
};

TEST(GroupListModel, AnswersEveryQuestionAsAPlainFilterAndSortDoes) {
    ask_worlds<World>(202, 500);
}

}  // namespace
}  // namespace pipit::core
