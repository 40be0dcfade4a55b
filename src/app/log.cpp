#include "app/log.hpp"

#include <array>
#include <memory>
#include <string>

#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/spdlog.h>

#include "codec/json_scan.hpp"

namespace pipit::app {
namespace {

/// One JSON object a line. A pattern could not do it: the message has to be escaped.
class JsonFormatter final : public spdlog::formatter {
 public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        line_.clear();
        spdlog::memory_buf_t time;
        time_.format(message, time);
        line_.append("{\"time\":\"").append(time.data(), time.size()).append("\",\"level\":\"");
        const auto level = spdlog::level::to_string_view(message.level);
        line_.append(level.data(), level.size()).append("\",\"message\":");
        codec::append_json_string(line_, {message.payload.data(), message.payload.size()});
        line_ += "}\n";
        out.append(line_.data(), line_.data() + line_.size());
    }
    std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }

 private:
    spdlog::pattern_formatter time_{"%Y-%m-%dT%H:%M:%S.%e%z", spdlog::pattern_time_type::local, ""};
    std::string line_;
};

}  // namespace

void set_up_log(const Settings::Log& settings) {
    constexpr std::array levels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                spdlog::level::err};
    spdlog::set_level(levels[static_cast<std::size_t>(settings.level)]);
    if (settings.format == LogFormat::json) {
        spdlog::set_formatter(std::make_unique<JsonFormatter>());
    } else {
        spdlog::set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
    }
}

}  // namespace pipit::app
