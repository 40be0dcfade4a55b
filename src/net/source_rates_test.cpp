#include "net/source_rates.hpp"

#include <gtest/gtest.h>

#include "net/os.hpp"

namespace pipit::net {
namespace {

using asio::ip::make_address;

constexpr core::RateLimiter::Settings kRate{.per_second = 10, .burst = 20};

base::Instant at(int ms) {
    return base::Instant(base::Millis(ms));
}

class SourceRatesTest : public testing::Test {
 protected:
    int taken(const char* source, int ms, int wanted) {
        int taken = 0;
        for (int i = 0; i < wanted; ++i)
            taken += rates_.take(make_address(source), at(ms)) ? 1 : 0;
        return taken;
    }

    OsRandom random_;
    SourceRates rates_{kRate, random_, at(0)};
};

TEST_F(SourceRatesTest, RefuseASourceThatAsksTooOften) {
    EXPECT_EQ(taken("192.0.2.1", 0, 100), 20);
    EXPECT_EQ(taken("192.0.2.1", 500, 100), 5);
}

TEST_F(SourceRatesTest, TakeTheHostsOfAnIpv6NetworkForOne) {
    EXPECT_EQ(taken("2001:db8:1:2::1", 0, 20), 20);
    EXPECT_EQ(taken("2001:db8:1:2:ffff::9", 0, 20), 0);
}

TEST_F(SourceRatesTest, LetHardlyAnybodySufferForAnother) {
    // Each of 1,000 exhausts its bucket. Of another 1,000, as many as 1,000 in 16,384 meet one of those; that
    // it were twice as many happens about once in 10^11 runs.
    const auto source = [](unsigned number) {
        return asio::ip::address(asio::ip::address_v4(0x0a00'0000 + number));
    };
    for (unsigned number = 0; number < 1'000; ++number) {
        for (int i = 0; i < 20; ++i)
            (void)rates_.take(source(number), at(0));
    }
    int refused = 0;
    for (unsigned number = 1'000; number < 2'000; ++number)
        refused += rates_.take(source(number), at(0)) ? 0 : 1;
    EXPECT_LT(refused, 122);
}

}  // namespace
}  // namespace pipit::net
