#pragma once

#include <filesystem>

#include "app/settings.hpp"
#include "base/result.hpp"
#include "push/vapid_keys.hpp"

namespace pipit::app {

/// The keys by which push services know us, of keys/vapid.keys in server.data_dir: a private key a line, the
/// current one first. When the file is missing it is made, as create_private_file() does. A file that cannot
/// be understood is never replaced: with its keys all subscriptions would be lost.
base::Result<push::VapidKeys> open_vapid_keys(const Settings& settings);
/// Makes a new current key and keeps the former ones, as many as push::VapidKeys does.
base::Result<push::VapidKeys> rotate_vapid_keys(const Settings& settings);
/// Where they are kept.
std::filesystem::path vapid_key_file(const Settings& settings);

}  // namespace pipit::app
