#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.hpp"
#include "core/post_keys.hpp"

namespace pipit::core {

/// Posts that may be sent again to recipients that have no stream, all of one worker together. Owned by one
/// worker.
class RecentPosts {
 public:
    /// With more of them, the oldest are forgotten.
    static constexpr std::size_t kPostsMax = 65'536;

    /// `window`: how long a post is known; 0: not at all.
    explicit RecentPosts(base::Millis window) : window_(window) {}

    /// Null when it is not known. Valid until the next call.
    const PostKeys::Post* find(std::string_view recipient, std::string_view user, std::string_view key,
                               base::Instant now) {
        posts_.drop_until(now - window_);
        return posts_.empty() ? nullptr : posts_.find(user, key_of(recipient, key));
    }
    /// It must not be known.
    void add(std::string_view recipient, PostKeys::Post post) {
        if (window_.count() == 0) return;
        if (posts_.size() == kPostsMax) posts_.drop_oldest();
        post.key = key_of(recipient, post.key);
        posts_.add(std::move(post));
    }

 private:
    static std::string key_of(std::string_view recipient, std::string_view key) {
        // Neither of them has control characters.
        return std::string(recipient).append(1, '\n').append(key);
    }

    base::Millis window_;
    PostKeys posts_;
};

}  // namespace pipit::core
