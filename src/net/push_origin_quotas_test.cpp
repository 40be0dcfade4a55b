#include "net/push_origin_quotas.hpp"

#include <gmock/gmock.h>

namespace pipit::net {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

const PushOutcome kTimedOut{.error = PushError::timed_out};
const PushOutcome kOverHttp1{.status = 201};
const PushOutcome kOverHttp2{.status = 503, .multiplexed = true};

class PushOriginQuotasTest : public testing::Test {
 protected:
    PushOriginQuotas quotas_{{.unknown = 16, .multiplexing = 200}};
};

TEST_F(PushOriginQuotasTest, AnOriginThatDoesNotAnswerGetsFewUntilItDoes) {
    quotas_.note("https://a.example", kOverHttp2);
    quotas_.note("https://a.example", kTimedOut);
    EXPECT_THAT(quotas_.known(), ElementsAre(Pair("https://a.example", PushOriginQuotas::kSilent)));
    quotas_.note("https://a.example", kOverHttp2);
    EXPECT_THAT(quotas_.known(), ElementsAre(Pair("https://a.example", 200)));
}

TEST_F(PushOriginQuotasTest, AnOriginThatAnswersOneAfterTheOtherIsAsGoodAsUnknown) {
    quotas_.note("https://a.example", kTimedOut);
    quotas_.note("https://a.example", kOverHttp1);
    EXPECT_THAT(quotas_.known(), IsEmpty());
    EXPECT_EQ(quotas_.unknown(), 16u);
}

TEST_F(PushOriginQuotasTest, OneOriginTooManyMakesItForgetTheOneHeardOfLeastRecently) {
    quotas_.note("https://a.example", kOverHttp2);
    for (std::size_t n = 1; n < PushOriginQuotas::kOriginsMax; ++n)
        quotas_.note("https://" + std::to_string(n) + ".example", kTimedOut);
    quotas_.note("https://a.example", kOverHttp2);
    quotas_.note("https://new.example", kTimedOut);
    EXPECT_THAT(quotas_.known(),
                AllOf(SizeIs(PushOriginQuotas::kOriginsMax), Contains(Pair("https://a.example", 200)),
                      Contains(Key("https://new.example")), Not(Contains(Key("https://1.example")))));
}

}  // namespace
}  // namespace pipit::net
