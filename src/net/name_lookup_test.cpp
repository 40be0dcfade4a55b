#include "net/name_lookup.hpp"

#include <chrono>
#include <gmock/gmock.h>
#include <latch>

namespace pipit::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using Addresses = std::vector<push::IpAddress>;

push::IpAddress address(std::string_view text) {
    return *push::IpAddress::parse(text);
}

class NameLookupTest : public testing::Test {
 protected:
    /// Resolves each name to the address that it is, once released; "slow" ones not before.
    NameLookup& lookup(base::Millis timeout = 20s, std::size_t threads_max = 2) {
        lookup_ = std::make_unique<NameLookup>(
            NameLookup::Settings{.timeout = timeout,
                                 .threads_max = threads_max,
                                 .resolve =
                                     [gate = gate_](const std::string& name) {
                                         if (name == "slow") gate->wait();
                                         const auto found = push::IpAddress::parse(name);
                                         return found ? Addresses{*found} : Addresses{};
                                     }},
            loop_);
        return *lookup_;
    }
    ~NameLookupTest() override {
        if (!gate_->try_wait()) gate_->count_down();
    }

    NameLookup::Then keep(std::vector<Addresses>& kept) {
        return [&kept](const Addresses& addresses) { kept.push_back(addresses); };
    }
    /// Runs the loop until so many answers are there.
    void run_until(const std::vector<Addresses>& kept, std::size_t count) {
        const auto stays = asio::make_work_guard(loop_);
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (kept.size() < count && std::chrono::steady_clock::now() < deadline)
            loop_.run_one_until(deadline);
        ASSERT_EQ(kept.size(), count);
    }

    asio::io_context loop_;
    std::shared_ptr<std::latch> gate_ = std::make_shared<std::latch>(1);
    std::unique_ptr<NameLookup> lookup_;
    std::vector<Addresses> first_, second_, third_;
};

TEST_F(NameLookupTest, FindsNoAddressWhereThereIsNone) {
    lookup().find("nothing", keep(first_));
    run_until(first_, 1);
    EXPECT_THAT(first_[0], IsEmpty());
}

TEST_F(NameLookupTest, GivesUpWhatTakesTooLongAndForgetsItsAnswer) {
    lookup(50ms).find("slow", keep(first_));
    run_until(first_, 1);
    EXPECT_THAT(first_[0], IsEmpty());
    gate_->count_down();
    lookup_->find("192.0.2.1", keep(second_));
    run_until(second_, 1);
    EXPECT_EQ(first_.size(), 1u);
}

TEST_F(NameLookupTest, FindsNothingAtOnceWhenAllThreadsAreBusyAndSomethingAgainOnceOneIsFree) {
    lookup(20s, 1).find("slow", keep(first_));
    lookup_->find("192.0.2.1", keep(second_));
    ASSERT_EQ(second_.size(), 1u);
    EXPECT_THAT(second_[0], IsEmpty());
    gate_->count_down();
    run_until(first_, 1);
    lookup_->find("192.0.2.1", keep(third_));
    run_until(third_, 1);
    EXPECT_THAT(third_[0], ElementsAre(address("192.0.2.1")));
}

TEST_F(NameLookupTest, DoesNotLetASlowNameHoldAnotherUp) {
    lookup().find("slow", keep(first_));
    lookup_->find("192.0.2.1", keep(second_));
    run_until(second_, 1);
    EXPECT_THAT(second_[0], ElementsAre(address("192.0.2.1")));
    EXPECT_TRUE(first_.empty());
}

TEST_F(NameLookupTest, AnswersThoseThatWaitWhenItStopsAndAllLaterOnesAtOnce) {
    lookup().find("slow", keep(first_));
    lookup_->stop();
    EXPECT_EQ(first_.size(), 1u);
    lookup_->find("192.0.2.1", keep(second_));
    ASSERT_EQ(second_.size(), 1u);
    EXPECT_THAT(second_[0], IsEmpty());
}

TEST_F(NameLookupTest, MayGoBeforeItsThreadsHaveEnded) {
    lookup().find("slow", keep(first_));
    lookup_.reset();
    gate_->count_down();
    EXPECT_TRUE(first_.empty());
}

TEST(ResolveBySystem, FindsThisMachineAndNothingByANameThatCannotBe) {
    const Addresses found = resolve_by_system("localhost");
    EXPECT_THAT(found, testing::Contains(testing::AnyOf(address("127.0.0.1"), address("::1"))));
    EXPECT_THAT(resolve_by_system(std::string(64, 'x')), IsEmpty());
}

}  // namespace
}  // namespace pipit::net
