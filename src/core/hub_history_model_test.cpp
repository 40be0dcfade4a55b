// Several hubs, their messages delivered in random orders, and people whose connections break at any moment:
// what they have sent may not have arrived, and what was sent to them may not have been read. Each comes
// back, tells how far it came, and sends again what was not answered. In the end everybody has had everything
// once and in order, or was told of each gap.

#include <gtest/gtest.h>

#include "core/testing/model_runs.hpp"
#include "core/testing/reconnecting_crowd.hpp"

namespace pipit::core {
namespace {

class HubHistoryModel : public testing::TestWithParam<WorkerIndex> {
 protected:
    /// All groups are kept on disk, and little of them in memory.
    static ReconnectingCrowd::Settings durable() {
        ReconnectingCrowd::Settings settings;
        settings.hub.history.is_durable = [](std::string_view) { return true; };
        settings.hub.history.of_group.events_max = 5;
        return settings;
    }
    /// Plays many runs and returns what they have seen together.
    ReconnectingCrowd::Totals play(const ReconnectingCrowd::Settings& settings) {
        const std::uint64_t first = model_seed(), runs = model_runs(15);
        ReconnectingCrowd::Totals totals;
        for (std::uint64_t seed = first; seed < first + runs; ++seed) {
            try {
                ReconnectingCrowd crowd(settings, seed, GetParam());
                crowd.play(1'500);
                totals += crowd.totals();
            } catch (const std::exception& broken) {
                ADD_FAILURE() << "seed " << seed << ", " << GetParam() << " workers: " << broken.what();
                return totals;
            }
        }
        EXPECT_GT(totals.deliveries, runs * 200);
        EXPECT_GT(totals.cuts, runs * 20);
        EXPECT_GT(totals.sent_again, runs) << "hardly a post was sent again";
        return totals;
    }
    /// Plays runs in which not everything is kept: what is lost is announced, and the rest comes.
    void play_with_gaps(const ReconnectingCrowd::Settings& settings) {
        const auto totals = play(settings);
        EXPECT_GT(totals.group_gaps + totals.private_gaps, model_runs(15));
        EXPECT_GT(totals.replayed, model_runs(15));
    }
};

TEST_P(HubHistoryModel, LosesNothingWhileTheHistoryReachesBackFarEnough) {
    ReconnectingCrowd::Settings settings;
    const auto totals = play(settings);
    EXPECT_EQ(totals.group_gaps + totals.private_gaps, 0u) << "everything was kept";
    EXPECT_GT(totals.replayed, model_runs(15) * 20);
    EXPECT_GT(totals.answered_elsewhere, 0u) << "nobody heard of a post to a group it had left";
}

TEST_P(HubHistoryModel, ReplaysInSmallPages) {
    ReconnectingCrowd::Settings settings;
    settings.hub.page_bytes_max = 600;
    const auto totals = play(settings);
    EXPECT_EQ(totals.group_gaps + totals.private_gaps, 0u) << "everything was kept";
    EXPECT_GT(totals.pages, model_runs(15)) << "hardly anything took a second page";
}

TEST_P(HubHistoryModel, AnnouncesEveryGapWhenLittleIsKept) {
    ReconnectingCrowd::Settings settings;
    settings.hub.history.of_group.events_max = 6;
    settings.hub.history.of_user.events_max = 2;
    play_with_gaps(settings);
}

TEST_P(HubHistoryModel, AnnouncesEveryGapWhenItIsKeptForAShortTime) {
    ReconnectingCrowd::Settings settings;
    settings.hub.history.age_max = base::Millis(150);
    play_with_gaps(settings);
}

TEST_P(HubHistoryModel, AnnouncesEveryGapWhenAllTogetherHaveLittleRoom) {
    ReconnectingCrowd::Settings settings;
    settings.hub.history.bytes_max = 120'000;
    settings.padding_bytes_max = 2'000;
    settings.keys_get_lost = true;
    play_with_gaps(settings);
}

// On disk

TEST_P(HubHistoryModel, LosesNothingOfDurableGroupsThroughRestarts) {
    ReconnectingCrowd::Settings settings = durable();
    settings.restarts = true;
    const auto totals = play(settings);
    EXPECT_EQ(totals.group_gaps, 0u) << "everything was on disk";
    EXPECT_GT(totals.private_gaps, 0u) << "private messages were in memory only";
    EXPECT_GT(totals.restarts, model_runs(15));
}

TEST_P(HubHistoryModel, ReadsFromDiskInSmallPages) {
    ReconnectingCrowd::Settings settings = durable();
    settings.hub.page_bytes_max = 600;
    const auto totals = play(settings);
    EXPECT_EQ(totals.group_gaps, 0u) << "everything was on disk";
    EXPECT_GT(totals.pages, model_runs(15));
}

TEST_P(HubHistoryModel, RefusesWhatDoesNotFitOnTheDiskAndLosesNothing) {
    ReconnectingCrowd::Settings settings = durable();
    settings.writes_fail = true;
    const auto totals = play(settings);
    EXPECT_EQ(totals.group_gaps, 0u) << "what was accepted was on disk";
    EXPECT_GT(totals.refused, model_runs(15));
}

TEST_P(HubHistoryModel, AnnouncesEveryGapWhenTheDiskBreaks) {
    ReconnectingCrowd::Settings settings = durable();
    settings.disk_breaks = true;
    settings.restarts = true;
    const auto totals = play(settings);
    EXPECT_GT(totals.group_gaps, model_runs(15) / 4);
}

INSTANTIATE_TEST_SUITE_P(Workers, HubHistoryModel, testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace pipit::core
