#include "app/vapid_key_store.hpp"

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "app/private_file.hpp"
#include "net/os.hpp"

namespace pipit::app {
namespace {

namespace fs = std::filesystem;

std::string text_of(const push::VapidKeys& keys) {
    std::string text;
    for (std::string& key : keys.to_texts()) {
        text += key + '\n';
        wipe(key);
    }
    return text;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) lines.emplace_back(line);
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return lines;
}

base::Result<push::VapidKeys> read_keys(const fs::path& file) {
    base::Result<std::string> text = read_private_file(file, "notify your users");
    if (!text) return text.error();
    std::vector<std::string> lines = lines_of(*text);
    base::Result<push::VapidKeys> keys = push::VapidKeys::from_texts(lines);
    wipe(*text);
    for (std::string& line : lines)
        wipe(line);
    if (keys) return keys;
    return base::Failure{
        fmt::format("the file of VAPID keys {} cannot be used: {}", file.string(), keys.error().message)};
}

}  // namespace

fs::path vapid_key_file(const Settings& settings) {
    return fs::path(settings.server.data_dir) / "keys" / "vapid.keys";
}

base::Result<push::VapidKeys> open_vapid_keys(const Settings& settings) {
    const fs::path file = vapid_key_file(settings);
    std::error_code error;
    if (fs::status(file, error).type() == fs::file_type::not_found) {
        net::OsRandom random;
        std::string text = text_of(push::VapidKeys::generate(random));
        const base::Status created = create_private_file(file, text);
        wipe(text);
        if (!created) return created.error();
    }
    return read_keys(file);
}

base::Result<push::VapidKeys> rotate_vapid_keys(const Settings& settings) {
    base::Result<push::VapidKeys> keys = open_vapid_keys(settings);
    if (!keys) return keys;
    net::OsRandom random;
    keys->rotate(push::P256Key::generate(random));
    std::string text = text_of(*keys);
    const base::Status replaced = replace_private_file(vapid_key_file(settings), text);
    wipe(text);
    if (!replaced) return replaced.error();
    return keys;
}

}  // namespace pipit::app
