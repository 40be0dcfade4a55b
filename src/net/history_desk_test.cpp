#include "net/history_desk.hpp"

#include <gmock/gmock.h>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "store/testing/faulty_disk.hpp"
#include "store/testing/histories.hpp"

namespace pipit::net {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// What the server's log says meanwhile.
class SaidInLog {
 public:
    SaidInLog() : before_(spdlog::default_logger()) {
        const auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(text_);
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
    }
    ~SaidInLog() { spdlog::set_default_logger(before_); }
    SaidInLog(const SaidInLog&) = delete;
    SaidInLog& operator=(const SaidInLog&) = delete;

    /// Since this was asked last.
    std::string take() {
        std::string said = text_.str();
        text_.str({});
        return said;
    }

 private:
    std::ostringstream text_;
    std::shared_ptr<spdlog::logger> before_;
};

class HistoryDeskTest : public testing::Test {
 protected:
    HistoryDeskTest() {
        const auto name = std::make_shared<const std::string>("tea");
        carry_out(core::OpenLog{.home = 0,
                                .group = name,
                                .number = 1,
                                .records_max = 0,
                                .bytes_max = 0,
                                .age_max = {},
                                .key_window = {},
                                .keys_max = 0});
    }
    void carry_out(core::HistoryCommand command) {
        std::vector<core::HistoryCommand> commands;
        commands.push_back(std::move(command));
        desk_.carry_out(std::move(commands), now_);
        mail_.hand_over();
    }
    void post() {
        const auto ann = std::make_shared<const std::string>("ann");
        carry_out(core::AppendToLog{.home = 0,
                                    .group = std::make_shared<const std::string>("tea"),
                                    .record = {.user = ann, .data = "1"}});
    }
    void post_on_full_disk() {
        disk_.fail_after(0, store::FaultyDisk::Fault::disk_is_full);
        post();
        ASSERT_TRUE(disk_.has_failed());
    }

    store::TestFolder folder_;
    store::SeededBytes random_{1};
    store::FaultyDisk disk_;
    store::UnixMs now_ = store::kHistoryNow;
    ShardMail mail_{1, [](core::WorkerIndex, std::vector<core::ShardMessage>) {}};
    HistoryDesk desk_{
        store::ok(store::HistoryLog::open({.folder = folder_.text(), .vfs = disk_.vfs()}, random_, now_)),
        mail_};
};

TEST_F(HistoryDeskTest, SaysOnceThatItFailsAsLongAsItFailsNowAndThen) {
    SaidInLog log;
    post_on_full_disk();
    EXPECT_THAT(log.take(), HasSubstr("the log fails"));
    for (int minute = 0; minute < 5; ++minute) {
        post();
        now_ += 59'000;
        post();
        now_ += 900;
        post_on_full_disk();
    }
    EXPECT_THAT(log.take(), IsEmpty());
    now_ += 60'000;
    post();
    EXPECT_THAT(log.take(), HasSubstr("the log works again"));
    post_on_full_disk();
    EXPECT_THAT(log.take(), HasSubstr("the log fails"));
}

}  // namespace
}  // namespace pipit::net
